/** Lapsed and interested again: fresh interest comes first, and the attempt to win them back waits a week for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, type Instant, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const ASK = 'win-back/ask';
const ASK_KEY = '1/win-back/ask/1';
const OFFER = 'win-back/offer';
const RESUME_URL = 'https://shop.example.com/checkout/1';
const TEAPOT = { sku: 'cer-501', category: 'ceramics' };
/** Midnight: somebody with one order returns after 45 days if at all, and four and a half times that are 202.5 days. */
const LAPSED = OPENING + DAY / 2;
const MIDNIGHT = LAPSED;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of ['gone', 'looking', 'checking', 'awake', 'buying', 'long-ago', 'later']) {
    await shop.register(each);
    const order = { customerId: each, orderId: `${each}-1`, total: 20, currency: 'EUR' };
    await shop.emit('Purchase Completed', order, { at: OPENING - 202 * DAY });
  }
  // The day that a look is known by ended a week before.
  await shop.emit('Product Viewed', { customerId: 'long-ago', ...TEAPOT }, { at: MIDNIGHT - 8 * DAY });
  await shop.twin.advanceTo(LAPSED - HOUR);
  for (const each of ['looking', 'buying']) await look(shop, each, TEAPOT);
  await shop.emit('Checkout Started', { customerId: 'checking', resumeUrl: RESUME_URL });
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(MIDNIGHT + days * DAY);
const winBack = (customerId: string) => shop.mailsTo(customerId).filter((each) => each.startsWith('win-back/'));

describe('a lapsed customer', () => {
  it('without fresh interest is asked why in the morning', async () => {
    await shop.twin.advanceTo(LAPSED + HOUR);
    for (const each of ['gone', 'looking', 'checking', 'buying']) expect(await shop.stageOf(each)).toBe('lapsed');
    expect(await shop.pending('awake', ASK_KEY)).toMatchObject({ heldBy: 'quiet hours' });
    await look(shop, 'awake', TEAPOT);
    await shop.twin.advanceTo(LAPSED + 9 * HOUR);
    for (const each of ['gone', 'long-ago', 'later']) expect(shop.mailsTo(each)).toEqual([ASK]);
  });

  it('who looks around again, or begins a checkout, is not asked why they left', async () => {
    await until(3);
    for (const each of ['looking', 'awake', 'buying']) expect(shop.mailsTo(each)).toEqual([]);
    expect(winBack('checking')).toEqual([]);
    expect(await shop.pending('awake', ASK_KEY)).toMatchObject({ heldBy: 'interest comes first' });
  });

  it('is asked for the order that was begun: interest has its own mail', async () => {
    expect(shop.mailsTo('checking')).toEqual(['nurture/resume']);
    expect((await letterOf(shop.lastMail('checking'))).links).toEqual([RESUME_URL]);
  });

  it('who buys in that week is welcomed back, and never asked', async () => {
    await shop.waitUntil(12);
    await shop.buy('buying', 'buying-2');
    expect(await shop.stageOf('buying')).toBe('new');
    expect(shop.mailsTo('buying')).toEqual(['onboarding/welcome']);
  });

  it('is asked when a week has passed without more', async () => {
    await until(7);
    for (const each of ['looking', 'checking', 'awake']) expect(winBack(each)).toEqual([]);
    // Eight in the morning in Stockholm, and the hour over which a morning is spread.
    await until(7 + 8.5 / 24);
    for (const each of ['looking', 'checking']) expect(winBack(each)).toEqual([ASK]);
    expect(winBack('awake')).toEqual([]);
    // A look is known by its day: this one was on the next.
    await until(8 + 8.5 / 24);
    expect(winBack('awake')).toEqual([ASK]);
    expect(winBack('buying')).toEqual([]);
  });

  it('whose interest comes back later hears of the offer later by as much', async () => {
    await until(22.5);
    await look(shop, 'later', TEAPOT);
    await until(25);
    expect(winBack('gone')).toEqual([ASK, OFFER]);
    expect(winBack('later')).toEqual([ASK]);
    await until(30 - MINUTE / DAY);
    expect(winBack('later')).toEqual([ASK]);
    await until(33);
    expect(winBack('later')).toEqual([ASK, OFFER]);
    expect(winBack('buying')).toEqual([]);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});

/** Somebody who lapses after two and a half days. */
async function boughtLongAgo(customerId: string): Promise<void> {
  await shop.register(customerId);
  const order = { customerId, orderId: `${customerId}-1`, total: 20, currency: 'EUR' };
  await shop.emit('Purchase Completed', order, { at: shop.twin.now() - 200 * DAY });
}

/** The mails of the win-back, each with the whole days since `begin`. */
const winBackDays = (customerId: string, begin: Instant) =>
  shop.calendarOf(customerId).flatMap((each) => {
    const [on = '', mail = ''] = each.split(' ');
    return mail.startsWith('win-back/') ? [`${Math.floor(Number(on) - (begin - OPENING) / DAY)} ${mail}`] : [];
  });

describe('a lapsed customer who keeps looking', () => {
  it('is asked when the interest is over, however long it lasts, and hears the rest as far apart as everybody', async () => {
    await shop.waitUntil(12);
    const begin = shop.twin.now();
    const at = (days: number) => shop.twin.advanceTo(begin + days * DAY);
    const day = () => winBackDays('keen', begin);
    await boughtLongAgo('keen');
    for (const each of [2, 7, 12]) {
      await at(each);
      await look(shop, 'keen', TEAPOT);
    }
    await at(19);
    expect(day()).toEqual([]);
    await at(20.9);
    expect(day()).toEqual([`19 ${ASK}`]);
    // Interest anew, before the offer is due: none of the time that series has waited counts, now as before.
    await at(30);
    await look(shop, 'keen', TEAPOT);
    await at(38);
    await look(shop, 'keen', TEAPOT);
    await at(58);
    expect(day()).toEqual([`19 ${ASK}`]);
    await at(62);
    expect(day()).toEqual([`19 ${ASK}`, expect.stringMatching(new RegExp(`^(59|60) ${OFFER}$`, 'u'))]);
  });

  it('every week is asked after three weeks all the same; and who begins checkouts in bursts, a week after the last', async () => {
    await shop.waitUntil(12);
    const begin = shop.twin.now();
    const at = (days: number) => shop.twin.advanceTo(begin + days * DAY);
    for (const each of ['weekly', 'refused-card']) await boughtLongAgo(each);
    // A card that is refused has somebody begin again and again; it must not push out what came before.
    const begins = async () => {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await shop.emit('Checkout Started', { customerId: 'refused-card', resumeUrl: RESUME_URL });
        await shop.wait(5 * MINUTE);
      }
    };
    const visits: readonly (readonly [number, () => Promise<void>])[] = [
      [2, () => look(shop, 'weekly', TEAPOT)],
      [2.1, begins],
      [8.1, begins],
      [9, () => look(shop, 'weekly', TEAPOT)],
      [14.1, begins],
      [16, () => look(shop, 'weekly', TEAPOT)],
    ];
    for (const [day, visit] of visits) {
      await at(day);
      await visit();
    }
    await at(21);
    for (const each of ['weekly', 'refused-card']) expect(winBackDays(each, begin)).toEqual([]);
    await at(22);
    expect(winBackDays('refused-card', begin)).toEqual([`21 ${ASK}`]);
    await at(22.4);
    expect(winBackDays('weekly', begin)).toEqual([]);
    // Three weeks after the midnight before the first look, in the morning.
    await at(23);
    await look(shop, 'weekly', TEAPOT);
    expect(winBackDays('weekly', begin)).toEqual([`22 ${ASK}`]);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
