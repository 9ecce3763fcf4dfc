/** Programmes pause while a customer is dissatisfied and for some days after: their delays count only time in between. */
import type { Facts } from '../facts/facts.ts';
import { dissatisfiedSpans, type StagePolicy } from '../stage.ts';
import type { Duration, Instant } from '../time.ts';
import { merged, type Span } from '../traits/spans.ts';

/** When promotion rests: while the customer is dissatisfied and some time after. Ascending and without overlap. */
export function pausesOf(facts: Facts, policy: StagePolicy): readonly Span[] {
  const spans = dissatisfiedSpans(facts, policy);
  if (spans.length === 0) return spans;
  const { quietAfter } = policy.dissatisfied;
  return merged(spans.map(({ from, to }) => ({ from, to: to + quietAfter })));
}

/** The instant at which `delay` of unpaused time has passed since `anchor`. */
export function afterPauses(anchor: Instant, delay: Duration, pauses: readonly Span[]): Instant {
  let at = anchor;
  let left = delay;
  for (const { from, to } of pauses) {
    if (to <= at) continue;
    if (at + left < from) break;
    left -= Math.max(0, from - at);
    at = to;
  }
  return at + left;
}

/** The end of the pause `t` lies in; undefined outside of pauses. */
export function pausedUntil(pauses: readonly Span[], t: Instant): Instant | undefined {
  return pauses.find(({ from, to }) => from <= t && t < to)?.to;
}
