/** The campaigns a customer was addressed by: those with the latest moments. */
import { DAY, type Duration } from '../time.ts';
import { keepLatest, type Stamp } from './order-by-time.ts';

/** One campaign that addressed the customer; `at` is the moment its mail is meant for, not when somebody ordered it. */
export interface Addressed extends Stamp {
  readonly campaign: string;
  /** The step of the playbook whose mail it is. */
  readonly step: string;
  /** Whom it is for, in the words it was ordered with. */
  readonly audience: string;
}

/** Characters of an audience in words: it stands in the profile of everybody it addresses. */
export const LONGEST_AUDIENCE = 240;

/** So long after its moment no campaign still has mail that may go out. */
export const CAMPAIGN_LASTS: Duration = 30 * DAY;

/**
 * Campaigns kept per customer. No more may be under way or have ended within {@link CAMPAIGN_LASTS} in the whole shop, so
 * none is dropped while its mail can still go out.
 */
export const CAMPAIGNS_KEPT = 12;

export function addAddressed(known: readonly Addressed[] | undefined, heard: Addressed): readonly Addressed[] {
  return keepLatest(known, heard, ({ campaign }) => campaign === heard.campaign, CAMPAIGNS_KEPT);
}
