/** A part of a large export, counted for all of it. */
import { describe, expect, test } from 'vitest';
import { playSample } from '../../infra/backtest/play-sample.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { OPEN } from '../support/circumstances.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { shop } from './order-logs.ts';

const BUDGET = 3;
const PEOPLE = 120;

/** With so few offers a period that not everybody who lapses gets one. */
const scarce: Playbook = {
  ...SHIPPED,
  offers: {
    ...SHIPPED.offers,
    byName: Object.fromEntries(
      Object.entries(SHIPPED.offers.byName).map(([name, terms]) => [
        name,
        { ...terms, budget: { ...terms.budget, offers: BUDGET } },
      ]),
    ),
  },
};
const log = shop('budgets', PEOPLE, 500, () => ({ gap: 400, leaves: 0.9 }));
const play = (most: number) =>
  playSample({
    log,
    besides: () => ({ logins: [] }),
    playbook: scarce,
    circumstances: OPEN,
    most,
    progress: () => undefined,
  });
const withheldFor = ({ simulated }: ReturnType<typeof play>) => simulated.withheld['budget spent'] ?? 0;

describe('a part of the people', () => {
  test('has its part of the budgets of offers', () => {
    const [all, some] = [play(PEOPLE), play(PEOPLE / 4)];
    expect(all.played).toBe(PEOPLE);
    expect(some.played).toBeLessThan(PEOPLE / 2);
    expect(withheldFor(all)).toBeGreaterThan(0);
    const offers = (each: typeof all) => each.simulated.offers.reduce((sum, { issued }) => sum + issued, 0);
    expect(offers(some)).toBeLessThan(1.5 * offers(all));
    expect(offers(some)).toBeGreaterThan(offers(all) / 1.5);
  });
});
