/** Handing on events that somebody else has made, as they are. What did not get on the bus is named, so that it can be sent again. */
import { EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PUT_EVENTS_BYTES, PUT_EVENTS_LIMIT } from '../contracts/bus.ts';
import { putEntries } from './put-entries.ts';

export interface ForwardedEvent {
  readonly source: string;
  readonly detailType: string;
  /** JSON. */
  readonly detail: string;
}

/** What is known of events that were to be forwarded. */
export interface Forwarding {
  /** Positions of the events that may not be on the bus. Sending them again is harmless, as with every event. */
  readonly left: ReadonlySet<number>;
  /** Why the first of them is not. */
  readonly cause?: unknown;
}

export interface Forwarder {
  /** Never throws for a bus that does not take events: it says which. */
  forward(events: readonly ForwardedEvent[]): Promise<Forwarding>;
}

/** The bus refused an event every time it was put. */
class NotTaken extends Error {
  override readonly name = 'NotTaken';
}

/** Bytes of an entry as PutEvents counts them. */
export function entryBytes({ source, detailType, detail }: ForwardedEvent): number {
  return Buffer.byteLength(source) + Buffer.byteLength(detailType) + Buffer.byteLength(detail);
}

/** The bus, from PutEvents. */
export class EventBridgeForwarder implements Forwarder {
  readonly #client: EventBridgeClient;
  readonly #bus: string;

  constructor(client: EventBridgeClient, busName: string) {
    this.#client = client;
    this.#bus = busName;
  }

  async forward(events: readonly ForwardedEvent[]): Promise<Forwarding> {
    const left = new Set(events.keys());
    try {
      for (const batch of batchesOf(events)) {
        const position = new Map<PutEventsRequestEntry, number>(
          batch.map(({ event, index }) => [this.#entry(event), index]),
        );
        const untaken = await putEntries(this.#client, [...position.keys()]);
        const refused = new Set(untaken.map(({ entry }) => position.get(entry)));
        for (const { index } of batch) if (!refused.has(index)) left.delete(index);
        const [first] = untaken;
        // A bus that is in trouble takes no less harm from being left alone.
        if (first !== undefined)
          return { left, cause: new NotTaken(`the bus refused ${untaken.length} events: ${first.code}`) };
      }
      return { left };
    } catch (cause) {
      return { left, cause };
    }
  }

  #entry({ source, detailType, detail }: ForwardedEvent): PutEventsRequestEntry {
    return { EventBusName: this.#bus, Source: source, DetailType: detailType, Detail: detail };
  }
}

interface Placed {
  readonly event: ForwardedEvent;
  readonly index: number;
}

/** As few requests as PutEvents allows, in order. */
function batchesOf(events: readonly ForwardedEvent[]): readonly (readonly Placed[])[] {
  const batches: Placed[][] = [];
  let bytes = 0;
  for (const [index, event] of events.entries()) {
    const size = entryBytes(event);
    const last = batches.at(-1);
    if (last === undefined || last.length >= PUT_EVENTS_LIMIT || bytes + size > PUT_EVENTS_BYTES) {
      batches.push([{ event, index }]);
      bytes = size;
    } else {
      last.push({ event, index });
      bytes += size;
    }
  }
  return batches;
}

/** The bus of this account and region. */
export function openForwarder(busName: string): Forwarder {
  return new EventBridgeForwarder(new EventBridgeClient({}), busName);
}
