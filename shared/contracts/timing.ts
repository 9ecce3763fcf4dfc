/** Durations that infrastructure and functions must agree on, in seconds. */

/** Hard timeout of one SES call. Rule 4 of the claim: SES is called within this of the take. */
export const SES_TIMEOUT_SECONDS = 10;

/**
 * Timeout of the functions that write customers; one SES call, a dozen DynamoDB calls and a cold start fit in. A census
 * reads the whole table, as long as Lambda lets it. The intake puts ten batches on the bus, while somebody waits.
 */
export const FUNCTION_TIMEOUT_SECONDS = {
  record: 30,
  sweep: 50,
  census: 900,
  send: 30,
  feedback: 30,
  preferences: 10,
  ingest: 15,
} as const;

/**
 * How long a claim on a message lasts. It must outlive the function that holds it (30 s) plus whatever a request may
 * still do on the network after the function was stopped; 120 s leaves 90 s for that.
 */
export const LEASE_SECONDS = 120;

/** Slack a lease needs beyond the function's timeout; an infrastructure test asserts lease > timeout + margin. */
export const NETWORK_MARGIN_SECONDS = 60;

/**
 * How long a message waits for others to share an invocation with. A second makes a busy hour cheap, and nobody notices it. A
 * mail that is due waits for no company. Reports of SES come faster than mail goes out, and nobody waits for one: half a
 * minute lets them share invocations also in a shop that mails seldom, and one that settles a claim whose answer was lost
 * still comes long before its lease ends.
 */
export const BATCH_WINDOW_SECONDS = { record: 1, send: 0, feedback: 30 } as const;

/** The functions that are fed from a queue. */
export type Consumer = keyof typeof BATCH_WINDOW_SECONDS;

/** How often the timeout of its function a message is held back that was received. */
const VISIBILITY_FACTOR = 6;

/** How long a queue holds a message back that was received, as AWS recommends. */
export function visibilitySeconds(consumer: Consumer): number {
  return VISIBILITY_FACTOR * FUNCTION_TIMEOUT_SECONDS[consumer] + BATCH_WINDOW_SECONDS[consumer];
}

/** Deliveries before a message goes to the dead-letter queue. */
export const MAX_RECEIVES = 5;

/**
 * A claim leaves its timer where it was, and its lease ends two minutes later; timers up to this old are looked at again
 * every minute, so that a claim nobody settled is found within about a minute of the end of its lease.
 */
export const LOOK_AGAIN_MINUTES = 5;

/** What is due and was not dealt with by then is announced again once per this many minutes. */
export const CATCH_UP_MINUTES = 15;
