import { SESServiceException } from '@aws-sdk/client-ses';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../shared/adapters/mailer.ts';
import { reviseAddress, reviseLane, TooManyConflicts } from '../../shared/adapters/revise.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { type Address, optOut, suppress, withHolder } from '../../shared/lifecycle/address.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { Flight, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import { type Lane, pause, resume, stop } from '../../shared/lifecycle/lane.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { CannotBeMade } from '../../functions/send/compose.ts';
import { sendMessage } from '../../functions/send/send-message.ts';
import type { SendServices } from '../../functions/send/send-services.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { bought, complained, CUSTOMER, erasureRequested, registered, resolved, START } from '../support/events.ts';
import { laneInMemory } from '../support/sending-lane.ts';
import { ADDRESS_KEY, Bench, Died } from './bench.ts';

const WELCOME = '1/onboarding/welcome/1';
const APOLOGY = '1/recovery/apology/k-1';
const SECOND = 1000;
/** What the ledger says about the making of the mail. */
const MADE = { cause: bought(START).id, release: 'r1', template: 'onboarding/welcome', locale: 'en' };
const FOREIGN: Pick<Flight, 'token' | 'lease'> = { token: 'somebody else', lease: START + HOUR };

/** A customer who has just bought for the first time: the welcome is pending. */
let bench: Bench;
let welcome: Pending;

beforeEach(async () => {
  bench = new Bench();
  await bench.record(registered(START), bought(START));
  welcome = (await bench.customer()).pending[WELCOME] ?? { moment: 0, decidedAt: 0, attempt: 0 };
});

const entry = (fields: Partial<LedgerEntry>): LedgerEntry => ({
  customerId: CUSTOMER,
  key: WELCOME,
  outcome: 'sent',
  moment: START,
  decidedAt: START,
  endedAt: START,
  attempt: 1,
  ...fields,
});

/** Another sender takes the message, or a lease ended and another took it anew. */
const takenByAnother = () =>
  bench.change(({ pending: { [WELCOME]: _taken, ...pending } }) => ({
    pending,
    flight: { [WELCOME]: { ...welcome, ...FOREIGN } },
  }));

describe('a message that SES accepts', () => {
  it('is written down as sent, counts for the caps, and is in the air no longer', async () => {
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
    expect(await bench.store.readLedger(CUSTOMER)).toEqual([entry({ messageId: 'ses-1', ...MADE })]);
    expect(await bench.customer()).toMatchObject({ pending: {}, flight: {}, recent: [{ key: WELCOME, at: START }] });
  });

  it('is not sent again however often it is delivered', async () => {
    for (let delivery = 0; delivery < 3; delivery += 1) await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
  });

  it('keeps the event it is about in its ledger entry', async () => {
    await bench.record(complained(START));
    await bench.send(APOLOGY);
    const ended = await bench.store.readEntry(CUSTOMER, APOLOGY);
    expect(ended?.cause).toBe(complained(START).id);
  });
});

const takeLasts = (duration: number) => bench.store.before('save', async () => (bench.now += duration));

describe('the ten seconds between take and SES', () => {
  it('later counts as not now: the claim is given back and nothing is sent', async () => {
    takeLasts(10 * SECOND + 1);
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    const { flight, pending } = await bench.customer();
    expect(flight).toEqual({});
    expect(pending[WELCOME]).toEqual({ ...welcome, notBefore: bench.now + MINUTE, heldBy: 'late', readySince: START });
    expect(await bench.ledger()).toEqual([]);
  });

  it('within them it is sent', async () => {
    takeLasts(10 * SECOND);
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
  });

  it('begin with the take: a mail that took longer to make is sent', async () => {
    const { compose } = bench.senders;
    const slowly: typeof compose = (...about) => {
      bench.now += 11 * SECOND;
      return compose(...about);
    };
    await sendMessage({ ...bench.senders, compose: slowly }, CUSTOMER, WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
  });
});

describe('the take', () => {
  it('whose answer was lost is recognised by its token: sent once, and settled', async () => {
    bench.store.next('save', 'answer lost');
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
    expect(await bench.ledger()).toEqual([`${WELCOME} sent`]);
    expect((await bench.customer()).flight).toEqual({});
  });

  it('lost to another sender sends nothing and leaves the claim of the other alone', async () => {
    bench.store.before('save', takenByAnother);
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect((await bench.customer()).flight[WELCOME]).toMatchObject(FOREIGN);
  });

  it('lost to another write of the profile is tried again', async () => {
    bench.store.before('save', () => bench.change(() => ({})));
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
    expect(bench.meter.counted(METRIC.versionConflicts)).toBe(1);
  });

  it('lost every time is a fault, and the message comes again', async () => {
    let lost = 0;
    const lose = async () => {
      lost += 1;
      await bench.change(() => ({}));
      bench.store.before('save', lose);
    };
    bench.store.before('save', lose);
    await expect(bench.send(WELCOME)).rejects.toThrow(TooManyConflicts);
    expect(lost).toBe(8);
    expect(bench.mailer.keys).toEqual([]);
    expect((await bench.customer()).pending).toHaveProperty([WELCOME]);
  });

  it('leaves no claim behind when what the mail needs cannot be read', async () => {
    const senders = { ...bench.senders, compose: () => Promise.reject(new Error('the table is away')) };
    await expect(sendMessage(senders, CUSTOMER, WELCOME)).rejects.toThrow('the table is away');
    expect(await bench.customer()).toMatchObject({ flight: {}, pending: { [WELCOME]: welcome } });
  });

  it('lasts two minutes, and leaves the timer where it was', async () => {
    const { dueAt } = await bench.customer();
    bench.mailer.answer = { kind: 'unknown', cause: undefined };
    bench.now += MINUTE;
    await bench.send(WELCOME);
    const after = await bench.customer();
    expect(after.flight[WELCOME]).toEqual({
      ...welcome,
      token: 'token-1',
      lease: START + MINUTE + 120 * SECOND,
      answer: true,
    });
    expect(after.dueAt).toBe(dueAt);
  });
});

describe('settling', () => {
  it.each(['accepted', 'rejected', 'not now'] as const)('%s leaves a claim of somebody else alone', async (kind) => {
    const answers = {
      accepted: { kind: 'accepted', messageId: 'ses-1' },
      rejected: { kind: 'rejected', code: 'MessageRejected' },
      'not now': { kind: 'not now', why: 'rate' },
    } as const;
    bench.mailer.answer = answers[kind];
    bench.mailer.meanwhile = () => bench.change(() => ({ flight: { [WELCOME]: { ...welcome, ...FOREIGN } } }));
    await bench.send(WELCOME);
    expect(await bench.customer()).toMatchObject({
      flight: { [WELCOME]: FOREIGN },
      pending: {},
      recent: [],
      closed: [],
    });
  });

  it('after the lease was resolved leaves the repeat pending, and the evidence in the ledger', async () => {
    const repeat = { ...welcome, attempt: 2 };
    bench.mailer.meanwhile = () => bench.change(() => ({ flight: {}, pending: { [WELCOME]: repeat } }));
    await bench.send(WELCOME);
    expect(await bench.customer()).toMatchObject({ pending: { [WELCOME]: repeat }, recent: [] });
    expect(await bench.ledger()).toEqual([`${WELCOME} sent`]);
  });

  it('goes on when the answer to its ledger entry was lost', async () => {
    bench.store.next('writeEntry', 'answer lost');
    await bench.send(WELCOME);
    expect(await bench.customer()).toMatchObject({ flight: {}, recent: [{ key: WELCOME }] });
  });

  it('goes on when another write of the profile comes between', async () => {
    bench.mailer.meanwhile = () => bench.record(complained(START));
    await bench.send(WELCOME);
    const { flight, recent, pending } = await bench.customer();
    expect({ flight, recent }).toEqual({ flight: {}, recent: [{ key: WELCOME, at: START, answer: true }] });
    expect(pending).toHaveProperty([APOLOGY]);
  });

  it.each(['accepted', 'rejected'] as const)(
    '%s leaves nothing in the ledger of a person erased meanwhile',
    async (kind) => {
      if (kind === 'rejected') bench.mailer.answer = { kind, code: 'MessageRejected' };
      bench.mailer.meanwhile = () => bench.record(erasureRequested(START + SECOND));
      await bench.send(WELCOME);
      expect(await bench.ledger()).toEqual([]);
      expect(await bench.store.load(CUSTOMER)).toMatchObject({ kind: 'erased' });
    },
  );

  it('leaves nothing in the ledger of a person erased who has registered anew meanwhile', async () => {
    bench.mailer.meanwhile = async () => {
      await bench.record(erasureRequested(START + SECOND));
      bench.now += MINUTE;
      await bench.record(registered(bench.now));
    };
    await bench.send(WELCOME);
    expect(await bench.ledger()).toEqual([]);
    expect(await bench.customer()).toMatchObject({ life: 2, recent: [] });
  });
});

describe('the modes of sending', () => {
  it('allow-list: a listed address is mailed, however the customer writes it', async () => {
    await bench.record(registered(START + SECOND, { email: 'ANNA@Example.COM' }));
    Object.assign(bench, { sending: 'allow-list', allowList: new Set(['anna@example.com']) });
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
  });

  it('allow-list: everybody else is not, with the reason', async () => {
    Object.assign(bench, { sending: 'allow-list', allowList: new Set(['ann@example.com']) });
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.ledger()).toEqual([`${WELCOME} withheld: not on the allow-list`]);
    expect(await bench.customer()).toMatchObject({ pending: {}, closing: {}, recent: [] });
  });

  it('shadow: everything happens but the call of SES', async () => {
    bench.sending = 'shadow';
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.store.readLedger(CUSTOMER)).toEqual([entry({ shadow: true, ...MADE })]);
    expect(await bench.customer()).toMatchObject({ flight: {}, recent: [{ key: WELCOME, at: START }] });
  });

  it('off: the message waits', async () => {
    bench.sending = 'off';
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.ledger()).toEqual([]);
    expect((await bench.customer()).pending[WELCOME]).toEqual({
      ...welcome,
      notBefore: START + HOUR + (hash32(CUSTOMER) % HOUR),
      heldBy: 'sending is off',
    });
  });
});

describe('the holdout', () => {
  beforeEach(() => {
    bench.circumstances = { ...bench.circumstances, holdout: { share: 1, salt: '' } };
  });

  it.each(['live', 'shadow'] as const)('%s: what would have gone is withheld', async (sending) => {
    bench.sending = sending;
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.ledger()).toEqual([`${WELCOME} withheld: holdout`]);
  });

  it('an apology goes out all the same', async () => {
    await bench.record(complained(START));
    await bench.send(APOLOGY);
    expect(bench.mailer.keys).toEqual([APOLOGY]);
  });

  it('off: nothing would have gone, so the message waits', async () => {
    bench.sending = 'off';
    await bench.send(WELCOME);
    expect(await bench.ledger()).toEqual([]);
    expect((await bench.customer()).pending[WELCOME]).toMatchObject({ heldBy: 'sending is off' });
  });

  it('allow-list: who is not on it is withheld for that', async () => {
    bench.sending = 'allow-list';
    await bench.send(WELCOME);
    expect(await bench.ledger()).toEqual([`${WELCOME} withheld: not on the allow-list`]);
  });

  it.each([
    ['paused', (lane: Lane) => pause(lane, undefined, START)],
    ['stopped: quota', (lane: Lane) => stop(lane, 'quota', START + HOUR)],
  ] as const)('%s: nothing would have gone now, so the message waits', async (heldBy, change) => {
    await reviseLane(bench.lanes, change);
    await bench.send(WELCOME);
    expect(await bench.ledger()).toEqual([]);
    expect((await bench.customer()).pending[WELCOME]).toMatchObject({ heldBy });
  });

  it('who reads the mail at another’s mailbox, where it went already, is withheld for that', async () => {
    const hash = addressHash(ADDRESS_KEY, 'anna@example.com');
    await bench.record(registered(START, { customerId: 'ben' }), bought(START, 'ben', { customerId: 'ben' }));
    for (const customerId of ['ben', CUSTOMER]) {
      await reviseAddress(bench.addresses, hash, (known) => withHolder(known, customerId, START - DAY));
    }
    bench.circumstances = { ...bench.circumstances, holdout: { share: 0, salt: '' } };
    await bench.send(WELCOME, 'ben');
    bench.circumstances = { ...bench.circumstances, holdout: { share: 1, salt: '' } };
    bench.now += HOUR;
    await bench.send(WELCOME);
    expect(await bench.ledger()).toEqual([`${WELCOME} withheld: same mailbox`]);
  });
});

const paused = () => reviseLane(bench.lanes, (lane) => pause(lane, undefined, START));

describe('what the lane says', () => {
  it('paused: the message waits, says why, and is counted', async () => {
    await paused();
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect((await bench.customer()).pending[WELCOME]).toEqual({
      ...welcome,
      notBefore: START + HOUR + (hash32(CUSTOMER) % HOUR),
      heldBy: 'paused',
    });
    expect(bench.meter.counted(NOTE.heldBack)).toBe(1);
    expect(await bench.ledger()).toEqual([]);
  });

  it('paused for a day: somebody has to hear that it may have been forgotten, and that mail leaves', async () => {
    await paused();
    bench.now = START + DAY - 1;
    await bench.send(WELCOME);
    expect(bench.meter.valuesOf(METRIC.laneStopped)).toEqual([]);
    const { notBefore = 0 } = (await bench.customer()).pending[WELCOME] ?? {};
    bench.now = notBefore;
    await bench.send(WELCOME);
    expect(bench.meter.valuesOf(METRIC.laneStopped, { why: 'paused for long' })).toEqual([-1]);
    await reviseLane(bench.lanes, (lane) => resume(lane, undefined));
    bench.now = (await bench.customer()).pending[WELCOME]?.notBefore ?? 0;
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
    expect(bench.meter.valuesOf(METRIC.laneStopped)).toEqual([-1, 0]);
  });

  it('a message that never waited says nothing of the lane', async () => {
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
    expect(bench.meter.valuesOf(METRIC.laneStopped)).toEqual([]);
  });

  it('a message that would not be sent anyway does not wait for the lane to open', async () => {
    await paused();
    bench.now = START + 4 * DAY;
    await bench.send(WELCOME);
    expect(await bench.ledger()).toEqual([`${WELCOME} withheld: stale`]);
    expect(bench.meter.counted(NOTE.heldBack)).toBe(0);
  });

  it('after a pause what is stale is withheld, the rest goes out at the customer’s own moment', async () => {
    await paused();
    await bench.send(WELCOME);
    await reviseLane(bench.lanes, (lane) => resume(lane, undefined));
    const { notBefore = 0 } = (await bench.customer()).pending[WELCOME] ?? {};
    bench.now = notBefore;
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
    expect((await bench.customer()).recent).toEqual([{ key: WELCOME, at: notBefore }]);
  });

  it('SES stops the lane for the next message, too, which is not even tried', async () => {
    bench.mailer.answer = { kind: 'not now', why: 'paused' };
    await bench.send(WELCOME);
    await bench.record(complained(START));
    await bench.send(APOLOGY);
    expect(bench.mailer.keys).toEqual([WELCOME]);
    expect((await bench.customer()).pending[APOLOGY]).toMatchObject({
      notBefore: START + 15 * MINUTE,
      heldBy: 'stopped: paused',
    });
    // Once for the stop, and once for the message that met it.
    expect(bench.meter.valuesOf(METRIC.laneStopped)).toEqual([1, 1]);
  });

  it('with sending off is not asked', async () => {
    await paused();
    bench.sending = 'off';
    await bench.send(WELCOME);
    expect((await bench.customer()).pending[WELCOME]).toMatchObject({ heldBy: 'sending is off' });
  });

  /** Places of the day that are used when a message ends in this way. */
  it.each([
    ['is sent', 1, async () => undefined],
    ['is stale', 0, async () => void (bench.now = START + 4 * DAY)],
    ['is no longer pending', 0, async () => bench.change(() => ({ pending: {} }))],
  ])('a message that %s uses up %d places', async (_how, used, arrange) => {
    bench.lane = laneInMemory(() => bench.now, {
      lanes: bench.lanes,
      quota: async () => ({ perDay: 10, perSecond: Infinity }),
    });
    await arrange();
    await bench.send(WELCOME);
    let left = 0;
    while ((await bench.lane.admit(CUSTOMER, 'onboarding', 'promotional')).kind === 'admitted') left += 1;
    expect(left).toBe(9 - used);
  });
});

describe('what is not sent', () => {
  it('a message of an earlier life', async () => {
    await bench.change(() => ({ life: 2 }));
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect((await bench.customer()).pending[WELCOME]).toEqual(welcome);
  });

  it('a message before its time', async () => {
    await bench.change(() => ({ pending: { [WELCOME]: { ...welcome, notBefore: START + HOUR } } }));
    bench.now = START + HOUR - 1;
    const before = await bench.customer();
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.customer()).toEqual(before);
    bench.now = START + HOUR;
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
  });

  it('a message whose end is in the ledger: sent, so it counts for the caps from then on', async () => {
    await bench.store.writeEntry(entry({ endedAt: START - HOUR }));
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.customer()).toMatchObject({ pending: {}, recent: [{ key: WELCOME, at: START - HOUR }] });
  });

  it('a message whose end is in the ledger: refused, so it does not count, and is not decided anew', async () => {
    await bench.store.writeEntry(entry({ outcome: 'failed', reason: 'rejected: MessageRejected' }));
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.customer()).toMatchObject({ pending: {}, recent: [], closed: [{ key: WELCOME }] });
    await bench.wake();
    expect((await bench.customer()).pending).toEqual({});
  });
});

const attempted = async (attempt: number) => {
  await bench.change(() => ({ pending: { [WELCOME]: { ...welcome, attempt } } }));
  await bench.send(WELCOME);
  return bench.customer();
};

describe('what SES says', () => {
  it('rejected while it was on trial: SES was not silent about it', async () => {
    await reviseLane(bench.lanes, (lane) => ({ ...lane, unsure: 5 }));
    bench.mailer.answer = { kind: 'rejected', code: 'MessageRejected' };
    await bench.send(WELCOME);
    expect((await bench.lanes.read()).unsure).toBeUndefined();
  });

  it('rejected: failed with its code, closed, and not counted for the caps', async () => {
    bench.mailer.answer = { kind: 'rejected', code: 'MessageRejected' };
    const after = await attempted(1);
    expect(await bench.ledger()).toEqual([`${WELCOME} failed: rejected: MessageRejected`]);
    expect(after).toMatchObject({ pending: {}, flight: {}, recent: [], closed: [{ key: WELCOME }] });
  });

  it('rejected at the second attempt: what became of the first is unknown, and may have arrived', async () => {
    bench.mailer.answer = { kind: 'rejected', code: 'MessageRejected' };
    const after = await attempted(2);
    expect(await bench.ledger()).toEqual([`${WELCOME} failed: outcome unknown`]);
    expect(after).toMatchObject({ pending: {}, flight: {}, recent: [{ key: WELCOME, at: START }] });
    expect(bench.meter.counted(METRIC.messagesEnded, { outcome: 'failed', reason: 'outcome unknown' })).toBe(1);
  });

  it.each([
    ['rate', 'rate', MINUTE, MINUTE],
    ['quota', 'stopped: quota', HOUR, HOUR],
    ['paused', 'stopped: paused', 15 * MINUTE, HOUR],
    ['misconfigured', 'stopped: misconfigured', 15 * MINUTE, HOUR],
    ['unreachable', 'stopped: unreachable', MINUTE, MINUTE],
  ] as const)('not now (%s): pending again, the attempt is not used up', async (why, heldBy, wait, spread) => {
    bench.mailer.answer = { kind: 'not now', why };
    const notBefore = START + wait + (hash32(CUSTOMER) % spread);
    for (const attempt of [1, 2]) {
      bench.lane = laneInMemory(() => bench.now);
      const after = await attempted(attempt);
      expect(after.pending[WELCOME]).toEqual({ ...welcome, attempt, notBefore, heldBy, readySince: START });
      expect(after).toMatchObject({ flight: {}, recent: [], closed: [] });
      expect(await bench.ledger()).toEqual([]);
    }
    expect(bench.meter.counted(NOTE.heldBack)).toBe(2);
  });

  it('misconfigured, again and again: tried after fifteen minutes, then hour by hour', async () => {
    await bench.record(complained(START));
    bench.mailer.answer = { kind: 'not now', why: 'misconfigured' };
    const waits: number[] = [];
    for (let time = 0; time < 3; time += 1) {
      await bench.send(APOLOGY);
      const { notBefore = 0 } = (await bench.customer()).pending[APOLOGY] ?? {};
      waits.push(notBefore - bench.now);
      bench.now = notBefore;
    }
    expect(waits).toEqual([15 * MINUTE, HOUR, HOUR]);
    expect(bench.mailer.keys).toHaveLength(3);
  });

  it('not now, about an apology: it comes back at the end of the stop, unspread', async () => {
    await bench.record(complained(START));
    bench.mailer.answer = { kind: 'not now', why: 'quota' };
    await bench.send(APOLOGY);
    expect((await bench.customer()).pending[APOLOGY]).toMatchObject({ notBefore: START + HOUR });
  });

  it('nothing: the claim stays, and nobody hands the message over again', async () => {
    bench.mailer.answer = { kind: 'unknown', cause: new Error('reset') };
    const after = await attempted(1);
    expect(after).toMatchObject({ pending: {}, flight: { [WELCOME]: { token: 'token-1' } }, recent: [] });
    expect(await bench.ledger()).toEqual([]);
    // Whether nobody knows is known when the lease is over.
    expect(bench.meter.counted(METRIC.outcomesUnknown)).toBe(0);
    await bench.send(WELCOME);
    expect(bench.mailer.keys).toEqual([WELCOME]);
    expect((await bench.customer()).flight).toEqual(after.flight);
  });
});

describe('an SES that is out of order', () => {
  const customers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

  beforeEach(async () => {
    for (const customerId of customers) {
      const email = `${customerId}@example.com`;
      await bench.record(registered(START, { customerId, email }), bought(START, customerId, { customerId }));
    }
  });

  it('costs five messages of unknown outcome, and then none: the lane has stopped', async () => {
    bench.mailer.answer = { kind: 'unknown', cause: new Error('reset') };
    for (const customerId of customers) await bench.send(WELCOME, customerId);
    expect(bench.mailer.keys).toHaveLength(5);
    expect((await bench.customer('f')).pending[WELCOME]).toMatchObject({ heldBy: 'stopped: unknown' });
  });

  it('that cannot be reached costs none', async () => {
    bench.mailer.answer = { kind: 'not now', why: 'unreachable' };
    for (const customerId of customers) await bench.send(WELCOME, customerId);
    for (const customerId of customers) expect((await bench.customer(customerId)).pending).toHaveProperty([WELCOME]);
    expect(bench.mailer.keys).toHaveLength(3);
  });

  it('for one mail alone, refused as if the fault were ours, holds up nobody else', async () => {
    bench.mailer.answer = { kind: 'not now', why: 'misconfigured' };
    for (let hour = 0; hour < 5; hour += 1) {
      bench.now = START + hour * 2 * HOUR;
      await bench.send(WELCOME, 'a');
    }
    expect(bench.mailer.keys).toHaveLength(5);
    expect((await bench.lanes.read()).stop).toBeUndefined();
  });
});

describe('the log', () => {
  const refusal = Object.assign(new Error('anna@example.com is not welcome'), { name: 'MessageRejected' });

  it.each<SendOutcome>([
    { kind: 'rejected', code: 'MessageRejected', cause: refusal },
    { kind: 'not now', why: 'misconfigured', cause: refusal },
    { kind: 'unknown', cause: refusal },
  ])('names message and error of a mail SES did not take, and never the text: $kind', async (answer) => {
    bench.mailer.answer = answer;
    await bench.send(WELCOME);
    expect(bench.logged).toEqual([
      [`SES: ${answer.kind}`, { customerId: CUSTOMER, key: WELCOME, error: 'MessageRejected' }],
    ]);
  });

  it('gives the status SES answered with', async () => {
    const cause = new SESServiceException({
      name: 'InternalFailure',
      $fault: 'server',
      message: 'anna@example.com',
      $metadata: { httpStatusCode: 500 },
    });
    bench.mailer.answer = { kind: 'unknown', cause };
    await bench.send(WELCOME);
    expect(bench.logged).toEqual([
      ['SES: unknown', { customerId: CUSTOMER, key: WELCOME, error: 'InternalFailure', status: 500 }],
    ]);
  });

  it('says nothing of a mail SES took', async () => {
    await bench.send(WELCOME);
    expect(bench.logged).toEqual([]);
  });

  it('refused for good is counted for the alarm', async () => {
    bench.mailer.answer = { kind: 'rejected', code: 'MessageRejected' };
    await bench.send(WELCOME);
    expect(bench.meter.counted(METRIC.mailsRejected)).toBe(1);
  });
});

describe('a message that cannot be made', () => {
  const GUIDE = '1/onboarding/guide/1';
  let isBroken: boolean;
  const send = (key = WELCOME) => {
    const { compose, ...services } = bench.senders;
    const made: typeof compose = (...about) =>
      isBroken && about[1] === WELCOME
        ? Promise.reject(new CannotBeMade('anna@example.com', { cause: new RangeError('anna@example.com') }))
        : compose(...about);
    return sendMessage({ ...services, compose: made }, CUSTOMER, key);
  };

  beforeEach(() => {
    isBroken = true;
  });

  it('waits fifteen minutes, then hour by hour; each time is counted, and logged without any text', async () => {
    await send();
    const held = { ...welcome, notBefore: START + 15 * MINUTE, heldBy: 'cannot be made', readySince: START };
    expect((await bench.customer()).pending[WELCOME]).toEqual(held);
    bench.now = START + 15 * MINUTE;
    await send();
    expect((await bench.customer()).pending[WELCOME]?.notBefore).toBe(bench.now + HOUR);
    expect(bench.meter.counted(METRIC.cannotBeMade)).toBe(2);
    expect(bench.logged[0]).toEqual([
      'a message cannot be made',
      { customerId: CUSTOMER, key: WELCOME, error: 'RangeError' },
    ]);
    expect((await bench.customer()).flight).toEqual({});
  });

  it('goes out once the content is mended', async () => {
    await send();
    isBroken = false;
    bench.now = START + 15 * MINUTE;
    await send();
    expect(bench.mailer.keys).toEqual([WELCOME]);
  });

  it('is no rival of a message of lower priority', async () => {
    await send();
    bench.now = START + 15 * MINUTE;
    await bench.change(({ pending }) => ({ pending: { ...pending, [GUIDE]: welcome } }));
    await send(GUIDE);
    expect(bench.mailer.keys).toEqual([GUIDE]);
  });

  it('has failed when its moment has passed: it was not the customer who let it pass', async () => {
    await send();
    bench.now = START + 4 * DAY;
    await send();
    expect(await bench.ledger()).toEqual([`${WELCOME} failed: cannot be made`]);
  });
});

/** Somebody acts while the mail is being made. */
const sendWhile = (act: () => Promise<unknown>) => {
  const { compose, ...services } = bench.senders;
  const slowly: typeof compose = async (...about) => {
    await act();
    return compose(...about);
  };
  return sendMessage({ ...services, compose: slowly }, CUSTOMER, WELCOME);
};

describe('the rules hold for the moment of the take', () => {
  const hash = addressHash(ADDRESS_KEY, 'anna@example.com');

  it.each([
    ['unsubscribes', (address: Address) => optOut(address, undefined, START), 'unsubscribed'],
    ['has bounced', (address: Address) => suppress(address, 'hard bounce', START), 'hard bounce'],
  ])('whoever %s while the mail is being made gets none', async (_how, change, reason) => {
    await sendWhile(() => reviseAddress(bench.addresses, hash, change));
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.ledger()).toEqual([`${WELCOME} withheld: ${reason}`]);
  });

  it('a function that is held up between rules and take asks them again, and sends nothing into the night', async () => {
    const { addresses } = bench;
    const night = { from: 12 * 60 + 1, to: 20 * 60 };
    const quietHours = { ...night, spread: 0, withoutZone: { ...night, timeZone: 'UTC' } };
    const stalling: SendServices['addresses'] = {
      read: (each) => addresses.read(each),
      remove: (...each) => addresses.remove(...each),
      save: async (...each) => {
        bench.now += 25 * SECOND;
        return addresses.save(...each);
      },
    };
    const playbook = { ...bench.senders.playbook, quietHours };
    // Its own act is long ago.
    await bench.change(() => ({ pending: { [WELCOME]: { ...welcome, moment: START - HOUR } } }));
    bench.now = START + 50 * SECOND;
    await sendMessage({ ...bench.senders, addresses: stalling, playbook }, CUSTOMER, WELCOME);
    expect(bench.mailer.keys).toEqual([]);
    expect((await bench.customer()).pending[WELCOME]).toMatchObject({
      notBefore: START + 8 * HOUR,
      heldBy: 'quiet hours',
    });
  });
});

const closedFor = async () => {
  const { pending, closing, closed } = await bench.customer();
  return { pending, closing, closed: closed.map(({ key }) => key) };
};

describe('closing a message without sending it', () => {
  const outcome = [`${WELCOME} withheld: stale`];
  const done = { pending: {}, closing: {}, closed: [WELCOME] };

  it.each([
    ['before its ledger entry', () => bench.store.next('writeEntry', 'dies before')],
    ['after its ledger entry', () => bench.store.next('writeEntry', 'dies after')],
  ])('survives a death %s; the next sender finishes it', async (_when, arrange) => {
    bench.now = START + 4 * DAY;
    arrange();
    await expect(bench.send(WELCOME)).rejects.toThrow(Died);
    expect((await bench.customer()).closing).toHaveProperty([WELCOME]);
    await bench.send(WELCOME);
    expect(await bench.ledger()).toEqual(outcome);
    expect(await closedFor()).toEqual(done);
    expect(bench.mailer.keys).toEqual([]);
  });

  it('is finished by record, too, which is woken for it', async () => {
    bench.now = START + 4 * DAY;
    bench.store.next('writeEntry', 'dies before');
    await expect(bench.send(WELCOME)).rejects.toThrow(Died);
    expect((await bench.customer()).dueAt).toBeLessThanOrEqual(bench.now);
    await bench.wake();
    expect(await bench.ledger()).toEqual(outcome);
    expect(await closedFor()).toEqual(done);
  });

  it('counts the end of the message once', async () => {
    bench.now = START + 4 * DAY;
    bench.store.next('writeEntry', 'dies after');
    await expect(bench.send(WELCOME)).rejects.toThrow(Died);
    const before = bench.meter.counted(METRIC.messagesEnded);
    await bench.send(WELCOME);
    expect(bench.meter.counted(METRIC.messagesEnded)).toBe(before);
  });

  it('touches nothing of a life that began meanwhile', async () => {
    const closing = { [WELCOME]: { ...welcome, outcome: 'withheld', reason: 'stale', closedAt: START } } as const;
    await bench.change(() => ({ pending: {}, closing }));
    bench.store.before('save', () => bench.change(() => ({ life: 2 })));
    await bench.send(WELCOME);
    expect(await bench.customer()).toMatchObject({ life: 2, closing, closed: [] });
  });

  it('a complaint that was resolved takes its apology back', async () => {
    await bench.record(complained(START));
    await bench.record(resolved(START + SECOND));
    await bench.send(APOLOGY);
    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.ledger()).toEqual([`${APOLOGY} cancelled: complaint resolved`]);
  });
});
