/**
 * Spans of time, from inclusive and to exclusive: what every rule about traits answers with, so that the beginning, the
 * end and the next look follow by themselves.
 */
import { type Duration, type Instant, NEVER } from '../time.ts';

export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** A span and, in words for people, why. */
export interface Reasoned extends Span {
  readonly because: string;
  /** When that happened which it holds for, where it did not hold at once, or not all the time since. */
  readonly cause?: Instant;
}

/** What a rule answers when its fact is absent; always the same list, for most rules answer so most of the time. */
export const NONE: readonly Reasoned[] = [];

/** The span as a list, or nothing when it is empty. */
export function during(from: Instant, to: Instant, because: string): readonly Reasoned[] {
  return from < to ? [{ from, to, because }] : NONE;
}

/**
 * When at least `count` of the times lay within the duration before: from the one that completes them to the moment the
 * first of them is too old.
 *
 * @param times ascending
 */
export function whileAtLeast(times: readonly Instant[], count: number, within: Duration): readonly Span[] {
  return merged(
    times.flatMap((first, index) => {
      const completing = times[index + count - 1];
      return completing !== undefined && completing < first + within ? [{ from: completing, to: first + within }] : [];
    }),
  );
}

/** Their union: ascending, without overlap, and none touching the next. */
export function merged(spans: readonly Span[]): readonly Span[] {
  if (spans.length < 2) return spans;
  const union: Span[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = union.at(-1);
    if (last !== undefined && from <= last.to) union.splice(-1, 1, { from: last.from, to: Math.max(last.to, to) });
    else union.push({ from, to });
  }
  return union;
}

/** What is left of the spans outside of the others. */
export function outside<S extends Span>(spans: readonly S[], others: readonly Span[]): readonly S[] {
  if (spans.length === 0 || others.length === 0) return spans;
  let left = spans;
  for (const { from, to } of others) {
    left = left.flatMap((span) =>
      [
        { ...span, to: Math.min(span.to, from) },
        { ...span, from: Math.max(span.from, to) },
      ].filter((rest) => rest.from < rest.to),
    );
  }
  return left;
}

/** The spans as far as they lie before an instant. */
export function until<S extends Span>(spans: readonly S[], end: Instant): readonly S[] {
  return end === NEVER || spans.length === 0 ? spans : outside(spans, [{ from: end, to: NEVER }]);
}

/** The span that holds at `t`; of several the one that began last. */
export function at<S extends Span>(spans: readonly S[], t: Instant): S | undefined {
  let found: S | undefined;
  for (const span of spans) {
    if (span.from <= t && t < span.to && (found === undefined || span.from >= found.from)) found = span;
  }
  return found;
}
