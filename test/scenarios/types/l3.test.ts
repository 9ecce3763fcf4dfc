/** L3, the hesitant: one question for the obstacle, its answer at once, and one recommendation with the choice made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf, letterTo } from '../../support/letter.ts';
import { openShop, send, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const JASMINE = { sku: 'tea-207', category: 'green tea' };
const CART = {
  items: [{ ...JASMINE, name: 'Jasmine Pearls, 80 g', quantity: 1, price: 13.9 }],
  currency: 'EUR',
  resumeUrl: 'https://shop.example.com/cart/1',
};
const OBSTACLE = 'nurture/obstacle';
const RECOMMENDATION = 'nurture/recommendation';
/** The answers the question offers, in their order. */
const ANSWERS = ['fit', 'quality', 'returns', 'company', 'colleague', 'talk'] as const;
/** Who will name each of them. */
const doubter = (answer: string) => `doubts-${answer}`;
/** What is known from the moment they became hesitant on. */
const HESITANT = ['ponderer', 'leaver', ...ANSWERS.map(doubter)];
const UNDECIDED_NOT = ['twice', 'several', 'emptied', 'ordered', 'checked-out'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of [...HESITANT, ...UNDECIDED_NOT]) await shop.register(each);
  const lookers = ['ponderer', 'twice'];
  for (const each of lookers) await look(shop, each, JASMINE);
  await look(shop, 'several', JASMINE);
  await shop.pass(1);
  for (const each of lookers) await look(shop, each, JASMINE);
  await look(shop, 'several', { sku: 'pot-1' });
  // An hour before two days: nobody has been invited as a looker yet.
  await shop.wait(DAY - HOUR);
  await look(shop, 'ponderer', JASMINE);
  await look(shop, 'several', { sku: 'cup-1' });
  for (const each of ANSWERS.map(doubter)) await look(shop, each, JASMINE);
  for (const customerId of ['leaver', ...ANSWERS.map(doubter), 'emptied', 'ordered', 'checked-out']) {
    await shop.emit('Cart Updated', { customerId, ...CART });
  }
});
afterAll(() => shop.close());

const recommendedTo = (customerId: string) => shop.mailsTo(customerId).filter((each) => each === RECOMMENDATION);

describe('the question', () => {
  it('comes after 24 hours, to whoever has not decided by then', async () => {
    await shop.wait(23 * HOUR);
    await shop.emit('Cart Updated', { customerId: 'emptied', items: [] });
    await shop.buy('ordered', 'first');
    await shop.emit('Checkout Started', {
      customerId: 'checked-out',
      resumeUrl: 'https://shop.example.com/checkout/1',
    });
    await shop.wait(HOUR - MINUTE);
    for (const each of HESITANT) expect(shop.mailsTo(each)).toEqual([]);
    await shop.wait(2 * MINUTE);
    for (const each of HESITANT) expect(shop.mailsTo(each)).toEqual([OBSTACLE]);
  });

  it('asks nobody who looked on two days only, at different things, emptied the cart, ordered or checks out', async () => {
    for (const each of UNDECIDED_NOT) expect(shop.mailsTo(each)).not.toContain(OBSTACLE);
    expect(shop.mailsTo('twice')).toEqual(['nurture/invitation']);
    expect(shop.mailsTo('ordered')).toEqual(['onboarding/welcome']);
    expect(shop.mailsTo('checked-out')).toEqual(['nurture/resume']);
    expect(shop.mailsTo('emptied')).toEqual([]);
    expect(shop.mailsTo('several')).toEqual([]);
  });

  it('is one question, about product and company, without push or discount', async () => {
    const letter = await letterOf(shop.lastMail('ponderer'));
    expect(letter.answers).toHaveLength(ANSWERS.length);
    expect(letter.text).toContain('green tea');
    for (const said of ['right for me', 'how good it is', 'go back', 'know you yet', 'agree', 'talk to a person']) {
      expect(letter.text).toContain(said);
    }
    expect(letter.links).toEqual([]);
    expect(saidIn(letter, 'push', 'discount', 'promotion')).toEqual([]);
  });
});

describe('the obstacle, once it is named', () => {
  /** What the answer to each holds. */
  const TOLD: Readonly<Record<Exclude<(typeof ANSWERS)[number], 'talk'>, readonly string[]>> = {
    fit: ['https://shop.example.com/compare/green-tea', 'https://shop.example.com/specifications/green-tea'],
    quality: ['guarantee', 'https://shop.example.com/reviews/green-tea'],
    returns: ['60 days', 'all your money back'],
    company: ['14 Harbour Row', '+44 20 7946 0018'],
    colleague: ['Forward this email', 'two years', 'https://shop.example.com/specifications/green-tea'],
  };

  it('is answered within 15 minutes, by night, too', async () => {
    // Eleven in the evening in Stockholm.
    await shop.waitUntil(22);
    for (const [index, answer] of ANSWERS.entries()) {
      const { answers } = await letterOf(shop.lastMail(doubter(answer)));
      expect((await send(answers[index] ?? '', ['answer', answer])).status).toBe(200);
    }
    await shop.wait(15 * MINUTE);
    for (const [answer, parts] of Object.entries(TOLD)) {
      expect(shop.mailsTo(doubter(answer))).toEqual([OBSTACLE, `service/answer-${answer}`]);
      const letter = await letterOf(shop.lastMail(doubter(answer)));
      for (const part of parts) expect(letter.text).toContain(part);
      expect(saidIn(letter, 'push', 'discount', 'promotion')).toEqual([]);
      expect(letter.answers).toEqual([]);
    }
  });

  it('is told to a person as well, who need not hurry', () => {
    for (const answer of Object.keys(TOLD)) {
      expect(shop.announced('Attention Needed', doubter(answer))).toMatchObject([
        { reason: 'named-obstacle', priority: 'normal' },
      ]);
    }
    expect(shop.announced('Attention Needed', 'ponderer')).toEqual([]);
  });

  it('whoever would rather talk is called by a person', () => {
    expect(shop.mailsTo(doubter('talk'))).toEqual([OBSTACLE]);
    expect(shop.announced('Attention Needed', doubter('talk'))).toMatchObject([{ reason: 'answer', priority: 'high' }]);
  });
});

describe('the recommendation', () => {
  it('comes after 72 hours, once', async () => {
    // Two days after the question, which came a day after the cart.
    await shop.waitUntil(10);
    await shop.wait(DAY + 59 * MINUTE);
    expect(shop.mailsTo('leaver')).toEqual([OBSTACLE]);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('leaver')).toEqual([OBSTACLE, RECOMMENDATION]);
    expect(shop.mailsTo('ponderer')).toEqual([OBSTACLE, RECOMMENDATION]);
  });

  it.each(['ponderer', 'leaver'])(
    'names %s at most three that fit, one marked, and writes the choice down',
    async (customerId) => {
      const { text, html, links, answers } = await letterOf(shop.lastMail(customerId));
      const options = ['Sencha Uji', 'Jasmine Pearls', 'Ceremonial matcha'];
      for (const each of options) expect(text).toContain(each);
      expect(text).not.toContain('Assam');
      expect(text.match(/Our suggestion/gu)).toHaveLength(1);
      // The one that was looked at.
      expect(text.replaceAll(/\s+/gu, ' ')).toMatch(/Our suggestion Jasmine Pearls/u);
      expect(text).toContain('One piece, standard delivery, plain packing');
      expect(text).toContain('Nothing is ordered until you confirm it');
      expect(new Set(links.filter((each) => /tea-\d+$/u.test(each))).size).toBe(options.length);
      expect(html).toContain('Confirm or change it');
      expect(answers).toEqual([]);
    },
  );

  it('leads back to the cart', async () => {
    const letter = await letterOf(shop.lastMail('leaver'));
    expect(letter.links).toContain(CART.resumeUrl);
    expect(saidIn(letter, 'push', 'discount', 'promotion')).toEqual([]);
  });

  it('then leaves it at that', async () => {
    await shop.pass(7);
    expect(shop.mailsTo('leaver')).toEqual([OBSTACLE, RECOMMENDATION]);
    expect(shop.mailsTo('ponderer')).toEqual([OBSTACLE, RECOMMENDATION]);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});

describe('where the shop has said of nothing what fits', () => {
  const NAMELESS = { sku: 'zz-1', category: 'zithers' };

  beforeAll(async () => {
    for (const each of ['zither-ponderer', 'zither-leaver', 'matcha-ponderer']) await shop.register(each);
    for (let visit = 0; visit < 3; visit += 1) {
      await look(shop, 'zither-ponderer', NAMELESS);
      await look(shop, 'matcha-ponderer', JASMINE);
      if (visit < 2) await shop.wait(DAY - HOUR / 2);
    }
    const items = [{ ...NAMELESS, name: 'Alpine zither', quantity: 1, price: 120 }];
    await shop.emit('Cart Updated', { customerId: 'zither-leaver', ...CART, items });
    await shop.pass(4);
  });

  it('nothing is recommended', async () => {
    expect(recommendedTo('zither-ponderer')).toEqual([]);
    expect(await shop.ends('zither-ponderer')).toMatchObject({ [`1/${RECOMMENDATION}/1`]: 'withheld: no content' });
  });

  it('but what is in the cart already', async () => {
    expect(recommendedTo('zither-leaver')).toHaveLength(1);
    const { text, links } = await letterTo(shop, 'zither-leaver', RECOMMENDATION);
    expect(text.replaceAll(/\s+/gu, ' ')).toMatch(/Our suggestion Alpine zither/u);
    expect(text).toContain('€120.00');
    expect(text).not.toContain('Assam');
    expect(links).toContain(CART.resumeUrl);
  });

  it('without a cart the button leads to what is recommended', async () => {
    const { links } = await letterTo(shop, 'matcha-ponderer', RECOMMENDATION);
    expect(links.filter((each) => each.endsWith('tea-207')).length).toBeGreaterThan(1);
    expect(links).not.toContain(CART.resumeUrl);
  });
});
