/** P4, individual discounts: chosen by rules from facts, with real codes, a real end and a budget, and never too many. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { codesCommand } from '../../../infra/commands/codes.ts';
import { NOTE } from '../../../shared/contracts/notes.ts';
import { offersOf } from '../../../shared/lifecycle/customer/offers.ts';
import { parsePlaybook } from '../../../shared/lifecycle/playbook/parse-playbook.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../../shared/lifecycle/time.ts';
import { type Letter, letterOf } from '../../support/letter.ts';
import { playbookJson } from '../../support/playbooks.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const BEST_PRICE = 'nurture/best-price';
const BONUS = 'retention/promoter-bonus';
const WIN_BACK = 'win-back/offer';
const TERMS = 'Once per person, on one order of any size, not combined with other codes.';
/** Who bought once, and has become one to win back 24 days ago: after four and a half times 45 days. */
const LONG_AGO = (4.5 * 45 + 24) * DAY;
const THURSDAY: Instant = Date.parse('2026-03-05T00:00:00Z');
const HALF_A_YEAR = [180, 120, 60, 10];

const instant = z.string().transform((text): Instant => Date.parse(text));
const byName = z.looseObject({ offers: z.looseObject({ byName: z.record(z.string(), z.looseObject({})) }) });

/** The shipped offers, but some of them smaller, and of one the codes are the shop's. */
function playbook(winBack: object = {}): object {
  const { offers, ...rest } = byName.parse(playbookJson());
  const changes: Readonly<Record<string, object>> = {
    'best-price': { codes: 'pool', budget: { offers: 2, per: '7 days' } },
    'win-back': { lasts: '2 days', ...winBack },
    'make-good': { worth: [{ percent: 5 }] },
  };
  const changed = Object.entries(offers.byName).map(([name, offer]) => [name, { ...offer, ...changes[name] }]);
  return { ...rest, offers: { ...offers, byName: Object.fromEntries(changed) } };
}

let shop: Shop;
let scratch: string;

const issued = z.looseObject({
  offer: z.string(),
  offerId: z.string(),
  code: z.string(),
  percent: z.number(),
  issuedAt: instant,
  expiresAt: instant,
});
/** What was announced to the shop's platform, as often as it was. */
const issuedTo = (customerId: string) => shop.announced('Offer Issued', customerId).map((each) => issued.parse(each));
function lastOffer(customerId: string): z.infer<typeof issued> {
  const last = issuedTo(customerId).at(-1);
  if (last === undefined) throw new Error(`${customerId} was offered nothing`);
  return last;
}
const namesOf = (customerId: string) => [...new Set(issuedTo(customerId).map(({ offer }) => offer))];
async function register(...customerIds: readonly string[]): Promise<void> {
  for (const each of customerIds) await shop.register(each);
}
const praise = (customerId: string) => shop.emit('Nps Answered', { customerId, score: 10 });
const useCoupon = (customerId: string) => shop.emit('Coupon Applied', { customerId, coupon: 'FOUND' });
/** The shop's platform has made the code, or one of its own. */
const confirm = (customerId: string, code?: string) =>
  shop.emit('Offer Confirmed', { customerId, offerId: lastOffer(customerId).offerId, code });
const outcomesOf = async (customerId: string) => {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? offersOf(profile, shop.twin.now()) : [];
};
const bought = (customerId: string, daysAgo: readonly number[], total: number) =>
  shop.put(
    ...daysAgo.map((days) => ({
      type: 'Purchase Completed',
      data: { customerId, orderId: `${customerId}-${days}`, total, currency: 'EUR' },
      at: shop.twin.now() - days * DAY,
    })),
  );
const order = (customerId: string, orderId: string) => ({
  customerId,
  orderId,
  total: 40,
  currency: 'EUR',
  discount: 4,
});
async function letterTo(customerId: string, name: string): Promise<Letter> {
  expect(shop.mailsTo(customerId).at(-1)).toBe(name);
  return letterOf(shop.lastMail(customerId));
}

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'p4-'));
  shop = await openShop(OPENING, { playbook: playbook(), confirms: false });
});
afterAll(async () => {
  await rm(scratch, { recursive: true });
  await shop.close();
});

describe('codes of the shop', () => {
  const ALL_THREE = ['one', 'two', 'three'];

  it('are loaded from its file, and each is given to one', async () => {
    const [codesFile, playbookFile] = [path.join(scratch, 'codes.csv'), path.join(scratch, 'playbook.json')];
    await writeFile(codesFile, 'code\nPOOL-1\nPOOL-2\nPOOL-3\n');
    await writeFile(playbookFile, JSON.stringify(playbook()));
    await codesCommand(['best-price', codesFile, '--endpoint', shop.twin.endpoint, '--playbook', playbookFile]);
    await register(...ALL_THREE);
    // One after the other: of those who compete for the last of a budget one may use up a code in vain.
    for (const each of ALL_THREE) {
      await useCoupon(each);
      await shop.wait(2 * MINUTE);
    }
    await shop.wait(HOUR);
    const codes = await Promise.all(
      ['one', 'two'].map(async (each) => /POOL-\d/u.exec((await letterTo(each, BEST_PRICE)).text)?.[0]),
    );
    expect(codes).not.toContain(undefined);
    expect(new Set(codes).size).toBe(2);
  });

  it('are not given beyond the budget of the period, and again in the next', async () => {
    expect(await shop.ends('three')).toEqual({ '1/nurture/best-price/1': 'withheld: budget spent' });
    // Weeks are counted from the epoch, a Thursday.
    await shop.twin.advanceTo(THURSDAY - 9 * HOUR);
    await register('before');
    await useCoupon('before');
    await shop.twin.advanceTo(THURSDAY + 9 * HOUR);
    await register('after', 'too-late');
    await useCoupon('after');
    await shop.wait(HOUR + MINUTE);
    expect(await shop.ends('before')).toEqual({ '1/nurture/best-price/1': 'withheld: budget spent' });
    expect(shop.mailsTo('after')).toEqual([BEST_PRICE]);
    expect(shop.counted(NOTE.offerIssued, { offer: 'best-price' })).toBe(3);
  });

  it('come to an end', async () => {
    await useCoupon('too-late');
    await shop.wait(HOUR + MINUTE);
    expect(await shop.ends('too-late')).toEqual({ '1/nurture/best-price/1': 'withheld: no codes left' });
  });
});

describe('codes the shop is asked for', () => {
  beforeAll(async () => {
    await shop.waitUntil(12);
    await register('slow', 'silent', 'user', 'both');
    for (const each of ['user', 'both']) {
      await shop.emit('Purchase Completed', order(each, `first-of-${each}`), { at: shop.twin.now() - 40 * DAY });
    }
    for (const each of ['slow', 'silent', 'user', 'both']) await praise(each);
    await shop.wait(HOUR + MINUTE);
  });

  it('are announced with value and end, and the mail waits for the word of the shop', async () => {
    const { code, issuedAt, expiresAt, ...offered } = lastOffer('user');
    expect(offered).toMatchObject({ offer: 'promoter-bonus', percent: 10 });
    // To the end of the day.
    expect(Math.floor((expiresAt - issuedAt) / DAY)).toBe(30);
    expect(shop.mailsTo('user')).toEqual([]);
    for (const each of ['user', 'both']) await confirm(each);
    const { subject, text } = await letterTo('user', BONUS);
    expect(text).toContain(`Your code: ${code}`);
    const end = new Date(expiresAt).toLocaleDateString('en-GB', { dateStyle: 'long' });
    expect(subject).toContain(`10% off, until ${end}`);
    expect(text).toContain(`Valid until ${end}`);
  });

  it('count until a day has passed, and after it the mail is withheld', async () => {
    await shop.twin.advanceTo(lastOffer('slow').issuedAt + DAY - MINUTE);
    await confirm('slow', 'OF-THE-SHOP');
    expect((await letterTo('slow', BONUS)).text).toContain('Your code: OF-THE-SHOP');
    expect(await shop.ends('silent')).toEqual({});
    await shop.wait(2 * MINUTE);
    expect(await shop.ends('silent')).toEqual({ '1/retention/promoter-bonus/1': 'withheld: offer not confirmed' });
    await confirm('silent');
    expect(shop.mailsTo('silent')).toEqual([]);
  });

  it('are said to have been chosen by a rule, with their terms', async () => {
    for (const [customerId, name] of [
      ['user', BONUS],
      ['after', BEST_PRICE],
    ] as const) {
      const { text } = await letterTo(customerId, name);
      expect(text).toContain(TERMS);
      expect(text).toMatch(/Why you got this: a fixed rule chose this offer from your dealings with us/u);
      expect(text).toContain('your name, where you live and your age played no part');
      expect(text).toContain('after it, the code no longer works');
    }
  });
});

describe('two codes', () => {
  it('are never alive at once, and follow each other when the first was used, which is recorded', async () => {
    await shop.offers.addCode('best-price', 'POOL-4');
    const { code } = lastOffer('user');
    // The second of two discounted orders: from now on both look for the best price.
    await shop.emit('Purchase Completed', { ...order('user', 'o-77'), coupon: ` ${code.toLowerCase()} ` });
    await shop.emit('Purchase Completed', { ...order('both', 'o-78'), coupon: 'ANOTHER' });
    expect(await outcomesOf('user')).toMatchObject([{ state: 'redeemed', redeemed: { orderId: 'o-77' } }]);
    expect(await outcomesOf('both')).toMatchObject([{ state: 'issued' }]);
    await shop.wait(HOUR + MINUTE);
    expect((await letterTo('user', BEST_PRICE)).text).toContain('Your code: POOL-4');
    expect(await shop.ends('both')).toMatchObject({ '1/nurture/best-price/1': 'withheld: offer alive' });
  });
});

describe('what it is worth', () => {
  const GONE = ['left', 'left-rich', 'far-away', 'left-later'];
  /** When the offer ends to the one who lives in Tehran, hours before those to the others. */
  let end: Instant;

  beforeAll(async () => {
    await shop.waitUntil(12);
    await register('left', 'left-rich', 'left-later', 'loyal', 'loyal-rich');
    await shop.register('far-away', { name: 'Fatima Alavi', locale: 'fa-IR', timeZone: 'Asia/Tehran' });
    for (const each of GONE) await bought(each, [LONG_AGO / DAY], each === 'left' ? 40 : 100);
    await bought('loyal', HALF_A_YEAR, 50);
    await bought('loyal-rich', HALF_A_YEAR, 100);
    await shop.wait(MINUTE);
    for (const each of GONE) await confirm(each);
    end = lastOffer('far-away').expiresAt;
  });

  it('follows from facts, never from name, language or place', async () => {
    expect(GONE.map((each) => lastOffer(each).percent)).toEqual([10, 15, 15, 15]);
    expect((await letterTo('left', WIN_BACK)).subject).toContain('10%');
    expect((await letterTo('far-away', WIN_BACK)).subject).toContain('۱۵٪');
    for (const fact of ['name', 'locale', 'country', 'age']) {
      const worth = [{ if: { fact, operator: 'is', value: 'x' }, percent: 50 }];
      expect(() => parsePlaybook(playbook({ worth }))).toThrow(/offers\.byName\.win-back\.worth\.0\.if\.fact/u);
    }
  });

  it('is never less to the loyal than to somebody to be won back who spent as much', async () => {
    await shop.pass(14.05);
    for (const each of ['loyal', 'loyal-rich']) {
      await confirm(each);
      expect(namesOf(each)).toContain('loyal-bonus');
    }
    expect(lastOffer('loyal').percent).toBe(lastOffer('left').percent);
    expect(lastOffer('loyal-rich').percent).toBe(lastOffer('left-rich').percent);
    expect((await letterTo('loyal-rich', 'retention/bonus')).subject).toContain('15%');
  });

  it('is not as much or more again for thirty days after one ended unused', async () => {
    expect(await outcomesOf('left')).toMatchObject([{ state: 'expired' }]);
    await shop.complain('left-rich', 'k');
    await shop.resolve('left-rich', 'k');
    // By day, when it is not night that holds it.
    await shop.twin.advanceTo(end + 30 * DAY - 12 * HOUR);
    await praise('far-away');
    await shop.wait(2 * HOUR);
    const held = await shop.pending('far-away', '1/retention/promoter-bonus/1');
    expect(held).toMatchObject({ heldBy: 'another offer first', notBefore: end + 30 * DAY });
    expect(namesOf('far-away')).not.toContain('promoter-bonus');
    expect(lastOffer('left-rich')).toMatchObject({ offer: 'win-back' });
    await shop.twin.advanceTo(end + 30 * DAY + 12 * HOUR);
    await praise('left-later');
    await shop.wait(2 * HOUR);
    for (const each of ['far-away', 'left-later']) expect(namesOf(each)).toContain('promoter-bonus');
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
