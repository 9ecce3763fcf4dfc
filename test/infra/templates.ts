/** Reads what a deployment would create, so that tests state expectations about resources instead of JSON paths. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { z } from 'zod';
import { deploymentApp } from '../../infra/app.ts';
import type { BuiltAssets } from '../../infra/build.ts';
import { type DeploymentConfig, stageConfig } from '../../infra/config.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'perennial-infra-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A directory that is gone after the test file. */
export function scratchDirectory(): string {
  return mkdtempSync(path.join(scratch, 'd'));
}

/** Bundles that do nothing: templates name them, nobody runs them. */
export function emptyBundles(): BuiltAssets {
  const directory = scratchDirectory();
  writeFileSync(path.join(directory, 'index.mjs'), 'export const handler = async () => undefined;\n');
  return {
    hash: 'empty',
    releaseId: 'r-empty',
    directories: {
      record: directory,
      sweep: directory,
      census: directory,
      send: directory,
      feedback: directory,
      preferences: directory,
      ingest: directory,
    },
  };
}

export interface Templates {
  readonly data: Template;
  readonly pipeline: Template;
}

/** Both templates of a deployment, without the rule checks. */
export async function templatesOf(config: DeploymentConfig = stageConfig('dev')): Promise<Templates> {
  const app = await deploymentApp(config, emptyBundles(), { outdir: scratchDirectory(), analyticsReporting: false });
  const template = (id: string) => {
    const stack = app.node.findChild(id);
    if (!Stack.isStack(stack)) throw new TypeError(`${id} is no stack`);
    return Template.fromStack(stack);
  };
  return { data: template(`PerennialData-${config.stage}`), pipeline: template(`PerennialPipeline-${config.stage}`) };
}

const properties = z.looseObject({});
const resources = z.record(
  z.string(),
  z.looseObject({
    Properties: properties.default({}),
    DeletionPolicy: z.optional(z.string()),
    UpdateReplacePolicy: z.optional(z.string()),
  }),
);

export interface Resource {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** What becomes of it when it is removed or replaced: `Retain` or `Delete`. */
  readonly fates: readonly (string | undefined)[];
}

/** All resources of one type. */
export function resourcesOf(template: Template, type: string): readonly Resource[] {
  const found = resources.parse(template.findResources(type));
  return Object.entries(found).map(([id, resource]) => ({
    id,
    properties: resource.Properties,
    fates: [resource.DeletionPolicy, resource.UpdateReplacePolicy],
  }));
}

/** The only resource of a type. */
export function onlyOf(template: Template, type: string): Resource {
  const [resource, ...others] = resourcesOf(template, type);
  if (resource === undefined || others.length > 0) throw new Error(`not exactly one ${type}`);
  return resource;
}

/** The only resource of a type whose property has the value. */
export function resourceWith(template: Template, type: string, property: string, value: unknown): Resource {
  const [resource, ...others] = resourcesOf(template, type).filter((one) => one.properties[property] === value);
  if (resource === undefined || others.length > 0)
    throw new Error(`not exactly one ${type} with ${property} ${String(value)}`);
  return resource;
}

const statement = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([z.array(z.string()), z.string().transform((one) => [one])]),
  Resource: z.union([z.array(z.unknown()), z.unknown().transform((one) => [one])]),
  Condition: z.optional(z.unknown()),
});
const policy = z.object({
  Roles: z.array(z.object({ Ref: z.string() })),
  PolicyDocument: z.object({ Statement: z.array(statement) }),
});

export type Statement = z.output<typeof statement>;

/** One property of all resources of a type, sorted. */
export function namesOf(template: Template, type: string, property: string): readonly string[] {
  return resourcesOf(template, type)
    .map((resource) => z.string().parse(resource.properties[property]))
    .toSorted();
}

/** What the role of a function allows. */
export function statementsOf(template: Template, functionName: string): readonly Statement[] {
  const { properties: fn } = resourceWith(template, 'AWS::Lambda::Function', 'FunctionName', functionName);
  const role = z.object({ 'Fn::GetAtt': z.array(z.string()) }).parse(fn['Role'])['Fn::GetAtt'][0];
  return resourcesOf(template, 'AWS::IAM::Policy')
    .map((resource) => policy.parse(resource.properties))
    .filter((one) => one.Roles.some((named) => named.Ref === role))
    .flatMap((one) => one.PolicyDocument.Statement);
}
