/** Which rule a backtest recommends, and what it never claims. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyTo, proposeCadence, topQuarterSpend } from '../../infra/backtest/proposal.ts';
import { type Scored, scoreAll } from '../../infra/backtest/scoring/score.ts';
import { latestCut } from '../../infra/backtest/scoring/snapshot.ts';
import { type Evidence, type Gain, MINIMUMS, missingFrom, verdictOf } from '../../infra/backtest/scoring/verdict.ts';
import type { OrderLog } from '../../infra/history/order-log.ts';
import { InvalidPlaybook, parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { type Habit, logOf, shop } from './order-logs.ts';

const HORIZON = 91 * DAY;
const PEOPLE = 600;
const DAYS = 540;

function scored(log: OrderLog): Scored {
  return scoreAll(log, { cut: (latestCut(log, HORIZON) ?? 0) * DAY, horizon: HORIZON, seed: 'test' });
}

/** Gaps from days to months, so that the same silence means another thing for each. */
const unlike = (next: () => number): Habit => ({ gap: 8 * 20 ** next(), leaves: 0.08, regularity: 6 });

/** Scored once for all tests that ask something of it. */
const log = shop('unlike', PEOPLE, DAYS, unlike);
const result = scored(log);

const alarmOf = (rule: string, pace: string) =>
  result.alarms?.timings.find((each) => each.rule === rule && each.pace === pace)?.silence ?? Number.NaN;

describe('where everybody has a rhythm of their own', () => {
  test('a rule that knows it is recommended, with an interval above zero', () => {
    const { verdict, gains } = result;
    expect(verdict.rule).toMatch(/^(?:ownGap|mbg)$/u);
    const claimed = gains.find(
      ({ rule, over, population }) => rule === verdict.rule && over === 'recency' && population === 'all',
    );
    expect(claimed?.low).toBeGreaterThan(0);
    expect(verdict.sentences[0]).toContain('This shop should use');
  });

  test('the own gap rings earlier than a fixed day for fast buyers, and later for slow ones', () => {
    expect(alarmOf('ownGap', 'fast')).toBeLessThan(alarmOf('recency', 'fast'));
    expect(alarmOf('ownGap', 'slow')).toBeGreaterThan(alarmOf('recency', 'slow'));
  });

  test('rules learn nothing from what comes after the cut', () => {
    const cut = result.cutDay;
    const kept = Array.from(log.at).map((at) => at < (cut + 1) * DAY);
    const starts = Array.from(log.starts, (start) => kept.slice(0, start).filter(Boolean).length);
    const only = (values: Float64Array | Uint8Array) => Array.from(values).filter((_, order) => kept[order] === true);
    const past: OrderLog = {
      ...log,
      starts: Uint32Array.from(starts),
      at: Float64Array.from(only(log.at)),
      minor: Float64Array.from(only(log.minor)),
      currency: Uint8Array.from(only(log.currency)),
      discounted: Uint8Array.from(only(log.discounted)),
    };
    const blind = scoreAll(past, { cut: cut * DAY, horizon: HORIZON, seed: 'test' });
    expect(blind.evidence.silent).toBe(blind.evidence.people);
    expect(blind.fit).toEqual(result.fit);
    expect(blind.thresholds).toEqual(result.thresholds);
    expect(blind.populationGap).toBe(result.populationGap);
  });

  test('nor from the currency that orders are paid in from then on', () => {
    const small = shop('currencies', 150, 400, unlike);
    const cut = latestCut(small, HORIZON) ?? 0;
    const scoredPaying = (later: number) =>
      scored({
        ...small,
        // Before the cut of the earlier window most pay in the first one, and some in the other.
        currency: Uint8Array.from(small.at, (at, order) =>
          at < (cut + 1) * DAY - HORIZON ? Number(order % 3 === 0) : later,
        ),
        currencies: ['USD', 'EUR'],
      });
    // What comes between the two cuts is known to the later one only.
    const [dollars, euros] = [scoredPaying(0), scoredPaying(1)];
    expect(dollars.thresholds.logistic).toBeDefined();
    expect(euros.thresholds).toEqual(dollars.thresholds);
  });

  test('the same seed gives the same result, and any instant of the day the same cut', () => {
    const again = scoreAll(log, { cut: result.cutDay * DAY + DAY - 1, horizon: HORIZON, seed: 'test' });
    expect(again).toEqual(result);
  });
});

const gain = (over: Partial<Gain>): Gain => ({
  population: 'all',
  rule: 'mbg',
  over: 'recency',
  gain: 0.01,
  low: 0.001,
  high: 0.02,
  better: 0.99,
  ...over,
});

describe('the verdict', () => {
  const enough: Evidence = {
    people: 1000,
    repeat: 500,
    silent: 600,
    earlierPeople: 900,
    earlierSilent: 500,
    daysBefore: 400,
    daysAfter: 91,
    horizon: 91,
  };
  const fit = {
    parameters: { r: 1, alpha: 1, a: 1, b: 1 },
    logLikelihood: -1,
    customers: 1000,
    verdict: 'identified',
  } as const;
  const overOwnGap = gain({ over: 'ownGap' });

  test('follows a gain that is sure', () => {
    expect(verdictOf(enough, [gain({}), overOwnGap], fit).rule).toBe('mbg');
  });

  test.each([
    ['its interval includes zero', gain({ low: -0.0001 })],
    ['its interval ends at zero', gain({ low: 0 })],
    ['it is too small to matter', gain({ gain: 0.001, low: 0.0005 })],
  ])('stays with the simplest rule when %s', (_, each) => {
    expect(verdictOf(enough, [each], fit).rule).toBe('recency');
  });

  test('says so when the interval includes zero', () => {
    const [, sentence] = verdictOf(enough, [gain({ low: -0.0001 })], fit).sentences;
    expect(sentence).toContain('no gain can be claimed');
  });

  test('follows no gain among all that repeat buyers pay for', () => {
    const worse = gain({ population: 'repeat', gain: -0.01, low: -0.02, high: -0.001 });
    expect(verdictOf(enough, [gain({}), worse], fit).rule).toBe('recency');
  });

  test('prefers the simpler of two gains unless the other is better than it', () => {
    const ownGap = gain({ rule: 'ownGap' });
    expect(verdictOf(enough, [ownGap, gain({}), gain({ over: 'ownGap', low: -0.001 })], fit).rule).toBe('ownGap');
    expect(verdictOf(enough, [ownGap, gain({}), overOwnGap], fit).rule).toBe('mbg');
  });

  test.each(['dropout not identified', 'at its bounds'] as const)('recommends no fit that is %s', (verdict) => {
    const { rule, sentences } = verdictOf(enough, [gain({})], { ...fit, verdict });
    expect(rule).toBe('recency');
    expect(sentences.join(' ')).toContain('degenerate');
  });

  test.each([
    ['people', { people: MINIMUMS.people - 1, silent: 200 }],
    ['repeat buyers', { repeat: MINIMUMS.repeat - 1 }],
    ['silent people', { silent: MINIMUMS.eachOutcome - 1 }],
    ['people who came back', { silent: enough.people - MINIMUMS.eachOutcome + 1 }],
    ['silent people before the cut', { earlierSilent: MINIMUMS.eachOutcome - 1 }],
    ['people who came back before the cut', { earlierSilent: enough.earlierPeople - MINIMUMS.eachOutcome + 1 }],
    ['history', { daysBefore: MINIMUMS.daysBefore + 1 }],
    ['time after the cut', { daysAfter: 80 }],
  ])('is that there is not enough data below the minimum of %s', (_, less) => {
    expect(missingFrom(enough)).toEqual([]);
    const { rule, missing, sentences } = verdictOf({ ...enough, ...less }, [gain({})], fit);
    expect(rule).toBeUndefined();
    expect(missing).toHaveLength(1);
    expect(sentences[0]).toContain('not enough data');
  });
});

test('a shop that has just opened is told so, and nothing is proposed', () => {
  const small = scored(shop('small', 40, 200, unlike));
  expect(small.verdict.rule).toBeUndefined();
  expect(proposeCadence(small)).toBeUndefined();
});

const propose = (rule: 'recency' | 'ownGap' | 'mbg') =>
  proposeCadence({ ...result, verdict: { ...result.verdict, rule } });

const outside = (playbook: string) => playbook.replace(/"cadence": \{[^}]*\}/u, '');

describe('a proposal', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../shared/content/playbook.json'), 'utf8');

  test.each(['recency', 'ownGap', 'mbg'] as const)(
    'of %s is what the playbook then says, and nothing else in it moves',
    (rule) => {
      const proposal = propose(rule);
      if (proposal === undefined) throw new Error('expected a proposal');
      const changed = applyTo(text, proposal.policy);
      const { stages, ...rest } = parsePlaybook(JSON.parse(changed));
      const { stages: stagesBefore, ...restBefore } = parsePlaybook(JSON.parse(text));
      expect(stages).toEqual({ ...stagesBefore, cadence: proposal.policy });
      expect(rest).toEqual(restBefore);
      expect(outside(changed)).toBe(outside(text));
    },
  );

  test('keeps tabs and line ends', () => {
    const { policy } = propose('recency') ?? {};
    if (policy === undefined) throw new Error('expected a proposal');
    const foreign = text.replace(/^ +/gmu, (spaces) => '\t'.repeat(spaces.length / 2)).replaceAll('\n', '\r\n');
    const changed = applyTo(foreign, policy);
    expect(changed.replaceAll('\r\n', '')).not.toContain('\n');
    expect(changed).toContain('\r\n\t\t\t"rule": "fixed",\r\n');
  });

  test('changes the sums of loyal customers in the currencies of the log only', () => {
    const { policy } = propose('recency') ?? {};
    if (policy === undefined) throw new Error('expected a proposal');
    const { loyal } = parsePlaybook(JSON.parse(applyTo(text, policy, { USD: 12_345 }))).stages;
    const before = parsePlaybook(JSON.parse(text)).stages.loyal;
    expect(loyal).toEqual({ ...before, spend: { ...before.spend, USD: 12_345 } });
  });

  test('refuses a policy that contradicts itself', () => {
    expect(() => applyTo(text, { rule: 'fixed', atRiskAfter: 9 * DAY, lapsedAfter: 8 * DAY })).toThrow(InvalidPlaybook);
  });
});

const row = (customer: string, day: number, minor: number) => ({ customer, day, minor });

test('the spend of the top quarter is that of customers up to the cut whose amounts are known', () => {
  const orders = logOf([
    row('a', 1, 100),
    row('b', 1, 200),
    row('c', 1, 300),
    row('d', 1, 350),
    row('d', 2, 50),
    row('e', 1, 500),
    row('e', 9, 900),
    row('f', 1, Number.NaN),
  ]);
  expect(topQuarterSpend(orders, 5)).toEqual({ USD: 400 });
});
