/** Reads docs/deploy.md as somebody would who follows it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';
import { type DeploymentConfig, parseConfig } from '../../infra/config.ts';

const settingsBlock = z.looseObject({});

export async function readDeployGuide(): Promise<string> {
  return readFile(path.join(PROJECT, 'docs/deploy.md'), 'utf8');
}

/** Settings as the guide shows them, stage by stage: those of its first block, and with what is there already. */
export async function settingsOfDeployGuide(): Promise<readonly DeploymentConfig[]> {
  const [stages = {}, shared] = [...(await readDeployGuide()).matchAll(/^```json\n(?<json>[\s\S]*?)^```$/gmu)].map(
    ({ groups }) => settingsBlock.parse(JSON.parse(groups?.['json'] ?? '')),
  );
  return Object.entries(stages).flatMap(([stage, settings]) =>
    [{}, shared].map((more) => parseConfig({ ...settingsBlock.parse(settings), ...more, stage })),
  );
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
