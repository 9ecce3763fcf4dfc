/** P9, influence and influencers: everybody has a say in the range; whoever recommends us is thanked as what they are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answersOf } from '../../../shared/lifecycle/facts/answers.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { openShop, send, type Shop } from '../../support/shop.ts';

const THANKS = 'retention/thanks-referral';
const KINDS = ['customer', 'influencer', 'partner'] as const;
/** What only the thanks to each of them say. */
const WORDS: Readonly<Record<(typeof KINDS)[number], RegExp>> = {
  customer: /fuller introduction/u,
  influencer: /in public/u,
  partner: /introduction between businesses/u,
};

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

/** One order so many days ago each, all heard of at once. */
const ordered = async (customerId: string, total: number, daysAgo: readonly number[]) => {
  const t = shop.twin.now();
  await shop.put(
    ...daysAgo.map((days) => ({
      type: 'Purchase Completed',
      data: { customerId, orderId: `${customerId}-${t - days * DAY}`, total, currency: 'EUR' },
      at: t - days * DAY,
    })),
  );
  await shop.wait(0);
};

const mailOf = (customerId: string, step: string) => {
  const mails = shop.twin.mailbox.filter(({ to }) => to.includes(`${customerId}@example.com`));
  const mail = mails[shop.mailsTo(customerId).indexOf(step)];
  if (mail === undefined) throw new Error(`${customerId} got no ${step}`);
  return letterOf(mail);
};
const answersTo = async (customerId: string) => {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? answersOf(profile.facts.answers) : [];
};

describe('a referrer', () => {
  it('is thanked an hour after the friend has registered, as customer, influencer or partner', async () => {
    for (const each of [...KINDS, 'unnamed', 'nobody']) await shop.register(each);
    for (const kind of KINDS) {
      const referral = { by: kind, kind, recommended: 'the stoneware teapot' };
      await shop.register(`friend-of-${kind}`, { name: 'Vera Friend', referral });
    }
    await shop.register('friend', { referral: { by: 'unnamed' } });
    await shop.wait(HOUR - MINUTE);
    expect(shop.twin.mailbox).toHaveLength(0);
    await shop.wait(2 * MINUTE);
    for (const kind of KINDS) {
      expect(shop.mailsTo(kind)).toEqual([THANKS]);
      const { text } = await letterOf(shop.lastMail(kind));
      expect(KINDS.filter((each) => WORDS[each].test(text))).toEqual([kind]);
    }
    // Of whom nothing else is said is a customer.
    expect((await letterOf(shop.lastMail('unnamed'))).text).toMatch(WORDS.customer);
    expect(await shop.ends('nobody')).toEqual({});
  });

  it('never learns who the friend is', async () => {
    for (const kind of KINDS) {
      const { text, html, subject } = await letterOf(shop.lastMail(kind));
      expect(`${subject}${text}${html}`).not.toMatch(/Vera|friend-of/u);
    }
  });

  it('may be named by the shop itself', async () => {
    await shop.register('speaker');
    await shop.emit('Referral Made', { customerId: 'speaker', friendId: 'friend', kind: 'influencer' });
    await shop.wait(HOUR + MINUTE);
    expect((await letterOf(shop.lastMail('speaker'))).text).toMatch(WORDS.influencer);
  });

  it('is thanked for each of two friends of one day, a day apart', async () => {
    await shop.register('generous');
    for (const friend of ['first', 'second']) {
      await shop.register(`${friend}-of-generous`, { referral: { by: 'generous' } });
      await shop.wait(3 * HOUR);
    }
    expect(shop.mailsTo('generous')).toEqual([THANKS]);
    await shop.pass(8);
    expect(shop.mailsTo('generous').filter((each) => each === THANKS)).toHaveLength(2);
  });
});

describe('the range', () => {
  it('is asked about of every customer who stays, whatever they spend', async () => {
    await shop.waitUntil(12);
    await shop.register('regular');
    // One order a month.
    await ordered('regular', 10, [90, 60, 30, 0]);
    for (let month = 1; month <= 6 && !shop.mailsTo('regular').includes('retention/your-view'); month += 1) {
      await shop.pass(30);
      await ordered('regular', 10, [0]);
    }
    expect(shop.mailsTo('regular')).toContain('retention/your-view');
    const { answers, text } = await mailOf('regular', 'retention/your-view');
    expect(text).toContain('What would you like to find here?');
    expect(answers).toHaveLength(4);
    expect((await send(answers[1] ?? '', ['answer', 'something-new'])).status).toBe(200);
    await shop.wait(0);
    expect(await answersTo('regular')).toContainEqual(
      expect.objectContaining({ question: 'range', answer: 'something-new' }),
    );
  });

  it('is asked about of the loyal as a matter of its own', async () => {
    await shop.waitUntil(12);
    await shop.register('loyal');
    await ordered('loyal', 100, [200, 150, 100, 50, 1]);
    await shop.pass(36);
    const { answers, text } = await mailOf('loyal', 'retention/shape-the-range');
    expect(text).toContain('What would you like to find here?');
    expect(answers).toHaveLength(4);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
