/**
 * A6b, somebody who had a bad experience: written to by a person, with sympathy, an apology and what has changed; perhaps
 * something to make up for it, in a mail of its own.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterTo } from '../../support/letter.ts';
import { openShop, send, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const FOLLOW_UP = 'retention/follow-up';
const MAKE_GOOD = 'retention/make-good';
/** Weeks after the shop has changed something, a Monday at noon. */
const START = Date.parse('2026-11-02T12:00:00Z');
const CHANGED = ['Orders leave within one working day', 'One person stays with your question'];
/** Has nothing to do with what went wrong. */
const ELSEWHERE = 'Delivery costs are shown on the product page';
/** After the days without promotion that follow a dissatisfaction. */
const RESTED = 7;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(START);
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(START + days * DAY);
const aftermath = (customerId: string) =>
  shop.calendarOf(customerId).filter((each) => each.includes(FOLLOW_UP) || each.includes(MAKE_GOOD));

/** A customer whose last order was so many days ago. */
async function bought(customerId: string, daysAgo: number): Promise<void> {
  await shop.register(customerId, { name: 'Anna Berg' });
  for (const days of [daysAgo + 60, daysAgo]) {
    const order = { customerId, orderId: `${customerId}-${days}`, total: 40, currency: 'EUR' };
    await shop.emit('Purchase Completed', order, { at: shop.twin.now() - days * DAY });
  }
}

/** A complaint that is settled in an hour, opened now or so many days ago. */
async function trouble(customerId: string, daysAgo = 0): Promise<void> {
  const opened = { customerId, complaintId: 'k', channel: 'email', severity: 'normal' };
  await shop.emit('Complaint Opened', opened, { at: shop.twin.now() - daysAgo * DAY });
  await shop.wait(HOUR);
  await shop.resolve(customerId, 'k');
}

async function hadBad(customerId: string): Promise<boolean> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('bad-experience');
}

describe('a bad experience', () => {
  it('is a complaint that was resolved, or a bad rating, of the last half year', async () => {
    for (const id of ['complained', 'critic', 'content', 'open']) await bought(id, 40);
    // Not silent for too long.
    await bought('longer-ago', 60);
    // They once said that it was the price: no answer to what went wrong since.
    const said = { customerId: 'complained', programme: 'retention', step: 'check-in', question: 'reason' };
    await shop.emit('Question Answered', { ...said, answer: 'price' }, { at: shop.twin.now() - 39 * DAY });
    for (const id of ['rated', 'three-stars', 'of-old']) await bought(id, 40);
    await shop.complain('open', 'k');
    expect(await hadBad('open')).toBe(false);
    await trouble('complained');
    // Before the shop changed anything.
    await trouble('longer-ago', 43);
    await trouble('critic');
    await shop.emit('Nps Answered', { customerId: 'critic', score: 2 });
    await shop.emit('Review Posted', { customerId: 'rated', reviewId: 'v', rating: 2, channel: 'shop' });
    await shop.emit('Review Posted', { customerId: 'three-stars', reviewId: 'v', rating: 3, channel: 'shop' });
    const longAgo = { at: shop.twin.now() - 180 * DAY + MINUTE };
    await shop.emit('Review Posted', { customerId: 'of-old', reviewId: 'v', rating: 1, channel: 'shop' }, longAgo);
    for (const id of ['complained', 'longer-ago', 'critic', 'rated', 'of-old']) expect(await hadBad(id)).toBe(true);
    for (const id of ['content', 'open', 'three-stars']) expect(await hadBad(id)).toBe(false);
    await shop.wait(MINUTE);
    expect(await hadBad('of-old')).toBe(false);
    expect(aftermath('of-old')).toEqual([]);
  });

  it('is written about with the end of the week of rest, and to nobody else', async () => {
    await until(RESTED - 1 / 24);
    expect(aftermath('complained')).toEqual([]);
    await until(RESTED + 5 / 24);
    for (const id of ['complained', 'longer-ago']) expect(shop.mailsTo(id).at(-1)).toBe(FOLLOW_UP);
    for (const id of ['content', 'open', 'three-stars', 'rated']) expect(aftermath(id)).toEqual([]);
  });

  it('by a person, with sympathy and an apology, and nothing for sale', async () => {
    for (const id of ['complained', 'longer-ago']) {
      const letter = await letterTo(shop, id, FOLLOW_UP);
      expect(letter.subject).toBe('It went wrong, and I am sorry. Is it right now?');
      expect(saidIn(letter, 'apology')).toContain('sorry');
      expect(letter.text).toContain('I can well imagine how annoying that was');
      expect(letter.text).toContain('Maja Lind');
      expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
    }
  });

  it('with what has changed since it went wrong, of the same kind; without that no change is claimed', async () => {
    const [told, untold] = await Promise.all([
      letterTo(shop, 'longer-ago', FOLLOW_UP),
      letterTo(shop, 'complained', FOLLOW_UP),
    ]);
    expect(told.text).toContain(CHANGED[0]);
    expect(told.text).toContain('21 September 2026');
    expect(told.text).not.toContain(CHANGED[1]);
    expect(told.text).not.toContain(ELSEWHERE);
    for (const each of [...CHANGED, ELSEWHERE]) expect(untold.text).not.toContain(each);
    expect(untold.text).not.toMatch(/what we have changed/iu);
    expect(saidIn(untold, 'claim')).toEqual([]);
    expect(untold.text).toContain('Words alone are not enough');
  });

  it('is asked about; whoever says that it is not right yet hears from a person', async () => {
    const { answers, text } = await letterTo(shop, 'complained', FOLLOW_UP);
    expect(text).toContain('Has it been put right?');
    expect(answers).toHaveLength(3);
    await send(answers[2] ?? '');
    await send((await letterTo(shop, 'longer-ago', FOLLOW_UP)).answers[0] ?? '');
    await shop.wait(MINUTE);
    expect(shop.announced('Attention Needed', 'complained')).toMatchObject([{ reason: 'answer', priority: 'high' }]);
    expect(shop.announced('Attention Needed', 'longer-ago')).toEqual([]);
  });

  it('is made up for ten days later, in a mail of its own', async () => {
    await until(RESTED + 10 + 1 / 24);
    expect(shop.mailsTo('longer-ago').at(-1)).not.toBe(MAKE_GOOD);
    await until(RESTED + 10 + 5 / 24);
    expect(aftermath('longer-ago').map((each) => each.split(' ')[1])).toEqual([FOLLOW_UP, MAKE_GOOD]);
    const [issued] = shop.announced('Offer Issued', 'longer-ago');
    const letter = await letterTo(shop, 'longer-ago', MAKE_GOOD);
    expect(letter.subject).toBe('With our apology: 10% off, until 19 December 2026');
    expect(letter.text).toContain(String(issued?.['code']));
    expect(saidIn(letter, 'apology')).toContain('sorry');
    expect(letter.text).toContain('A code does not undo that');
    expect(letter.answers).toEqual([]);
    expect(saidIn(letter, 'push')).toEqual([]);
  });

  it('of a critic is neither followed up with questions nor with an offer: they have been answered', async () => {
    expect(shop.mailsTo('critic')).toContain('recovery/critic');
    expect(aftermath('critic')).toEqual([]);
    expect(await shop.ends('critic')).toMatchObject({
      [`1/${FOLLOW_UP}/1`]: 'withheld: not for critic',
      [`1/${MAKE_GOOD}/1`]: 'withheld: not for critic',
    });
    for (const id of ['content', 'three-stars', 'of-old']) expect(shop.announced('Offer Issued', id)).toEqual([]);
  });

  it('by a rating is written about when the rating is a month old, or made good', async () => {
    await shop.emit('Review Posted', { customerId: 'rated', reviewId: 'v2', rating: 4, channel: 'shop' });
    await shop.pass(RESTED - 1 / 24);
    expect(aftermath('rated')).toEqual([]);
    await shop.wait(3 * HOUR);
    expect(shop.mailsTo('rated').at(-1)).toBe(FOLLOW_UP);
    expect(shop.twin.deadLetters()).toEqual([]);
  });

  it('once more within half a year is written about once more', async () => {
    const soFar = aftermath('longer-ago').length;
    await until(100);
    expect(await hadBad('longer-ago')).toBe(true);
    await shop.complain('longer-ago', 'k2');
    await shop.wait(HOUR);
    await shop.resolve('longer-ago', 'k2');
    await until(100 + RESTED + 1);
    expect(aftermath('longer-ago').slice(soFar)).toHaveLength(1);
    expect(shop.mailsTo('longer-ago').at(-1)).toBe(FOLLOW_UP);
    expect(await shop.ends('longer-ago')).toMatchObject({ [`1/${FOLLOW_UP}/2`]: 'sent' });
  });
});

/** Days after `since`, counted from the start, and what came on them of the aftermath. */
function daysAfter(customerId: string, since: number): string[] {
  return shop.calendarOf(customerId).flatMap((each) => {
    const [day = '', mail = ''] = each.split(' ');
    return [FOLLOW_UP, MAKE_GOOD].includes(mail) ? [`${Math.floor(Number(day) - since)} ${mail}`] : [];
  });
}

describe('trouble that came up again, and trouble that was taken back', () => {
  it('is followed up when all of it is over', async () => {
    await shop.waitUntil(12);
    const since = (shop.twin.now() - START) / DAY;
    const at = (day: number) => until(since + day);
    for (const id of ['reopened', 'edited']) {
      await shop.register(id, { name: 'Anna Berg' });
      await shop.buy(id, `${id}-1`);
    }
    await at(2);
    await shop.complain('reopened', 'k');
    await shop.emit('Review Posted', { customerId: 'edited', reviewId: 'v', rating: 1, channel: 'shop' });
    await at(4);
    await shop.resolve('reopened', 'k');
    await at(5);
    await shop.complain('reopened', 'k');
    await at(15);
    await shop.resolve('reopened', 'k');
    await at(20);
    await shop.emit('Review Posted', { customerId: 'edited', reviewId: 'v', rating: 5, channel: 'shop' });
    await at(45);
    expect(daysAfter('reopened', since)).toEqual([`22 ${FOLLOW_UP}`, `32 ${MAKE_GOOD}`]);
    expect(daysAfter('edited', since)[0]).toBe(`27 ${FOLLOW_UP}`);
    expect(shop.mailsTo('edited')).toContain('onboarding/guide');
    expect(daysAfter('edited', since)).toContain(`37 ${MAKE_GOOD}`);
  });
});
