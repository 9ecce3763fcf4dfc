/**
 * Which message of a customer a preview is made like: one that waits, one that was sent, or, where the customer has had
 * none of this step, one that is made up of what is known of them.
 */
import type { LedgerEntry } from '../../../../shared/lifecycle/customer/claim.ts';
import { casesOf } from '../../../../shared/lifecycle/cases.ts';
import { formatKey, parseKey } from '../../../../shared/lifecycle/customer/message-key.ts';
import { offerFor } from '../../../../shared/lifecycle/customer/offers.ts';
import type { Living, Pending } from '../../../../shared/lifecycle/customer/profile.ts';
import { caseStepOf, type Placed, type Playbook } from '../../../../shared/lifecycle/playbook.ts';
import { DAY, type Instant } from '../../../../shared/lifecycle/time.ts';

export interface Choice {
  readonly key: string;
  readonly message: Pending;
  readonly origin: 'waits' | 'ended' | 'made up';
}

/** Where an offer is made up, too. */
const SAMPLE_OFFER = { code: 'YOUR-CODE', lasts: 14 * DAY, percent: 10 } as const;

function isOf(key: string, { programme, step }: Placed): boolean {
  const parts = parseKey(key);
  return parts?.programme === programme.id && parts.step === step.id;
}

/** What the message would be about: the latest case of its kind, or the latest order. */
function occasionOf(customer: Living, placed: Placed, playbook: Playbook) {
  const { series } = placed;
  if (series.trigger === 'case') {
    const about = caseStepOf(placed)?.about;
    const fitting = casesOf(customer, playbook, series.of).filter(
      (each) => about === undefined || (each.about !== undefined && about.includes(each.about)),
    );
    const latest = fitting.toSorted((a, b) => a.opened.at - b.opened.at).at(-1);
    const end = caseStepOf(placed)?.from === 'closed' ? latest?.closed : latest?.opened;
    return { episode: latest?.id ?? 'none', cause: (end ?? latest?.opened)?.id };
  }
  const order = customer.facts.orders.ring.toSorted((a, b) => a.at - b.at).at(-1);
  return { episode: '1', cause: order?.id };
}

export function choiceFor(
  customer: Living,
  ledger: readonly LedgerEntry[],
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): Choice {
  const [waiting] = Object.entries(customer.pending)
    .filter(([key]) => isOf(key, placed))
    .toSorted(([, a], [, b]) => b.moment - a.moment);
  if (waiting !== undefined) return { key: waiting[0], message: waiting[1], origin: 'waits' };
  const ended = ledger
    .filter(({ key }) => isOf(key, placed))
    .toSorted((a, b) => a.endedAt - b.endedAt)
    .at(-1);
  if (ended !== undefined) {
    const { key, moment, decidedAt, attempt, cause } = ended;
    return { key, message: { moment, decidedAt, attempt, ...(cause !== undefined && { cause }) }, origin: 'ended' };
  }
  const { episode, cause } = occasionOf(customer, placed, playbook);
  const key = formatKey({
    life: customer.life,
    programme: placed.programme.id,
    step: placed.step.id,
    round: 0,
    episode,
  });
  const message = { moment: t, decidedAt: t, attempt: 1, ...(cause !== undefined && { cause }) };
  return { key, message, origin: 'made up' };
}

/** The customer with an offer for the message, where its step makes one and none has been issued. */
export function withChoice(
  customer: Living,
  { key }: Choice,
  { step }: Placed,
  playbook: Playbook,
  t: Instant,
): Living {
  const { offer } = step;
  if (offer === undefined || offerFor(customer, key) !== undefined) return customer;
  const worth = playbook.offers.byName[offer]?.worth.map(({ percent }) => percent) ?? [];
  const issued = {
    key,
    offer,
    offerId: 'preview',
    percent: Math.max(SAMPLE_OFFER.percent, ...worth),
    code: SAMPLE_OFFER.code,
    issuedAt: t,
    expiresAt: t + SAMPLE_OFFER.lasts,
  };
  return { ...customer, offers: [...customer.offers, issued] };
}
