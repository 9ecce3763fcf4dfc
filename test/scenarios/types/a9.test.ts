/** A9, traditional: every offer and every change with its reasons, the worry named, the modern way recommended only. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '../../../shared/lifecycle/time.ts';
import { type Letter, letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const REASONS_HEADING = 'Why this is good for you';
const FEWEST_REASONS = 2;
const CHANGES = ['service/change-terms', 'service/change-nudge', 'service/change-confirmed'];
const OFFERS = ['nurture/best-price', 'nurture/little-extra', 'retention/promoter-bonus'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const declare = (customerId: string, style: string) => shop.emit('Preference Declared', { customerId, style });
const isTraditional = async (customerId: string) => {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('traditional');
};

async function lettersTo(customerId: string): Promise<ReadonlyMap<string, Letter>> {
  const names = shop.mailsTo(customerId);
  const mails = shop.twin.mailbox.filter(({ to }) => to.includes(`${customerId}@example.com`));
  const letters = await Promise.all(mails.map(letterOf));
  return new Map(letters.map((letter, index) => [names[index] ?? '', letter]));
}

async function letterTo(customerId: string, name: string): Promise<Letter> {
  const letter = (await lettersTo(customerId)).get(name);
  if (letter === undefined) throw new Error(`${customerId} got no ${name}`);
  return letter;
}

/** The reasons a letter lists, in the order they stand. */
function reasonsIn({ text }: Letter): readonly string[] {
  const [, after = ''] = text.split(`${REASONS_HEADING}\n`);
  return after.match(/(?<=^• ).+$/gmu) ?? [];
}

/** Whoever plays the part that leads to an offer, once as somebody who declared, and once as somebody who did not. */
const OFFERED: Readonly<Record<(typeof OFFERS)[number], (customerId: string) => Promise<void>>> = {
  'nurture/best-price': (customerId) => shop.emit('Coupon Applied', { customerId, coupon: 'FOUND' }),
  'nurture/little-extra': (customerId) => shop.buy(customerId, `order-of-${customerId}`),
  'retention/promoter-bonus': (customerId) => shop.emit('Nps Answered', { customerId, score: 10 }),
};
const readerOf = (offer: string, kind: 'careful' | 'modern') => `${kind}-${offer.split('/')[1]}`;

beforeAll(async () => {
  for (const each of ['careful', 'modern', ...OFFERS.flatMap((o) => [readerOf(o, 'careful'), readerOf(o, 'modern')])]) {
    await shop.register(each);
    if (each.startsWith('careful')) await declare(each, 'traditional');
  }
  await shop.wait(10 * MINUTE);
  for (const each of ['careful', 'modern']) {
    const change = { customerId: each, changeId: 'glaze', what: 'The green glaze', cost: 4.5, currency: 'EUR' };
    await shop.emit('Change Requested', change);
  }
  for (const [offer, play] of Object.entries(OFFERED)) {
    for (const kind of ['careful', 'modern'] as const) await play(readerOf(offer, kind));
  }
  await shop.pass(3.1);
  for (const each of ['careful', 'modern'])
    await shop.emit('Change Confirmed', { customerId: each, changeId: 'glaze' });
});

describe('somebody who declared to be traditional', () => {
  it('gets the same mails as others, at the same times', () => {
    expect(shop.mailsTo('careful')).toEqual(CHANGES);
    expect(shop.calendarOf('careful')).toEqual(shop.calendarOf('modern'));
    for (const offer of OFFERS) {
      expect(shop.mailsTo(readerOf(offer, 'careful'))).toContain(offer);
      expect(shop.calendarOf(readerOf(offer, 'careful'))).toEqual(shop.calendarOf(readerOf(offer, 'modern')));
    }
  });

  it.each([...CHANGES, ...OFFERS])('is told the reasons in %s, at least two; others are not', async (name) => {
    const about = CHANGES.includes(name)
      ? (['careful', 'modern'] as const)
      : ([readerOf(name, 'careful'), readerOf(name, 'modern')] as const);
    const reasons = reasonsIn(await letterTo(about[0], name));
    expect(reasons.length).toBeGreaterThanOrEqual(FEWEST_REASONS);
    expect(new Set(reasons).size).toBe(reasons.length);
    const plain = await letterTo(about[1], name);
    expect(plain.text).not.toContain(REASONS_HEADING);
    for (const reason of reasons) expect(plain.text).not.toContain(reason);
  });

  it('has the whole mail beside them', async () => {
    for (const part of ['The green glaze', '€4.50', 'Until you say yes, everything stays as it was']) {
      expect((await letterTo('careful', 'service/change-terms')).text).toContain(part);
    }
  });

  it('reads of the worry with sympathy, and of the modern way as advice that may be left', async () => {
    const terms = reasonsIn(await letterTo('careful', 'service/change-terms')).join(' ');
    expect(terms).toMatch(/A change can be unsettling/u);
    expect(terms).toMatch(/We suggest .* by email.*; if you would rather talk it over first, call us/u);
    const nudge = reasonsIn(await letterTo('careful', 'service/change-nudge')).join(' ');
    expect(nudge).toMatch(/quite right to think a change over.*leaving things as they are is a good choice, too/u);
    const reasons = await Promise.all(
      OFFERS.map(async (offer) => reasonsIn(await letterTo(readerOf(offer, 'careful'), offer)).join(' ')),
    );
    for (const each of reasons) {
      expect(each).toMatch(/^If .*, we understand: /u);
      expect(each).toMatch(/the code is quickest; if you would rather not, ring us/u);
    }
  });

  it('is nobody who did not say so', async () => {
    for (const offer of OFFERS) {
      expect(await isTraditional(readerOf(offer, 'careful'))).toBe(true);
      expect(await isTraditional(readerOf(offer, 'modern'))).toBe(false);
    }
  });

  it('gets mail like others again after having taken it back', async () => {
    await declare('careful', 'none');
    expect(await isTraditional('careful')).toBe(false);
    await shop.complain('careful', 'k');
    expect((await letterTo('careful', 'recovery/apology')).text).not.toContain(REASONS_HEADING);
    await declare('modern', 'traditional');
    await shop.complain('modern', 'k');
    expect(reasonsIn(await letterTo('modern', 'recovery/apology')).length).toBeGreaterThanOrEqual(FEWEST_REASONS);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
