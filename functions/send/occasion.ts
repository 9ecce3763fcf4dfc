/** What a mail is made for: one message to one customer at one moment, with everything its contents are chosen by. */
import type * as z from 'zod/mini';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { type Case, casesOf } from '../../shared/lifecycle/cases.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
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
  const { series } = placed;
  const episode = parseKey(key)?.episode;
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
    matter:
      series.trigger === 'case' ? casesOf(customer, playbook, series.of).find(({ id }) => id === episode) : undefined,
  };
}

/**
 * The journalled events a mail may show: the one that led to it, for a change what was asked for, and for a way back to
 * an order what was heard last of it.
 */
export async function eventsOf(
  store: Pick<CustomerStore, 'readEvent'>,
  { customer, message, matter, placed }: Occasion,
): Promise<readonly CustomerEvent[]> {
  const { checkout, cart } = customer.facts.basket ?? {};
  const isAboutBasket = placed.step.action === 'resume' || matter?.kind === 'cart';
  const wanted = new Set(
    [
      message.cause,
      matter?.kind === 'change' ? matter.opened.id : undefined,
      ...(isAboutBasket ? [checkout?.id, cart?.id] : []),
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
