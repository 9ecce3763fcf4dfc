/** Critic and loyal: whoever finds fault counts as active, not as loyal, while it lasts, and a person is called at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const CRITIC = 'recovery/critic';
const LOYAL = ['faithful', 'cross', 'nagging', 'nagging-once'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of LOYAL) await shop.boughtBefore(each, [180, 120, 60, 5], 60);
  await shop.boughtBefore('grump', [60, 5], 60);
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const score = (customerId: string, said: number) => shop.emit('Nps Answered', { customerId, score: said });
const calls = (customerId: string) =>
  shop
    .announced('Attention Needed', customerId)
    .map(({ reason, priority }) => `${String(reason)}: ${String(priority)}`);
const grumble = (customerId: string, complaintId: string) =>
  shop.emit('Complaint Opened', { customerId, complaintId, channel: 'email', severity: 'low' });

describe('a loyal customer who becomes a critic', () => {
  it('counts as active from then on', async () => {
    for (const each of LOYAL) {
      expect(await shop.stageOf(each)).toBe('loyal');
      expect(shop.mailsTo(each)).toEqual(['retention/appreciation']);
    }
    await until(1);
    await score('faithful', 7);
    expect(await shop.stageOf('faithful')).toBe('loyal');
    for (const each of ['cross', 'grump']) await score(each, 6);
    expect(await shop.stageOf('cross')).toBe('active');
  });

  it('is looked after by a person, at once and before others', () => {
    expect(calls('cross')).toEqual(['loyal-critic: high']);
    expect(calls('grump')).toEqual(['critic: normal']);
    expect(calls('faithful')).toEqual([]);
  });

  it('hears within the hour that it is ours to put right, without an offer', async () => {
    await shop.wait(HOUR);
    for (const each of ['cross', 'grump']) {
      expect(shop.mailsTo(each).at(-1)).toBe(CRITIC);
      expect(shop.lastMail(each).at - (OPENING + DAY)).toBeLessThan(HOUR);
    }
    expect(shop.mailsTo('faithful')).not.toContain(CRITIC);
    const letter = await letterOf(shop.lastMail('cross'));
    expect(saidIn(letter, 'apology')).not.toEqual([]);
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
    expect(letter.answers).toEqual([]);
  });

  it('may become one by small complaints, which each alone do not', async () => {
    for (const each of ['nagging', 'nagging-once']) {
      await grumble(each, 'k-1');
      await shop.resolve(each, 'k-1');
      await shop.wait(2 * MINUTE);
      expect(await shop.stageOf(each)).toBe('loyal');
      expect(calls(each)).toEqual([]);
    }
    await shop.wait(HOUR);
    await grumble('nagging', 'k-2');
    await shop.resolve('nagging', 'k-2');
    expect(await shop.stageOf('nagging')).toBe('active');
    expect(calls('nagging')).toEqual(['loyal-critic: high']);
    await shop.wait(20 * MINUTE);
    expect(shop.mailsTo('nagging')).toContain(CRITIC);
  });

  it('is not treated as loyal: no bonus, no thanks and nothing to shape, where others have them', async () => {
    await until(37);
    expect(shop.mailsTo('faithful')).toEqual(expect.arrayContaining(['retention/bonus', 'retention/shape-the-range']));
    for (const each of ['cross', 'nagging']) {
      const mails = shop.mailsTo(each).slice(1);
      for (const step of ['appreciation', 'bonus', 'shape-the-range']) expect(mails).not.toContain(`retention/${step}`);
      expect(shop.announced('Offer Issued', each)).toEqual([]);
    }
    // Nobody is called twice for the same.
    expect(calls('cross')).toHaveLength(1);
  });

  it('counts as loyal again when it is over', async () => {
    await score('cross', 8);
    expect(await shop.stageOf('cross')).toBe('loyal');
    // Two small complaints count for half a year.
    expect(await shop.stageOf('nagging')).toBe('active');
    for (const each of ['faithful', 'nagging-once']) expect(await shop.stageOf(each)).toBe('loyal');
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
