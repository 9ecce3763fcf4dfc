/**
 * Crossings found per second on one core, each of another customer, so that none is remembered. An order asks for two;
 * by the own gap they are closed forms, by the probability of no order one of them is searched for.
 *
 *     npx vitest bench test/bench/cadence.bench.ts
 */
import { bench, describe } from 'vitest';
import { type Cadence, cadenceOf } from '../../shared/lifecycle/cadence/cadence.ts';
import { fitMbg } from '../../shared/lifecycle/cadence/fit.ts';
import type { OrderHistory } from '../../shared/lifecycle/facts/orders.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { day } from '../support/events.ts';
import { MBG, OWN_GAP } from '../support/playbooks.ts';

const CUSTOMERS = 1000;

/** From one order to twelve, every ten to sixty days. */
const histories: readonly OrderHistory[] = Array.from({ length: CUSTOMERS }, (_each, index) => {
  const gaps = index % 12;
  const gap = 10 + (index % 51);
  const first = day(0) + index * MINUTE;
  return { orders: gaps + 1, first, last: first + gaps * gap * DAY, gaps, lnGaps: gaps * Math.log(gap) };
});

function crossings(cadence: Cadence): void {
  for (const history of histories) {
    cadence.atRiskAt(history);
    cadence.lapsedAt(history);
  }
}

describe(`both crossings of ${CUSTOMERS} customers`, () => {
  bench('by the own gap', () => crossings(cadenceOf(OWN_GAP.cadence)));

  bench('by the probability of no order', () => crossings(cadenceOf(MBG.cadence)));
});

/** Every tenth customer came back; no two of these have the same history. */
const PEOPLE = 100_000;
const people = Array.from({ length: PEOPLE }, (_each, index) => {
  const T = 1 + (index % 100);
  const x = index % 10 === 0 ? 1 + (index % 7) : 0;
  return { x, tx: x === 0 ? 0 : T * (((index * 7919) % PEOPLE) / PEOPLE), T };
});
const table = {
  length: PEOPLE,
  x: people.map(({ x }) => x),
  tx: people.map(({ tx }) => tx),
  T: people.map(({ T }) => T),
};

describe('the fit', () => {
  bench(
    `of ${PEOPLE} customers`,
    () => {
      fitMbg(table);
    },
    { iterations: 3, time: 0, warmupIterations: 1, warmupTime: 0 },
  );
});
