/** The playbook: what parsing makes of it, and errors that name the path and what was expected. */
import { describe, expect, it } from 'vitest';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { InvalidPlaybook, parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import type { Step } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { playbookJson, SHIPPED } from '../support/playbooks.ts';
import { partOf } from '../support/property.ts';

type Json = unknown;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value with the one at a path replaced; a path is written as the errors write it. */
function withValue(json: Json, path: string, value: Json): Json {
  const [key = '', ...rest] = path.split('.');
  const inner = (each: Json) => (rest.length === 0 ? value : withValue(each, rest.join('.'), value));
  if (Array.isArray(json)) return json.map((each: Json, index) => (String(index) === key ? inner(each) : each));
  return isRecord(json) ? { ...json, [key]: inner(json[key]) } : json;
}

const changed = (path: string, value: Json) => withValue(playbookJson(), path, value);

function findings(source: Json): string {
  try {
    parsePlaybook(source);
  } catch (cause) {
    if (cause instanceof InvalidPlaybook) return cause.message;
    throw cause;
  }
  return 'none';
}

/** The path of every value in a playbook. */
function pathsIn(json: Json, path = ''): string[] {
  if (typeof json !== 'object' || json === null) return [path];
  const inner = Object.entries(json).flatMap(([key, each]) => pathsIn(each, path === '' ? key : `${path}.${key}`));
  return path === '' ? inner : [path, ...inner];
}

/** Of paths that differ by position or name only the first, for each kind of series. */
function oneOfEachKind(paths: readonly string[]): readonly string[] {
  const { programmes } = parsePlaybook(playbookJson());
  const kindOf = (path: string) =>
    path
      .replace(
        /^programmes\.(\d+)\.series\.(\d+)/u,
        (_all, at: string, index: string) => `series of ${programmes[Number(at)]?.series[Number(index)]?.trigger}`,
      )
      .replace(/^offers\.byName\.[^.]+/u, 'offer')
      .replaceAll(/\.\d+/gu, '.n');
  return [...new Map(paths.toReversed().map((path) => [kindOf(path), path])).values()];
}

/** A finding: a path, or the kind and name of what occurs twice, and what was expected. */
const WORDED = /^(?:none|(?:[$\w.-]+|[a-z]+ "[^"]*"|programmes \S+: step "[^"]*"): expected \S.*)$/u;
/** What is said of a name that nothing bears any more. */
const REFERENCE = /(?:about|offer|notBelow|stops|calls|if|unless|waitsFor): expected /u;
const OWN = { id: 'big', fact: 'orders', operator: 'at least', value: 9, because: 'buys a lot' };
const ASKS = { question: 'reason', answers: ['price', 'other'] };

describe('a playbook', () => {
  it('has durations in milliseconds, times of day in minutes, amounts in minor units', () => {
    const changes: readonly (readonly [string, Json])[] = [
      ['stages.onboardingWindow', '1.1 days'],
      ['stages.minimumAtRisk', '36 hours'],
      ['repeatAfter', '1 day'],
      ['quietHours.spread', '90 minutes'],
      ['quietHours.from', '21:05'],
      ['stages.loyal.spend', { USD: 10.5, JPY: 900 }],
      ['programmes.0.startsAt', '2026-11-01T00:00:00+01:00'],
    ];
    const json = changes.reduce((each: Json, [path, value]) => withValue(each, path, value), playbookJson());
    const playbook = parsePlaybook(json);
    expect(playbook.stages.onboardingWindow).toBe(95_040_000);
    expect(playbook.stages.minimumAtRisk).toBe(36 * HOUR);
    expect(playbook.repeatAfter).toBe(DAY);
    expect(playbook.bounces).toStrictEqual({ transient: 3, within: 14 * DAY, rest: 30 * DAY });
    expect(playbook.quietHours).toMatchObject({ spread: 90 * MINUTE, from: 21 * 60 + 5 });
    expect(playbook.stages.loyal.spend).toStrictEqual({ USD: 1050, JPY: 900 });
    expect(playbook.programmes[0]?.startsAt).toBe(Date.parse('2026-10-31T23:00:00Z'));
  });

  it('may choose fixed numbers of days', () => {
    const cadence = { rule: 'fixed', atRiskAfter: '90 days', lapsedAfter: '180 days' };
    expect(parsePlaybook(changed('stages.cadence', cadence)).stages.cadence).toStrictEqual({
      rule: 'fixed',
      atRiskAfter: 90 * DAY,
      lapsedAfter: 180 * DAY,
    });
  });

  const mbg = {
    rule: 'mbg',
    r: 0.52,
    alpha: 6.18,
    a: 0.89,
    b: 1.61,
    horizon: '91 days',
    lapsedAbove: 0.85,
    populationGap: '45 days',
    atRiskGaps: 2,
    atRiskNotBefore: '21 days',
    lapsedNotBefore: '60 days',
  };

  it('may choose the probability of no order', () => {
    expect(parsePlaybook(changed('stages.cadence', mbg)).stages.cadence).toStrictEqual({
      ...mbg,
      horizon: 91 * DAY,
      populationGap: 45 * DAY,
      atRiskNotBefore: 21 * DAY,
      lapsedNotBefore: 60 * DAY,
    });
  });

  it.each([
    [{ lapsedAbove: 1 }, 'stages.cadence.lapsedAbove: expected a probability above 0 and below 1'],
    [{ lapsedAbove: 0 }, 'stages.cadence.lapsedAbove: expected a probability above 0 and below 1'],
    [{ lapsedAbove: 85 }, 'stages.cadence.lapsedAbove: expected a probability above 0 and below 1'],
    [{ a: 0 }, 'stages.cadence.a: expected a number above 0'],
    [{ alpha: -1 }, 'stages.cadence.alpha: expected a number above 0'],
    [{ horizon: '3 hours' }, 'stages.cadence.horizon: expected a duration of at least 1 day'],
    [{ lapsedNotBefore: '21 days' }, 'stages.cadence: expected lapsed to come later than at risk'],
  ])('which is not with %j', (wrong, expected) => {
    expect(() => parsePlaybook(changed('stages.cadence', { ...mbg, ...wrong }))).toThrow(expected);
  });

  it.each([
    ['stages.onboardingWindow', '60', 'expected a duration such as'],
    ['stages.onboardingWindow', '-1 days', 'expected a duration such as'],
    ['stages.onboardingWindow', 60, 'expected a duration such as'],
    ['stages.cadence', { rule: 'guess' }, 'expected a rule, "fixed", "ownGap" or "mbg"'],
    ['stages.cadence.atRiskGaps', 0, 'expected a number above 0'],
    ['stages.loginHabit.loginDays', 1.5, 'expected a whole number above 0'],
    ['stages.loyal.orders', 0, 'expected a whole number above 0'],
    ['stages.loyal.spend', { DOLLAR: 5 }, 'expected ISO 4217 currency codes'],
    ['stages.loyal.spend.USD', '200', 'expected an amount in major units'],
    ['caps.lessOften.perWeek', 0, 'expected a whole number above 0'],
    ['caps.lessOften.per30Days', 7, 'expected at most caps.per30Days, 6'],
    ['caps.lessOften', undefined, 'expected an object with perDay, perWeek, per30Days'],
    ['bounces.transient', 1.5, 'expected a whole number above 0'],
    ['bounces.within', '14', 'expected a duration such as'],
    ['bounces.rest', '0 days', 'expected a duration of at least 1 hour'],
    ['programmes.1.series.0.steps.0.asks', ASKS, 'expected no question in a service step'],
    ['programmes.3.series.0.steps.0.asks', 'reason', 'expected an object with question, answers'],
    ['programmes.3.series.0.steps.0.asks.question', 'Why?', 'expected a name of at most 24'],
    ['programmes.3.series.0.steps.0.asks.answers', 'price', 'expected a list of names of answers'],
    ['programmes.3.series.0.steps.0.asks.answers', ['price'], 'expected at least 2 answers'],
    ['programmes.3.series.0.steps.0.asks.answers', 'abcdefghijkl'.split(''), 'expected at most 11 answers'],
    ['programmes.3.series.0.steps.0.asks.answers', ['price', 'price'], 'expected each answer once'],
    ['programmes.3.series.0.steps.0.asks.answers.1', 'Too much', 'expected a name of at most 24'],
    ['offers.byName.win-back.worth.0.percent', 101, 'expected a percentage above 0, up to 100'],
    ['offers.byName.win-back.worth.0.if.fact', 'name', 'expected one of orders, spend'],
    ['offers.byName.loyal-bonus.notBelow', 'loyal-bonus', 'expected another offer'],
    ['offers.byName.make-good.notBelow', undefined, 'expected "win-back", for it can reach the loyal'],
    ['offers.byName.loyal-bonus.notBelow', 'make-good', 'expected "win-back", for it can reach the loyal'],
    ['offers.byName.Win', {}, 'expected a name of at most 24'],
    ['traits.own.0.fact', 'country', 'expected one of orders, spend'],
    ['traits.own.0.id', 'looker', 'expected a name of its own'],
    ['traits.own', [OWN, OWN], 'expected a name that occurs once'],
    ['traits.bargain.policy', 'generous', 'expected "best_price" or "ignore"'],
    ['stages.dissatisfied.rating.endedBy', 2, 'expected more than atMost, 2'],
    ['stages.critic.score', 11, 'expected a score from 0 to 10'],
    ['attention.critic', 'urgent', 'expected "low" or "normal" or "high"'],
    ['cooldown', '10 minutes', 'expected a duration of at least 1 hour'],
    ['programmes.0.series.0.of', 'party', 'expected "complaint" or "rating"'],
    ['programmes.0.series.1.steps.0.about', ['loud'], 'expected one of shop, social, third-party, not "loud"'],
    ['programmes.0.series.3.steps.0.about', ['late'], 'expected nothing, for a late-order is just that'],
    ['programmes.1.series.1.steps.0.about', ['obstacle-none'], 'expected one of'],
    ['programmes.1.series.1.steps.0.from', 'closed', 'expected "opened", for nobody closes a case of this kind'],
    ['programmes.0.series.0.steps.1.every', undefined, 'expected an interval, for the step comes so many times'],
    ['programmes.1.series.0.steps.0.throughTrouble', '1 day', 'expected only in a promotional step'],
    ['programmes.0.series.2.trait', 'grumpy', 'expected a trait, not "grumpy"'],
    ['programmes.0.series.2.unless', ['critic'], 'expected another trait than "critic"'],
    ['programmes.0.series.2.steps.0.unless', ['critic'], 'expected another trait than "critic"'],
    ['programmes.2.series.0.if', ['vip'], 'expected a trait, not "vip"'],
    ['programmes.2.series.0.if', [], 'expected at least one trait'],
    ['programmes.2.series.0.waitsFor', ['vip'], 'expected a trait, not "vip"'],
    ['programmes.2.series.0.steps.0.if', ['vip'], 'expected a trait, not "vip"'],
    ['programmes.5.series.1.steps.0.content', [], 'expected at least one kind of link'],
    ['programmes.2.series.0.steps.1.content', ['song'], 'expected "guide" or "specification"'],
    ['programmes.2.series.0.steps.0.offer', 'gold', 'expected one of win-back, loyal-bonus'],
    ['programmes.0.series.0.steps.0.offer', 'win-back', 'expected no offer in a service step'],
    ['programmes.2.series.0.steps.0.action', 'dance', 'expected "shop" or "resume"'],
    ['programmes.3.series.0.steps.0.asks.stops', ['maybe'], 'expected one of its answers, not "maybe"'],
    ['programmes.3.series.0.steps.0.asks.calls', ['maybe'], 'expected one of its answers, not "maybe"'],
    ['programmes.5.series.4.steps.0.asks.informs', ['maybe'], 'expected one of its answers, not "maybe"'],
    ['programmes.5.series.4.steps.0.asks.informs', ['talk'], 'expected another answer than "talk", which calls'],
    ['programmes.0.series.0.steps.1.notWith', 'status', 'expected another step of the series'],
    ['programmes.0.series.0.steps.1.notWith', 'resolved', 'that follows the same end of the case'],
    ['programmes.0.series.0.steps.0.hadFor', '3 days', 'expected only where the case is an order'],
    ['programmes.4.series.9.steps.0.from', 'ended', 'expected "opened", for a case of this kind never ends'],
    ['programmes.5.series.1.apart.while', 'curious', 'expected a trait, not "curious"'],
    ['programmes.5.series.1.apart.most', 0, 'expected a whole number above 0'],
    ['programmes.4.series.10.every', '45 days', 'expected at most longestSilence, 44 days'],
    ['programmes.4.series.10.untilHeardOnceLapsed', 'yes', 'expected true or false'],
    ['programmes.4.series.3.steps.0.cooldown', '91 days', 'expected at most 90 days'],
    ['programmes.4.series.5.steps.0.asks.stops', ['other'], 'expected none in a series at intervals'],
    ['programmes.2.series.0.steps.1.follows', 'check-in', 'expected an earlier step of the series, not "check-in"'],
    ['programmes.2.series.0.steps.1.follows', 'guide', 'expected an earlier step of the series, not "guide"'],
    ['programmes.2.series.0.steps.1.follows', 'ask', 'expected an earlier step of the series, not "ask"'],
    ['programmes.4.series.5.steps.0.follows', 'shape-the-range', 'expected none in a series at intervals'],
    ['programmes.0.startsAt', '2026-02-31T00:00:00Z', 'expected an ISO 8601 time with zone'],
    ['caps.perDay', 0, 'expected a whole number above 0'],
    ['quietHours.from', '24:00', 'expected a time of day such as "21:00"'],
    ['quietHours.to', '8:00', 'expected a time of day such as "21:00"'],
    ['programmes.0.id', 'Recovery', 'expected a name of at most 24 small letters, digits and hyphens'],
    ['programmes.0.id', 'x'.repeat(25), 'expected a name of at most 24 small letters, digits and hyphens'],
    ['programmes.0.afterUnknown', 'retry', 'expected "give up" or "repeat once"'],
    ['programmes.0.startsAt', 'tomorrow', 'expected an ISO 8601 time with zone'],
    [
      'programmes.0.series.0.trigger',
      'birthday',
      'expected a trigger, "stage", "interval", "trait", "case" or "campaign"',
    ],
    ['programmes.0.series.0.steps.0.class', 'spam', 'expected "promotional" or "service"'],
    ['programmes.0.series.0.steps.0.from', 'resolved', 'expected "opened" or "closed"'],
    ['programmes.0.series.0.steps.0.priority', -1, 'expected a whole number above 0'],
    ['programmes.2.series.0.stage', 'happy', 'expected one of lead, new, active, loyal, at_risk, lapsed'],
    ['programmes.2.series.0.steps.0.variants', ['vip'], 'expected a trait or what the case can be about'],
    ['programmes.3.series.0.steps.1.needs', ['luck'], 'expected "improvement" or "content" or "options" or "benefit"'],
    ['programmes.4.series.3.every', '0 days', 'expected a duration of at least 1 hour'],
    ['repeatAfter', '59 minutes', 'expected a duration of at least 1 hour'],
    ['longestSilence', '0 days', 'expected a duration of at least 1 hour'],
    ['longestWait', 21, 'expected a duration'],
    ['quietHours.withoutZone.timeZone', 'Europa/Nirgends', 'expected an IANA time zone such as "Europe/Berlin"'],
    ['programmes.4.series.3.since', 'ever', 'expected "any mail" or "own"'],
    ['programmes.4.series.3.steps', [], 'expected at least one step'],
  ])('%s: %j is refused by its path', (path, value, expected) => {
    const lines = findings(changed(path, value)).split('\n');
    expect(lines.some((line) => line.startsWith(path) && line.includes(expected))).toBe(true);
  });

  it('has no fields nobody knows: a misspelt one would be ignored in silence', () => {
    expect(findings(changed('caps.perMonth', 6))).toBe(
      'caps.perMonth: expected no field of this name, but perDay, perWeek, per30Days, lessOften',
    );
  });

  it('is refused in our own words, whatever is wrong anywhere, and each finding begins with its path', () => {
    const wrong = [undefined, null, {}, [], '', 'wrong', -1, 1.5, true, { Unknown: 1 }, [{}]];
    const silent: string[] = [];
    const unworded: string[] = [];
    const cases = oneOfEachKind(pathsIn(playbookJson())).flatMap((path) => wrong.map((value) => ({ path, value })));
    for (const { path, value } of partOf(cases)) {
      const lines = findings(changed(path, value)).split('\n');
      for (const line of lines) if (!WORDED.test(line)) unworded.push(`${path}: ${line}`);
      // Where it is wrong, within it, or, for what only several values tell together, around it; a name that is gone,
      // where it is used.
      if (
        lines[0] !== 'none' &&
        !lines.some((line) => line.startsWith(path) || path.startsWith(line.split(':')[0] ?? line)) &&
        !lines.every((line) => REFERENCE.test(line))
      )
        silent.push(`${path}: ${lines[0]}`);
    }
    expect({ silent, unworded }).toStrictEqual({ silent: [], unworded: [] });
  });

  it('names every finding, and the whole when it is no playbook at all', () => {
    const twice = withValue(changed('caps.perDay', 0), 'caps.perWeek', 0);
    expect(findings(twice).split('\n')).toHaveLength(2);
    expect(findings('text')).toMatch(/^playbook: /u);
  });

  it('has names that occur once where keys are made of them', () => {
    expect(findings(changed('programmes.1.id', 'recovery'))).toContain(
      'programmes.1.id: expected a name that occurs once, and "recovery"',
    );
    expect(findings(changed('programmes.2.series.0.id', 'complaint'))).toContain(
      'programmes.2.series.0.id: expected a name that occurs once, and "complaint"',
    );
    expect(findings(changed('programmes.4.series.3.steps.0.id', 'check-in'))).toContain(
      'expected a name that occurs once, and "check-in" is that of programmes.',
    );
    // The same step in two programmes is another step.
    expect(findings(playbookJson())).toBe('none');
  });

  it('finds a step by programme and name', () => {
    const playbook = parsePlaybook(playbookJson());
    expect(findStep(playbook, 'retention', 'check-in')).toMatchObject({
      programme: { id: 'retention' },
      series: { id: 'at-risk' },
      step: { id: 'check-in' },
    });
    expect(findStep(playbook, 'retention', 'your-view')).toMatchObject({ series: { id: 'in-touch' } });
    expect(findStep(playbook, 'retention', 'welcome')).toBeUndefined();
    expect(findStep(playbook, 'nowhere', 'welcome')).toBeUndefined();
  });
});

describe('promotional mail of the shipped playbook', () => {
  /** What matters only for a while, and what must not come late; everything else. */
  const FRESH: Readonly<Record<string, number>> = { resume: 1, welcome: 3 };
  const OTHERS = 7;

  it('is stale after a day when it asks for the order, after three when it welcomes, else after a week', () => {
    const steps = SHIPPED.programmes.flatMap(({ series }) => series.flatMap((each): readonly Step[] => each.steps));
    for (const { id, fresh } of steps.filter((each) => each.class === 'promotional')) {
      expect.soft([id, fresh / DAY]).toEqual([id, FRESH[id] ?? OTHERS]);
    }
  });
});
