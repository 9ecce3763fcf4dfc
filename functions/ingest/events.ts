/** The events in the body of a request: all of them would be taken in by `record`, or the request is refused as a whole. */
import * as z from 'zod/mini';
import { entryBytes, type ForwardedEvent } from '../../shared/adapters/forwarder.ts';
import { contentOf } from '../../shared/adapters/stored-event.ts';
import { INTAKE_SOURCE, OWN_SOURCE, PUT_EVENTS_BYTES } from '../../shared/contracts/bus.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { envelopeOf, eventsIn } from '../../shared/lifecycle/events/envelope.ts';
import { identifier } from '../../shared/lifecycle/events/fields.ts';
import { type Envelope, parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { BrokenEvent, Refusal } from './refusal.ts';

/** Events in a request: ten requests of PutEvents, which take less time than a sender is willing to wait. */
export const MOST_EVENTS = 100;

/** Characters of a source, a limit of the bus. */
const LONGEST_SOURCE = 256;

/** Levels of a detail, several times as many as any event has. What reads JSON by recursion ends at some thousands. */
const DEEPEST = 32;

export interface ReadEvents {
  readonly kind: 'events';
  readonly events: readonly ForwardedEvent[];
  /** Ids in the order of the events; null for browsing of nobody known, which needs none. */
  readonly ids: readonly (string | null)[];
}

/** An id is told and logged only if it is one: anything else may be an address. */
const named = z.object({ metadata: z.object({ id: identifier('the event id') }) });

type Finding = Pick<BrokenEvent, 'field' | 'expected'>;

/** @param now the present, against which times in the future are judged */
export function readEvents(body: Buffer, now: Instant): ReadEvents | Refusal {
  let content: unknown;
  try {
    content = JSON.parse(body.toString());
  } catch {
    // Without the cause: it quotes the body.
    return { kind: 'malformed', expected: 'expected JSON: an event, a list of events, or { "Entries": [...] }' };
  }
  const found = eventsIn(content);
  if (found.length === 0) return { kind: 'malformed', expected: 'expected at least one event' };
  if (found.length > MOST_EVENTS) return { kind: 'too-large', limit: `${MOST_EVENTS} events` };
  const events: ForwardedEvent[] = [];
  const ids: (string | null)[] = [];
  const broken: BrokenEvent[] = [];
  /** Of the events so far, the content of each id of a customer. */
  const contents = new Map<string, string>();
  for (const [index, written] of found.entries()) {
    const envelope = envelopeOf(written);
    if ('field' in envelope) {
      const { detailType, field, expected } = envelope;
      broken.push({ index, id: undefined, 'detail-type': detailType, field, expected });
      continue;
    }
    const { detailType } = envelope;
    const id = named.safeParse(envelope.detail).data?.metadata.id;
    const findings = findingsOf(envelope, contents, now);
    if (findings.length === 0) {
      events.push(forwarded(envelope));
      ids.push(id ?? null);
    }
    broken.push(...findings.map((each) => ({ index, id, 'detail-type': detailType, ...each })));
  }
  return broken.length === 0
    ? { kind: 'events', events, ids }
    : { kind: 'broken-events', of: found.length, events: broken };
}

function forwarded({ source, detailType, detail }: Envelope): ForwardedEvent {
  return {
    source: source === '' ? INTAKE_SOURCE : source,
    detailType,
    detail: detail === undefined ? '' : JSON.stringify(detail),
  };
}

/** Reads no deeper than it says, however deep the value is. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth < levels && level.length > 0; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return level.some((each) => typeof each === 'object' && each !== null);
}

/** An id with one content is a repetition and counts once; with another content it is a mistake, and one would be lost. */
function reusedId(event: CustomerEvent, contents: Map<string, string>): readonly Finding[] {
  const key = JSON.stringify([event.customerId, event.id]);
  const content = contentOf(event);
  const before = contents.get(key);
  contents.set(key, before ?? content);
  if (before === undefined || before === content) return [];
  return [{ field: 'metadata.id', expected: 'expected an id that no other event of the request has' }];
}

/**
 * What `record` would refuse the event for, or the bus.
 *
 * @param contents of the events before it, to which it is added
 */
function findingsOf(envelope: Envelope, contents: Map<string, string>, now: Instant): readonly Finding[] {
  if (isDeeper(envelope.detail, DEEPEST)) return [{ field: 'detail', expected: `expected at most ${DEEPEST} levels` }];
  const event = forwarded(envelope);
  const { source } = event;
  // A key of the intake is the shop's; what we and AWS say ourselves does not come this way.
  if (source === OWN_SOURCE || source.startsWith(`${OWN_SOURCE}.`) || source.startsWith('aws.')) {
    return [{ field: 'source', expected: `expected a source of the shop's own, not one of ${OWN_SOURCE} or aws` }];
  }
  if (source.length > LONGEST_SOURCE) {
    return [{ field: 'source', expected: `expected at most ${LONGEST_SOURCE} characters` }];
  }
  const parsed = parseEvent({ ...envelope, source }, now);
  switch (parsed.kind) {
    case 'refused':
      return parsed.all.map(({ field, expected }) => ({ field, expected }));
    case 'unknown':
      // On the bus others may have a use for it, here nobody has: it is a slip of the pen.
      return [{ field: 'detail-type', expected: 'expected one of the types in docs/events' }];
    case 'anonymous':
    case 'event':
      if (entryBytes(event) > PUT_EVENTS_BYTES) {
        return [{ field: 'detail', expected: `expected at most ${PUT_EVENTS_BYTES} bytes` }];
      }
      return parsed.kind === 'event' ? reusedId(parsed.event, contents) : [];
    default:
      return parsed satisfies never;
  }
}
