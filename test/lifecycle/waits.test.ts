import { describe, expect, it } from 'vitest';
import { waitsOf } from '../../shared/lifecycle/customer/waits.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { type Basket, withBasket } from '../../shared/lifecycle/facts/basket.ts';
import type { Series } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { SHIPPED } from '../support/playbooks.ts';

const BEGIN = Date.UTC(2026, 2, 2, 10);
const allSeries: readonly Series[] = SHIPPED.programmes.flatMap(({ series }) => series);
const waiting = allSeries.find(({ waitsFor }) => waitsFor?.includes('interested'));

const startedAt = (times: readonly Instant[]) =>
  times.reduce<Basket | undefined>((basket, at) => withBasket(basket, { checkout: { at, id: `c-${at}` } }), undefined);

function waitsAfter(basket: Basket | undefined) {
  if (waiting === undefined || basket === undefined) throw new Error('nothing waits for interest');
  return waitsOf({ facts: { ...NO_FACTS, basket }, recent: [] }, waiting, SHIPPED);
}

describe('checkouts', () => {
  const bursts = [0, 6, 12].flatMap((day) => [0, 5, 10, 15, 20].map((minute) => BEGIN + day * DAY + minute * MINUTE));

  it('count once a day, so that a card that is refused does not push out what came before', () => {
    expect(waitsAfter(startedAt(bursts))).toEqual([{ from: BEGIN, to: BEGIN + 12 * DAY + 20 * MINUTE + 7 * DAY }]);
  });

  it('are the same in whatever order they are heard of', () => {
    const forwards = startedAt(bursts);
    expect(startedAt(bursts.toReversed())).toEqual(forwards);
    expect(startedAt([...bursts.slice(7), ...bursts.slice(0, 9)])).toEqual(forwards);
  });
});

describe('a series that waits', () => {
  it('waits for three weeks at most, however long somebody looks around', () => {
    const often = Array.from({ length: 8 }, (_none, nth) => BEGIN + nth * 6 * DAY);
    expect(waitsAfter(startedAt(often))).toEqual([{ from: BEGIN, to: BEGIN + 21 * DAY }]);
  });
});

describe('reminders', () => {
  it('have a cooldown that lets the others go round while one has nothing to be about', () => {
    for (const series of allSeries) {
      if (series.trigger !== 'interval' || series.since !== 'any mail') continue;
      for (const { id, cooldown } of series.steps) {
        expect
          .soft([id, (cooldown ?? SHIPPED.cooldown) < (series.steps.length - 1) * series.every])
          .toEqual([id, true]);
      }
    }
  });
});
