/** A3, the neutral customer: quality, price and use without emotion, and what staying brings named as a thing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DAY, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf, letterTo } from '../../support/letter.ts';
import { playbookJson } from '../../support/playbooks.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const MOST = 'retention/make-the-most';
const BENEFITS = 'retention/benefits';
/** Somebody who stays: not new any more, and not asked to recommend us within a month. */
const BEFORE = [160, 100, 40];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const score = (customerId: string, points: number, at = shop.twin.now()) =>
  shop.emit('Nps Answered', { customerId, score: points }, { at });

/** A customer with these orders, told at once: days before now. */
async function isNeutral(where: Shop, customerId: string): Promise<boolean> {
  const profile = await where.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('neutral');
}

describe('a neutral customer', () => {
  it('answered 7 or 8, in the last half year', async () => {
    for (const id of ['six', 'seven', 'eight', 'nine', 'silent', 'long-ago']) await shop.boughtBefore(id, BEFORE);
    await score('six', 6);
    await score('seven', 7);
    await score('eight', 8);
    await score('nine', 9);
    await score('long-ago', 8, shop.twin.now() - 180 * DAY + MINUTE);
    for (const id of ['seven', 'eight', 'long-ago']) expect(await isNeutral(shop, id)).toBe(true);
    for (const id of ['six', 'nine', 'silent']) expect(await isNeutral(shop, id)).toBe(false);
    await shop.wait(MINUTE);
    expect(await isNeutral(shop, 'long-ago')).toBe(false);
  });

  it('is neither rewarded nor apologised to', async () => {
    await until(20);
    for (const id of ['seven', 'eight']) expect(shop.mailsTo(id)).toEqual([]);
    expect(shop.mailsTo('nine')).toContain('retention/promoter-bonus');
    expect(shop.mailsTo('six')).toContain('recovery/critic');
  });

  it('reads what makes an article last, where others read how well they chose', async () => {
    await until(40);
    for (const id of ['seven', 'eight', 'silent', 'long-ago']) expect(shop.mailsTo(id)).toEqual([MOST]);
    const [neutral, usual] = await Promise.all([letterTo(shop, 'seven', MOST), letterTo(shop, 'silent', MOST)]);
    expect(neutral.subject).toBe('Use and care: three points');
    expect(neutral.text).toMatch(/cost nothing/u);
    expect(neutral.text).toMatch(/price per use/u);
    expect(neutral.text).toContain('https://shop.example.com/guides/tea');
    expect((await letterTo(shop, 'eight', MOST)).subject).toBe(neutral.subject);
    expect((await shop.entry('seven', `1/${MOST}/1`))?.template).toBe(`${MOST}@neutral`);
    expect(usual.text).toContain('You have already chosen well');
    // Half a year later the answer says nothing any more.
    expect((await letterTo(shop, 'long-ago', MOST)).subject).toBe(usual.subject);
  });

  it('is told the next benefit of staying as a thing, in the subject', async () => {
    await until(55);
    for (const id of ['seven', 'silent']) await shop.buy(id, `${id}-more`);
    await until(81);
    for (const id of ['seven', 'silent']) expect(shop.mailsTo(id)).toEqual([MOST, BENEFITS]);
    const [neutral, usual] = await Promise.all([letterTo(shop, 'seven', BENEFITS), letterTo(shop, 'silent', BENEFITS)]);
    expect(neutral.subject).toBe('One order to go to a yearly tasting box');
    expect(neutral.text).toMatch(/does not lapse/u);
    expect(usual.subject).toBe('What is already yours as our customer');
  });

  it('is never spoken to with feeling, nor sold anything', async () => {
    for (const step of [MOST, BENEFITS]) {
      expect(saidIn(await letterTo(shop, 'seven', step), 'emotion', 'discount', 'push', 'promotion')).toEqual([]);
    }
    // The lists are not blind.
    expect(saidIn(await letterTo(shop, 'nine', 'retention/promoter-bonus'), 'discount')).toContain('% off');
  });
});

describe('a neutral customer who is loyal', () => {
  it('is thanked, given a bonus and asked without feeling, too', async () => {
    const start = shop.twin.now();
    await shop.register('loyal');
    await score('loyal', 8);
    for (const id of ['loyal', 'loyal-usual']) await shop.boughtBefore(id, [180, 120, 60, 10], 60);
    await shop.twin.advanceTo(start + 40 * DAY);
    for (const step of ['retention/appreciation', 'retention/bonus', 'retention/shape-the-range']) {
      expect((await shop.entry('loyal', `1/${step}/1`))?.template).toBe(`${step}@neutral`);
      expect((await shop.entry('loyal-usual', `1/${step}/1`))?.template).toBe(step);
      expect(saidIn(await letterTo(shop, 'loyal', step), 'emotion', 'push')).toEqual([]);
    }
    expect((await letterTo(shop, 'loyal', 'retention/appreciation')).subject).toMatch(/orders? to go to|A service/u);
  });
});

/** The shipped playbook of a shop that hears of clicks. */
function reporting(): unknown {
  const shipped = playbookJson();
  const traits = z.looseObject({ neutral: z.looseObject({}) }).parse(shipped['traits']);
  return { ...shipped, traits: { ...traits, neutral: { ...traits.neutral, clicksReported: true } } };
}

describe('where clicks are reported', () => {
  const IRREGULAR = [400, 395, 100];
  const REGULAR = [300, 200, 100];

  it('whoever buys now and then and opens nothing is neutral after the fifth mail, and not after a click', async () => {
    const sesEvents = ['send', 'delivery', 'bounce', 'complaint', 'click'] as const;
    const other = await openShop(OPENING, { playbook: reporting(), config: { sesEvents: [...sesEvents] } });
    try {
      for (const id of ['irregular', 'clicks', 'rare'])
        await other.boughtBefore(id, IRREGULAR.slice(id === 'rare' ? 1 : 0));
      await other.boughtBefore('regular', REGULAR);
      const ids = ['irregular', 'clicks', 'regular', 'rare'];
      for (let mail = 1; mail <= 5; mail += 1) {
        // Traits are seen when something happens.
        for (const customerId of ids) await other.emit('Login Succeeded', { customerId });
        for (const id of ids) expect(await isNeutral(other, id)).toBe(false);
        for (const id of ids) {
          await other.complain(id, `k-${mail}`);
          await other.wait(MINUTE);
          if (id === 'clicks' && mail === 1) {
            other.twin.ses.report(other.lastMail(id).id, { kind: 'click', link: 'https://shop.example.com/' });
          }
        }
      }
      for (const customerId of ids) await other.emit('Login Succeeded', { customerId });
      expect(await isNeutral(other, 'irregular')).toBe(true);
      for (const id of ['clicks', 'regular', 'rare']) expect(await isNeutral(other, id)).toBe(false);
      expect((await letterOf(other.lastMail('irregular'))).subject).toContain('sorry');
    } finally {
      await other.close();
    }
  });
});
