/** What SES reports, and what that means for the mail after it. Each report by itself is in test/functions. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedMail } from '../../../infra/local/contract.ts';
import { NOTE } from '../../../shared/contracts/notes.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { openShop, type Shop } from '../../support/shop.ts';

const WELCOME = '1/onboarding/welcome/1';
const apology = (complaintId: string) => `1/recovery/apology/${complaintId}`;

let shop: Shop;
beforeAll(async () => {
  // `open` and `click` are off as shipped.
  const sesEvents = ['send', 'delivery', 'deliveryDelay', 'bounce', 'complaint', 'reject', 'renderingFailure'] as const;
  shop = await openShop(undefined, { config: { sesEvents: [...sesEvents, 'open', 'click'] } });
});
afterAll(() => shop.close());
beforeEach(async () => {
  if (new Date(shop.twin.now()).getUTCHours() !== 12) await shop.waitUntil(12);
});
afterEach(expectNothingDead);

/** Nothing a function was given is left undone. */
function expectNothingDead(): void {
  shop.twin.faults.plan = undefined;
  expect(shop.twin.deadLetters()).toEqual([]);
}

/** Nothing becomes of the mails to this customer by itself. */
async function quiet(customerId: string): Promise<void> {
  shop.twin.ses.setFate(`${customerId}@example.com`, []);
  await shop.register(customerId);
}

const report = async (mail: AcceptedMail, ...outcomes: Parameters<Shop['twin']['ses']['report']>[1][]) => {
  for (const outcome of outcomes) {
    expect(shop.twin.ses.report(mail.id, outcome)).toBeDefined();
    await shop.wait(1000);
  }
};

/** A report of SES in its own words, about a mail of ours. */
function emit(
  mail: AcceptedMail,
  detailType: string,
  eventType: string,
  more: Readonly<Record<string, unknown>>,
): void {
  const tags = Object.fromEntries(Object.entries(mail.tags).map(([name, value]) => [name, [value]]));
  const timestamp = new Date(mail.at).toISOString();
  const set = { 'ses:configuration-set': [mail.configurationSet ?? ''] };
  shop.twin.ses.emit(detailType, {
    eventType,
    ...more,
    mail: { timestamp, messageId: mail.id, destination: mail.to, tags: { ...tags, ...set } },
  });
}

const delivery = async (customerId: string, key: string) => (await shop.entry(customerId, key))?.delivery;

describe('an address that bounces for now', () => {
  const full = { kind: 'bounce', bounceType: 'Transient', bounceSubType: 'MailboxFull' } as const;

  /** Another customer at the address, of whom nothing but a welcome is wanted. */
  async function welcomeAt(address: string, customerId: string): Promise<string | undefined> {
    await shop.register(customerId, { email: `${address}@example.com` });
    await shop.buy(customerId, customerId);
    await shop.wait(10 * MINUTE);
    return (await shop.ends(customerId))[WELCOME];
  }

  it('rests from promotion after the third time within two weeks, and is tried again after a month', async () => {
    await quiet('full');
    const bounces = async (complaint: string) => {
      await shop.complain('full', complaint);
      // Told twice it is one bounce.
      await report(shop.lastMail('full'), full, full);
    };
    await bounces('a');
    await bounces('b');
    await bounces('c');
    expect(await welcomeAt('full', 'full-two')).toBe('withheld: bouncing');
    // What answers a complaint is tried all the same.
    await shop.complain('full', 'd');
    expect((await shop.ends('full'))[apology('d')]).toBe('sent');
    for (const complaint of ['a', 'b', 'c', 'd']) await shop.resolve('full', complaint);
    await shop.pass(31.5);
    expect(await welcomeAt('full', 'full-later')).toBe('sent');
  });

  it('is forgiven by a delivery in between; an undetermined bounce counts like a transient one', async () => {
    await quiet('forgiven');
    const undetermined = { kind: 'bounce', bounceType: 'Undetermined' } as const;
    for (const [complaint, outcome] of [
      ['a', full],
      ['b', undetermined],
      ['c', { kind: 'delivery' }],
      ['d', undetermined],
      ['e', full],
    ] as const) {
      await shop.complain('forgiven', complaint);
      await report(shop.lastMail('forgiven'), outcome);
    }
    expect(await welcomeAt('forgiven', 'forgiven-two')).toBe('sent');
    await shop.complain('forgiven', 'f');
    await report(shop.lastMail('forgiven'), undetermined);
    expect(await welcomeAt('forgiven', 'forgiven-three')).toBe('withheld: bouncing');
  });
});

describe('an address that is dead, or whose reader complained', () => {
  it.each([
    ['dead', { kind: 'bounce', bounceType: 'Permanent' }, 'hard bounce'],
    ['spam', { kind: 'complaint' }, 'spam complaint'],
  ] as const)('%s: no mail of any class goes there, whoever it belongs to', async (customerId, outcome, reason) => {
    await quiet(customerId);
    await shop.register(`${customerId}-other`, { email: `${customerId.toUpperCase()}@example.com` });
    await shop.buy(customerId, customerId);
    await report(shop.lastMail(customerId), outcome, outcome);
    await shop.complain(customerId, 'k');
    await shop.complain(`${customerId}-other`, 'k');
    for (const each of [customerId, `${customerId}-other`]) {
      expect((await shop.ends(each))[apology('k')]).toBe(`withheld: ${reason}`);
    }
    const lost = shop.logs.lines.filter(
      ({ fields }) => fields['customerId'] === customerId && 'AddressesLost' in fields,
    );
    const complaints = reason === 'spam complaint' ? 1 : 0;
    expect(lost.map(({ fields }) => fields)).toMatchObject([
      { programme: 'onboarding', reason, AddressesLost: complaints },
    ]);
    // At a new address a bounce is forgotten. Whoever complained of spam wants no promotion there either.
    await shop.emit('Profile Updated', { customerId, email: `${customerId}-new@example.com` });
    await shop.complain(customerId, 'k2');
    expect((await shop.ends(customerId))[apology('k2')]).toBe('sent');
    await shop.resolve(customerId, 'k');
    await shop.resolve(customerId, 'k2');
    await shop.pass(14.2);
    expect((await shop.ends(customerId))['1/onboarding/guide/1']).toBe(
      customerId === 'spam' ? 'withheld: unsubscribed' : 'sent',
    );
  });

  it('is not one whose reader took the mail out of the spam folder', async () => {
    await quiet('not-spam');
    await shop.buy('not-spam', 'not-spam');
    const mail = shop.lastMail('not-spam');
    const timestamp = new Date(shop.twin.now()).toISOString();
    const complainedRecipients = mail.to.map((emailAddress) => ({ emailAddress }));
    emit(mail, 'Email Complaint Received', 'Complaint', {
      complaint: { timestamp, feedbackId: 'f-1', complaintFeedbackType: 'not-spam', complainedRecipients },
    });
    await shop.wait(1000);
    expect(await delivery('not-spam', WELCOME)).toBeUndefined();
    await shop.complain('not-spam', 'k');
    expect(shop.mailsTo('not-spam')).toEqual(['onboarding/welcome', 'recovery/apology']);
  });
});

describe('reports that say nothing of the address', () => {
  it('rendering failure, subscription and an unknown mail are counted, and change nothing', async () => {
    await quiet('counted');
    await shop.buy('counted', 'counted');
    const mail = shop.lastMail('counted');
    const before = await shop.items();
    const unknown = shop.counted(NOTE.reportUnknown);
    emit(mail, 'Email Rendering Failed', 'Rendering Failure', { failure: { errorMessage: 'x', templateName: 'x' } });
    emit(mail, 'Email Subscribed', 'Subscription', { subscription: { source: 'UnsubscribeHeader' } });
    // Of the same configuration set, but not of ours; and of a customer nobody knows.
    emit({ ...mail, tags: {} }, 'Email Sent', 'Send', { send: {} });
    const c = Buffer.from('nobody').toString('base64url');
    emit({ ...mail, tags: { ...mail.tags, c } }, 'Email Sent', 'Send', { send: {} });
    await shop.wait(1000);
    expect(await shop.items()).toEqual(before);
    expect(shop.counted(NOTE.reportUnknown)).toBe(unknown + 2);
    expect(shop.counted(NOTE.reported, { event: 'Rendering Failure' })).toBe(1);
    expect(shop.counted(NOTE.reported, { event: 'Subscription' })).toBe(1);
  });

  it('delay, delivery, rejection, opening and click only ever move forward, in whatever order they come', async () => {
    const outcomes = [
      { kind: 'deliveryDelay' },
      { kind: 'delivery' },
      { kind: 'open' },
      { kind: 'click', link: 'https://shop.example.com/' },
    ] as const;
    for (const [customerId, order] of [
      ['forward', [0, 1, 2, 3, 3]],
      ['backward', [3, 2, 1, 0, 1]],
    ] as const) {
      await quiet(customerId);
      await shop.buy(customerId, customerId);
      for (const index of order) {
        const outcome = outcomes[index];
        if (outcome !== undefined) await report(shop.lastMail(customerId), outcome);
      }
      const known = await delivery(customerId, WELCOME);
      expect(known).toMatchObject({ status: 'delivered' });
      expect(known).toMatchObject({ openedAt: expect.any(Number), clickedAt: expect.any(Number) });
    }
    await quiet('virus');
    await shop.buy('virus', 'virus');
    await report(shop.lastMail('virus'), { kind: 'reject' }, { kind: 'delivery' });
    expect(await delivery('virus', WELCOME)).toMatchObject({ status: 'rejected' });
  });
});

describe('a report that is faster than the sender', () => {
  it('makes the entry, whole, when the sender never got to it; a bounce is evidence, too', async () => {
    await quiet('early');
    // The sender dies right after SES took the mail.
    shop.twin.faults.plan = {
      call: ({ operation }) => (operation === 'SendRawEmail' ? { kind: 'dies', effect: 'after' } : undefined),
      message: (queue) => (queue.includes('feedback') ? { delaySeconds: 3600 } : undefined),
    };
    await shop.buy('early', 'early');
    shop.twin.faults.plan = undefined;
    expect(await shop.ends('early')).toEqual({});
    const mail = shop.lastMail('early');
    await report(mail, { kind: 'bounce', bounceType: 'Permanent' });
    expect(await shop.entry('early', WELCOME)).toMatchObject({
      outcome: 'sent',
      evidence: true,
      messageId: mail.id,
      attempt: 1,
      release: mail.tags['r'],
      template: 'onboarding/welcome',
      locale: 'en',
      cause: expect.any(String),
      delivery: { status: 'bounced' },
    });
    // Nobody gives it up afterwards, and the claim is let go.
    await shop.wait(10 * MINUTE);
    expect(await shop.ends('early')).toEqual({ [WELCOME]: 'sent' });
    expect(await shop.store.load('early')).toMatchObject({ flight: {}, recent: [{ key: WELCOME }] });
    await shop.wait(HOUR);
    expect(await delivery('early', WELCOME)).toMatchObject({ status: 'bounced' });
  });

  it('of somebody who was erased makes nothing, but protects the address', async () => {
    await quiet('gone');
    await shop.buy('gone', 'gone');
    const mail = shop.lastMail('gone');
    await shop.emit('Customer Erasure Requested', { customerId: 'gone', requestId: 'r' });
    await shop.wait(10 * MINUTE);
    await report(mail, { kind: 'delivery' }, { kind: 'complaint' });
    expect(await shop.ends('gone')).toEqual({});
    expect(await shop.store.readJournal('gone')).toEqual([]);
    await shop.register('heir', { email: 'gone@example.com' });
    await shop.wait(DAY / 24);
    await shop.complain('heir', 'k');
    expect(await shop.ends('heir')).toEqual({ [apology('k')]: 'withheld: spam complaint' });
  });
});
