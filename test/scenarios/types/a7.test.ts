/** A7, the change requester: what a change means and costs before it is made, one nudge, and without a cost a person. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const TERMS = 'service/change-terms';
const NUDGE = 'service/change-nudge';
const CONFIRMED = 'service/change-confirmed';
const GLAZE = 'The green glaze instead of the blue one';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const ask = (customerId: string, more: Readonly<Record<string, unknown>> = {}) =>
  shop.emit('Change Requested', {
    customerId,
    changeId: `change-of-${customerId}`,
    what: GLAZE,
    cost: 45,
    currency: 'EUR',
    newDate: '2026-03-20T12:00:00+01:00',
    ...more,
  });
const WITHOUT_COST = { cost: undefined, currency: undefined, newDate: undefined };
const confirm = (customerId: string) =>
  shop.emit('Change Confirmed', { customerId, changeId: `change-of-${customerId}` });
const calls = (customerId: string) => shop.announced('Attention Needed', customerId);
const isChanging = async (customerId: string) => {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' && profile.traits.includes('changing');
};

describe('a change with its cost', () => {
  it('is told at once, what it means, what it costs and when, before it is made', async () => {
    for (const each of ['asker', 'decided', 'uninterested']) await shop.register(each);
    await ask('asker');
    await ask('decided');
    expect(shop.mailsTo('asker')).toEqual([TERMS]);
    expect(shop.mailsTo('uninterested')).toEqual([]);
    expect(await isChanging('asker')).toBe(true);
    const letter = await letterOf(shop.lastMail('asker'));
    expect(letter.subject).toBe('Your change: what it means and what it costs');
    for (const part of ['We want it to match what you expect', GLAZE, '€45.00', '20 March 2026', 'before we make it']) {
      expect(letter.text).toContain(part);
    }
    expect(letter.text).toContain('Until you say yes, everything stays as it was');
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
  });

  it('calls nobody', () => {
    expect(calls('asker')).toEqual([]);
  });

  it('is told at night, too, and to whoever wants no other mail', async () => {
    await shop.waitUntil(23);
    const refusal = { marketing: 'none', source: 'test', at: new Date(shop.twin.now()).toISOString() };
    await shop.register('private', { consent: refusal });
    await ask('private', { cost: 0 });
    expect(shop.mailsTo('private')).toEqual([TERMS]);
    expect((await letterOf(shop.lastMail('private'))).text).toContain('€0.00');
  });

  it('is confirmed in writing as soon as it is, and asked for no more', async () => {
    await confirm('decided');
    expect(shop.mailsTo('decided')).toEqual([TERMS, CONFIRMED]);
    expect(await isChanging('decided')).toBe(false);
    const { subject, text } = await letterOf(shop.lastMail('decided'));
    expect(subject).toBe('Your change has been made');
    for (const part of [GLAZE, '€45.00', '20 March 2026']) expect(text).toContain(part);
  });

  it('that nobody has confirmed is asked about once more after 48 hours, and never again', async () => {
    const asked = shop.twin.mailbox[0]?.at ?? NaN;
    await shop.twin.advanceTo(asked + 48 * HOUR - MINUTE);
    expect(shop.mailsTo('asker')).toEqual([TERMS]);
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('asker')).toEqual([TERMS, NUDGE]);
    expect(shop.mailsTo('decided')).toEqual([TERMS, CONFIRMED]);
    const letter = await letterOf(shop.lastMail('asker'));
    expect(letter.text).toContain('nothing has been changed');
    expect(letter.text).toContain('We will not ask again');
    for (const part of [GLAZE, '€45.00', '20 March 2026']) expect(letter.text).toContain(part);
    expect(saidIn(letter, 'discount', 'push', 'promotion')).toEqual([]);
    await shop.twin.advanceTo(asked + 30 * DAY - 2 * HOUR);
    expect(shop.mailsTo('asker')).toEqual([TERMS, NUDGE]);
    expect(await isChanging('asker')).toBe(true);
    // By then nobody means to make it any more.
    await shop.wait(4 * HOUR);
    expect(await isChanging('asker')).toBe(false);
  });
});

describe('a change without a cost', () => {
  it('asks for a person, once, and nothing is promised by mail', async () => {
    await shop.register('unclear');
    await ask('unclear', WITHOUT_COST);
    expect(calls('unclear')).toMatchObject([
      { reason: 'change-without-cost', priority: 'normal', attentionId: '1/change-without-cost/change-of-unclear' },
    ]);
    await shop.pass(3);
    await ask('unclear', WITHOUT_COST);
    expect(calls('unclear')).toHaveLength(1);
    expect(shop.mailsTo('unclear')).toEqual([]);
  });

  it('is told like any other once the person has found out what it costs', async () => {
    const [{ attentionId } = {}] = calls('unclear');
    await shop.emit('Attention Handled', { customerId: 'unclear', attentionId });
    await ask('unclear', { cost: 12.5 });
    expect(shop.mailsTo('unclear')).toEqual([TERMS]);
    expect((await letterOf(shop.lastMail('unclear'))).text).toContain('€12.50');
    await confirm('unclear');
    expect(shop.mailsTo('unclear')).toEqual([TERMS, CONFIRMED]);
    expect(calls('unclear')).toHaveLength(1);
    expect(shop.twin.deadLetters()).toEqual([]);
  });
});

describe('a price that is corrected', () => {
  it('is told before the change is made, and the reminder counts from then', async () => {
    await shop.waitUntil(12);
    await shop.register('corrected');
    await ask('corrected');
    expect(shop.mailsTo('corrected')).toEqual([TERMS]);
    await shop.pass(1);
    // Said again as it was, it is nothing new.
    await ask('corrected');
    expect(shop.mailsTo('corrected')).toEqual([TERMS]);
    await ask('corrected', { cost: 90 });
    expect(shop.mailsTo('corrected')).toEqual([TERMS, TERMS]);
    expect((await letterOf(shop.lastMail('corrected'))).text).toContain('€90');
    await shop.wait(2 * DAY - MINUTE);
    expect(shop.mailsTo('corrected')).toEqual([TERMS, TERMS]);
    await shop.wait(10 * MINUTE);
    expect(shop.mailsTo('corrected')).toEqual([TERMS, TERMS, NUDGE]);
    expect((await letterOf(shop.lastMail('corrected'))).text).toContain('€90');
    await confirm('corrected');
    expect(shop.mailsTo('corrected')).toEqual([TERMS, TERMS, NUDGE, CONFIRMED]);
  });
});
