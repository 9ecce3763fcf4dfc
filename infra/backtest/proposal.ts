/**
 * From the verdict of a backtest to the cadence of a playbook: the rule that was found, with thresholds chosen on orders
 * up to the cut only, written into the marketers' file without touching the rest of it.
 */
import { quantile } from 'd3-array';
import { applyEdits, type JSONPath, modify } from 'jsonc-parser';
import { plural } from '../../shared/lifecycle/explain/when.ts';
import type { CadencePolicy } from '../../shared/lifecycle/cadence/cadence.ts';
import { digitsOf, type MoneyByCurrency } from '../../shared/lifecycle/facts/money.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { DAY, type Duration, inDays, utcDay } from '../../shared/lifecycle/time.ts';
import type { OrderLog } from '../history/order-log.ts';
import type { Scored, Thresholds } from './scoring/score.ts';
import { FALSE_ALARMS } from './scoring/threshold.ts';

export interface Proposal {
  readonly policy: CadencePolicy;
  /** How its numbers were chosen, one sentence each. */
  readonly criteria: readonly string[];
}

/** Where a shop gives people up before the alarm would ring, they are at risk from half that silence on. */
const AT_RISK_SHARE = 0.5;
/** Nobody is alarmed about before one usual gap of the shop, within these bounds. */
const AT_RISK_FLOOR = { least: 7 * DAY, most: 21 * DAY } as const;
/** Nobody is given up before two of them, within these. */
const LAPSED_FLOOR = { least: 14 * DAY, most: 60 * DAY, gaps: 2 } as const;
/** Nothing about a customer is certain: a threshold on a probability stays clear of 0 and 1. */
const LEAST_PROBABILITY = 0.01;
/** Digits that a marketer can read and that change no crossing by an hour. */
const PARAMETER_DIGITS = 6;
const GAP_DECIMALS = 2;
const PROBABILITY_DECIMALS = 3;
/** Of customers by spend, the quarter above this is the top one. */
const TOP_QUARTER = 0.75;

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function atRiskOf({ lapsed, alarm = Number.POSITIVE_INFINITY }: Thresholds): number {
  return Math.min(alarm, AT_RISK_SHARE * lapsed);
}

const LAPSED_CRITERION =
  'Lapsed: the threshold with the best macro-F1 on who ordered in the window that ends with the cut.';
const AT_RISK_CRITERION = `At risk: the silence that at most ${100 * FALSE_ALARMS} % of the returns of repeat buyers in that window exceeded, or half of what makes somebody lapsed, if that comes first.`;

/** Floors and the gap of the shop, which rules by gaps share. */
function byGaps(scored: Scored) {
  const populationGap = Math.max(1, Math.round(scored.populationGap)) * DAY;
  return {
    populationGap,
    atRiskNotBefore: within(populationGap, AT_RISK_FLOOR.least, AT_RISK_FLOOR.most),
    lapsedNotBefore: within(LAPSED_FLOOR.gaps * populationGap, LAPSED_FLOOR.least, LAPSED_FLOOR.most),
  };
}

function floorCriterion({ populationGap, atRiskNotBefore, lapsedNotBefore }: ReturnType<typeof byGaps>): string {
  return `Floors that were not scored: nobody is at risk before ${inDays(atRiskNotBefore)} or lapsed before ${inDays(lapsedNotBefore)}, from the usual gap of ${inDays(populationGap)}.`;
}

/**
 * The cadence that the verdict recommends.
 *
 * @returns undefined when there is not enough data, or nothing to choose a threshold by
 */
export function proposeCadence(scored: Scored): Proposal | undefined {
  const { verdict, thresholds, fit, horizon } = scored;
  const { rule } = verdict;
  switch (rule) {
    case undefined:
      return undefined;
    case 'recency': {
      if (thresholds.recency === undefined) return undefined;
      // Two days at least, so that at risk can come before lapsed.
      const lapsed = Math.max(2, Math.round(thresholds.recency.lapsed));
      const atRisk = within(Math.round(atRiskOf(thresholds.recency)), 1, lapsed - 1);
      return {
        policy: { rule: 'fixed', atRiskAfter: atRisk * DAY, lapsedAfter: lapsed * DAY },
        criteria: [LAPSED_CRITERION, AT_RISK_CRITERION],
      };
    }
    case 'ownGap': {
      if (thresholds.ownGap === undefined) return undefined;
      const gaps = byGaps(scored);
      const atRiskGaps = rounded(atRiskOf(thresholds.ownGap), GAP_DECIMALS);
      const lapsedGaps = rounded(thresholds.ownGap.lapsed, GAP_DECIMALS);
      return {
        policy: { rule: 'ownGap', ...gaps, atRiskGaps, lapsedGaps },
        criteria: [LAPSED_CRITERION, AT_RISK_CRITERION, floorCriterion(gaps)],
      };
    }
    case 'mbg': {
      if (thresholds.mbg === undefined || thresholds.ownGap === undefined) return undefined;
      const gaps = byGaps(scored);
      const digits = (value: number) => Number(value.toPrecision(PARAMETER_DIGITS));
      const { r, alpha, a, b } = fit.parameters;
      return {
        policy: {
          rule: 'mbg',
          r: digits(r),
          alpha: digits(alpha),
          a: digits(a),
          b: digits(b),
          horizon: horizon * DAY,
          lapsedAbove: rounded(
            within(thresholds.mbg.lapsed, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY),
            PROBABILITY_DECIMALS,
          ),
          ...gaps,
          atRiskGaps: rounded(atRiskOf(thresholds.ownGap), GAP_DECIMALS),
        },
        criteria: [
          `r, alpha, a and b: fitted by maximum likelihood to ${plural(fit.customers, 'person', 'people')}, orders up to the cut.`,
          LAPSED_CRITERION,
          `${AT_RISK_CRITERION} Here in gaps of the customer, the better alarm clock.`,
          floorCriterion(gaps),
        ],
      };
    }
    default:
      return rule satisfies never;
  }
}

/**
 * What the top quarter of customers has spent at least, by the end of a UTC day, in minor units per currency; whoever
 * has an amount that is not known is left out.
 */
export function topQuarterSpend(log: OrderLog, day: number): MoneyByCurrency {
  const { customers, starts, at, minor, currency, currencies } = log;
  const spent = currencies.map((): number[] => []);
  customers.forEach((_, customer) => {
    const sums = new Map<number, number>();
    for (let order = starts[customer] ?? 0; order < (starts[customer + 1] ?? 0); order += 1) {
      if (utcDay(at[order] ?? 0) > day) break;
      const paidIn = currency[order] ?? 0;
      sums.set(paidIn, (sums.get(paidIn) ?? 0) + (minor[order] ?? Number.NaN));
    }
    for (const [paidIn, sum] of sums) if (!Number.isNaN(sum)) spent[paidIn]?.push(sum);
  });
  const tops = currencies.flatMap((code, index): [string, number][] => {
    const top = quantile(spent[index] ?? [], TOP_QUARTER);
    return top === undefined ? [] : [[code, Math.round(top)]];
  });
  return Object.fromEntries(tops);
}

function durationText(duration: Duration): string {
  return inDays(duration);
}

/** A policy as it stands in a playbook. */
function sourceOf(policy: CadencePolicy): Readonly<Record<string, string | number>> {
  switch (policy.rule) {
    case 'fixed': {
      const { rule, atRiskAfter, lapsedAfter } = policy;
      return { rule, atRiskAfter: durationText(atRiskAfter), lapsedAfter: durationText(lapsedAfter) };
    }
    case 'ownGap': {
      const { rule, populationGap, atRiskGaps, lapsedGaps, atRiskNotBefore, lapsedNotBefore } = policy;
      return {
        rule,
        populationGap: durationText(populationGap),
        atRiskGaps,
        lapsedGaps,
        atRiskNotBefore: durationText(atRiskNotBefore),
        lapsedNotBefore: durationText(lapsedNotBefore),
      };
    }
    case 'mbg': {
      const { rule, r, alpha, a, b, horizon, lapsedAbove, populationGap, atRiskGaps } = policy;
      return {
        rule,
        r,
        alpha,
        a,
        b,
        horizon: durationText(horizon),
        lapsedAbove,
        populationGap: durationText(populationGap),
        atRiskGaps,
        atRiskNotBefore: durationText(policy.atRiskNotBefore),
        lapsedNotBefore: durationText(policy.lapsedNotBefore),
      };
    }
    default:
      return policy satisfies never;
  }
}

/** The width of a step of indentation, and the line ends, as the file has them. */
function formattingOf(text: string) {
  const indentation = /\n([ \t]+)\S/u.exec(text)?.[1] ?? '  ';
  return {
    insertSpaces: !indentation.includes('\t'),
    tabSize: indentation.includes('\t') ? 1 : indentation.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/**
 * Writes a cadence into the text of a playbook; the rest of it stays as it is, to the character.
 *
 * @param loyalSpend what makes a loyal customer in these currencies, in minor units; others keep their sum
 * @returns the new text
 * @throws InvalidPlaybook when the text was none before, or the policy makes none
 * @throws SyntaxError when the text is not JSON
 */
export function applyTo(playbookText: string, policy: CadencePolicy, loyalSpend: MoneyByCurrency = {}): string {
  parsePlaybook(JSON.parse(playbookText));
  const changes: readonly (readonly [JSONPath, unknown])[] = [
    [['stages', 'cadence'], sourceOf(policy)],
    ...Object.entries(loyalSpend).map(([currency, minor]): [JSONPath, unknown] => [
      ['stages', 'loyal', 'spend', currency],
      minor / 10 ** digitsOf(currency),
    ]),
  ];
  const formattingOptions = formattingOf(playbookText);
  const changed = changes.reduce(
    (text, [path, value]) => applyEdits(text, modify(text, path, value, { formattingOptions })),
    playbookText,
  );
  parsePlaybook(JSON.parse(changed));
  return changed;
}
