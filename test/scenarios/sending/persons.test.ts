/**
 * People's data: after an erasure nothing is left of them, whatever was under way; and while they are with us neither
 * address, name nor anything they wrote shows anywhere but in their own items and mails.
 */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultPlan } from '../../../infra/local/faults.ts';
import { HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { linksIn, openShop, send, type Shop } from '../../support/shop.ts';

/** Nothing else is called like this. */
const NAME = 'Xylophonia Quirrelsworth';
const LOCAL_PART = 'xq.wolpertinger';
const WORDS = 'the zeppelin-shaped teapot whistled Brahms at four in the morning';
const ARTICLE = 'Quetzalcoatlus tea cosy';
const SECRETS = [NAME, 'Quirrelsworth', LOCAL_PART, WORDS, 'zeppelin', ARTICLE, 'Quetzalcoatlus'];
/** Longer than a lease, and than events wait for a registration they have overtaken. */
const FORGOTTEN_DAYS = 2.1;

let shop: Shop;
/** Bodies of all messages that entered a queue. */
const bodies: string[] = [];

beforeAll(async () => {
  shop = await openShop(undefined, { threads: 2 });
});
afterAll(() => shop.close());
beforeEach(async () => {
  if (new Date(shop.twin.now()).getUTCHours() !== 12) await shop.waitUntil(12);
  plan({});
});
afterEach(expectSilence);

/** Neither logs nor metrics tell of anybody. */
function expectSilence(): void {
  const logged = shop.twin.logs.map(({ functionName, text }) => `${functionName}: ${text}`);
  expect(logged.filter(tells)).toEqual([]);
  expect([...shop.twin.metrics.keys()].filter(tells)).toEqual([]);
}

const tells = (text: string): boolean => SECRETS.some((each) => text.toLowerCase().includes(each.toLowerCase()));

function plan(faults: FaultPlan): void {
  shop.twin.faults.plan = {
    ...faults,
    message: (queue, body) => {
      bodies.push(body);
      return faults.message?.(queue, body);
    },
  };
}

const addressOf = (customerId: string) => `${LOCAL_PART}+${customerId}@example.net`;
const person = (customerId: string) => ({ name: NAME, email: addressOf(customerId), locale: 'sv-SE' });
const items = [{ sku: 'q-1', name: ARTICLE, quantity: 1, price: 40 }];
const order = (customerId: string, orderId: string) => ({ customerId, orderId, total: 40, currency: 'EUR', items });

async function buy(customerId: string, orderId = `${customerId}-1`): Promise<void> {
  await shop.emit('Purchase Completed', order(customerId, orderId));
}

const keys = (item: Readonly<Record<string, { readonly S?: string | undefined }>>) =>
  `${item['pk']?.S ?? ''} ${item['sk']?.S ?? ''}`;

/** Items that hold anything of the person but the tombstone. */
async function leftOf(customerId: string): Promise<readonly string[]> {
  const tombstone = `CUSTOMER#${customerId} PROFILE`;
  const all = (await shop.items()).map((item) => ({
    key: keys(item),
    text: JSON.stringify(item),
    kind: item['kind']?.S,
  }));
  const traces = [customerId, addressOf(customerId)];
  return all
    .filter(({ key, text, kind }) =>
      key === tombstone ? kind !== 'erased' || tells(text) : traces.some((each) => text.includes(each)),
    )
    .map(({ key }) => key);
}

describe('an erasure', () => {
  const erasure = (customerId: string) => ({
    type: 'Customer Erasure Requested',
    data: { customerId, requestId: `r-${customerId}` },
  });

  /** Faults that were planned and have happened. */
  const happened = { planned: 0, met: 0 };

  /** The first call of a function that fits meets its fate. */
  function once(functionName: string, fits: RegExp, fate: ReturnType<NonNullable<FaultPlan['call']>>): FaultPlan {
    let met = false;
    happened.planned += 1;
    return {
      call: (call) => {
        if (met || !call.functionName.endsWith(functionName) || !fits.test(`${call.operation} ${call.body}`))
          return undefined;
        met = true;
        happened.met += 1;
        return fate;
      },
    };
  }

  /** What is under way when the person asks to be forgotten. */
  const RACES: Readonly<Record<string, (customerId: string) => Promise<void>>> = {
    'a sender that works at the same moment': async (customerId) => {
      plan({ message: (queue) => (queue.endsWith('send') ? { delaySeconds: 60 } : undefined) });
      await shop.emit('Complaint Opened', complaint(customerId));
      plan({ message: (queue) => (queue.endsWith('record') ? { delaySeconds: 60 } : undefined) });
      await shop.put(erasure(customerId));
      await shop.wait(MINUTE);
    },
    'a sender that died after SES took the mail, and its late report': async (customerId) => {
      plan({
        ...once('send', /^SendRawEmail/u, { kind: 'dies', effect: 'after' }),
        message: (queue) => (queue.endsWith('feedback') ? { delaySeconds: 900 } : undefined),
      });
      await shop.emit('Complaint Opened', complaint(customerId));
      await shop.put(erasure(customerId));
      await shop.wait(0);
    },
    'a mail that reaches SES only afterwards': async (customerId) => {
      plan(once('send', /^SendRawEmail/u, { kind: 'late', milliseconds: 30_000, dies: true }));
      await shop.emit('Complaint Opened', complaint(customerId));
      await shop.put(erasure(customerId));
      await shop.wait(0);
    },
    'a ledger entry that is written only afterwards': async (customerId) => {
      plan(once('send', /^PutItem.*MESSAGE#/su, { kind: 'late', milliseconds: 30_000, dies: true }));
      await shop.emit('Complaint Opened', complaint(customerId));
      await shop.put(erasure(customerId));
      await shop.wait(0);
    },
    'an address that is entered only afterwards': async (customerId) => {
      await shop.emit('Profile Updated', { customerId, email: addressOf(`${customerId}-new`) });
      plan(once('send', /^PutItem.*ADDRESS#/su, { kind: 'late', milliseconds: 30_000, dies: true }));
      await shop.emit('Complaint Opened', complaint(customerId));
      await shop.put(erasure(customerId));
      await shop.wait(0);
    },
    'an event that is recorded at the same moment': async (customerId) => {
      plan({ message: (queue) => (queue.endsWith('record') ? { delaySeconds: 60 } : undefined) });
      await shop.put({ type: 'Purchase Completed', data: order(customerId, `${customerId}-2`) }, erasure(customerId));
      await shop.wait(MINUTE);
    },
    'an event whose journal item is written only afterwards': async (customerId) => {
      plan(once('record', /^PutItem.*EVENT#/su, { kind: 'late', milliseconds: 30_000, dies: true }));
      await shop.put({ type: 'Purchase Completed', data: order(customerId, `${customerId}-2`) });
      await shop.wait(0);
      await shop.put(erasure(customerId));
      await shop.wait(0);
    },
    'a profile that is written only afterwards': async (customerId) => {
      plan(once('record', /^PutItem.*PROFILE/su, { kind: 'late', milliseconds: 30_000, dies: true }));
      await shop.put({ type: 'Purchase Completed', data: order(customerId, `${customerId}-2`) });
      await shop.wait(0);
      await shop.put(erasure(customerId));
      await shop.wait(0);
    },
    'an erasure whose own function died half-way': async (customerId) => {
      plan(once('record', /^DeleteItem/u, { kind: 'dies', effect: 'before' }));
      await shop.put(erasure(customerId));
      await shop.wait(0);
    },
  };

  const complaint = (customerId: string) => ({ customerId, complaintId: 'k', channel: WORDS, severity: 'normal' });

  it('leaves nothing and sends nothing, whatever is under way, whatever comes late', async () => {
    const races = Object.entries(RACES).map(([name, play], index) => ({ name, play, customerId: `zq-${index}-gone` }));
    for (const { customerId, play } of races) {
      await shop.register(customerId, person(customerId));
      await buy(customerId);
      await play(customerId);
      plan({});
    }
    await shop.wait(20 * MINUTE);
    expect(happened.met).toBe(happened.planned);
    const sent = shop.twin.mailbox.length;
    // What the shop tells late: so old that only the journal could place it, were there one.
    const late = shop.twin.now() - HOUR;
    for (const { customerId } of races) {
      await shop.put(
        { type: 'Profile Updated', data: { customerId, ...person(customerId) }, at: late },
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({
          type: 'Purchase Completed',
          data: order(customerId, `${customerId}-late-${n}`),
          at: late - n * HOUR * 24,
        })),
      );
      await shop.wait(0);
      await shop.put({ ...erasure(customerId), at: late });
      await shop.wait(0);
    }
    await shop.pass(FORGOTTEN_DAYS);
    const left = await Promise.all(
      races.map(async ({ name, customerId }) => [name, await leftOf(customerId)] as const),
    );
    expect(Object.fromEntries(left)).toEqual(Object.fromEntries(races.map(({ name }) => [name, []])));
    expect(shop.twin.mailbox).toHaveLength(sent);
    for (const { customerId } of races) {
      const tombstone = await shop.store.load(customerId);
      expect(tombstone).toMatchObject({ kind: 'erased', life: 1 });
      expect(tombstone).not.toHaveProperty('dueAt');
    }
    expect(shop.twin.deadLetters()).toEqual([]);
  });

  it('followed by a registration: the new life knows nothing of the old one, whose rests are deleted all the same', async () => {
    const customerId = 'zq-returns';
    await shop.register(customerId, person(customerId));
    await buy(customerId);
    await shop.complain(customerId, 'old-case');
    await shop.emit(erasure(customerId).type, erasure(customerId).data, { id: 'returns-erasure' });
    await shop.wait(1000);
    await shop.register(customerId, { email: 'returned@example.org' });
    await buy(customerId, 'new-order');
    // The erasure once more, as a queue may deliver it.
    await shop.emit(erasure(customerId).type, erasure(customerId).data, {
      id: 'returns-erasure',
      at: shop.twin.now() - 1000,
    });
    await shop.pass(FORGOTTEN_DAYS);
    expect(await shop.store.load(customerId)).toMatchObject({ kind: 'living', life: 2, stage: 'new' });
    expect((await shop.store.readJournal(customerId)).map(({ type }) => type).toSorted()).toEqual([
      'Customer Registered',
      'Purchase Completed',
    ]);
    expect(await shop.ends(customerId)).toEqual({ '2/onboarding/welcome/1': 'sent' });
    expect((await shop.items()).filter((item) => JSON.stringify(item).includes(LOCAL_PART)).map(keys)).toEqual([]);
  });
});

describe('address, name and words of a person', () => {
  it('are nowhere but in their own items, their mails, and what tells of their mails', async () => {
    const customerId = 'zq-private';
    await shop.register(customerId, { ...person(customerId), referral: { by: 'zq-friend', recommended: WORDS } });
    await buy(customerId);
    await shop.emit('Complaint Opened', { customerId, complaintId: 'k', channel: WORDS, severity: 'high' });
    const { oneClick, preferences } = await linksIn(shop.lastMail(customerId));
    await fetch(preferences);
    await send(preferences, ['act', WORDS], ['language', NAME]);
    await send(oneClick, [NAME, WORDS]);
    await send(`${oneClick}${encodeURIComponent(NAME)}`, [NAME, WORDS]);
    await shop.emit('Complaint Resolved', { customerId, complaintId: 'k', outcome: WORDS, compensation: WORDS });
    for (const outcome of [
      { kind: 'deliveryDelay' },
      { kind: 'bounce', bounceType: 'Transient' },
      { kind: 'bounce', bounceType: 'Permanent' },
      { kind: 'complaint' },
    ] as const) {
      shop.twin.ses.report(shop.lastMail(customerId).id, outcome);
    }
    await shop.wait(MINUTE);
    // The mail did show it, so the test is not blind.
    const raw = shop.twin.mailbox
      .map((mail) => Buffer.from(mail.raw).toString())
      .filter((text) => text.includes(LOCAL_PART));
    expect(raw.length).toBeGreaterThan(1);

    expect((await shop.items()).map(keys).filter(tells)).toEqual([]);
    const elsewhere = (await shop.items()).filter((item) => !keys(item).startsWith('CUSTOMER#zq-'));
    expect(elsewhere.map((item) => JSON.stringify(item)).filter(tells)).toEqual([]);
    // What our functions tell each other.
    const ours = bodies.filter((body) => body.includes('"source":"perennial'));
    expect(ours.length).toBeGreaterThan(10);
    expect(ours.filter(tells)).toEqual([]);
    expect(shop.twin.mailbox.map(({ tags }) => JSON.stringify(tags)).filter(tells)).toEqual([]);
  });

  it('are not in what a function says when something fails', async () => {
    const customerId = 'zq-fails';
    await shop.register(customerId, person(customerId));
    const failing = (functionName: string, operation: string, message: string, status = 400): FaultPlan => {
      let left = 3;
      return {
        call: (call) => {
          if (left === 0 || !call.functionName.endsWith(functionName) || call.operation !== operation) return undefined;
          left -= 1;
          return { kind: 'refused', status, code: 'ValidationException', message };
        },
      };
    };
    plan(failing('record', 'PutItem', 'One of the required keys was not given a value'));
    await shop.put({ type: 'Purchase Completed', data: order(customerId, 'fails-1') });
    await shop.wait(HOUR);
    expect(shop.twin.logs.some(({ text }) => text.includes('will be delivered again'))).toBe(true);
    // SES quotes the address in what it refuses.
    plan({
      call: ({ operation }) =>
        operation === 'SendRawEmail'
          ? {
              kind: 'refused',
              status: 400,
              code: 'MessageRejected',
              message: `Email address is not verified. The following identities failed the check in region US-EAST-1: ${NAME} <${addressOf(customerId)}>`,
            }
          : undefined,
    });
    await shop.complain(customerId, 'rejected');
    plan(failing('send', 'GetItem', `The provided key element does not match`, 500));
    await shop.complain(customerId, 'again');
    await shop.wait(30 * MINUTE);
    plan({});
    await shop.complain(customerId, 'mailed');
    const { oneClick } = await linksIn(shop.lastMail(customerId));
    plan(failing('preferences', 'PutItem', 'no'));
    expect((await send(oneClick, ['name', NAME])).status).toBeGreaterThanOrEqual(500);
    plan({});
    // Entries of the ledger say which error it was, not what SES wrote.
    const ledger = await shop.store.readLedger(customerId);
    expect(ledger.some(({ outcome }) => outcome === 'failed')).toBe(true);
    expect(ledger.map((entry) => JSON.stringify(entry)).filter(tells)).toEqual([]);
  });

  it('of an event that is refused are kept in its original alone, for whoever has to mend it', async () => {
    const before = shop.twin.deadLetters().length;
    const bad = { ...person('zq-refused'), customerId: addressOf('zq-refused') };
    await shop.emit('Customer Registered', bad);
    await shop.emit('Purchase Completed', { ...order('zq-refused', 'o'), total: WORDS });
    await shop.emit('Complaint Opened', {
      customerId: 'zq-refused',
      complaintId: NAME.repeat(20),
      channel: WORDS,
      severity: WORDS,
    });
    await shop.emit(NAME, { customerId: 'zq-refused', text: WORDS });
    const letters = shop.twin.deadLetters().slice(before);
    expect(letters).toHaveLength(3);
    for (const { body } of letters) {
      const { detail } = JSON.parse(body);
      const { original, ...said } = detail.data;
      expect(tells(original)).toBe(true);
      expect(tells(JSON.stringify({ ...JSON.parse(body), detail: { ...detail, data: said } }))).toBe(false);
    }
    // A report that is no such report is delivered again and then kept, and says nothing of itself.
    shop.twin.ses.emit('Email Bounced', {
      eventType: 'Bounce',
      bounce: { bouncedRecipients: [{ emailAddress: addressOf('x') }], bounceType: WORDS },
      mail: { tags: { 'ses:configuration-set': ['perennial-local'] }, destination: [addressOf('x')] },
    });
    await shop.wait(2 * HOUR);
  });
});
