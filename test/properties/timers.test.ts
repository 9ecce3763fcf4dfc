/** I2: acting only at events and at `nextChange` shows the same stages as looking at every instant. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { nextChange, type StagePolicy, stageOf, type Stage } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { event, START } from '../support/events.ts';
import { historyOf, ORDINARY } from '../support/histories.ts';
import { OWN_GAP, POLICY } from '../support/playbooks.ts';
import { assert, same } from '../support/property.ts';
import { type Entered, stagesByTimers } from '../support/stages-by-timers.ts';

/** A history with logins on these days after its beginning. */
function withLogins(events: readonly CustomerEvent[], days: readonly number[]): readonly CustomerEvent[] {
  const logins = days.map((each, index) =>
    event('Login Succeeded', START + each * DAY + index * HOUR, {}, `login${index}`),
  );
  return [...events, ...logins].toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1));
}

/** What was last entered at or before an instant. */
function stageAt(entered: readonly Entered[], t: Instant): Stage {
  return entered.findLast((each) => each.at <= t)?.to ?? 'lead';
}

function sameAsAlwaysLooking(history: readonly CustomerEvent[], policy: StagePolicy): void {
  const first = history[0]?.occurredAt ?? 0;
  const until = (history.at(-1)?.occurredAt ?? 0) + 300 * DAY;
  const entered = stagesByTimers(history, policy, until);
  const changes = entered.map((each) => each.at);
  const looked = new Set<Instant>(changes.flatMap((at) => [at - 1, at, at + 1]));
  for (let t = Math.ceil(first / HOUR) * HOUR; t < until; t += 5 * HOUR) looked.add(t);
  // Ascending, so that the facts known at each instant are folded once.
  let known = 0;
  let facts = NO_FACTS;
  for (const t of [...looked].filter((each) => each >= first).toSorted((a, b) => a - b)) {
    const before = known;
    while ((history[known]?.occurredAt ?? Number.POSITIVE_INFINITY) <= t) known += 1;
    if (known !== before) facts = factsOf(history.slice(0, known));
    const { stage } = stageOf(facts, policy, t);
    same({ stage, at: new Date(t) }, { stage: stageAt(entered, t), at: new Date(t) });
  }
}

const policies: readonly (readonly [string, StagePolicy])[] = [
  ['fixed numbers of days', POLICY],
  ['multiples of the own gap', OWN_GAP],
  [
    'an onboarding window longer than everything, and impatience',
    {
      ...OWN_GAP,
      onboardingWindow: 75 * DAY,
      cadence: { rule: 'fixed', atRiskAfter: 10 * DAY, lapsedAfter: 20 * DAY },
      minimumAtRisk: 0.5 * DAY,
      loyal: { orders: 2, since: 30 * DAY, spend: { USD: 1, EUR: 1, JPY: 1 } },
    },
  ],
];

describe('I2: timers see what looking at every instant sees', () => {
  it.each(policies)('under %s', (_name, policy) => {
    assert(
      fc.property(historyOf(ORDINARY), (history) => sameAsAlwaysLooking(history, policy)),
      60,
    );
  });

  it.each(policies)('through sparse histories with long silences, under %s', (_name, policy) => {
    assert(
      fc.property(historyOf({ ...ORDINARY, days: 900, most: 9 }), (history) => sameAsAlwaysLooking(history, policy)),
      60,
    );
  });

  it.each(policies)('for habits of logging in, under %s', (_name, policy) => {
    const habit = fc
      .tuple(historyOf({ ...ORDINARY, days: 60, most: 6 }), fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 4 }))
      .map(([events, days]) => withLogins(events, days));
    assert(
      fc.property(habit, (history) => sameAsAlwaysLooking(history, policy)),
      40,
    );
  });

  it.each(policies)(
    'whoever buys again after having lapsed is returning, and nobody else, under %s',
    (_name, policy) => {
      const purchases = fc.array(fc.integer({ min: 0, max: 150 * 24 }), { minLength: 2, maxLength: 8 }).map((gaps) => {
        let at = START;
        return gaps.map((gap) => {
          at += gap * HOUR + 1;
          return event('Purchase Completed', at, { orderId: `o${at}`, total: 10, currency: 'USD' });
        });
      });
      assert(
        fc.property(purchases, (history) => {
          const last = history.at(-1)?.occurredAt ?? 0;
          const before = stagesByTimers(history.slice(0, -1), policy, last);
          const { returning } = stageOf(factsOf(history), policy, last);
          // Orders that have left the ring are not looked at again; this history fits in.
          expect(returning).toBe(before.at(-1)?.to === 'lapsed');
        }),
        500,
      );
    },
  );

  it.each(policies)('a change is at a whole millisecond, under %s', (_name, policy) => {
    const habit = fc
      .tuple(historyOf({ ...ORDINARY, days: 90, most: 8 }), fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 4 }))
      .map(([events, days]) => withLogins(events, days));
    assert(
      fc.property(habit, (history) => {
        const facts = factsOf(history);
        const change = nextChange(facts, policy, history.at(-1)?.occurredAt ?? 0);
        fc.pre(change !== undefined);
        expect(Number.isInteger(change?.at)).toBe(true);
      }),
      150,
    );
  });
});
