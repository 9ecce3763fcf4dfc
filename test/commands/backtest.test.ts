/** `npm run backtest` as a person would use it: on the public CDNOW sample, and on shops of which the truth is known. */
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { backtestCommand } from '../../infra/commands/backtest.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { shop } from '../backtest/order-logs.ts';
import { writeOrders } from '../support/order-file.ts';
import { requestsOf } from '../support/page-requests.ts';
import { publicData } from '../support/public-data.ts';
import { run } from './run.ts';

const PLAYBOOK = path.join(import.meta.dirname, '../../shared/content/playbook.json');
const CDNOW = publicData('cdnow_sample.csv');
/** How near to the published areas under the curve it has to come. */
const NEAR = 0.002;

const score = z.object({ auc: z.number(), low: z.number(), high: z.number(), brier: z.optional(z.number()) });
const scores = z.object({ recency: score, ownGap: score, mbg: score, logistic: score });
const reportSchema = z.object({
  scoring: z.object({ all: scores, repeat: scores }),
  verdict: z.object({ rule: z.optional(z.string()), sentences: z.array(z.string()) }),
  shop: z.object({ people: z.number(), orders: z.number() }),
  simulation: z.object({ stagesAtEnd: z.record(z.string(), z.number()), sent: z.number() }),
  holdout: z.object({ people: z.number(), mails: z.number() }),
  examples: z.array(z.unknown()),
});

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'backtest-'));
});
afterAll(() => rm(directory, { recursive: true }));

const at = (name: string) => path.join(directory, name);
const reportIn = async (name: string) =>
  reportSchema.parse(JSON.parse(await readFile(at(`${name}/report.json`), 'utf8')));

/** What the command says; an error of usage becomes its message. */
async function backtest(...args: readonly string[]): Promise<string> {
  try {
    return await backtestCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `refused: ${error.message}`;
  }
}

describe('npm run backtest', () => {
  it('explains itself', async () => {
    const { code, out, err } = await run('backtest', '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('npm run backtest -- --orders orders.csv');
    expect(out).toContain('Exit codes');
  });

  it.each([
    [[], 'expected --orders with a file'],
    [['orders.csv'], 'expected options only, found "orders.csv"'],
    [['--orders', 'x.csv', '--horizon', '3'], '--horizon expects a whole number from 7 to 730, found "3"'],
    [['--orders', 'x.csv', '--cut', '2026-02-30'], '--cut expects a date such as 2026-06-30, found "2026-02-30"'],
    [['--orders', 'x.csv', '--holdout', '0.5'], '--holdout expects a share from 0 to 0.33, such as 0.05'],
    [['--orders', 'x.csv', '--quota-per-day', '0'], '--quota-per-day expects a whole number from 1, found "0"'],
    [['--orders', 'x.csv', '--playbook', 'none.json'], '--playbook: none.json cannot be read'],
    [['--orders', 'x.csv', '--apply'], '--apply: expected --yes, for nobody is here to ask; nothing was done'],
  ])('%j says what was expected', async (args, expected) => {
    expect(await backtest(...args)).toContain(`refused: ${expected}`);
  });

  it('ends with 2 where no row can be used, and says which line is wrong', async () => {
    await writeFile(at('bad.csv'), 'customer_id,date,amount\na,someday,3\n');
    const { code, err } = await run('backtest', '--orders', at('bad.csv'), '--out', at('bad'));
    expect(code).toBe(2);
    expect(err).toContain('bad.csv, line 2: date: expected a date');
    expect(err).toContain('There is no order in it to play.');
  });

  it('says that there is not enough data, and applies nothing then', async () => {
    await writeFile(at('few.csv'), 'customer_id,date,amount\na,2026-01-05,3\nb,someday,3\na,2026-03-01,5\n');
    await copyFile(PLAYBOOK, at('few.json'));
    const args = ['--orders', at('few.csv'), '--out', at('few'), '--playbook', at('few.json')];
    const said = await backtest(...args, '--apply', '--yes');
    expect(said).toMatch(/^refused: 1 person, 2 orders/u);
    expect(said).toContain('There is not enough data to say which rule this shop should use.');
    expect(said).toContain('There is nothing to apply.');
    expect(await readFile(at('few.json'), 'utf8')).toBe(await readFile(PLAYBOOK, 'utf8'));
    expect(await readFile(at('few/report.html'), 'utf8')).toContain('1 refused');
  });

  it('wants a cut with orders on both sides', async () => {
    const said = await backtest('--orders', at('few.csv'), '--out', at('few'), '--cut', '2026-03-01');
    expect(said).toContain(
      '--cut expects a day from the first order on and before the last one, 2026-01-05 to 2026-03-01',
    );
  });

  it('overwrites its own report and nothing else', async () => {
    expect(await backtest('--orders', at('few.csv'), '--out', at('few'))).toContain('Report: ');
    await writeFile(at('few/report.html'), 'mine');
    expect(await backtest('--orders', at('few.csv'), '--out', at('few'))).toContain('is no report of a backtest');
    expect(await readFile(at('few/report.html'), 'utf8')).toBe('mine');
  });
});

describe.skipIf(!existsSync(CDNOW))('on the CDNOW sample', () => {
  beforeAll(async () => {
    await backtest('--orders', CDNOW, '--cut', '1998-03-31', '--horizon', '91', '--out', at('cdnow'));
  });

  it('scores as published', async () => {
    const { scoring } = await reportIn('cdnow');
    const published = [
      [scoring.all.recency, 0.8256],
      [scoring.repeat.recency, 0.7424],
      [scoring.all.mbg, 0.8324],
      [scoring.repeat.mbg, 0.7622],
    ] as const;
    for (const [{ auc, low, high }, expected] of published) {
      expect(Math.abs(auc - expected)).toBeLessThan(NEAR);
      expect(low).toBeLessThan(auc);
      expect(high).toBeGreaterThan(auc);
    }
  });

  it('plays everybody, and tells of ten of them', async () => {
    const { shop: counted, simulation, holdout, examples } = await reportIn('cdnow');
    expect(counted).toMatchObject({ people: 2_357, orders: 6_919 });
    expect(Object.values(simulation.stagesAtEnd).reduce((sum, each) => sum + each, 0)).toBe(2_357);
    expect(simulation.sent).toBeGreaterThan(0);
    expect(holdout.people).toBeGreaterThan(0);
    expect(holdout.mails).toBeGreaterThan(0);
    expect(examples).toHaveLength(10);
  });

  it('makes a page that asks for nothing from anywhere', async () => {
    expect(requestsOf(await readFile(at('cdnow/report.html'), 'utf8'))).toEqual([]);
  });
});

describe('a shop where everybody has the same rhythm', () => {
  it('is told to count days, and no gain is claimed', async () => {
    const orders = await writeOrders(
      at('alike.csv'),
      shop('alike', 600, 540, () => ({ gap: 30, leaves: 0.1, regularity: 4 })),
    );
    const said = await backtest('--orders', orders, '--out', at('alike'));
    const { verdict } = await reportIn('alike');
    expect(verdict.rule).toBe('recency');
    expect(said).toContain('This shop should use a fixed number of days of silence, the simplest rule');
    expect(verdict.sentences.join(' ')).not.toContain(': a gain.');
  });
});

describe('a shop where people have rhythms of their own, and leave', () => {
  it('is told so, and --apply writes that and nothing else but stages', async () => {
    const orders = await writeOrders(
      at('unlike.csv'),
      shop('unlike', 600, 540, (next) => ({ gap: 8 * 20 ** next(), leaves: 0.08, regularity: 6 })),
    );
    await copyFile(PLAYBOOK, at('playbook.json'));
    const args = ['--orders', orders, '--out', at('unlike'), '--playbook', at('playbook.json')];
    const said = await backtest(...args, '--apply', '--yes');
    expect(said).toContain('Next comes npm run publish');
    const { verdict } = await reportIn('unlike');
    const [before, after] = await Promise.all([PLAYBOOK, at('playbook.json')].map((file) => readFile(file, 'utf8')));
    const [was, is] = [before, after].map((text) => parsePlaybook(JSON.parse(text ?? '')));
    expect(is?.stages.cadence.rule).toBe(verdict.rule);
    expect(is?.stages).not.toEqual(was?.stages);
    expect({ ...is, stages: was?.stages }).toEqual(was);
    // Once more there is nothing left to change.
    expect(await backtest(...args, '--apply', '--yes')).toContain('says so already');
  });
});
