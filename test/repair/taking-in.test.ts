/** When a restore may let mail go on, while the shop's own events share the queue with what is replayed. */
import { describe, expect, it } from 'vitest';
import { TakingIn } from '../../infra/repair/taking-in.ts';
import { DAY, MINUTE, SECOND } from '../../shared/lifecycle/time.ts';

const LOOKS_EVERY = 2 * SECOND;

/** What is said in the end, and after how many minutes, of a queue that looks so from the end of the replay on. */
function outcomeOf(depthAt: (minutes: number, look: number) => { waiting: number; hidden: number }, countsLag = 0) {
  const takingIn = new TakingIn(countsLag);
  const replay = { state: 'completed', reached: 0, reason: undefined } as const;
  for (let look = 0; look * LOOKS_EVERY < 7 * DAY; look += 1) {
    const at = look * LOOKS_EVERY;
    const said = takingIn.after({ at, replay, depth: depthAt(at / MINUTE, look) });
    if (said !== 'goes on') return { said, minutes: Math.round(at / MINUTE) };
  }
  return { said: 'goes on', minutes: Infinity };
}

describe('what was replayed has been taken in', () => {
  const EMPTY = { waiting: 0, hidden: 0 };
  const FULL = { waiting: 500, hidden: 0 };

  it('when the queue is empty twice in a row', () => {
    expect(outcomeOf(() => EMPTY)).toEqual({ said: 'over', minutes: 0 });
    const looks: number[] = [];
    outcomeOf((_minutes, look) => {
      looks.push(look);
      return look === 1 || look >= 3 ? EMPTY : FULL;
    });
    expect(looks.at(-1)).toBe(4);
  });

  it('when it is empty for as long as its counts may lag', () => {
    expect(outcomeOf(() => EMPTY, 2 * MINUTE)).toEqual({ said: 'over', minutes: 2 });
    const seen = outcomeOf((minutes) => (minutes > 1.5 && minutes < 1.6 ? FULL : EMPTY), 2 * MINUTE);
    expect(seen).toEqual({ said: 'over', minutes: 4 });
  });

  it('not while the replay does not go on, however the queue of the shop grows and shrinks', () => {
    const takingIn = new TakingIn(0);
    const said = (at: number, reached: number) =>
      takingIn.after({
        at,
        replay: { state: 'running', reached, reason: undefined },
        depth: { waiting: (at / MINUTE) % 7, hidden: 1 },
      });
    const outcomes = Array.from({ length: 90 }, (_none, minute) => said(minute * MINUTE, Math.min(minute, 20)));
    expect(outcomes.indexOf('stuck')).toBe(80);
  });

  it.each([
    ['events come steadily', () => ({ waiting: 5, hidden: 3 })],
    [
      'many come at once now and then',
      (_m: number, look: number) => ({ waiting: look % 150 === 0 ? 120 : 5, hidden: 3 }),
    ],
    [
      'SQS counts roughly now and then',
      (_m: number, look: number) => ({ waiting: 1, hidden: look % 150 === 0 ? 0 : 2 }),
    ],
    ['there are more and fewer', (_m: number, look: number) => ({ waiting: look % 2 === 0 ? 80 : 160, hidden: 20 })],
  ])('within half an hour when %s', (_how, depthAt) => {
    const { said, minutes } = outcomeOf(depthAt);
    expect(said).toBe('over');
    expect(minutes).toBeGreaterThanOrEqual(10);
    expect(minutes).toBeLessThanOrEqual(30);
  });

  it('not while it lags for minutes again and again: it ends as stuck', () => {
    const { said, minutes } = outcomeOf((m) => ({ waiting: m % 10 < 5 ? 50 : 5000, hidden: 10 }));
    expect({ said, isSoon: minutes <= 70 }).toEqual({ said: 'stuck', isSoon: true });
  });

  it('not while nobody takes anything', () => {
    expect(outcomeOf(() => ({ waiting: 5, hidden: 0 }))).toMatchObject({ said: 'stuck' });
  });
});
