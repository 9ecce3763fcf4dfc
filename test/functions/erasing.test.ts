/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { beforeEach, describe, expect, it } from 'vitest';
import { finishClosings } from '../../functions/closings.ts';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { type Address, optOut, suppress, withHolder } from '../../shared/lifecycle/address.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { Pending } from '../../shared/lifecycle/customer/profile.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import {
  bought,
  complained,
  CUSTOMER,
  delivered,
  erasureRequested,
  event,
  loggedIn,
  registered,
  START,
} from '../support/events.ts';
import { ADDRESS_KEY, Bench, Died } from './bench.ts';

/** Hash of anna@example.com. */
const ANNA = addressHash(ADDRESS_KEY, 'anna@example.com');
const WELCOME = '1/onboarding/welcome/1';
/** What a sender of the ended life may still write until its lease is over. */
const LEASE = 2 * MINUTE;

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

const journalled = async () => (await bench.store.readJournal(CUSTOMER)).map(({ id }) => id).toSorted();
const idsOf = (...events: readonly { readonly id: string }[]) => events.map(({ id }) => id).toSorted();

const sentIn = (life: number, endedAt: number): LedgerEntry => ({
  customerId: CUSTOMER,
  key: `${life}/onboarding/welcome/1`,
  outcome: 'sent',
  moment: START,
  decidedAt: START,
  endedAt,
  attempt: 1,
});

describe('an invocation that dies between journal and profile', () => {
  const before = [registered(START), bought(START), complained(START)];
  const late = [bought(START + HOUR, 'late'), delivered(START + 2 * HOUR, 'late'), loggedIn(START + DAY)];

  it.each(['dies before', 'dies after'] as const)('leaves nothing unfolded after the redelivery (%s)', async (fate) => {
    await bench.record(...before);
    bench.now = START + 2 * DAY;
    bench.store.next('save', fate);
    await expect(bench.record(...late)).rejects.toThrow(Died);
    expect(await journalled()).toEqual(idsOf(...before, ...late));
    await bench.record(...late);
    expect((await bench.customer()).facts).toEqual(factsOf([...before, ...late]));
  });

  it('announces after the redelivery what the first had not come to announce', async () => {
    bench.store.next('save', 'dies after');
    await expect(bench.record(...before)).rejects.toThrow(Died);
    expect(bench.announced).toEqual([]);
    await bench.record(...before);
    const types = new Set(bench.announced.map((each) => each.detailType));
    expect(types).toEqual(new Set(['Lifecycle Stage Changed', 'Message Due']));
  });

  it('is made good by a redelivery that counts the events as repeated and writes none twice', async () => {
    bench.store.next('save', 'dies before');
    await expect(bench.record(...before)).rejects.toThrow(Died);
    await bench.record(...before);
    expect(bench.meter.counted(METRIC.eventsSetAside, { fate: 'repeated' })).toBe(before.length);
    expect(await journalled()).toEqual(idsOf(...before));
  });
});

describe('after an erasure', () => {
  const erasedAt = START + HOUR;
  const late = bought(START + MINUTE, 'late');

  beforeEach(async () => {
    await bench.record(registered(START), bought(START));
    bench.now = erasedAt;
  });

  const erased = () => bench.record(erasureRequested(erasedAt));
  const registersAnew = async () => {
    bench.now = erasedAt + MINUTE;
    await bench.record(registered(bench.now));
  };

  it('journal and ledger are empty, and the version goes on', async () => {
    await bench.send(WELCOME);
    const { version } = await bench.customer();
    await erased();
    expect(await journalled()).toEqual([]);
    expect(await bench.ledger()).toEqual([]);
    expect(await bench.store.load(CUSTOMER)).toEqual({
      kind: 'erased',
      customerId: CUSTOMER,
      life: 1,
      version: version + 1,
      erasedAt,
      dueAt: erasedAt + LEASE,
      addresses: [ANNA],
    });
  });

  describe('the addresses the person was mailed at', () => {
    const holdersOf = async (hash: string) => Object.keys((await bench.addresses.read(hash))?.holders ?? {});

    beforeEach(() => bench.send(WELCOME));

    it('forget the person; one nobody else needs is gone', async () => {
      expect(await holdersOf(ANNA)).toEqual([CUSTOMER]);
      await erased();
      expect(await bench.addresses.read(ANNA)).toBeUndefined();
    });

    it('keep who else reads mail there', async () => {
      await reviseAddress(bench.addresses, ANNA, (address) => withHolder(address, 'c-2', START));
      await erased();
      expect(await holdersOf(ANNA)).toEqual(['c-2']);
    });

    it('keep a suppression and an opt-out, and nobody’s id', async () => {
      const said = (address: Address) => optOut(suppress(address, 'hard bounce', START), undefined, START);
      await reviseAddress(bench.addresses, ANNA, said);
      await erased();
      const kept = await bench.addresses.read(ANNA);
      expect(kept).toMatchObject({ suppressed: { reason: 'hard bounce' }, optOut: { all: START }, holders: {} });
      expect(JSON.stringify(kept)).not.toContain(CUSTOMER);
    });

    it('are those of before, too: the person has moved since', async () => {
      bench.now = START + MINUTE;
      await bench.record(event('Profile Updated', bench.now, { email: 'new@example.com' }));
      bench.now = erasedAt;
      await erased();
      expect(await bench.addresses.read(ANNA)).toBeUndefined();
    });

    const entersLate = () =>
      reviseAddress(bench.addresses, ANNA, (address) => withHolder(address, CUSTOMER, bench.now));

    it('are looked at again once no slow sender can enter the person any more', async () => {
      await erased();
      await entersLate();
      bench.now = erasedAt + LEASE;
      await bench.wake();
      expect(await bench.addresses.read(ANNA)).toBeUndefined();
      expect(await bench.store.load(CUSTOMER)).not.toHaveProperty('addresses');
    });

    it('are looked at again when the person has registered anew elsewhere', async () => {
      await erased();
      await entersLate();
      bench.now = erasedAt + MINUTE;
      await bench.record(registered(bench.now, { email: 'new@example.com' }));
      bench.now = erasedAt + LEASE;
      await bench.wake();
      expect(await bench.addresses.read(ANNA)).toBeUndefined();
      expect((await bench.customer()).previousLife).toEqual({ erasedAt });
    });

    it('keep the entry of the new life', async () => {
      await erased();
      await registersAnew();
      await entersLate();
      bench.now = erasedAt + LEASE;
      await bench.wake();
      expect(await holdersOf(ANNA)).toEqual([CUSTOMER]);
    });

    it('are finished with by an erasure that is delivered again', async () => {
      await erased();
      await entersLate();
      await erased();
      expect(await bench.addresses.read(ANNA)).toBeUndefined();
    });
  });

  it('a late event is dropped, counted, and stays out of the journal', async () => {
    await erased();
    await bench.record(late);
    expect(await journalled()).toEqual([]);
    expect(await bench.store.load(CUSTOMER)).toMatchObject({ kind: 'erased' });
    expect(bench.meter.counted(METRIC.eventsSetAside, { fate: 'dropped' })).toBe(1);
  });

  it('an event that was on its way to the journal is taken out of it again', async () => {
    bench.store.before('journal', erased);
    await bench.record(late);
    expect(await journalled()).toEqual([]);
    expect(await bench.store.load(CUSTOMER)).toMatchObject({ kind: 'erased' });
  });

  it('an event of the ended life stays out of the new one', async () => {
    await erased();
    await registersAnew();
    await bench.record(late);
    expect(await journalled()).toEqual(idsOf(registered(bench.now)));
    expect((await bench.customer()).facts).toEqual(factsOf([registered(bench.now)]));
  });

  it('what comes together with the new registration belongs to the new life', async () => {
    await erased();
    bench.now = erasedAt + MINUTE;
    const together = [bought(bench.now, 'first of the new life'), registered(bench.now)];
    await bench.record(...together);
    expect(await bench.customer()).toMatchObject({ life: 2, facts: factsOf(together) });
    expect(await journalled()).toEqual(idsOf(...together));
  });

  it('what overtook the new registration waits for it, and belongs to the new life', async () => {
    await erased();
    bench.now = erasedAt + MINUTE;
    const overtaking = bought(bench.now, 'first of the new life');
    await bench.record(overtaking);
    expect(await bench.store.load(CUSTOMER)).toMatchObject({ kind: 'erased', life: 1 });
    const registration = registered(bench.now);
    bench.now += MINUTE;
    await bench.record(registration);
    expect(await bench.customer()).toMatchObject({ life: 2, facts: factsOf([overtaking, registration]) });
  });

  it('what arrives while the new registration is being written belongs to the new life, too', async () => {
    await erased();
    bench.now = erasedAt + MINUTE;
    const together = [registered(bench.now), bought(bench.now, 'first of the new life')] as const;
    bench.store.before('save', () => bench.record(together[1]));
    await bench.record(together[0]);
    expect(await bench.customer()).toMatchObject({ life: 2, facts: factsOf(together) });
  });

  it('what comes without a registration wakes nobody, and is deleted when none has come for a day', async () => {
    await erased();
    bench.now = erasedAt + MINUTE;
    await bench.record(bought(bench.now));
    for (let wakes = 0; wakes < 3; wakes += 1) {
      const tombstone = await bench.store.load(CUSTOMER);
      bench.now = Math.max(bench.now, tombstone?.dueAt ?? 0);
      await bench.wake();
    }
    expect(bench.now).toBeLessThanOrEqual(erasedAt + 2 * DAY);
    expect(await journalled()).toEqual([]);
    expect(await bench.store.load(CUSTOMER)).toMatchObject({ kind: 'erased', life: 1 });
    expect(await bench.store.load(CUSTOMER)).not.toHaveProperty('dueAt');
  });

  it.each(['answered', 'dies after'] as const)(
    'an erasure that comes later than the registration after it ends only the life before (%s)',
    async (fate) => {
      const registration = registered(erasedAt + HOUR);
      const purchase = bought(erasedAt + 2 * HOUR, 'first of the new life');
      bench.now = erasedAt + 3 * HOUR;
      await bench.record(registered(START), bought(START));
      await bench.record(registration, purchase);
      if (fate === 'dies after') bench.store.next('save', fate);
      await erased().catch(() => erased());
      expect(await bench.customer()).toMatchObject({ life: 2, facts: factsOf([registration, purchase]) });
      expect(await journalled()).toEqual(idsOf(registration, purchase));
    },
  );

  it.each(['sent', 'in the air'])(
    'an erasure that comes late does not send again what went out after it (%s)',
    async (how) => {
      await bench.record(registered(START), bought(START));
      bench.now = erasedAt + HOUR;
      await bench.change(() => ({
        pending: {},
        ...(how === 'sent'
          ? { recent: [{ key: WELCOME, at: erasedAt + MINUTE }] }
          : {
              flight: {
                [WELCOME]: {
                  moment: bench.now,
                  decidedAt: bench.now,
                  attempt: 1,
                  token: 'other',
                  lease: bench.now + LEASE,
                },
              },
            }),
      }));
      await bench.record(registered(erasedAt + MINUTE), bought(erasedAt + MINUTE, 'of the new life'));
      await erased();
      const { life, recent } = await bench.customer();
      expect(life).toBe(2);
      expect(recent.map(({ key }) => key)).toEqual([WELCOME]);
      await bench.send('2/onboarding/welcome/1');
      expect(bench.mailer.mails).toEqual([]);
    },
  );

  it('what happens after a registration is not dropped with what had waited in vain before it', async () => {
    await erased();
    bench.now = erasedAt + MINUTE;
    await bench.record(bought(bench.now));
    bench.now = erasedAt + 3 * DAY;
    await bench.wake();
    await bench.record(registered(erasedAt + DAY));
    await bench.record(erasureRequested(erasedAt + DAY + HOUR));
    expect(await bench.store.load(CUSTOMER)).toMatchObject({ kind: 'erased', life: 2 });
  });

  it.each([1, 2, 3])(
    'a registration beside the deletion of what has waited for a day leaves nothing unfolded (wake %i)',
    async (wake) => {
      await erased();
      bench.now = erasedAt + MINUTE;
      await bench.record(bought(bench.now));
      bench.now = erasedAt + LEASE;
      await bench.wake();
      bench.now = erasedAt + 3 * DAY;
      for (let earlier = 1; earlier < wake; earlier += 1) await bench.wake();
      const registration = registered(erasedAt + 2 * MINUTE);
      // Read by the timer before it came, written down before the timer is.
      bench.store.before('save', () => bench.record(registration));
      await bench.wake();
      await bench.record(registration);
      const journal = await bench.store.readJournal(CUSTOMER);
      expect((await bench.customer()).facts).toEqual(factsOf(journal));
      expect(journal.map(({ id }) => id)).toContain(registration.id);
      expect(journal).toHaveLength(wake === 1 ? 2 : 1);
    },
  );

  it('the same erasure handled twice at once, with a registration between, ends no new life', async () => {
    bench.store.before('save', async () => {
      await erased();
      await registersAnew();
    });
    await erased();
    expect(await bench.customer()).toMatchObject({ life: 2 });
    expect(await journalled()).toEqual(idsOf(registered(bench.now)));
  });

  it('delivered again finishes a deletion that was interrupted', async () => {
    bench.store.next('save', 'dies after');
    await expect(erased()).rejects.toThrow(Died);
    expect(await journalled()).not.toEqual([]);
    await erased();
    expect(await journalled()).toEqual([]);
  });

  it('the same erasure delivered again ends no new life', async () => {
    await erased();
    await registersAnew();
    await erased();
    expect(await bench.customer()).toMatchObject({ life: 2 });
    expect(await journalled()).toEqual(idsOf(registered(bench.now)));
  });

  describe('what a slow sender wrote', () => {
    it('is deleted once its lease is over, and the tombstone has nothing left to do', async () => {
      await erased();
      await bench.store.writeEntry(sentIn(1, erasedAt + MINUTE));
      bench.now = erasedAt + LEASE - 1;
      await bench.wake();
      expect(await bench.ledger()).toHaveLength(1);
      bench.now = erasedAt + LEASE;
      await bench.wake();
      expect(await bench.ledger()).toEqual([]);
      const tombstone = await bench.store.load(CUSTOMER);
      expect(tombstone).toMatchObject({ kind: 'erased', erasedAt });
      expect(tombstone).not.toHaveProperty('dueAt');
    });

    it('is deleted too when the person has registered anew; the new life keeps what is its own', async () => {
      await erased();
      await registersAnew();
      await bench.store.writeEntry(sentIn(1, erasedAt + MINUTE));
      const registration = idsOf(registered(bench.now));
      await bench.store.writeEntry(sentIn(2, bench.now));
      expect((await bench.customer()).dueAt).toBeLessThanOrEqual(erasedAt + LEASE);
      bench.now = erasedAt + LEASE - 1;
      await bench.wake();
      expect(await bench.ledger()).toEqual([`${WELCOME} sent`, '2/onboarding/welcome/1 sent']);
      bench.now = erasedAt + LEASE;
      await bench.wake();
      expect(await bench.ledger()).toEqual(['2/onboarding/welcome/1 sent']);
      expect(await journalled()).toEqual(registration);
      expect(await bench.customer()).toMatchObject({ life: 2, previousLife: { erasedAt } });
      expect((await bench.customer()).previousLife).not.toHaveProperty('deleteAt');
    });
  });
});

/** The welcome of life 1 is closing; somebody who still sees life 1 is told. */
const closingIn = async (life: number) => {
  await bench.record(registered(START), bought(START));
  const welcome: Pending = (await bench.customer()).pending[WELCOME] ?? { moment: 0, decidedAt: 0, attempt: 0 };
  const closing = { [WELCOME]: { ...welcome, outcome: 'withheld', reason: 'stale', closedAt: START } } as const;
  await bench.change(() => ({ life, pending: {}, closing }));
  return { ...(await bench.customer()), life: 1 };
};

describe('closing a message', () => {
  it('lets go of it once the ledger has its entry', async () => {
    await finishClosings(bench.recording, await closingIn(1));
    expect(await bench.ledger()).toEqual([`${WELCOME} withheld: stale`]);
    expect(await bench.customer()).toMatchObject({ closing: {}, closed: [{ key: WELCOME }] });
  });

  it('touches nothing of a life that has begun meanwhile', async () => {
    const seen = await closingIn(2);
    await finishClosings(bench.recording, { ...seen, version: seen.version - 1 });
    expect((await bench.customer()).closing).toHaveProperty([WELCOME]);
  });

  it.each(['dies before', 'dies after'] as const)(
    'survives a death at its entry (%s); whoever sees it next finishes it',
    async (fate) => {
      await closingIn(1);
      bench.store.next('writeEntry', fate);
      await expect(bench.wake()).rejects.toThrow(Died);
      expect((await bench.customer()).closing).toHaveProperty([WELCOME]);
      await bench.wake();
      expect(await bench.ledger()).toEqual([`${WELCOME} withheld: stale`]);
      expect((await bench.customer()).closing).toEqual({});
    },
  );
});
