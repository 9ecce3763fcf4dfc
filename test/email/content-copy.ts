/** A copy of the shipped content that a test may break, and a compiled release of the shipped content itself. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { compileContent } from '../../shared/email/compile.ts';
import { ContentError } from '../../shared/email/content-error.ts';
import type { Release } from '../../shared/email/release.ts';

/** Milliseconds; compiling takes half a second, and many times that on a machine that is busy with other tests. */
const PATIENCE = 60_000;
vi.setConfig({ testTimeout: PATIENCE, hookTimeout: PATIENCE });

export const SHIPPED_CONTENT = fileURLToPath(new URL('../../shared/content', import.meta.url));

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'perennial-content-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

export interface ContentCopy {
  readonly directory: string;
  write(file: string, source: string): Promise<void>;
  /** Replaces the only occurrence of `before`. */
  change(file: string, before: string, after: string): Promise<void>;
  compile(): Promise<Release>;
  /** The message of the ContentError that compiling ends with. */
  complaint(): Promise<string>;
}

export async function copyContent(): Promise<ContentCopy> {
  const directory = await temporaryDirectory();
  const content = join(directory, 'content');
  await cp(SHIPPED_CONTENT, content, { recursive: true });
  const write = (file: string, source: string): Promise<void> => writeFile(join(content, file), source);
  const compile = (): Promise<Release> => compileContent(content, join(directory, 'release'));
  return {
    directory,
    write,
    compile,
    async change(file, before, after) {
      const source = await readFile(join(content, file), 'utf8');
      const parts = source.split(before);
      if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times: ${before}`);
      await write(file, parts.join(after));
    },
    async complaint() {
      try {
        await compile();
      } catch (error) {
        if (error instanceof ContentError) return error.message;
        throw error;
      }
      return 'nothing to complain about';
    },
  };
}
