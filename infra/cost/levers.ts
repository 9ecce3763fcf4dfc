/** What would make the bill smaller: each change alone, reckoned by the same bill, with what one would give up for it. */
import { AS_DEPLOYED, type Bill, billOf, type Design, type Workload } from './bill.ts';
import type { Counted } from './counted.ts';
import type { PriceList } from './prices.ts';

export interface Lever {
  readonly change: string;
  readonly price: string;
  /** Less in a month. */
  readonly saves: number;
}

const WEEKS = 52 / 12;

const CHANGES: readonly (Omit<Lever, 'saves'> & { readonly design: Partial<Design> })[] = [
  {
    change: 'ten records an invocation instead of one, by longer batching windows',
    price: 'stages and reports are some seconds later; in busy hours it is so already',
    design: { batch: 10 },
  },
  {
    change: 'no metrics of our own, and no alarms on them',
    price:
      'figures only by the saved queries; alarms only on what AWS counts itself: queues, errors, throttles, reputation',
    design: { metrics: 0 },
  },
  {
    change: 'a third of the alarms: dead letters, errors of functions, reputation',
    price: 'lateness, throttling and slowness are seen on the dashboard or not at all',
    design: { alarms: 1 / 3 },
  },
  {
    change: 'a census each week instead of each night',
    price: 'key accounts, uplift and old complaints are up to a week late',
    design: { nights: WEEKS },
  },
  {
    change: 'no reports of deliveries (sesEvents)',
    price: 'nobody sees whether a mail arrived; an address that bounced in passing stays doubtful for longer',
    design: { reports: ['Email Sent'] },
  },
  {
    change: "without Lambda's own log lines",
    price: 'no durations and cold starts by query; the metrics of Lambda remain',
    design: { platformLog: false },
  },
  {
    change: 'two pollers a queue instead of five, without a maximum concurrency',
    price: 'nothing bounds how fast mail is handed to SES; Lambda decides when it scales down',
    design: { pollers: 2 },
  },
];

/** The most saving first. */
export function leversOf(workload: Workload, counted: Counted, prices: PriceList): readonly Lever[] {
  const now = billOf(workload, counted, prices).infrastructure;
  return CHANGES.map(({ change, price, design }) => {
    const then = billOf(workload, counted, prices, { ...AS_DEPLOYED, ...design });
    return { change, price, saves: now - then.infrastructure };
  }).toSorted((a, b) => b.saves - a.saves);
}

export interface Halving {
  /** How many of the levers, beginning with the most saving. */
  readonly levers: number;
  /** Infrastructure of a month with all of them. */
  readonly infrastructure: number;
}

/** @returns the fewest levers that halve the bill, or undefined where all of them together do not */
export function halvingOf(workload: Workload, counted: Counted, prices: PriceList): Halving | undefined {
  const half = billOf(workload, counted, prices).infrastructure / 2;
  let design = AS_DEPLOYED;
  for (const [index, { change }] of leversOf(workload, counted, prices).entries()) {
    design = { ...design, ...CHANGES.find((each) => each.change === change)?.design };
    const { infrastructure } = billOf(workload, counted, prices, design);
    if (infrastructure <= half) return { levers: index + 1, infrastructure };
  }
  return undefined;
}

/** All changes together. */
export function leanBill(workload: Workload, counted: Counted, prices: PriceList): Bill {
  const design = CHANGES.reduce((all, each) => ({ ...all, ...each.design }), AS_DEPLOYED);
  return billOf(workload, counted, prices, design);
}
