/** How a call of SES ends, and what becomes of the message then. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fate } from '../../../infra/local/faults.ts';
import { METRIC } from '../../../shared/contracts/metrics.ts';
import { NOTE } from '../../../shared/contracts/notes.ts';
import { LEASE_SECONDS } from '../../../shared/contracts/timing.ts';
import { HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const WELCOME = '1/onboarding/welcome/1';
const APOLOGY = '1/recovery/apology/k';
/** After this a claim nobody settled has been found. */
const FOUND = LEASE_SECONDS * 1000 + 2 * MINUTE;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(undefined, { threads: 2 });
});
afterAll(() => shop.close());
beforeEach(async () => {
  // Long before anybody's evening.
  if (new Date(shop.twin.now()).getUTCHours() !== 12) await shop.waitUntil(12);
});
afterEach(expectNothingLeft);

/** All troubles were met, and nothing a function was given is left undone. */
function expectNothingLeft(): void {
  shop.twin.faults.plan = undefined;
  expect(shop.twin.ses.troubles).toEqual([]);
  expect(shop.twin.deadLetters()).toEqual([]);
}

/** What both classes do: a promotional mail and one that answers a complaint, decided side by side. */
async function two(promotional: string, service: string): Promise<void> {
  await shop.register(promotional);
  await shop.register(service);
  await shop.put(
    { type: 'Purchase Completed', data: { customerId: promotional, orderId: promotional, total: 5, currency: 'EUR' } },
    { type: 'Complaint Opened', data: { customerId: service, complaintId: 'k', channel: 'email', severity: 'normal' } },
  );
  await shop.twin.advanceTo(shop.twin.now());
}

const addressOf = (customerId: string) => `${customerId}@example.com`;

/** SES is told to fail the next mail to each of them. */
function fail(trouble: Parameters<Shop['twin']['ses']['fail']>[0], ...customerIds: readonly string[]): void {
  for (const customerId of customerIds) shop.twin.ses.fail(trouble, { calls: 1, to: addressOf(customerId) });
}

/** Reports of SES are late by so much. */
function delayReports(delaySeconds: number): void {
  shop.twin.faults.plan = { message: (queue) => (queue.includes('feedback') ? { delaySeconds } : undefined) };
}

/** The first `times` calls to SES meet this fate. */
function callsOfSes(fate: Fate, times: number): void {
  let left = times;
  shop.twin.faults.plan = {
    call: ({ operation }) => {
      if (operation !== 'SendRawEmail' || left === 0) return undefined;
      left -= 1;
      return fate;
    },
  };
}

const mailsTo = (...customerIds: readonly string[]) => customerIds.map((each) => shop.mailsTo(each).length);

describe('accepted', () => {
  it('ends as sent, with release, variant, times and the id SES gave', async () => {
    const now = shop.twin.now();
    await two('a-promo', 'a-serve');
    const sent = { outcome: 'sent', moment: now, decidedAt: now, endedAt: now, attempt: 1, locale: 'en' };
    const entry = await shop.entry('a-promo', WELCOME);
    expect(entry).toMatchObject({ ...sent, template: 'onboarding/welcome', messageId: shop.lastMail('a-promo').id });
    expect(entry?.release).toBe(shop.lastMail('a-promo').tags['r']);
    expect(await shop.entry('a-serve', APOLOGY)).toMatchObject({ ...sent, template: 'recovery/apology' });
    expect(entry).not.toHaveProperty('reason');
    expect(entry).not.toHaveProperty('shadow');
    expect(shop.counted(METRIC.messagesSent, { programme: 'onboarding' })).toBe(1);
  });
});

describe('rejected for good', () => {
  it('ends as failed with what SES said, and is not tried again', async () => {
    fail('rejected', 'r-promo', 'r-serve');
    await two('r-promo', 'r-serve');
    await shop.pass(1);
    for (const [customerId, key] of [
      ['r-promo', WELCOME],
      ['r-serve', APOLOGY],
    ] as const) {
      const entry = await shop.entry(customerId, key);
      expect(entry).toMatchObject({ outcome: 'failed', reason: 'rejected: MessageRejected', attempt: 1 });
      expect(entry?.release).toBeDefined();
    }
    expect(mailsTo('r-promo', 'r-serve')).toEqual([0, 0]);
    for (const customerId of ['r-promo', 'r-serve']) {
      expect(shop.counted(METRIC.messagesEnded, { outcome: 'failed', customerId })).toBe(1);
    }
    expect(shop.counted(METRIC.mailsRejected)).toBe(2);
  });
});

describe('not now', () => {
  it('rate: comes back within two minutes as the same attempt; a single collision stops nobody', async () => {
    fail('throttled', 'n-promo');
    const now = shop.twin.now();
    await two('n-promo', 'n-serve');
    const waiting = await shop.pending('n-promo', WELCOME);
    expect(waiting).toMatchObject({ attempt: 1, heldBy: 'rate' });
    expect((waiting?.notBefore ?? 0) - now).toBeGreaterThanOrEqual(MINUTE);
    expect((waiting?.notBefore ?? 0) - now).toBeLessThan(2 * MINUTE);
    expect(mailsTo('n-promo', 'n-serve')).toEqual([0, 1]);
    expect((await shop.lane()).stop).toBeUndefined();
    expect(shop.counted(NOTE.heldBack, { why: 'rate' })).toBe(1);
    await shop.wait(3 * MINUTE);
    expect(await shop.entry('n-promo', WELCOME)).toMatchObject({ outcome: 'sent', attempt: 1 });
  });

  it('rate, three times within a minute: stops the lane for everybody, and says so', async () => {
    const ids = ['t-1', 't-2', 't-3'];
    for (const customerId of ids) await shop.register(customerId);
    fail('throttled', ...ids);
    await shop.put(
      ...ids.map((customerId) => ({
        type: 'Complaint Opened',
        data: { customerId, complaintId: 'k', channel: 'email', severity: 'normal' },
      })),
    );
    await shop.twin.advanceTo(shop.twin.now());
    expect((await shop.lane()).stop).toMatchObject({ why: 'rate' });
    // It passes, so nobody is woken.
    expect(shop.counted(METRIC.laneStopped)).toBe(0);
    await shop.wait(5 * MINUTE);
    expect(mailsTo(...ids)).toEqual([1, 1, 1]);
  });

  it.each([
    ['daily quota', 'quota', HOUR],
    ['account paused', 'paused', 15 * MINUTE],
    ['configuration set paused', 'paused', 15 * MINUTE],
    ['account under review', 'paused', 15 * MINUTE],
  ] as const)(
    '%s: the lane stops, later mail does not even ask, and all goes out afterwards',
    async (trouble, why, stopped) => {
      const name = trouble.replaceAll(' ', '-');
      const [promo, serve, next] = [`${name}-p`, `${name}-s`, `${name}-n`];
      const [stops, refusals] = [shop.counted(METRIC.laneStopped, { why }), shop.counted(NOTE.heldBack, { why })];
      const now = shop.twin.now();
      fail(trouble, promo, serve);
      await two(promo, serve);
      expect(await shop.pending(promo, WELCOME)).toMatchObject({ attempt: 1, heldBy: `stopped: ${why}` });
      expect(await shop.pending(serve, APOLOGY)).toMatchObject({
        attempt: 1,
        heldBy: `stopped: ${why}`,
        notBefore: now + stopped,
      });
      expect((await shop.lane()).stop).toEqual({ why, until: now + stopped });
      expect(shop.counted(METRIC.laneStopped, { why })).toBe(stops + 1);

      // Both senders know by then, and SES is not asked although it would accept.
      await shop.wait(MINUTE);
      await shop.register(next);
      await shop.complain(next, 'k');
      expect(await shop.pending(next, APOLOGY)).toMatchObject({ heldBy: `stopped: ${why}`, notBefore: now + stopped });
      expect(shop.counted(NOTE.heldBack, { why })).toBe(refusals + 2);
      // Whoever looks sees that it goes on.
      expect(shop.counted(METRIC.laneStopped, { why })).toBeGreaterThan(stops + 1);

      await shop.wait(stopped);
      expect(mailsTo(serve, next)).toEqual([1, 1]);
      // What is not urgent spreads over an hour.
      await shop.wait(HOUR);
      expect(await shop.entry(promo, WELCOME)).toMatchObject({ outcome: 'sent', attempt: 1 });
    },
  );

  it.each([
    ['AccessDenied', 403, 'not authorized to perform ses:SendRawEmail'],
    ['ConfigurationSetDoesNotExist', 400, 'Configuration set does not exist.'],
    [
      'MessageRejected',
      400,
      'Email address is not verified. The following identities failed the check in region US-EAST-1: hello@shop.example.com',
    ],
  ])('%s: what is wrong with us stops the lane and costs no message', async (code, status, message) => {
    const [promo, serve] = [`m-${code}-p`, `m-${code}-s`];
    const now = shop.twin.now();
    callsOfSes({ kind: 'refused', status, code, message }, 2);
    await two(promo, serve);
    expect(await shop.pending(serve, APOLOGY)).toMatchObject({ heldBy: 'stopped: misconfigured' });
    expect((await shop.lane()).stop).toEqual({ why: 'misconfigured', until: now + 15 * MINUTE });
    await shop.wait(2 * HOUR);
    expect(mailsTo(promo, serve)).toEqual([1, 1]);
  });
});

const GAVE_UP = { reason: 'outcome unknown' };

describe('unknown', () => {
  it('five times within a minute: stops the lane before a sixth message meets it, and says so', async () => {
    const ids = ['u-1', 'u-2', 'u-3', 'u-4', 'u-5'];
    const stops = shop.counted(METRIC.laneStopped, { why: 'unknown' });
    const unknown = shop.counted(METRIC.outcomesUnknown);
    for (const customerId of [...ids, 'u-6']) await shop.register(customerId);
    const now = shop.twin.now();
    fail('error before accepting', ...ids);
    await shop.put(
      ...ids.map((customerId) => ({
        type: 'Complaint Opened',
        data: { customerId, complaintId: 'k', channel: 'email', severity: 'normal' },
      })),
    );
    await shop.twin.advanceTo(now);
    expect((await shop.lane()).stop).toMatchObject({ why: 'unknown', until: now + MINUTE });
    expect(shop.counted(METRIC.laneStopped, { why: 'unknown' })).toBe(stops + 1);

    // Every sender has read of the stop by then.
    await shop.wait(MINUTE / 2);
    await shop.complain('u-6', 'k');
    expect(await shop.pending('u-6', APOLOGY)).toMatchObject({
      attempt: 1,
      heldBy: 'stopped: unknown',
      notBefore: now + MINUTE,
    });
    expect(mailsTo(...ids, 'u-6')).toEqual([0, 0, 0, 0, 0, 0]);
    await shop.wait(FOUND);
    expect(await shop.entry('u-6', APOLOGY)).toMatchObject({ outcome: 'sent', attempt: 1 });
    expect(shop.counted(METRIC.outcomesUnknown)).toBe(unknown + 5);
    expect(mailsTo(...ids, 'u-6')).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it.each([
    ['error before accepting', 0],
    ['error after accepting', 1],
    ['reset after accepting', 1],
  ] as const)('%s: promotion gives up and says so, recovery repeats once', async (trouble, accepted) => {
    const name = trouble.replaceAll(' ', '-');
    const [promo, serve] = [`${name}-p`, `${name}-s`];
    const [gaveUp, unknown] = [shop.counted(METRIC.messagesEnded, GAVE_UP), shop.counted(METRIC.outcomesUnknown)];
    delayReports(3600);
    fail(trouble, promo, serve);
    await two(promo, serve);
    expect(await shop.ends(promo)).toEqual({});
    // Until the lease is over nobody does anything.
    await shop.wait(LEASE_SECONDS * 1000 - 1);
    expect(await shop.ends(promo)).toEqual({});
    await shop.wait(FOUND);
    expect(await shop.entry(promo, WELCOME)).toMatchObject({ outcome: 'failed', reason: 'outcome unknown' });
    expect(await shop.entry(serve, APOLOGY)).toMatchObject({ outcome: 'sent', attempt: 2 });
    expect(mailsTo(promo, serve)).toEqual([accepted, accepted + 1]);
    expect(shop.counted(METRIC.outcomesUnknown)).toBe(unknown + 2);
    expect(shop.counted(METRIC.messagesEnded, GAVE_UP)).toBe(gaveUp + 1);
    // It may have arrived, so it counts for the caps.
    const profile = await shop.store.load(promo);
    expect(profile).toMatchObject({ recent: [{ key: WELCOME }], flight: {}, pending: {}, closing: {} });

    // The report comes at last: what was given up is known to have been sent.
    await shop.wait(HOUR);
    expect(await shop.entry(promo, WELCOME)).toMatchObject(
      accepted === 1
        ? { outcome: 'sent', evidence: true, messageId: shop.lastMail(promo).id, template: 'onboarding/welcome' }
        : { outcome: 'failed', reason: 'outcome unknown' },
    );
    expect(mailsTo(promo, serve)).toEqual([accepted, accepted + 1]);
  });

  it('a report that comes in time settles it: nothing is given up and nothing repeated', async () => {
    const gaveUp = shop.counted(METRIC.messagesEnded, GAVE_UP);
    fail('reset after accepting', 'e-promo', 'e-serve');
    await two('e-promo', 'e-serve');
    await shop.wait(FOUND);
    for (const [customerId, key] of [
      ['e-promo', WELCOME],
      ['e-serve', APOLOGY],
    ] as const) {
      expect(await shop.entry(customerId, key)).toMatchObject({ outcome: 'sent', attempt: 1, evidence: true });
      expect(await shop.store.load(customerId)).toMatchObject({ flight: {}, pending: {} });
    }
    expect(mailsTo('e-promo', 'e-serve')).toEqual([1, 1]);
    expect(shop.counted(METRIC.messagesEnded, GAVE_UP)).toBe(gaveUp);
  });

  it('a timeout, whether SES accepted or not', async () => {
    delayReports(3600);
    fail('hang before accepting', 'h-promo', 'h-serve');
    fail('hang after accepting', 'g-promo', 'g-serve');
    const ids = ['h-promo', 'h-serve', 'g-promo', 'g-serve'];
    for (const customerId of ids) await shop.register(customerId);
    // Together, for each waits ten seconds of real time.
    await shop.put(
      ...ids.map((customerId) =>
        customerId.endsWith('promo')
          ? { type: 'Purchase Completed', data: { customerId, orderId: customerId, total: 5, currency: 'EUR' } }
          : { type: 'Complaint Opened', data: { customerId, complaintId: 'k', channel: 'email', severity: 'normal' } },
      ),
    );
    await shop.twin.advanceTo(shop.twin.now());
    expect(mailsTo(...ids)).toEqual([0, 0, 1, 1]);
    await shop.wait(FOUND);
    expect(await shop.ends('h-promo')).toEqual({ [WELCOME]: 'failed: outcome unknown' });
    expect(await shop.entry('h-serve', APOLOGY)).toMatchObject({ outcome: 'sent', attempt: 2 });
    expect(mailsTo(...ids)).toEqual([0, 1, 1, 2]);
    await shop.wait(HOUR);
    expect(await shop.entry('g-promo', WELCOME)).toMatchObject({ outcome: 'sent', evidence: true });
  });

  it.each(['before', 'after'] as const)('the death of the process %s SES took the mail', async (effect) => {
    const [promo, serve] = [`d-${effect}-p`, `d-${effect}-s`];
    callsOfSes({ kind: 'dies', effect }, 1);
    await shop.register(promo);
    await shop.buy(promo, promo);
    await shop.wait(10 * MINUTE);
    callsOfSes({ kind: 'dies', effect }, 1);
    await shop.register(serve);
    await shop.complain(serve, 'k');
    await shop.wait(10 * MINUTE);
    const accepted = effect === 'after';
    // Without a report of SES promotion gives up, and recovery goes out at the second attempt.
    expect(await shop.entry(promo, WELCOME)).toMatchObject(
      accepted ? { outcome: 'sent', evidence: true } : { outcome: 'failed', reason: 'outcome unknown' },
    );
    expect(await shop.entry(serve, APOLOGY)).toMatchObject({ outcome: 'sent', attempt: accepted ? 1 : 2 });
    expect(mailsTo(promo, serve)).toEqual([accepted ? 1 : 0, 1]);
  });

  it('twice: recovery gives up, too', async () => {
    const gaveUp = shop.counted(METRIC.messagesEnded, GAVE_UP);
    shop.twin.ses.fail('error before accepting', { calls: 2, to: addressOf('w-serve') });
    await shop.register('w-serve');
    await shop.complain('w-serve', 'k');
    await shop.wait(2 * FOUND);
    expect(await shop.entry('w-serve', APOLOGY)).toMatchObject({
      outcome: 'failed',
      reason: 'outcome unknown',
      attempt: 2,
    });
    expect(mailsTo('w-serve')).toEqual([0]);
    expect(shop.counted(METRIC.messagesEnded, GAVE_UP)).toBe(gaveUp + 1);
  });

  it('rejected at the repetition: nobody may say that it was not sent', async () => {
    delayReports(3600);
    fail('reset after accepting', 'x-serve');
    fail('rejected', 'x-serve');
    await shop.register('x-serve');
    await shop.complain('x-serve', 'k');
    await shop.wait(2 * FOUND);
    expect(await shop.entry('x-serve', APOLOGY)).toMatchObject({ outcome: 'failed', reason: 'outcome unknown' });
    await shop.wait(HOUR);
    expect(await shop.entry('x-serve', APOLOGY)).toMatchObject({ outcome: 'sent', evidence: true });
    expect(mailsTo('x-serve')).toEqual([1]);
  });
});
