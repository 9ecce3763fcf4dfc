/** What came of a play: for people as lines, for programs as JSON whose keys are sorted, so that two runs compare. */
import { byCodeUnit } from './delivery.ts';

export type Counts = Readonly<Record<string, number>>;

/** What the customers table holds at the end. */
export interface Headcount {
  readonly customers: number;
  /** Customers per stage. */
  readonly stages: Counts;
  /** Sent messages per `programme/step`. */
  readonly mails: Counts;
  /** Messages per reason. */
  readonly withheld: Counts;
  readonly cancelled: Counts;
}

export interface Summary extends Headcount {
  /** Distinct accepted orders, logins and complaints. */
  readonly events: number;
  /** Messages per dead-letter queue; queues without any are left out. */
  readonly deadLetters: Counts;
  readonly elapsedSeconds: number;
}

/** @param deadLettered messages that ever went to each dead-letter queue, whether or not they are still there */
export function summaryOf(
  events: number,
  headcount: Headcount,
  deadLettered: ReadonlyMap<string, number>,
  elapsedSeconds: number,
): Summary {
  return {
    events,
    customers: headcount.customers,
    stages: sorted(headcount.stages),
    mails: sorted(headcount.mails),
    withheld: sorted(headcount.withheld),
    cancelled: sorted(headcount.cancelled),
    deadLetters: sorted(Object.fromEntries([...deadLettered].filter(([, count]) => count > 0))),
    elapsedSeconds,
  };
}

function sorted(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).toSorted(([left], [right]) => byCodeUnit(left, right)));
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The summary as lines of text without a trailing line break. */
export function summaryLines(summary: Summary): string[] {
  const number = new Intl.NumberFormat('en');
  const table = (title: string, counts: Counts, none: string): string[] => {
    const rows = Object.entries(counts);
    if (rows.length === 0) return [`${title}: ${none}`];
    const names = Math.max(...rows.map(([name]) => name.length));
    const figures = Math.max(...rows.map(([, count]) => number.format(count).length));
    return [
      `${title}: ${number.format(total(counts))}`,
      ...rows.map(([name, count]) => `  ${name.padEnd(names)}  ${number.format(count).padStart(figures)}`),
    ];
  };
  return [
    `${number.format(summary.events)} events of ${number.format(summary.customers)} customers in ${summary.elapsedSeconds} s`,
    '',
    ...table('Customers per stage', summary.stages, 'nobody'),
    '',
    ...table('Mails sent', summary.mails, 'none'),
    '',
    ...table('Withheld, by reason', summary.withheld, 'none'),
    '',
    ...table('Cancelled, by reason', summary.cancelled, 'none'),
    '',
    ...table('Dead-lettered, by queue', summary.deadLetters, 'nothing'),
  ];
}
