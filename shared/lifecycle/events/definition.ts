/** The shape of an event type: its name, the schema of its data, and what it does to the facts. */
import type * as z from 'zod/mini';
import { hash32 } from '../facts/digest.ts';
import type { Facts } from '../facts/facts.ts';
import { type Look, secondOf } from '../facts/looks.ts';
import type { Instant } from '../time.ts';

/** An event after validation. `occurredAt` is the shop's time, not that of arrival. */
export interface CustomerEvent<Data = unknown> {
  readonly id: string;
  readonly type: string;
  readonly customerId: string;
  readonly occurredAt: Instant;
  readonly correlationId?: string;
  readonly data: Data;
}

/** The facts after an event, or undefined when only the whole journal can tell what they are. */
export type Folded = Facts | undefined;

export interface EventDefinition<Type extends string, Schema extends z.ZodMiniType<{ customerId: string }>> {
  /** The detail-type on the bus. */
  readonly type: Type;
  /** One sentence for the contract's documentation. */
  readonly summary: string;
  /** Only what comes from this source is taken in: an event that nobody but us may say. */
  readonly source?: string;
  readonly data: Schema;
  /** A complete, valid `data`, used in the documentation and the tests of the contract. */
  readonly example: z.input<Schema>;
  /**
   * Takes the event into the facts. It has to commute with every other event and to be idempotent; what it cannot
   * decide from the facts it answers with undefined.
   */
  fold(facts: Facts, event: CustomerEvent<z.output<Schema>>): Folded;
}

/** An event type with its schema hidden behind its functions, so that all types fit in one list. */
export interface EventType {
  readonly type: string;
  readonly summary: string;
  readonly source?: string;
  readonly schema: z.ZodMiniType<{ customerId: string }>;
  readonly example: unknown;
  /** The event has to come from `parseEvent` or `restoreEvent`, which validate its data. */
  fold(facts: Facts, event: CustomerEvent): Folded;
  /**
   * Only browsing has it: what was looked at. Such an event is not journalled and does nothing to the facts by itself;
   * its look is kept with the others, of which the newest count. Without a customer it means nothing.
   */
  look?(event: CustomerEvent): Look;
}

/**
 * Declares an event type. Put it into a file of its own and add it to the list in `event-types.ts`.
 *
 * @example
 * export const loginSucceeded = defineEvent({
 *   type: 'Login Succeeded',
 *   summary: 'The customer logged in.',
 *   data: z.object({ customerId }),
 *   example: { customerId: 'c-1042' },
 *   fold: (facts, event) => ({ ...facts, logins: addLogin(facts.logins, event.occurredAt) }),
 * });
 */
export function defineEvent<const Type extends string, Schema extends z.ZodMiniType<{ customerId: string }>>(
  definition: EventDefinition<Type, Schema>,
): EventType & { readonly type: Type; readonly data: Schema } {
  const { type, summary, source, data, example } = definition;
  return {
    type,
    summary,
    ...(source !== undefined && { source }),
    data,
    schema: data,
    example,
    // Parsing is the only way to make an event, and it has used this very schema.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    fold: (facts, event) => definition.fold(facts, event as CustomerEvent<z.output<Schema>>),
  };
}

interface BrowsingDefinition<Type extends string, Schema extends z.ZodMiniType<{ customerId: string }>> extends Omit<
  EventDefinition<Type, Schema>,
  'fold'
> {
  /** What of the data is kept. */
  look(data: z.output<Schema>): Omit<Look, 'at' | 'id'>;
}

/** Declares an event type of browsing: frequent, cheap, of interest for some weeks and never journalled. */
export function defineBrowsing<const Type extends string, Schema extends z.ZodMiniType<{ customerId: string }>>(
  definition: BrowsingDefinition<Type, Schema>,
): EventType & { readonly type: Type; readonly data: Schema } {
  return {
    ...defineEvent({ ...definition, fold: (facts) => facts }),
    look: ({ id, occurredAt, data }) => ({
      at: secondOf(occurredAt),
      id: hash32(id),
      // As above.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      ...definition.look(data as z.output<Schema>),
    }),
  };
}
