/** Putting our own announcements on the bus. An entry the bus did not take is tried again, then it is a fault. */
import { EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { OWN_SOURCE, PUT_EVENTS_LIMIT } from '../contracts/bus.ts';
import type { Instant } from '../lifecycle/time.ts';
import { putEntries } from './put-entries.ts';

/** Something the rest of the world may want to know. The id is deterministic, so that saying it twice is harmless. */
export interface Announcement {
  readonly detailType: string;
  /** Who says it; that of the announcer when left out. */
  readonly source?: string;
  readonly id: string;
  readonly occurredAt: Instant;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Announcer {
  /** @throws AnnouncementFailed when the bus keeps refusing an entry; everything may then be announced again */
  announce(announcements: readonly Announcement[]): Promise<void>;
}

/** The bus did not take an announcement after several tries. */
export class AnnouncementFailed extends Error {
  override readonly name = 'AnnouncementFailed';
}

/** The bus, from PutEvents. */
export class EventBridgeAnnouncer implements Announcer {
  readonly #client: EventBridgeClient;
  readonly #bus: string;
  readonly #source: string;

  /** @param source who says it; events that come back to the intake have a source of their own */
  constructor(client: EventBridgeClient, busName: string, source: string = OWN_SOURCE) {
    this.#client = client;
    this.#bus = busName;
    this.#source = source;
  }

  async announce(announcements: readonly Announcement[]): Promise<void> {
    const entries = announcements.map((each) => this.#entry(each));
    for (let start = 0; start < entries.length; start += PUT_EVENTS_LIMIT) {
      await this.#put(entries.slice(start, start + PUT_EVENTS_LIMIT));
    }
  }

  #entry({ detailType, source = this.#source, id, occurredAt, data }: Announcement): PutEventsRequestEntry {
    const metadata = { id, version: 1, occurredAt: new Date(occurredAt).toISOString() };
    return {
      EventBusName: this.#bus,
      Source: source,
      DetailType: detailType,
      Detail: JSON.stringify({ metadata, data }),
    };
  }

  async #put(entries: readonly PutEventsRequestEntry[]): Promise<void> {
    const refused = await putEntries(this.#client, entries);
    const [first] = refused;
    if (first === undefined) return;
    throw new AnnouncementFailed(`the bus refused ${refused.length} announcements: ${first.code}`);
  }
}

/** The bus of this account and region. */
export function openBus(busName: string, source?: string): Announcer {
  return new EventBridgeAnnouncer(new EventBridgeClient({}), busName, source);
}
