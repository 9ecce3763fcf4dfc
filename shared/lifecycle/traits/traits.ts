/**
 * The traits of a customer as a function of facts, playbook and time. Each rule answers with spans, so the instants at
 * which a trait begins or ends are known in advance (I2). Traits of the first group end with the first order, where
 * types are looked at again.
 */
import { choicesOf } from '../facts/choices.ts';
import { type Instant, NEVER } from '../time.ts';
import { bargain, changing, impulse, keyAccount, quietKeyAccount, referred, returning } from './after-purchase.ts';
import { critic, neutral, promoter, wasCritic } from './attitude.ts';
import { hesitant, interested, looker, ready, researcher } from './before-purchase.ts';
import { efficient, switcher, traditional } from './declared.ts';
import { badExperience, dissatisfied, recentTrouble } from './dissatisfaction.ts';
import { TRAITS, type TraitId } from './ids.ts';
import { ownSpans } from './own.ts';
import type { Situation } from './situation.ts';
import { at, merged, type Reasoned, type Span } from './spans.ts';

/** A trait somebody has at some instant. */
export interface Held {
  /** One of ours or of the shop's. */
  readonly id: string;
  readonly since: Instant;
  /** NEVER when nothing but an event ends it. */
  readonly until: Instant;
  /** In words for people. */
  readonly because: string;
  /** Stated by the customer, not inferred. */
  readonly declared?: true;
}

type Rule = (situation: Situation) => readonly Reasoned[];

const RULES: Readonly<Record<TraitId, Rule>> = {
  looker,
  researcher,
  hesitant,
  ready,
  bargain,
  impulse,
  switcher,
  referred,
  neutral,
  promoter,
  critic,
  'was-critic': wasCritic,
  dissatisfied,
  'recent-trouble': recentTrouble,
  'bad-experience': badExperience,
  changing,
  efficient,
  traditional,
  'key-account': keyAccount,
  'quiet-key-account': quietKeyAccount,
  returning,
  interested,
};

/** The same as pairs, in the order of the list. */
const RULE_BY_TRAIT: readonly (readonly [TraitId, Rule])[] = TRAITS.map((id) => [id, RULES[id]]);

const DECLARED: ReadonlySet<string> = new Set<TraitId>(['switcher', 'efficient', 'traditional']);

/** They only protect from mail, so they hold for whoever asked not to be tailored, too. */
const PROTECTING: ReadonlySet<string> = new Set<TraitId>(['critic', 'was-critic', 'dissatisfied', 'recent-trouble']);

interface Trait {
  readonly id: string;
  /** As the rule gave them, each with its reason. */
  readonly reasoned: readonly Reasoned[];
  /** Their union. */
  readonly spans: readonly Span[];
}

interface WorkedOut extends Situation {
  readonly traits: readonly Trait[];
}

/** Asked for several times in a row with the same facts, which are never changed, only replaced: the last is kept. */
let latest: WorkedOut | undefined;

function traitsOf(situation: Situation): readonly Trait[] {
  const { facts, playbook, mails } = situation;
  if (latest?.facts === facts && latest.playbook === playbook && isSame(latest.mails, mails)) return latest.traits;
  const traits = workOut(situation);
  latest = { facts, playbook, mails, traits };
  return traits;
}

function isSame(a: readonly Instant[], b: readonly Instant[]): boolean {
  return a === b || (a.length === b.length && a.every((each, index) => each === b[index]));
}

function workOut(situation: Situation): readonly Trait[] {
  const { facts, playbook } = situation;
  const traits: Trait[] = [];
  const add = (id: string, reasoned: readonly Reasoned[]): void => {
    if (reasoned.length > 0) traits.push({ id, reasoned, spans: merged(reasoned) });
  };
  const tailored = facts.choices === undefined || choicesOf(facts.choices).tailored;
  for (const [id, rule] of RULE_BY_TRAIT) if (tailored || PROTECTING.has(id)) add(id, rule(situation));
  if (tailored) for (const trait of playbook.traits.own) add(trait.id, ownSpans(situation, trait));
  return traits;
}

/**
 * The traits held at `t`, in the order of the list, those of the shop last.
 *
 * @param t not before the last event that made the facts
 */
export function traitsAt(situation: Situation, t: Instant): readonly Held[] {
  return traitsOf(situation).flatMap(({ id, reasoned, spans }) => {
    const span = at(spans, t);
    const reason = at(reasoned, t);
    if (span === undefined || reason === undefined) return [];
    const { from, to } = span;
    const held: Held = { id, since: from, until: to, because: reason.because };
    return [DECLARED.has(id) ? { ...held, declared: true } : held];
  });
}

/** The names of the traits held at `t`, in the same order. */
export function heldAt(situation: Situation, t: Instant): readonly string[] {
  const held: string[] = [];
  for (const { id, spans } of traitsOf(situation)) if (at(spans, t) !== undefined) held.push(id);
  return held;
}

/** Whether a trait is held at `t`. */
export function hasTrait(situation: Situation, id: string, t: Instant): boolean {
  return at(spansOf(situation, id), t) !== undefined;
}

const NO_SPANS: readonly Span[] = [];

/** When a trait holds, if nothing else happens: ascending, without overlap. */
export function spansOf(situation: Situation, id: string): readonly Span[] {
  return traitsOf(situation).find((each) => each.id === id)?.spans ?? NO_SPANS;
}

/** Of the causes for which a trait is held at `t` the one that happened last; undefined when the trait is not held. */
export function newestCause(situation: Situation, id: string, t: Instant): Reasoned | undefined {
  let newest: Reasoned | undefined;
  for (const span of traitsOf(situation).find((each) => each.id === id)?.reasoned ?? []) {
    if (span.from > t || t >= span.to) continue;
    if (newest === undefined || (span.cause ?? span.from) >= (newest.cause ?? newest.from)) newest = span;
  }
  return newest;
}

/**
 * When a trait will begin or end, or get one cause more, if nothing else happens; strictly after `t`, NEVER when none
 * does.
 */
export function nextTraitChange(situation: Situation, t: Instant): Instant {
  let next = NEVER;
  for (const { reasoned, spans } of traitsOf(situation)) {
    for (const { from } of reasoned) if (from > t && from < next) next = from;
    for (const { to } of spans) if (to > t && to < next) next = to;
  }
  return next;
}
