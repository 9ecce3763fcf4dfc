/** A new event type is one definition and one line in the list; this one is defined here and never registered. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { defineEvent } from '../../shared/lifecycle/events/definition.ts';
import { customerId } from '../../shared/lifecycle/events/fields.ts';
import { detailSchema } from '../../shared/lifecycle/events/parse-event.ts';
import { NO_FACTS, trimFacts } from '../../shared/lifecycle/facts/facts.ts';
import { CUSTOMER, START } from '../support/events.ts';

/** What a new type adds to the facts it declares in its own file. */
declare module '../../shared/lifecycle/facts/facts.ts' {
  interface Facts {
    readonly mostWishesInTest?: number;
  }
}

const wishesListed = defineEvent({
  type: 'Wishes Listed',
  summary: 'The customer put something on a list of wishes.',
  data: z.object({
    customerId,
    wishes: z
      .int({ error: 'expected wishes, from 1 to 5' })
      .check(z.gte(1, { error: 'expected wishes, from 1 to 5' }), z.lte(5, { error: 'expected wishes, from 1 to 5' })),
  }),
  example: { customerId: 'c-1042', wishes: 4 },
  fold: (facts, event) => ({
    ...facts,
    mostWishesInTest: Math.max(facts.mostWishesInTest ?? 0, event.data.wishes),
  }),
});

const metadata = { id: 'e', version: 1, occurredAt: '2026-03-01T00:00:00Z' };

describe('a new event type', () => {
  it('validates by its own schema, with the path below detail', () => {
    const schema = detailSchema(wishesListed.schema);
    expect(schema.safeParse({ metadata, data: wishesListed.example }).success).toBe(true);
    expect(schema.safeParse({ metadata, data: { customerId: 'c', wishes: 9 } }).error?.issues).toMatchObject([
      { path: ['data', 'wishes'], message: 'expected wishes, from 1 to 5' },
    ]);
  });

  it('folds into a fact of its own, which nothing else touches', () => {
    const listed = (wishes: number) => ({
      id: `e${wishes}`,
      type: wishesListed.type,
      customerId: CUSTOMER,
      occurredAt: START,
      data: wishesListed.data.parse({ customerId: CUSTOMER, wishes }),
    });
    const most = [listed(2), listed(5), listed(3), listed(5)].reduce(
      (facts, event) => wishesListed.fold(facts, event) ?? facts,
      NO_FACTS,
    );
    expect(trimFacts(most)).toStrictEqual({ ...NO_FACTS, mostWishesInTest: 5 });
  });
});
