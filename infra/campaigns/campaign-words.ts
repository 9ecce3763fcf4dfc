/** Campaigns in words, for the command and for the page. */
import type { Campaign } from '../../shared/lifecycle/campaign/campaign.ts';
import { reasonInWords } from '../../shared/lifecycle/explain/reason-words.ts';
import { absolute, plural } from '../../shared/lifecycle/explain/when.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Outcome } from './outcome.ts';
import type { Preview, Share } from './preview.ts';

/** "Monday 30 November 2026 at 09:00 (Europe/Berlin)": where most customers live. */
export function inShopsZone(at: Instant, { quietHours }: Pick<Playbook, 'quietHours'>): string {
  const { timeZone } = quietHours.withoutZone;
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone });
  return `${format.format(at)} (${timeZone})`;
}

export const people = (count: number): string => plural(count, 'person', 'people');

/** "12 people: enough promotional mail has gone to this person lately (frequency cap)" */
export function shareInWords({ reason, people: many }: Share): string {
  const words = reasonInWords(reason);
  return `${people(many)}: ${words}${words === reason ? '' : ` (${reason})`}`;
}

export function statusInWords({ status, addressed, expected, at }: Campaign, now: Instant): string {
  switch (status) {
    case 'running':
      return `being addressed, ${addressed.toLocaleString('en')} of about ${people(expected)}; ordered again it goes on`;
    case 'done':
      return `${people(addressed)} addressed, for ${absolute(at)}${at > now ? ', which is to come' : ''}`;
    case 'cancelled':
      return `cancelled; ${people(addressed)} had been addressed`;
    default:
      return status satisfies never;
  }
}

/** How sure a count made now is. */
export const UNTIL_THEN =
  'This is how things stand now. Until then people buy, complain and unsubscribe, other mail uses up their caps, and of customers with one mailbox one gets it.';

/** What is said of those whose message has not ended; of a cancelled campaign they will get nothing. */
export function stillOpen({ status }: Pick<Campaign, 'status'>, { waiting }: Pick<Outcome, 'waiting'>) {
  if (status !== 'cancelled') return { title: 'Waiting', words: people(waiting) };
  return { title: 'Will not get it', words: `${people(waiting)}${waiting > 0 ? ': campaign cancelled' : ''}` };
}

/** Of each category that an audience asks for and no customer has bought last, which ones there are. */
export function unknownCategories({ unknown, categories }: Pick<Preview, 'unknown' | 'categories'>): readonly string[] {
  const known = categories.length === 0 ? 'none is known of anybody' : `there are ${categories.join(', ')}`;
  return unknown.map((each) => `No customer bought last in the category "${each}": ${known}.`);
}
