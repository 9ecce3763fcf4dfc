/** Puts a shop's events on the bus with the client a shop would use; every entry is accepted or the caller hears of it. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Twin } from '../contract.ts';
import type { ShopEvent } from '../delivery.ts';

/** The bus answered, but did not take every entry. */
export class EntriesRefused extends Error {
  override readonly name = 'EntriesRefused';
}

export interface Bus {
  /**
   * @param events at most ten, the limit of one request
   * @throws EntriesRefused when the bus did not take one of them
   */
  readonly tell: (events: readonly ShopEvent[]) => Promise<void>;
  /** Waits for the answers to what is being told. */
  readonly close: () => Promise<void>;
}

/** The simulated shop's own access key: whoever plays a past has the bus to themselves. */
export const PLAYER = 'player';

/** Opens a client on the twin's endpoint. The twin takes any credentials that it has not issued itself. */
export function openBus(twin: Pick<Twin, 'endpoint' | 'region' | 'busName'>): Bus {
  const client = new EventBridgeClient({
    endpoint: twin.endpoint,
    region: twin.region,
    credentials: { accessKeyId: PLAYER, secretAccessKey: PLAYER },
  });

  const underWay = new Set<Promise<void>>();

  async function put(events: readonly ShopEvent[]): Promise<void> {
    const { Entries = [], FailedEntryCount = 0 } = await client.send(
      new PutEventsCommand({
        Entries: events.map((event) => ({
          EventBusName: twin.busName,
          Source: event.source,
          DetailType: event.detailType,
          Detail: JSON.stringify(event.detail),
        })),
      }),
    );
    if (FailedEntryCount === 0) return;
    const failed = Entries.flatMap((entry, index) =>
      entry.ErrorCode === undefined
        ? []
        : [`${events[index]?.detail.metadata.id ?? ''}: ${entry.ErrorCode} ${entry.ErrorMessage ?? ''}`],
    );
    throw new EntriesRefused(`the bus refused ${FailedEntryCount} of ${events.length} events: ${failed.join('; ')}`);
  }

  return {
    async tell(events) {
      const request = put(events);
      underWay.add(request);
      try {
        await request;
      } finally {
        underWay.delete(request);
      }
    },
    async close() {
      await Promise.allSettled(underWay);
      client.destroy();
    },
  };
}
