/**
 * Events folded and decided per second on one core. The budget is 300,000 events a second; one operation here is one
 * event taken in as `record` does it for a warm customer: step through time, fold, observe, decide.
 *
 *     npx vitest bench test/bench/core.bench.ts
 */
import { bench, describe } from 'vitest';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { JOURNAL_NEEDED, react } from '../../shared/lifecycle/customer/react.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { stageOf } from '../../shared/lifecycle/stage.ts';
import { bought, CUSTOMER, day, delivered, loggedIn, registered } from '../support/events.ts';
import { MBG, SHIPPED } from '../support/playbooks.ts';

/** Registered, four orders with deliveries in five months, a few logins: 14 events. */
const history: readonly CustomerEvent[] = [
  registered(day(0)),
  ...[0, 35, 80, 120].flatMap((each, index) => [bought(day(each), `o${index}`), delivered(day(each + 3), `o${index}`)]),
  ...[5, 40, 81, 119, 121].map((each) => loggedIn(day(each))),
].toSorted((a, b) => a.occurredAt - b.occurredAt);

/**
 * The shipped playbook, with lapsed by the probability of no order. Its crossing is searched for, and then remembered:
 * what one search costs, `cadence.bench.ts` tells.
 */
const BY_PROBABILITY: Playbook = { ...SHIPPED, stages: { ...SHIPPED.stages, cadence: MBG.cadence } };

function reactedBy(playbook: Playbook, customer: Living, event: CustomerEvent): Living {
  const reaction = react(customer, [event], event.id, playbook, event.occurredAt);
  if (reaction === JOURNAL_NEEDED) throw new Error('the benchmark has outrun the ring');
  return { ...reaction.customer, pending: {} };
}

const reacted = (customer: Living, event: CustomerEvent) => reactedBy(SHIPPED, customer, event);
const reactedByProbability = (customer: Living, event: CustomerEvent) => reactedBy(BY_PROBABILITY, customer, event);

const start = unknownCustomer(CUSTOMER, day(0));
const warm = history.reduce(reacted, start);
const next = bought(day(125), 'o9');

describe('the core', () => {
  bench('14 events, each folded and decided when it comes', () => {
    history.reduce(reacted, start);
  });

  bench('the same, lapsed by the probability of no order', () => {
    history.reduce(reactedByProbability, start);
  });

  bench('14 events of one batch, folded one by one and decided once', () => {
    react(start, history, 'batch', SHIPPED, day(122));
  });

  bench('14 events rebuilt from the journal', () => {
    factsOf(history);
  });

  bench('one more order of a warm customer', () => {
    reacted(warm, next);
  });

  bench('the same, lapsed by the probability of no order', () => {
    reactedByProbability(warm, next);
  });

  bench('the stage of a warm customer', () => {
    stageOf(warm.facts, SHIPPED.stages, day(130));
  });
});
