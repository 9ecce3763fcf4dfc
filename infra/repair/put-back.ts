/** Putting events on the bus as they were written. Each has an id of its own, so that one put twice counts once. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { WrittenEvent } from './dead-letter.ts';

/** The bus answered, but did not take an event. */
class EventNotTaken extends Error {
  override readonly name = 'EventNotTaken';
}

/** @throws EventNotTaken with the reason of the bus */
export async function putBack(bus: EventBridgeClient, busName: string, event: WrittenEvent): Promise<void> {
  // One at a time: together, large ones could exceed what a request may hold.
  const { Entries = [], FailedEntryCount = 0 } = await bus.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: busName,
          Source: event.source,
          DetailType: event['detail-type'],
          Detail: JSON.stringify(event.detail),
        },
      ],
    }),
  );
  if (FailedEntryCount === 0) return;
  const [entry] = Entries;
  throw new EventNotTaken(`the bus did not take an event: ${entry?.ErrorCode ?? ''} ${entry?.ErrorMessage ?? ''}`);
}
