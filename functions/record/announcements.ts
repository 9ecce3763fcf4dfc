/** What to say on the bus about a customer. Ids are deterministic, so that saying it again changes nothing. */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { ANNOUNCED, RECORD_SOURCE } from '../../shared/contracts/bus.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { offersAwaited } from '../../shared/lifecycle/customer/offers.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { customerRegistered } from '../../shared/lifecycle/events/customer-registered.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { profileUpdated } from '../../shared/lifecycle/events/profile-updated.ts';
import { referralMade } from '../../shared/lifecycle/events/referral-made.ts';
import type { ReferrerKind } from '../../shared/lifecycle/facts/referrals.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

/**
 * The changes of stage one of these causes led to, the calls for a person, the codes the shop is asked for, and every
 * message that is ready to go.
 *
 * @param causes ids of the events being handled: a redelivered cause announces again what it led to
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
  const called = customer.attention
    .filter(({ cause }) => causes.has(cause))
    .map(({ id, reason, priority, at }): Announcement => ({
      detailType: ANNOUNCED.attentionNeeded,
      id: `${customerId}/attention/${id}`,
      occurredAt: at,
      data: { customerId, attentionId: id, reason, priority, at: new Date(at).toISOString() },
    }));
  const asked = offersAwaited(customer, t)
    .filter((issued) => issued.asked !== undefined && causes.has(issued.asked.cause))
    .map(({ offerId, offer, code, percent, issuedAt, expiresAt }): Announcement => ({
      detailType: ANNOUNCED.offerIssued,
      id: `${customerId}/${offerId}`,
      occurredAt: issuedAt,
      data: {
        customerId,
        offerId,
        offer,
        code,
        percent,
        issuedAt: new Date(issuedAt).toISOString(),
        expiresAt: new Date(expiresAt).toISOString(),
      },
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
  return [...entered, ...called, ...asked, ...due];
}

const REFERRING: ReadonlySet<string> = new Set([customerRegistered.type, profileUpdated.type]);
const referring = z.object({
  referral: z.object({ by: z.string(), kind: z.optional(z.string()) }),
});
/** Of somebody who is not said to be anything else. */
const USUAL_KIND: ReferrerKind = 'customer';
/** Characters of the hash in an id: 132 bits, so that no two referrals ever meet. */
const HASH_LENGTH = 22;

/**
 * What those who recommended us have to hear of: an event of their own, from whoever came by them. The id is made of the
 * event that says so: delivered again it is the same referral, and of several events about the same friend the earliest
 * counts. What was recommended stays with the friend: it is a person's own words, and no business of the bus.
 */
export function referralsIn(events: readonly CustomerEvent[]): readonly Announcement[] {
  return events.flatMap(({ id, type, customerId, occurredAt, data }): Announcement[] => {
    const referral = REFERRING.has(type) ? referring.safeParse(data).data?.referral : undefined;
    if (referral === undefined || referral.by === customerId) return [];
    const { by, kind = USUAL_KIND } = referral;
    const hash = createHash('sha256').update(JSON.stringify([by, customerId, id]));
    return [
      {
        detailType: referralMade.type,
        source: RECORD_SOURCE,
        id: `referral-${hash.digest('base64url').slice(0, HASH_LENGTH)}`,
        occurredAt,
        data: { customerId: by, friendId: customerId, kind },
      },
    ];
  });
}
