/** Somebody we know who has not bought: mail by trait only, none without one, and all of it ends with the first order. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const LEADS = ['known', 'looker', 'researcher', 'switcher', 'silent', 'converted'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const id of LEADS) await shop.register(id);
  const none = { marketing: 'none', source: 'form', at: new Date(shop.twin.now()).toISOString() };
  await shop.emit('Profile Updated', { customerId: 'silent', consent: none });
  // A buyer, whatever else is alike.
  await shop.register('buyer');
  await shop.buy('buyer', 'b-1');
  const look = { sku: 'pot-03', category: 'teapots', name: 'Stoneware teapot' };
  for (const customerId of ['looker', 'silent', 'converted', 'buyer']) {
    await shop.emit('Product Viewed', { customerId, ...look });
  }
  for (const sku of ['pot-01', 'pot-02', 'pot-03']) {
    await shop.emit('Product Viewed', { customerId: 'researcher', ...look, sku, kind: 'specification' });
  }
  await shop.emit('Preference Declared', { customerId: 'switcher', previousSupplier: 'Leaf & Sons' });
});
afterAll(() => shop.close());

describe('a lead', () => {
  it('is whoever has no order', async () => {
    for (const id of LEADS) expect(await shop.stageOf(id)).toBe('lead');
    expect(await shop.stageOf('buyer')).toBe('new');
  });

  it('gets what its trait asks for, and nothing without one', async () => {
    await shop.pass(1);
    expect(shop.mailsTo('researcher')).toEqual(['nurture/knowledge']);
    expect(shop.mailsTo('switcher')).toEqual(['nurture/sets-apart']);
    expect(shop.mailsTo('looker')).toEqual([]);
    await shop.buy('converted', 'c-1');
    await shop.pass(1);
    expect(shop.mailsTo('looker')).toEqual(['nurture/invitation']);
    expect((await letterOf(shop.lastMail('looker'))).text).not.toMatch(/your order/iu);
    expect(await shop.ends('silent')).toEqual({ '1/nurture/invitation/1': 'withheld: no consent' });
    expect(await shop.ends('known')).toEqual({});
  });

  it('leaves the nurture with the first order', async () => {
    expect(await shop.stageOf('converted')).toBe('new');
    for (const id of ['converted', 'buyer']) expect(shop.mailsTo(id)).toEqual(['onboarding/welcome']);
  });

  it('is one again when that order is cancelled, and its onboarding ends', async () => {
    await shop.emit('Order Cancelled', { customerId: 'converted', orderId: 'c-1' });
    expect(await shop.stageOf('converted')).toBe('lead');
  });

  it('is never written to as if it had bought', async () => {
    await shop.pass(43);
    for (const id of LEADS) {
      const sinceBuying = id === 'converted' ? shop.mailsTo(id).slice(1) : shop.mailsTo(id);
      // No onboarding, no survey, no word that we exist.
      expect(sinceBuying.filter((each) => !each.startsWith('nurture/'))).toEqual([]);
    }
    expect(shop.mailsTo('known')).toEqual([]);
    expect(shop.mailsTo('buyer')).toEqual([
      'onboarding/welcome',
      'onboarding/guide',
      'onboarding/check-in',
      'retention/nps',
    ]);
  });
});
