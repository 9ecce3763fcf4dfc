/** Reads a synthesized cloud assembly: its stacks in the order of deployment, and where each asset lies on disk. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DeploymentRefused } from './errors.ts';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      environment: z.string().optional(),
      dependencies: z.array(z.string()).default([]),
      properties: z
        .object({ templateFile: z.string().optional(), stackName: z.string().optional(), file: z.string().optional() })
        .loose()
        .default({}),
    }),
  ),
});

const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z
      .object({
        source: z.object({ path: z.string(), packaging: z.enum(['zip', 'file']) }).loose(),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() }).loose()),
      })
      .loose(),
  ),
});

const templateSchema = z
  .object({
    Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() }).loose()).default({}),
    Resources: z.record(
      z.string(),
      z
        .object({
          Type: z.string(),
          Condition: z.string().optional(),
          Properties: z.record(z.string(), z.unknown()).default({}),
        })
        .loose(),
    ),
    Outputs: z
      .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() }).loose())
      .default({}),
  })
  .loose();

export type Template = z.infer<typeof templateSchema>;

export interface Stack {
  readonly name: string;
  readonly template: Template;
  /** Undefined when the stack is synthesized for whatever region it is deployed to. */
  readonly region: string | undefined;
  readonly account: string | undefined;
  /** Directory of an asset by its S3 object key. */
  readonly assets: ReadonlyMap<string, string>;
}

/** @throws DeploymentRefused when a file is missing or is not what CDK writes */
export function readAssembly(directory: string): readonly Stack[] {
  const manifest = readJson(join(directory, 'manifest.json'), manifestSchema);
  const ordered: Stack[] = [];
  const seen = new Set<string>();
  const visit = (id: string): void => {
    const artifact = manifest.artifacts[id];
    if (artifact === undefined || seen.has(id)) return;
    seen.add(id);
    for (const dependency of artifact.dependencies) visit(dependency);
    const { templateFile, stackName } = artifact.properties;
    if (artifact.type !== 'aws:cloudformation:stack' || templateFile === undefined) return;
    const assets = new Map<string, string>();
    for (const dependency of artifact.dependencies) {
      const { type, properties } = manifest.artifacts[dependency] ?? {};
      if (type !== 'cdk:asset-manifest' || properties?.file === undefined) continue;
      for (const { source, destinations } of Object.values(
        readJson(join(directory, properties.file), assetsSchema).files,
      ))
        for (const { objectKey } of Object.values(destinations)) assets.set(objectKey, join(directory, source.path));
    }
    const [account, region] = (artifact.environment ?? '').replace('aws://', '').split('/');
    ordered.push({
      name: stackName ?? id,
      template: readJson(join(directory, templateFile), templateSchema),
      account: known(account, 'unknown-account'),
      region: known(region, 'unknown-region'),
      assets,
    });
  };
  for (const id of Object.keys(manifest.artifacts).toSorted()) visit(id);
  if (ordered.length === 0) throw new DeploymentRefused(`${directory} holds no stack`);
  return ordered;
}

function known(value: string | undefined, placeholder: string): string | undefined {
  return value === undefined || value === '' || value === placeholder ? undefined : value;
}

function readJson<T extends z.ZodType>(file: string, schema: T): z.infer<T> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new DeploymentRefused(`${file} is not readable as part of a cloud assembly: ${reason}`, { cause });
  }
}
