/** What the facts newly say against promotional mail, whichever way it came. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optOut, unknownAddress } from '../../shared/lifecycle/address.ts';
import { unsubscribed } from '../../shared/lifecycle/customer/unsubscribed.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { newOptOuts } from '../../shared/lifecycle/facts/opt-outs.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { addressSuppressed, bought, chose, consentAt, day, event, loggedIn, registered } from '../support/events.ts';
import { assert } from '../support/property.ts';

const known = [registered(day(0))];
/** What events say against mail, told to somebody of whom others are known. */
const saidBy = (events: readonly CustomerEvent[], before: readonly CustomerEvent[] = known) =>
  newOptOuts(factsOf(before), factsOf([...before, ...events]), events);
const off = (at: number) => chose(at, { how: 'shop', promotion: 'off' });
const on = (at: number) => chose(at, { how: 'shop', promotion: 'on', ...consentAt(at) });
const says = (at: number, marketing: string, occurredAt = at) =>
  event('Profile Updated', occurredAt, consentAt(at, marketing));

/** Somebody who chose a programme then. */
const chosenAt = (at: number) =>
  factsOf([registered(day(0)), chose(at, { how: 'shop', programmes: { retention: 'on' } })]);

describe('an opt-out', () => {
  it.each([
    ['a choice told by the shop', off(day(2)), [{ at: day(2) }]],
    [
      'a choice of programmes',
      chose(day(2), { how: 'shop', programmes: { retention: 'off', onboarding: 'on' } }),
      [{ programme: 'retention', at: day(2) }],
    ],
    ['a spam complaint', addressSuppressed(day(2), 'spam complaint'), [{ at: day(2) }]],
    ['a consent taken back, from when it was', says(day(1), 'none', day(2)), [{ at: day(1) }]],
    ['a consent taken back with an order', bought(day(2), 'o', consentAt(day(2), 'none')), [{ at: day(2) }]],
  ])('is %s', (_what, said, expected) => {
    expect(saidBy([said])).toStrictEqual(expected);
  });

  it.each([
    ['an ordinary event', [bought(day(2)), loggedIn(day(2)), addressSuppressed(day(2), 'hard bounce')], known],
    ['the first word on consent, when it is no', [registered(day(0), consentAt(day(0), 'none'))], []],
    ['a second no', [says(day(2), 'none')], [registered(day(0), consentAt(day(0), 'none'))]],
    ['what was known before', [off(day(2)), bought(day(3))], [...known, off(day(2))]],
    ['one that a later choice had overtaken before it came', [off(day(2))], [...known, on(day(3))]],
    ['a consent taken back before it was given anew', [says(day(2), 'none')], [registered(day(3))]],
  ] as const)('is not %s', (_what, events, before) => {
    expect(saidBy(events, before)).toStrictEqual([]);
  });

  it('is a consent taken back also when the one that was given comes with it, or later', () => {
    const nothing = [registered(day(0), { consent: undefined })];
    expect(saidBy([says(day(1), 'opt_in'), says(day(2), 'none')], nothing)).toStrictEqual([{ at: day(2) }]);
    expect(saidBy([says(day(1), 'opt_in')], [...nothing, says(day(2), 'none')])).toStrictEqual([{ at: day(2) }]);
  });

  it('is told whether a consent given later comes after it or before', () => {
    const consents = says(day(3), 'opt_in');
    expect(saidBy([off(day(2))], [...known, consents])).toStrictEqual([{ at: day(2) }]);
    expect(saidBy([consents], [...known, off(day(2))])).toStrictEqual([]);
    const [facts, said] = [factsOf([...known, consents]), optOut(unknownAddress('hash'), undefined, day(2))];
    expect(unsubscribed(facts, said, 'retention')).toBe(false);
  });

  it('that came before the address did is told when the address comes', () => {
    expect(saidBy([registered(day(0))], [off(day(1))])).toStrictEqual([{ at: day(1) }]);
    expect(saidBy([event('Profile Updated', day(3), { email: 'b@example.com' })], [...known, off(day(1))])).toEqual([]);
  });

  it('never outlives a later opt-in, however often and in whatever order everything is told again', () => {
    const history = [registered(day(0)), off(day(1)), on(day(2)), says(day(3), 'none'), on(day(4)), bought(day(5))];
    const shuffled = fc.shuffledSubarray(
      history.flatMap((each) => [each, each]),
      { minLength: history.length * 2 },
    );
    assert(
      fc.property(shuffled, (order) => {
        let address = unknownAddress('hash');
        for (const [index, each] of order.entries()) {
          const [before, after] = [factsOf(order.slice(0, index)), factsOf(order.slice(0, index + 1))];
          for (const { programme, at } of newOptOuts(before, after, [each])) address = optOut(address, programme, at);
        }
        expect(unsubscribed(factsOf(history), address, 'retention')).toBe(false);
      }),
      200,
    );
  });
});

describe('an opt-out at the address', () => {
  it('of one programme yields to a later choice of that programme; one of everything does not', () => {
    const ofOne = optOut(unknownAddress('hash'), 'retention', day(1));
    const ofAll = optOut(ofOne, undefined, day(1));
    expect(unsubscribed(chosenAt(day(2)), ofOne, 'retention')).toBe(false);
    expect(unsubscribed(chosenAt(day(1)), ofOne, 'retention')).toBe(true);
    expect(unsubscribed(chosenAt(day(2)), ofAll, 'retention')).toBe(true);
    expect(unsubscribed(chosenAt(day(2)), optOut(ofOne, 'win-back', day(1)), 'win-back')).toBe(true);
  });
});
