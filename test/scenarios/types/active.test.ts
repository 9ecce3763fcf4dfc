/** Somebody who uses the shop: helped to make the most of what was bought, shown what staying is worth, never forgotten. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

/** Nobody goes longer without a mail. */
const LONGEST = 45;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const mailsOf = (customerId: string) => shop.twin.mailbox.filter(({ to }) => to.includes(`${customerId}@example.com`));

/** What the mail on benefits tells a customer. */
const worth = async (customerId: string) => {
  const mail = mailsOf(customerId)[shop.mailsTo(customerId).indexOf('retention/benefits')];
  if (mail === undefined) throw new Error(`${customerId} got no benefits`);
  return (await letterOf(mail)).text;
};

describe('an active customer', () => {
  it('has ordered twice, or is beyond the time of the onboarding', async () => {
    await shop.boughtBefore('second', [70, 45]);
    await shop.boughtBefore('regular', [100, 80, 60, 40, 20]);
    await shop.boughtBefore('window', [60 - 1 / 1440]);
    await shop.boughtBefore('once', [40]);
    expect(await shop.stageOf('second')).toBe('active');
    expect(await shop.stageOf('window')).toBe('new');
    await shop.wait(MINUTE);
    expect(await shop.stageOf('window')).toBe('active');
    expect(await shop.stageOf('once')).toBe('new');
  });

  it('is one as long as they keep to what is usual for them, and not loyal by number alone', async () => {
    for (const day of [20, 45, 65, 85]) {
      await shop.twin.advanceTo(OPENING + day * DAY);
      for (const id of ['second', 'regular']) {
        expect(await shop.stageOf(id)).toBe('active');
        await shop.buy(id, `${id}+${day}`, 20);
      }
    }
    // Nine orders in more than half a year, and yet not the spend of the top quarter.
    expect(await shop.stageOf('regular')).toBe('active');
  });

  it('is written to before 45 days are over, about using what they have', async () => {
    await shop.twin.advanceTo(OPENING + 95 * DAY);
    for (const id of ['second', 'regular']) {
      const days = [0, ...shop.calendarOf(id).map((each) => Number.parseFloat(each))];
      const gaps = days.slice(1).map((day, index) => day - (days[index] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(LONGEST);
      expect(shop.mailsTo(id).every((each) => each.startsWith('retention/'))).toBe(true);
    }
    const first = mailsOf('second')[shop.mailsTo('second').indexOf('retention/make-the-most')];
    if (first === undefined) throw new Error('second got no make-the-most');
    const { subject, text } = await letterOf(first);
    expect(subject).toBe('Getting more out of what you have');
    expect(text).toContain('there is nothing to buy here');
    expect(text).toContain('https://shop.example.com/guides/tea');
  });

  it('is shown what staying is worth, and how far it is to the next', async () => {
    const second = await worth('second');
    expect(second).toContain('Already yours');
    // Six orders at the time, and nine.
    expect(second).toContain('4 orders to go to first pick of each new harvest');
    expect(await worth('regular')).toContain('One order to go to first pick of each new harvest');
    expect(second).not.toMatch(/% off|\bcode\b/u);
  });
});
