/** What is known of an address: suppression, opt-outs, bounces that may pass, and who shares it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  blockedAt,
  claimStep,
  countTransient,
  delivered,
  heldByAnother,
  isForgettable,
  optedOutAt,
  optOut,
  othersAt,
  suppress,
  unknownAddress,
  withHolder,
  withoutHolder,
} from '../../shared/lifecycle/address.ts';
import { PROGRAMMES_KEPT } from '../../shared/lifecycle/facts/choices.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';
import { assert, same } from '../support/property.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const NOBODY = unknownAddress('hash');
const POLICY = { transient: 3, within: 14 * DAY, rest: 30 * DAY };
const STEP = 'onboarding/welcome';

const claim = (address: Address, step: string, customerId: string, at: number) =>
  claimStep(address, step, { customerId, at, until: at + HOUR }, DAY);
const bounced = (days: readonly number[], from: Address = NOBODY) =>
  days.reduce((each, day) => countTransient(each, `f-${day}`, NOON + day * DAY, POLICY), from);

describe('a suppression', () => {
  it.each(['hard bounce', 'spam complaint'] as const)('by a %s holds for ever', (reason) => {
    const suppressed = suppress(NOBODY, reason, NOON);

    expect(blockedAt(suppressed, NOON)).toBe(reason);
    expect(blockedAt(suppressed, NOON + 10_000 * DAY)).toBe(reason);
  });

  it('keeps its first reason, and is the same object then', () => {
    const first = suppress(NOBODY, 'spam complaint', NOON);

    expect(suppress(first, 'hard bounce', NOON - 1)).toBe(first);
  });

  it('outlives every customer at the address, and everything else that is said of it', () => {
    const suppressed = suppress(withHolder(NOBODY, 'c-1', NOON), 'hard bounce', NOON);
    const later = delivered(withoutHolder(optOut(suppressed, undefined, NOON), 'c-1'), NOON + DAY);

    expect(blockedAt(later, NOON + DAY)).toBe('hard bounce');
  });

  it('is no matter of an address nobody knows', () => {
    expect(blockedAt(undefined, NOON)).toBeUndefined();
    expect(blockedAt(NOBODY, NOON)).toBeUndefined();
  });
});

describe('bounces that may pass', () => {
  it('rest the address once there are too many within the window, from the last one', () => {
    expect(blockedAt(bounced([0, 1]), NOON + DAY)).toBeUndefined();

    const resting = bounced([0, 1, 13]);
    expect(blockedAt(resting, NOON + 13 * DAY)).toBe('bouncing');
    expect(blockedAt(resting, NOON + 43 * DAY - 1)).toBe('bouncing');
    expect(blockedAt(resting, NOON + 43 * DAY)).toBeUndefined();
  });

  it('are forgotten when the window has passed', () => {
    expect(blockedAt(bounced([0, 1, 14]), NOON + 14 * DAY)).toBeUndefined();
    expect(blockedAt(bounced([0, 1, 13.9]), NOON + 14 * DAY)).toBe('bouncing');
  });

  it('count once per report, and a known report leaves the same object', () => {
    const twice = bounced([0, 1]);

    expect(countTransient(twice, 'f-1', NOON + DAY, POLICY)).toBe(twice);
    expect(countTransient(twice, 'f-0', NOON + 5 * DAY, POLICY)).toBe(twice);
  });

  it('are kept no longer than needed to count them', () => {
    expect(bounced([0, 1, 2, 3, 4]).transient?.map(({ id }) => id)).toEqual(['f-2', 'f-3', 'f-4']);
  });

  it('never shorten a rest, also when the policy has become milder', () => {
    const resting = bounced([0, 1, 2]);
    const milder = { ...POLICY, rest: DAY };

    expect(countTransient(resting, 'f-3', NOON + 3 * DAY, milder).restsUntil).toBe(resting.restsUntil);
    expect(countTransient(resting, 'f-3', NOON + 3 * DAY, POLICY).restsUntil).toBe(NOON + 33 * DAY);
  });

  it('within one window come to the same in any order, each any number of times', () => {
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 13 }), { minLength: 1, maxLength: 5 });
    const orders = days.chain((chosen) =>
      fc
        .array(fc.constantFrom(...chosen), { maxLength: 4 })
        .chain((doubled) =>
          fc.shuffledSubarray([...chosen, ...doubled], { minLength: chosen.length + doubled.length }),
        ),
    );
    assert(
      fc.property(orders, (order) => {
        const inOrder = [...new Set(order)].toSorted((a, b) => a - b);
        same(bounced(order), bounced(inOrder));
      }),
      1000,
    );
  });
});

describe('a delivery', () => {
  it('ends the rest and the counting', () => {
    expect(delivered(bounced([0, 1, 2]), NOON + 3 * DAY)).toEqual(NOBODY);
    expect(delivered(bounced([0]), NOON)).toEqual(NOBODY);
  });

  it('of before the last bounce proves nothing', () => {
    const resting = bounced([0, 1, 2]);

    expect(delivered(resting, NOON + DAY)).toBe(resting);
  });

  it('leaves an address alone that did not bounce', () => {
    const held = withHolder(NOBODY, 'c-1', NOON);

    expect(delivered(held, NOON + DAY)).toBe(held);
  });
});

describe('an opt-out', () => {
  it('of one programme holds for that one', () => {
    const said = optOut(NOBODY, 'retention', NOON);

    expect(optedOutAt(said, 'retention')).toBe(NOON);
    expect(optedOutAt(said, 'onboarding')).toBeUndefined();
    expect(optedOutAt(undefined, 'onboarding')).toBeUndefined();
  });

  it('of everything holds for each, and the later one counts', () => {
    const said = optOut(optOut(NOBODY, 'retention', NOON + 5), undefined, NOON);

    expect(optedOutAt(said, 'retention')).toBe(NOON + 5);
    expect(optedOutAt(said, 'onboarding')).toBe(NOON);
  });

  it.each([undefined, 'retention'])('is not taken back by an earlier one of %s', (programme) => {
    const said = optOut(NOBODY, programme, NOON);

    expect(optOut(said, programme, NOON)).toBe(said);
    expect(optOut(said, programme, NOON - 1)).toBe(said);
    expect(optedOutAt(optOut(said, programme, NOON + 1), 'retention')).toBe(NOON + 1);
  });

  it('is kept for so many programmes, those said last, in whatever order they arrive', () => {
    const said = Array.from({ length: PROGRAMMES_KEPT + 2 }, (_, n) => n);
    const told = (order: readonly number[]) =>
      order.reduce((each, n) => optOut(each, `programme-${n}`, NOON + n), optOut(NOBODY, undefined, NOON - 1));
    const full = told(said);

    expect(Object.keys(full.optOut?.programmes ?? {})).toHaveLength(PROGRAMMES_KEPT);
    expect(optedOutAt(full, 'programme-1')).toBe(NOON - 1);
    expect(optedOutAt(full, 'programme-2')).toBe(NOON + 2);
    expect(told(said.toReversed())).toEqual(full);
    expect(optOut(full, 'programme-0', NOON)).toBe(full);
  });

  it('is not read from a name every object has', () => {
    expect(optedOutAt(optOut(NOBODY, 'retention', NOON), 'constructor')).toBeUndefined();
  });
});

describe('customers who share an address', () => {
  const shared = withHolder(withHolder(NOBODY, 'c-2', NOON), 'c-1', NOON + 1);

  it('are entered once', () => {
    expect(withHolder(shared, 'c-1', NOON + DAY)).toBe(shared);
  });

  it.each(['constructor', '__proto__', 'toString'])('may be called %s', (id) => {
    const held = withHolder(shared, id, NOON + 2);

    expect(Object.hasOwn(held.holders, id)).toBe(true);
    expect(othersAt(held, 'c-1')).toEqual([id, 'c-2'].toSorted());
    expect(othersAt(withoutHolder(held, id), 'c-1')).toEqual(['c-2']);
  });

  it('see the others in a stable order, and never themselves', () => {
    expect(othersAt(withHolder(shared, 'c-0', NOON), 'c-2')).toEqual(['c-0', 'c-1']);
    expect(othersAt(undefined, 'c-1')).toEqual([]);
  });

  it('make room for newer ones, the oldest first', () => {
    const many = Array.from({ length: 12 }, (_, n) => n).reduce(
      (each, n) => withHolder(each, `c-${n}`, NOON + n),
      NOBODY,
    );

    expect(Object.keys(many.holders).toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `c-${n + 2}`).toSorted());
  });

  it('hold the mailbox against each other, not against themselves, until the claim ends', () => {
    const claimed = claimStep(shared, STEP, { customerId: 'c-1', at: NOON, until: NOON + HOUR }, DAY);

    expect(heldByAnother(claimed, 'c-2', NOON)).toBe(NOON + HOUR);
    expect(heldByAnother(claimed, 'c-1', NOON)).toBeUndefined();
    expect(heldByAnother(claimed, 'c-2', NOON + HOUR)).toBeUndefined();
    expect(heldByAnother(undefined, 'c-2', NOON)).toBeUndefined();
  });

  it('are known by the last claim on each step for as long as it says anything, and by none when they go', () => {
    const first = claim(shared, STEP, 'c-1', NOON);
    const second = claim(first, 'retention/benefits', 'c-3', NOON + DAY - 1);
    const third = claim(first, 'retention/benefits', 'c-3', NOON + DAY);

    expect(second.claims).toMatchObject({ [STEP]: { customerId: 'c-1' }, 'retention/benefits': { customerId: 'c-3' } });
    expect(othersAt(second, 'c-1')).toEqual(['c-2', 'c-3']);
    expect(Object.keys(third.claims ?? {})).toEqual(['retention/benefits']);
    expect(withoutHolder(third, 'c-3')).not.toHaveProperty('claims');
    expect(withoutHolder(third, 'c-1').claims).toEqual(third.claims);
    expect(claim(first, STEP, 'c-2', NOON + HOUR).claims).toMatchObject({ [STEP]: { customerId: 'c-2' } });
  });
});

describe('an address', () => {
  it.each([
    ['a holder', withHolder(NOBODY, 'c-1', NOON)],
    ['a claim', claimStep(NOBODY, STEP, { customerId: 'c-1', at: NOON, until: NOON + HOUR }, DAY)],
    ['a suppression', suppress(NOBODY, 'hard bounce', NOON)],
    ['an opt-out', optOut(NOBODY, 'retention', NOON)],
    ['bounces', bounced([0])],
  ])('is remembered for %s', (_, address) => {
    expect(isForgettable(address)).toBe(false);
  });

  it('keeps its bounces while somebody is left, and not for nobody', () => {
    const two = bounced([0, 1, 2], withHolder(withHolder(NOBODY, 'c-1', NOON), 'c-2', NOON));
    const one = withoutHolder(two, 'c-1');

    expect(blockedAt(one, NOON + 2 * DAY)).toBe('bouncing');
    expect(one.transient).toEqual(two.transient);
    expect(withoutHolder(one, 'c-2')).toEqual(NOBODY);
  });

  it('is forgotten when its last holder goes and nothing else is known', () => {
    expect(isForgettable(withoutHolder(withHolder(NOBODY, 'c-1', NOON), 'c-1'))).toBe(true);
  });
});
