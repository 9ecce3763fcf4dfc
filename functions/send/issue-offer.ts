/**
 * Issuing the offer of a message: a part of the budget, a code, one write of the profile. Where the shop has to make the
 * code, that write has `record` ask it. Whatever is interrupted is done again with the same code; at worst a part of the
 * budget is wasted.
 */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import type { OfferBook } from '../../shared/adapters/offer-book.ts';
import { claimantOf, codeOf, offerIdOf } from '../../shared/adapters/offer-names.ts';
import type { SendingMode } from '../../shared/contracts/environment.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { defer } from '../../shared/lifecycle/customer/claim.ts';
import { offerEnds, WAITING_FOR_OFFER, withOffer } from '../../shared/lifecycle/customer/offers.ts';
import type { IssuedOffer, Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { readyToStore } from '../../shared/lifecycle/customer/react.ts';
import type { OfferRefusal } from '../../shared/lifecycle/customer/reasons.ts';
import { type BudgetPeriod, periodAt } from '../../shared/lifecycle/offers/budget.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

interface Services {
  readonly store: CustomerStore;
  readonly offers: OfferBook;
  /** The key of the address hashes: it never changes, so a message has the same code for ever. */
  readonly addressKey: () => Promise<string>;
  readonly meter: Meter;
  readonly playbook: Playbook;
  readonly sending: SendingMode;
  readonly now: () => Instant;
}

interface NotIssued {
  readonly kind: 'refused';
  readonly reason: OfferRefusal;
}

type Issued =
  /** The mail can be made. */
  | { readonly kind: 'ready' }
  /** The shop is going to be asked; its answer makes the message due. */
  | { readonly kind: 'waiting' }
  /** Somebody else has written the profile: nothing is decided. */
  | { readonly kind: 'lost' }
  | NotIssued;

/** The offer as it is going to be issued, but for the code. */
export async function plannedOffer(
  { addressKey, playbook, sending }: Services,
  customer: Living,
  key: string,
  name: string,
  percent: number,
  t: Instant,
): Promise<IssuedOffer | undefined> {
  const offer = playbook.offers.byName[name];
  if (offer === undefined) return undefined;
  const secret = await addressKey();
  const { customerId } = customer;
  const isShadow = sending === 'shadow';
  return {
    key,
    offer: name,
    offerId: offerIdOf(secret, customerId, key),
    percent,
    code: codeOf(secret, customerId, key),
    issuedAt: t,
    expiresAt: offerEnds(customer, offer, t),
    // In shadow nobody hears of the offer, so nobody could confirm it, and it costs no code and no budget.
    ...(isShadow ? { shadow: true } : offer.codes === 'announce' && { confirmBy: t + playbook.offers.confirmWithin }),
  };
}

/** The issuing of one message's offer: what it has taken of the budget is kept over lost races for the profile. */
export class OfferIssue {
  readonly #services: Services;
  readonly #key: string;
  #reserved: BudgetPeriod | undefined;

  constructor(services: Services, key: string) {
    this.#services = services;
    this.#key = key;
  }

  /** Issues an offer that was planned for this very state of the customer. */
  async issue(customer: Living, message: Pending, planned: IssuedOffer): Promise<Issued> {
    const { store, meter, playbook, now } = this.#services;
    const found = await this.#withCode(customer, planned);
    if ('reason' in found) return found;
    const made = withOffer(customer, found);
    const t = now();
    const { confirmBy } = found;
    const next =
      confirmBy === undefined
        ? readyToStore(made, playbook, t)
        : // A timer of its own: one that has stood for long would be looked at late.
          { ...readyToStore(defer(made, this.#key, message, confirmBy, WAITING_FOR_OFFER), playbook, t), dueAt: t };
    if (!(await store.save(next, customer.version))) return { kind: 'lost' };
    if (!found.shadow) meter.note(NOTE.offerIssued, { offer: found.offer });
    return { kind: confirmBy === undefined ? 'ready' : 'waiting' };
  }

  /** The offer with a code that nobody else gets, paid for from the budget. */
  async #withCode({ customerId }: Living, planned: IssuedOffer): Promise<IssuedOffer | NotIssued> {
    const { offers, addressKey, playbook, meter } = this.#services;
    const { offer: name, issuedAt, shadow } = planned;
    const offer = playbook.offers.byName[name];
    if (offer === undefined) return { kind: 'refused', reason: 'no offer' };
    if (shadow) return planned;
    const refused = (reason: 'budget spent' | 'no codes left'): NotIssued => {
      meter.note(NOTE.offerRefused, { offer: name, reason });
      return { kind: 'refused', reason };
    };
    const claimant = claimantOf(await addressKey(), customerId, this.#key);
    const period = this.#reserved ?? periodAt(name, offer, issuedAt);
    const limit = offer.budget.offers;
    // The code before the budget: where there are none left, none of the budget is used up for nothing. And not before
    // it is likely to be paid for: a code that was claimed is never given back, for somebody may be mailing it.
    const isPool = offer.codes === 'pool';
    if (isPool && !(await offers.hasLeft(period, limit, claimant))) return refused('budget spent');
    const code = isPool ? await offers.claimCode(name, claimant) : planned.code;
    if (code === undefined) return refused('no codes left');
    if (this.#reserved === undefined && !(await offers.reserve(period, limit, claimant)))
      return refused('budget spent');
    this.#reserved = period;
    return { ...planned, code };
  }
}
