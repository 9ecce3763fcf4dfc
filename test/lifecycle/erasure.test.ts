/** Forgetting: the tombstone, what it keeps out, and the one door to a new life. */
import { describe, expect, it } from 'vitest';
import {
  addressesIn,
  beginsNewLife,
  erase,
  isFromBeforeErasure,
  newLife,
} from '../../shared/lifecycle/customer/erasure.ts';
import type { Erased } from '../../shared/lifecycle/customer/profile.ts';
import { HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { customerAfter } from '../support/customers.ts';
import { bought, CUSTOMER, day, event, registered } from '../support/events.ts';

const tombstone: Erased = erase(
  { ...customerAfter([bought(day(0))], day(1)), version: 7, life: 2 },
  day(10),
  day(10) + HOUR,
  ['hash-1', 'hash-2'],
);

const consentOf = (marketing: string, at: Instant) => ({
  consent: { marketing, source: 'form', at: new Date(at).toISOString() },
});

describe('the tombstone', () => {
  it('keeps life and version, and is due when no sender can be writing any more', () => {
    expect(tombstone).toStrictEqual({
      kind: 'erased',
      customerId: CUSTOMER,
      life: 2,
      version: 7,
      erasedAt: day(10),
      dueAt: day(10) + HOUR,
      addresses: ['hash-1', 'hash-2'],
    });
  });

  it('keeps no list of addresses when the person had none', () => {
    expect(erase(customerAfter([], day(1)), day(10), day(11), [])).not.toHaveProperty('addresses');
  });

  it('is about every address of the facts and of the journal, each once', () => {
    const moved = event('Profile Updated', day(2), { email: 'b@example.com' });
    const { facts } = customerAfter([moved], day(3));
    expect(addressesIn(facts.person, [registered(day(0)), moved, bought(day(1))]).toSorted()).toStrictEqual([
      'anna@example.com',
      'b@example.com',
    ]);
    expect(addressesIn(facts.person, [])).toStrictEqual(['b@example.com']);
  });

  it('drops what occurred up to it, also in the life after it', () => {
    const next = newLife(tombstone, day(11), day(11));
    for (const profile of [tombstone, next]) {
      expect(isFromBeforeErasure(profile, bought(day(10)))).toBe(true);
      expect(isFromBeforeErasure(profile, bought(day(10) + 1))).toBe(false);
    }
    expect(isFromBeforeErasure(customerAfter([], day(1)), bought(day(-100)))).toBe(false);
  });
});

describe('a new life', () => {
  it('begins with a registration and a consent after the erasure, and with nothing else', () => {
    const begins = (at: Instant, data: Readonly<Record<string, unknown>>) =>
      beginsNewLife(tombstone, registered(at, data));
    expect(begins(day(11), consentOf('opt_in', day(11)))).toBe(true);
    expect(begins(day(11), consentOf('soft_opt_in', day(10) + 1))).toBe(true);
    expect(begins(day(11), consentOf('opt_in', day(10)))).toBe(false);
    expect(begins(day(11), consentOf('none', day(11)))).toBe(false);
    expect(begins(day(11), { consent: undefined })).toBe(false);
    expect(begins(day(10), consentOf('opt_in', day(10) + 1))).toBe(false);
    const update = event('Profile Updated', day(11), consentOf('opt_in', day(11)));
    expect(beginsNewLife(tombstone, update)).toBe(false);
  });

  it('has the next number, goes on with the version, and finishes the deletion of the old one', () => {
    expect(newLife(tombstone, day(11), day(11))).toMatchObject({
      kind: 'living',
      life: 3,
      version: 7,
      stage: 'lead',
      evaluatedAt: day(11),
      previousLife: { erasedAt: day(10), deleteAt: day(10) + HOUR },
      dueAt: day(10) + HOUR,
    });
    const { dueAt: _done, addresses: _struckOff, ...deleted } = tombstone;
    const life = newLife(deleted, day(11), day(11));
    expect(life.previousLife).toStrictEqual({ erasedAt: day(10) });
    expect(life).not.toHaveProperty('dueAt');
  });
});
