/** However an opt-out reaches `record`, every customer id of the mailbox obeys. */
import { beforeEach, describe, expect, it } from 'vitest';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import {
  addressSuppressed,
  bought,
  chose,
  consentAt,
  erasureRequested,
  event,
  registered,
  START,
} from '../support/events.ts';
import { ADDRESS_KEY, Bench, Died } from './bench.ts';

const WELCOME = '1/onboarding/welcome/1';
/** Another customer of the same shop, who reads the same mailbox. */
const BEN = 'c-2';
const HASH = addressHash(ADDRESS_KEY, 'anna@example.com');
const LATER = START + MINUTE;
const OFF = chose(LATER, { how: 'shop', promotion: 'off' });

let bench: Bench;

const of = (customerId: string, about: CustomerEvent): CustomerEvent => ({ ...about, customerId });
const address = () => bench.addresses.read(HASH);

beforeEach(async () => {
  bench = new Bench();
  await bench.record(registered(START));
  await bench.record(of(BEN, registered(START)), of(BEN, bought(START)));
  bench.now = LATER;
});

describe('an opt-out', () => {
  it.each([
    ['told to the shop', OFF],
    ['of the programme, told to the shop', chose(LATER, { how: 'shop', programmes: { onboarding: 'off' } })],
    ['by a consent taken back', event('Profile Updated', LATER, consentAt(LATER, 'none'))],
    ['by a registration that takes it back', registered(LATER, consentAt(LATER, 'none'))],
    ['by a spam complaint about another mail', addressSuppressed(LATER, 'spam complaint')],
  ])('%s stops the mail to the other customer of the mailbox', async (_what, said) => {
    await bench.record(said);
    await bench.send(WELCOME, BEN);
    expect(await bench.ledger(BEN)).toEqual([`${WELCOME} withheld: unsubscribed`]);
  });

  it('does not stop the mail to somebody who opts in after it, nor when it is told again then', async () => {
    await bench.record(OFF);
    bench.now += MINUTE;
    await bench.record(of(BEN, event('Profile Updated', bench.now, consentAt(bench.now))));
    await bench.record(OFF);
    await bench.send(WELCOME, BEN);
    expect(await bench.ledger(BEN)).toEqual([`${WELCOME} sent`]);
  });

  it('is told by whoever has to finish what was begun: the death before the profile was stored', async () => {
    bench.store.next('save', 'dies before');
    await expect(bench.record(OFF)).rejects.toThrow(Died);
    await bench.record(OFF);
    expect((await address())?.optOut).toEqual({ all: LATER });
  });

  it('is told before the profile knows it, so that a death in between leaves it to be told again', async () => {
    bench.addresses.save = () => Promise.reject(new Died('save'));
    await expect(bench.record(OFF)).rejects.toThrow(Died);
    expect((await bench.customer()).facts).not.toHaveProperty('choices');
    Reflect.deleteProperty(bench.addresses, 'save');
    await bench.record(OFF);
    expect((await address())?.optOut).toEqual({ all: LATER });
  });

  it('told again writes nothing', async () => {
    await bench.record(OFF);
    const before = await address();
    await bench.record(OFF);
    await bench.record(bought(LATER));
    expect(await address()).toEqual(before);
  });

  it('that overtook the registration after an erasure is told with it', async () => {
    await bench.record(erasureRequested(LATER));
    bench.now += DAY;
    const said = chose(bench.now, { how: 'shop', promotion: 'off' });
    await bench.record(said);
    expect(await address()).toBeUndefined();
    await bench.record(registered(bench.now - MINUTE));
    expect((await address())?.optOut).toEqual({ all: bench.now });
  });

  it('reaches the address the person has now', async () => {
    await bench.record(event('Profile Updated', LATER, { email: 'anna@elsewhere.example.com' }));
    await bench.record(chose(LATER + 1, { how: 'shop', promotion: 'off' }));
    expect(await address()).toBeUndefined();
    const elsewhere = await bench.addresses.read(addressHash(ADDRESS_KEY, 'anna@elsewhere.example.com'));
    expect(elsewhere?.optOut).toEqual({ all: LATER + 1 });
  });
});

describe('ordinary events', () => {
  it('leave the address alone', async () => {
    await reviseAddress(bench.addresses, HASH, (known) => ({ ...known, optOut: { all: START } }));
    const reads: string[] = [];
    bench.addresses.read = async (hash) => void reads.push(hash);
    await bench.record(bought(LATER), event('Profile Updated', LATER, { name: 'Anna' }));
    await bench.record(of('c-3', registered(LATER, consentAt(LATER, 'none'))));
    expect(reads).toEqual([]);
  });
});
