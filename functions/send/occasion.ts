/** What a mail is made for: one message to one customer at one moment, with everything its contents are chosen by. */
import type * as z from 'zod/mini';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { type Case, caseOf } from '../../shared/lifecycle/cases.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { topicOf } from '../../shared/lifecycle/customer/topic.ts';
import { variantFor } from '../../shared/lifecycle/customer/variant.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { type PersonFields, personOf } from '../../shared/lifecycle/facts/person.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { situationOf } from '../../shared/lifecycle/traits/situation.ts';
import { heldAt } from '../../shared/lifecycle/traits/traits.ts';

export interface Occasion {
  readonly customer: Living;
  readonly person: PersonFields;
  readonly key: string;
  readonly message: Pending;
  readonly placed: Placed;
  readonly playbook: Playbook;
  readonly t: Instant;
  /** Ids of the traits the customer has; whoever wants no tailored mail has none that would change a mail. */
  readonly traits: ReadonlySet<string>;
  readonly variant: string | undefined;
  /** The case the message is about. */
  readonly matter: Case | undefined;
}

export function occasionOf(
  customer: Living,
  key: string,
  message: Pending,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): Occasion {
  return {
    customer,
    person: personOf(customer.facts.person),
    key,
    message,
    placed,
    playbook,
    t,
    traits: new Set(heldAt(situationOf(customer, playbook), t)),
    variant: variantFor(customer, key, placed, playbook, t),
    matter: caseOf(customer, placed, parseKey(key)?.episode, playbook),
  };
}

/** Whether the mail leads back to what was about to be ordered, and so speaks of it. */
function leadsToBasket({ placed, matter }: Occasion): boolean {
  return placed.step.action === 'resume' || matter?.kind === 'cart';
}

/**
 * Whether the basket has to be read to know what the mail speaks of: it leads back there, or is about what is in the way
 * of somebody who has put something aside without looking around.
 */
export function speaksOfBasket(occasion: Occasion): boolean {
  if (leadsToBasket(occasion)) return true;
  const { customer, message, matter } = occasion;
  const { cart } = customer.facts.basket ?? {};
  if (cart === undefined || cart.items === 0) return false;
  const { sku, category } = topicOf(customer.facts);
  return sku === undefined && category === undefined && (matter?.kind === 'answer' || message.cause === cart.id);
}

/**
 * The journalled events a mail may show: the one that led to it, for a change what was asked for, and what was heard
 * last of the order that is thought about: for a way back to it, and for the answer to what is in its way.
 */
export async function eventsOf(
  store: Pick<CustomerStore, 'readEvent'>,
  occasion: Occasion,
): Promise<readonly CustomerEvent[]> {
  const { customer, message, matter } = occasion;
  const { checkout, cart } = customer.facts.basket ?? {};
  const wanted = new Set(
    [
      message.cause,
      matter?.kind === 'change' ? matter.opened.id : undefined,
      ...(speaksOfBasket(occasion) ? [checkout?.id, cart?.id] : []),
    ].filter((id) => id !== undefined),
  );
  const read = await Promise.all([...wanted].map((id) => store.readEvent(customer.customerId, id)));
  return read.filter((event) => event !== undefined);
}

/**
 * The data of the latest event of a type; undefined when none was read.
 *
 * @throws ZodError when it is not what the type says
 */
export function latestOf<Schema extends z.ZodMiniType>(
  events: readonly CustomerEvent[],
  { type, data }: { readonly type: string; readonly data: Schema },
): { readonly at: Instant; readonly data: z.output<Schema> } | undefined {
  const latest = events
    .filter((event) => event.type === type)
    .toSorted((a, b) => a.occurredAt - b.occurredAt)
    .at(-1);
  return latest && { at: latest.occurredAt, data: data.parse(latest.data) };
}
