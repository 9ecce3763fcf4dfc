/** Pauses: when promotion rests, and how delays count only the time in between. */
import { describe, expect, it } from 'vitest';
import { afterPauses, pausedUntil, pausesOf } from '../../shared/lifecycle/customer/pauses.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { complained, day, resolved } from '../support/events.ts';
import { POLICY } from '../support/playbooks.ts';

const pauses = (...events: Parameters<typeof factsOf>[0]) =>
  pausesOf(factsOf(events), POLICY).map(({ from, to }) => [(from - day(0)) / DAY, (to - day(0)) / DAY]);

describe('promotion rests', () => {
  it('while a complaint is open and seven days after', () => {
    expect(pauses(complained(day(1)), resolved(day(3)))).toStrictEqual([[1, 10]]);
    expect(pauses(complained(day(1)))).toStrictEqual([[1, 53]]);
    expect(pauses()).toStrictEqual([]);
  });

  it('once for complaints whose pauses touch or overlap', () => {
    const first = [complained(day(1), 'a'), resolved(day(3), 'a')];
    expect(pauses(...first, complained(day(10), 'b'), resolved(day(11), 'b'))).toStrictEqual([[1, 18]]);
    expect(pauses(...first, complained(day(2), 'b'), resolved(day(2.5), 'b'))).toStrictEqual([[1, 10]]);
    const apart = [complained(day(20), 'c'), resolved(day(21), 'c'), complained(day(22), 'd'), resolved(day(23), 'd')];
    expect(pauses(...first, ...apart)).toStrictEqual([
      [1, 10],
      [20, 30],
    ]);
    expect(pauses(...first, complained(day(10.5), 'b'), resolved(day(11), 'b'))).toStrictEqual([
      [1, 10],
      [10.5, 18],
    ]);
  });
});

describe('delays', () => {
  const spans = [
    { from: 10, to: 20 },
    { from: 30, to: 35 },
  ];

  it.each([
    ['are over before the pause', 0, 9, 9],
    ['that end as the pause begins wait for its end', 0, 10, 20],
    ['stand still in a pause', 0, 11, 21],
    ['stand still in both', 0, 25, 40],
    ['that end as the second begins wait for its end', 0, 20, 35],
    ['begin at the end of the pause they begin in', 15, 0, 20],
    ['begin at the end of the pause that begins with them', 10, 3, 23],
    ['count from the very end of a pause', 20, 5, 25],
    ['do not know of pauses past', 22, 3, 25],
    ['know nothing of later ones', 40, 7, 47],
  ])('%s', (_what, anchor, delay, at) => {
    expect(afterPauses(anchor, delay, spans)).toBe(at);
  });

  it('a pause has a first instant and no last', () => {
    expect([9, 10, 19, 20, 34].map((t) => pausedUntil(spans, t))).toStrictEqual([undefined, 20, 20, undefined, 35]);
  });
});
