/** When a dissatisfaction that held something back was settled. */
import { describe, expect, it } from 'vitest';
import { troubleEnd } from '../../shared/lifecycle/customer/trouble.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { complained, day, resolved, resumedRenewal, reviewed, stoppedRenewal } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';

/** In days: when it was settled, of what fell into the second and third day. */
function end(...events: readonly CustomerEvent[]): number | undefined {
  const subject = { facts: factsOf(events), attention: [] };
  const t = troubleEnd(subject, PLAYBOOK_FOR_RULES, day(2), day(3));
  return t === undefined ? undefined : (t - day(0)) / (day(1) - day(0));
}

const rated = (days: number, stars: number) => reviewed(day(days), stars, { reviewId: 'v' });
const stopped = (days: number) => stoppedRenewal(day(days), day(40));

describe('a dissatisfaction', () => {
  it('that fell into the time has ended when somebody settled it, and not while it lasts', () => {
    expect(end(complained(day(0)), resolved(day(4)))).toBe(4);
    expect(end(complained(day(0)))).toBeUndefined();
    expect(end(complained(day(0)), resolved(day(1.5)))).toBeUndefined();
    expect(end(complained(day(3.5)), resolved(day(4)))).toBeUndefined();
  });

  it('began when it was said first, however often it is said again', () => {
    expect(end(complained(day(0)), complained(day(3.5)), resolved(day(4)))).toBe(4);
    expect(end(rated(0, 2), rated(3.5, 1), rated(4, 5))).toBe(4);
    expect(end(stopped(0), stopped(3.5), resumedRenewal(day(4)))).toBe(4);
    // What had been settled before it was said again is another one.
    expect(end(complained(day(0)), resolved(day(1)), complained(day(3.5)), resolved(day(4)))).toBeUndefined();
  });
});
