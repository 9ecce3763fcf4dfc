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
    readonly bestRatingInTest?: number;
  }
}

const reviewPosted = defineEvent({
  type: 'Review Posted',
  summary: 'The customer rated something.',
  data: z.object({
    customerId,
    rating: z
      .int({ error: 'expected a rating from 1 to 5' })
      .check(
        z.gte(1, { error: 'expected a rating from 1 to 5' }),
        z.lte(5, { error: 'expected a rating from 1 to 5' }),
      ),
  }),
  example: { customerId: 'c-1042', rating: 4 },
  fold: (facts, event) => ({
    ...facts,
    bestRatingInTest: Math.max(facts.bestRatingInTest ?? 0, event.data.rating),
  }),
});

const metadata = { id: 'e', version: 1, occurredAt: '2026-03-01T00:00:00Z' };

describe('a new event type', () => {
  it('validates by its own schema, with the path below detail', () => {
    const schema = detailSchema(reviewPosted.schema);
    expect(schema.safeParse({ metadata, data: reviewPosted.example }).success).toBe(true);
    expect(schema.safeParse({ metadata, data: { customerId: 'c', rating: 9 } }).error?.issues).toMatchObject([
      { path: ['data', 'rating'], message: 'expected a rating from 1 to 5' },
    ]);
  });

  it('folds into a fact of its own, which nothing else touches', () => {
    const rated = (rating: number) => ({
      id: `e${rating}`,
      type: reviewPosted.type,
      customerId: CUSTOMER,
      occurredAt: START,
      data: reviewPosted.data.parse({ customerId: CUSTOMER, rating }),
    });
    const best = [rated(2), rated(5), rated(3), rated(5)].reduce(
      (facts, event) => reviewPosted.fold(facts, event) ?? facts,
      NO_FACTS,
    );
    expect(trimFacts(best)).toStrictEqual({ ...NO_FACTS, bestRatingInTest: 5 });
  });
});
