/** Dissatisfied and at risk or lapsed: putting it right replaces both, and winning back counts from then on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

/** Four orders, ten days apart: usual for this customer are some 18 days, and twice that is 877 hours, rounded up. */
const EVERY_TEN_DAYS = [62, 52, 42, 32];
const AT_RISK = OPENING - 32 * DAY + 877 * HOUR;
/** Somebody with one order returns after 45 days if at all: four and a half times that are over in half a day. */
const ONCE = [202];

const LAPSED_ONES = ['gone', 'gone-unhappy', 'gone-stopping', 'midway'];
const CHECK_IN = 'retention/check-in';
const REMINDER = 'retention/reminder';
const ASK = 'win-back/ask';
const OFFER = 'win-back/offer';
/** When those complain who were asked already, and when all is put right, in days. */
const COMPLAINED = 5.5;
const RESOLVED = 7;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of ['silent', 'unhappy', 'already']) await shop.boughtBefore(each, EVERY_TEN_DAYS);
  for (const each of LAPSED_ONES) await shop.boughtBefore(each, ONCE);
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
/** Mails that speak of the silence. */
const aboutSilence = (customerId: string) =>
  shop.calendarOf(customerId).filter((each) => /win-back|retention\/(?:check-in|reminder)/u.test(each));
/** A line of the calendar: in the morning, within the hour over which mornings are spread. */
const on = (day: number, name: string): unknown => {
  const hour = [0, 0.01, 0.02, 0.03, 0.04, 0.05].map((later) => Number((day + later).toFixed(2)));
  return expect.stringMatching(new RegExp(`^(?:${hour.join('|').replaceAll('.', String.raw`\.`)}) ${name}$`, 'u'));
};
const recovery = (customerId: string) =>
  shop.mailsTo(customerId).flatMap((each) => (each.startsWith('recovery/') ? each.replace(/\.\d+$/u, '') : []));

describe('while something is wrong', () => {
  it('nobody counts as at risk: the answer to it replaces the question', async () => {
    await shop.complain('gone-unhappy', 'k');
    const endsAt = new Date(OPENING + 300 * DAY).toISOString();
    await shop.emit('Subscription Renewal Stopped', { customerId: 'gone-stopping', subscriptionId: 's', endsAt });
    await shop.twin.advanceTo(AT_RISK - HOUR);
    await shop.complain('unhappy', 'k');
    await until(5);
    expect(await shop.stageOf('silent')).toBe('at_risk');
    expect(aboutSilence('silent')).toEqual([on(4.79, CHECK_IN)]);
    expect(await shop.stageOf('unhappy')).toBe('active');
    expect(aboutSilence('unhappy')).toEqual([]);
    expect(recovery('unhappy')).toEqual(['recovery/apology']);
    const { text } = await letterOf(shop.lastMail('unhappy'));
    expect(text).toContain('sorry');
  });

  it('nobody is won back: who has lapsed hears of their case', async () => {
    for (const each of LAPSED_ONES) expect(await shop.stageOf(each)).toBe('lapsed');
    expect(aboutSilence('gone')).toEqual([on(0.79, ASK)]);
    for (const each of ['gone-unhappy', 'gone-stopping']) expect(aboutSilence(each)).toEqual([]);
    expect(recovery('gone-stopping')).toEqual(['recovery/renewal']);
    expect(recovery('gone-unhappy')).toEqual(['recovery/apology', 'recovery/status']);
  });

  it('whoever was asked already is asked nothing further', async () => {
    await until(COMPLAINED);
    for (const each of ['already', 'midway']) await shop.complain(each, 'k');
    expect(await shop.stageOf('already')).toBe('active');
    expect(aboutSilence('already')).toEqual([on(4.79, CHECK_IN)]);
    expect(await shop.stageOf('midway')).toBe('lapsed');
  });
});

describe('after it was put right', () => {
  it('they count as at risk again at once, and are asked a week later, the day after they were asked about what went wrong', async () => {
    await until(RESOLVED);
    for (const each of ['unhappy', 'gone-unhappy', 'already', 'midway']) await shop.resolve(each, 'k');
    await shop.emit('Subscription Renewal Resumed', { customerId: 'gone-stopping', subscriptionId: 's' });
    expect(await shop.stageOf('unhappy')).toBe('at_risk');
    expect(recovery('unhappy').at(-1)).toBe('recovery/resolved');
    await until(14 - 1 / 24);
    for (const each of ['unhappy', 'gone-unhappy', 'gone-stopping']) expect(aboutSilence(each)).toEqual([]);
    await until(14);
    expect(aboutSilence('gone-stopping')).toEqual([`14 ${ASK}`]);
    for (const each of ['unhappy', 'gone-unhappy']) {
      expect(aboutSilence(each)).toEqual([]);
      expect(shop.mailsTo(each).at(-1)).toBe('retention/follow-up');
    }
    await until(15 + 1 / 24);
    expect(aboutSilence('unhappy')).toEqual([`15 ${CHECK_IN}`]);
    expect(aboutSilence('gone-unhappy')).toEqual([`15 ${ASK}`]);
    expect((await letterOf(shop.lastMail('gone-unhappy'))).subject).toBe('What made you stop?');
  });

  it('winning back takes its time from there, and so does the reminder', async () => {
    await until(37);
    expect(aboutSilence('silent')).toEqual([on(4.79, CHECK_IN), on(18.79, REMINDER)]);
    expect(aboutSilence('unhappy')).toEqual([`15 ${CHECK_IN}`, `29 ${REMINDER}`]);
    expect(aboutSilence('gone')).toEqual([on(0.79, ASK), on(24.79, OFFER)]);
    expect(aboutSilence('gone-unhappy')).toEqual([`15 ${ASK}`]);
    expect(aboutSilence('gone-stopping')).toEqual([`14 ${ASK}`]);
    await until(38 + 1 / 24);
    expect(aboutSilence('gone-stopping')).toEqual([`14 ${ASK}`, on(38, OFFER)]);
  });

  it('what makes good is offered instead of what wins back', async () => {
    expect(shop.announced('Offer Issued', 'midway')).toMatchObject([{ offer: 'make-good' }]);
    expect(await shop.ends('midway')).toMatchObject({ '1/win-back/offer/1': 'withheld: offer alive' });
    expect(shop.announced('Offer Issued', 'gone')).toMatchObject([{ offer: 'win-back' }]);
  });

  it('what had begun goes on later by the trouble and the week after it, and nobody is asked twice', async () => {
    const told = async (customerId: string) => (await shop.entry(customerId, '1/win-back/improved/1'))?.moment ?? NaN;
    expect((await told('midway')) - (await told('gone'))).toBe((RESOLVED - COMPLAINED + 7) * DAY);
    for (const each of ['already', 'midway']) {
      expect(aboutSilence(each).filter((line) => line.endsWith(CHECK_IN) || line.endsWith(ASK))).toHaveLength(1);
    }
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
