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
 * A one-click request within this of the last one is the same act, tried again by a mail client. A later one, or a press
 * of a button, counts anew at the address: somebody may have opted in meanwhile, unknown to the profile as yet.
 */
const SAME_ACT: Duration = MINUTE;

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
    const known = address.optOut?.all ?? -Infinity;
    const repeated = how === 'one-click' && known >= consentAt && t - known < SAME_ACT;
    // A consent may be stamped some minutes ahead of our clock, and must not outlive what was said after it.
    since = repeated ? known : Math.max(t, consentAt);
    return repeated ? address : optOut(address, undefined, since);
  });
  if (customer === undefined || saidNoMore(customer.facts)) return;
  await announcer.announce([statement(link, preferencesChanged.type, since, { how, promotion: 'off' })]);
}
