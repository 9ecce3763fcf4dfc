/**
 * P5, listening in every phase: one question per programme, answered with a tap, and the answer changes something: a
 * trait, the rest of the series, the next mail, or it calls a person. What people think of us is asked by ourselves.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterTo } from '../../support/letter.ts';
import { OPENING, openShop, send, type Shop } from '../../support/shop.ts';

const STILL_OPEN = 'recovery/still-open';
const OBSTACLE = 'nurture/obstacle';
const RECOMMENDATION = 'nurture/recommendation';
const NPS = 'retention/nps';
const CHECK_IN = 'onboarding/check-in';
const ASK = 'win-back/ask';
const QUARTER = 15 * MINUTE;
/** The answers to "what is still in the way?", in the order of the mail. */
const OBSTACLES = ['fit', 'quality', 'returns', 'company', 'colleague', 'talk'] as const;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const until = (days: number) => shop.twin.advanceTo(OPENING + days * DAY);
const calls = (customerId: string) =>
  shop.announced('Attention Needed', customerId).map(({ reason, priority }) => [reason, priority].join(' '));

/** Follows the nth answer link of the last mail of this step, as a reader does. */
async function answer(customerId: string, step: string, nth: number): Promise<void> {
  const { answers } = await letterTo(shop, customerId, step);
  const reply = await send(answers[nth] ?? '');
  expect(reply.status).toBe(200);
  await shop.wait(0);
}

async function traitsOf(customerId: string): Promise<readonly string[]> {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? profile.traits : [];
}

describe('nurture asks what is in the way', () => {
  it('a day after the cart was left, with six answers', async () => {
    for (const customerId of [...OBSTACLES, 'mute']) {
      await shop.register(customerId);
      const items = [{ sku: 'pot-03', name: 'Stoneware teapot', quantity: 1, price: 48, category: 'teaware' }];
      const resumeUrl = 'https://shop.example.com/cart/1';
      await shop.emit('Cart Updated', { customerId, items, currency: 'EUR', resumeUrl });
    }
    await until(1 + 5 * (MINUTE / DAY));
    for (const id of [...OBSTACLES, 'mute']) expect(shop.mailsTo(id)).toEqual([OBSTACLE]);
    expect((await letterTo(shop, 'fit', OBSTACLE)).answers).toHaveLength(OBSTACLES.length);
  });

  it('and every answer has its mail within a quarter of an hour, but the one that calls a person at once', async () => {
    for (const [nth, id] of OBSTACLES.entries()) await answer(id, OBSTACLE, nth);
    await shop.wait(QUARTER);
    for (const id of OBSTACLES.slice(0, -1)) {
      expect(shop.mailsTo(id)).toEqual([OBSTACLE, `service/answer-${id}`]);
      // A person hears of it, and need not hurry.
      expect(calls(id)).toEqual(['named-obstacle normal']);
    }
    const subjects = await Promise.all(
      OBSTACLES.slice(0, -1).map(async (id) => (await letterTo(shop, id, `service/answer-${id}`)).subject),
    );
    expect(new Set(subjects).size).toBe(subjects.length);
    expect(shop.mailsTo('talk')).toEqual([OBSTACLE]);
    expect(calls('talk')).toEqual(['answer high']);
    expect(calls('mute')).toEqual([]);
  });

  it('and a second tap on the same answer is no second answer', async () => {
    await answer('fit', OBSTACLE, 0);
    await shop.wait(QUARTER);
    expect(shop.mailsTo('fit')).toEqual([OBSTACLE, 'service/answer-fit']);
    await answer('talk', OBSTACLE, 5);
    await shop.wait(QUARTER);
    expect(calls('talk')).toEqual(['answer high']);
  });
});

describe('onboarding asks how it has started', () => {
  it('three weeks in; a problem calls a person, and a good start does not', async () => {
    for (const id of ['well', 'problem']) {
      await shop.register(id);
      await shop.buy(id, id);
    }
    await until(23);
    for (const id of ['well', 'problem']) expect(shop.mailsTo(id)).toContain(CHECK_IN);
    expect((await letterTo(shop, 'well', CHECK_IN)).answers).toHaveLength(4);
    await answer('well', CHECK_IN, 0);
    await answer('problem', CHECK_IN, 3);
    expect(calls('problem')).toEqual(['answer high']);
    expect(calls('well')).toEqual([]);
  });
});

describe('retention asks for a number', () => {
  it('thirty days after an order, and the number makes promoters, the neutral and critics', async () => {
    await until(31 - 1 / 24);
    for (const id of ['well', 'problem']) expect(shop.mailsTo(id)).not.toContain(NPS);
    await until(31 + 1 / 24);
    for (const id of ['well', 'problem']) expect(shop.mailsTo(id).at(-1)).toBe(NPS);
    const { answers } = await letterTo(shop, 'well', NPS);
    expect(answers).toHaveLength(11);
    await answer('problem', NPS, 6);
    expect(await traitsOf('problem')).toContain('critic');
    expect(calls('problem')).toEqual(['answer high', 'critic normal']);
    await answer('well', NPS, 7);
    expect(await traitsOf('well')).toContain('neutral');
    // The last word counts.
    await shop.wait(MINUTE);
    await answer('well', NPS, 9);
    expect(await traitsOf('well')).toContain('promoter');
    expect(await traitsOf('well')).not.toContain('neutral');
    await shop.wait(QUARTER + MINUTE);
    expect(shop.mailsTo('problem').at(-1)).toBe('recovery/critic');
    expect(shop.mailsTo('well').at(-1)).toBe(NPS);
  });

  it('at most every 120 days, however often one buys', async () => {
    await until(40);
    await shop.buy('well', 'well-2');
    await until(71);
    expect(shop.mailsTo('well').filter((each) => each === NPS)).toHaveLength(1);
    expect(await shop.ends('well')).toMatchObject({ [`1/${NPS}/well-2`]: 'withheld: same step recently' });
    await until(122);
    await shop.buy('well', 'well-3');
    await until(153);
    expect(shop.mailsTo('well').filter((each) => each === NPS)).toHaveLength(2);
  });
});

describe('win-back asks for the reason', () => {
  it('and the answer ends it, calls a person, or decides what is told next', async () => {
    const left = ['no-need', 'experience', 'price'];
    for (const customerId of left) {
      await shop.register(customerId);
      const order = { customerId, orderId: customerId, total: 40, currency: 'EUR' };
      await shop.emit('Purchase Completed', order, { at: shop.twin.now() - 203 * DAY });
    }
    await shop.wait(2 * HOUR);
    for (const id of left) expect(shop.mailsTo(id)).toEqual([ASK]);
    await answer('price', ASK, 0);
    await answer('experience', ASK, 1);
    await answer('no-need', ASK, 3);
    expect(calls('experience')).toEqual(['answer high']);
    for (const id of ['price', 'no-need']) expect(calls(id)).toEqual([]);
    await until(153 + 27);
    expect(shop.mailsTo('no-need')).toEqual([ASK]);
    for (const id of ['price', 'experience']) {
      expect(shop.mailsTo(id)).toEqual([ASK, 'win-back/improved', 'win-back/offer']);
    }
    const [price, experience] = await Promise.all([
      letterTo(shop, 'price', 'win-back/improved'),
      letterTo(shop, 'experience', 'win-back/improved'),
    ]);
    expect(price.text).toContain('Small packs to try');
    expect(experience.text).toContain('Every piece is checked twice');
    expect(experience.text).not.toContain('Small packs to try');
  });
});

describe('recovery asks whether it is solved', () => {
  it('after thirty days; yes closes the case, and no calls a person', async () => {
    const began = (shop.twin.now() - OPENING) / DAY;
    for (const id of ['solved', 'unsolved']) {
      await shop.register(id);
      await shop.complain(id, `k-${id}`);
    }
    await until(began + 30);
    for (const id of ['solved', 'unsolved']) expect(shop.mailsTo(id).at(-1)).toBe(STILL_OPEN);
    await answer('solved', STILL_OPEN, 0);
    await answer('unsolved', STILL_OPEN, 1);
    expect(await traitsOf('solved')).not.toContain('dissatisfied');
    expect(await traitsOf('unsolved')).toContain('dissatisfied');
    expect(calls('solved')).toEqual([]);
    expect(calls('unsolved')).toEqual(['answer high']);
    await shop.wait(QUARTER);
    expect(shop.mailsTo('solved').at(-1)).toBe('recovery/resolved');
  });
});

describe('whoever does not answer', () => {
  it('is not asked again, and hears what comes next', async () => {
    expect(shop.mailsTo('mute').slice(0, 2)).toEqual([OBSTACLE, RECOMMENDATION]);
    expect(shop.mailsTo('mute').filter((each) => each === OBSTACLE)).toHaveLength(1);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
