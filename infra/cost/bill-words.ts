/** The bill in the lines of a terminal. */
import type { Bill, Kind, Workload } from './bill.ts';
import type { Halving, Lever } from './levers.ts';
import type { PriceList } from './prices.ts';

/** Widths of columns. */
const SERVICE = 17;
const WHAT = 48;
const QUANTITY = 14;
const AMOUNT = 10;

/** Shares of services that are worth a word. */
const WORTH_SAYING = 0.05;
const MONTHS_A_YEAR = 12;

const HEADINGS: Readonly<Record<Kind, string>> = {
  fixed: 'What does not grow with what happens in the month',
  variable: 'What its events and mails add',
  mail: 'What SES takes for the mails',
};

export interface Told {
  readonly workload: Workload;
  readonly bill: Bill;
  /** The same month a year after the beginning. */
  readonly later: Bill;
  readonly levers: readonly Lever[];
  readonly lean: Bill;
  readonly halving: Halving | undefined;
  readonly prices: PriceList;
}

export function billInWords({ workload, bill, later, levers, lean, halving, prices }: Told): string {
  const { profiles, events, mails, months } = workload;
  const { region, date, currency } = prices;
  const laterMonth = Math.max(MONTHS_A_YEAR, months);
  const part = (kind: Kind, sum: number) => [
    HEADINGS[kind],
    ...bill.lines
      .filter((line) => line.kind === kind)
      .map(
        ({ service, what, quantity, amount }) =>
          `  ${service.padEnd(SERVICE)}${what.padEnd(WHAT)}${amountOf(quantity).padStart(QUANTITY)}${money(amount)}`,
      ),
    total('', sum),
    '',
  ];
  return [
    `${count(profiles)} profiles, ${count(events)} events and ${count(mails)} mails a month, in month ${months}; ${currency}, ${region}, prices of ${date}, no free tier`,
    '',
    ...part('fixed', bill.fixed),
    ...part('variable', bill.variable),
    ...part('mail', bill.mail),
    total('Infrastructure, without what SES takes', bill.infrastructure),
    total('Everything', bill.infrastructure + bill.mail),
    total(`Infrastructure in month ${laterMonth} at this pace: journal and ledger grow`, later.infrastructure),
    '',
    'Where the money goes',
    ...sharesOf(bill).map((line) => `  ${line}`),
    '',
    'What would make it less, each alone',
    ...levers.flatMap(({ change, price, saves }) => [
      `${money(saves)}  ${change}`,
      `${''.padStart(AMOUNT)}  (${price})`,
    ]),
    `  All of it: ${lean.infrastructure.toFixed(2)} instead of ${bill.infrastructure.toFixed(2)}.`,
    halving === undefined
      ? '  Not even all of it halves the bill.'
      : `  To halve it takes the first ${halving.levers} of these together: ${halving.infrastructure.toFixed(2)}.`,
    '',
    'Requests, units, messages and bytes are counted in the twin, each thing alone. Assumed are what a laptop cannot count:',
    'milliseconds, pollers, environments and cold starts. docs/cost.md names each assumption.',
  ].join('\n');
}

function money(amount: number): string {
  return amount.toFixed(2).padStart(AMOUNT);
}

function total(what: string, amount: number): string {
  return `${what.padEnd(2 + SERVICE + WHAT + QUANTITY)}${money(amount)}`;
}

/** Services by their share of the infrastructure, the dearest first. */
function sharesOf({ lines, infrastructure }: Bill): readonly string[] {
  const sums = new Map<string, number>();
  for (const { kind, service, amount } of lines)
    if (kind !== 'mail') sums.set(service, (sums.get(service) ?? 0) + amount);
  return [...sums]
    .toSorted(([, a], [, b]) => b - a)
    .filter(([, sum]) => sum >= WORTH_SAYING * infrastructure)
    .map(([service, sum]) => `${Math.round((100 * sum) / infrastructure)} % ${service}`);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

/** A few digits of what is small, none of what is large. */
function amountOf(quantity: number): string {
  return quantity.toLocaleString('en', { maximumFractionDigits: quantity < 100 ? 2 : 0 });
}
