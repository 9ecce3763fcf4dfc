/** The events in the body of a request: all of them would be taken in by `record`, or the request is refused as a whole. */
import * as z from 'zod/mini';
import { Acceptance } from '../../shared/adapters/acceptance.ts';
import type { ForwardedEvent } from '../../shared/adapters/forwarder.ts';
import { INTAKE_SOURCE, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import { envelopeOf, eventsIn } from '../../shared/lifecycle/events/envelope.ts';
import { identifier } from '../../shared/lifecycle/events/fields.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { BrokenEvent, Refusal } from './refusal.ts';

/** Events in a request: ten requests of PutEvents, which take less time than a sender is willing to wait. */
export const MOST_EVENTS = 100;

export interface ReadEvents {
  readonly kind: 'events';
  readonly events: readonly ForwardedEvent[];
  /** Ids in the order of the events; null for browsing of nobody known, which needs none. */
  readonly ids: readonly (string | null)[];
}

/** An id is told and logged only if it is one: anything else may be an address. */
const named = z.object({ metadata: z.object({ id: identifier('the event id') }) });

/** JSON is UTF-8: what is read as something else than its sender meant must not be taken. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

const NO_TEXT: Refusal = { kind: 'malformed', expected: 'expected JSON in UTF-8, not in another encoding' };
const NO_JSON: Refusal = {
  kind: 'malformed',
  expected: 'expected JSON: an event, a list of events, or { "Entries": [...] }',
};

/** @param now the present, against which times in the future are judged */
export function readEvents(body: Buffer, now: Instant): ReadEvents | Refusal {
  const text = textOf(body);
  if (text === undefined) return NO_TEXT;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Without the cause: it quotes the body.
    return NO_JSON;
  }
  const found = eventsIn(content);
  if (found.length === 0) return { kind: 'malformed', expected: 'expected at least one event' };
  if (found.length > MOST_EVENTS) return { kind: 'too-large', limit: `${MOST_EVENTS} events` };
  const events: ForwardedEvent[] = [];
  const ids: (string | null)[] = [];
  const broken: BrokenEvent[] = [];
  const acceptance = new Acceptance(now);
  for (const [index, written] of found.entries()) {
    const envelope = envelopeOf(written);
    if ('field' in envelope) {
      const { detailType, field, expected } = envelope;
      broken.push({ index, id: undefined, 'detail-type': detailType, field, expected });
      continue;
    }
    const { detailType } = envelope;
    const id = named.safeParse(envelope.detail).data?.metadata.id;
    const source = envelope.source === '' ? INTAKE_SOURCE : envelope.source;
    const judged = isOurs(source) ? OURS : acceptance.judge({ ...envelope, source });
    if (judged.kind === 'faulty') {
      broken.push(...judged.faults.map((each) => ({ index, id, 'detail-type': detailType, ...each })));
      continue;
    }
    events.push(judged.event);
    ids.push(id ?? null);
  }
  return broken.length === 0
    ? { kind: 'events', events, ids }
    : { kind: 'broken-events', of: found.length, events: broken };
}

/** Undefined for what is no UTF-8. */
function textOf(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw cause;
  }
}

/** A key of the intake is the shop's; what we and AWS say ourselves does not come this way. */
function isOurs(source: string): boolean {
  return source === OWN_SOURCE || source.startsWith(`${OWN_SOURCE}.`) || source.startsWith('aws.');
}

const OURS = {
  kind: 'faulty',
  faults: [{ field: 'source', expected: `expected a source of the shop's own, not one of ${OWN_SOURCE} or aws` }],
} as const;
