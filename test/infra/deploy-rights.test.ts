/** The example policies allow a deployment what its templates need, by service and by name, and no other service. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';
import { parseConfig, stageConfig } from '../../infra/config.ts';
import { type Templates, templatesOf } from './templates.ts';

vi.stubEnv('CDK_VALIDATION', 'false');

const oneOrMany = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
const policy = z.object({
  Statement: z.array(z.looseObject({ Effect: z.literal('Allow'), Action: oneOrMany, Resource: z.optional(oneOrMany) })),
});
const readPolicy = async (name: string) =>
  policy.parse(JSON.parse(await readFile(path.join(PROJECT, 'docs/deploy', name), 'utf8'))).Statement;

const execution = await readPolicy('execution-policy.json');
const services = new Set(execution.flatMap(({ Action }) => Action.map((each) => each.split(':')[0])));

/** What CloudFormation itself reads for every stack: the code of functions, and the version of the bootstrap. */
const OF_EVERY_STACK = ['s3', 'ssm'];

/** A type's name in IAM's ARNs, and the property with the name we give. */
const NAMED: Readonly<Record<string, readonly [property: string, arn: (name: string) => string]>> = {
  'AWS::DynamoDB::GlobalTable': ['TableName', (name) => `arn:aws:dynamodb:r:a:table/${name}`],
  'AWS::Lambda::Function': ['FunctionName', (name) => `arn:aws:lambda:r:a:function:${name}`],
  'AWS::SQS::Queue': ['QueueName', (name) => `arn:aws:sqs:r:a:${name}`],
  'AWS::SNS::Topic': ['TopicName', (name) => `arn:aws:sns:r:a:${name}`],
  'AWS::CloudWatch::Alarm': ['AlarmName', (name) => `arn:aws:cloudwatch:r:a:alarm:${name}`],
  'AWS::CloudWatch::Dashboard': ['DashboardName', (name) => `arn:aws:cloudwatch::a:dashboard/${name}`],
  'AWS::Logs::LogGroup': ['LogGroupName', (name) => `arn:aws:logs:r:a:log-group:${name}`],
  'AWS::Events::Rule': ['Name', (name) => `arn:aws:events:r:a:rule/bus/${name}`],
  'AWS::Events::Archive': ['ArchiveName', (name) => `arn:aws:events:r:a:archive/${name}`],
  'AWS::Events::EventBus': ['Name', (name) => `arn:aws:events:r:a:event-bus/${name}`],
  'AWS::SecretsManager::Secret': ['Name', (name) => `arn:aws:secretsmanager:r:a:secret:${name}-Ab1Cd2`],
};

const resources = z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.optional(z.looseObject({})) }));

let all: readonly (readonly [id: string, type: string, properties: Readonly<Record<string, unknown>>])[];

beforeAll(async () => {
  const config = parseConfig({ ...stageConfig('prod'), alarms: { address: 'ops@example.com' } });
  const { data, pipeline }: Templates = await templatesOf(config);
  all = [data, pipeline].flatMap((template) =>
    Object.entries(resources.parse(template.toJSON()['Resources'])).map(
      ([id, { Type, Properties = {} }]) => [id, Type, Properties] as const,
    ),
  );
});

function matches(pattern: string, text: string): boolean {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[.?+^$()[\]{}|\\]/gu, '\\$&'))
      .join('.*')}$`,
    'u',
  ).test(text);
}

describe('the policy of the bootstrap', () => {
  it('covers every service of the templates, and no other', () => {
    const needed = all
      .map(([, type]) => type.split('::'))
      .filter(([, name]) => name !== 'CDK')
      .map(([, name = '']) => name.toLowerCase());
    expect(services).toEqual(new Set([...needed, ...OF_EVERY_STACK]));
  });

  it('covers everything that has a name of ours', () => {
    let looked = 0;
    for (const [id, type, properties] of all) {
      const named = NAMED[type];
      if (named === undefined) continue;
      const [property, arnOf] = named;
      const arn = arnOf(z.string().parse(properties[property], { error: () => `${id} has no name` }));
      const [service] = [arn.split(':')[2]];
      const patterns = execution
        .filter(({ Action }) => Action.includes(`${service}:*`))
        .flatMap(({ Resource = [] }) => Resource);
      expect(
        patterns.some((each) => matches(each, arn)),
        `${id}: ${arn} in ${patterns.join(' ')}`,
      ).toBe(true);
      looked += 1;
    }
    expect(looked).toBeGreaterThan(50);
  });

  it('covers the roles, which are named after their stack', () => {
    const roles = all.filter(([, type]) => type === 'AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(5);
    for (const [, , properties] of roles) {
      expect(properties).not.toHaveProperty('RoleName');
      // Managed policies would have to be attached, which it does not allow.
      expect(properties['ManagedPolicyArns'] ?? []).toEqual([]);
    }
    const patterns = execution
      .filter(({ Action }) => Action.includes('iam:CreateRole'))
      .flatMap(({ Resource }) => Resource);
    expect(patterns).toEqual(['arn:aws:iam::*:role/PerennialPipeline-*']);
  });

  it('allows nobody to send mail, to read a customer by another name, or to become somebody else', () => {
    const actions = execution.flatMap(({ Action }) => Action);
    expect(actions).not.toContain('*');
    expect(
      actions.filter((each) =>
        /^ses:(?:\*|Send)|^iam:(?:\*|Attach|CreateUser|CreateAccessKey)|^sts:|^kms:/u.test(each),
      ),
    ).toEqual([]);
    const anywhere = execution.filter(({ Resource = [] }) => Resource.includes('*')).flatMap(({ Action }) => Action);
    expect(anywhere.filter((each) => each.endsWith(':*'))).toEqual([]);
  });
});

it('the role that deploys may only use the bootstrap and write down what was deployed', async () => {
  const rights = await readPolicy('deploy-role.json');
  expect(rights.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    [
      ['sts:AssumeRole'],
      expect.arrayContaining([
        expect.stringMatching(/^arn:aws:iam::ACCOUNT:role\/cdk-hnb659fds-[a-z-]+-role-ACCOUNT-REGION$/),
      ]),
    ],
    [
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
      ['arn:aws:dynamodb:REGION:ACCOUNT:table/perennial-STAGE-content'],
    ],
  ]);
});

it('only one repository in one environment may take it', async () => {
  const [trust] = await readPolicy('deploy-role-trust.json');
  expect(trust?.['Condition']).toEqual({
    StringEquals: {
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': 'repo:OWNER/REPOSITORY:environment:STAGE',
    },
  });
});
