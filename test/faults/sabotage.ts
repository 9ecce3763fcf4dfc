/** The assembly of the project with something wrong in it, as after a change by hand or a bad deployment. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { cachedAssembly } from '../../infra/app.ts';
import { stageConfig } from '../../infra/config.ts';

const TEMPLATE = 'PerennialPipeline-local.template.json';

const resource = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
const template = z.looseObject({ Resources: z.record(z.string(), resource) });
type Resources = z.output<typeof template>['Resources'];

export interface Sabotaged {
  /** Directory of the assembly. */
  readonly assembly: string;
  /** Path of a file in the asset of a function. */
  readonly assetFile: (functionName: string, ...file: readonly string[]) => string;
  readonly remove: () => Promise<void>;
}

/** @param change edits the resources of the pipeline's stack */
export async function sabotaged(change: (resources: Resources) => void = () => undefined): Promise<Sabotaged> {
  const assembly = await mkdtemp(path.join(tmpdir(), 'sabotaged-'));
  await cp(await cachedAssembly(stageConfig('local')), assembly, { recursive: true });
  const file = path.join(assembly, TEMPLATE);
  const read = template.parse(JSON.parse(await readFile(file, 'utf8')));
  change(read.Resources);
  await writeFile(file, JSON.stringify(read));
  const assets = new Set((await readdir(assembly)).filter((name) => name.startsWith('asset.')));
  return {
    assembly,
    assetFile: (functionName, ...parts) => {
      const name = `perennial-local-${functionName}`;
      const found = Object.values(read.Resources).find(({ Properties }) => Properties['FunctionName'] === name);
      const { S3Key } = z.object({ S3Key: z.string() }).parse(found?.Properties['Code']);
      const asset = `asset.${S3Key.replace('.zip', '')}`;
      if (!assets.has(asset)) throw new Error(`no asset of ${functionName}`);
      return path.join(assembly, asset, ...parts);
    },
    remove: () => rm(assembly, { recursive: true }),
  };
}

/** Takes the policies away that let rules write to a queue. */
export function closeQueue(resources: Resources, queueName: string): void {
  const [queueId] =
    Object.entries(resources).find(
      ([, { Properties }]) => Properties['QueueName'] === `perennial-local-${queueName}`,
    ) ?? [];
  if (queueId === undefined) throw new Error(`no queue ${queueName}`);
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type === 'AWS::SQS::QueuePolicy' && JSON.stringify(Properties['Queues']).includes(`"${queueId}"`))
      delete resources[id];
  }
}

/** Takes away every resource of a type. */
export function removeAll(resources: Resources, type: string): void {
  for (const [id, { Type }] of Object.entries(resources)) if (Type === type) delete resources[id];
}
