/** What to say on the bus about a customer. Ids are deterministic, so that saying it again changes nothing. */
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

/**
 * The changes of stage one of these causes led to, and every message that is ready to go.
 *
 * @param causes ids of the events being handled: a redelivered cause announces its changes again
 */
export function announcementsFor(customer: Living, causes: ReadonlySet<string>, t: Instant): readonly Announcement[] {
  const { customerId, life, lastChanges } = customer;
  const changes = lastChanges && causes.has(lastChanges.cause) ? lastChanges.changes : [];
  const entered = changes.map(({ from, to, at, reasons }): Announcement => ({
    detailType: ANNOUNCED.stageChanged,
    id: `${customerId}/${life}/${to}/${at}`,
    occurredAt: at,
    data: { customerId, from, to, at: new Date(at).toISOString(), reasons },
  }));
  const due = Object.entries(customer.pending)
    .filter(([, message]) => (message.notBefore ?? 0) <= t)
    .map(([key, message]): Announcement => {
      const { programme, step } = parseKey(key) ?? {};
      return {
        detailType: ANNOUNCED.messageDue,
        id: `${customerId}/${key}/${message.attempt}`,
        occurredAt: t,
        data: { customerId, key, programme, step },
      };
    });
  return [...entered, ...due];
}
