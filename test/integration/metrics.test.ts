/**
 * Whether what is counted is looked at, and what is looked at is counted: a shop in which everything happens once that is
 * counted, faults included, against the dashboards, alarms and saved queries of the same deployment.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { stageConfig } from '../../infra/config.ts';
import type { AcceptedMail } from '../../infra/local/contract.ts';
import type { FunctionCall } from '../../infra/local/faults.ts';
import { DynamoDBCensus } from '../../shared/adapters/dynamodb-census.ts';
import { CAMPAIGN_SOURCE } from '../../shared/contracts/bus.ts';
import { METRIC, metricsNamespace, programmeValue } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { NOTHING_COUNTED } from '../../shared/lifecycle/census/count.ts';
import { inForce } from '../../shared/lifecycle/census/holdout.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { sabotaged, type Sabotaged } from '../faults/sabotage.ts';
import { type Resource, resourcesOf, type Templates, templatesOf } from '../infra/templates.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';
import { alarmedMetrics, combinationOf, dashboardsOf, metricsOf } from '../support/watched-metrics.ts';

const NAMESPACE = metricsNamespace('local');
const LONG_AGO = OPENING - 300 * DAY;
/** Only the census believes that half of the customers are held out: it has somebody to compare, and all get mail. */
const HOLDOUT = { share: 0.5, salt: 'metrics' };
/** Enough of each half for the census to compare them. */
const COMPARED = 250;

let broken: Sabotaged;
let shop: Shop;
let templates: Templates;

beforeAll(async () => {
  const census = { HOLDOUT_SHARE: String(HOLDOUT.share), HOLDOUT_SALT: HOLDOUT.salt };
  broken = await sabotaged((resources) => {
    for (const { Properties } of Object.values(resources)) {
      if (Properties['FunctionName'] !== 'perennial-local-census') continue;
      const { Variables } = z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(Properties['Environment']);
      Properties['Environment'] = { Variables: { ...Variables, ...census } };
    }
  });
  // A mail nobody can make.
  const confirmed = broken.assetFile('send', 'content', 'templates', 'service', 'change-confirmed', 'en.json');
  await writeFile(confirmed, (await readFile(confirmed, 'utf8')).replaceAll('{{', '{% nonsense'));
  [shop, templates] = await Promise.all([
    openShop(OPENING, { assembly: broken.assembly, nightly: true }),
    templatesOf(stageConfig('local')),
  ]);
});
// One after the other, each with a time of its own: on a busy machine together they take minutes.
beforeAll(() => seed());
beforeAll(() => mailOfEveryProgramme());
beforeAll(() => endWithoutMail());
beforeAll(() => meetTrouble());
beforeAll(() => beRefused());
beforeAll(() => passStages());
afterAll(async () => {
  await shop.close();
  await broken.remove();
});

/** Customers from before, of whom the census compares those who are held out with the others. */
async function seed(): Promise<void> {
  const consent = { marketing: 'opt_in', source: 'test', at: LONG_AGO, id: 'k' } as const;
  const ring = [{ at: OPENING - 200 * DAY, id: 'o', orderId: 'o', minor: 4000, currency: 'EUR' }];
  const save = (n: number) => {
    const customerId = `old-${n}`;
    const person = [{ at: LONG_AGO, id: 'p', email: `${customerId}@example.com` }];
    const facts = { ...NO_FACTS, person, consent, orders: { ...NO_FACTS.orders, ring } };
    return shop.store.save({ ...unknownCustomer(customerId, LONG_AGO), version: 1, stage: 'lapsed', facts }, 0);
  };
  await Promise.all(Array.from({ length: COMPARED }, (_, n) => save(n)));
  const table = new DynamoDBClient(access());
  const force = inForce({ holdout: HOLDOUT, isLive: true }, undefined, LONG_AGO);
  const last = { version: 1, at: OPENING - DAY, phase: 'done', count: NOTHING_COUNTED, changes: 0, force } as const;
  await new DynamoDBCensus(table, shop.twin.tableName).save(last, 0);
  table.destroy();
}

const access = () => ({
  endpoint: shop.twin.endpoint,
  region: shop.twin.region,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

async function buysAt(customerId: string, ...daysAgo: readonly number[]): Promise<void> {
  await shop.register(customerId);
  for (const days of daysAgo) {
    const order = { customerId, orderId: `${customerId}-${days}`, total: 80, currency: 'EUR', discount: 20 };
    await shop.emit('Purchase Completed', order, { at: shop.twin.now() - days * DAY });
  }
}

/** While `call` is what a function asks for, its answer is lost or it is refused, as often as there are `times`. */
async function during(
  fate: { kind: 'answer lost' } | { kind: 'refused'; status: number; code: string; message: string },
  meant: (call: FunctionCall) => boolean,
  act: () => Promise<void>,
  times = Infinity,
): Promise<void> {
  let left = times;
  shop.twin.faults.plan = { call: (call) => (meant(call) && (left -= 1) >= 0 ? fate : undefined) };
  await act();
  shop.twin.faults.plan = undefined;
}

/** Mail of every programme that is told apart, and of one that is not. */
async function mailOfEveryProgramme(): Promise<void> {
  await shop.register('onboarding');
  await shop.buy('onboarding', 'o-1');
  await shop.register('recovery');
  await shop.complain('recovery', 'k');
  await shop.register('nurture');
  await shop.emit('Checkout Started', { customerId: 'nurture', resumeUrl: 'https://shop.example.com/checkout/1' });
  await shop.register('other');
  await shop.emit('Change Requested', {
    customerId: 'other',
    changeId: 'c',
    what: 'The green glaze',
    cost: 4.5,
    currency: 'EUR',
  });
  await shop.register('retention');
  await shop.register('friend', { referral: { by: 'retention', kind: 'customer' } });
  await shop.register('campaign');
  const bus = new EventBridgeClient(access());
  const at = new Date(shop.twin.now()).toISOString();
  const data = { customerId: 'campaign', campaign: 'spring', step: 'new-harvest', at, audience: 'stage=lead' };
  const Detail = JSON.stringify({ metadata: { id: 'campaign', version: 1, occurredAt: at }, data });
  const entry = { EventBusName: shop.twin.busName, Source: CAMPAIGN_SOURCE, DetailType: 'Campaign Addressed', Detail };
  await bus.send(new PutEventsCommand({ Entries: [entry] }));
  bus.destroy();
  await buysAt('win-back', 202);
  await shop.wait(2 * HOUR);
}

const programmeOf = ({ tags }: AcceptedMail) =>
  programmeValue(
    Buffer.from(tags['k'] ?? '', 'base64url')
      .toString()
      .split('/')[1],
  );

/** Messages that end, and not as mail. */
async function endWithoutMail(): Promise<void> {
  await shop.register('unwilling', { consent: { marketing: 'none', source: 'test', at: '2026-01-01T00:00:00Z' } });
  await shop.buy('unwilling', 'u-1');
  await shop.pause();
  // Every sender has read of it by then.
  await shop.wait(MINUTE);
  await shop.register('settled');
  await shop.complain('settled', 'k');
  await shop.resolve('settled', 'k');
  await shop.resume();
  shop.twin.ses.fail('rejected', { calls: 1 });
  await shop.register('rejected');
  await shop.complain('rejected', 'k');
}

/** Not got over by asking again. */
const REFUSED = { kind: 'refused', status: 400, code: 'AccessDeniedException', message: 'on purpose' } as const;

const writesProfile = ({ functionName, operation, body }: FunctionCall) =>
  functionName === 'perennial-local-record' && operation === 'PutItem' && body.includes('"PROFILE"');

/** What SES does not answer or does not take, and faults of ours. */
async function meetTrouble(): Promise<void> {
  shop.twin.ses.fail('error before accepting', { calls: 1 });
  await shop.register('unknown');
  await shop.complain('unknown', 'k');
  await shop.wait(10 * MINUTE);
  shop.twin.ses.fail('account paused', { calls: 1 });
  await shop.register('stopped');
  await shop.complain('stopped', 'k');
  await shop.wait(HOUR);

  await shop.emit('Change Confirmed', { customerId: 'other', changeId: 'c' });
  await during({ kind: 'answer lost' }, writesProfile, () => shop.register('raced'), 1);
  await during(REFUSED, writesProfile, () => shop.register('failing'), 1);
  await during(
    REFUSED,
    ({ service, body }) => service === 'dynamodb' && body.includes('perennial-local-content'),
    async () => {
      await shop.wait(MINUTE);
      await shop.register('kept');
    },
  );
}

/** Events that change nothing, or never can. */
async function beRefused(): Promise<void> {
  await shop.emit('Shelf Dusted', {});
  await shop.emit('Purchase Completed', { customerId: 'c', orderId: '1', total: -1, currency: 'EUR' });
  await fetch(shop.twin.functionUrls.get('perennial-local-ingest') ?? '', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'forged',
      'webhook-timestamp': String(Math.floor(shop.twin.now() / 1000)),
      'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
    },
    body: '[]',
  });
}

/** Stages, of which what is told late is seen at once; two nights with a census; and one mail of each programme too many. */
async function passStages(): Promise<void> {
  await shop.buy('onboarding', 'o-2');
  await buysAt('loyal', 180, 120, 60, 10);
  await buysAt('leaving', 150);
  await shop.register('bargain');
  await shop.emit('Coupon Applied', { customerId: 'bargain', coupon: 'FOUND-ELSEWHERE' });
  await shop.pass(2);

  const ofEach = new Map(shop.twin.mailbox.map((mail) => [programmeOf(mail), mail.id]));
  for (const mailId of ofEach.values()) shop.twin.ses.report(mailId, { kind: 'complaint' });
  await shop.wait(HOUR);
}

/** Metrics of AWS that the twin does not publish: how much was asked and written, which bills are made of, it does not count. */
const NOT_EMULATED =
  /^(?:AWS\/DynamoDB Consumed(?:Read|Write)CapacityUnits|AWS\/SQS NumberOf\w+|AWS\/Logs IncomingBytes)$/u;
/** Those of faults that this shop does not have; `test/faults/alarms.test.ts` brings about each that an alarm looks at. */
const NOT_HAPPENED =
  /^AWS\/(?:DynamoDB (?:Read|Write)ThrottleEvents|Events InvocationsFailedToBeSentToDlq|Lambda DestinationDeliveryFailures)$/u;

const named = ({ namespace, name }: { readonly namespace: string; readonly name: string }) => `${namespace} ${name}`;

it('what widgets and alarms look at of AWS is published by the twin under that name', () => {
  const published = new Set(shop.twin.monitoring.emitted().map(named));
  const looked = [...dashboardsOf(templates.pipeline).flatMap(metricsOf), ...alarmedMetrics(templates.pipeline)];
  const ofAws = new Set(looked.map(named).filter((each) => each.startsWith('AWS/')));
  const unknown = [...ofAws].filter(
    (each) => !published.has(each) && !NOT_EMULATED.test(each) && !NOT_HAPPENED.test(each),
  );
  expect(unknown).toEqual([]);
  expect([...ofAws].filter((each) => NOT_EMULATED.test(each) && published.has(each))).toEqual([]);
});

const emitted = () =>
  shop.twin.monitoring
    .emitted()
    .filter(({ namespace }) => namespace === NAMESPACE)
    .map(combinationOf);

const watched = () =>
  [...dashboardsOf(templates.pipeline).flatMap(metricsOf), ...alarmedMetrics(templates.pipeline)]
    .filter(({ namespace }) => namespace === NAMESPACE)
    .map(combinationOf);

it('what widgets and alarms look at is emitted by some function', () => {
  const known = new Set(emitted());
  expect(known.size).toBeGreaterThan(30);
  expect([...new Set(watched())].filter((each) => !known.has(each))).toEqual([]);
});

it('what functions emit is looked at by some widget or alarm', () => {
  const known = new Set(watched());
  expect(emitted().filter((each) => !known.has(each))).toEqual([]);
});

it('the census tells both ends of the interval', () => {
  const metric = { namespace: NAMESPACE, name: METRIC.holdoutUplift.name, dimensions: {} };
  const [night] = shop.twin.monitoring.series(metric);
  expect(night?.samples).toBe(2);
  expect(night?.maximum).toBeGreaterThan(night?.minimum ?? NaN);
});

it('every metric has the unit its contract says', () => {
  const own = shop.twin.monitoring.emitted().filter(({ namespace }) => namespace === NAMESPACE);
  const declared = new Map<string, string>(Object.values(METRIC).map(({ name, unit }) => [name, unit]));
  expect(own.filter(({ name, unit }) => unit !== declared.get(name))).toEqual([]);
});

/** What Lambda itself writes, as its documentation says; the twin writes no such lines. */
const OF_LAMBDA = [
  'type',
  'record.requestId',
  'record.metrics.durationMs',
  'record.metrics.initDurationMs',
  'record.metrics.maxMemoryUsedMB',
];
const LANGUAGE = new Set(
  'filter stats sort desc asc limit display parse as by or and in like sum count max min latest bin ispresent abs coalesce'.split(
    ' ',
  ),
);

/** Names a query takes from the lines: not those it gives itself, and no word of the language. */
function fieldsIn(query: string): readonly string[] {
  const plain = query.replaceAll(/^#.*$/gmu, '').replaceAll(/"[^"]*"/gu, '');
  const given = [...plain.matchAll(/\bas ((?:\w+, )*\w+)/gu)].flatMap(([, names = '']) => names.split(', '));
  const known = new Set(given);
  const words = plain.match(/(?<![\w.])@?[a-zA-Z_][\w.]*/gu) ?? [];
  return [...new Set(words)].filter((each) => !LANGUAGE.has(each) && !known.has(each) && !each.startsWith('@'));
}

/** All paths of a line, as Logs Insights names them. */
function pathsIn(value: unknown, path = ''): readonly string[] {
  const inner = z.record(z.string(), z.unknown()).safeParse(value);
  const own = path === '' ? [] : [path];
  if (!inner.success) return own;
  return [
    ...own,
    ...Object.entries(inner.data).flatMap(([name, each]) => pathsIn(each, path === '' ? name : `${path}.${name}`)),
  ];
}

const query = z.object({
  Name: z.string(),
  QueryString: z.string(),
  LogGroupNames: z.array(z.object({ Ref: z.string() })),
});

/** The function whose log a group is. */
function functionOf(logGroup: string, groups: readonly Resource[]): string {
  const name = groups.find(({ id }) => id === logGroup)?.properties['LogGroupName'];
  return z.string().parse(name).replace('/aws/lambda/', '');
}

it('every saved query reads fields that the functions it asks have written', () => {
  const groups = resourcesOf(templates.pipeline, 'AWS::Logs::LogGroup');
  const queries = resourcesOf(templates.pipeline, 'AWS::Logs::QueryDefinition').map(({ properties }) =>
    query.parse(properties),
  );
  expect(queries.length).toBeGreaterThan(12);
  const unwritten = queries.flatMap(({ Name, QueryString, LogGroupNames }) => {
    const asked = new Set(LogGroupNames.map(({ Ref }) => functionOf(Ref, groups)));
    const lines = shop.logs.lines.filter(({ functionName }) => asked.has(functionName));
    const written = new Set([...lines.flatMap(({ fields }) => pathsIn(fields)), ...OF_LAMBDA]);
    const fields = fieldsIn(QueryString);
    expect(fields.length).toBeGreaterThan(1);
    return fields.filter((each) => !written.has(each)).map((each) => `${Name}: ${each}`);
  });
  expect(unwritten).toEqual([]);
});

it('the people by stage on the dashboard are what the census writes', () => {
  const texts = dashboardsOf(templates.pipeline)
    .flatMap(({ widgets }) => widgets)
    .flatMap(({ properties }) => (properties.query === undefined ? [] : [JSON.stringify(properties.query)]));
  // The other one, of messages by programme and end, is a saved query as well.
  expect(texts.map((each) => each.includes('people.'))).toEqual([true, false]);
  const census = shop.logs.lines.findLast(({ fields }) => fields['message'] === 'the census is taken');
  const written = pathsIn(census?.fields);
  for (const field of texts.join('').match(/people\.\w+/gu) ?? []) expect(written).toContain(field);
});

it('what is noted without a metric is read by a saved query', () => {
  const texts = resourcesOf(templates.pipeline, 'AWS::Logs::QueryDefinition').map(({ properties }) =>
    String(properties['QueryString']),
  );
  expect(Object.values(NOTE).filter((note) => !texts.some((each) => each.includes(`"${note}"`)))).toEqual([]);
});
