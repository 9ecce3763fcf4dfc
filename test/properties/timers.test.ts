/** I2: acting only at events and at the instants foretold shows the same stages and traits as looking at every instant. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { advance } from '../../shared/lifecycle/customer/advance.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { JOURNAL_NEEDED, react } from '../../shared/lifecycle/customer/react.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { nextChange, type StagePolicy, stageOf, type Stage } from '../../shared/lifecycle/stage.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, HOUR, type Instant, NEVER } from '../../shared/lifecycle/time.ts';
import { TRAITS } from '../../shared/lifecycle/traits/ids.ts';
import { situationOf } from '../../shared/lifecycle/traits/situation.ts';
import { heldAt, nextTraitChange, spansOf } from '../../shared/lifecycle/traits/traits.ts';
import { CUSTOMER, event, START } from '../support/events.ts';
import { historyOf, LOOKING, ORDINARY } from '../support/histories.ts';
import { MBG, OWN_GAP, PLAYBOOK_FOR_RULES, POLICY, SHIPPED, TRAIT_POLICY } from '../support/playbooks.ts';
import { assert, same } from '../support/property.ts';
import { type Entered, factsWithLooks, stagesByTimers, traitsByTimers } from '../support/stages-by-timers.ts';

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
  const instants = instantsOf(
    first,
    until,
    entered.map((each) => each.at),
  );
  // Ascending, so that the facts known at each instant are folded once.
  let known = 0;
  let facts = NO_FACTS;
  for (const t of instants) {
    const before = known;
    while ((history[known]?.occurredAt ?? Number.POSITIVE_INFINITY) <= t) known += 1;
    if (known !== before) facts = factsOf(history.slice(0, known));
    const { stage } = stageOf(facts, policy, t);
    same({ stage, at: new Date(t) }, { stage: stageAt(entered, t), at: new Date(t) });
  }
}

/** Every fifth hour, and the milliseconds around each instant that matters; ascending. */
function instantsOf(from: Instant, until: Instant, around: readonly Instant[]): readonly Instant[] {
  const looked = new Set<Instant>(around.flatMap((at) => [at - 1, at, at + 1]));
  for (let t = Math.ceil(from / HOUR) * HOUR; t < until; t += 5 * HOUR) looked.add(t);
  return [...looked].filter((each) => each >= from && each <= until).toSorted((a, b) => a - b);
}

function sameTraitsAsAlwaysLooking(
  history: readonly CustomerEvent[],
  playbook: Playbook,
  mails: readonly Instant[],
): void {
  const first = history[0]?.occurredAt ?? 0;
  const until = (history.at(-1)?.occurredAt ?? 0) + 300 * DAY;
  const holdings = traitsByTimers(history, playbook, mails, until);
  let known = -1;
  let facts = NO_FACTS;
  const instants = instantsOf(first, until, [...holdings.map(({ at }) => at), ...edgesOf(history, playbook, mails)]);
  for (const t of instants) {
    const count = history.filter((each) => each.occurredAt <= t).length;
    if (count !== known) facts = factsWithLooks(history.slice(0, count), playbook);
    known = count;
    const ids = heldAt({ facts, playbook, mails }, t);
    const held = holdings.findLast((each) => each.at <= t)?.ids ?? [];
    same({ ids, at: new Date(t) }, { ids: held, at: new Date(t) });
  }
}

/** Beginnings and ends of all traits, as known at the end: also those at which nothing changes in the end. */
function edgesOf(history: readonly CustomerEvent[], playbook: Playbook, mails: readonly Instant[]): readonly Instant[] {
  const situation = { facts: factsWithLooks(history, playbook), playbook, mails };
  const ids = [...TRAITS, ...playbook.traits.own.map(({ id }) => id)];
  return ids.flatMap((id) => spansOf(situation, id).flatMap(({ from, to }) => [from, to]));
}

const OWN: Playbook['traits']['own'] = [
  { id: 'quiet', fact: 'daysSinceOrder', operator: 'at least', value: 20, because: 'has not bought for 20 days' },
  { id: 'settled', fact: 'daysSinceFirstOrder', operator: 'is not', value: 30, because: 'known for long' },
  { id: 'wavering', fact: 'stage', operator: 'is', value: 'at_risk', because: 'wavers' },
  { id: 'tea-lover', fact: 'lastCategory', operator: 'is', value: 'tea', because: 'buys tea' },
  { id: 'small', fact: 'spend', operator: 'at most', value: 100, because: 'small' },
];

const playbooks: readonly (readonly [string, Playbook])[] = [
  ['the thresholds of the tests', { ...PLAYBOOK_FOR_RULES, traits: { ...TRAIT_POLICY, own: OWN } }],
  ['the shipped playbook', SHIPPED],
  [
    'short times and reported clicks',
    {
      ...PLAYBOOK_FOR_RULES,
      stages: {
        ...OWN_GAP,
        critic: { ...OWN_GAP.critic, within: 20 * DAY, after: 3 * DAY },
        dissatisfied: { ...OWN_GAP.dissatisfied, rating: { atMost: 3, lasts: 4 * DAY, endedBy: 4 } },
      },
      traits: {
        ...TRAIT_POLICY,
        looker: { views: 5, visits: 4, within: 3 * DAY },
        researcher: { studies: 2, categoryViews: 3, within: 20 * DAY, quiet: 9 * DAY },
        hesitant: { days: 2, within: 9 * DAY, undecided: 3 * HOUR, lasts: 9 * DAY },
        ready: { lasts: 9 * DAY },
        impulse: { ...TRAIT_POLICY.impulse, within: 90 * DAY, views: 1, lasts: 90 * DAY, refunds: 1 },
        neutral: { ...TRAIT_POLICY.neutral, irregularity: 0.1, mailsWithoutClick: 2, clicksReported: true },
        promoter: { score: 8, valid: 30 * DAY, referrals: 1 },
        keyAccount: { ...TRAIT_POLICY.keyAccount, orders: 1, early: 0.33 },
        own: OWN,
      },
    },
  ],
];

const mailTimes = fc
  .array(fc.integer({ min: 0, max: 400 }), { maxLength: 8 })
  .map((days) => days.toSorted((a, b) => a - b).map((each) => START + each * DAY + HOUR));

describe('I2: so it is with traits', () => {
  it.each(playbooks)('under %s', (_name, playbook) => {
    assert(
      fc.property(historyOf(ORDINARY), mailTimes, (history, mails) =>
        sameTraitsAsAlwaysLooking(history, playbook, mails),
      ),
      25,
    );
  });

  it.each(playbooks)('of whoever looks at much, under %s', (_name, playbook) => {
    assert(
      fc.property(historyOf({ ...LOOKING, most: 40 }), (history) => sameTraitsAsAlwaysLooking(history, playbook, [])),
      20,
    );
  });

  it.each(playbooks)('and with what a customer is remembered to have, under %s', (_name, playbook) => {
    assert(
      fc.property(historyOf(ORDINARY), fc.integer({ min: 0, max: 500 }), (history, days) => {
        let customer: Living = unknownCustomer(CUSTOMER, START);
        const until = START + days * DAY;
        const known = history.filter((each) => each.occurredAt <= until);
        fc.pre(known.length > 0);
        for (const [index, each] of known.entries()) {
          const reaction = react(customer, [each], each.id, playbook, each.occurredAt, known.slice(0, index + 1));
          if (reaction === JOURNAL_NEEDED) throw new Error('it was given the journal');
          customer = reaction.customer;
        }
        const { customer: now } = advance({ customer, changes: [] }, until, playbook);
        same(now.traits, heldAt(situationOf(now, playbook), now.evaluatedAt));
      }),
      25,
    );
  });

  it.each(playbooks)('a change is at a whole millisecond, under %s', (_name, playbook) => {
    assert(
      fc.property(historyOf(ORDINARY), (history) => {
        const facts = factsWithLooks(history, playbook);
        const next = nextTraitChange({ facts, playbook, mails: [] }, history.at(-1)?.occurredAt ?? 0);
        expect(next === NEVER || Number.isInteger(next)).toBe(true);
      }),
      100,
    );
  });
});

const policies: readonly (readonly [string, StagePolicy])[] = [
  ['fixed numbers of days', POLICY],
  ['multiples of the own gap', OWN_GAP],
  ['the probability of no order', MBG],
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
