/**
 * Observing time: walks through every change of stage and traits up to an instant, so that a crossing in the shadow of
 * an outage, or seconds before a purchase, is seen; and allocates episodes where a series begins.
 */
import type { Facts } from '../facts/facts.ts';
import { historyOf } from '../facts/orders.ts';
import type { Playbook } from '../playbook.ts';
import { nextChangeAt, type Stage, stageNameOf, stageOf } from '../stage.ts';
import { type Duration, type Instant, NEVER } from '../time.ts';
import { type Situation, situationOf } from '../traits/situation.ts';
import { heldAt, newestCause, nextTraitChange, spansOf } from '../traits/traits.ts';
import { at as spanAt } from '../traits/spans.ts';
import type { TraitId } from '../traits/ids.ts';
import type { Episode, Living, StageChange } from './profile.ts';

export interface Observed {
  readonly customer: Living;
  readonly changes: readonly StageChange[];
}

/** When stage or traits change next if nothing else happens; strictly after the last evaluation. */
export function nextCrossing(customer: Living, playbook: Playbook): Instant {
  const { facts, evaluatedAt } = customer;
  const stage = nextChangeAt(facts, playbook.stages, evaluatedAt);
  return Math.min(stage, nextTraitChange(situationOf(customer, playbook), evaluatedAt));
}

interface Beginning {
  /** Of the series. */
  readonly id: string;
  /** However soon after the last time: service is for everybody whom it concerns, each time it begins to. */
  readonly eachTime: boolean;
}

const CRITIC: TraitId = 'critic';

/** The series that entering a stage or getting a trait begins, by its name. */
type Beginnings = ReadonlyMap<string, readonly Beginning[]>;

const beginnings = new WeakMap<Playbook, Record<'stage' | 'trait', Beginnings>>();

function beginningsOf(playbook: Playbook): Record<'stage' | 'trait', Beginnings> {
  const known = beginnings.get(playbook);
  if (known !== undefined) return known;
  const stage = new Map<string, Beginning[]>();
  const trait = new Map<string, Beginning[]>();
  for (const { id, ...series } of playbook.programmes.flatMap((programme) => programme.series)) {
    const eachTime = series.steps.every((step) => step.class === 'service');
    const begins = (others: readonly Beginning[] = []) => [...others, { id, eachTime }];
    if (series.trigger === 'stage') stage.set(series.stage, begins(stage.get(series.stage)));
    if (series.trigger === 'trait') trait.set(series.trait, begins(trait.get(series.trait)));
  }
  const found = { stage, trait };
  beginnings.set(playbook, found);
  return found;
}

/** Any time at all: what is heard again begins nothing. */
const LATER: Duration = 1;

/**
 * The episodes with those of the series begun, unless the last one began less than `repeatAfter` ago: then it goes on,
 * so that a late order cannot mint a second win-back. Service begins each time, and so does what has become another matter.
 *
 * @param cause when that happened which it begins for, where it did not begin at once: one that began since was for it
 * @param anew when that happened which makes it another matter: what began before it was for the former one
 */
function begun(
  episodes: Living['episodes'],
  series: readonly Beginning[] | undefined,
  since: Instant,
  { repeatAfter }: Playbook,
  { cause = since, anew = -NEVER }: { readonly cause?: Instant; readonly anew?: Instant | undefined } = {},
): Living['episodes'] {
  let all = episodes;
  for (const { id, eachTime } of series ?? []) {
    const last = all[id];
    const again = eachTime || (last !== undefined && anew > last.beganAt) ? LATER : repeatAfter;
    if (last !== undefined && cause - last.beganAt < Math.min(again, repeatAfter)) continue;
    const episode: Episode = { n: (last?.n ?? 0) + 1, beganAt: since };
    all = { ...all, [id]: episode };
  }
  return all;
}

/**
 * When that happened which makes entering a stage another matter than the last time. Who comes back is greeted again if they
 * have lapsed since; whoever lapses is to be won back again if they have bought since. An order that was taken back is neither.
 */
function anewSince({ facts, lapsedSince }: Living, stage: Stage, returning: boolean): Instant | undefined {
  if (stage === 'new' && returning) return lapsedSince;
  return stage === 'lapsed' ? historyOf(facts.orders)?.last : undefined;
}

/** Entering a stage begins its series anew. */
function observeStage(observed: Observed, stage: Stage, t: Instant, playbook: Playbook): Observed {
  const { customer } = observed;
  if (stage === customer.stage) return observed;
  const { since, reasons, returning } = stageOf(customer.facts, playbook.stages, t);
  const { lapsedSince: known = -NEVER } = customer;
  const ordered = historyOf(customer.facts.orders)?.last ?? NEVER;
  const episodes = begun(customer.episodes, beginningsOf(playbook).stage.get(stage), since, playbook, {
    anew: anewSince(customer, stage, returning),
  });
  const change: StageChange = { from: customer.stage, to: stage, at: t, reasons };
  const lapsed = stage === 'lapsed' && { lapsedSince: known > ordered ? known : t };
  return {
    customer: { ...customer, stage, stageSince: t, ...lapsed, episodes },
    changes: [...observed.changes, change],
  };
}

/**
 * Getting a trait begins its series, and so does a new cause of a trait that is held: somebody who complains again within
 * half a year has another bad experience. Service begins with the trait alone: a critic who finds one fault more has been
 * written to.
 */
function observeTraits(customer: Living, situation: Situation, t: Instant): Living {
  const held = heldAt(situation, t);
  const before = customer.traits;
  const isSame = held.length === before.length && held.every((id, index) => id === before[index]);
  const { trait } = beginningsOf(situation.playbook);
  let { episodes } = customer;
  for (const id of held) {
    const series = trait.get(id);
    if (series === undefined) continue;
    const { from = t, cause = from } = newestCause(situation, id, t) ?? {};
    const beginning = before.includes(id) ? series.filter(({ eachTime }) => !eachTime) : series;
    episodes = begun(episodes, beginning, from, situation.playbook, { cause });
  }
  if (isSame) return episodes === customer.episodes ? customer : { ...customer, episodes };
  const { criticSince: _known, ...known } = { ...customer, traits: held, episodes };
  if (!held.includes(CRITIC)) return known;
  const since = before.includes(CRITIC) ? customer.criticSince : undefined;
  return { ...known, criticSince: since ?? spanAt(spansOf(situation, CRITIC), t)?.from ?? t };
}

/** Observes stage and traits at `t`, which is not before the last evaluation. */
function observe(observed: Observed, t: Instant, playbook: Playbook): Observed {
  const { facts } = observed.customer;
  const staged = observeStage(observed, stageNameOf(facts, playbook.stages, t), t, playbook);
  const { customer, changes } = staged;
  const known = observeTraits(customer, situationOf(customer, playbook), t);
  const moved = t > known.evaluatedAt ? { ...known, evaluatedAt: t } : known;
  return moved === observed.customer ? observed : { customer: moved, changes };
}

/**
 * Steps through every change of stage and traits after the last evaluation up to and including `until`.
 *
 * @param until earlier than the last evaluation changes nothing
 */
export function advance(observed: Observed, until: Instant, playbook: Playbook): Observed {
  let seen = observed;
  for (let next = nextCrossing(seen.customer, playbook); next <= until;) {
    seen = observe(seen, next, playbook);
    next = nextCrossing(seen.customer, playbook);
  }
  return until > seen.customer.evaluatedAt ? { ...seen, customer: { ...seen.customer, evaluatedAt: until } } : seen;
}

/** Replaces the facts and observes what that changes at once. */
export function withFacts(observed: Observed, facts: Facts, playbook: Playbook): Observed {
  const { customer, changes } = observed;
  const informed = facts === customer.facts ? observed : { changes, customer: { ...customer, facts } };
  return observe(informed, customer.evaluatedAt, playbook);
}
