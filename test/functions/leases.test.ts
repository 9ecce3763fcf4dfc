import { beforeEach, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { MINUTE } from '../../shared/lifecycle/time.ts';
import { bought, complained, CUSTOMER, registered, resolved, START } from '../support/events.ts';
import { Bench } from './bench.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';

/** Its programme gives up after an unknown outcome. */
const WELCOME = '1/onboarding/welcome/1';
/** Its programme repeats once. */
const APOLOGY = '1/recovery/apology/k-1';
const LEASE_ENDS = START + 2 * MINUTE;

/** Both messages were handed to SES at the start, and nobody heard of them again. */
let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  await bench.record(registered(START), bought(START));
  bench.mailer.answer = { kind: 'unknown', cause: new Error('reset') };
  await bench.send(WELCOME);
  await bench.record(complained(START));
  await bench.send(APOLOGY);
  bench.announced.length = 0;
});

const wakeAt = async (t: number) => {
  bench.now = t;
  await bench.wake();
  return bench.customer();
};

const entry = (key: string, fields: Partial<LedgerEntry>): LedgerEntry => ({
  customerId: CUSTOMER,
  key,
  outcome: 'sent',
  moment: START,
  decidedAt: START,
  endedAt: START + MINUTE,
  attempt: 1,
  ...fields,
});

const keysOf = (remembered: readonly { readonly key: string }[]) => remembered.map(({ key }) => key);

describe('a claim whose lease has not ended', () => {
  it('is left alone, evidence or not', async () => {
    await bench.store.writeEntry(entry(WELCOME, {}));
    const before = await bench.customer();
    const after = await wakeAt(LEASE_ENDS - 1);
    expect(Object.keys(after.flight).toSorted()).toEqual([WELCOME, APOLOGY].toSorted());
    expect(after.flight).toEqual(before.flight);
    expect(after).toMatchObject({ pending: {}, recent: [], closed: [] });
    expect(await bench.ledger()).toEqual([`${WELCOME} sent`]);
  });
});

describe('a claim whose lease has ended, with its end in the ledger', () => {
  it('sent: counts for the caps from when it was sent', async () => {
    await bench.store.writeEntry(entry(APOLOGY, {}));
    const after = await wakeAt(LEASE_ENDS);
    expect(after.flight).not.toHaveProperty([APOLOGY]);
    expect(after.pending).not.toHaveProperty([APOLOGY]);
    expect(after.recent).toContainEqual({ key: APOLOGY, at: START + MINUTE });
    expect(await bench.ledger()).toContain(`${APOLOGY} sent`);
  });

  it('refused: is closed and does not count', async () => {
    await bench.store.writeEntry(entry(WELCOME, { outcome: 'failed', reason: 'rejected: MessageRejected' }));
    const after = await wakeAt(LEASE_ENDS);
    expect(after.flight).not.toHaveProperty([WELCOME]);
    expect(keysOf(after.recent)).not.toContain(WELCOME);
    expect(keysOf(after.closed)).toContain(WELCOME);
    expect(await bench.ledger()).toEqual([`${WELCOME} failed: rejected: MessageRejected`]);
  });
});

describe('a claim whose lease has ended, with nothing in the ledger', () => {
  it('give up: failed as unknown, and is remembered, since it may have arrived', async () => {
    const after = await wakeAt(LEASE_ENDS);
    expect(await bench.ledger()).toEqual([`${WELCOME} failed: outcome unknown`]);
    expect(bench.meter.counted(METRIC.outcomesUnknown, { key: WELCOME })).toBe(1);
    expect(bench.meter.counted(METRIC.messagesEnded, { outcome: 'failed' })).toBe(1);
    expect(after.flight).toEqual({});
    expect(after.pending).not.toHaveProperty([WELCOME]);
    expect(after.recent).toEqual([{ key: WELCOME, at: LEASE_ENDS, answer: true }]);
  });

  it('repeat once: pending again as the second attempt, announced, with nothing in the ledger', async () => {
    const { flight } = await bench.customer();
    const after = await wakeAt(LEASE_ENDS);
    const { token: _token, lease: _lease, ...first } = flight[APOLOGY] ?? { token: '', lease: 0 };
    expect(after.pending).toEqual({ [APOLOGY]: { ...first, attempt: 2, notBefore: LEASE_ENDS } });
    expect(await bench.store.readEntry(CUSTOMER, APOLOGY)).toBeUndefined();
    expect(bench.announced.map(({ id }) => id)).toEqual([`${CUSTOMER}/${APOLOGY}/2`]);
  });

  it('a second unknown gives up, whatever the policy', async () => {
    await wakeAt(LEASE_ENDS);
    await bench.send(APOLOGY);
    const after = await wakeAt(LEASE_ENDS + 2 * MINUTE);
    expect(after).toMatchObject({ pending: {}, flight: {} });
    expect(await bench.ledger()).toContain(`${APOLOGY} failed: outcome unknown`);
    expect(keysOf(after.recent)).toContain(APOLOGY);
    await bench.send(APOLOGY);
    expect(bench.mailer.keys.filter((key) => key === APOLOGY)).toHaveLength(2);
  });

  it('a repeat nobody wants any more ends as unknown: the first attempt may have arrived', async () => {
    await wakeAt(LEASE_ENDS);
    await bench.record(resolved(LEASE_ENDS));
    expect(await bench.ledger()).toContain(`${APOLOGY} failed: outcome unknown`);
    expect((await bench.customer()).pending).not.toHaveProperty([APOLOGY]);
  });
});

const comes = (fields: Partial<LedgerEntry>) =>
  bench.store.before('writeEntry', () => bench.store.writeEntry(entry(WELCOME, fields)));

describe('evidence that comes while the claim is being given up', () => {
  it('sent counts, from when it was sent', async () => {
    comes({});
    const after = await wakeAt(LEASE_ENDS);
    expect(after.recent).toEqual([{ key: WELCOME, at: START + MINUTE, answer: true }]);
    expect(await bench.ledger()).toEqual([`${WELCOME} sent`]);
    expect(bench.meter.counted(METRIC.outcomesUnknown, { key: WELCOME })).toBe(0);
  });

  it('refused does not count for the caps', async () => {
    comes({ outcome: 'failed', reason: 'rejected: MessageRejected' });
    const after = await wakeAt(LEASE_ENDS);
    expect(after.recent).toEqual([]);
    expect(await bench.ledger()).toEqual([`${WELCOME} failed: rejected: MessageRejected`]);
  });
});
