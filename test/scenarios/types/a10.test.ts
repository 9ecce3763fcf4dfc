/** A10, the key account: found by the census of the night, looked after by name, asked early, and never sent a coupon. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, type Instant, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

/** Of so many who bought within a year one is a hundredth. */
const CUSTOMERS = 100;
/** What EventBridge takes at once. */
const AT_ONCE = 10;
const CHECK_IN = 'retention/key-check-in';
/** Who buys every 45 days, as the shop's customers do, is at risk after twice that: after 72 days 80 % of it is over. */
const GAP = 45 * DAY;
const EARLY = 72 * DAY;
const ASKED_AT: Instant = OPENING + 2 * DAY;
const LEILA = { name: 'Leila Karimi', email: 'leila@shop.example.com' };

let shop: Shop;
let orders = 0;

const order = (customerId: string, total: number, at: Instant = shop.twin.now()) => {
  orders += 1;
  return { type: 'Purchase Completed', data: { customerId, orderId: `o-${orders}`, total, currency: 'EUR' }, at };
};
const isKeyAccount = async (customerId: string) => {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('key-account');
};
const calls = (customerId: string) => shop.announced('Attention Needed', customerId);
const benefits = (customerId: string) => calls(customerId).filter(({ reason }) => reason === 'key-account-benefit');
/** Until the census has looked at everybody. */
const night = async () => {
  await shop.waitUntil(2);
  await shop.wait(11 * MINUTE);
};

beforeAll(async () => {
  shop = await openShop(undefined, { nightly: true });
  for (const each of ['big', 'peer', 'whale', 'third', 'gone']) await shop.register(each);
  await shop.emit('Profile Updated', { customerId: 'big', accountManager: LEILA });
  const silent = ASKED_AT - EARLY;
  const all = [
    order('big', 1000, silent - GAP),
    order('big', 1000, silent),
    order('peer', 40, silent - GAP),
    order('peer', 40, silent),
    order('whale', 5000, OPENING - 10 * DAY),
    order('third', 900, OPENING - 60 * DAY),
    order('third', 900, OPENING - 10 * DAY),
    // More than anybody, but longer ago than a year.
    order('gone', 9000, OPENING - 420 * DAY),
    order('gone', 9000, OPENING - 380 * DAY),
    ...Array.from({ length: CUSTOMERS - 4 }, (_, number) => order(`other-${number}`, 30, OPENING - 10 * DAY)),
  ];
  for (let from = 0; from < all.length; from += AT_ONCE) await shop.put(...all.slice(from, from + AT_ONCE));
});
afterAll(() => shop.close());

describe('the census of the night', () => {
  it('finds the two of a hundred who spent most in a year, if they ordered twice', async () => {
    await shop.waitUntil(2);
    expect(await isKeyAccount('big')).toBe(false);
    await shop.wait(11 * MINUTE);
    expect(await isKeyAccount('big')).toBe(true);
    for (const each of ['whale', 'third', 'gone', 'peer']) expect(await isKeyAccount(each)).toBe(false);
  });

  it('asks for a person for each of them, once', async () => {
    expect(calls('big')).toMatchObject([{ reason: 'key-account', priority: 'normal' }]);
    expect(calls('third')).toEqual([]);
    await shop.emit('Attention Handled', { customerId: 'big', attentionId: calls('big')[0]?.['attentionId'] });
    // The second order of the whale; and whoever goes past the big one, who is the fourth of a hundred then.
    await shop.put(order('whale', 100), order('third', 900), order('other-1', 3000));
    await night();
    expect(calls('big')).toHaveLength(1);
    for (const each of ['whale', 'other-1', 'third']) {
      expect(await isKeyAccount(each)).toBe(each !== 'third');
      expect(calls(each)).toHaveLength(each === 'third' ? 0 : 1);
    }
  });

  it('leaves them what they are down to the fourth of a hundred', async () => {
    expect(await isKeyAccount('big')).toBe(true);
  });
});

describe('a key account', () => {
  it('is asked by its contact after 80 % of the silence that is alarming; others are not', async () => {
    await shop.twin.advanceTo(ASKED_AT - MINUTE);
    expect(shop.mailsTo('big')).not.toContain(CHECK_IN);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('big').at(-1)).toBe(CHECK_IN);
    expect(shop.mailsTo('peer')).not.toContain(CHECK_IN);
    expect(await shop.stageOf('big')).toBe('active');
  });

  it('hears from the person it knows, whom a reply reaches, and of no code', async () => {
    const letter = await letterOf(shop.lastMail('big'));
    expect(letter.from).toBe('Leila Karimi, Kettle & Fern');
    expect(letter.replyTo).toBe(LEILA.email);
    expect(letter.text).toContain('This is Leila Karimi. I look after your orders');
    expect(letter.text).toContain('A reply to this email reaches me directly');
    expect(letter.text).toContain('there is no code to look for');
    expect(letter.text).not.toMatch(/\d\s?%/u);
  });

  it('has every mail from that person, or from the one the shop names where it has none of its own', async () => {
    for (const each of ['big', 'whale', 'peer']) await shop.complain(each, 'k');
    const senders = await Promise.all(['big', 'whale', 'peer'].map((each) => letterOf(shop.lastMail(each))));
    expect(senders.map(({ from, replyTo }) => [from, replyTo])).toEqual([
      ['Leila Karimi, Kettle & Fern', LEILA.email],
      ['Maja Lind, Kettle & Fern', 'maja@shop.example.com'],
      ['Kettle & Fern', 'hello@shop.example.com'],
    ]);
    await shop.wait(2 * HOUR);
    for (const each of ['big', 'whale', 'peer']) await shop.resolve(each, 'k');
  });

  it('ceases to be one below the fourth of a hundred', async () => {
    await shop.put(order('other-2', 2600));
    await night();
    expect(await isKeyAccount('big')).toBe(false);
    expect(await isKeyAccount('whale')).toBe(true);
  });

  it('has its benefits through the contact: what others get as a code is withheld', async () => {
    await shop.wait(8 * DAY + 10 * HOUR);
    // Who is none any more hears from the shop again.
    for (const each of ['big', 'whale']) expect(shop.mailsTo(each).at(-1)).toBe('retention/follow-up');
    expect((await letterOf(shop.lastMail('big'))).from).toBe('Kettle & Fern');
    expect((await letterOf(shop.lastMail('whale'))).from).toBe('Maja Lind, Kettle & Fern');
    for (const each of ['big', 'whale', 'peer']) await shop.emit('Nps Answered', { customerId: each, score: 10 });
    await shop.wait(2 * HOUR);
    expect(await shop.ends('whale')).toMatchObject({ '1/retention/promoter-bonus/1': 'withheld: not for key-account' });
    expect(shop.announced('Offer Issued', 'whale')).toEqual([]);
    expect(benefits('whale').map(({ attentionId }) => attentionId)).toContain(
      '1/key-account-benefit/retention/promoter-bonus/1',
    );
    expect(benefits('peer')).toEqual([]);
    for (const each of ['big', 'peer']) expect(shop.mailsTo(each)).toContain('retention/promoter-bonus');
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
