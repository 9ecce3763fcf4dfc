/** Programmes pause while a customer is dissatisfied and for some days after: their delays count only time in between. */
import type { Span } from '../facts/complaints.ts';
import type { Facts } from '../facts/facts.ts';
import { dissatisfiedSpans, type StagePolicy } from '../stage.ts';
import type { Duration, Instant } from '../time.ts';

/** When promotion rests, ascending and without overlap. */
export function pausesOf(facts: Facts, policy: StagePolicy): readonly Span[] {
  const merged: Span[] = [];
  for (const { from, to } of dissatisfiedSpans(facts.complaints, policy)) {
    const end = to + policy.dissatisfied.quietAfter;
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) merged.splice(-1, 1, { from: last.from, to: Math.max(last.to, end) });
    else merged.push({ from, to: end });
  }
  return merged;
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
