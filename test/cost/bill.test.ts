/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
/** The bill as computed from what was counted: the budget it has to keep, and that nothing is lost on the way to it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PROJECT } from '../../infra/cache.ts';
import { costCommand } from '../../infra/commands/cost.ts';
import { billOf, type Workload } from '../../infra/cost/bill.ts';
import { readCounted } from '../../infra/cost/counted.ts';
import { halvingOf, leanBill, leversOf } from '../../infra/cost/levers.ts';
import { MIX_FILE, readMix } from '../../infra/cost/mix.ts';
import { PRICES_FILE, readPrices } from '../../infra/cost/prices.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { LEASE_SECONDS } from '../../shared/contracts/timing.ts';

const counted = readCounted();
const prices = await readPrices(PRICES_FILE);
const mix = await readMix(MIX_FILE, counted);
const SHOP: Workload = { profiles: 100_000, events: 1_000_000, mails: 400_000, months: 1, mix };

const directory = mkdtempSync(path.join(tmpdir(), 'cost-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function fileWith(content: unknown): string {
  const file = path.join(mkdtempSync(path.join(directory, 'f')), 'file.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

describe('a shop of 100,000 customers with a million events and 400,000 mails a month', () => {
  const bill = billOf(SHOP, counted, prices);

  it('costs 30 dollars at most beside what SES takes, of which events and mails 12', () => {
    expect(bill.infrastructure).toBeLessThanOrEqual(30);
    expect(bill.variable).toBeLessThanOrEqual(12);
    expect(bill.mail).toBeCloseTo(40, 6);
  });

  it('costs in its first month and in its twelfth what docs/cost.md says', () => {
    const said = readFileSync(path.join(PROJECT, 'docs/cost.md'), 'utf8').replaceAll('\n', ' ');
    const later = billOf({ ...SHOP, months: 12 }, counted, prices);
    expect(said).toContain(`It costs ${bill.infrastructure.toFixed(2)} in the first month.`);
    expect(said).toContain(`the twelfth month costs ${later.infrastructure.toFixed(2)}:`);
  });

  it('pays for what each sender asks three times a minute, and for what lies in both indexes', () => {
    const quantityOf = (what: string) => bill.lines.find((line) => line.what === what)?.quantity ?? NaN;
    expect(quantityOf('reads of the lane')).toBeGreaterThan(2 * 730 * 60 * 3);
    // Two entries of a customer, with a hundred bytes each that DynamoDB adds.
    expect(quantityOf('both indexes') * 2 ** 30).toBeGreaterThan(SHOP.profiles * 2 * 100);
  });

  it('costs what its lines add up to', () => {
    const sum = bill.lines.reduce((all, { amount }) => all + amount, 0);
    expect(sum).toBeCloseTo(bill.fixed + bill.variable + bill.mail, 6);
    expect(bill.infrastructure).toBeCloseTo(bill.fixed + bill.variable, 6);
  });

  it('has a line for each price, at that price', () => {
    const used = new Set(bill.lines.map(({ price }) => price));
    expect([...used].toSorted()).toEqual(Object.keys(prices.prices).toSorted());
    for (const { price, quantity, amount } of bill.lines) {
      const { price: each, per } = prices.prices[price];
      expect(amount).toBeCloseTo((quantity * each) / per, 9);
    }
  });

  it('pays for every event that any part puts on the bus, in batches of customers that are due together', () => {
    const onBus = bill.lines.find(({ price }) => price === 'busEvent')?.quantity ?? 0;
    expect(onBus).toBeGreaterThan(SHOP.events + SHOP.mails);
    const timers = SHOP.mails * counted.timersPerMail;
    expect(onBus).toBeLessThan(SHOP.events + SHOP.mails + timers);
  });

  it('grows with its history, for journal and ledger are kept; the census reads customers, whatever their history', () => {
    const later = billOf({ ...SHOP, months: 12 }, counted, prices);
    expect(later.fixed).toBeGreaterThan(bill.fixed + 1.5);
    // A year of it is within the budget.
    expect(later.infrastructure).toBeLessThanOrEqual(30);
    const readings = (of: typeof bill) => of.lines.find(({ what }) => what === 'reads of the nightly census')?.quantity;
    expect(readings(later)).toBe(readings(bill));
    expect(later.variable).toBe(bill.variable);
  });
});

describe('reports of SES', () => {
  const invocationsOf = (mails: number) =>
    billOf({ ...SHOP, mails }, counted, prices).lines.find(({ what }) => what === 'invocations for reports of SES')
      ?.quantity ?? NaN;
  const { feedback } = counted.deployed.batches;

  it('share invocations as far as their window makes them, however they are spread', () => {
    const reports = 2 * SHOP.mails;
    const windows = (5 * 730 * 3600) / (feedback?.windowSeconds ?? NaN);
    expect(invocationsOf(SHOP.mails)).toBeCloseTo(reports / 10 + windows, 0);
    // So few that each may come alone; and so many that all batches may be full but those of each window.
    expect(invocationsOf(1000)).toBeCloseTo(2000, 6);
    expect(invocationsOf(1e8) / 2e8).toBeCloseTo(0.1, 1);
  });

  it('come long before the lease of a claim ends whose answer was lost', () => {
    expect(feedback?.windowSeconds).toBeLessThanOrEqual(LEASE_SECONDS / 4);
  });
});

describe('a shop in which nothing happens', () => {
  it('pays nothing for events and mails, and little for metrics nobody sends', () => {
    const bill = billOf({ ...SHOP, events: 0, mails: 0 }, counted, prices);
    expect(bill.variable).toBe(0);
    expect(bill.mail).toBe(0);
    const metrics = bill.lines.find(({ price }) => price === 'metricMonth')?.quantity;
    expect(metrics).toBeCloseTo(1 + 3 / 24, 6);
  });
});

describe('twice as much', () => {
  it.each(['events', 'mails'] as const)('of %s costs more, and at most twice as much', (what) => {
    const [once, twice] = [1, 2].map(
      (times) => billOf({ ...SHOP, [what]: times * SHOP[what] }, counted, prices).variable,
    );
    expect(twice).toBeGreaterThan(once ?? NaN);
    expect(twice).toBeLessThan(2 * (once ?? NaN));
  });
});

describe('what would make it less', () => {
  it('does so, each alone and all the more together', () => {
    const levers = leversOf(SHOP, counted, prices);
    expect(levers.filter(({ saves }) => saves < 0.1)).toEqual([]);
    const now = billOf(SHOP, counted, prices).infrastructure;
    const lean = leanBill(SHOP, counted, prices).infrastructure;
    expect(now - lean).toBeGreaterThan(Math.max(...levers.map(({ saves }) => saves)));
  });

  it('says what halves it: as few as do, and not one fewer', async () => {
    const { infrastructure } = billOf(SHOP, counted, prices);
    const halving = halvingOf(SHOP, counted, prices);
    expect(halving?.infrastructure).toBeLessThanOrEqual(infrastructure / 2);
    expect(await costCommand([])).toContain(`the first ${halving?.levers} of these together`);
    // Of a small shop almost all is what is there whatever happens.
    const quiet = halvingOf({ ...SHOP, events: 0, mails: 0 }, counted, prices);
    expect(quiet?.levers ?? Infinity).not.toBe(halving?.levers);
  });
});

describe('the mix', () => {
  it('has twenty looks for each order', () => {
    const shareOf = (type: string) => mix.find((each) => each.type === type)?.share ?? NaN;
    expect(shareOf('Product Viewed') / shareOf('Purchase Completed')).toBeCloseTo(20, 6);
  });
});

describe('npm run cost', () => {
  it('prints a line for each item and the sums', async () => {
    const text = await costCommand([]);
    const bill = billOf(SHOP, counted, prices);
    for (const { what } of bill.lines) expect(text).toContain(what);
    expect(text).toMatch(new RegExp(`without what SES takes +${bill.infrastructure.toFixed(2)}\n`, 'u'));
    expect(text).toContain('prices of 2026-11-22');
  });

  it('reckons with the options, and gives JSON', async () => {
    const text = await costCommand(['--profiles', '10', '--events', '20', '--mails', '30', '--months', '4', '--json']);
    const workload = { profiles: 10, events: 20, mails: 30, months: 4, mix };
    expect(JSON.parse(text)).toMatchObject({
      workload,
      infrastructure: billOf(workload, counted, prices).infrastructure,
    });
  });

  it('reckons with the prices of another region', async () => {
    const { writeUnit } = prices.prices;
    const dearer = { ...prices, prices: { ...prices.prices, writeUnit: { ...writeUnit, price: 2 * writeUnit.price } } };
    const text = await costCommand(['--prices', fileWith(dearer), '--json']);
    const writes = (lines: readonly { price: string; amount: number }[]) =>
      lines.filter(({ price }) => price === 'writeUnit').reduce((sum, { amount }) => sum + amount, 0);
    expect(writes(JSON.parse(text).lines)).toBeCloseTo(2 * writes(billOf(SHOP, counted, prices).lines), 6);
  });

  it.each([
    [['--events', 'many'], '--events: expected a whole number from 0, found "many"'],
    [['--events=-1'], '--events: expected a whole number from 0'],
    [['--months', '0'], '--months: expected a whole number from 1, found "0"'],
    [['1000000'], 'expected options only, found "1000000"'],
    [['--prices', '/nowhere.json'], '--prices: cannot read'],
    [['--prices', fileWith({ ...prices, prices: {} })], 'prices.busEvent'],
    [['--mix', fileWith('{')], '--mix:'],
    [['--mix', fileWith([{ type: 'Shelf Dusted', share: 1 }])], 'found "Shelf Dusted"'],
    [['--mix', fileWith([{ type: 'Login Succeeded', share: 0.5 }])], 'add up to 1, found 0.5'],
  ])('%j: says what was expected', async (args, message) => {
    const said = await costCommand(args).catch((error: unknown) => error);
    expect(said).toBeInstanceOf(UsageError);
    expect(String(said)).toContain(message);
  });
});
