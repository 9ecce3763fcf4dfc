/**
 * What the bus and `record` take in: whoever puts events on the bus for others asks before, so that what would be refused later
 * is refused at once, while its sender is there to mend it.
 */
import { PUT_EVENTS_BYTES } from '../contracts/bus.ts';
import type { CustomerEvent } from '../lifecycle/events/definition.ts';
import { type Envelope, parseEvent } from '../lifecycle/events/parse-event.ts';
import type { Instant } from '../lifecycle/time.ts';
import { entryBytes, type ForwardedEvent } from './forwarder.ts';
import { contentOf } from './stored-event.ts';

/** Characters of a source, a limit of the bus. */
const LONGEST_SOURCE = 256;

/** Levels of a detail, several times as many as any event has. What reads JSON by recursion ends at some thousands. */
const DEEPEST = 32;

/** What is wrong with an event; no value of it is repeated. */
interface Fault {
  /** A path such as `data.items[0].price` below the detail, or a part of the event itself. */
  readonly field: string;
  readonly expected: string;
}

export type Accepted =
  /** `anonymous`: browsing of nobody known, which is passed over. */
  | { readonly kind: 'event' | 'anonymous'; readonly event: ForwardedEvent }
  | { readonly kind: 'faulty'; readonly faults: readonly Fault[] };

/** Judges events that are put on the bus together. */
export class Acceptance {
  readonly #now: Instant;
  /** Of the events so far, the content of each id of a customer. */
  readonly #contents = new Map<string, string>();

  /** @param now the present, against which times in the future are judged */
  constructor(now: Instant) {
    this.#now = now;
  }

  judge({ source, detailType, detail }: Envelope): Accepted {
    if (isDeeper(detail, DEEPEST)) return faulty('detail', `expected at most ${DEEPEST} levels`);
    if (source === '') return faulty('source', 'expected the name of the part of the shop that speaks');
    if (source.length > LONGEST_SOURCE) return faulty('source', `expected at most ${LONGEST_SOURCE} characters`);
    const parsed = parseEvent({ source, detailType, detail }, this.#now);
    switch (parsed.kind) {
      case 'refused':
        return { kind: 'faulty', faults: parsed.all.map(({ field, expected }) => ({ field, expected })) };
      case 'unknown':
        // On the bus others may have a use for it, here nobody has: it is a slip of the pen.
        return faulty('detail-type', 'expected one of the types in docs/events');
      case 'anonymous':
      case 'event': {
        const event = { source, detailType, detail: JSON.stringify(detail) };
        if (entryBytes(event) > PUT_EVENTS_BYTES) return faulty('detail', `expected at most ${PUT_EVENTS_BYTES} bytes`);
        if (parsed.kind === 'event' && this.#isReused(parsed.event)) {
          return faulty('metadata.id', 'expected an id that no other event beside it has');
        }
        return { kind: parsed.kind, event };
      }
      default:
        return parsed satisfies never;
    }
  }

  /** An id with one content is a repetition and counts once; with another content it is a mistake, and one would be lost. */
  #isReused(event: CustomerEvent): boolean {
    const key = JSON.stringify([event.customerId, event.id]);
    const content = contentOf(event);
    const before = this.#contents.get(key);
    this.#contents.set(key, before ?? content);
    return before !== undefined && before !== content;
  }
}

function faulty(field: string, expected: string): Accepted {
  return { kind: 'faulty', faults: [{ field, expected }] };
}

/** Reads no deeper than it says, however deep the value is. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth < levels && level.length > 0; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return level.some((each) => typeof each === 'object' && each !== null);
}
