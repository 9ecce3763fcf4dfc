/**
 * "No more": at once by the address, then in the journal, so that neither another customer id, an old consent nor a
 * rebuild brings the mail back. Saying it again changes nothing, and finishes what a first try could not.
 */
import { reviseAddress } from '../../shared/adapters/revise.ts';
import type { Link } from '../../shared/email/links.ts';
import { optOut } from '../../shared/lifecycle/address.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { preferencesChanged } from '../../shared/lifecycle/events/preferences-changed.ts';
import { type Duration, MINUTE } from '../../shared/lifecycle/time.ts';
import { optedInAt, saidNoMore } from './reader.ts';
import type { PageServices } from './services.ts';
import { statement } from './statement.ts';

/**
 * "No more" counts from the end of its minute: saying it again, by a button pressed twice or a mail client that tries
 * again, is the same event. Never from the beginning, where an opt-in of that minute that no profile has heard of yet
 * would outlast what was said after it.
 */
const ACT: Duration = MINUTE;

/**
 * Ends all promotional mail to the address of the link, and to its customer at any address.
 *
 * @param customer undefined when nobody of that life is stored: then the address is all there is to say it of
 * @throws AnnouncementFailed and faults of the stores: the mail may have stopped already, but the request has to come again
 */
export async function unsubscribe(
  { addresses, announcer, now }: Pick<PageServices, 'addresses' | 'announcer' | 'now'>,
  link: Link,
  customer: Living | undefined,
  how: 'one-click' | 'page',
): Promise<void> {
  const t = now();
  const consentAt = optedInAt(customer?.facts);
  let since = t;
  await reviseAddress(addresses, link.address, (address) => {
    // A consent may be stamped some minutes ahead of our clock, and must not outlive what was said after it.
    since = Math.max(Math.ceil(t / ACT) * ACT, consentAt + 1, (address.optedIn ?? -Infinity) + 1);
    return optOut(address, undefined, since);
  });
  // An earlier "no more" is not enough: an opt-in from between the two may still be on its way.
  if (customer === undefined || saidNoMore(customer.facts, since)) return;
  await announcer.announce([statement(link, preferencesChanged.type, since, { how, promotion: 'off' })]);
}
