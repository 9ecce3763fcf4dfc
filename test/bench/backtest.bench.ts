/**
 * Orders of an export played through the core per second on one core: made-up people with three orders each on average,
 * and all that follows from them, which is five mails an order and a timer for each.
 *
 *     npx vitest bench test/bench/backtest.bench.ts
 */
import { bench, describe } from 'vitest';
import { simulate } from '../../infra/backtest/simulation.ts';
import { logOf } from '../backtest/order-logs.ts';
import { OPEN } from '../support/circumstances.ts';
import { SHIPPED } from '../support/playbooks.ts';

const FIRST_DAY = Date.parse('2023-01-01T00:00:00Z') / 86_400_000;
const PEOPLE = 240;

/** One to five orders each, the first within a quarter, the others in a rhythm of 20 to 116 days. */
const log = logOf(
  Array.from({ length: PEOPLE }, (_none, person) =>
    Array.from({ length: 1 + (person % 5) }, (_order, index) => ({
      customer: `c${String(person).padStart(4, '0')}`,
      day: FIRST_DAY + (person % 90) + index * (20 + (person % 25) * 4) + 0.5,
      minor: 1000 + 37 * person,
    })),
  ).flat(),
);

describe(`${PEOPLE} people, ${log.at.length} orders`, () => {
  bench('played, counted and told', () => {
    simulate({ log, playbook: SHIPPED, circumstances: OPEN });
  });
});
