/**
 * Counts in the twin what each thing that happens asks of AWS, and compares it with what `npm run cost` reckons with. Every
 * event, timer, mail and report comes alone, which is the dearest way: what comes together shares invocations and messages.
 */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { stageConfig } from '../../infra/config.ts';
import { COUNTED_FILE, type Counted, ITEM_OVERHEAD_BYTES, type Use } from '../../infra/cost/counted.ts';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import { metricsNamespace } from '../../shared/contracts/metrics.ts';
import { EVENT_TYPES, eventType } from '../../shared/lifecycle/events/event-types.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { sizeOf } from '../../shared/adapters/item-size.ts';
import { DUE_INDEX, PROFILES_INDEX, TABLE } from '../../shared/contracts/table.ts';
import { Meter } from '../cost/meter.ts';
import { type Resource, resourcesOf, templatesOf } from '../infra/templates.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';

/** Enough that first mails to an address and later ones are both among what is counted. */
const PEOPLE = 4;
/** After the last event: what follows from silence comes within it. */
const SEASON_DAYS = 150;
/** Between two customers, so that nothing of one meets anything of another in the same minute. */
const APART = 7 * MINUTE;

/** Nobody but the shop's team or a campaign says these, once in a while, and an erasure ends what is counted. */
const SELDOM = new Set([
  'Customer Registered',
  'Customer Erasure Requested',
  'Campaign Addressed',
  'Account Ranked',
  'Address Suppressed',
  'Referral Made',
  'Offer Confirmed',
  'Mail Clicked',
]);

interface Happening {
  readonly day: number;
  readonly type: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const looks = (day: number): Happening[] =>
  ['pot-03', 'cup-11', 'tea-17', 'pot-03'].map((sku) => ({ day, type: 'Product Viewed', data: { sku } }));

const order = (day: number, orderId: string): Happening[] => [
  { day, type: 'Cart Updated' },
  { day, type: 'Checkout Started' },
  { day, type: 'Purchase Completed', data: { orderId } },
  { day: day + 3, type: 'Order Delivered', data: { orderId } },
];

/** Twenty looks for each order, in visits of four; three orders, and once everything else that may be said. */
const LIFE: readonly Happening[] = [
  { day: 0, type: 'Customer Registered', data: { referral: undefined } },
  ...[0, 30, 60].flatMap((begins, index) => [
    ...[0, 3, 6, 9, 12].flatMap((visit) => looks(begins + visit)),
    ...[0, 6, 12].map((visit) => ({ day: begins + visit, type: 'Login Succeeded' })),
    ...order(begins + 12, `order-${index}`),
  ]),
  ...EVENT_TYPES.map(({ type }) => type)
    .filter((type) => !SELDOM.has(type) && !['Product Viewed', 'Login Succeeded'].includes(type))
    .filter((type) => !['Cart Updated', 'Checkout Started', 'Purchase Completed', 'Order Delivered'].includes(type))
    .map((type, index) => ({ day: 80 + Math.floor(index / 3), type })),
].toSorted((a, b) => a.day - b.day);

/** Four digits after the point: the same in every run, and finer than any price. */
const DIGITS = 4;
const rounded = (value: number) => Number(value.toFixed(DIGITS));

/** What a function was seen to ask, divided by how often that happened. */
function meanOf(sums: readonly Use[], times: number): Use {
  const mean = (of: (use: Use) => number) => rounded(sum(sums.map(of)) / times);
  return {
    invocations: mean((use) => use.invocations),
    requests: {
      dynamodb: mean((use) => use.requests.dynamodb),
      events: mean((use) => use.requests.events),
      ses: mean((use) => use.requests.ses),
    },
    readUnits: mean((use) => use.readUnits),
    writeUnits: mean((use) => use.writeUnits),
    indexUnits: mean((use) => use.indexUnits),
    busEvents: mean((use) => use.busEvents),
    queueMessages: mean((use) => use.queueMessages),
    logBytes: mean((use) => use.logBytes),
    logLines: mean((use) => use.logLines),
  };
}

type Sums = ReturnType<ReturnType<Meter['take']>>;
/** All but what is counted with the mail it leads to. */
const withoutMail = (sums: Sums): Sums => ({ ...sums, busEvents: sums.busEvents - messagesIn(sums) });
const messagesIn = ({ told }: Sums): number => told.get(ANNOUNCED.messageDue) ?? 0;

class Play {
  readonly byType = new Map<string, { sums: Sums[]; busBytes: number; journalBytes: number }>();
  readonly timers: Sums[] = [];
  readonly mails: Sums[] = [];
  readonly reports: Sums[] = [];
  readonly minutes: Sums[] = [];
  /** Entries on the bus that lead to a mail. */
  messages = 0;
  readonly #shop: Shop;
  readonly #meter: Meter;
  readonly #bus: EventBridgeClient;

  constructor(shop: Shop, meter: Meter) {
    this.#shop = shop;
    this.#meter = meter;
    const { endpoint, region } = shop.twin;
    this.#bus = new EventBridgeClient({ endpoint, region, credentials: { accessKeyId: 't', secretAccessKey: 't' } });
  }

  /** Lets time pass; in it only timers go off. */
  async until(instant: number): Promise<void> {
    while (this.#shop.twin.now() < instant) {
      await this.#shop.twin.advanceTo(Math.min(instant, this.#shop.twin.now() + DAY));
      const of = this.#meter.take();
      this.timers.push(withoutMail(of('record')));
      this.messages += messagesIn(of('record'));
      this.minutes.push(of('sweep'));
      this.#mail(of);
    }
  }

  async tell(customerId: string, type: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const { twin } = this.#shop;
    const known = eventType(type);
    const at = new Date(twin.now()).toISOString();
    const example = z.looseObject({}).parse(known?.example);
    const email = 'email' in example ? { email: `${customerId}@example.com` } : {};
    const consent = 'consent' in example ? { consent: { marketing: 'opt_in', source: 'form', at } } : {};
    const data = { ...example, customerId, ...email, ...consent, ...more };
    // As long as the ids shops have.
    const id = `${customerId}-${twin.now()}-${type.replaceAll(' ', '-')}`.padEnd(36, '0').slice(0, 36);
    const Detail = JSON.stringify({ metadata: { id, version: 1, occurredAt: at }, data });
    const journalled = this.#meter.storedBytes('EVENT#');
    const entry = { EventBusName: twin.busName, Source: known?.source ?? 'shop', DetailType: type, Detail };
    const answer = await this.#bus.send(new PutEventsCommand({ Entries: [entry] }));
    if (answer.FailedEntryCount !== 0) throw new Error(`the bus refused ${type}`);
    await twin.advanceTo(twin.now());
    const of = this.#meter.take();
    const about = this.byType.get(type) ?? { sums: [], busBytes: 0, journalBytes: 0 };
    this.byType.set(type, about);
    const recorded = withoutMail(of('record'));
    about.sums.push({ ...recorded, busEvents: recorded.busEvents + 1 });
    about.busBytes += Buffer.byteLength(Detail) + Buffer.byteLength(type);
    about.journalBytes += this.#meter.storedBytes('EVENT#') - journalled;
    this.messages += messagesIn(of('record'));
    this.#mail(of);
  }

  close(): void {
    this.#bus.destroy();
  }

  #mail(of: ReturnType<Meter['take']>): void {
    this.mails.push(of('send'));
    this.reports.push(of('feedback'));
  }
}

/** Of the items whose sort key begins with one of these, all bytes, divided by `times`. */
/** Bytes: an id or a token packs into a byte more or less. */
const NEAREST = 10;

function bytesEach(items: Awaited<ReturnType<Shop['items']>>, times: number, ...sortKeys: readonly string[]): number {
  const meant = items.filter((one) => sortKeys.some((each) => one[TABLE.sortKey]?.S?.startsWith(each)));
  return NEAREST * Math.round(sum(meant.map((one) => sizeOf(one) + ITEM_OVERHEAD_BYTES)) / times / NEAREST);
}

/** Of all entries of both indexes, which hold the keys of the table and their own. */
function indexBytes(items: Awaited<ReturnType<Shop['items']>>): number {
  const entries = [DUE_INDEX, PROFILES_INDEX].flatMap(({ partitionKey, sortKey }) =>
    items
      .filter((one) => one[partitionKey] !== undefined)
      .map((one) => {
        const keys = new Set<string>([TABLE.partitionKey, TABLE.sortKey, partitionKey, sortKey]);
        return Object.fromEntries(Object.entries(one).filter(([name]) => keys.has(name)));
      }),
  );
  return sum(entries.map((entry) => sizeOf(entry) + ITEM_OVERHEAD_BYTES));
}

const alarm = z.object({
  Namespace: z.string().optional(),
  Metrics: z
    .array(z.object({ MetricStat: z.object({ Metric: z.object({ Namespace: z.string() }) }).optional() }))
    .optional(),
});
const poller = z.object({
  FunctionName: z.object({ Ref: z.string() }),
  BatchSize: z.number(),
  MaximumBatchingWindowInSeconds: z.number().default(0),
});
const lambda = z.object({
  FunctionName: z.string(),
  MemorySize: z.number(),
  LoggingConfig: z.object({ SystemLogLevel: z.string().optional() }),
});

/** What a month of a deployment costs whatever happens, as far as templates tell it. */
async function deployed(): Promise<Counted['deployed']> {
  const config = stageConfig('prod');
  const { data, pipeline } = await templatesOf(config);
  const nameOf = ({ FunctionName }: z.output<typeof lambda>) => FunctionName.replace('perennial-prod-', '');
  const functions = resourcesOf(pipeline, 'AWS::Lambda::Function').map(({ id, properties }) => ({
    id,
    ...lambda.parse(properties),
  }));
  const fed = resourcesOf(pipeline, 'AWS::Lambda::EventSourceMapping').map(({ properties }) => {
    const { FunctionName, BatchSize: size, MaximumBatchingWindowInSeconds: windowSeconds } = poller.parse(properties);
    const reader = functions.find(({ id }) => id === FunctionName.Ref);
    if (reader === undefined) throw new Error(`${FunctionName.Ref} is fed and not there`);
    return [nameOf(reader), { size, windowSeconds }] as const;
  });
  // An alarm is billed for each metric it looks at.
  const metricsOf = ({ properties }: Resource) => {
    const { Namespace, Metrics } = alarm.parse(properties);
    return Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric.Namespace ?? []) ?? [Namespace ?? ''];
  };
  const alarms = resourcesOf(pipeline, 'AWS::CloudWatch::Alarm');
  const isOwn = (namespace: string) => namespace === metricsNamespace('prod');
  return {
    alarmMetrics: sum(alarms.map((one) => metricsOf(one).length)),
    ownAlarmMetrics: sum(alarms.map((one) => metricsOf(one).filter(isOwn).length)),
    dashboards: resourcesOf(pipeline, 'AWS::CloudWatch::Dashboard').length,
    secrets: resourcesOf(data, 'AWS::SecretsManager::Secret').length,
    polledQueues: fed.length,
    platformLog: z
      .custom<Counted['deployed']['platformLog']>()
      .parse(Object.fromEntries(functions.map((one) => [nameOf(one), one.LoggingConfig.SystemLogLevel !== 'WARN']))),
    batches: z.custom<Counted['deployed']['batches']>().parse(Object.fromEntries(fed)),
    memoryMegabytes: z
      .custom<Counted['deployed']['memoryMegabytes']>()
      .parse(Object.fromEntries(functions.map((one) => [nameOf(one), one.MemorySize]))),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

/** What the census of one night reads of each customer; its own item is read once, whoever is counted. */
async function nightOfACustomer(): Promise<Counted['nightOfACustomer']> {
  const shop = await openShop(OPENING, { nightly: true });
  const meter = new Meter(shop.twin, 'local');
  const readFor = async (customerId: string) => {
    await shop.register(customerId);
    meter.take();
    await shop.pass(1);
    return meter.take()('census');
  };
  const [one, two] = [await readFor('customer-0'), await readFor('customer-1')];
  await shop.close();
  return {
    readUnits: two.readUnits - one.readUnits,
    indexBytes: two.profileIndexBytes - one.profileIndexBytes,
  };
}

async function count(): Promise<Counted> {
  // SES reports what it does in production.
  const { sesEvents } = stageConfig('prod');
  const shop = await openShop(OPENING, { config: { sesEvents }, confirms: false });
  const meter = new Meter(shop.twin, 'local');
  const play = new Play(shop, meter);
  const people = Array.from({ length: PEOPLE }, (_, index) => `customer-${index}`);
  for (const [index, { day, type, data }] of LIFE.entries()) {
    const sameDay = LIFE.slice(0, index).filter((other) => other.day === day).length;
    for (const [number, customerId] of people.entries()) {
      await play.until(OPENING + day * DAY + sameDay * PEOPLE * APART + number * APART);
      await play.tell(customerId, type, data);
    }
  }
  await play.until(shop.twin.now() + SEASON_DAYS * DAY);
  const mails = sum(play.mails.map(({ requests }) => requests.ses));
  expect(mails).toBe(shop.twin.mailbox.length);
  expect(meter.arrived.get(ANNOUNCED.eventRefused)).toBeUndefined();
  const items = await shop.items();
  const due = sum(play.minutes.map(({ told }) => told.get(ANNOUNCED.customerDue) ?? 0));
  const reports = sum(play.reports.map(({ queueMessages }) => queueMessages));
  const counted: Counted = {
    events: Object.fromEntries(
      [...play.byType].map(([type, { sums, busBytes, journalBytes }]) => [
        type,
        {
          ...meanOf(sums, sums.length),
          busBytes: rounded(busBytes / sums.length),
          journalBytes: rounded(journalBytes / sums.length),
        },
      ]),
    ),
    // Announcing a timer is an entry of the sweep's; it is part of the timer, and not of the minute.
    timer: withEntries(meanOf(play.timers, due), sum(play.timers.map(({ busEvents }) => busEvents)) / due + 1),
    mail: withEntries(meanOf(play.mails, mails), play.messages / mails),
    report: meanOf(play.reports, reports),
    minute: withEntries(meanOf(play.minutes, sum(play.minutes.map(({ invocations }) => invocations))), 0),
    timersPerMail: rounded(due / mails),
    reportsPerMail: Object.fromEntries(
      [...meter.arrived]
        .filter(([type]) => type.startsWith('Email '))
        .map(([type, times]) => [type, rounded(times / mails)]),
    ),
    nightOfACustomer: await nightOfACustomer(),
    stored: {
      customerBytes: bytesEach(items, PEOPLE, 'PROFILE', 'BROWSING', 'ADDRESS'),
      indexBytes: NEAREST * Math.round(indexBytes(items) / PEOPLE / NEAREST),
      mailBytes: bytesEach(items, mails, 'MESSAGE#'),
    },
    deployed: await deployed(),
  };
  play.close();
  await shop.close();
  return counted;
}

const withEntries = (use: Use, busEvents: number): Use => ({ ...use, busEvents: rounded(busEvents) });

it('what is counted in the twin is what npm run cost reckons with: if this fails, run it with --update', async () => {
  const counted = await count();
  await expect(`${JSON.stringify(counted, undefined, 2)}\n`).toMatchFileSnapshot(COUNTED_FILE);
});
