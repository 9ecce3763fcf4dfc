/** Key account and at risk: a person first; the mail of their contact comes only where nobody took care in three days. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const KEY_AT_RISK = 'retention/key-at-risk';
const CHECK_IN = 'retention/check-in';
/** Four orders, ten days apart: usual for this customer are some 18 days, and twice that is 877 hours, rounded up. */
const EVERY_TEN_DAYS = [62, 52, 42, 32];
const AT_RISK = OPENING - 32 * DAY + 877 * HOUR;
const BIG = ['unattended', 'attended', 'greeted', 'back'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of [...BIG, 'ordinary']) await shop.boughtBefore(each, EVERY_TEN_DAYS, 60);
  for (const customerId of BIG) await shop.emit('Account Ranked', { customerId, share: 0.01, keyAccount: true });
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(AT_RISK + days * DAY);
const calls = (customerId: string) => shop.announced('Attention Needed', customerId);
const callFor = (customerId: string, reason: string) => calls(customerId).find((each) => each['reason'] === reason);
const handle = (customerId: string, reason: string) =>
  shop.emit('Attention Handled', { customerId, attentionId: callFor(customerId, reason)?.['attentionId'] });

describe('a key account at risk', () => {
  it('is looked after by a person from the first, and others are not', async () => {
    for (const each of BIG) expect(calls(each)).toMatchObject([{ reason: 'key-account', priority: 'normal' }]);
    expect(calls('ordinary')).toEqual([]);
    await until(-1 / 24);
    for (const each of BIG) expect(calls(each)).toHaveLength(1);
  });

  it('is called by a person at once, and gets no mail of everybody', async () => {
    await until(1);
    for (const each of [...BIG, 'ordinary']) expect(await shop.stageOf(each)).toBe('at_risk');
    for (const each of BIG) {
      expect(callFor(each, 'key-account-at-risk')).toMatchObject({ priority: 'high' });
      expect(Date.parse(String(callFor(each, 'key-account-at-risk')?.['at']))).toBe(AT_RISK);
      expect(await shop.ends(each)).toMatchObject({ '1/retention/check-in/1': 'withheld: not for key-account' });
    }
    expect(calls('ordinary')).toEqual([]);
    expect(shop.mailsTo('ordinary')).toContain(CHECK_IN);
  });

  it('hears from the contact after three days, if nobody has taken care', async () => {
    // Having taken care of the one call is not having taken care of the other.
    await handle('greeted', 'key-account');
    await until(2);
    await shop.buy('back', 'back-now');
    await until(3 - 1 / 24);
    await handle('attended', 'key-account-at-risk');
    for (const each of BIG) expect(shop.mailsTo(each)).not.toContain(KEY_AT_RISK);
    // From eight in the morning on.
    await until(3.5);
    for (const each of ['unattended', 'greeted']) expect(shop.mailsTo(each).at(-1)).toBe(KEY_AT_RISK);
    expect(shop.mailsTo('attended')).not.toContain(KEY_AT_RISK);
    expect(shop.mailsTo('ordinary')).not.toContain(KEY_AT_RISK);
  });

  it('who has bought in the meantime is not asked why they are silent', async () => {
    expect(await shop.stageOf('back')).not.toBe('at_risk');
    expect(shop.mailsTo('back')).not.toContain(KEY_AT_RISK);
  });

  it('finds the name of the contact, who reads the reply, and no code', async () => {
    const letter = await letterOf(shop.lastMail('unattended'));
    expect(letter.from).toContain('Maja Lind');
    expect(letter.replyTo).toBe('maja@shop.example.com');
    expect(letter.text).toContain('This is Maja Lind, your contact at Kettle & Fern');
    expect(letter.text).not.toMatch(/% off|\bcode\b/u);
    expect(shop.announced('Offer Issued', 'unattended')).toEqual([]);
    const usual = await letterOf(shop.lastMail('ordinary'));
    expect(usual.replyTo).not.toBe(letter.replyTo);
  });

  it('is not reminded as others are', async () => {
    await until(14.5);
    expect(shop.mailsTo('ordinary').at(-1)).toBe('retention/reminder');
    for (const each of BIG) {
      expect(shop.mailsTo(each)).not.toContain('retention/reminder');
      expect(calls(each)).toHaveLength(2);
    }
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
