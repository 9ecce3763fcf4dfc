/** The dashboards as a deployment would create them: what they draw is there, and what they say about it is said. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { DUE_INDEX, PROFILES_INDEX } from '../../shared/contracts/table.ts';
import { isDocumented } from '../support/aws-metrics.ts';
import { alarmedMetrics, type Dashboard, dashboardsOf, metricsOf } from '../support/watched-metrics.ts';
import { resourcesOf, type Templates, templatesOf } from './templates.ts';

vi.stubEnv('CDK_VALIDATION', 'false');

let templates: Templates;
let dashboards: readonly Dashboard[];
beforeAll(async () => {
  templates = await templatesOf();
  dashboards = dashboardsOf(templates.pipeline);
});

const reference = z.union([
  z.object({ Ref: z.string() }).transform(({ Ref }) => Ref),
  z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }).transform((each) => each['Fn::GetAtt'][0]),
]);
const imported = z.object({ 'Fn::ImportValue': z.string() });

/** Resource types a dimension may name, or a text it has to be. */
const NAMED: Readonly<Record<string, string>> = {
  FunctionName: 'AWS::Lambda::Function',
  QueueName: 'AWS::SQS::Queue',
  LogGroupName: 'AWS::Logs::LogGroup',
};

/** Whether the value of a dimension of an AWS metric is something these stacks create. */
function exists(dimension: string, value: unknown): boolean {
  const type = NAMED[dimension];
  if (type !== undefined) {
    const id = reference.parse(value);
    return resourcesOf(templates.pipeline, type).some((each) => each.id === id);
  }
  if (dimension === 'GlobalSecondaryIndexName') return value === DUE_INDEX.name || value === PROFILES_INDEX.name;
  if (dimension !== 'TableName') return false;
  const name = imported.safeParse(value);
  const outputs = JSON.stringify(templates.data.findOutputs('*'));
  return name.success ? outputs.includes(`"${name.data['Fn::ImportValue']}"`) : tableNames().includes(String(value));
}

const tableNames = () =>
  resourcesOf(templates.data, 'AWS::DynamoDB::GlobalTable').map(({ properties }) => properties['TableName']);

/** Resources of a type that a text does not name. */
const missing = (type: string, among: string) =>
  resourcesOf(templates.pipeline, type).filter(({ id }) => !among.includes(`"${id}"`));

const wordsOf = ({ widgets }: Dashboard) => JSON.stringify(widgets.map(({ properties }) => properties.markdown ?? ''));

const named = (name: string): Dashboard => {
  const found = dashboards.find((each) => each.name === `perennial-dev-${name}`);
  if (found === undefined) throw new Error(`no dashboard ${name}`);
  return found;
};

it('are two, one for the business and one for operations: an account has three without charge', () => {
  expect(dashboards.map(({ name }) => name).toSorted()).toEqual(['perennial-dev-business', 'perennial-dev-ops']);
});

it('draw of AWS, and alarms look at, nothing that AWS does not document', () => {
  const watched = [...dashboards.flatMap(metricsOf), ...alarmedMetrics(templates.pipeline)].filter(({ namespace }) =>
    namespace.startsWith('AWS/'),
  );
  expect(watched.length).toBeGreaterThan(100);
  expect(watched.filter((each) => !isDocumented(each))).toEqual([]);
});

it('draw of AWS nothing that these stacks do not create', () => {
  const metrics = dashboards.flatMap(metricsOf).filter(({ namespace }) => namespace.startsWith('AWS/'));
  expect(metrics.length).toBeGreaterThan(50);
  const foreign = metrics.filter(
    ({ dimensions }) => !Object.entries(dimensions).every(([name, value]) => exists(name, value)),
  );
  expect(foreign).toEqual([]);
  // What SES counts is of the whole account, and its metrics name nothing.
  const nameless = metrics.filter(({ dimensions }) => Object.keys(dimensions).length === 0);
  expect(new Set(nameless.map(({ namespace }) => namespace))).toEqual(new Set(['AWS/SES']));
});

it('show every queue, every function and every alarm', () => {
  const drawn = JSON.stringify(metricsOf(named('ops')).map(({ dimensions }) => dimensions));
  expect(missing('AWS::SQS::Queue', drawn)).toEqual([]);
  expect(missing('AWS::Lambda::Function', drawn)).toEqual([]);
  const shown = JSON.stringify(named('ops').widgets.filter(({ type }) => type === 'alarm'));
  expect(missing('AWS::CloudWatch::Alarm', shown)).toEqual([]);
});

it('say of the spending what is not in it', () => {
  expect(wordsOf(named('ops'))).toContain('**Not in here**');
});

describe('the one for the business', () => {
  it('tells messages apart by programme and how they ended, from the log of everybody who ends one', () => {
    const [table, ...others] = named('business').widgets.filter(({ properties: { title = '' } }) =>
      title.startsWith('messages, by programme and how they ended'),
    );
    expect(others).toEqual([]);
    const query = JSON.stringify(table?.properties.query);
    expect(query).toContain('by series, coalesce(outcome, \\"sent\\") as end');
    expect(query.match(/SOURCE/gu)).toHaveLength(3);
  });

  it.each([
    ['that readers of Gmail are not among the complaints', 'Gmail sends no complaint events'],
    ['that buying after a mail is no effect of it', 'a **correlation**, never an effect'],
    ['that the holdout shows the effect', 'the only figure here that shows an **effect**'],
  ])('says %s', (_, text) => {
    expect(wordsOf(named('business'))).toContain(text);
  });
});

it('use no number that metric math cannot read', () => {
  const expressions = dashboards.flatMap(({ widgets }) =>
    widgets.flatMap(({ properties: { metrics } }) => JSON.stringify(metrics).match(/"expression":"[^"]*"/gu) ?? []),
  );
  expect(expressions.length).toBeGreaterThan(10);
  for (const each of expressions) expect(each).not.toMatch(/\d[eE][-+]?\d/u);
});
