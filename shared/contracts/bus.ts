/** Names on the event bus that both sides use: functions put and match them, infrastructure routes by them. */

/** `source` of everything this system announces; the intake takes every other source. */
export const OWN_SOURCE = 'perennial';

/**
 * `source` of what readers of our mail do (unsubscribe, preferences, answers) and of what SES reports about an address.
 * They are events about a customer like those of the shop, and the intake takes them like those.
 */
export const READER_SOURCE = 'perennial.reader';
export const FEEDBACK_SOURCE = 'perennial.feedback';
/** `source` of what one customer's event says about another: who recommended us, told by whoever came by it. */
export const RECORD_SOURCE = 'perennial.record';
/** `source` of what only a look at all customers can tell: who is among the biggest. */
export const CENSUS_SOURCE = 'perennial.census';
/** `source` of a campaign addressing customers: an operator's command or page says so, and nobody else may. */
export const CAMPAIGN_SOURCE = 'perennial.campaign';

/** `source` of events that came by the intake and named none of their own. */
export const INTAKE_SOURCE = 'shop.intake';

/** Detail-types this system announces (source `perennial`). */
export const ANNOUNCED = {
  /** Up to {@link DUE_BATCH} customers whose timer has passed; goes to the intake. */
  customerDue: 'Customer Due',
  stageChanged: 'Lifecycle Stage Changed',
  messageDue: 'Message Due',
  attentionNeeded: 'Attention Needed',
  /** The shop is asked for a code, and answers `Offer Confirmed` once it accepts it. */
  offerIssued: 'Offer Issued',
  /** A census had to stop for its time was up; it goes on with the next invocation. */
  censusUnfinished: 'Census Unfinished',
  /** Permanently bad input, with reason, field and original; a rule keeps it in the intake's dead-letter queue. */
  eventRefused: 'Event Refused',
} as const;

/** Customer ids per `Customer Due`: 25 ids of 128 bytes stay far below the 256 KB of one event. */
export const DUE_BATCH = 25;

/** Entries per PutEvents request, a limit of the service. */
export const PUT_EVENTS_LIMIT = 10;
/**
 * Bytes of sources, detail-types and details together in one PutEvents request. AWS takes 1 MB since January 2026; what an
 * event may have here is what fits into an item of the table, too.
 */
export const PUT_EVENTS_BYTES = 256 * 1024;
