/** Silent beyond what is usual for this very customer: one question, one reminder, and then quiet. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, send, type Shop } from '../../support/shop.ts';

/** Four orders, ten days apart: usual for this customer are some 18 days, and twice that is 877 hours, rounded up. */
const EVERY_TEN_DAYS = [62, 52, 42, 32];
const AT_RISK = OPENING - 32 * DAY + 877 * HOUR;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const id of ['silent', 'no-need', 'hurt', 'unhappy']) await shop.boughtBefore(id, EVERY_TEN_DAYS);
  await shop.boughtBefore('rare', [212, 152, 92, 32]);
  for (const id of ['habit', 'thrice', 'weekly']) await shop.boughtBefore(id, [100, 40]);
  await loggedIn('habit', [23, 22, 21, 20]);
  await loggedIn('thrice', [22, 21, 20]);
  await loggedIn('weekly', [50, 40, 30, 20]);
});
afterAll(() => shop.close());

const ago = (days: number) => OPENING - days * DAY;

async function loggedIn(customerId: string, days: readonly number[]): Promise<void> {
  await shop.put(...days.map((each) => ({ type: 'Login Succeeded', data: { customerId }, at: ago(each) })));
  await shop.twin.advanceTo(shop.twin.now());
}

describe('a customer at risk', () => {
  it('had a habit of logging in, and it stopped', async () => {
    // The last of four days was 10 February: three weeks after its end.
    const stops = Date.parse('2026-03-04T00:00:00Z');
    await shop.twin.advanceTo(stops - HOUR);
    for (const id of ['habit', 'thrice', 'weekly']) expect(await shop.stageOf(id)).toBe('active');
    await shop.twin.advanceTo(stops);
    expect(await shop.stageOf('habit')).toBe('at_risk');
    // Three days are no habit, and whoever comes every ten days has not stopped yet: that takes three of their gaps.
    expect(await shop.stageOf('thrice')).toBe('active');
    expect(await shop.stageOf('weekly')).toBe('active');
  });

  it('has bought nothing for twice as long as usual', async () => {
    await shop.twin.advanceTo(AT_RISK - HOUR);
    await shop.complain('unhappy', 'k');
    expect(await shop.stageOf('silent')).toBe('active');
    await shop.twin.advanceTo(AT_RISK);
    expect(await shop.stageOf('silent')).toBe('at_risk');
    // As silent, and as usual.
    expect(await shop.stageOf('rare')).toBe('active');
  });

  it('is not dissatisfied: then that comes first', async () => {
    expect(await shop.stageOf('unhappy')).toBe('active');
    await shop.waitUntil(12);
    expect(shop.mailsTo('unhappy').slice(-1)).toEqual(['recovery/apology']);
    await shop.resolve('unhappy', 'k');
  });

  it('is asked why, by a person, when the day begins', async () => {
    expect(shop.mailsTo('silent').slice(-1)).toEqual(['retention/check-in']);
    expect(new Date(shop.lastMail('silent').at).toISOString()).toMatch(/^2026-03-07T07:/u);
    const { subject, text, answers } = await letterOf(shop.lastMail('silent'));
    expect(subject).toBe('May I ask you something?');
    expect(answers).toHaveLength(5);
    expect(text).toContain('if something on our side is the reason');
    expect(text).not.toMatch(/% off|\bcode\b|discount/u);
    expect(shop.mailsTo('habit')).toContain('retention/check-in');
    for (const id of ['rare', 'thrice']) expect(shop.mailsTo(id)).not.toContain('retention/check-in');
  });

  it('who lost interest for our fault hears from a person, and who needs nothing is left alone', async () => {
    const [, somethingWentWrong = ''] = (await letterOf(shop.lastMail('hurt'))).answers;
    await send(somethingWentWrong);
    const [, , , needNothing = ''] = (await letterOf(shop.lastMail('no-need'))).answers;
    await send(needNothing);
    await shop.wait(HOUR);
    expect(shop.announced('Attention Needed', 'hurt')).toMatchObject([{ reason: 'answer', priority: 'high' }]);
    expect(shop.announced('Attention Needed', 'no-need')).toEqual([]);
    expect(shop.announced('Attention Needed', 'silent')).toEqual([]);
  });

  it('is reminded once after fourteen days, and then not again', async () => {
    await shop.twin.advanceTo(AT_RISK + 14 * DAY);
    expect(shop.mailsTo('silent')).not.toContain('retention/reminder');
    await shop.twin.advanceTo(OPENING + 50 * DAY);
    expect(await shop.stageOf('silent')).toBe('at_risk');
    const before = shop.mailsTo('silent').indexOf('retention/check-in');
    expect(shop.mailsTo('silent').slice(before)).toEqual(['retention/check-in', 'retention/reminder']);
    const { text, answers } = await letterOf(shop.lastMail('silent'));
    expect(Math.floor((shop.lastMail('silent').at - AT_RISK) / DAY)).toBe(14);
    expect(text).toContain('I won’t ask again');
    expect(answers).toEqual([]);
    expect(shop.mailsTo('no-need')).not.toContain('retention/reminder');
  });
});
