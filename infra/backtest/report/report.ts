/**
 * What a backtest has found, as `report.json` holds it and the page shows it: plain data, nothing in it that names a
 * person but the customers' ids of the examples. Times are ISO 8601 in UTC, money is in minor units by currency, shares
 * and probabilities are 0 to 1; what is not known or never happens is null once it is written.
 */
import type { CadencePolicy } from '../../../shared/lifecycle/cadence/cadence.ts';
import type { MoneyByCurrency } from '../../../shared/lifecycle/facts/money.ts';
import { type Holdout, isHeldOut } from '../../../shared/lifecycle/customer/permit.ts';
import { customerRegistered } from '../../../shared/lifecycle/events/customer-registered.ts';
import { purchaseCompleted } from '../../../shared/lifecycle/events/purchase-completed.ts';
import type { CustomerEvent } from '../../../shared/lifecycle/events/definition.ts';
import type { Entry, LivingStory } from '../../../shared/lifecycle/explain/story.ts';
import { byStage, type Stage } from '../../../shared/lifecycle/stage.ts';
import { DAY, type Instant } from '../../../shared/lifecycle/time.ts';
import type { BadRow } from '../../history/bad-rows.ts';
import { ROWS_TOLD } from '../../history/file-readings.ts';
import type { OrderLog } from '../../history/order-log.ts';
import type { Reading } from '../../history/reading.ts';
import type { Change } from '../changes.ts';
import type { OfferBill } from '../offer-costs.ts';
import type { Proposal } from '../proposal.ts';
import type { Scored } from '../scoring/score.ts';
import { type Example, type Simulated } from '../simulation.ts';
import { type Quota, type QuotaUse, useOf } from '../tally.ts';

/** By this a report knows one of its own kind: it overwrites nothing else. */
export const MADE = 'Backtest by Perennial';

/** A file that was read. */
export interface FileRead {
  readonly name: string;
  readonly rows: number;
  readonly refused: {
    readonly total: number;
    readonly first: readonly BadRow[];
    readonly byReason: Readonly<Record<string, number>>;
  };
  readonly encoding: string;
  readonly delimiter: string;
  /** Names of the columns by field. */
  readonly columns: Readonly<Record<string, string>>;
  readonly timeZone: string;
  /** Of amounts that name none. */
  readonly currency: string;
  readonly notes: readonly string[];
}

/** A line of an example's story, oldest first. */
interface Told {
  readonly at: string;
  readonly kind: Entry['kind'];
  readonly title: string;
  readonly detail: string;
  /** Of a stage: which one began. */
  readonly stage?: Stage;
  /** Of an event: it is an order. */
  readonly isOrder?: true;
  /** Of a message: the mail would have gone out. */
  readonly isSent?: boolean;
}

export interface ToldCustomer {
  readonly customerId: string;
  readonly shows: string;
  readonly stage: Stage;
  readonly reasons: readonly string[];
  readonly entries: readonly Told[];
}

interface PeakTold {
  readonly from: string;
  readonly mails: number;
}

export interface Report extends Pick<
  Scored,
  'verdict' | 'scoring' | 'gains' | 'evidence' | 'fit' | 'calibration' | 'thresholds' | 'decided' | 'alarms'
> {
  readonly made: typeof MADE;
  readonly shop: {
    readonly name: string;
    readonly people: number;
    readonly orders: number;
    /** Orders whose amount the file does not tell. */
    readonly amountsUnknown: number;
    readonly from: string;
    readonly to: string;
    /** People in the other files who have no order; nothing is played of them. */
    readonly withoutOrder: number;
  };
  readonly files: readonly FileRead[];
  readonly asked: {
    /** The last UTC day the rules knew. */
    readonly cut: string;
    readonly horizonDays: number;
    readonly seed: string;
    /** In the playbook that was played. */
    readonly cadence: CadencePolicy['rule'];
  };
  readonly populationGapDays: number;
  /** Counts are of everybody; where only a part was played, scaled. */
  readonly simulation: {
    /** People who were played. */
    readonly played: number;
    readonly from: string;
    readonly to: string;
    /** End of each week. */
    readonly weeks: readonly string[];
    /** People at the end of each week. */
    readonly stages: Readonly<Record<Stage, readonly number[]>>;
    readonly stagesAtEnd: Readonly<Record<Stage, number>>;
    /** Mails in each week, by programme. */
    readonly mails: Readonly<Record<string, readonly number[]>>;
    readonly mailsByStep: Readonly<Record<string, number>>;
    readonly sent: number;
    readonly withheld: Readonly<Record<string, number>>;
    readonly cancelled: Readonly<Record<string, number>>;
    readonly failed: Readonly<Record<string, number>>;
    readonly busiestHour: PeakTold;
    readonly busiestDay: PeakTold;
    readonly quota: Quota;
    readonly quotaUse: QuotaUse;
  };
  readonly holdout: {
    readonly share: number;
    readonly people: number;
    /** Promotional mails they did not get. */
    readonly mails: number;
    /** What they have ordered in the file, as far as amounts are known. */
    readonly pastRevenue: MoneyByCurrency;
    /** Their orders whose amount the file does not tell: so many are missing from `pastRevenue`. */
    readonly amountsUnknown: number;
  };
  readonly offers: readonly OfferBill[];
  readonly examples: readonly ToldCustomer[];
  /** Absent when there is not enough data for one. */
  readonly proposal?: Proposal & { readonly changes: readonly Change[] };
}

export interface Findings {
  readonly name: string;
  readonly log: OrderLog;
  readonly withoutOrder: number;
  readonly files: readonly { readonly file: string; readonly reading: Reading }[];
  readonly cadence: CadencePolicy['rule'];
  readonly holdout: Holdout;
  readonly quota: Quota;
  readonly seed: string;
  readonly scored: Scored;
  readonly simulated: Simulated;
  /** People who were played; what was simulated is scaled to everybody. */
  readonly played: number;
  readonly proposal: (Proposal & { readonly changes: readonly Change[] }) | undefined;
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}

function fileRead(file: string, { rows, bad, format }: Reading): FileRead {
  const { header: _header, ...found } = format;
  const refused = {
    total: bad.total,
    first: bad.kept.slice(0, ROWS_TOLD),
    byReason: Object.fromEntries(bad.byReason),
  };
  return { name: file, rows, refused, ...found };
}

/** Whom a holdout takes out of promotion, all of them and not those of a sample, and what they have ordered so far. */
function heldOutOf(
  { customers, starts, minor, currency, currencies }: OrderLog,
  holdout: Holdout,
): Pick<Report['holdout'], 'people' | 'pastRevenue' | 'amountsUnknown'> {
  let [people, amountsUnknown] = [0, 0];
  const sums = new Float64Array(currencies.length);
  for (const [customer, customerId] of customers.entries()) {
    const [from = 0, to = 0] = [starts[customer], starts[customer + 1]];
    if (from === to || !isHeldOut(customerId, holdout)) continue;
    people += 1;
    for (let order = from; order < to; order += 1) {
      const [amount, code] = [minor[order] ?? Number.NaN, currency[order] ?? 0];
      if (Number.isNaN(amount)) amountsUnknown += 1;
      else sums[code] = (sums[code] ?? 0) + amount;
    }
  }
  const known = currencies.flatMap((code, index): [string, number][] => {
    const sum = sums[index] ?? 0;
    return sum === 0 ? [] : [[code, sum]];
  });
  return { people, pastRevenue: Object.fromEntries(known), amountsUnknown };
}

function shopOf({ name, log, withoutOrder }: Findings): Report['shop'] {
  let [people, from, to, amountsUnknown] = [0, Infinity, -Infinity, 0];
  // Somebody whose every row was refused is known by name, and has not ordered.
  for (const customer of log.customers.keys()) {
    if ((log.starts[customer] ?? 0) < (log.starts[customer + 1] ?? 0)) people += 1;
  }
  for (const at of log.at) {
    if (at < from) from = at;
    if (at > to) to = at;
  }
  for (const each of log.minor) if (Number.isNaN(each)) amountsUnknown += 1;
  return {
    name,
    people,
    orders: log.at.length,
    amountsUnknown,
    from: iso(from),
    to: iso(to),
    withoutOrder,
  };
}

/** "42.5 EUR"; nothing where the export does not tell what the order came to, or told of none. */
function amountOf({ data }: CustomerEvent): string {
  const { success, data: order } = purchaseCompleted.data.safeParse(data);
  return success && order.total > 0 ? `${order.total} ${order.currency}` : '';
}

function toldEntry(entry: Entry): Told | undefined {
  const { kind, title } = entry;
  const at = iso(entry.at);
  switch (kind) {
    case 'event': {
      // Made up for the play, with an address that nobody owns.
      if (entry.event.type === customerRegistered.type) return undefined;
      if (entry.event.type !== purchaseCompleted.type) return { at, kind, title, detail: entry.detail };
      return { at, kind, title: 'Order', detail: amountOf(entry.event), isOrder: true };
    }
    case 'stage':
      return { at, kind, title, detail: entry.detail, stage: entry.stage };
    case 'message': {
      const { state, sentence, because } = entry.message;
      const isSent = state === 'sent';
      // "Sent" would be a lie: nobody was mailed.
      return { at, kind, title, detail: [...(isSent ? [] : [sentence]), ...because].join(' '), isSent };
    }
    default:
      return entry satisfies never;
  }
}

function toldCustomer({ shows, story }: Example): ToldCustomer {
  const { customerId, stage, reasons }: LivingStory = story;
  const entries = story.entries.toReversed().flatMap((entry) => toldEntry(entry) ?? []);
  return { customerId, shows, stage, reasons, entries };
}

function simulationOf({ simulated, quota, played }: Findings): Report['simulation'] {
  const { from, to, weeks, stages, stagesAtEnd, mails, mailsByStep, sent, withheld, cancelled, failed } = simulated;
  const { busiestHour, busiestDay } = simulated;
  return {
    played,
    from: iso(from),
    to: iso(to),
    weeks: weeks.map(iso),
    stages: byStage((stage): readonly number[] => Array.from(stages[stage])),
    stagesAtEnd,
    mails: Object.fromEntries(Object.entries(mails).map(([programme, each]) => [programme, Array.from(each)])),
    mailsByStep,
    sent,
    withheld,
    cancelled,
    failed,
    busiestHour: { ...busiestHour, from: iso(busiestHour.from) },
    busiestDay: { ...busiestDay, from: iso(busiestDay.from) },
    quota,
    quotaUse: useOf(quota, simulated),
  };
}

/** Nothing but what a report tells: whoever proposes may know more. */
function proposed({ policy, criteria, changes }: NonNullable<Report['proposal']>): NonNullable<Report['proposal']> {
  return { policy, criteria, changes };
}

export function reportOf(findings: Findings): Report {
  const { scored, simulated, proposal, seed, cadence, holdout, log, files } = findings;
  const { cutDay, horizon, populationGap, ...scores } = scored;
  return {
    made: MADE,
    shop: shopOf(findings),
    files: files.map(({ file, reading }) => fileRead(file, reading)),
    asked: { cut: iso(cutDay * DAY).slice(0, 'yyyy-mm-dd'.length), horizonDays: horizon, seed, cadence },
    ...scores,
    populationGapDays: populationGap,
    simulation: simulationOf(findings),
    holdout: { ...simulated.holdout, ...heldOutOf(log, holdout) },
    offers: simulated.offers,
    examples: simulated.examples.map(toldCustomer),
    ...(proposal !== undefined && { proposal: proposed(proposal) }),
  };
}
