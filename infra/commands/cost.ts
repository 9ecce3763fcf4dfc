/** The command line of `npm run cost`: the bill of a month, from counted use and listed prices. */
import { resolve } from 'node:path';
import { billOf, type Workload } from '../cost/bill.ts';
import { billInWords } from '../cost/bill-words.ts';
import { readCounted } from '../cost/counted.ts';
import { halvingOf, leanBill, leversOf } from '../cost/levers.ts';
import { MIX_FILE, readMix } from '../cost/mix.ts';
import { PRICES_FILE, readPrices } from '../cost/prices.ts';
import { UsageError } from '../local/usage-error.ts';
import { readArguments } from '../target.ts';

const USUAL = { profiles: 100_000, events: 1_000_000, mails: 400_000, months: 1 } as const;
const MONTHS_A_YEAR = 12;

const HELP = `Says what a month costs, line by line, and what would make it less.

  npm run cost
  npm run cost -- --profiles 20000 --events 150000 --mails 60000
  npm run cost -- --months 24

What happens is counted in the local twin by a test; prices are those of a file. No account is asked, and nothing is changed.

  --profiles N   customers in the table (default ${USUAL.profiles.toLocaleString('en')})
  --events M     events of the shop in a month (default ${USUAL.events.toLocaleString('en')})
  --mails K      mails in a month (default ${USUAL.mails.toLocaleString('en')})
  --months N     which month of the deployment: journal and ledger grow (default ${USUAL.months}, the first)
  --mix FILE     which events those are (default infra/cost/mix.json)
  --prices FILE  prices of another region or day (default shared/contracts/prices.json)
  --json         the bill as JSON
  --help         this text

Exit codes: 0 done, 1 a fault, 2 something in the command to put right.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  profiles: { type: 'string' },
  events: { type: 'string' },
  mails: { type: 'string' },
  months: { type: 'string' },
  mix: { type: 'string' },
  prices: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** @throws UsageError */
export async function costCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, OPTIONS);
  if (values.help === true) return HELP;
  const [stray] = positionals;
  if (stray !== undefined) throw new UsageError(`expected options only, found "${stray}"; --help explains the command`);
  const counted = readCounted();
  const prices = await readPrices(resolve(values.prices ?? PRICES_FILE));
  const number = (name: keyof typeof USUAL, least = 0) => numberOf(name, values[name], USUAL[name], least);
  const workload: Workload = {
    profiles: number('profiles'),
    events: number('events'),
    mails: number('mails'),
    months: number('months', 1),
    mix: await readMix(resolve(values.mix ?? MIX_FILE), counted),
  };
  const bill = billOf(workload, counted, prices);
  if (values.json === true) {
    const { region, date, currency } = prices;
    return JSON.stringify({ workload, region, date, currency, ...bill }, undefined, 2);
  }
  const later = billOf({ ...workload, months: Math.max(MONTHS_A_YEAR, workload.months) }, counted, prices);
  const levers = leversOf(workload, counted, prices);
  return billInWords({
    workload,
    bill,
    later,
    levers,
    lean: leanBill(workload, counted, prices),
    halving: halvingOf(workload, counted, prices),
    prices,
  });
}

/** @throws UsageError */
function numberOf(name: string, text: string | undefined, usual: number, least: number): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (!/^\d{1,12}$/u.test(text) || value < least)
    throw new UsageError(`--${name}: expected a whole number from ${least}, found "${text}"`);
  return value;
}
