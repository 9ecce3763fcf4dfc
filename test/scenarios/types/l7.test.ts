/** L7, the switcher: what sets us apart, the old supplier's gap filled, the objection answered; and no discount. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf, letterTo } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const SETS_APART = 'nurture/sets-apart';
const ANSWERED = 'service/answer-objection';
const GAP = 'They say neither the harvest nor the garden';
const ANSWER = 'Per cup the difference is a few cents';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  for (const each of ['switcher', 'stranger', 'doubter', 'buyer', 'researcher']) await shop.register(each);
});
afterAll(() => shop.close());

const declare = (customerId: string, said: Readonly<Record<string, string>>) =>
  shop.emit('Preference Declared', { customerId, ...said });

describe('whoever names a previous supplier', () => {
  it('hears an hour later; not who has bought already, or studies', async () => {
    await shop.buy('buyer', 'first');
    await declare('switcher', { previousSupplier: 'Leaf Direct', objection: 'price' });
    await declare('stranger', { previousSupplier: 'The Corner Shop' });
    await declare('doubter', { objection: 'price' });
    await declare('buyer', { previousSupplier: 'Leaf Direct' });
    await declare('researcher', { previousSupplier: 'Leaf Direct' });
    await shop.emit('Content Downloaded', { customerId: 'researcher', contentId: 'water' });
    await shop.wait(HOUR - MINUTE);
    expect(shop.mailsTo('switcher')).toEqual([]);
    // Whoever has only an objection need not wait for the answer to it.
    expect(shop.mailsTo('doubter')).toEqual([ANSWERED]);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('switcher')).toEqual([SETS_APART]);
    expect(shop.mailsTo('stranger')).toEqual([SETS_APART]);
    expect(shop.mailsTo('doubter')).toEqual([ANSWERED]);
    expect((await letterOf(shop.lastMail('doubter'))).text).toContain(ANSWER);
    // Said later, it is answered then.
    await declare('stranger', { objection: 'price' });
    await shop.wait(15 * MINUTE);
    expect(shop.mailsTo('stranger')).toEqual([SETS_APART, ANSWERED]);
    expect(shop.mailsTo('buyer')).toEqual(['onboarding/welcome']);
    // Facts come first.
    expect(await shop.ends('researcher')).toEqual({
      '1/nurture/knowledge/1': 'sent',
      '1/nurture/sets-apart/1': 'withheld: not for researcher',
    });
  });

  it('reads what sets us apart, what was missing there, and the answer to what they said', async () => {
    const letter = await letterOf(shop.lastMail('switcher'));
    expect(letter.text).toContain('Leaf Direct');
    expect(letter.text).toContain('One person stays with your question');
    expect(letter.text).toContain(GAP);
    expect(letter.text).toContain(ANSWER);
    expect(letter.links).toEqual(['https://shop.example.com/chat']);
  });

  it('reads nothing made up of a supplier we do not know, and no answer to what nobody said', async () => {
    const { text } = await letterTo(shop, 'stranger', SETS_APART);
    expect(text).toContain('The Corner Shop');
    expect(text).toContain('One person stays with your question');
    expect(text).not.toContain(GAP);
    expect(text).not.toContain('What you may have missed there');
    expect(text).not.toContain(ANSWER);
  });

  it('is ready to spend: no discount, no push', async () => {
    for (const each of ['switcher', 'stranger']) {
      expect(saidIn(await letterTo(shop, each, SETS_APART), 'discount', 'push', 'promotion')).toEqual([]);
      expect(shop.announced('Offer Issued', each)).toEqual([]);
    }
  });
});

describe('the same day', () => {
  it('is for what they said rather than for having looked, which keeps its reason', async () => {
    for (const each of ['both', 'looker']) {
      await shop.register(each);
      await look(shop, each, { sku: 'tea-101', category: 'black tea' });
    }
    await shop.wait(2 * DAY - HOUR);
    await declare('both', { previousSupplier: 'Leaf Direct' });
    await shop.wait(HOUR + MINUTE);
    expect(shop.mailsTo('looker')).toEqual(['nurture/invitation']);
    expect(shop.mailsTo('both')).toEqual([SETS_APART]);
    expect(await shop.ends('both')).toMatchObject({ '1/nurture/invitation/1': 'withheld: frequency cap' });
  });
});

describe('being one', () => {
  it('ends with the first order', async () => {
    for (const each of ['decided', 'undecided']) await shop.register(each);
    // By ten in the evening in Stockholm, an hour after which it would go, it is night.
    await shop.waitUntil(20);
    for (const each of ['decided', 'undecided']) await declare(each, { previousSupplier: 'Leaf Direct' });
    await shop.wait(2 * HOUR);
    await shop.buy('decided', 'first');
    await shop.wait(10 * HOUR + MINUTE);
    expect(shop.mailsTo('undecided')).toEqual([SETS_APART]);
    expect(await shop.ends('decided')).toMatchObject({ '1/nurture/sets-apart/1': 'cancelled: trait is over' });
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});
