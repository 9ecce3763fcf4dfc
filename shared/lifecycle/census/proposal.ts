/**
 * What the rule of silence would be if it were fitted to the shop as it is today. It is only ever proposed: a fit that means
 * little is said to, and applying one is for people, who see first how many customers would change stage.
 */
import type { CadencePolicy } from '../cadence/cadence.ts';
import { fitMbg } from '../cadence/fit.ts';
import type { StagePolicy } from '../stage.ts';
import { type Duration, inDays, type Instant, utcDay } from '../time.ts';
import { type GapCounts, medianGap } from './gaps.ts';
import { MoveCounter, type Moves } from './moves.ts';
import { repeatsIn } from './sample.ts';

/** Once a week: from one night to the next nothing changes that would be worth anybody's time. */
const EVERY_DAYS = 7;

/** Fewer gaps than this have no median one would tell thousands of people by. */
const LEAST_GAPS = 300;

/** Parameters are told to four digits; a sample of ten thousand does not give the fifth. */
const DIGITS = 4;

/** What a fit rests on, of a finished count. */
export interface Evidence {
  /** Base64, as the sampler gave it. */
  readonly sample: string;
  readonly gaps: GapCounts;
}

interface Occasion {
  /** Of the census that fitted it. */
  readonly at: Instant;
  /** The rule in force then. */
  readonly live: CadencePolicy;
  /** Customers in the sample. */
  readonly customers: number;
}

/** Why nothing is proposed. */
type Unfit = 'nothing to fit' | 'not enough data' | 'dropout not identified' | 'at its bounds';

export type Proposal =
  | (Occasion & { readonly verdict: Unfit })
  | (Occasion & { readonly verdict: 'proposed'; readonly proposed: CadencePolicy; readonly moves: Moves });

/** What a rule says, whatever the order it says it in. */
function inOrder(rule: CadencePolicy): string {
  return JSON.stringify(Object.entries(rule).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function isSameRule(one: CadencePolicy, other: CadencePolicy): boolean {
  return inOrder(one) === inOrder(other);
}

/** Whether the census of `at` fits anew: a week after the last time, and as soon as another rule is in force. */
export function isToBeFitted(last: Proposal | undefined, live: CadencePolicy, at: Instant): boolean {
  return last === undefined || utcDay(at) - utcDay(last.at) >= EVERY_DAYS || !isSameRule(last.live, live);
}

function rounded(parameter: number): number {
  return Number(parameter.toPrecision(DIGITS));
}

/** The same rule with what the shop's customers make of it. */
function fitted(live: CadencePolicy, { sample, gaps }: Evidence): Unfit | CadencePolicy {
  const usual = medianGap(gaps);
  const populationGap: Duration | undefined = usual && usual.gaps >= LEAST_GAPS ? usual.median : undefined;
  switch (live.rule) {
    case 'fixed':
      return 'nothing to fit';
    case 'ownGap':
      return populationGap === undefined ? 'not enough data' : { ...live, populationGap };
    case 'mbg': {
      if (populationGap === undefined) return 'not enough data';
      const { verdict, parameters } = fitMbg(repeatsIn(sample));
      if (verdict !== 'identified') return verdict;
      const { r, alpha, a, b } = parameters;
      return { ...live, populationGap, r: rounded(r), alpha: rounded(alpha), a: rounded(a), b: rounded(b) };
    }
    default:
      return live satisfies never;
  }
}

/** Fits the rule in force to what was counted; of whom it would move, nobody has been looked at yet. */
export function propose(live: CadencePolicy, evidence: Evidence, at: Instant): Proposal {
  const occasion = { at, live, customers: repeatsIn(evidence.sample).length };
  const found = fitted(live, evidence);
  if (typeof found === 'string') return { ...occasion, verdict: found };
  return { ...occasion, verdict: 'proposed', proposed: found, moves: {} };
}

/**
 * Counts whom a proposed rule would put into another stage, on from where the proposal stands.
 *
 * @param stages the policy in force, for all but its rule of silence
 */
export function movesUnder(
  { live, proposed, moves, at }: Extract<Proposal, { verdict: 'proposed' }>,
  stages: StagePolicy,
): MoveCounter {
  return new MoveCounter({ ...stages, cadence: live }, { ...stages, cadence: proposed }, at, moves);
}

/** The fields of a rule that would change, in words: [field, now, proposed]. */
export function changesOfRule(
  live: CadencePolicy,
  proposed: CadencePolicy,
): readonly (readonly [field: string, now: string, proposed: string])[] {
  const now = new Map<string, string | number>(Object.entries(live));
  return Object.entries(proposed).flatMap(([field, value]: [string, string | number]) => {
    const before = now.get(field);
    return before === undefined || before === value ? [] : [[field, told(field, before), told(field, value)] as const];
  });
}

/** Fitting changes one duration; the other parameters are numbers. */
function told(field: string, value: string | number): string {
  return field === 'populationGap' && typeof value === 'number' ? inDays(value) : String(value);
}
