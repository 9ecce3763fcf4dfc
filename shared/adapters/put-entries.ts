/** One PutEvents request, and again for what the bus did not take of it: each entry gets on the bus at least once, or is named. */
import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';

/** PutEvents answers 200 with failed entries under throttling; a short wait is usually enough. */
const TRIES = 3;
const FIRST_WAIT_MS = 100;

/** An entry the bus did not take. */
interface Untaken {
  readonly entry: PutEventsRequestEntry;
  /** Why, in the words of the service. */
  readonly code: string;
}

/**
 * Puts entries on the bus.
 *
 * @param entries at most ten, and 256 KB together
 * @returns those that were refused every time
 * @throws whatever the client throws once its own retries are over; then some of the entries may have been taken
 */
export async function putEntries(
  client: EventBridgeClient,
  entries: readonly PutEventsRequestEntry[],
): Promise<readonly Untaken[]> {
  let left = entries;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await client.send(new PutEventsCommand({ Entries: [...left] }));
    if ((answer.FailedEntryCount ?? 0) === 0) return [];
    const untaken = (answer.Entries ?? []).flatMap(({ ErrorCode: code }, index) => {
      const entry = left[index];
      return code === undefined || entry === undefined ? [] : [{ entry, code }];
    });
    if (attempt + 1 >= TRIES) return untaken;
    left = untaken.map(({ entry }) => entry);
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** attempt));
  }
}
