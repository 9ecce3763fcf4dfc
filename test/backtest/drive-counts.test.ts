import { describe, expect, it } from 'vitest';
import { Budgets } from '../../infra/backtest/budgets.ts';
import { joinFiles } from '../../infra/backtest/besides.ts';
import { Examples } from '../../infra/backtest/examples.ts';
import { OfferCosts } from '../../infra/backtest/offer-costs.ts';
import { simulate } from '../../infra/backtest/simulation.ts';
import { Tally, useOf } from '../../infra/backtest/tally.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';
import { OPEN } from '../support/circumstances.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { logOf, type Row } from './order-logs.ts';

const FIRST = Date.parse('2024-01-01T12:00:00Z') / DAY;
const at = (day: number): number => (FIRST + day) * DAY;
const MIDNIGHT = at(-0.5);

/** People who buy in rhythms of their own; the last of them once, long ago. */
const rows: readonly Row[] = Array.from({ length: 16 }, (_none, person) =>
  Array.from({ length: 1 + (person % 5) }, (_order, index) => ({
    customer: `c${String(person).padStart(2, '0')}`,
    day: FIRST + person + index * (5 + 4 * person),
    minor: 1000 * (1 + person),
  })),
).flat();

function withBudget(offers: number): Playbook {
  const { byName } = SHIPPED.offers;
  const limited = Object.entries(byName).map(([name, offer]) => [
    name,
    { ...offer, budget: { ...offer.budget, offers } },
  ]);
  return { ...SHIPPED, offers: { ...SHIPPED.offers, byName: Object.fromEntries(limited) } };
}

const asked = (offer: string, issuedAt: number) => ({ offer, issuedAt });
const sentAt = (endedAt: number) => ({ key: '1/win-back/offer/1', outcome: 'sent' as const, endedAt });

describe('a simulation', () => {
  const log = logOf(rows);
  const played = simulate({ log, playbook: SHIPPED, circumstances: OPEN });

  it('has everybody in one stage at the end of each week from their first day on', () => {
    const firsts = log.customers.map((_customer, index) => log.at[log.starts[index] ?? 0] ?? 0);
    const people = played.weeks.map((_end, week) =>
      Object.values(played.stages).reduce((sum, weeks) => sum + (weeks[week] ?? 0), 0),
    );
    expect(people).toEqual(played.weeks.map((end) => firsts.filter((first) => first <= end).length));
    expect(played.stagesAtEnd.lapsed).toBe(played.stages.lapsed.at(-1));
  });

  it('counts each mail in its week and its hour', () => {
    const weekly = Object.values(played.mails).flatMap((weeks) => [...weeks]);
    const bySteps = Object.values(played.mailsByStep).reduce((sum, each) => sum + each, 0);
    expect([weekly.reduce((sum, each) => sum + each, 0), bySteps]).toEqual([played.sent, played.sent]);
  });

  it('tells of ten different customers, the same ones each time', () => {
    expect(new Set(played.examples.map(({ story }) => story.customerId)).size).toBe(10);
    const again = simulate({ log, playbook: SHIPPED, circumstances: OPEN });
    expect(again.examples).toEqual(played.examples);
    expect(played.examples.every(({ story }) => story.entries.length > 0)).toBe(true);
  });

  it('issues no more offers in a period than its budget has, and leaves nothing of what was taken back', () => {
    const limited = simulate({ log, playbook: withBudget(1), circumstances: OPEN });
    const issued = limited.offers.reduce((sum, each) => sum + each.issued, 0);
    const before = played.offers.reduce((sum, each) => sum + each.issued, 0);
    expect(issued).toBeLessThan(before);
    expect(limited.withheld['budget spent']).toBeGreaterThan(0);
    expect(limited.stagesAtEnd).toEqual(played.stagesAtEnd);
    const none = simulate({ log, playbook: withBudget(0), circumstances: OPEN });
    expect(none.offers).toEqual([]);
  });
});

/** What people who bought on these days are examples of; everybody has lapsed since, after one mail. */
function shown(...people: readonly (readonly number[])[]): readonly string[] {
  const log = logOf(people.flatMap((days, n) => days.map((day) => ({ customer: `c${n}`, day: FIRST + day }))));
  const examples = new Examples(log);
  const ids = { customerId: 'c', moment: at(0), decidedAt: at(0), attempt: 1 };
  for (const customer of people.keys()) {
    examples.end({ ...ids, ...sentAt(at(200)), key: '1/onboarding/welcome/1' });
    examples.played(customer, { stage: 'lapsed' });
  }
  return examples.chosen().map((each) => `${each.customer} ${each.shows}`);
}

describe('examples', () => {
  it('count the days on which somebody bought, and not the orders of one day', () => {
    const fiveAtOnce = [0, 0, 0.1, 0.2, 0.3];
    expect(shown(fiveAtOnce)).toContain('0 bought once, and never again');
    expect(shown(fiveAtOnce, [0, 30, 60, 90], [0, 30, 60]).filter((each) => each.endsWith('buys often'))).toEqual([
      '1 buys often',
    ]);
  });
});

describe('budgets', () => {
  it('go to who asked first, whoever was played first, and name the others', () => {
    const budgets = new Budgets(withBudget(1));
    const [early, late] = [asked('win-back', at(1)), asked('win-back', at(2))];
    expect([budgets.ask(0, late), budgets.ask(1, early)]).toEqual([true, true]);
    expect(budgets.settle()).toEqual([0]);
    expect([budgets.answer(0, late, 'before'), budgets.answer(0, late, 'now')]).toEqual([true, false]);
    expect([budgets.ask(0, late), budgets.answer(1, early, 'now')]).toEqual([false, true]);
    expect(budgets.settle()).toEqual([]);
  });

  it('begin anew with each period', () => {
    const budgets = new Budgets(withBudget(1));
    budgets.ask(0, asked('win-back', at(0)));
    budgets.ask(1, asked('win-back', at(40)));
    expect(budgets.settle()).toEqual([]);
  });
});

describe('what offers cost at worst', () => {
  it('is the percentage of what the customer usually spends, or else the shop', () => {
    const log = logOf([
      { customer: 'a', day: 1, minor: 2000 },
      { customer: 'a', day: 2, minor: 4000 },
      { customer: 'b', day: 1 },
    ]);
    const costs = new OfferCosts(log);
    costs.issue(0, { offer: 'win-back', percent: 10 }, 1);
    expect(costs.bills()).toEqual([{ offer: 'win-back', issued: 1, unknown: 0, worstCase: { USD: 300 } }]);
    costs.issue(1, { offer: 'win-back', percent: 20 }, 1);
    costs.issue(0, { offer: 'win-back', percent: 10 }, -1);
    expect(costs.bills()).toEqual([{ offer: 'win-back', issued: 1, unknown: 0, worstCase: { USD: 600 } }]);
  });

  it('is unknown where no amount is known', () => {
    const costs = new OfferCosts(logOf([{ customer: 'a', day: 1 }]));
    costs.issue(0, { offer: 'win-back', percent: 10 }, 1);
    expect(costs.bills()).toEqual([{ offer: 'win-back', issued: 1, unknown: 1, worstCase: {} }]);
  });
});

describe('a tally', () => {
  it('finds the busiest hour and the busiest day, and what they are of a quota', () => {
    const tally = new Tally(at(0), at(20));
    for (const hour of [0, 30, 30.5, 40, 100]) tally.end(sentAt(MIDNIGHT + hour * HOUR), 1);
    const { busiestHour, busiestDay } = tally.counts();
    expect(busiestHour).toEqual({ from: MIDNIGHT + 30 * HOUR, mails: 2 });
    expect(busiestDay.mails).toBe(3);
    expect(useOf({ perSecond: 1, perDay: 6 }, { busiestHour, busiestDay })).toEqual({
      ofPerSecond: 2 / 3600,
      ofPerDay: 0.5,
    });
  });

  it('is as before when all is taken back', () => {
    const tally = new Tally(at(0), at(20));
    const add = (weight: 1 | -1) => {
      tally.appear(at(1), weight);
      tally.change({ from: 'lead', to: 'new', at: at(2) }, weight);
      tally.end(sentAt(at(3)), weight);
      tally.end({ key: '1/win-back/ask/1', outcome: 'withheld', reason: 'holdout', endedAt: at(4) }, weight);
    };
    add(1);
    expect(tally.counts()).toMatchObject({ sent: 1, withheld: { holdout: 1 } });
    add(-1);
    expect(tally.counts()).toEqual(new Tally(at(0), at(20)).counts());
  });
});

describe('the other files of an export', () => {
  it('are found by customer, and who is in them alone is counted', () => {
    const { besides, withoutOrder } = joinFiles(
      { customers: ['a', 'b'] },
      {
        logins: { customers: ['x', 'b'], starts: Uint32Array.of(0, 1, 3), at: Float64Array.of(1, 2, 3) },
        complaints: [{ customerId: 'a', openedAt: 5 }],
      },
    );
    expect(besides(1)).toMatchObject({ logins: [2, 3], complaints: [] });
    expect(besides(0).complaints).toMatchObject([{ at: 5, severity: 'normal', channel: 'unknown' }]);
    expect(withoutOrder).toBe(1);
  });
});
