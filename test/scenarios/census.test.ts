/** The census through the running twin: at night, over the wire, to the person who is asked for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { openAttention } from '../../shared/lifecycle/customer/attention.ts';
import { HOUR } from '../../shared/lifecycle/time.ts';
import { openShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop(undefined, { nightly: true });
});

afterAll(() => shop.close());

const BIG = 'c-big';
const attentionOf = async (customerId: string) => {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? openAttention(profile) : [];
};

/** What each census said of itself. */
const censuses = () =>
  shop.logs.lines.map(({ fields }) => fields).filter(({ message }) => message === 'the census is taken');

describe('at ten past two in the night', () => {
  it('the biggest customer becomes a key account, and a person is asked for', async () => {
    for (let number = 0; number < 50; number += 1) {
      const customerId = number === 0 ? BIG : `c-${number}`;
      const total = number === 0 ? 900 : 40;
      await shop.put(
        { type: 'Purchase Completed', data: { customerId, orderId: `1-${number}`, total, currency: 'EUR' } },
        {
          type: 'Purchase Completed',
          data: { customerId, orderId: `2-${number}`, total, currency: 'EUR', discount: 9 },
        },
      );
    }
    await shop.wait(14 * HOUR);
    expect(await attentionOf(BIG)).toEqual([]);

    await shop.wait(HOUR);

    expect(await attentionOf(BIG)).toMatchObject([{ reason: 'key-account', priority: 'normal' }]);
    expect(await attentionOf('c-1')).toEqual([]);
    expect(shop.counted(NOTE.attentionNeeded, { reason: 'key-account' })).toBe(1);
    expect(censuses()).toMatchObject([{ people: { new: 0, active: 50 } }]);
    expect(shop.counted(METRIC.tooManyDiscounts)).toBe(1);
    expect(shop.twin.deadLetters()).toEqual([]);
  });

  it('nothing is said again the night after, and somebody who has taken care of it closes it', async () => {
    const [asked] = await attentionOf(BIG);
    await shop.emit('Attention Handled', { customerId: BIG, attentionId: asked?.id });
    await shop.pass(1);
    expect(await attentionOf(BIG)).toEqual([]);
    expect(shop.counted(NOTE.attentionNeeded)).toBe(1);
    expect(censuses()).toHaveLength(2);
  });
});
