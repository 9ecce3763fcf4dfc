/** Loyal: often, long, for much, and satisfied. Thanked, asked, and never offered less than somebody who left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

/** The last day of the long story; whoever comes later is counted from there. */
const LATER = 198;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

/** A customer with these orders, told at once: days before now. */
const HALF_A_YEAR = [180, 120, 60, 10];

/** The mail of a step to a customer. */
async function mailOf(customerId: string, step: string) {
  const index = shop.mailsTo(customerId).indexOf(step);
  const mails = shop.twin.mailbox.filter(({ to }) => to.includes(`${customerId}@example.com`));
  const mail = mails[index];
  if (mail === undefined) throw new Error(`${customerId} got no ${step}`);
  return letterOf(mail);
}

/** Percent off, as the mail of a step says. */
const offered = async (customerId: string, step: string) =>
  /(\d+)% off/u.exec((await mailOf(customerId, step)).text)?.[1];

describe('a loyal customer', () => {
  it('is thanked every ninety days, has a bonus at most twice a year, and a say', async () => {
    await shop.boughtBefore('loyal', HALF_A_YEAR, 50);
    for (const day of [60, 120, 180]) {
      await shop.twin.advanceTo(OPENING + day * DAY);
      await shop.buy('loyal', `loyal+${day}`, 50);
      expect(await shop.stageOf('loyal')).toBe('loyal');
    }
    await shop.twin.advanceTo(OPENING + LATER * DAY);
    const ours = shop.calendarOf('loyal').filter((each) => !/nps|make-the-most|benefits|your-view/u.test(each));
    expect(ours).toEqual([
      '0 retention/appreciation',
      '14 retention/bonus',
      '35 retention/shape-the-range',
      '90 retention/appreciation',
      '155 retention/reference',
      '180 retention/appreciation',
      '197 retention/bonus',
    ]);
  });

  it('is thanked without being sold or asked anything', async () => {
    const { subject, text, answers } = await mailOf('loyal', 'retention/appreciation');
    expect(subject).toBe('Thank you for staying with us');
    expect(text).toContain('There is nothing you need to do.');
    expect(text).not.toMatch(/% off|\bcode\b/u);
    expect(answers).toEqual([]);
  });

  it('gets the bonus with code, terms and date, and nothing asked in return', async () => {
    const { subject, text, answers } = await mailOf('loyal', 'retention/bonus');
    expect(subject).toBe('A bonus for you: 10% off, until 15 April 2026');
    expect(text).toContain('Nothing is asked in return');
    expect(text).toMatch(/Your code: \S+/u);
    expect(text).toContain('Terms:');
    expect(answers).toEqual([]);
  });

  it('is asked what to stock, and for a reference that is never taken for granted', async () => {
    expect((await mailOf('loyal', 'retention/shape-the-range')).answers).toHaveLength(4);
    const { text } = await mailOf('loyal', 'retention/reference');
    expect(text).toContain('two honest sentences');
    expect(text).toContain('Nothing is given for it, and nothing changes if you would rather not.');
  });

  it('is one from the fourth order, half a year and the spend of the top quarter on', async () => {
    await shop.boughtBefore('three', [180, 120, 60], 100);
    await shop.boughtBefore('short', [180 - 1 / 1440, 120, 60, 10], 50);
    await shop.boughtBefore('small', HALF_A_YEAR, 49.99);
    await shop.boughtBefore('just', HALF_A_YEAR, 50);
    for (const id of ['three', 'short', 'small']) expect(await shop.stageOf(id)).toBe('active');
    expect(await shop.stageOf('just')).toBe('loyal');
    await shop.wait(MINUTE);
    expect(await shop.stageOf('short')).toBe('loyal');
  });

  it('is satisfied: no open complaint, and no critic', async () => {
    await shop.boughtBefore('unhappy', HALF_A_YEAR, 50);
    await shop.complain('unhappy', 'k');
    expect(await shop.stageOf('unhappy')).toBe('active');
    await shop.wait(MINUTE);
    await shop.resolve('unhappy', 'k');
    expect(await shop.stageOf('unhappy')).toBe('loyal');
    await shop.emit('Nps Answered', { customerId: 'just', score: 7 });
    expect(await shop.stageOf('just')).toBe('loyal');
    await shop.emit('Nps Answered', { customerId: 'just', score: 6 });
    expect(await shop.stageOf('just')).toBe('active');
  });

  it('is never offered less than somebody to be won back who spent as much', async () => {
    const gone = [444, 384, 324, 264];
    await shop.boughtBefore('left', gone, 50);
    await shop.boughtBefore('left-rich', gone, 100);
    await shop.boughtBefore('rich', HALF_A_YEAR, 100);
    await shop.pass(15);
    expect(await offered('left', 'win-back/offer')).toBe('10');
    expect(await offered('loyal', 'retention/bonus')).toBe('10');
    expect(await offered('left-rich', 'win-back/offer')).toBe('15');
    expect(await offered('rich', 'retention/bonus')).toBe('15');
    // Whoever has just complained hears of no bonus yet.
    expect(shop.mailsTo('unhappy')).not.toContain('retention/bonus');
  });
});
