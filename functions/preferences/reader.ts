/** The person behind a link, and what we may send them now by what they said, here and at their address. */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Link } from '../../shared/email/links.ts';
import type { Address } from '../../shared/lifecycle/address.ts';
import { caseOf, isAlive } from '../../shared/lifecycle/cases.ts';
import { parseKey, placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import { answersOwnCase } from '../../shared/lifecycle/customer/permit.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { unsubscribed } from '../../shared/lifecycle/customer/unsubscribed.ts';
import { choicesOf } from '../../shared/lifecycle/facts/choices.ts';
import { mayPromote } from '../../shared/lifecycle/facts/consent.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

/** A reader whose data we still hold, in the life the link was made for. */
export interface Reader {
  readonly customer: Living;
  readonly address: Address | undefined;
}

/** The customer a link was made for; undefined when that life is over, or nobody knows them any more. */
export async function customerOf(store: CustomerStore, { customerId, life }: Link): Promise<Living | undefined> {
  const profile = await store.load(customerId);
  return profile?.kind === 'living' && profile.life === life ? profile : undefined;
}

/** When the person explicitly opted in; nothing they said against mail before counts any more. */
export function optedInAt(facts: Facts | undefined): Instant {
  return facts?.consent?.marketing === 'opt_in' ? facts.consent.at : -Infinity;
}

/** Whether the journal knows that the person wants no promotional mail at all, whatever they agreed to until then. */
export function saidNoMore(facts: Facts, t: Instant): boolean {
  const { promotion } = choicesOf(facts.choices);
  return promotion?.value === 'off' && promotion.at >= t;
}

/** The programmes that send promotional mail, in the order of the playbook. */
export function choosable(playbook: Playbook): readonly string[] {
  return playbook.programmes
    .filter(({ series }) => series.some((each) => each.steps.some((step) => step.class === 'promotional')))
    .map(({ id }) => id);
}

/** The programmes whose mail the reader may get now. */
export function received({ customer, address }: Reader, playbook: Playbook, t: Instant): ReadonlySet<string> {
  const { facts } = customer;
  if (!mayPromote(facts.consent, t)) return new Set();
  return new Set(choosable(playbook).filter((programme) => !unsubscribed(facts, address, programme)));
}

/** Whether the mail the link stands in is about a case that is still open: it goes on, whatever else ends. */
export function hasOpenCase(customer: Living | undefined, key: string, playbook: Playbook, t: Instant): boolean {
  const placed = placedOf(key, playbook);
  // The episode of other mail is a number, and a complaint may be called that, too.
  if (customer === undefined || placed === undefined || !answersOwnCase(placed)) return false;
  const own = caseOf(customer, placed, parseKey(key)?.episode, playbook);
  if (own === undefined) return false;
  // A complaint goes on until somebody says that it is settled.
  return own.kind === 'complaint' ? own.closed === undefined : isAlive(own, t);
}
