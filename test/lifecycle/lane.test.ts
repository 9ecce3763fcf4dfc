/** How much mail may leave: reservations, warm-up, stops and pauses. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isPaused,
  type Lane,
  nextRoom,
  OPEN_LANE,
  pause,
  reserve,
  resume,
  stop,
  stoppedUntil,
  usedWithinADay,
  warmUpLimit,
} from '../../shared/lifecycle/lane.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { assert } from '../support/property.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const LIMITS = { perDay: 100 };

const filled = (mails: number, t = NOON): Lane => reserve(OPEN_LANE, mails, LIMITS, 'service', t).lane;

describe('a reservation', () => {
  it('is granted whole while there is room', () => {
    const { lane, granted, blocked } = reserve(OPEN_LANE, 10, LIMITS, 'promotional', NOON);

    expect({ granted, blocked }).toEqual({ granted: 10, blocked: undefined });
    expect(usedWithinADay(lane, NOON)).toBe(10);
  });

  it('is granted in part when there is less room', () => {
    expect(reserve(filled(95), 10, LIMITS, 'service', NOON)).toMatchObject({ granted: 5 });
  });

  it('leaves the lane alone when there is none, and says why', () => {
    const full = filled(100);

    expect(reserve(full, 1, LIMITS, 'service', NOON)).toEqual({ lane: full, granted: 0, blocked: 'daily share' });
  });

  it('leaves a tenth of the day to service mail', () => {
    expect(reserve(filled(85), 10, LIMITS, 'promotional', NOON)).toMatchObject({ granted: 5 });
    expect(reserve(filled(90), 1, LIMITS, 'promotional', NOON)).toMatchObject({ granted: 0, blocked: 'daily share' });
    expect(reserve(filled(90), 10, LIMITS, 'service', NOON)).toMatchObject({ granted: 10 });
  });

  it('is always granted where SES sets no quota', () => {
    const unlimited = { perDay: Infinity };

    expect(reserve(filled(100), 1e6, unlimited, 'promotional', NOON)).toMatchObject({ granted: 1e6 });
  });

  it('frees its room after a day, by whole hours', () => {
    const early = filled(100, NOON + 59 * MINUTE);

    expect(usedWithinADay(early, NOON + DAY + 59 * MINUTE)).toBe(100);
    expect(usedWithinADay(early, NOON + DAY + HOUR)).toBe(0);
    expect(nextRoom(NOON + DAY + 59 * MINUTE)).toBe(NOON + DAY + HOUR);
    expect(nextRoom(NOON)).toBe(NOON + HOUR);
  });

  it('forgets the hours that are over', () => {
    const later = reserve(filled(10), 10, LIMITS, 'service', NOON + 2 * DAY).lane;

    expect(Object.keys(later.reserved)).toHaveLength(1);
  });

  it('never lets more leave in any 24 hours than the share', () => {
    const asks = fc.array(
      fc.record({
        after: fc.integer({ min: 0, max: 6 * HOUR }),
        wanted: fc.integer({ min: 1, max: 60 }),
        kind: fc.constantFrom('service' as const, 'promotional' as const),
      }),
      { maxLength: 40 },
    );
    assert(
      fc.property(asks, (each) => {
        let lane = OPEN_LANE;
        let t = NOON;
        const left: { readonly t: number; readonly mails: number }[] = [];
        for (const { after, wanted, kind } of each) {
          t += after;
          const answer = reserve(lane, wanted, LIMITS, kind, t);
          lane = answer.lane;
          left.push({ t, mails: answer.granted });
          const now = t;
          const withinADay = left.filter((mail) => mail.t > now - DAY).reduce((sum, { mails }) => sum + mails, 0);
          if (withinADay > LIMITS.perDay) return false;
        }
        return true;
      }),
      500,
    );
  });
});

describe('warm-up', () => {
  const warmUp = { firstDay: 10, factor: 2 };
  const limits = { perDay: 100, warmUp };

  /** The warm-up when so many mails left on each day. */
  const after = (...days: readonly number[]): Lane =>
    days.reduce(
      (lane, mails, day) => (mails === 0 ? lane : reserve(lane, mails, limits, 'promotional', NOON + day * DAY).lane),
      OPEN_LANE,
    );
  const limitAfter = (...days: readonly number[]) => warmUpLimit(after(...days), warmUp, NOON + days.length * DAY);

  it('allows more each day that follows one of which at least half was used', () => {
    expect(warmUpLimit(OPEN_LANE, warmUp, NOON)).toBe(10);
    expect(warmUpLimit(after(10), warmUp, NOON + DAY - 1)).toBe(10);
    expect([limitAfter(10), limitAfter(10, 10), limitAfter(5, 10, 20)]).toEqual([20, 40, 80]);
  });

  it('does not count a day of which less than half was used, nor idle days', () => {
    expect([limitAfter(4), limitAfter(4, 5), limitAfter(10, 9), limitAfter(10, 0, 0, 0)]).toEqual([10, 20, 20, 20]);
  });

  it('does not begin with service mail, nor where none is configured', () => {
    expect(reserve(OPEN_LANE, 10, limits, 'service', NOON).lane).not.toHaveProperty('warmUp');
    expect(reserve(OPEN_LANE, 10, LIMITS, 'promotional', NOON).lane).not.toHaveProperty('warmUp');
    const begun = reserve(filled(90, NOON - 30 * DAY), 5, limits, 'promotional', NOON).lane;
    expect(begun.warmUp).toEqual({ day: 1, since: NOON, used: 5 });
    expect(reserve(begun, 3, limits, 'service', NOON).lane.warmUp).toEqual(begun.warmUp);
  });

  it('leaves room for promotion however much service mail goes out', () => {
    const busy = filled(90, NOON);
    const { granted, lane } = reserve(busy, 1, { ...limits, perDay: 1000 }, 'promotional', NOON);
    expect(granted).toBe(1);
    expect(lane.warmUp).toMatchObject({ day: 1, used: 1 });
  });

  it('holds promotional mail back, not service mail, and says which limit it was', () => {
    const begun = reserve(OPEN_LANE, 20, limits, 'promotional', NOON);

    expect(begun.granted).toBe(10);
    expect(reserve(begun.lane, 1, limits, 'promotional', NOON)).toMatchObject({ granted: 0, blocked: 'warm-up' });
    expect(reserve(begun.lane, 20, limits, 'service', NOON)).toMatchObject({ granted: 20 });
  });

  it('ends at the share of the day', () => {
    const warm = { ...filled(90), warmUp: { day: 30, since: NOON, used: 0 } };

    expect(reserve(warm, 1, limits, 'promotional', NOON)).toMatchObject({ granted: 0, blocked: 'daily share' });
  });
});

describe('a stop', () => {
  it('ends by itself', () => {
    const stopped = stop(OPEN_LANE, 'quota', NOON + HOUR);

    expect(stoppedUntil(stopped, NOON + HOUR - 1)).toEqual({ why: 'quota', until: NOON + HOUR });
    expect(stoppedUntil(stopped, NOON + HOUR)).toBeUndefined();
    expect(stoppedUntil(OPEN_LANE, NOON)).toBeUndefined();
  });

  it('is only replaced by a longer one', () => {
    const stopped = stop(OPEN_LANE, 'quota', NOON + HOUR);

    expect(stop(stopped, 'rate', NOON + HOUR)).toBe(stopped);
    expect(stop(stopped, 'paused', NOON + DAY).stop).toEqual({ why: 'paused', until: NOON + DAY });
  });
});

describe('a pause', () => {
  it('of everything holds every programme', () => {
    const paused = pause(OPEN_LANE, undefined, NOON);

    expect(isPaused(paused, 'retention')).toBe(true);
    expect(isPaused(resume(paused, undefined), 'retention')).toBe(false);
  });

  it('of one programme holds that one', () => {
    const paused = pause(pause(OPEN_LANE, 'retention', NOON), 'winback', NOON);

    expect(['retention', 'winback', 'recovery'].map((each) => isPaused(paused, each))).toEqual([true, true, false]);
    expect(isPaused(resume(paused, 'retention'), 'retention')).toBe(false);
    expect(isPaused(resume(paused, 'retention'), 'winback')).toBe(true);
  });

  it('of everything, when it ends, ends those of programmes; that of a programme does not end that of everything', () => {
    const both = pause(pause(OPEN_LANE, 'retention', NOON), undefined, NOON);

    expect(isPaused(resume(both, undefined), 'retention')).toBe(false);
    expect(isPaused(resume(both, 'retention'), 'retention')).toBe(true);
  });

  it('remembers when it began, also when somebody pauses again', () => {
    const again = pause(pause(OPEN_LANE, undefined, NOON), undefined, NOON + HOUR);
    const one = pause(pause(OPEN_LANE, 'retention', NOON), 'retention', NOON + HOUR);

    expect(again.paused.all).toBe(NOON);
    expect(one.paused.programmes['retention']).toBe(NOON);
  });

  it('is not read from a name every object has', () => {
    expect(isPaused(OPEN_LANE, 'constructor')).toBe(false);
  });
});
