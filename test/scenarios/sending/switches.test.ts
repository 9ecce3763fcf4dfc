/** The switches of sending: the modes of a deployment, holdout, warm-up, and pauses by hand. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NOTE } from '../../../shared/contracts/notes.ts';
import { isHeldOut } from '../../../shared/lifecycle/customer/permit.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const WELCOME = '1/onboarding/welcome/1';
const GUIDE = '1/onboarding/guide/1';
const APOLOGY = '1/recovery/apology/k';
/** Longer than a sender takes the lane for known. */
const NOTICED = 21_000;
const HOLDOUT = { share: 0.33, salt: 'perennial' };
const PEOPLE = Array.from({ length: 100 }, (_, n) => `p-${n}`);
const HELD = PEOPLE.filter((customerId) => isHeldOut(customerId, HOLDOUT));
const FREE = PEOPLE.filter((customerId) => !isHeldOut(customerId, HOLDOUT));
const [held = ''] = HELD;
const [listed = '', stranger = '', ...others] = FREE;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(OPENING, { lasting: true, threads: 2, config: { sending: 'off' } });
});
afterAll(() => shop.close());
afterEach(expectNothingDead);

/** Nothing a function was given is left undone. */
function expectNothingDead(): void {
  expect(shop.twin.deadLetters()).toEqual([]);
}

async function noon(): Promise<void> {
  if (new Date(shop.twin.now()).getUTCHours() !== 12) await shop.waitUntil(12);
}

/** Somebody buys, and the order is delivered at once: the welcome is meant for now, the guide for two days later. */
async function newcomer(customerId: string): Promise<void> {
  await shop.register(customerId);
  await shop.buy(customerId, customerId);
  await shop.emit('Order Delivered', { customerId, orderId: customerId });
}

describe('the mode of a deployment', () => {
  it('off: everything waits, also what answers a complaint; SES is not even asked for its quota', async () => {
    const asked: string[] = [];
    shop.twin.faults.plan = { call: ({ service, operation }) => void (service === 'ses' && asked.push(operation)) };
    await newcomer('waiting');
    await shop.complain('waiting-2', 'k');
    await shop.register('waiting-2');
    await shop.wait(HOUR);
    expect(await shop.pending('waiting', WELCOME)).toMatchObject({ heldBy: 'sending is off', attempt: 1 });
    expect(await shop.pending('waiting-2', APOLOGY)).toMatchObject({ heldBy: 'sending is off', attempt: 1 });
    expect(asked).toEqual([]);
    expect(shop.twin.mailbox).toEqual([]);
  });

  it('shadow: everything happens but the call of SES, and the ledger says so', async () => {
    shop = await shop.redeploy({ config: { sending: 'shadow' } });
    // Who waited for sending to be switched on looks again hourly, spread over an hour.
    await shop.wait(2 * HOUR);
    const entry = await shop.entry('waiting', WELCOME);
    expect(entry).toMatchObject({
      outcome: 'sent',
      shadow: true,
      attempt: 1,
      template: 'onboarding/welcome',
      locale: 'en',
    });
    expect(entry?.release).toBeDefined();
    expect(entry).not.toHaveProperty('messageId');
    expect(await shop.entry('waiting-2', APOLOGY)).toMatchObject({ outcome: 'sent', shadow: true });
    // The rules hold as if it had gone out.
    await shop.register('shadow-none', { consent: undefined });
    await shop.buy('shadow-none', 'shadow-none');
    expect(await shop.ends('shadow-none')).toEqual({ [WELCOME]: 'withheld: no consent' });
    await newcomer('shadow-twice');
    await shop.pass(2.05);
    expect(await shop.ends('shadow-twice')).toEqual({ [WELCOME]: 'sent', [GUIDE]: 'sent' });
    expect(shop.twin.mailbox).toEqual([]);
    expect(await shop.lane()).toMatchObject({ reserved: {} });
  });

  it('allow-list: mail goes to those on it, in whatever case, and to nobody else', async () => {
    const config = {
      sending: 'allow-list' as const,
      allowList: [`${listed.toUpperCase()}@Example.com`, `${held}@example.com`],
      holdout: HOLDOUT,
    };
    shop = await shop.redeploy({ config });
    await noon();
    for (const customerId of [listed, stranger, held]) await newcomer(customerId);
    await shop.complain(stranger, 'k');
    expect(shop.mailsTo(listed)).toEqual(['onboarding/welcome']);
    expect(await shop.ends(stranger)).toEqual({
      [WELCOME]: 'withheld: not on the allow-list',
      [APOLOGY]: 'withheld: not on the allow-list',
    });
    expect(new Set(shop.twin.mailbox.flatMap(({ to }) => to))).toEqual(new Set([`${listed}@example.com`]));
  });

  it('live: what was shown to nobody in shadow is not sent again', async () => {
    shop = await shop.redeploy({ config: { holdout: HOLDOUT, warmUp: { firstDay: 2, factor: 1.1 } } });
    const before = shop.twin.mailbox.length;
    await shop.wait(2 * HOUR);
    expect(shop.mailsTo('waiting')).toEqual([]);
    expect(shop.twin.mailbox).toHaveLength(before);
  });
});

describe('the holdout', () => {
  it('is the share that was asked for, and nobody at 0', () => {
    const many = Array.from({ length: 3000 }, (_, n) => `c-${n}`);
    const drawn = (share: number, salt: string) => many.filter((each) => isHeldOut(each, { share, salt }));
    expect(drawn(0.05, 'a').length / many.length).toBeCloseTo(0.05, 1.5);
    expect(drawn(0, 'a')).toEqual([]);
    expect(drawn(0.05, 'a')).not.toEqual(drawn(0.05, 'b'));
    // Whoever is held out stays so when the share grows.
    expect(drawn(0.2, 'a')).toEqual(expect.arrayContaining(drawn(0.05, 'a')));
  });

  it('is the same for every message and every deployment; each that would have gone is written down', async () => {
    await noon();
    await shop.pass(2.1);
    expect(await shop.ends(held)).toEqual({ [WELCOME]: 'withheld: holdout', [GUIDE]: 'withheld: holdout' });
    expect(shop.mailsTo(listed)).toEqual(['onboarding/welcome', 'onboarding/guide']);
    expect(shop.mailsTo(held)).toEqual([]);
    // It is about promotion alone.
    await shop.complain(held, 'k');
    expect(shop.mailsTo(held)).toEqual(['recovery/apology']);
  });
});

describe('the warm-up of a domain', () => {
  it('lets few promotional mails out on a day, more on the next, and answers to complaints always', async () => {
    await noon();
    await shop.pass(1);
    const people = others.slice(0, 5);
    for (const customerId of people) await newcomer(customerId);
    const sent = () => people.filter((customerId) => shop.mailsTo(customerId).includes('onboarding/welcome')).length;
    const first = sent();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(people.length);
    const left = people.filter((customerId) => shop.mailsTo(customerId).length === 0);
    const [someone = ''] = left;
    const waiting = await shop.pending(someone, WELCOME);
    expect(waiting).toMatchObject({ heldBy: 'warm-up', attempt: 1 });
    // From the next full hour, spread over one.
    expect((waiting?.notBefore ?? 0) - shop.twin.now()).toBeLessThanOrEqual(2 * HOUR);
    expect(shop.counted(NOTE.heldBack, { why: 'warm-up' })).toBeGreaterThan(0);
    await shop.complain(someone, 'k');
    expect(shop.mailsTo(someone)).toEqual(['recovery/apology']);
    // Mail to others takes its part of the second day.
    await shop.pass(2.2);
    expect(sent()).toBeGreaterThan(first);
  });
});

describe('a pause by hand', () => {
  beforeAll(async () => {
    // Nobody is held out any more, and nothing warmed up.
    shop = await shop.redeploy({});
    await shop.pass(3);
    await noon();
  });

  it('of a programme holds that one within a minute, and no other', async () => {
    await newcomer('q-0');
    await shop.pause('onboarding');
    await shop.wait(NOTICED);
    await newcomer('q-1');
    await shop.complain('q-1', 'k');
    expect(shop.mailsTo('q-0')).toEqual(['onboarding/welcome']);
    expect(shop.mailsTo('q-1')).toEqual(['recovery/apology']);
    await shop.resume('onboarding');
  });

  it('of everything holds service, too; that goes out within minutes of the end', async () => {
    await shop.wait(NOTICED);
    await shop.pause();
    await shop.wait(NOTICED);
    await shop.register('q-2');
    const now = shop.twin.now();
    await shop.complain('q-2', 'k');
    expect(await shop.pending('q-2', APOLOGY)).toMatchObject({ heldBy: 'paused', notBefore: now + 5 * MINUTE });
    await shop.wait(30 * MINUTE);
    expect(shop.mailsTo('q-2')).toEqual([]);
    await shop.resume();
    await shop.wait(7 * MINUTE);
    expect(shop.mailsTo('q-2')).toEqual(['recovery/apology']);
  });

  it('at its end what is stale is withheld, and the rest goes out spread, each once', async () => {
    await noon();
    await shop.pause();
    await shop.wait(NOTICED);
    await shop.register('stale');
    const long = { customerId: 'stale', orderId: 'long-ago', total: 40, currency: 'EUR' };
    // Asked a week after somebody has lapsed the question makes no sense any more: that is in three hours at most.
    await shop.emit('Purchase Completed', long, { at: shop.twin.now() - 209.42 * DAY });
    expect(await shop.pending('stale', '1/win-back/ask/1')).toMatchObject({ heldBy: 'paused' });
    const people = Array.from({ length: 12 }, (_, n) => `spread-${n}`);
    for (const customerId of people) {
      await shop.register(customerId);
      await shop.buy(customerId, customerId);
    }
    await shop.wait(3 * HOUR);
    expect(people.flatMap((customerId) => shop.mailsTo(customerId))).toEqual([]);
    await shop.resume();
    const resumed = shop.twin.now();
    await shop.wait(2 * HOUR + 5 * MINUTE);
    expect(await shop.ends('stale')).toEqual({ '1/win-back/ask/1': 'withheld: stale' });
    const at = shop.twin.mailbox
      .filter(({ to }) => to.some((each) => each.startsWith('spread-')))
      .map((mail) => mail.at);
    expect(at).toHaveLength(people.length);
    expect(new Set(at.map((t) => Math.floor((t - resumed) / (10 * MINUTE)))).size).toBeGreaterThan(4);
    expect(Math.max(...at) - resumed).toBeLessThanOrEqual(2 * HOUR + MINUTE);
    await shop.wait(3 * HOUR);
    const welcomes = people.map((customerId) => shop.mailsTo(customerId));
    expect(welcomes).toEqual(people.map(() => ['onboarding/welcome']));
  });
});
