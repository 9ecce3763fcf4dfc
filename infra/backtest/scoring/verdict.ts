/**
 * What the numbers mean for the shop, in plain words. A gain over counting days is claimed only if its paired 95 %
 * interval lies above zero; otherwise the simplest rule is the right one.
 */
import type { Fit } from '../../../shared/lifecycle/cadence/fit.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';
import type { Interval } from './bootstrap.ts';
import type { PlayableRule, Rule } from './rules.ts';

/** `repeat`: with at least two order days by the cut. */
export const POPULATIONS = ['all', 'repeat'] as const;
export type Population = (typeof POPULATIONS)[number];

/** How much better one rule orders people than another one, as the difference of their areas under the curve. */
export interface Gain extends Interval {
  readonly population: Population;
  readonly rule: Rule;
  readonly over: PlayableRule;
  readonly gain: number;
  /** Share of the resamples in which it was above zero, 0 to 1. */
  readonly better: number;
}

/** Below any of these nothing is said: intervals would be wider than every difference there is between rules. */
export const MINIMUMS = {
  /** Who had ordered by the cut. */
  people: 300,
  /** Of those on two days or more. */
  repeat: 100,
  /** Of those who stayed silent, and of those who came back, in the window before the cut and in the one after it. */
  eachOutcome: 50,
  /** Days in the log up to the cut, and at least two horizons: one to know people by, one to choose thresholds on. */
  daysBefore: 180,
} as const;

/**
 * A rule that everybody has to understand anew is not worth less: of 500 pairs of somebody who leaves and somebody who
 * stays, one more is put in the right order.
 */
const SMALLEST_GAIN = 0.002;

/** Orders may stop this many days before the end of the window: small shops do not sell every day. */
const DAYS_WITHOUT_ORDERS = 7;

export interface Evidence {
  readonly people: number;
  readonly repeat: number;
  /** In the window after the cut. */
  readonly silent: number;
  /** In the window that ends with the cut. */
  readonly earlierSilent: number;
  readonly earlierPeople: number;
  /** Days from the first order of the log up to the cut. */
  readonly daysBefore: number;
  /** Days from the cut to the last order of the log. */
  readonly daysAfter: number;
  /** Days that decide who stayed silent. */
  readonly horizon: number;
}

/** What there is too little of, one sentence each; empty when there is enough. */
export function missingFrom(evidence: Evidence): readonly string[] {
  const { people, repeat, silent, earlierSilent, earlierPeople, daysBefore, daysAfter, horizon } = evidence;
  const daysNeeded = Math.max(MINIMUMS.daysBefore, 2 * horizon);
  const wanted: readonly (readonly [found: number, needed: number, what: string])[] = [
    [people, MINIMUMS.people, 'people who had ordered by the cut'],
    [repeat, MINIMUMS.repeat, 'people with two order days by the cut'],
    [silent, MINIMUMS.eachOutcome, 'people who stayed silent after the cut'],
    [people - silent, MINIMUMS.eachOutcome, 'people who ordered again after the cut'],
    [earlierSilent, MINIMUMS.eachOutcome, `people who stayed silent in the ${horizon} days before the cut`],
    [
      earlierPeople - earlierSilent,
      MINIMUMS.eachOutcome,
      `people who ordered again in the ${horizon} days before the cut`,
    ],
    [daysBefore, daysNeeded, 'days of orders before the cut'],
    [daysAfter, horizon - DAYS_WITHOUT_ORDERS, 'days of orders after the cut'],
  ];
  return wanted.flatMap(([found, needed, what]) =>
    found < needed ? [`Too few ${what}: ${found}; at least ${needed} are needed.`] : [],
  );
}

export interface Verdict {
  /** Which rule the shop should use; undefined when there is not enough data. `recency` is a fixed number of days. */
  readonly rule: PlayableRule | undefined;
  /** What there is too little of. */
  readonly missing: readonly string[];
  /** The first one is the verdict, the others why and how sure. */
  readonly sentences: readonly string[];
}

const NAMES: Readonly<Record<Rule, string>> = {
  recency: 'a fixed number of days of silence',
  ownGap: "silence measured by each customer's own gap",
  mbg: 'the probability of no further order (MBG/NBD)',
  logistic: 'a regression tuned to this shop',
};

export function nameOf(rule: Rule): string {
  return NAMES[rule];
}

/** A gain may be claimed: its interval lies above zero. */
function isClaimed({ low }: Interval): boolean {
  return low > 0;
}

function amongWhom(population: Population): string {
  return population === 'all' ? 'all customers' : 'customers with two order days or more';
}

/** ".0068" for an area, "+.0068" and "-.0012" for a difference of two. */
function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4).slice(1)}`;
}

function gainSentence({ rule, over, population, gain, low, high, better }: Gain): string {
  const numbers = `${signed(gain)}, 95 % interval ${signed(low)} to ${signed(high)}`;
  const said = `${capital(nameOf(rule))} against ${nameOf(over)}, among ${amongWhom(population)}: ${numbers}`;
  if (low > 0) {
    const worth = gain < SMALLEST_GAIN ? 'a gain, but too small to be worth a less simple rule' : 'a gain';
    return `${said}. It puts people in a better order in ${percent(better)} of the resamples: ${worth}.`;
  }
  if (high < 0) return `${said}. It puts people in a worse order: no gain.`;
  return `${said}. The interval includes zero: no gain can be claimed.`;
}

function percent(share: number): string {
  return `${Math.floor(100 * share)} %`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function fitSentence({ verdict, customers }: Fit): readonly string[] {
  switch (verdict) {
    case 'identified':
      return [];
    case 'dropout not identified':
      return [
        'The fit of MBG/NBD is degenerate: in these orders hardly anybody leaves for good, dropout is not identified. It is scored, and not recommended.',
      ];
    case 'at its bounds':
      return [
        'The fit of MBG/NBD is degenerate: it ended at the bounds of its parameters, so the model does not describe these orders. It is scored, and not recommended.',
      ];
    case 'not enough data':
      return [`MBG/NBD could not be fitted: ${plural(customers, 'customer')} with too few repeat orders.`];
    default:
      return verdict satisfies never;
  }
}

/** A candidate may be recommended over a rule: better among all, and not worse among those who bought repeatedly. */
function beats(candidate: PlayableRule, over: PlayableRule, gains: readonly Gain[]): boolean {
  const about = gains.filter((gain) => gain.rule === candidate && gain.over === over);
  const [all] = about.filter(({ population }) => population === 'all');
  const worseSomewhere = about.some(({ high }) => high < 0);
  return all !== undefined && isClaimed(all) && all.gain >= SMALLEST_GAIN && !worseSomewhere;
}

/**
 * @param gains of every rule over every simpler playable one
 */
export function verdictOf(evidence: Evidence, gains: readonly Gain[], fit: Fit): Verdict {
  const missing = missingFrom(evidence);
  if (missing.length > 0) {
    return {
      rule: undefined,
      missing,
      sentences: ['There is not enough data to say which rule this shop should use.', ...missing],
    };
  }
  const candidates: readonly PlayableRule[] = fit.verdict === 'identified' ? ['ownGap', 'mbg'] : ['ownGap'];
  // From the simplest on: a rule has to beat the best of those that are simpler.
  const rule = candidates.reduce<PlayableRule>(
    (best, candidate) => (beats(candidate, best, gains) && beats(candidate, 'recency', gains) ? candidate : best),
    'recency',
  );
  const against = gains.filter(({ over, rule: each }) => over === 'recency' && each !== 'logistic');
  const left = gains.filter(({ over, rule: each }) => over === rule && each === 'logistic');
  return {
    rule,
    missing,
    sentences: [
      recommendation(rule),
      ...against.map(gainSentence),
      ...left
        .filter(isClaimed)
        .map((gain) => `${gainSentence(gain)} It is a yardstick: no playbook rule works like it.`),
      ...fitSentence(fit),
    ],
  };
}

function recommendation(rule: PlayableRule): string {
  if (rule === 'recency') {
    return `This shop should use ${nameOf(rule)}, the simplest rule: judged by all customers who had ordered by the cut, no other is better by enough to be sure of.`;
  }
  return `This shop should use ${nameOf(rule)}: it tells who will not order again better than ${nameOf('recency')} does, judged by all customers who had ordered by the cut and by more than chance would explain, and not shown to be worse among those with two order days or more.`;
}
