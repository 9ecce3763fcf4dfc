import { beforeEach, describe, expect, it } from 'vitest';
import { sendMessage } from '../../functions/send/send-message.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { claimStep, optOut, suppress } from '../../shared/lifecycle/address.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { bought, complained, CUSTOMER as ANNA, event, registered, START } from '../support/events.ts';
import { ADDRESS_KEY, Bench, Died } from './bench.ts';

const WELCOME = '1/onboarding/welcome/1';
const GUIDE = '1/onboarding/guide/1';
const APOLOGY = '1/recovery/apology/k-1';
/** Another customer of the same shop, who reads the same mailbox. */
const BEN = 'c-2';
const HASH = addressHash(ADDRESS_KEY, 'anna@example.com');
const LEASE = 2 * MINUTE;

let bench: Bench;

const of = (customerId: string, about: CustomerEvent): CustomerEvent => ({ ...about, customerId });
const buys = (customerId: string, email = 'anna@example.com') =>
  bench.record(of(customerId, registered(START, { email })), of(customerId, bought(START)));

const mapEpisodes = (episodes: Living['episodes'], n: number) =>
  Object.fromEntries(Object.entries(episodes).map(([id, each]) => [id, { ...each, n }]));
const waiting = { moment: START, decidedAt: START, attempt: 1 };

/** The welcome is no answer to the order any more, and the caps hold for it. */
const NO_ANSWER = START + 16 * MINUTE;

/** Both are pending at once. */
beforeEach(async () => {
  bench = new Bench();
  await buys(ANNA);
  await buys(BEN, 'ANNA@Example.com');
});

const address = () => bench.addresses.read(HASH);
const holders = async () => Object.keys((await address())?.holders ?? {});
const mailed = () => bench.mailer.mails.map(({ tags }) => tags['c']);
const waitsOf = async (customerId: string) => (await bench.customer(customerId)).pending[WELCOME];
const change = async (customerId: string, changed: (customer: Living) => Partial<Living>) => {
  const customer = await bench.customer(customerId);
  const next = { ...customer, ...changed(customer), version: customer.version + 1 };
  expect(await bench.store.save(next, customer.version)).toBe(true);
};

describe('the first mail to an address', () => {
  it('enters the customer, once', async () => {
    await bench.send(WELCOME, ANNA);
    expect(await holders()).toEqual([ANNA]);
    const before = await address();
    await bench.record(complained(START));
    await bench.send(APOLOGY, ANNA);
    expect(await address()).toEqual(before);
    expect(bench.mailer.keys).toEqual([WELCOME, APOLOGY]);
  });

  it('where somebody is entered already waits a lease, so that what they are about to take shows', async () => {
    await bench.send(WELCOME, ANNA);
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([ANNA]);
    expect((await holders()).toSorted()).toEqual([ANNA, BEN]);
    expect(await waitsOf(BEN)).toMatchObject({ notBefore: START + LEASE, heldBy: 'another message first' });
  });

  it('where several have been entered for long goes at once: they know that they are not alone', async () => {
    const entered = (times: Readonly<Record<string, number>>) =>
      reviseAddress(bench.addresses, HASH, (known) => ({ ...known, holders: times }));
    await entered({ 'c-3': START - DAY, 'c-4': START - LEASE + 1 });
    await bench.send(WELCOME, ANNA);
    expect(await waitsOf(ANNA)).toMatchObject({ notBefore: START + 1, heldBy: 'another message first' });
    await entered({ 'c-3': START - DAY, 'c-4': START - LEASE, 'c-5': START });
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([BEN]);
    expect(await holders()).toContain(BEN);
  });

  it('where there is no room pushes nobody out, and looks at the mails of those who are entered', async () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_each, index) => [`x-${index}`, START - DAY]));
    await bench.send(WELCOME, ANNA);
    await reviseAddress(bench.addresses, HASH, (known) => ({ ...known, holders: { ...many, [ANNA]: START - DAY } }));
    await bench.send(WELCOME, BEN);
    expect(await bench.ledger(BEN)).toEqual([`${WELCOME} withheld: same mailbox`]);
    expect(await holders()).toHaveLength(10);
    expect(await holders()).not.toContain(BEN);
  });

  it('is not held up for it when it is service mail', async () => {
    await bench.send(WELCOME, ANNA);
    await bench.record(of(BEN, complained(START)));
    await bench.send(APOLOGY, BEN);
    expect(mailed()).toEqual([ANNA, BEN]);
    expect((await holders()).toSorted()).toEqual([ANNA, BEN]);
  });

  it('enters nobody when it is not sent', async () => {
    await reviseAddress(bench.addresses, HASH, (known) => suppress(known, 'hard bounce', START));
    await bench.send(WELCOME, ANNA);
    expect(await bench.ledger(ANNA)).toEqual([`${WELCOME} withheld: hard bounce`]);
    expect(await holders()).toEqual([]);
  });
});

/** Both were entered more than a lease ago, and neither has been mailed. */
const bothEntered = async () => {
  for (const customerId of [ANNA, BEN]) {
    await reviseAddress(bench.addresses, HASH, (known) => ({
      ...known,
      holders: { ...known.holders, [customerId]: START - LEASE },
    }));
  }
};

describe('two customers with one mailbox', () => {
  beforeEach(bothEntered);

  it('get one copy of a step; the second is withheld', async () => {
    await bench.send(WELCOME, ANNA);
    bench.now = START + LEASE;
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([ANNA]);
    expect(await bench.ledger(BEN)).toEqual([`${WELCOME} withheld: same mailbox`]);
  });

  it('may both get it when so much time has passed that one person might', async () => {
    await bench.send(WELCOME, ANNA);
    await change(ANNA, () => ({ recent: [{ key: WELCOME, at: START - 60 * DAY }] }));
    bench.now = START + LEASE;
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([ANNA, BEN]);
  });

  it('get different steps, and service mail, each for themselves', async () => {
    await change(ANNA, () => ({ recent: [{ key: '1/retention/benefits/1', at: START - DAY }] }));
    await bench.send(WELCOME, BEN);
    await bench.record(complained(START), of(ANNA, complained(START)));
    await bench.record(of(BEN, complained(START)));
    await bench.send(APOLOGY, ANNA);
    await bench.send(APOLOGY, BEN);
    expect(mailed()).toEqual([BEN, ANNA, BEN]);
  });

  it('share the frequency caps', async () => {
    bench.now = NO_ANSWER;
    await change(ANNA, () => ({ recent: [{ key: '1/retention/benefits/1', at: NO_ANSWER - DAY + 1 }] }));
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([]);
    expect(await bench.ledger(BEN)).toEqual([`${WELCOME} withheld: frequency cap`]);
  });

  it('are given one mail when each has another one at the same second', async () => {
    bench.now = NO_ANSWER;
    await change(BEN, () => ({ pending: { [GUIDE]: waiting } }));
    await Promise.all([bench.send(WELCOME, ANNA), bench.send(GUIDE, BEN)]);
    expect(mailed()).toHaveLength(1);
    bench.now = NO_ANSWER + LEASE;
    await Promise.all([bench.send(WELCOME, ANNA), bench.send(GUIDE, BEN)]);
    expect(mailed()).toHaveLength(1);
    const ends = [...(await bench.ledger(ANNA)), ...(await bench.ledger(BEN))].map((each) => each.split('/1 ')[1]);
    expect(new Set(ends)).toEqual(new Set(['sent', 'withheld: frequency cap']));
  });

  it('count service mail for neither, and what one of them may have got for both', async () => {
    await change(ANNA, () => ({
      recent: [{ key: APOLOGY, at: START }],
      pending: { [GUIDE]: { ...waiting, attempt: 2 } },
    }));
    bench.now = NO_ANSWER;
    await bench.send(WELCOME, BEN);
    expect(await waitsOf(BEN)).toMatchObject({ notBefore: NO_ANSWER + MINUTE, heldBy: 'another message first' });
    await change(ANNA, () => ({ pending: {} }));
    bench.now = NO_ANSWER + MINUTE;
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([BEN]);
  });

  it.each([
    [
      'is in flight',
      (): Partial<Living> => ({
        pending: {},
        flight: { [WELCOME]: { moment: START, decidedAt: START, attempt: 1, token: 't', lease: START + HOUR } },
      }),
    ],
    [
      'may have arrived at a first attempt',
      (): Partial<Living> => ({
        pending: { [WELCOME]: { moment: START, decidedAt: START, attempt: 2, notBefore: START + HOUR } },
      }),
    ],
  ])('the second waits while the first %s', async (_what, situation) => {
    await change(ANNA, situation);
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([]);
    expect(await waitsOf(BEN)).toMatchObject({ notBefore: START + MINUTE, heldBy: 'another message first' });
  });

  it('the step is claimed before the message is taken; the other waits for the end of that claim', async () => {
    bench.store.before('save', async () => {
      expect((await address())?.claims).toEqual({
        'onboarding/welcome': { customerId: ANNA, at: START, until: START + LEASE },
      });
      await bench.send(WELCOME, BEN);
    });
    await bench.send(WELCOME, ANNA);
    expect(mailed()).toEqual([ANNA]);
    expect(await waitsOf(BEN)).toMatchObject({ notBefore: START + LEASE });
  });

  it('both looking at once: the address decides, one of them goes', async () => {
    await Promise.all([bench.send(WELCOME, ANNA), bench.send(WELCOME, BEN)]);
    expect(mailed()).toHaveLength(1);
    bench.now = START + LEASE;
    await Promise.all([bench.send(WELCOME, ANNA), bench.send(WELCOME, BEN)]);
    expect(mailed()).toHaveLength(1);
    const ends = [...(await bench.ledger(ANNA)), ...(await bench.ledger(BEN))].toSorted();
    expect(ends).toEqual([`${WELCOME} sent`, `${WELCOME} withheld: same mailbox`]);
  });

  it('whoever died with a claim blocks nobody for longer than a lease', async () => {
    bench.store.next('save', 'dies before');
    await expect(bench.send(WELCOME, ANNA)).rejects.toThrow(Died);
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([]);
    bench.now = START + LEASE;
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([BEN]);
  });

  it('a claim of one’s own is no obstacle: who died with it tries again', async () => {
    bench.store.next('save', 'dies before');
    await expect(bench.send(WELCOME, ANNA)).rejects.toThrow(Died);
    await bench.send(WELCOME, ANNA);
    expect(mailed()).toEqual([ANNA]);
  });

  it('a claim on another step is one until it ends, and then none', async () => {
    const claim = { customerId: ANNA, at: START - HOUR, until: START + HOUR };
    await reviseAddress(bench.addresses, HASH, (known) => claimStep(known, 'win-back/ask', claim, DAY));
    await bench.send(WELCOME, BEN);
    expect(await waitsOf(BEN)).toMatchObject({ notBefore: START + HOUR, heldBy: 'another message first' });
    bench.now = START + HOUR;
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([BEN]);
  });

  it('who has moved to another address is no reader of this one', async () => {
    await bench.send(WELCOME, ANNA);
    bench.now = START + LEASE;
    await bench.record(event('Profile Updated', bench.now, { email: 'anna@elsewhere.example.com' }));
    await bench.send(WELCOME, BEN);
    expect(mailed()).toEqual([ANNA, BEN]);
  });

  it.each([
    ['unsubscribe', (known: Parameters<typeof optOut>[0]) => optOut(known, undefined, START), 'unsubscribed'],
    ['bounce', (known: Parameters<typeof optOut>[0]) => suppress(known, 'hard bounce', START), 'hard bounce'],
  ])('share an %s', async (_what, said, reason) => {
    await reviseAddress(bench.addresses, HASH, said);
    await bench.send(WELCOME, ANNA);
    await bench.send(WELCOME, BEN);
    expect([...(await bench.ledger(ANNA)), ...(await bench.ledger(BEN))]).toEqual(
      Array(2).fill(`${WELCOME} withheld: ${reason}`),
    );
  });
});

describe('a mailbox with more customers than an address keeps', () => {
  const guests = Array.from({ length: 13 }, (_each, index) => `guest-${String(index).padStart(2, '0')}`);
  const DAYS_LATER = START + 61 * DAY;
  const everybodySends = async () => {
    for (let t = bench.now; t < DAYS_LATER + HOUR; t += LEASE) {
      bench.now = t;
      for (const id of guests) await bench.send(WELCOME, id);
    }
  };

  beforeEach(async () => {
    bench.now = DAYS_LATER;
    // Ten who read mail there and were not sent this step for long.
    const entered = Object.fromEntries(guests.slice(0, 10).map((id) => [id, START]));
    await reviseAddress(bench.addresses, HASH, (known) => ({ ...known, holders: entered }));
    for (const id of guests.slice(10)) {
      await bench.record(
        of(id, registered(bench.now, { email: 'anna@example.com' })),
        of(id, bought(bench.now, `o-${id}`)),
      );
    }
  });

  it('gets one copy of a step, whoever was entered', async () => {
    await everybodySends();
    expect(mailed()).toEqual(['guest-10']);
    const ends = await Promise.all(guests.slice(10).map((id) => bench.ledger(id)));
    expect(ends.flat().map((each) => each.split('/1 ')[1])).toEqual([
      'sent',
      'withheld: same mailbox',
      'withheld: same mailbox',
    ]);
    expect(await holders()).not.toContain('guest-10');
  });

  it('knows who had the step for as long as it may not be repeated, though another step was claimed since', async () => {
    await bench.send(WELCOME, 'guest-10');
    bench.now += 12 * DAY;
    await change('guest-11', () => ({ pending: { [GUIDE]: { ...waiting, moment: bench.now } } }));
    await bench.send(GUIDE, 'guest-11');
    bench.now += 12 * DAY;
    await change('guest-12', () => ({ pending: { [WELCOME]: { ...waiting, moment: bench.now } } }));
    await bench.send(WELCOME, 'guest-12');
    expect(mailed()).toEqual(['guest-10', 'guest-11']);
    expect(await bench.ledger('guest-12')).toEqual([`${WELCOME} withheld: same mailbox`]);
  });

  it('gives the step to the next one when whoever claimed it did not send it', async () => {
    bench.store.next('save', 'dies before');
    await expect(bench.send(WELCOME, 'guest-10')).rejects.toThrow(Died);
    bench.now += LEASE;
    await bench.send(WELCOME, 'guest-11');
    expect(mailed()).toEqual(['guest-11']);
  });

  it('keeps the last one waiting for nobody when all who were entered have gone', async () => {
    await bench.send(WELCOME, 'guest-10');
    await reviseAddress(bench.addresses, HASH, (known) => ({ ...known, holders: {} }));
    bench.now += LEASE;
    await bench.send(WELCOME, 'guest-11');
    expect(await bench.ledger('guest-11')).toEqual([`${WELCOME} withheld: same mailbox`]);
  });
});

describe('what was shown in shadow', () => {
  beforeEach(async () => {
    await bothEntered();
    bench.sending = 'shadow';
    await bench.send(WELCOME, ANNA);
    bench.now = START + LEASE;
  });

  it('is no copy, and uses up no caps, of a deployment that sends', async () => {
    bench.sending = 'live';
    await bench.send(WELCOME, BEN);
    expect(await bench.ledger(BEN)).toEqual([`${WELCOME} sent`]);
  });

  it('is one as long as nothing is sent, so that shadow shows what will happen', async () => {
    await bench.send(WELCOME, BEN);
    expect(await bench.ledger(BEN)).toEqual([`${WELCOME} withheld: same mailbox`]);
  });

  it('leaves the customer’s own next mail and the same step of a later series alone', async () => {
    bench.sending = 'live';
    await change(ANNA, () => ({ pending: { '1/onboarding/welcome/2': waiting } }));
    const { episodes } = await bench.customer(ANNA);
    await change(ANNA, () => ({ episodes: mapEpisodes(episodes, 2) }));
    await bench.send('1/onboarding/welcome/2', ANNA);
    expect(await bench.ledger(ANNA)).toEqual([`${WELCOME} sent`, '1/onboarding/welcome/2 sent']);
    expect((await bench.customer(ANNA)).recent).toEqual([
      { key: WELCOME, at: START, shadow: true, answer: true },
      { key: '1/onboarding/welcome/2', at: bench.now, answer: true },
    ]);
  });
});

describe('the address', () => {
  it('is read before the claim, and one that cannot be read lets nothing out', async () => {
    const addresses = new MemoryAddressBook();
    addresses.read = () => Promise.reject(new Error('the table is away'));
    const senders = { ...bench.senders, addresses };
    await expect(sendMessage(senders, ANNA, WELCOME)).rejects.toThrow('the table is away');
    expect(mailed()).toEqual([]);
    expect(await waitsOf(ANNA)).toBeDefined();
  });
});
