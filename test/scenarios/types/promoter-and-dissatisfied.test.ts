/** Promoter and dissatisfied: nobody is asked to recommend us until 60 days after it was put right. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const BONUS = 'retention/promoter-bonus';
const RECOMMEND = 'retention/recommend';
const NOT_YET = { '1/retention/recommend/1': 'withheld: not for recent-trouble' };
/** When it was put right, in days. */
const RESOLVED = 3;
/** The request comes a fortnight after they said they would recommend us. */
const ASKED_AFTER = 14;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of ['content', 'let-down', 'praising', 'rated', 'too-early', 'late-enough']) {
    await shop.register(each);
  }
  for (const each of ['content', 'let-down', 'rated']) await score(each);
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const score = (customerId: string) => shop.emit('Nps Answered', { customerId, score: 10 });
const promotion = (customerId: string) => shop.mailsTo(customerId).filter((each) => !each.startsWith('recovery/'));

describe('a promoter', () => {
  it('has the bonus at once, and later the request', async () => {
    await until(1);
    for (const each of ['content', 'let-down', 'rated']) expect(promotion(each)).toEqual([BONUS]);
    for (const each of ['let-down', 'praising', 'too-early', 'late-enough']) await shop.complain(each, `k-${each}`);
    await shop.emit('Review Posted', { customerId: 'rated', reviewId: 'r', rating: 1, channel: 'social' });
    await until(2);
    await score('praising');
    await until(RESOLVED);
    for (const each of ['let-down', 'praising', 'too-early', 'late-enough']) await shop.resolve(each, `k-${each}`);
    await until(ASKED_AFTER - 1 / 24);
    expect(promotion('content')).toEqual([BONUS]);
    await until(ASKED_AFTER + 1 / 24);
    expect(promotion('content')).toEqual([BONUS, RECOMMEND]);
    const { text } = await letterOf(shop.lastMail('content'));
    expect(text).toContain('If not, that is quite all right');
  });

  it('who was let down is asked nothing then, nor when a week of rest has passed', async () => {
    // Two days of trouble and seven of rest later than others.
    await until(ASKED_AFTER + 9 + 1);
    expect(shop.mailsTo('let-down')).not.toContain(RECOMMEND);
    expect(await shop.ends('let-down')).toMatchObject(NOT_YET);
  });

  it('who said so in the middle of it has the bonus after the rest, the day after they were asked about what went wrong', async () => {
    expect(shop.mailsTo('praising').slice(-2)).toEqual(['retention/follow-up', BONUS]);
    expect(shop.calendarOf('praising').filter((each) => each.endsWith(BONUS))).toEqual([`${RESOLVED + 8} ${BONUS}`]);
    await until(RESOLVED + 7 + ASKED_AFTER + 1);
    expect(shop.mailsTo('praising')).not.toContain(RECOMMEND);
    expect(await shop.ends('praising')).toMatchObject(NOT_YET);
  });

  it('may be asked again from the sixtieth day after the resolution on', async () => {
    // Nobody is asked without a bonus first, and that is not made while another code is alive.
    for (const each of ['too-early', 'late-enough']) {
      const [{ code } = {}] = shop.announced('Offer Issued', each);
      const order = { customerId: each, orderId: `o-${each}`, total: 40, currency: 'EUR', coupon: String(code) };
      await shop.emit('Purchase Completed', order);
    }
    const earliest = RESOLVED + 60 - ASKED_AFTER;
    await until(earliest - 1 / 24);
    await score('too-early');
    await until(earliest + 1 / 24);
    await score('late-enough');
    await until(RESOLVED + 60 + 1);
    expect(await shop.ends('too-early')).toMatchObject(NOT_YET);
    expect(shop.mailsTo('too-early')).not.toContain(RECOMMEND);
    expect(promotion('late-enough').slice(-1)).toEqual([RECOMMEND]);
    expect(shop.mailsTo('late-enough')).toContain(BONUS);
  });

  it('who gave one star and said no more was asked nothing, either', async () => {
    // The rating counted for thirty days, and the rest was seven.
    expect(shop.mailsTo('rated')).not.toContain(RECOMMEND);
    expect(await shop.ends('rated')).toMatchObject(NOT_YET);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
