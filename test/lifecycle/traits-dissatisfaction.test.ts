/** A6a, A6b and the time after trouble: complaints, ratings and stopped renewals. */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import { complained, day, event, resolved } from '../support/events.ts';
import { POLICY } from '../support/playbooks.ts';
import { edge, idsAt, situationAfter, whyAt } from '../support/traits.ts';

const rated = (at: Instant, rating: number, reviewId = `rv${at}`, channel = 'social'): CustomerEvent =>
  event('Review Posted', at, { reviewId, rating, channel });
const stopped = (at: Instant, endsAt: Instant): CustomerEvent =>
  event('Subscription Renewal Stopped', at, { subscriptionId: 's-1', endsAt: new Date(endsAt).toISOString() });
const said = (...days: readonly number[]) => situationAfter(days.map((each) => complained(day(each))));
const resumed = (at: Instant): CustomerEvent => event('Subscription Renewal Resumed', at, { subscriptionId: 's-1' });

describe('dissatisfied', () => {
  it('while a complaint is open, 45 days at most', () => {
    const open = situationAfter([complained(day(1))]);
    expect(edge(open, 'dissatisfied', day(1))).toBe('begins');
    expect(edge(open, 'dissatisfied', day(46))).toBe('ends');
    expect(whyAt(open, 'dissatisfied', day(2))).toBe('a complaint is open');
    expect(edge(situationAfter([complained(day(1)), resolved(day(3))]), 'dissatisfied', day(3))).toBe('ends');
  });

  it('while a complaint that is said again is not too old, and anew when it was', () => {
    expect(edge(said(1, 40), 'dissatisfied', day(46))).toBe('goes on');
    expect(edge(said(1, 40), 'dissatisfied', day(85))).toBe('ends');
    expect(edge(said(1, 40, 80), 'dissatisfied', day(85))).toBe('goes on');
    const anew = said(1, 20, 70, 72);
    expect(edge(anew, 'dissatisfied', day(65))).toBe('ends');
    expect(edge(anew, 'dissatisfied', day(70))).toBe('begins');
    expect(edge(anew, 'dissatisfied', day(72))).toBe('goes on');
    expect(edge(anew, 'dissatisfied', day(117))).toBe('ends');
    // Resolved, and opened once more: what was before does not change by that.
    const resolvedThen = [1, 40, 70].map((each) => complained(day(each)));
    const [first, second, third] = resolvedThen;
    if (!first || !second || !third) throw new Error('three were made');
    const thrice = situationAfter([first, second, resolved(day(60)), third]);
    expect(edge(thrice, 'dissatisfied', day(46))).toBe('goes on');
    expect(edge(thrice, 'dissatisfied', day(60))).toBe('ends');
    expect(edge(thrice, 'dissatisfied', day(70))).toBe('begins');
  });

  it('for a month after a bad rating, or until a good one', () => {
    const bad = situationAfter([rated(day(1), 2)]);
    expect(edge(bad, 'dissatisfied', day(1))).toBe('begins');
    expect(edge(bad, 'dissatisfied', day(31))).toBe('ends');
    expect(whyAt(bad, 'dissatisfied', day(2))).toBe('rated us with two stars');
    expect(edge(situationAfter([rated(day(1), 1), rated(day(5), 4)]), 'dissatisfied', day(5))).toBe('ends');
    expect(edge(situationAfter([rated(day(1), 1), rated(day(5), 3)]), 'dissatisfied', day(5))).toBe('goes on');
    expect(idsAt(situationAfter([rated(day(1), 3)]), day(1))).toStrictEqual([]);
    expect(idsAt(situationAfter([rated(day(1), 4), rated(day(5), 2)]), day(5))).toContain('dissatisfied');
  });

  it('not any more once the bad rating has been changed into a good one', () => {
    const changed = situationAfter([rated(day(1), 1, 'one'), rated(day(5), 5, 'one')]);
    expect(edge(changed, 'dissatisfied', day(5))).toBe('ends');
    // What was written first was meant all the same.
    expect(idsAt(changed, day(5))).toStrictEqual(['recent-trouble', 'bad-experience']);
    expect(edge(situationAfter([rated(day(1), 1, 'one'), rated(day(5), 3, 'one')]), 'dissatisfied', day(5))).toBe(
      'ends',
    );
    const worse = [rated(day(1), 2, 'one'), rated(day(5), 1, 'one'), rated(day(9), 4)];
    expect(edge(situationAfter(worse), 'dissatisfied', day(5))).toBe('goes on');
    expect(edge(situationAfter(worse), 'dissatisfied', day(9))).toBe('ends');
  });

  it('while a renewal is stopped, until it is resumed or the period ends', () => {
    const stop = situationAfter([stopped(day(1), day(20))]);
    expect(edge(stop, 'dissatisfied', day(1))).toBe('begins');
    expect(edge(stop, 'dissatisfied', day(20))).toBe('ends');
    expect(whyAt(stop, 'dissatisfied', day(2))).toBe('stopped the renewal of a subscription');
    expect(edge(situationAfter([stopped(day(1), day(20)), resumed(day(4))]), 'dissatisfied', day(4))).toBe('ends');
    const again = situationAfter([stopped(day(1), day(20)), resumed(day(4)), stopped(day(6), day(20))]);
    expect(edge(again, 'dissatisfied', day(6))).toBe('begins');
    expect(idsAt(situationAfter([stopped(day(20), day(20))]), day(20))).toStrictEqual([]);
  });

  it('by the thresholds of the shop', () => {
    const rating = { atMost: 3, lasts: 5 * DAY, endedBy: 5 };
    const stages = { dissatisfied: { ...POLICY.dissatisfied, rating } };
    expect(edge(situationAfter([rated(day(1), 3)], { stages }), 'dissatisfied', day(6))).toBe('ends');
    expect(edge(situationAfter([rated(day(1), 3), rated(day(2), 4)], { stages }), 'dissatisfied', day(2))).toBe(
      'goes on',
    );
  });

  it('goes on through troubles that touch, and says the latest', () => {
    const both = situationAfter([complained(day(1)), rated(day(2), 1), resolved(day(3))]);
    expect(edge(both, 'dissatisfied', day(3))).toBe('goes on');
    expect(edge(both, 'dissatisfied', day(32))).toBe('ends');
    expect(whyAt(both, 'dissatisfied', day(2))).toBe('rated us with one star');
  });
});

describe('recent trouble', () => {
  it('while dissatisfied and 60 days after', () => {
    const settled = [complained(day(1)), resolved(day(3))];
    expect(edge(situationAfter(settled), 'recent-trouble', day(1))).toBe('begins');
    expect(edge(situationAfter(settled), 'recent-trouble', day(63))).toBe('ends');
    const traits = { recentTrouble: { lasts: 5 * DAY } };
    expect(edge(situationAfter(settled, { traits }), 'recent-trouble', day(8))).toBe('ends');
  });
});

describe('bad experience', () => {
  it('for half a year after a complaint was resolved', () => {
    const settled = [complained(day(1)), resolved(day(3))];
    expect(edge(situationAfter(settled), 'bad-experience', day(3))).toBe('begins');
    expect(edge(situationAfter(settled), 'bad-experience', day(183))).toBe('ends');
    expect(whyAt(situationAfter(settled), 'bad-experience', day(4))).toBe('a complaint was resolved');
    expect(idsAt(situationAfter([complained(day(1))]), day(2))).not.toContain('bad-experience');
    const again = [...settled, complained(day(5))];
    expect(idsAt(situationAfter(again), day(6))).not.toContain('bad-experience');
  });

  it('for half a year after a bad rating', () => {
    const bad = situationAfter([rated(day(1), 2, 'one', 'third_party')]);
    expect(edge(bad, 'bad-experience', day(1))).toBe('begins');
    expect(edge(bad, 'bad-experience', day(181))).toBe('ends');
    expect(idsAt(situationAfter([rated(day(1), 3)]), day(1))).toStrictEqual([]);
    const traits = { badExperience: { lasts: 9 * DAY } };
    expect(edge(situationAfter([rated(day(1), 2)], { traits }), 'bad-experience', day(10))).toBe('ends');
  });
});
