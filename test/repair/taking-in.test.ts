/** When a restore may let mail go on, while the shop's own events share the queue with what is replayed. */
import { describe, expect, it } from 'vitest';
import { TakingIn } from '../../infra/repair/taking-in.ts';
import { DAY, MINUTE, SECOND } from '../../shared/lifecycle/time.ts';

const LOOKS_EVERY = 2 * SECOND;

/** What is said in the end, and after how many minutes, of a queue that looks so from the end of the replay on. */
function outcomeOf(depthAt: (minutes: number, look: number) => { waiting: number; hidden: number }) {
  const takingIn = new TakingIn();
  const replay = { state: 'completed', reached: 0, reason: undefined } as const;
  for (let look = 0; look * LOOKS_EVERY < 7 * DAY; look += 1) {
    const at = look * LOOKS_EVERY;
    const said = takingIn.after({ at, replay, depth: depthAt(at / MINUTE, look) });
    if (said !== 'goes on') return { said, minutes: Math.round(at / MINUTE) };
  }
  return { said: 'goes on', minutes: Infinity };
}

describe('what was replayed has been taken in', () => {
  it('when the queue is empty twice in a row', () => {
    expect(outcomeOf(() => ({ waiting: 0, hidden: 0 }))).toEqual({ said: 'over', minutes: 0 });
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
