/** Reads docs/deploy.md as somebody would who follows it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT } from '../../infra/cache.ts';

export async function readDeployGuide(): Promise<string> {
  return readFile(path.join(PROJECT, 'docs/deploy.md'), 'utf8');
}

/** Everything to be typed, a command each, with the lines it is written on joined. */
export async function commandsOfDeployGuide(): Promise<readonly string[]> {
  const blocks = [...(await readDeployGuide()).matchAll(/^( *)```sh\n(?<lines>[\s\S]*?)^ *```$/gmu)];
  return blocks.flatMap(({ groups }) =>
    (groups?.['lines'] ?? '')
      .replaceAll(/\s*\\\n\s*/gu, ' ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
}
