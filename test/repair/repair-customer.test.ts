/** One customer put right from journal and ledger, on a store in memory. */
import { describe, expect, it } from 'vitest';
import type { Doubtful } from '../../infra/repair/doubtful.ts';
import { repairOrName } from '../../infra/repair/repair-all.ts';
import { repairCustomer, type RepairPlan, type RepairServices } from '../../infra/repair/repair-customer.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { UnreadableItem } from '../../shared/adapters/profile-item.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { ADDRESS_KEY, Bench, FaultyStore } from '../functions/bench.ts';
import { bought, chose, complained, CUSTOMER, day, registered, START } from '../support/events.ts';

const KEY = '1/onboarding/welcome/1';
const APOLOGY = '1/recovery/apology/k-1';
const LOOK: RepairPlan = { apply: false, cause: 'rebuild' };
const APPLY: RepairPlan = { apply: true, cause: 'rebuild' };

const servicesOf = (bench: Bench): RepairServices => ({
  store: bench.store,
  addresses: bench.addresses,
  addressKey: bench.recording.addressKey,
  budget: { take: async () => undefined },
  playbook: bench.playbook,
  now: () => bench.now,
});
const repair = (bench: Bench, plan: RepairPlan) => repairCustomer(servicesOf(bench), CUSTOMER, plan);

/** Somebody who bought and was welcomed, or is about to be. */
async function welcomed(): Promise<Bench> {
  const bench = new Bench();
  await bench.record(registered(START), bought(START));
  await bench.send(KEY);
  expect(bench.mailer.keys).toEqual([KEY]);
  return bench;
}

/** What is left when the profile is gone. */
async function withoutProfile(bench: Bench): Promise<Bench> {
  const left = new Bench();
  left.now = bench.now;
  for (const event of await bench.store.readJournal(CUSTOMER)) await left.store.journal(event);
  for (const entry of await bench.store.readLedger(CUSTOMER)) await left.store.writeEntry(entry);
  return left;
}

async function sendAll(bench: Bench): Promise<void> {
  await bench.wake();
  for (const key of Object.keys((await bench.customer()).pending)) await bench.send(key);
}

describe('a profile whose facts are wrong', () => {
  it('is told from the journal, and left alone unless somebody asks', async () => {
    const bench = await welcomed();
    const { facts } = await bench.customer();
    await bench.change(() => ({ facts: { ...facts, orders: { ...facts.orders, ring: [] } } }));
    const wrong = await bench.customer();

    const looked = await repair(bench, LOOK);
    expect(looked).toMatchObject({ kind: 'differs', differences: [expect.stringContaining('ring lacks 1 of the 1')] });
    expect(await bench.customer()).toEqual(wrong);

    expect(await repair(bench, APPLY)).toMatchObject({ kind: 'differs' });
    expect((await bench.customer()).facts).toEqual(facts);
    expect((await bench.customer()).dueAt).toBe(bench.now);
    expect(await repair(bench, APPLY)).toMatchObject({ kind: 'alike' });
  });

  it('is alike when nothing is wrong, however much has been forgotten by now', async () => {
    const bench = await welcomed();
    bench.now = day(200);
    await bench.wake();
    expect(await repair(bench, APPLY)).toMatchObject({ kind: 'alike', forgotten: [] });
  });

  it('yields to whoever writes at the same time', async () => {
    const bench = await welcomed();
    const { facts } = await bench.customer();
    await bench.change(() => ({ facts: { ...facts, orders: { ...facts.orders, ring: [] } } }));
    bench.store.before('save', () => bench.record(bought(day(1), 'o-2')));
    bench.now = day(1);

    await repair(bench, APPLY);
    expect((await bench.customer()).facts.orders.ring.map(({ orderId }) => orderId)).toContain('o-2');
  });

  it('tells the address of an objection the facts had lost', async () => {
    const bench = await welcomed();
    bench.now = day(1);
    await bench.store.journal(chose(day(1), { promotion: 'off' }));

    expect(await repair(bench, APPLY)).toMatchObject({ kind: 'differs' });
    const address = await bench.addresses.read(addressHash(ADDRESS_KEY, 'anna@example.com'));
    expect(address?.optOut).toEqual({ all: day(1) });
  });
});

describe('mail the profile has forgotten', () => {
  it('is known again from the ledger, and not sent twice', async () => {
    const bench = await welcomed();
    await bench.change(() => ({ recent: [], closed: [], episodes: {} }));

    expect(await repair(bench, APPLY)).toMatchObject({ kind: 'differs', forgotten: [KEY] });
    expect(await bench.customer()).toMatchObject({ recent: [{ key: KEY }], episodes: { 'first-steps': { n: 1 } } });
    await sendAll(bench);
    expect(bench.mailer.keys).toEqual([KEY]);
  });
});

describe('a profile that is gone', () => {
  it('is made anew from journal and ledger, and goes on where it stood', async () => {
    const bench = await welcomed();
    const before = await bench.customer();
    const left = await withoutProfile(bench);

    expect(await repair(left, LOOK)).toMatchObject({ kind: 'lost', forgotten: [KEY] });
    expect(await left.store.load(CUSTOMER)).toBeUndefined();
    expect(await repair(left, APPLY)).toMatchObject({ kind: 'lost', doubtful: [] });
    expect(await left.customer()).toMatchObject({
      facts: before.facts,
      stage: before.stage,
      episodes: before.episodes,
    });
    await sendAll(left);
    expect(left.mailer.keys).toEqual([]);
    expect(await repair(left, APPLY)).toMatchObject({ kind: 'alike' });
  });

  it('gives up what may have been on its way, and lets an apology go', async () => {
    const bench = new Bench();
    await bench.record(registered(START), bought(START), complained(START));
    const left = await withoutProfile(bench);
    left.now = START + MINUTE;

    const { doubtful } = await repair(left, APPLY);
    expect(doubtful.map(({ key, fate }) => `${key} ${fate}`).toSorted()).toEqual(
      expect.arrayContaining(['1/recovery/apology/k-1 goes out']),
    );
    await sendAll(left);
    expect(left.mailer.keys).toEqual(['1/recovery/apology/k-1']);
    expect(left.mailer.mails[0]?.tags['n']).toBe('2');
  });

  it('does not begin where one that nobody can have read ended', async () => {
    const left = await withoutProfile(await welcomed());
    await repair(left, APPLY);
    expect((await left.customer()).version).toBeGreaterThan(1000);
  });

  it('of somebody nobody has heard of is not made', async () => {
    const bench = new Bench();
    expect(await repair(bench, APPLY)).toMatchObject({ kind: 'nothing' });
    expect(await bench.store.load(CUSTOMER)).toBeUndefined();
  });
});

describe('a profile that cannot be read', () => {
  const spoilt = { life: 1, version: 7 };
  async function unreadable(what: { readonly life: number; readonly version: number } | undefined): Promise<Bench> {
    const bench = await welcomed();
    await bench.change(() => ({ version: spoilt.version - 1 }));
    const store = new (class extends FaultyStore {
      override async load(customerId: string) {
        const profile = await super.load(customerId);
        if (profile?.version === spoilt.version) throw new UnreadableItem('spoilt', {}, what);
        return profile;
      }
    })();
    await store.save({ ...(await bench.customer()), version: spoilt.version }, 0);
    for (const event of await bench.store.readJournal(CUSTOMER)) await store.journal(event);
    for (const entry of await bench.store.readLedger(CUSTOMER)) await store.writeEntry(entry);
    const left = new Bench(store);
    left.now = bench.now;
    return left;
  }

  it('is made anew from journal and ledger, in its place', async () => {
    const left = await unreadable(spoilt);
    expect(await repair(left, LOOK)).toMatchObject({ kind: 'lost', forgotten: [KEY] });
    await expect(left.customer()).rejects.toThrow(UnreadableItem);
    expect(await repair(left, APPLY)).toMatchObject({ kind: 'lost' });
    expect(await left.customer()).toMatchObject({ life: 1, version: 8, recent: [{ key: KEY }] });
    await sendAll(left);
    expect(left.mailer.keys).toEqual([]);
  });

  it('is left alone and named where it must not be made anew', async () => {
    const left = await unreadable(undefined);
    await expect(repair(left, APPLY)).rejects.toThrow(UnreadableItem);
    expect(await repairOrName(servicesOf(left), CUSTOMER, APPLY)).toEqual({ kind: 'unreadable', why: 'spoilt' });
    left.store.readJournal = () => Promise.reject(new Error('no connection'));
    await expect(repairOrName(servicesOf(new Bench(left.store)), 'c-2', APPLY)).rejects.toThrow('no connection');
  });
});

describe('a customer of a table that was put back', () => {
  const gap = { from: START - 8 * HOUR, until: START + MINUTE };
  const SETTLE: RepairPlan = { apply: true, cause: 'restore/x', gap };

  it('is not sent what may have gone out in the gap, but an apology, and the ledger says so', async () => {
    const bench = new Bench();
    await bench.record(registered(START), bought(START), complained(START));
    const waiting = Object.keys((await bench.customer()).pending).toSorted();
    bench.now = START + HOUR;

    const told: string[] = [];
    const tell = async (doubtful: readonly Doubtful[]) => void told.push(...doubtful.map(({ key }) => key));
    const { doubtful } = await repair(bench, { ...SETTLE, tell });
    expect(doubtful.map(({ key }) => key).toSorted()).toEqual(waiting);
    expect(told.toSorted()).toEqual(waiting);
    const settled = await bench.customer();
    const again = await repair(bench, SETTLE);
    expect(again.kind).toBe('alike');
    expect(again.doubtful.map(({ key }) => key).toSorted()).toEqual(waiting);
    expect(await bench.customer()).toEqual(settled);

    await sendAll(bench);
    expect(bench.mailer.keys).toEqual(['1/recovery/apology/k-1']);
    expect(await bench.ledger()).toEqual(expect.arrayContaining(['1/recovery/apology/k-1 sent']));
  });

  it('is given up in the ledger as what nobody knows the outcome of, and the caps count it', async () => {
    const bench = new Bench();
    await bench.record(registered(START), bought(START));
    bench.now = START + HOUR;
    await repair(bench, SETTLE);
    await sendAll(bench);

    expect(bench.mailer.keys).toEqual([]);
    expect(await bench.ledger()).toEqual([`${KEY} failed: outcome unknown`]);
    expect((await bench.customer()).recent).toMatchObject([{ key: KEY }]);
  });

  it('is told of what a sender held when the table was put back, whether its lease is over or not', async () => {
    for (const key of [KEY, APOLOGY]) {
      const bench = new Bench();
      await bench.record(registered(START), bought(START), ...(key === APOLOGY ? [complained(START)] : []));
      let snapshot = await bench.customer();
      bench.mailer.meanwhile = async () => void (snapshot = await bench.customer());
      await bench.send(key);
      expect(Object.keys(snapshot.flight)).toEqual([key]);
      const left = new Bench();
      left.now = START + MINUTE;
      for (const event of await bench.store.readJournal(CUSTOMER)) await left.store.journal(event);
      await left.store.save({ ...snapshot, pending: {} }, 0);
      const expected = { key, fate: key === APOLOGY ? 'goes out' : 'given up' };
      const told: string[] = [];
      const tell = async (doubtful: readonly Doubtful[]) => void told.push(...doubtful.map((each) => each.key));

      const late = { ...SETTLE, gap: { from: START - HOUR, until: START + DAY }, tell };
      expect((await repair(left, late)).doubtful).toMatchObject([expected]);
      left.now = START + HOUR;
      await left.wake();
      expect((await left.customer()).flight).toEqual({});
      expect((await repair(left, late)).doubtful).toMatchObject([expected]);
      expect(told).toEqual([key, key]);
    }
  });

  it('is sent what was meant for later than the gap', async () => {
    const bench = new Bench();
    bench.now = START + HOUR;
    await bench.record(registered(START + HOUR), bought(START + HOUR));
    expect(await repair(bench, SETTLE)).toMatchObject({ doubtful: [] });
    await sendAll(bench);
    expect(bench.mailer.keys).toEqual([KEY]);
  });
});
