/** Files of a test, in a folder that goes away with it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** @returns writes a file under the name given and answers with its path */
export function filesOfTest(): (content: string | Uint8Array, name?: string) => Promise<string> {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'history-'));
  });
  afterAll(() => rm(directory, { recursive: true }));
  return async (content, name = 'export.csv') => {
    const file = path.join(directory, name);
    await writeFile(file, content);
    return file;
  };
}
