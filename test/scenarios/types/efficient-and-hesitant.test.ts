/** Efficient and hesitant: the recommendation is a table of at most three, one of them marked, and hardly a word more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { type Letter, letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const OBSTACLE = 'nurture/obstacle';
const RECOMMENDATION = 'nurture/recommendation';
const JASMINE = { sku: 'tea-207', category: 'green tea' };
const CHAMOMILE = { sku: 'tea-301', category: 'herbal tea' };
const CART_URL = 'https://shop.example.com/cart/1';
const MOST_OPTIONS = 3;
const MOST_WORDS = 120;
const MOST_IMAGES = 1;

/** Who think about the same tea for days. */
const LOOKERS = ['brisk', 'both', 'plain'];

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of ['brisk', 'both', 'brisk-leaver', 'plain', 'unmoved']) {
    await shop.register(each, { name: 'Robin Berg' });
  }
  for (const customerId of ['brisk', 'brisk-leaver', 'unmoved']) {
    await shop.emit('Preference Declared', { customerId, style: 'efficient' });
  }
  await shop.emit('Preference Declared', { customerId: 'both', style: 'both' });
  for (const each of LOOKERS) await look(shop, each, JASMINE);
  await shop.pass(1);
  for (const each of LOOKERS) await look(shop, each, JASMINE);
  await shop.wait(DAY - HOUR);
  for (const each of LOOKERS) await look(shop, each, JASMINE);
  await look(shop, 'brisk-leaver', CHAMOMILE);
  await look(shop, 'unmoved', JASMINE);
  await shop.emit('Cart Updated', {
    customerId: 'brisk-leaver',
    items: [{ ...CHAMOMILE, name: 'Chamomile & Lemon Balm, 60 g', quantity: 1, price: 6.5 }],
    currency: 'EUR',
    resumeUrl: CART_URL,
  });
});
afterAll(() => shop.close());

const imagesIn = ({ html }: Letter) => html.match(/<img\b/gu)?.length ?? 0;
/** What the rows of the tables say that show an article with its price. */
const optionsIn = ({ html }: Letter) =>
  (html.match(/<tr>.*?<\/tr>/gsu) ?? [])
    .filter((row) => !row.includes('<table'))
    .map((row) => row.replaceAll(/<[^>]+>/gu, ' ').replaceAll(/\s+/gu, ' '))
    .filter((row) => row.includes('€'));

function expectBrief(letter: Letter): void {
  expect(letter.words).toBeLessThanOrEqual(MOST_WORDS);
  expect(imagesIn(letter)).toBeLessThanOrEqual(MOST_IMAGES);
}

describe('somebody efficient who hesitates', () => {
  it('is asked the one question when everybody is, in fewer words', async () => {
    await shop.wait(DAY - MINUTE);
    expect(shop.mailsTo('brisk')).toEqual([]);
    await shop.wait(2 * MINUTE);
    for (const each of ['brisk', 'brisk-leaver', 'plain']) expect(shop.mailsTo(each)).toEqual([OBSTACLE]);
    const [brisk, plain] = [await letterOf(shop.lastMail('brisk')), await letterOf(shop.lastMail('plain'))];
    expectBrief(brisk);
    expect(brisk.answers).toHaveLength(plain.answers.length);
    expect(brisk.words).toBeLessThan(plain.words);
    expect(brisk.text).toContain('green tea');
  });

  it('finds at most three that fit in a table, one marked, each with its price', async () => {
    await shop.wait(2 * DAY);
    for (const each of ['brisk', 'brisk-leaver']) {
      expect(shop.mailsTo(each)).toEqual([OBSTACLE, RECOMMENDATION]);
      const options = optionsIn(await letterOf(shop.lastMail(each)));
      expect(options.length).toBeGreaterThan(1);
      expect(options.length).toBeLessThanOrEqual(MOST_OPTIONS);
      expect(options.filter((row) => row.includes('Our suggestion'))).toHaveLength(1);
    }
    // The one that was looked at, though another is named first.
    const [teas, herbs] = [await letterOf(shop.lastMail('brisk')), await letterOf(shop.lastMail('brisk-leaver'))];
    expect(optionsIn(teas)).toHaveLength(MOST_OPTIONS);
    expect(optionsIn(teas).find((row) => row.includes('Our suggestion'))).toMatch(/Jasmine Pearls.*€13\.90/u);
    expect(optionsIn(herbs).find((row) => row.includes('Our suggestion'))).toMatch(/Chamomile.*€6\.50/u);
  });

  it('finds the choice made, and little more to read', async () => {
    const letter = await letterOf(shop.lastMail('brisk'));
    expectBrief(letter);
    expectBrief(await letterOf(shop.lastMail('brisk-leaver')));
    expect(letter.text).toContain('Our choice for you: Jasmine Pearls, 80 g, €13.90');
    expect(letter.text.replaceAll(/\s+/gu, ' ')).toContain('Nothing is ordered until you confirm it');
    expect(letter.html).toContain('Confirm or change it');
    expect((await letterOf(shop.lastMail('brisk-leaver'))).links).toContain(CART_URL);
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
    expect(letter.text).not.toContain('Written down for you');
  });

  it('finds hardly more when reasons are wanted beside it', async () => {
    expect(shop.mailsTo('both')).toEqual(shop.mailsTo('brisk'));
    const [both, brisk] = [await letterOf(shop.lastMail('both')), await letterOf(shop.lastMail('brisk'))];
    expectBrief(both);
    expect(both.text).toContain('Why:');
    expect(optionsIn(both)).toHaveLength(MOST_OPTIONS);
    // The figures of each option give way to the reasons.
    expect(brisk.text).toContain('two infusions');
    expect(both.text).not.toContain('two infusions');
  });

  it('is written what everybody hesitant is written, who gets the whole of it', async () => {
    expect(shop.calendarOf('plain')).toEqual(shop.calendarOf('brisk'));
    const [plain, brisk] = [await letterOf(shop.lastMail('plain')), await letterOf(shop.lastMail('brisk'))];
    expect(optionsIn(plain).filter((row) => row.includes('Our suggestion'))).toHaveLength(1);
    expect(plain.text.toLowerCase()).toContain('written down for you');
    expect(plain.words).toBeGreaterThan(brisk.words);
    expect(shop.mailsTo('unmoved')).not.toContain(RECOMMENDATION);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
