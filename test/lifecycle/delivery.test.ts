/** What the reports on one mail come to: the same in any order. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DeliveryMark,
  type DeliveryMarks,
  deliveryOf,
  withMark,
} from '../../shared/lifecycle/customer/delivery.ts';
import { assert, same } from '../support/property.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');

const marked = (...marks: readonly DeliveryMark[]) => marks.reduce<DeliveryMarks>(withMark, {});

describe('the delivery of a mail', () => {
  it('comes to the same in any order of the reports, each any number of times', () => {
    const at = fc.integer({ min: NOON, max: NOON + 5 });
    const status = fc.constantFrom('sent', 'delayed', 'delivered', 'bounced' as const);
    const seen = fc.constantFrom('opened', 'clicked' as const);
    const mark: fc.Arbitrary<DeliveryMark> = fc.oneof(fc.record({ status, at }), fc.record({ seen, at }));
    const orders = fc
      .array(mark, { minLength: 1, maxLength: 8 })
      .chain((marks) =>
        fc.tuple(fc.constant(marks), fc.shuffledSubarray([...marks, ...marks], { minLength: marks.length * 2 })),
      );

    assert(
      fc.property(orders, ([marks, order]) => same(deliveryOf(marked(...order)), deliveryOf(marked(...marks)))),
      1000,
    );
  });

  it('is nothing anybody knows while SES has only taken the mail', () => {
    expect(deliveryOf({})).toBeUndefined();
    expect(deliveryOf(marked({ status: 'sent', at: NOON }))).toBeUndefined();
  });

  it.each(['sent', 'delayed'] as const)('is "delivered" for a mail that is %s and was opened', (status) => {
    expect(
      deliveryOf(marked({ status, at: NOON }, { seen: 'clicked', at: NOON + 2 }, { seen: 'opened', at: NOON + 1 })),
    ).toEqual({
      status: 'delivered',
      at: NOON + 1,
      openedAt: NOON + 1,
      clickedAt: NOON + 2,
    });
  });

  it.each(['delivered', 'bounced', 'complained', 'rejected'] as const)(
    'stays "%s" for a mail that was opened',
    (status) => {
      expect(deliveryOf(marked({ status, at: NOON, detail: 'why' }, { seen: 'opened', at: NOON + 1 }))).toEqual({
        status,
        at: NOON,
        detail: 'why',
        openedAt: NOON + 1,
      });
    },
  );
});
