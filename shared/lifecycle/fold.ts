/** From events to facts, one by one or all at once; both ways give the same facts (I1). */
import { customerErasureRequested } from './events/customer-erasure-requested.ts';
import type { CustomerEvent, Folded } from './events/definition.ts';
import { eventType } from './events/event-types.ts';
import { type Facts, NO_FACTS, trimFacts } from './facts/facts.ts';
import { type Interest, withInterest } from './facts/interest.ts';
import { compareStamps } from './facts/order-by-time.ts';

function fold(facts: Facts, event: CustomerEvent): Folded {
  const type = eventType(event.type);
  // An event type that was retired leaves journal items behind; they no longer say anything. What was looked at counts
  // together, and the wish to be forgotten is no fact.
  if (type === undefined || type.look !== undefined || type === customerErasureRequested) return facts;
  const folded = type.fold(facts, event);
  if (folded === undefined || event.occurredAt >= (folded.firstSeenAt ?? Infinity)) return folded;
  return { ...folded, firstSeenAt: event.occurredAt };
}

/**
 * Takes one event into the facts.
 *
 * @returns undefined when the event is older than what the facts still hold one by one: use {@link factsOf}
 */
export function absorb(facts: Facts, event: CustomerEvent): Folded {
  const folded = fold(facts, event);
  return folded === undefined || folded === facts ? folded : trimFacts(folded);
}

/** An event stream that cannot be folded even as a whole contradicts the definition of its types. */
class UnfoldableJournal extends Error {
  override readonly name = 'UnfoldableJournal';
}

/**
 * The facts of a whole journal, in whatever order it is given.
 *
 * @param interest what the looks come to: they are kept beside the journal
 * @throws UnfoldableJournal when an event type answers undefined although nothing has been trimmed
 */
export function factsOf(journal: readonly CustomerEvent[], interest?: Interest): Facts {
  const ordered = journal.toSorted((a, b) => compareStamps(stampOf(a), stampOf(b)));
  let facts = withInterest(NO_FACTS, interest);
  for (const event of ordered) {
    const folded = fold(facts, event);
    if (folded === undefined) throw new UnfoldableJournal(`${event.type} asks for a rebuild within a rebuild`);
    facts = folded;
  }
  return trimFacts(facts);
}

function stampOf(event: CustomerEvent) {
  return { at: event.occurredAt, id: event.id };
}
