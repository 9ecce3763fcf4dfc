/**
 * A5, the critic: within the hour a humble answer to the matter, which wants nothing back; a person is asked for; and
 * neither praise nor requests until a month after.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterTo } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const CRITIC = 'recovery/critic';
const THANKS = 'retention/thanks-referral';
const LOYAL = [180, 120, 60, 10];
/** Three weeks of silence are too long for somebody who bought every ten days; so it is with the first days of the shop. */
const FALLING_SILENT = [62, 52, 42, 32];
/** Somebody with one order is given up after 202.5 days. */
const ABOUT_TO_LAPSE = [202];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const score = (customerId: string, points: number, at = shop.twin.now()) =>
  shop.emit('Nps Answered', { customerId, score: points }, { at });
const rate = (customerId: string, reviewId: string, rating: number) =>
  shop.emit('Review Posted', { customerId, reviewId, rating, channel: 'shop' });

async function complained(customerId: string, severity: string, daysAgo: number): Promise<void> {
  const complaintId = `${customerId}-${daysAgo}`;
  const at = shop.twin.now() - daysAgo * DAY;
  await shop.emit('Complaint Opened', { customerId, complaintId, channel: 'email', severity }, { at });
  await shop.emit('Complaint Resolved', { customerId, complaintId }, { at: Math.min(at + DAY, shop.twin.now()) });
}

/** A customer with these orders, told at once: days before now. */
async function isCritic(customerId: string, trait = 'critic'): Promise<boolean> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes(trait);
}

const attention = (customerId: string) =>
  shop.announced('Attention Needed', customerId).map(({ reason, priority }) => [reason, priority]);

const refer = (customerId: string, friendId: string) =>
  shop.emit('Referral Made', { customerId, friendId, kind: 'customer' });
const thanksTo = async (customerId: string) =>
  Object.entries(await shop.ends(customerId)).flatMap(([key, end]) => (key.includes(THANKS) ? [end] : []));

describe('a critic', () => {
  it('answered at most 6, complained twice of small things, or gave two ratings of at most two stars', async () => {
    for (const id of ['six', 'seven', 'zero']) await shop.register(id);
    await score('six', 6);
    await score('zero', 0);
    await score('seven', 7);
    for (const id of ['low-twice', 'low-long-ago', 'low-once', 'normal-twice']) {
      await shop.register(id);
      await complained(id, id === 'normal-twice' ? 'normal' : 'low', id === 'low-long-ago' ? 180 : 179);
    }
    for (const id of ['low-twice', 'low-long-ago']) await complained(id, 'low', 0);
    await complained('normal-twice', 'normal', 0);
    for (const id of ['rated-twice', 'rated-once', 'rated-three']) {
      await shop.register(id);
      await rate(id, 'first', 2);
    }
    await rate('rated-twice', 'second', 1);
    await rate('rated-three', 'second', 3);
    for (const id of ['six', 'zero', 'low-twice', 'rated-twice']) expect(await isCritic(id)).toBe(true);
    for (const id of ['seven', 'low-once', 'low-long-ago', 'normal-twice', 'rated-once', 'rated-three']) {
      expect(await isCritic(id)).toBe(false);
    }
  });

  it('is answered within the hour', async () => {
    await shop.wait(15 * MINUTE - MINUTE);
    for (const id of ['six', 'zero', 'low-twice', 'rated-twice']) expect(shop.mailsTo(id)).not.toContain(CRITIC);
    await shop.wait(2 * MINUTE);
    for (const id of ['six', 'zero', 'low-twice', 'rated-twice']) expect(shop.mailsTo(id)).toContain(CRITIC);
    for (const id of ['seven', 'low-once', 'low-long-ago', 'normal-twice', 'rated-once', 'rated-three']) {
      expect(shop.mailsTo(id)).not.toContain(CRITIC);
    }
  });

  it('reads an apology that is to the point, blames nobody and wants nothing', async () => {
    for (const id of ['six', 'low-twice', 'rated-twice']) {
      const letter = await letterTo(shop, id, CRITIC);
      expect(saidIn(letter, 'apology')).toContain('sorry');
      expect(letter.text).toContain('It is ours to put right, and not yours to explain.');
      expect(letter.text).toContain('Whether you ever order from us again is not the point of this email.');
      expect(letter.text).toContain('hello@shop.example.com');
      expect(letter.answers).toEqual([]);
      expect(saidIn(letter, 'discount', 'push', 'promotion', 'claim')).toEqual([]);
      expect(letter.text).not.toMatch(/recommend|review|but you|however/iu);
    }
  });

  it('gets a person who looks into it, once', async () => {
    for (const id of ['six', 'zero', 'low-twice', 'rated-twice']) {
      expect(attention(id)).toEqual([['critic', 'normal']]);
    }
    for (const id of ['seven', 'low-once', 'rated-once']) expect(attention(id)).toEqual([]);
    await score('six', 5);
    expect(attention('six')).toEqual([['critic', 'normal']]);
  });

  it('is one for half a year, or until a better answer', async () => {
    for (const id of ['half-a-year', 'better']) {
      await shop.register(id);
      await score(id, 6, shop.twin.now() - 180 * DAY + MINUTE);
      expect(await isCritic(id)).toBe(true);
    }
    await score('better', 7);
    expect(await isCritic('better')).toBe(false);
    expect(await isCritic('half-a-year')).toBe(true);
    await shop.wait(MINUTE);
    expect(await isCritic('half-a-year')).toBe(false);
    // Nobody is answered half a year late.
    expect(shop.mailsTo('half-a-year')).toEqual([]);
  });
});

describe('a customer who would be loyal', () => {
  it('is none while a critic, and a person is asked for at once', async () => {
    await shop.boughtBefore('loyal', LOYAL, 60);
    expect(await shop.stageOf('loyal')).toBe('loyal');
    await score('loyal', 4);
    expect(await shop.stageOf('loyal')).toBe('active');
    expect(attention('loyal')).toEqual([['loyal-critic', 'high']]);
  });
});

describe('a critic who is silent, or gone', () => {
  it('is asked what is wrong but not reminded; others are', async () => {
    await until(1);
    for (const id of ['silent', 'silent-critic']) await shop.boughtBefore(id, FALLING_SILENT, 60);
    for (const id of ['gone', 'gone-critic']) await shop.boughtBefore(id, ABOUT_TO_LAPSE, 60);
    await score('silent-critic', 3);
    await score('gone-critic', 3);
    await until(1.1);
    // Whether they ever return or not.
    expect(shop.mailsTo('gone-critic')).toEqual([CRITIC]);
    await until(22);
    expect(shop.mailsTo('silent').slice(-2)).toEqual(['retention/check-in', 'retention/reminder']);
    expect(shop.mailsTo('silent-critic').slice(-1)).toEqual(['retention/check-in']);
    expect(await shop.ends('silent-critic')).toMatchObject({ '1/retention/reminder/1': 'withheld: not for critic' });
  });

  it('is asked for the reason and offered nothing; others are', async () => {
    await until(28);
    expect(shop.mailsTo('gone')).toEqual(['win-back/ask', 'win-back/offer']);
    expect(shop.mailsTo('gone-critic')).toEqual([CRITIC, 'win-back/ask']);
    expect(await shop.ends('gone-critic')).toMatchObject({ '1/win-back/offer/1': 'withheld: not for critic' });
    expect(shop.announced('Offer Issued', 'gone-critic')).toEqual([]);
  });
});

describe('a critic who enters a coupon', () => {
  it('is not sold to within the hour of the apology', async () => {
    await shop.register('hunting-critic');
    await score('hunting-critic', 2);
    await shop.emit('Coupon Applied', { customerId: 'hunting-critic', coupon: 'SPRING' });
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('hunting-critic')).toEqual([CRITIC]);
    expect(await shop.ends('hunting-critic')).toMatchObject({ '1/nurture/best-price/1': 'withheld: not for critic' });
  });
});

describe('a critic of late', () => {
  it('is neither thanked, nor given anything, nor asked to recommend us, while one and for thirty days after', async () => {
    await until(30);
    await shop.register('turned');
    await score('turned', 2);
    await shop.boughtBefore('turned', LOYAL, 60);
    await refer('turned', 'friend');
    await shop.wait(2 * HOUR);
    expect(await thanksTo('turned')).toEqual(['withheld: not for critic']);
    await until(31);
    await score('turned', 9);
    expect(await isCritic('turned')).toBe(false);
    expect(await isCritic('turned', 'was-critic')).toBe(true);
    expect(await shop.stageOf('turned')).toBe('loyal');
    await until(61 - 2 / 24);
    await refer('turned', 'friend-2');
    await until(61);
    expect(shop.mailsTo('turned').filter((each) => each !== 'retention/nps')).toEqual([CRITIC]);
    expect(await shop.ends('turned')).toMatchObject({
      '1/retention/appreciation/1': 'withheld: not for was-critic',
      '1/retention/promoter-bonus/1': 'withheld: not for was-critic',
      '1/retention/recommend/1': 'withheld: not for was-critic',
      '1/retention/bonus/1': 'withheld: not for was-critic',
    });
    expect((await thanksTo('turned')).toSorted()).toEqual(['withheld: not for critic', 'withheld: not for was-critic']);
  });

  it('and is like anybody else after that', async () => {
    expect(await isCritic('turned', 'was-critic')).toBe(false);
    await refer('turned', 'friend-3');
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('turned').at(-1)).toBe(THANKS);
  });
});

describe('somebody who is let down again within two months', () => {
  it('is answered again, within the hour', async () => {
    await shop.waitUntil(12);
    await shop.register('thrice', { name: 'Anna Berg' });
    await score('thrice', 3);
    await shop.wait(HOUR);
    expect(shop.mailsTo('thrice')).toEqual([CRITIC]);
    await shop.pass(6);
    await score('thrice', 9);
    await shop.pass(20);
    const before = shop.mailsTo('thrice');
    await score('thrice', 2);
    await shop.wait(HOUR);
    expect(shop.mailsTo('thrice')).toEqual([...before, CRITIC]);
  });
});
