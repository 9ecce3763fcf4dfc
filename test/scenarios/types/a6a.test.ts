/**
 * A6a, dissatisfied now: an apology within a quarter of an hour, the solution kept in sight, less promised than is kept;
 * a stopped renewal is asked about, and not apologised for.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterTo } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const APOLOGY = 'recovery/apology';
const STATUS = 'recovery/status';
const RESOLVED = 'recovery/resolved';
const BAD_RATING = 'recovery/bad-rating';
const RENEWAL = 'recovery/renewal';
const QUARTER = 15 * MINUTE;
const COMPLAINTS = ['mild', 'usual', 'severe'];
const RATED = ['one-star', 'two-stars', 'on-social', 'elsewhere'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const id of [...COMPLAINTS, ...RATED, 'three-stars', 'leaves', 'leaves-again', 'content', 'quick']) {
    await shop.register(id, { name: 'Anna Berg' });
  }
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const open = (customerId: string, severity: string) =>
  shop.emit('Complaint Opened', { customerId, complaintId: `case-${customerId}`, channel: 'phone', severity });
const settle = (customerId: string, more: Readonly<Record<string, string>> = {}) =>
  shop.emit('Complaint Resolved', { customerId, complaintId: `case-${customerId}`, ...more });
const rate = (customerId: string, rating: number, channel = 'shop') =>
  shop.emit('Review Posted', { customerId, reviewId: customerId, rating, channel });

describe('a complaint', () => {
  it('is answered within a quarter of an hour, whatever its severity', async () => {
    await open('mild', 'low');
    await open('usual', 'normal');
    await open('severe', 'high');
    await open('quick', 'normal');
    await shop.wait(QUARTER);
    for (const id of COMPLAINTS) {
      expect(shop.mailsTo(id)).toEqual([APOLOGY]);
      expect(shop.lastMail(id).at - OPENING).toBeLessThanOrEqual(QUARTER);
    }
    expect(shop.mailsTo('content')).toEqual([]);
  });

  it('with an apology, what happens next, and a question for their own view; and nothing for sale', async () => {
    const letter = await letterTo(shop, 'usual', APOLOGY);
    expect(saidIn(letter, 'apology')).toContain('sorry');
    expect(letter.text).toContain('What happens next');
    expect(letter.text).toContain('case-usual');
    expect(letter.text).toContain('If you already know how it should be put right, reply and say so.');
    for (const way of ['hello@shop.example.com', '+44 20 7946 0018']) expect(letter.text).toContain(way);
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
  });

  it('calls a person when it is severe, with high priority, and once', async () => {
    await open('severe', 'high');
    expect(shop.announced('Attention Needed', 'severe')).toMatchObject([
      { reason: 'severe-complaint', priority: 'high' },
    ]);
    for (const id of ['mild', 'usual']) expect(shop.announced('Attention Needed', id)).toEqual([]);
  });

  it('stays in sight: less is promised, every four days, than is kept, every three', async () => {
    expect((await letterTo(shop, 'usual', APOLOGY)).text).toContain('at least every four days');
    await until(2);
    await settle('quick');
    await until(7);
    expect(shop.calendarOf('usual')).toEqual([`0 ${APOLOGY}`, `3 ${STATUS}.1`, `6 ${STATUS}.2`]);
    const letter = await letterTo(shop, 'usual', STATUS);
    expect(saidIn(letter, 'apology')).toContain('sorry');
    expect(letter.text).toContain('case-usual');
    expect(letter.text).toContain('in four days at the latest');
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
    // What is settled needs no news.
    expect(shop.calendarOf('quick')).toEqual([`0 ${APOLOGY}`, `2 ${RESOLVED}`]);
  });

  it('is told when it is settled: what was done, and what they get where something is due', async () => {
    const outcome = 'A new pot left us this morning';
    const compensation = 'The price of the old one, back on your card';
    await settle('usual', { outcome, compensation });
    await settle('mild', { outcome });
    for (const id of ['usual', 'mild']) expect(shop.calendarOf(id).at(-1)).toBe(`7 ${RESOLVED}`);
    const [full, plain] = await Promise.all([letterTo(shop, 'usual', RESOLVED), letterTo(shop, 'mild', RESOLVED)]);
    expect(full.text).toContain(outcome);
    expect(full.text).toContain(compensation);
    expect(plain.text).toContain(outcome);
    expect(plain.text).not.toMatch(/What you get from us/iu);
    expect(full.text).toMatch(/What you get from us/iu);
    for (const letter of [full, plain]) {
      expect(saidIn(letter, 'apology')).toContain('sorry');
      expect(letter.text).toContain('reply to this email and we will open the case again');
      expect(saidIn(letter, 'discount', 'push')).toEqual([]);
    }
    await until(11);
    expect(shop.calendarOf('usual').at(-1)).toBe(`7 ${RESOLVED}`);
    expect(shop.mailsTo('severe').at(-1)).toBe(`${STATUS}.3`);
  });
});

describe('a bad rating', () => {
  it('of at most two stars is answered like a complaint, wherever it was given', async () => {
    await until(12);
    await rate('one-star', 1);
    await rate('two-stars', 2);
    await rate('on-social', 2, 'social');
    await rate('elsewhere', 1, 'third_party');
    await rate('three-stars', 3, 'social');
    await shop.wait(QUARTER);
    for (const id of RATED) expect(shop.mailsTo(id)).toEqual([BAD_RATING]);
    expect(shop.mailsTo('three-stars')).toEqual([]);
  });

  it('is not argued with: it stays as it is, and the writer is asked to say more', async () => {
    for (const id of RATED) {
      const letter = await letterTo(shop, id, BAD_RATING);
      expect(saidIn(letter, 'apology')).toContain('sorry');
      expect(letter.text).toContain('We will not ask you to change it or to take it down.');
      expect(letter.text).toContain('What should have been different?');
      expect(letter.text.includes('in our shop')).toBe(id === 'one-star' || id === 'two-stars');
      expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
    }
  });
});

describe('a stopped renewal', () => {
  const endsAt = '2026-05-31T10:00:00Z';
  const stop = (customerId: string) =>
    shop.emit('Subscription Renewal Stopped', { customerId, subscriptionId: 's', endsAt });

  it('is asked about at once, and not apologised for', async () => {
    await until(13);
    await stop('leaves');
    await shop.wait(QUARTER);
    expect(shop.mailsTo('leaves')).toEqual([RENEWAL]);
    const letter = await letterTo(shop, 'leaves', RENEWAL);
    expect(letter.subject).toBe('You stopped the renewal. May we ask why?');
    expect(letter.text).toContain('31 May 2026');
    expect(letter.text).toContain('reply to this email and tell us what decided it');
    expect(saidIn(letter, 'apology')).toEqual([]);
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
    // Nobody is talked out of it.
    expect(letter.text).not.toMatch(/change your mind|stay with us|come back/iu);
  });

  it('is asked about once, and not by who thought better of it', async () => {
    await stop('leaves');
    await shop.put(
      { type: 'Subscription Renewal Stopped', data: { customerId: 'leaves-again', subscriptionId: 's', endsAt } },
      {
        type: 'Subscription Renewal Resumed',
        data: { customerId: 'leaves-again', subscriptionId: 's' },
        at: shop.twin.now() + 1,
      },
    );
    await shop.wait(HOUR);
    expect(shop.mailsTo('leaves')).toEqual([RENEWAL]);
    expect(shop.mailsTo('leaves-again')).toEqual([]);
  });
});

describe('while it lasts', () => {
  it('nothing else is said, and others hear it', async () => {
    await until(14);
    for (const customerId of ['severe', 'elsewhere', 'leaves', 'content']) {
      await shop.emit('Preference Declared', { customerId, previousSupplier: 'Leaf Direct' });
    }
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('content')).toEqual(['nurture/sets-apart']);
    for (const id of ['severe', 'elsewhere', 'leaves']) {
      expect(shop.mailsTo(id).filter((each) => !each.startsWith('recovery/'))).toEqual([]);
    }
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});

describe('what comes up again', () => {
  it('is answered again: with an apology, news every three days, and the word that it is settled', async () => {
    await shop.waitUntil(12);
    const since = (shop.twin.now() - OPENING) / DAY;
    const at = (days: number) => shop.twin.advanceTo(OPENING + (since + days) * DAY);
    const calendar = () =>
      shop.calendarOf('again').map((each) => {
        const [day = '', mail = ''] = each.split(' ');
        return `${Math.round(Number(day) - since)} ${mail}`;
      });
    await shop.register('again', { name: 'Anna Berg' });
    await open('again', 'high');
    await at(2);
    await settle('again');
    await at(3);
    await open('again', 'high');
    await shop.wait(QUARTER);
    const told = [`0 ${APOLOGY}`, `2 ${RESOLVED}`, `3 ${APOLOGY}`];
    expect(calendar()).toEqual(told);
    expect((await letterTo(shop, 'again', APOLOGY)).text).toContain('case-again');
    // A person, too, is called for each time.
    expect(shop.announced('Attention Needed', 'again')).toHaveLength(2);
    await at(6.5);
    await settle('again');
    await at(10);
    expect(calendar()).toEqual([...told, `6 ${STATUS}.1`, `7 ${RESOLVED}`]);
  });

  it('while it is open is no new case; once it was closed as unknown it is one, however often that is said', async () => {
    const begin = shop.twin.now();
    const at = (days: number) => shop.twin.advanceTo(begin + days * DAY);
    const told = () => shop.mailsTo('insists').filter((each) => !each.startsWith(STATUS));
    const statusDays = () =>
      shop.calendarOf('insists').flatMap((each) => {
        const [day = '', mail = ''] = each.split(' ');
        return mail.startsWith(STATUS) ? [Math.round(Number(day) - (begin - OPENING) / DAY)] : [];
      });
    await shop.register('insists', { name: 'Anna Berg' });
    await open('insists', 'high');
    for (const day of [4, 8]) {
      await at(day);
      await open('insists', 'high');
    }
    await at(16);
    expect(told()).toEqual([APOLOGY]);
    // News every three days, as before.
    expect(statusDays()).toEqual([3, 6, 9, 12, 15]);
    expect(shop.announced('Attention Needed', 'insists')).toHaveLength(1);
    await at(8 + 45 + 1);
    const unsettled = [APOLOGY, 'recovery/still-open', 'recovery/unsettled'];
    expect(told()).toEqual(unsettled);
    for (const day of [60, 61, 65]) {
      await at(day);
      await open('insists', 'high');
      await shop.wait(QUARTER);
      expect(told()).toEqual([...unsettled, APOLOGY]);
      expect(shop.announced('Attention Needed', 'insists')).toHaveLength(2);
    }
    await settle('insists');
    await shop.wait(QUARTER);
    expect(told()).toEqual([...unsettled, APOLOGY, RESOLVED]);
  });

  it('as a bad rating that had faded, changed into another bad one, is answered once more', async () => {
    await shop.register('rates-again', { name: 'Anna Berg' });
    await rate('rates-again', 2);
    await shop.pass(10);
    await rate('rates-again', 1);
    await shop.wait(QUARTER);
    expect(shop.mailsTo('rates-again')).toEqual([BAD_RATING]);
    await shop.pass(31);
    for (const stars of [2, 1]) {
      await rate('rates-again', stars);
      await shop.wait(QUARTER);
      expect(shop.mailsTo('rates-again').filter((each) => each === BAD_RATING)).toHaveLength(2);
    }
  });

  it('as a renewal that was resumed and stopped anew is asked about anew', async () => {
    const endsAt = new Date(shop.twin.now() + 200 * DAY).toISOString();
    const subscription = { customerId: 'wavers', subscriptionId: 's' };
    await shop.register('wavers', { name: 'Anna Berg' });
    await shop.emit('Subscription Renewal Stopped', { ...subscription, endsAt });
    await shop.pass(1);
    await shop.emit('Subscription Renewal Resumed', subscription);
    await shop.pass(1);
    await shop.emit('Subscription Renewal Stopped', { ...subscription, endsAt });
    await shop.wait(QUARTER);
    expect(shop.mailsTo('wavers')).toEqual([RENEWAL, RENEWAL]);
  });
});
