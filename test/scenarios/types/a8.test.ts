/** A8, efficient: the same mails as everybody, in at most 120 words and one image, with every figure and no surprise. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import { type Letter, letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const MOST_WORDS = 120;
const MOST_IMAGES = 1;
const MAILS = [
  'onboarding/welcome',
  'service/change-terms',
  'retention/promoter-bonus',
  'recovery/late-delivery',
  'service/change-nudge',
  'onboarding/guide',
];
const WANTED = 'The green glaze instead of the blue one';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const declare = (customerId: string, style: string) => shop.emit('Preference Declared', { customerId, style });

/** Orders, and asks for a change. */
async function begin(customerId: string): Promise<void> {
  const items = ['Darjeeling', 'Sencha', 'Rooibos'].map((name) => ({
    sku: name.toLowerCase(),
    name,
    quantity: 1,
    price: 10,
    imageUrl: `https://shop.example.com/${name}.jpg`,
  }));
  const promisedBy = new Date(shop.twin.now() + 2 * DAY).toISOString();
  const order = { orderId: `order-of-${customerId}`, total: 30, currency: 'EUR', items, promisedBy };
  await shop.put(
    { type: 'Purchase Completed', data: { customerId, ...order } },
    { type: 'Change Requested', data: { customerId, changeId: 'glaze', what: WANTED, cost: 4.5, currency: 'EUR' } },
  );
  await shop.twin.advanceTo(shop.twin.now());
}

async function lettersTo(customerId: string): Promise<Readonly<Record<string, Letter>>> {
  const names = shop.mailsTo(customerId);
  const mails = shop.twin.mailbox.filter(({ to }) => to.includes(`${customerId}@example.com`));
  const letters = await Promise.all(mails.map(letterOf));
  return Object.fromEntries(letters.map((letter, index) => [names[index] ?? '', letter]));
}

const imagesIn = ({ html }: Letter) => html.match(/<img\b/gu)?.length ?? 0;
const isEfficient = async (customerId: string) => {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('efficient');
};

describe('somebody who declared to be efficient', () => {
  beforeAll(async () => {
    for (const each of ['brisk', 'quick-but-silent', 'alike']) await shop.register(each, { name: 'Robin Berg' });
    await declare('brisk', 'efficient');
    await declare('alike', 'efficient');
    await shop.emit('Preferences Changed', { customerId: 'alike', how: 'page', tailored: false });
    const all = ['brisk', 'quick-but-silent', 'alike'];
    for (const each of all) await begin(each);
    await shop.pass(1);
    for (const each of all) await shop.emit('Nps Answered', { customerId: each, score: 10 });
    await shop.pass(4);
    for (const each of all) await shop.emit('Order Delivered', { customerId: each, orderId: `order-of-${each}` });
    await shop.pass(3);
  });

  it('gets what everybody gets, when everybody gets it', async () => {
    expect(shop.mailsTo('brisk').toSorted()).toEqual(MAILS.toSorted());
    expect(shop.calendarOf('brisk')).toEqual(shop.calendarOf('quick-but-silent'));
  });

  it('in at most 120 words and one image; others in more', async () => {
    const [brief, whole] = [await lettersTo('brisk'), await lettersTo('quick-but-silent')];
    const pairs = MAILS.map((name) => ({ name, short: brief[name], long: whole[name] }));
    const faults = pairs.filter(
      ({ short, long }) =>
        short === undefined ||
        long === undefined ||
        short.words > MOST_WORDS ||
        imagesIn(short) > MOST_IMAGES ||
        short.words >= long.words,
    );
    expect(faults).toEqual([]);
    const welcome = whole['onboarding/welcome'];
    expect(welcome?.words).toBeGreaterThan(MOST_WORDS);
    expect(welcome && imagesIn(welcome)).toBeGreaterThan(MOST_IMAGES);
  });

  it('is told what happens, when and how much, with options and references', async () => {
    const letters = await lettersTo('brisk');
    const told = (name: string) => letters[name]?.text;
    for (const part of [
      'order-of-brisk',
      '€30.00',
      '4 March 2026',
      'guide comes after delivery',
      'after three weeks',
    ]) {
      expect(told('onboarding/welcome')).toContain(part);
    }
    for (const part of [WANTED, '€4.50', 'Nothing has been changed yet', 'reply “yes”']) {
      expect(told('service/change-terms')).toContain(part);
    }
    for (const part of ['order-of-brisk', '4 March 2026', 'send it again', 'Or stop waiting']) {
      expect(told('recovery/late-delivery')).toContain(part);
    }
  });

  it('is surprised by nothing: a bonus stands in the subject with its value and its end', async () => {
    const [{ code } = {}] = shop.announced('Offer Issued', 'brisk');
    const { subject, text } = (await lettersTo('brisk'))['retention/promoter-bonus'] ?? {};
    expect(subject).toMatch(/10% off, until \d{1,2} April 2026$/u);
    expect(text).toContain(String(code));
    expect(text).toContain('Terms: Once per person');
  });

  it('is nobody who did not say so, nor who wants mail like everybody’s', async () => {
    expect(await isEfficient('brisk')).toBe(true);
    for (const each of ['quick-but-silent', 'alike']) expect(await isEfficient(each)).toBe(false);
    const [alike, whole] = [await lettersTo('alike'), await lettersTo('quick-but-silent')];
    expect(alike['onboarding/welcome']?.words).toBe(whole['onboarding/welcome']?.words);
  });

  it('is told in as few words when there is more to tell', async () => {
    const outcome = Array.from({ length: 60 }, (_, index) => `done${index}`).join(' ');
    const compensation = Array.from({ length: 40 }, (_, index) => `given${index}`).join(' ');
    for (const each of ['brisk', 'quick-but-silent']) {
      await shop.complain(each, 'wordy');
      await shop.emit('Complaint Resolved', { customerId: each, complaintId: 'wordy', outcome, compensation });
      await shop.wait(HOUR);
    }
    const [brief, whole] = [await lettersTo('brisk'), await lettersTo('quick-but-silent')];
    const [short, long] = [brief['recovery/resolved'], whole['recovery/resolved']];
    expect(short?.words).toBeLessThanOrEqual(MOST_WORDS);
    expect(short?.text).toContain('done15…');
    expect(short?.text).toContain('given15…');
    for (const unsaid of ['done16', 'given16']) expect(short?.text).not.toContain(unsaid);
    for (const said of ['done59', 'given39']) expect(long?.text).toContain(said);
  });

  it('gets the whole mail again after having taken it back', async () => {
    await declare('brisk', 'none');
    expect(await isEfficient('brisk')).toBe(false);
    for (const each of ['brisk', 'quick-but-silent']) await shop.complain(each, 'k');
    const [again, whole] = [await lettersTo('brisk'), await lettersTo('quick-but-silent')];
    expect(again['recovery/apology']?.words).toBe(whole['recovery/apology']?.words);
    expect(again['recovery/apology']?.words).toBeGreaterThan(MOST_WORDS);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
