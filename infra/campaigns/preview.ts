/**
 * Whom a campaign would reach and whom not, and why, before anybody is asked: every customer is looked at once, by the rules
 * that decide at its moment. Nothing is written.
 */
import { addressHash } from '../../shared/email/address-hash.ts';
import type { Address } from '../../shared/lifecycle/address.ts';
import { type Audience, categoriesAsked, widerCategories } from '../../shared/lifecycle/campaign/audience.ts';
import type { Order } from '../../shared/lifecycle/campaign/campaign.ts';
import { isMeant, type Prospect, prospectOf } from '../../shared/lifecycle/campaign/prospect.ts';
import { type Living, withoutShadow } from '../../shared/lifecycle/customer/profile.ts';
import { lastOrder } from '../../shared/lifecycle/facts/orders.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import type { Placed } from '../../shared/lifecycle/playbook.ts';
import type { CampaignServices, OnProgress } from './campaign-services.ts';

/** A reason and how many it holds for. */
export interface Share {
  readonly reason: string;
  readonly people: number;
}

export interface Preview {
  /** Who would be addressed. */
  readonly people: number;
  /** Of those, whose mail would go out at the moment of the campaign. */
  readonly goes: number;
  /** Whose mail would wait for a while, most first. */
  readonly waits: readonly Share[];
  /** Who would get nothing, most first. */
  readonly withheld: readonly Share[];
  /** What is known of addresses (bounces, spam complaints, unsubscribes there) could not be read and is left out. */
  readonly withoutAddresses: boolean;
  /** What customers bought last, by name. */
  readonly categories: readonly string[];
  /** Categories the audience asks for, in which nobody did. */
  readonly unknown: readonly string[];
}

/** Addresses looked up at once: each is one small read. */
const AT_ONCE = 16;

/** Counts people by reason. */
export class Tally {
  readonly #people = new Map<string, number>();

  add(reason: string): void {
    this.#people.set(reason, (this.#people.get(reason) ?? 0) + 1);
  }

  /** Most first, of as many by name. */
  get shares(): readonly Share[] {
    return [...this.#people]
      .map(([reason, people]) => ({ reason, people }))
      .toSorted((a, b) => b.people - a.people || (a.reason < b.reason ? -1 : 1));
  }
}

export async function previewOf(
  services: CampaignServices,
  order: Order,
  audience: Audience,
  placed: Placed,
  onProgress: OnProgress = () => undefined,
): Promise<Preview> {
  const { playbook, circumstances } = services;
  const key = await services.addressKey();
  const meant = { at: order.at, orderedAt: services.now() };
  const [waits, withheld] = [new Tally(), new Tally()];
  let [people, goes] = [0, 0];
  const count = (prospect: Prospect) => {
    switch (prospect.kind) {
      case 'goes':
        goes += 1;
        break;
      case 'waits':
        waits.add(prospect.reason);
        break;
      case 'withheld':
        withheld.add(prospect.reason);
        break;
      default:
        prospect satisfies never;
    }
  };
  const bought = new Set<string>();
  for (let after: string | undefined; ;) {
    const page = await services.customers.page(after);
    for (const { facts } of page.customers) {
      const category = lastOrder(facts.orders)?.category;
      if (category !== undefined) bought.add(category.toLowerCase());
    }
    const addressed = page.customers.filter((each) => isMeant(meant, audience, each, playbook));
    for (let from = 0; from < addressed.length; from += AT_ONCE) {
      const some = addressed.slice(from, from + AT_ONCE);
      const addresses = await Promise.all(some.map((each) => addressOf(services, key, each)));
      for (const [index, each] of some.entries()) {
        const customer = services.sending === 'shadow' ? each : withoutShadow(each);
        count(prospectOf(customer, order, placed, playbook, circumstances, addresses[index]));
      }
    }
    people += addressed.length;
    onProgress(people);
    if (page.next === undefined) break;
    after = page.next;
  }
  const found = new Set([...bought].flatMap(widerCategories));
  return {
    people,
    goes,
    waits: waits.shares,
    withheld: withheld.shares,
    withoutAddresses: key === undefined,
    categories: [...bought].toSorted(),
    unknown: categoriesAsked(audience).filter((each) => !found.has(each)),
  };
}

async function addressOf(
  { addresses }: CampaignServices,
  key: string | undefined,
  { facts }: Living,
): Promise<Address | undefined> {
  const { email } = personOf(facts.person);
  return key === undefined || email === undefined ? undefined : addresses.read(addressHash(key, email));
}
