/** What the page and the data of a backtest say, and what they must not. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Parser } from 'htmlparser2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesBetween } from '../../infra/backtest/changes.ts';
import { applyTo, proposeCadence } from '../../infra/backtest/proposal.ts';
import { pageOf } from '../../infra/backtest/report/page.ts';
import { type Report, reportOf } from '../../infra/backtest/report/report.ts';
import { reportInWords } from '../../infra/backtest/report/summary.ts';
import { difference, percent } from '../../infra/backtest/report/words.ts';
import { prepareDirectory } from '../../infra/backtest/report/write.ts';
import { scoreAll } from '../../infra/backtest/scoring/score.ts';
import { latestCut } from '../../infra/backtest/scoring/snapshot.ts';
import { simulate } from '../../infra/backtest/simulation.ts';
import { badRowsOf } from '../../infra/history/bad-rows.ts';
import type { OrderLog } from '../../infra/history/order-log.ts';
import type { Holdout } from '../../shared/lifecycle/customer/permit.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { requestsOf } from '../support/page-requests.ts';
import { logOf, shop } from './order-logs.ts';

const HORIZON = 90 * DAY;
const PLAYBOOK = path.join(import.meta.dirname, '../../shared/content/playbook.json');
const HOSTILE = '<img src=https://tracker.example.com/x.png onerror=alert(1)>';

const text = await readFile(PLAYBOOK, 'utf8');
const playbook = parsePlaybook(JSON.parse(text));

function reportFor(log: OrderLog, holdout: Holdout): Report {
  const scored = scoreAll(log, { cut: (latestCut(log, HORIZON) ?? 0) * DAY, horizon: HORIZON, seed: 'test' });
  const proposal = proposeCadence(scored);
  const bad = badRowsOf('orders.csv');
  bad.add(7, 7, [{ expected: 'date: missing' }]);
  return reportOf({
    name: 'orders',
    log,
    withoutOrder: 0,
    files: [
      {
        file: 'orders.csv',
        reading: {
          rows: log.at.length + 1,
          bad: bad.done(),
          incomplete: badRowsOf('orders.csv').done(),
          format: {
            encoding: 'utf-8',
            delimiter: ',',
            header: [],
            columns: {},
            timeZone: 'UTC',
            currency: 'USD',
            notes: [],
          },
        },
      },
    ],
    cadence: playbook.stages.cadence.rule,
    holdout,
    quota: { perSecond: 1, perDay: 1 },
    seed: 'test',
    played: log.customers.length,
    scored,
    simulated: simulate({
      log,
      playbook,
      circumstances: {
        holdout,
        improvements: [],
        benefits: [],
        hasContent: () => true,
        hasOptions: () => true,
      },
    }),
    proposal: proposal && { ...proposal, changes: changesBetween(text, applyTo(text, proposal.policy)) },
  });
}

const NOBODY: Holdout = { share: 0, salt: 'test' };
const EVERYBODY: Holdout = { share: 1, salt: 'test' };

const log = shop('report', 30, 300, () => ({ gap: 40, leaves: 0.15 }));
const named: OrderLog = { ...log, customers: log.customers.map((each, index) => (index === 0 ? HOSTILE : each)) };
let report: Report;
let page: string;
beforeAll(async () => {
  report = reportFor(named, NOBODY);
  page = await pageOf({
    ...report,
    examples: report.examples.map((each) => ({ ...each, customerId: HOSTILE })),
  });
});

/** Where a number was to stand and none does, with what is around it. */
function noNumbersIn(told: string): readonly string[] {
  return [...told.matchAll(/.{0,60}(?:NaN|Infinity|undefined).{0,30}/gu)].map(([around]) => around);
}

/** The attributes of all elements of a kind. */
function elements(kind: string): readonly Readonly<Record<string, string>>[] {
  const found: Record<string, string>[] = [];
  const parser = new Parser({ onopentag: (name, attributes) => name === kind && found.push(attributes) });
  parser.end(page);
  return found;
}

describe('the page', () => {
  test('needs nothing beside itself, whatever a customer is called', () => {
    expect(requestsOf(page)).toEqual([]);
    const policy = elements('meta').find(({ 'http-equiv': name }) => name === 'Content-Security-Policy');
    expect(policy?.['content']).toContain("default-src 'none'");
    expect(page).not.toContain('<img');
  });

  test('would be found out if it did', () => {
    expect(
      requestsOf('<link href="https://fonts.example.com/a.css"><style>a { background: url(//x.example) }</style>'),
    ).toHaveLength(2);
  });

  test('names each picture, and describes it, once each', () => {
    const pictures = elements('svg');
    const ids = new Set(
      elements('title')
        .concat(elements('desc'))
        .map(({ id }) => id),
    );
    expect(pictures.length).toBeGreaterThan(10);
    for (const { role, 'aria-labelledby': names = '' } of pictures) {
      expect(role).toBe('img');
      expect(names.split(' ').filter((name) => ids.has(name))).toHaveLength(2);
    }
    const all = [...page.matchAll(/ id="([^"]+)"/gu)].map(([, id]) => id);
    expect(new Set(all).size).toBe(all.length);
  });

  test('says what it cannot say before any picture', () => {
    const said = page.slice(0, page.indexOf('<svg'));
    expect(said).toContain('uplift');
    expect(said).toContain(report.verdict.sentences[0]?.slice(0, 40));
    expect(said).toMatch(/The verdict is by all [\d,]+ customers? of that day/u);
    expect(said).toContain('1 refused');
    expect(said).toContain('line 7: date: missing');
  });

  test('holds no number that is none', () => {
    expect(noNumbersIn(page)).toEqual([]);
  });
});

describe('the data', () => {
  test('counts everybody in a stage in every week', () => {
    const { stages, weeks } = report.simulation;
    const last = weeks.length - 1;
    expect(Object.values(stages).reduce((sum, each) => sum + (each[last] ?? 0), 0)).toBe(report.shop.people);
  });

  test('tells of no mail to whom it was not sent, and of no address', () => {
    const told = report.examples.flatMap(({ entries }) => entries);
    expect(told.some(({ isSent }) => isSent === true)).toBe(true);
    expect(told.map(({ detail }) => detail).join('\n')).not.toMatch(/SES|@/u);
  });

  test('says what the holdout costs', () => {
    const { holdout, simulation } = reportFor(
      logOf([
        { customer: 'a', day: 1, minor: 500 },
        { customer: 'a', day: 30, minor: 700 },
      ]),
      EVERYBODY,
    );
    expect(holdout).toMatchObject({ people: 1, pastRevenue: { USD: 1_200 } });
    expect(holdout.mails).toBeGreaterThan(0);
    expect(simulation.withheld['holdout']).toBe(holdout.mails);
  });

  test('gives what the held out have ordered as a least sum where amounts are unknown', async () => {
    const orders = [
      { customer: 'a', day: 1, minor: 500 },
      { customer: 'a', day: 30 },
    ];
    const some = reportFor(logOf(orders), EVERYBODY);
    expect(some.holdout).toMatchObject({ pastRevenue: { USD: 500 }, amountsUnknown: 1 });
    const sentence = /ordered for\s+at least 5 USD \(the amount of 1 order is unknown\)/u;
    expect(await pageOf(some)).toMatch(sentence);
    expect(reportInWords(some).join('\n')).toMatch(sentence);
    const all = reportFor(logOf(orders.slice(0, 1)), EVERYBODY);
    expect(reportInWords(all).join('\n')).toMatch(/ordered for 5 USD$/mu);
  });

  test('counts nobody who has not ordered', () => {
    const one = logOf([{ customer: 'a', day: 20_000 }]);
    const refused = { ...one, customers: ['a', 'refused'], starts: Uint32Array.from([0, 1, 1]) };
    const { shop: counted } = reportFor(refused, NOBODY);
    expect(counted.people).toBe(1);
  });

  test('proposes nothing where there is not enough data', async () => {
    const few = reportFor(logOf([{ customer: 'a', day: 20_000 }]), NOBODY);
    expect(few.proposal).toBeUndefined();
    expect(few.verdict.rule).toBeUndefined();
    const told = await pageOf(few);
    expect(told).toContain('not enough data');
    expect(noNumbersIn(told)).toEqual([]);
  });
});

describe('changes of a playbook', () => {
  test('are told by field, with what goes and what comes', () => {
    const fixed = applyTo(text, { rule: 'fixed', atRiskAfter: 30 * DAY, lapsedAfter: 90 * DAY }, { USD: 5_000 });
    const changes = changesBetween(text, fixed);
    expect(changes[0]).toEqual({ field: 'stages.cadence.rule', now: playbook.stages.cadence.rule, next: 'fixed' });
    expect(changes).toContainEqual({ field: 'stages.cadence.lapsedAfter', now: undefined, next: '90 days' });
    expect(changes).toContainEqual({ field: 'stages.cadence.lapsedGaps', now: expect.any(Number), next: undefined });
    expect(changes.at(-1)).toEqual({ field: 'stages.loyal.spend.USD', now: expect.any(Number), next: 50 });
    expect(changesBetween(text, text)).toEqual([]);
  });
});

describe('numbers in words', () => {
  test.each([
    [-0.0278, '−.028'],
    [0.0068, '+.007'],
    [0.0001, '0'],
  ])('the difference %d is %s', (value, said) => expect(difference(value)).toBe(said));

  test.each([
    [0, '0 %'],
    [0.0001, 'less than 0.1 %'],
    [0.004, '0.4 %'],
    [0.05, '5 %'],
    [0.872, '87 %'],
    [Number.NaN, 'unknown'],
  ])('the share %d is %s', (share, said) => expect(percent(share)).toBe(said));
});

describe('the directory of a report', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'report-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('may hold a report already', async () => {
    await writeFile(path.join(directory, 'report.html'), page);
    await writeFile(path.join(directory, 'report.json'), JSON.stringify(report));
    await expect(prepareDirectory(directory)).resolves.toBeUndefined();
  });

  test('may not hold another file of that name', async () => {
    await writeFile(path.join(directory, 'report.html'), '<p>of somebody else</p>');
    await expect(prepareDirectory(directory)).rejects.toThrow('is no report of a backtest and stays as it is');
  });
});
