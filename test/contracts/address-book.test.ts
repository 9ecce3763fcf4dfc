/** What every address book does, run against each of them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import {
  type Address,
  claimStep,
  countTransient,
  optOut,
  suppress,
  unknownAddress,
  withHolder,
  withoutHolder,
} from '../../shared/lifecycle/address.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { AWKWARD_IDS } from './ids.ts';
import { implementations } from './stores.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const OPEN_TIMEOUT_MS = 60_000;
const POLICY = { transient: 1, within: DAY, rest: DAY };

/** All tests share one book, so each has addresses of its own. */
const somewhere = () => randomUUID().slice(0, 16);

function fullAddress(hash: string, version: number): Address {
  const held = withHolder(withHolder(unknownAddress(hash), 'c-1', NOON), 'c-2', NOON + 1);
  const said = optOut(optOut(suppress(held, 'spam complaint', NOON), 'retention', NOON), undefined, NOON + 2);
  const bounced = countTransient(said, 'f-1', NOON, POLICY);
  return {
    ...claimStep(bounced, 'onboarding/welcome', { customerId: 'c-1', at: NOON, until: NOON + DAY }, DAY),
    version,
  };
}

describe.each(implementations())('addresses in $name', ({ open }) => {
  let book: AddressBook;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const opened = await open();
    book = opened.addresses;
    close = () => opened.close();
  }, OPEN_TIMEOUT_MS);

  afterAll(() => close());

  it('are undefined while nobody was mailed there', async () => {
    expect(await book.read(somewhere())).toBeUndefined();
  });

  it('come back unchanged with everything in them', async () => {
    const full = fullAddress(somewhere(), 7);

    expect(await book.save(full, 0)).toBe(true);
    expect(await book.read(full.hash)).toEqual(full);
  });

  it.each(AWKWARD_IDS)('are held by customers of any id: %s', async (id) => {
    const hash = somewhere();
    const held = await reviseAddress(book, hash, (each) => withHolder(each, id, NOON));

    expect(await book.read(hash)).toEqual(held);
    expect(Object.entries(held.holders)).toEqual([[id, NOON]]);
  });

  it('are created once', async () => {
    const hash = somewhere();

    expect(await book.save(fullAddress(hash, 1), 0)).toBe(true);
    expect(await book.save({ ...unknownAddress(hash), version: 1 }, 0)).toBe(false);
    expect(await book.read(hash)).toEqual(fullAddress(hash, 1));
  });

  it('are replaced by who saw the latest version, and by nobody else', async () => {
    const hash = somewhere();
    await book.save(fullAddress(hash, 1), 0);
    const next = { ...unknownAddress(hash), version: 2 };

    expect(await book.save(next, 2)).toBe(false);
    expect(await book.save(next, 1)).toBe(true);
    expect(await book.save(fullAddress(hash, 2), 1)).toBe(false);
    expect(await book.read(hash)).toEqual(next);
  });

  it('are not created by who believes they are there', async () => {
    const hash = somewhere();

    expect(await book.save(fullAddress(hash, 2), 1)).toBe(false);
    expect(await book.read(hash)).toBeUndefined();
  });

  it('are removed by who saw the latest version, and by nobody else', async () => {
    const hash = somewhere();
    await book.save(fullAddress(hash, 3), 0);

    expect(await book.remove(hash, 2)).toBe(false);
    expect(await book.read(hash)).toEqual(fullAddress(hash, 3));
    expect(await book.remove(hash, 3)).toBe(true);
    expect(await book.read(hash)).toBeUndefined();
    expect(await book.remove(hash, 3)).toBe(false);
  });

  it('are not touched by what the caller does to a copy', async () => {
    const hash = somewhere();
    const holders = { 'c-1': NOON };
    await book.save({ ...unknownAddress(hash), version: 1, holders }, 0);
    Object.assign(holders, { 'c-2': NOON });

    expect(await book.read(hash)).toMatchObject({ holders: { 'c-1': NOON } });
    expect(Object.keys((await book.read(hash))?.holders ?? {})).toEqual(['c-1']);
  });

  it('take every change of many who write at once', async () => {
    const hash = somewhere();
    const writers = ['c-1', 'c-2', 'c-3', 'c-4'];

    await Promise.all(writers.map((id) => reviseAddress(book, hash, (each) => withHolder(each, id, NOON))));

    expect(Object.keys((await book.read(hash))?.holders ?? {}).toSorted()).toEqual(writers);
  });

  it('are not written when nothing changes', async () => {
    const hash = somewhere();
    const before = await reviseAddress(book, hash, (each) => suppress(each, 'hard bounce', NOON));

    const after = await reviseAddress(book, hash, (each) => suppress(each, 'spam complaint', NOON + 1));

    expect(after).toEqual(before);
    expect(await book.read(hash)).toEqual(before);
    expect(await reviseAddress(book, somewhere(), (each) => each)).toMatchObject({ version: 0 });
  });

  it('are forgotten when nobody needs them, and remembered when somebody is protected', async () => {
    const [plain, suppressed] = [somewhere(), somewhere()];
    for (const hash of [plain, suppressed]) {
      await reviseAddress(book, hash, (each) => withHolder(each, 'c-1', NOON));
    }
    await reviseAddress(book, suppressed, (each) => suppress(each, 'spam complaint', NOON));

    for (const hash of [plain, suppressed]) {
      await reviseAddress(book, hash, (each) => withoutHolder(each, 'c-1'));
    }

    expect(await book.read(plain)).toBeUndefined();
    expect(await book.read(suppressed)).toMatchObject({ holders: {}, suppressed: { reason: 'spam complaint' } });
  });

  it('are not overwritten by who read the item that was there before', async () => {
    const hash = somewhere();
    const old = await reviseAddress(book, hash, (each) => withHolder(each, 'c-1', NOON));
    await reviseAddress(book, hash, (each) => withoutHolder(each, 'c-1'));
    await reviseAddress(book, hash, (each) => suppress(each, 'spam complaint', NOON));

    expect(await book.save({ ...old, version: old.version + 1 }, old.version)).toBe(false);
    expect(await book.read(hash)).toMatchObject({ suppressed: { reason: 'spam complaint' } });
  });
});
