/** What becomes of individual offers: issued, confirmed, printed, used, and never too many of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NOTE } from '../../../shared/contracts/notes.ts';
import { offersOf, type OfferOutcome } from '../../../shared/lifecycle/customer/offers.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { playbookJson } from '../../support/playbooks.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const BEST_PRICE = '1/nurture/best-price/1';
const LITTLE_EXTRA = '1/nurture/little-extra/1';

/** Offers of the shipped playbook with other fields. */
function playbookWith(changes: Readonly<Record<string, object>>): object {
  const { offers, ...rest } = playbookJson();
  const given: { byName?: Record<string, object> } = Object(offers);
  const byName = Object.fromEntries(
    Object.entries(given.byName ?? {}).map(([name, offer]) => [name, { ...offer, ...changes[name] }]),
  );
  return { ...rest, offers: { ...given, byName } };
}

/** No step says that it waits for another offer longer than it is fresh. */
function patientWhileFresh(playbook: object): unknown {
  return JSON.parse(JSON.stringify(playbook), (name, value: unknown) => (name === 'waitsForOffer' ? undefined : value));
}

/** A person who comes by coupon and is told the best price an hour later. */
async function comesByCoupon(shop: Shop, customerId: string): Promise<void> {
  await shop.register(customerId);
  await shop.emit('Coupon Applied', { customerId, coupon: 'FOUND-ELSEWHERE' });
  await shop.wait(2 * HOUR);
}

async function offered(shop: Shop, customerId: string): Promise<readonly OfferOutcome[]> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? offersOf(profile, shop.twin.now()) : [];
}

const only = async (shop: Shop, customerId: string): Promise<OfferOutcome> => {
  const [first, ...more] = await offered(shop, customerId);
  if (first === undefined || more.length > 0) throw new Error(`${customerId} was not made one offer`);
  return first;
};

const beginsAtNoon = (shop: () => Shop) =>
  beforeEach(async () => {
    if (new Date(shop().twin.now()).getUTCHours() !== 12) await shop().waitUntil(12);
  });

describe('a shop that confirms what it is asked for', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());
  beginsAtNoon(() => shop);

  it('has the code, the value and the real end of its offer in the mail', async () => {
    await comesByCoupon(shop, 'saver');
    const { issued, state } = await only(shop, 'saver');
    expect(state).toBe('issued');
    expect(issued).toMatchObject({ offer: 'best-price', percent: 10 });
    // To the end of the day.
    expect(Math.floor((issued.expiresAt - issued.issuedAt) / DAY)).toBe(3);
    const { text, subject } = await letterOf(shop.lastMail('saver'));
    expect(shop.mailsTo('saver')).toContain('nurture/best-price');
    expect(text).toContain(issued.code);
    expect(`${subject} ${text}`).toMatch(/10\s?%/u);
    const end = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'Europe/Stockholm' });
    expect(text).toContain(end.format(issued.expiresAt));
  });

  it('sees that its code was used with an order', async () => {
    await comesByCoupon(shop, 'user');
    const { issued } = await only(shop, 'user');
    await shop.emit('Purchase Completed', {
      customerId: 'user',
      orderId: 'order-123',
      total: 40,
      currency: 'EUR',
      coupon: issued.code.toLowerCase(),
    });
    expect(await only(shop, 'user')).toMatchObject({ state: 'redeemed', redeemed: { orderId: 'order-123' } });
  });

  it('makes no second offer while one can be used', async () => {
    await comesByCoupon(shop, 'both');
    const at = shop.twin.now();
    // Bought within the hour of the first event: an impulse buyer, too, whom a little extra would be offered.
    await shop.emit(
      'Purchase Completed',
      { customerId: 'both', orderId: 'b-1', total: 40, currency: 'EUR' },
      { at: at - 1.5 * HOUR },
    );
    await shop.pass(4);
    const ends = await shop.ends('both');
    expect(await offered(shop, 'both')).toHaveLength(1);
    expect(ends[LITTLE_EXTRA]).toBe('withheld: offer alive');
  });
});

describe('a shop that confirms nothing', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(undefined, { confirms: false });
  });
  afterAll(() => shop.close());

  it('has the mail wait a day, and then withheld', async () => {
    await comesByCoupon(shop, 'waiting');
    expect(await shop.pending('waiting', BEST_PRICE)).toMatchObject({ heldBy: 'waiting for the offer' });
    expect((await only(shop, 'waiting')).state).toBe('waiting');
    await shop.pass(1.05);
    expect(await shop.ends('waiting')).toMatchObject({ [BEST_PRICE]: 'withheld: offer not confirmed' });
    expect(shop.mailsTo('waiting')).not.toContain('nurture/best-price');
  });

  it('has the mail go out with the code of the shop as soon as it does', async () => {
    await comesByCoupon(shop, 'late');
    const { offerId } = (await only(shop, 'late')).issued;
    await shop.emit('Offer Confirmed', { customerId: 'late', offerId, code: 'SHOP-OWN' });
    expect((await letterOf(shop.lastMail('late'))).text).toContain('SHOP-OWN');
  });
});

describe('a shop with codes and a budget of its own', () => {
  let shop: Shop;
  beforeAll(async () => {
    const playbook = playbookWith({
      'best-price': { codes: 'pool', budget: { offers: 2, per: '3650 days' } },
      'little-extra': { codes: 'pool' },
    });
    shop = await openShop(undefined, { playbook, threads: 2 });
    for (const code of ['POOL-1', 'POOL-2', 'POOL-3']) await shop.offers.addCode('best-price', code);
  });
  afterAll(() => shop.close());
  beginsAtNoon(() => shop);

  it('gives each code to one, and no more than it can afford', async () => {
    for (const customerId of ['one', 'two', 'three']) await comesByCoupon(shop, customerId);
    const codes = [(await only(shop, 'one')).issued.code, (await only(shop, 'two')).issued.code];
    expect(new Set(codes).size).toBe(2);
    for (const code of codes) expect(code).toMatch(/^POOL-\d$/u);
    expect((await letterOf(shop.lastMail('one'))).text).toContain(codes[0]);
    expect(await shop.ends('three')).toMatchObject({ [BEST_PRICE]: 'withheld: budget spent' });
    expect(shop.counted(NOTE.offerIssued, { offer: 'best-price' })).toBe(2);
    expect(shop.counted(NOTE.offerRefused, { reason: 'budget spent' })).toBe(1);
  });

  it('withholds the mail when its codes are used up', async () => {
    await shop.register('quick');
    await shop.wait(10 * MINUTE);
    await shop.buy('quick', 'q-1');
    await shop.pass(4);
    expect(await shop.ends('quick')).toMatchObject({ [LITTLE_EXTRA]: 'withheld: no codes left' });
  });

  it('keeps nobody’s name among its codes', async () => {
    const codes = (await shop.items()).filter((item) => item['pk']?.S?.startsWith('CODES#'));
    expect(codes).toHaveLength(3);
    expect(JSON.stringify(codes)).not.toMatch(/one|two|three|@/u);
  });
});

describe('an offer that is not made, or no longer', () => {
  const PROMOTER_BONUS = '1/retention/promoter-bonus/1';
  let shop: Shop;
  beforeAll(async () => {
    const worth = [{ if: { fact: 'orders', operator: 'at least', value: 99 }, percent: 10 }];
    const playbook = playbookWith({
      'little-extra': { lasts: '1 hour' },
      'make-good': { worth },
      // Nothing else to be worth as much as.
      'win-back': { worth },
    });
    shop = await openShop(undefined, { playbook: patientWhileFresh(playbook), confirms: false });
  });
  afterAll(() => shop.close());
  beginsAtNoon(() => shop);

  const praises = (customerId: string) => shop.emit('Nps Answered', { customerId, score: 10 });

  it('is barred by one that expired unused', async () => {
    await comesByCoupon(shop, 'again');
    await shop.emit('Offer Confirmed', { customerId: 'again', offerId: (await only(shop, 'again')).issued.offerId });
    await shop.pass(5);
    expect((await only(shop, 'again')).state).toBe('expired');
    await praises('again');
    await shop.wait(2 * HOUR);
    expect(await shop.ends('again')).toMatchObject({ [PROMOTER_BONUS]: 'withheld: offer barred' });
  });

  it('has expired when the shop confirms it too late', async () => {
    await shop.register('slow');
    await shop.wait(10 * MINUTE);
    await shop.buy('slow', 's-1');
    await shop.pass(3.05);
    const { offerId } = (await only(shop, 'slow')).issued;
    // The day is over.
    await shop.wait(12 * HOUR);
    await shop.emit('Offer Confirmed', { customerId: 'slow', offerId });
    expect(await shop.ends('slow')).toMatchObject({ [LITTLE_EXTRA]: 'withheld: offer expired' });
  });

  it('is none where no worth of it applies', async () => {
    await shop.register('wronged');
    await shop.buy('wronged', 'w-1');
    await shop.complain('wronged', 'k');
    await shop.resolve('wronged', 'k');
    await shop.pass(25);
    expect(await shop.ends('wronged')).toMatchObject({ '1/retention/make-good/1': 'withheld: no offer' });
  });
});
