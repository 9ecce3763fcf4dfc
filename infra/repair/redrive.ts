/**
 * Emptying a dead-letter queue with care: a message is copied to a file before anything else, deleted only after what it says
 * was accepted elsewhere, and may be sent twice, for an event is known by its id.
 */
import type { Duration, Instant } from '../../shared/lifecycle/time.ts';
import { type DeadLetter, readDeadLetter } from './dead-letter.ts';
import type { Queues } from './queues.ts';

/** Which messages are meant; all conditions hold. */
export interface Filter {
  /** A part of the reason, in capitals or not. */
  readonly reason?: string | undefined;
  readonly type?: string | undefined;
  readonly customer?: string | undefined;
  /** Has waited for so long at least, since it came into its first queue. */
  readonly older?: Duration | undefined;
}

export function isMeant(letter: Sighting, { reason, type, customer, older }: Filter, now: Instant): boolean {
  return (
    (reason === undefined || letter.reason.toLowerCase().includes(reason.toLowerCase())) &&
    (type === undefined || letter.type === type) &&
    (customer === undefined || letter.customerId === customer) &&
    (older === undefined || letter.sentAt <= now - older)
  );
}

/** What is remembered of a message that was looked at: its text may be long, and there may be many. */
export type Sighting = Omit<DeadLetter, 'body' | 'attributes' | 'event'>;

/**
 * Looks at everything that lies in a queue, and leaves it as it was.
 *
 * @param each gets every message once, some at a time
 * @param told how many were looked at
 */
export async function lookInto(
  queues: Queues,
  queue: string,
  each: (letters: readonly DeadLetter[]) => Promise<void> | void,
  told: (count: number) => void = () => undefined,
): Promise<void> {
  const held = new Map<string, string>();
  try {
    for await (const batch of queues.received(queue)) {
      for (const { message, receipt } of batch) held.set(message.messageId, receipt);
      await each(batch.filter(({ isNew }) => isNew).map(({ message }) => readDeadLetter(queue, message)));
      told(held.size);
    }
  } finally {
    await queues.letGo(queue, [...held.values()]);
  }
}

/** What is done with messages that were looked at before. */
export interface Deed {
  /** Their ids; whatever else has come since stays. */
  readonly messageIds: ReadonlySet<string>;
  /** Before anything is done with them. */
  readonly keep: (letters: readonly DeadLetter[]) => Promise<void>;
  /** Resolves when what the message says is safe elsewhere; then it is deleted. */
  readonly handle: (letter: DeadLetter) => Promise<void>;
}

/**
 * Takes messages out of a queue.
 *
 * @param told how many are done
 * @returns how many were taken out; fewer than were meant when somebody else was faster
 */
export async function takeOut(
  queues: Queues,
  queue: string,
  { messageIds, keep, handle }: Deed,
  told: (count: number) => void = () => undefined,
): Promise<number> {
  const held = new Map<string, string>();
  let done = 0;
  try {
    for await (const batch of queues.received(queue)) {
      for (const { message, receipt } of batch) held.set(message.messageId, receipt);
      const meant = batch.filter(({ message, isNew }) => isNew && messageIds.has(message.messageId));
      const letters = meant.map(({ message, receipt }) => ({ letter: readDeadLetter(queue, message), receipt }));
      await keep(letters.map(({ letter }) => letter));
      for (const { letter, receipt } of letters) {
        await handle(letter);
        await queues.delete(queue, receipt);
        held.delete(letter.messageId);
        done += 1;
        told(done);
      }
      if (done >= messageIds.size) break;
    }
  } finally {
    await queues.letGo(queue, [...held.values()]);
  }
  return done;
}
