/**
 * The bill of a month: what was counted for each thing that happens, times how often it happens, times unit prices. Where AWS
 * bills what cannot be counted on a laptop (milliseconds, pollers, environments) an assumption stands here, with its reason.
 * Everything is reckoned as if it came alone, and no free tier is taken off, so that a real bill is rather below.
 */
import { PAGE_CUSTOMERS } from '../../shared/adapters/census-store.ts';
import { DUE_BATCH } from '../../shared/contracts/bus.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { counted as inWords } from '../../shared/lifecycle/traits/words.ts';
import { type Counted, ITEM_OVERHEAD_BYTES, type Use } from './counted.ts';
import type { Mix } from './mix.ts';
import type { PriceList, PriceName } from './prices.ts';

/** As AWS reckons a month. */
const HOURS = 730;
const HOURS_A_DAY = 24;
const MINUTES = 60 * HOURS;
const NIGHTS = HOURS / HOURS_A_DAY;

const GIGABYTE = 2 ** 30;
const READ_UNIT_BYTES = 4096;
/** The census goes over everybody twice, by pages. */
const CENSUS_READINGS = 2;
/** A page of the census: reading it, unpacking 200 profiles with a seventh of a processor (0.1 ms each of a whole one), the pause. */
const CENSUS_PAGE_SECONDS = 0.3;
/** Of the account, whatever else has dashboards there. */
const DASHBOARDS_FREE = 3;

/**
 * Lambda asks a queue that is empty again after this; the docs of SQS call it long polling. It does so with five pollers, for
 * scaling down to two is not available where the maximum concurrency is set, as it is here.
 */
const POLL_SECONDS = 20;
const POLLERS = 5;

/**
 * Execution environments of a function at once: at some events a second of some 50 ms one is enough, and the second stands
 * for those that Lambda replaces meanwhile. Each keeps what is published for a minute, and secrets for fifteen.
 */
const ENVIRONMENTS = 2;
const CONTENT_MINUTES = 1;
const SECRET_MINUTES = 15;
/** Each sender that is awake reads every twenty seconds whether mail may leave. */
const LANE_MINUTES = 1 / 3;
/** DynamoDB keeps the key of an encrypted table for five minutes per caller, says its documentation. */
const TABLE_KEY_MINUTES = 5;

/** One invocation in so many loads the function anew. */
const COLD_ONE_IN = 100;

/**
 * Milliseconds a request takes on the network in one region, by what AWS says of its services, and a pessimist's SES; all
 * requests one after the other, which they are not.
 */
const WAIT_MS = { dynamodb: 5, events: 15, ses: 120 } as const;
/** Of a whole processor: a request costs the SDK 0.8 ms on the machine this was measured on, 1,300 requests a second. */
const REQUEST_CPU_MS = 0.8;
/** Parsing, folding, rendering, MIME, logging: render and MIME of a mail take less than 1 ms. */
const INVOCATION_CPU_MS = 2;
/** Loading the largest bundle takes 98 ms, and starting Node and the runtime as long again. */
const LOAD_CPU_MS = 200;
/** Lambda gives a whole processor to so much memory. */
const MEGABYTES_PER_CPU = 1769;
const MEGABYTES_PER_GIGABYTE = 1024;
const MS_PER_SECOND = 1000;

/** Lambda's own two lines per invocation (start and report, as JSON), and what CloudWatch adds to each line. */
const PLATFORM_LOG_BYTES = 520;
const PLATFORM_LOG_LINES = 2;
const LOG_LINE_OVERHEAD_BYTES = 26;
/** Logs are stored gzipped and kept a month; CloudWatch's documentation reckons with this share. */
const LOG_COMPRESSION = 0.15;

/** What EventBridge puts around an event: account, region, bus, id, times. */
const ENVELOPE_BYTES = 250;

/** Places to send are reserved in blocks that double within an hour, for each of the two senders. */
const SENDERS = 2;
/** A reservation reads the item that says how much mail may leave, and writes it; it is smaller than a kilobyte. */
const RESERVATION = { readUnits: 1, writeUnits: 1 };

export interface Workload {
  readonly profiles: number;
  /** Events of the shop in a month. */
  readonly events: number;
  /** Mails in a month. */
  readonly mails: number;
  /** How long the deployment has been running at this pace: journal and ledger grow. */
  readonly months: number;
  readonly mix: Mix;
}

/** Fixed is what does not grow with the events and mails of the month; variable what each of them adds; mail is SES's own. */
export type Kind = 'fixed' | 'variable' | 'mail';

interface Line {
  readonly kind: Kind;
  readonly service: string;
  /** What of it, in words. */
  readonly what: string;
  readonly price: PriceName;
  readonly quantity: number;
  /** In the currency of the prices. */
  readonly amount: number;
}

export interface Bill {
  readonly lines: readonly Line[];
  readonly fixed: number;
  readonly variable: number;
  readonly mail: number;
  /** Fixed and variable: what SES does not charge. */
  readonly infrastructure: number;
}

/** What may be changed about the system, for seeing what that would save. */
export interface Design {
  /** Records that share an invocation and a request to the queue. */
  readonly batch: number;
  /** Which reports of SES come, by detail-type; all when left out. */
  readonly reports?: readonly string[];
  /** Share of the custom metrics that are kept, and of the alarms on them. */
  readonly metrics: number;
  /** Share of the alarms that are kept. */
  readonly alarms: number;
  /** How often a census reads the table in a month. */
  readonly nights: number;
  /** Whether Lambda writes lines of its own at beginning and end of an invocation. */
  readonly platformLog: boolean;
  readonly pollers: number;
}

/** As deployed. */
export const AS_DEPLOYED: Design = {
  batch: 1,
  metrics: 1,
  alarms: 1,
  nights: NIGHTS,
  platformLog: true,
  pollers: POLLERS,
};

/** Metrics that only the nightly census emits: CloudWatch bills a metric by the hour, and only for hours in which it is sent. */
const NIGHTLY: ReadonlySet<string> = new Set(
  [METRIC.openComplaintsOld, METRIC.tooManyDiscounts, METRIC.holdoutUplift].map(({ name }) => name),
);

/** Metrics of which no function says anything while nothing is wrong, and the share of hours in which something is. */
const FAULTS: ReadonlySet<string> = new Set(
  [
    METRIC.eventsRefused,
    METRIC.intakeRefused,
    METRIC.outcomesUnknown,
    // Also in the hours of the morning in which mail leaves that waited for it.
    METRIC.laneStopped,
    METRIC.mailsRejected,
    METRIC.cannotBeMade,
    METRIC.contentKept,
    METRIC.versionConflicts,
  ].map(({ name }) => name),
);
const FAULTY_HOURS = 0.1;
/** Of mails, lost addresses: SES asks for fewer than 2 % of hard bounces and 0.1 % of complaints, and each happens once to an address. */
const LOST_OF_MAILS = 0.011;

/**
 * Combinations of name and dimension's value, as far as they are billed: for each hour in which one is sent.
 *
 * @param busy share of hours in which anything happens, 0 to 1
 * @param mails of the month
 */
function billedMetrics(busy: number, mails: number): number {
  return Object.values(METRIC).reduce((sum, metric) => {
    const combinations = 'by' in metric ? metric.by.values.length : 1;
    // Spread evenly over the programmes, which makes the most of them.
    if (metric.name === METRIC.addressesLost.name)
      return sum + combinations * hoursWithAny((mails * LOST_OF_MAILS) / combinations);
    if (NIGHTLY.has(metric.name)) return sum + combinations / HOURS_A_DAY;
    if (FAULTS.has(metric.name)) return sum + combinations * FAULTY_HOURS * busy;
    // The sweep's is its heartbeat.
    return sum + combinations * (metric.name === METRIC.sweepLag.name ? 1 : busy);
  }, 0);
}

/** Share of the hours of a month in which something happens that happens so often in it: the others are as rare as chance has it. */
function hoursWithAny(happenings: number): number {
  return 1 - Math.exp(-happenings / HOURS);
}

type FunctionInUse = keyof Counted['deployed']['memoryMegabytes'];

/** So many of this and so many of that, each done by one function. */
class Work {
  readonly uses: { readonly name: FunctionInUse; readonly use: Use; readonly times: number }[] = [];

  add(name: FunctionInUse, use: Use, times: number): void {
    this.uses.push({ name, use, times });
  }

  sum(of: (use: Use) => number): number {
    return this.uses.reduce((sum, { use, times }) => sum + of(use) * times, 0);
  }
}

/** @returns the bill of one month, in the currency of the prices */
export function billOf(workload: Workload, counted: Counted, { prices }: PriceList, design = AS_DEPLOYED): Bill {
  const { profiles, events, mails, months, mix } = workload;
  const { deployed, stored } = counted;
  const lines: Line[] = [];
  const add = (kind: Kind, service: string, what: string, price: PriceName, quantity: number) => {
    const { price: each, per } = prices[price];
    lines.push({ kind, service, what, price, quantity, amount: (quantity / per) * each });
  };
  const perEvent = (of: (use: Counted['events'][string]) => number) =>
    mix.reduce((sum, { type, share }) => sum + share * of(costOf(counted, type)), 0);

  const idle = new Work();
  idle.add('sweep', counted.minute, MINUTES);
  const incoming = new Work();
  for (const { type, share } of mix) incoming.add('record', costOf(counted, type), events * share);
  const timers = mails * counted.timersPerMail;
  // All that are due in a minute are announced together: no more announcements than minutes, but for the 26th customer.
  const announcements = Math.min(timers, MINUTES + timers / DUE_BATCH);
  const together = timers === 0 ? 1 : announcements / timers;
  const waking = new Work();
  waking.add('record', alike(counted.timer, together), timers);
  const outgoing = new Work();
  outgoing.add('send', counted.mail, mails);
  const reported = new Work();
  const reports = Object.entries(counted.reportsPerMail)
    .filter(([type]) => design.reports?.includes(type) ?? true)
    .reduce((sum, [, each]) => sum + each, 0);
  reported.add('feedback', counted.report, mails * reports);
  const parts = [
    ['events', incoming],
    ['timers', waking],
    ['mails', outgoing],
    ['reports of SES', reported],
  ] as const;

  const busy = hoursWithAny(events + mails);
  add('fixed', 'CloudWatch', 'custom metrics', 'metricMonth', design.metrics * billedMetrics(busy, mails));
  const watched = deployed.alarmMetrics - (1 - design.metrics) * deployed.ownAlarmMetrics;
  add('fixed', 'CloudWatch', 'alarms', 'alarmMetricMonth', design.alarms * watched);
  const dashboards = Math.max(0, deployed.dashboards - DASHBOARDS_FREE);
  add('fixed', 'CloudWatch', "dashboards beyond the account's third", 'dashboardMonth', dashboards);
  add('fixed', 'Secrets Manager', 'secrets', 'secretMonth', deployed.secrets);
  const polls = deployed.polledQueues * design.pollers * ((HOURS * 3600) / POLL_SECONDS);
  add('fixed', 'SQS', 'asking empty queues', 'queueRequest', polls);
  computing('fixed', 'the sweep of each minute', idle, 1);
  add(
    'fixed',
    'DynamoDB',
    'reads of the sweep',
    'readUnit',
    idle.sum(({ readUnits }) => readUnits),
  );
  const journalled =
    events * perEvent(({ journalBytes }) => (journalBytes === 0 ? 0 : journalBytes + ITEM_OVERHEAD_BYTES));
  const added = journalled + mails * stored.mailBytes;
  const kept = profiles * stored.customerBytes + (months - 1) * added;
  const before = months === 1 ? 'customers' : `customers and ${inWords(months - 1, 'earlier month')}`;
  for (const [kind, what, bytes] of [
    ['fixed', before, kept],
    ['variable', 'journal and ledger of the month', added],
  ] as const) {
    add(kind, 'DynamoDB', what, 'tableGigabyteMonth', bytes / GIGABYTE);
    add(kind, 'DynamoDB', `recovery of ${what}`, 'recoveryGigabyteMonth', bytes / GIGABYTE);
  }
  // An index is stored as a table is, and not among what can be recovered.
  add('fixed', 'DynamoDB', 'both indexes', 'tableGigabyteMonth', (profiles * stored.indexBytes) / GIGABYTE);
  // A page may be a moment old, which costs half.
  const night = counted.nightOfACustomer;
  const read = profiles * (night.readUnits + night.indexBytes / READ_UNIT_BYTES / 2) * design.nights;
  add('fixed', 'DynamoDB', 'reads of the nightly census', 'readUnit', read);
  const pages = Math.ceil(profiles / PAGE_CUSTOMERS) * CENSUS_READINGS;
  const seconds = pages * design.nights * CENSUS_PAGE_SECONDS;
  const censusGigabytes = deployed.memoryMegabytes.census / MEGABYTES_PER_GIGABYTE;
  add('fixed', 'Lambda', 'time of the nightly census', 'gigabyteSecond', seconds * censusGigabytes);
  add('fixed', 'KMS', 'key of the table', 'keyRequest', asked(Infinity, TABLE_KEY_MINUTES, 1));

  // What events and mails add.
  const told = parts.map(([, work]) => work.sum(({ busEvents }) => busEvents));
  const bus = told.reduce((sum, each) => sum + each, 0) - timers + announcements;
  add('variable', 'EventBridge', 'events on the bus', 'busEvent', bus);
  const archived = (events * (perEvent(({ busBytes }) => busBytes) + ENVELOPE_BYTES)) / GIGABYTE;
  add('variable', 'EventBridge', 'events into the archive', 'archivedGigabyte', archived);
  add('variable', 'EventBridge', 'the archive, 30 days', 'archiveGigabyteMonth', archived);
  for (const [what, work] of parts) {
    const messages = work.sum(({ queueMessages }) => queueMessages);
    // Put in one by one; taken out as they come, for Lambda keeps asking while it waits for others; deleted together.
    const requests = messages + messages / design.batch + messages / sharing(work);
    add('variable', 'SQS', `queue of ${what}`, 'queueRequest', requests);
  }
  for (const [what, work] of parts) {
    add(
      'variable',
      'DynamoDB',
      `writes of ${what}`,
      'writeUnit',
      work.sum(({ writeUnits, indexUnits }) => writeUnits + indexUnits),
    );
    add(
      'variable',
      'DynamoDB',
      `reads of ${what}`,
      'readUnit',
      work.sum(({ readUnits }) => readUnits),
    );
  }
  const blocks = Math.ceil(Math.log2(Math.max(1, mails / HOURS / SENDERS)) + 1);
  const reservations = Math.min(mails, HOURS * SENDERS * blocks);
  add('variable', 'DynamoDB', 'writes of the lane', 'writeUnit', reservations * RESERVATION.writeUnits);
  const laneReads = asked(mails, LANE_MINUTES, 1) + reservations * RESERVATION.readUnits;
  add('variable', 'DynamoDB', 'reads of the lane', 'readUnit', laneReads);
  add('variable', 'DynamoDB', 'reads of what is published', 'readUnit', contentReads());
  for (const [what, work] of parts) computing('variable', what, work, sharing(work));
  // The sender reads its key for links twice, for the one before it opens links, too.
  const secretReads =
    asked(events, SECRET_MINUTES, 1) + asked(mails, SECRET_MINUTES, 3) + asked(mails * reports, SECRET_MINUTES, 1);
  add('variable', 'Secrets Manager', 'reads of secrets', 'secretRequest', secretReads);
  const keyReads = asked(events, TABLE_KEY_MINUTES, 1) + asked(mails, TABLE_KEY_MINUTES, 2);
  add('variable', 'KMS', 'key of the table', 'keyRequest', keyReads);

  add('mail', 'SES', 'mails', 'mail', mails);

  const sumOf = (kind: Kind) => lines.filter((line) => line.kind === kind).reduce((sum, { amount }) => sum + amount, 0);
  const [fixed, variable, mail] = [sumOf('fixed'), sumOf('variable'), sumOf('mail')];
  return { lines, fixed, variable, mail, infrastructure: fixed + variable };

  /** Requests for what is kept some minutes by each environment: no more than things happen, nor than it is over. */
  function asked(happenings: number, minutes: number, each: number): number {
    return each * Math.min(happenings, (ENVIRONMENTS * MINUTES) / minutes);
  }

  /**
   * Records that share an invocation at least, however they are spread over the month: a poller ends a batch when it is full
   * or its window is over, and so makes no more of them than windows fit into the month beside those that are full.
   */
  function sharing(work: Work): number {
    const messages = work.sum(({ queueMessages }) => queueMessages);
    const batches = deployed.batches[work.uses[0]?.name ?? 'sweep'];
    if (messages === 0 || batches === undefined || batches.windowSeconds === 0) return design.batch;
    const most = messages / batches.size + (design.pollers * HOURS * 3600) / batches.windowSeconds;
    return Math.max(design.batch, messages / most);
  }

  function contentReads(): number {
    return (
      asked(events, CONTENT_MINUTES, 1) + asked(mails, CONTENT_MINUTES, 1) + asked(mails * reports, CONTENT_MINUTES, 1)
    );
  }

  function computing(kind: Kind, what: string, work: Work, batch: number): void {
    const invocations = work.sum((use) => use.invocations) / batch;
    add(kind, 'Lambda', `invocations for ${what}`, 'invocation', invocations);
    const gigabyteSeconds = work.uses.reduce((sum, { name, use, times }) => {
      const memory = deployed.memoryMegabytes[name];
      const ms = milliseconds(use, memory, batch);
      return sum + (times * ms * memory) / MS_PER_SECOND / MEGABYTES_PER_GIGABYTE;
    }, 0);
    add(kind, 'Lambda', `time of ${what}`, 'gigabyteSecond', gigabyteSeconds);
    const own = work.sum(({ logBytes, logLines }) => logBytes + logLines * LOG_LINE_OVERHEAD_BYTES);
    const loud = work.uses.filter(({ name }) => deployed.platformLog[name]);
    const started = loud.reduce((sum, { use, times }) => sum + use.invocations * times, 0) / batch;
    const platform = design.platformLog
      ? started * (PLATFORM_LOG_BYTES + PLATFORM_LOG_LINES * LOG_LINE_OVERHEAD_BYTES)
      : 0;
    const logged = (own + platform) / GIGABYTE;
    add(kind, 'CloudWatch', `logs of ${what}`, 'logGigabyte', logged);
    add(kind, 'CloudWatch', `logs of ${what}, kept`, 'logGigabyteMonth', logged * LOG_COMPRESSION);
  }
}

/** A use of which the announcement, its message and invocation are shared with others. */
function alike(use: Use, share: number): Use {
  return {
    ...use,
    invocations: use.invocations * share,
    queueMessages: use.queueMessages * share,
    logBytes: use.logBytes * share,
    logLines: use.logLines * share,
  };
}

/** Billed for one of something: what waits for AWS, and what a share of a processor computes. */
function milliseconds({ invocations, requests }: Use, memory: number, batch: number): number {
  const slower = MEGABYTES_PER_CPU / memory;
  const { dynamodb, events, ses } = requests;
  const waiting = dynamodb * WAIT_MS.dynamodb + events * WAIT_MS.events + ses * WAIT_MS.ses;
  const each = (invocations / batch) * (INVOCATION_CPU_MS + LOAD_CPU_MS / COLD_ONE_IN);
  return waiting + slower * ((dynamodb + events + ses) * REQUEST_CPU_MS + each);
}

function costOf({ events }: Counted, type: string): Counted['events'][string] {
  const found = events[type];
  if (found === undefined) throw new RangeError(`nobody has counted what ${type} costs`);
  return found;
}
