/** What is told of improvements: only the answer to why the customer left this time. */
import { expect, it } from 'vitest';
import { newsFor } from '../../shared/lifecycle/customer/news.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { customerAfter } from '../support/customers.ts';
import { answered, bought, complained, day } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const NOW = day(200);
const IMPROVED = [
  { date: day(150), reason: 'price' },
  { date: day(160), reason: 'experience' },
];

function placedAs(step: string) {
  const placed = findStep(SHIPPED, 'win-back', step);
  if (placed === undefined) throw new Error(`the playbook has lost its step ${step}`);
  return placed;
}

/** The reasons of what win-back can tell them. */
function toldTo(customer: Living): readonly string[] {
  return newsFor(IMPROVED, customer, placedAs('improved'), SHIPPED, NOW).map(({ reason }) => reason);
}

const toldAfter = (...events: readonly CustomerEvent[]) => toldTo(customerAfter(events, NOW));

it('is the answer to what they said since their last order, not to what they came back in spite of', () => {
  expect(toldAfter(bought(day(0)), answered(day(90), 'price'))).toEqual(['price']);
  expect(toldAfter(bought(day(0)), answered(day(90), 'price'), bought(day(100)))).toEqual([]);
  expect(toldAfter(bought(day(0)))).toEqual([]);
});

it('is the answer to a complaint that came after what they said, and to what they said after it', () => {
  const [order, price] = [bought(day(0)), answered(day(90), 'price')];
  expect(toldAfter(order, price, complained(day(95)))).toEqual(['experience']);
  expect(toldAfter(order, complained(day(80)), price)).toEqual(['price']);
});

it('is not the answer to a mail of the time before, whose button was pressed after they had come back', () => {
  const { series } = placedAs('ask');
  const secondTime = (about: string) => {
    const given = answered(day(105), 'price', 'reason', { about });
    const customer = customerAfter([bought(day(0)), bought(day(100)), given], NOW);
    return toldTo({ ...customer, episodes: { ...customer.episodes, [series.id]: { n: 2, beganAt: day(190) } } });
  };
  expect(secondTime('1')).toEqual([]);
  expect(secondTime('2')).toEqual(['price']);
});
