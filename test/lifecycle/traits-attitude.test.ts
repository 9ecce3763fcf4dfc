/** A3 to A5: of promoter, neutral and critic at most one holds, by the latest that speaks. */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import { newestCause } from '../../shared/lifecycle/traits/traits.ts';
import { bought, complained, day, event, resolved } from '../support/events.ts';
import { POLICY, TRAIT_POLICY } from '../support/playbooks.ts';
import { edge, idsAt, situationAfter, whyAt } from '../support/traits.ts';

const nps = (at: Instant, score: number): CustomerEvent => event('Nps Answered', at, { score });
const rated = (at: Instant, rating: number, reviewId = `rv${at}`): CustomerEvent =>
  event('Review Posted', at, { reviewId, rating, channel: 'shop' });
const recommended = (at: Instant, friendId = `c${at}`): CustomerEvent =>
  event('Referral Made', at, { friendId, kind: 'customer' });
const attitudes = (events: readonly CustomerEvent[], t: Instant, around = {}) =>
  idsAt(situationAfter(events, around), t).filter((id) => ['neutral', 'promoter', 'critic'].includes(id));

describe('the latest answer', () => {
  it.each([
    [0, 'critic'],
    [6, 'critic'],
    [7, 'neutral'],
    [8, 'neutral'],
    [9, 'promoter'],
    [10, 'promoter'],
  ])('%i makes a %s, for half a year', (score, id) => {
    const said = situationAfter([nps(day(1), score)]);
    expect(attitudes([nps(day(1), score)], day(1))).toStrictEqual([id]);
    expect(edge(said, id, day(1))).toBe('begins');
    expect(edge(said, id, day(181))).toBe('ends');
    expect(whyAt(said, id, day(2))).toBe(`answered ${score} to “would you recommend us”`);
  });

  it('replaces the one before, both ways', () => {
    expect(attitudes([nps(day(1), 3), nps(day(9), 9)], day(9))).toStrictEqual(['promoter']);
    expect(attitudes([nps(day(1), 9), nps(day(9), 8)], day(9))).toStrictEqual(['neutral']);
    expect(attitudes([nps(day(1), 9), nps(day(9), 2)], day(9))).toStrictEqual(['critic']);
  });

  it('counts by the thresholds of the shop', () => {
    const traits = {
      neutral: { ...TRAIT_POLICY.neutral, lowest: 8, valid: 10 * DAY },
      promoter: { ...TRAIT_POLICY.promoter, score: 10, valid: 20 * DAY },
    };
    expect(attitudes([nps(day(1), 7)], day(2), { traits })).toStrictEqual([]);
    expect(attitudes([nps(day(1), 9)], day(2), { traits })).toStrictEqual([]);
    expect(edge(situationAfter([nps(day(1), 8)], { traits }), 'neutral', day(11))).toBe('ends');
    expect(edge(situationAfter([nps(day(1), 10)], { traits }), 'promoter', day(21))).toBe('ends');
    const stages = { critic: { ...POLICY.critic, score: 5, within: 30 * DAY } };
    expect(attitudes([nps(day(1), 6)], day(2), { stages })).toStrictEqual([]);
    expect(edge(situationAfter([nps(day(1), 5)], { stages }), 'critic', day(31))).toBe('ends');
  });
});

describe('critic', () => {
  it('after two small complaints within half a year, until the first is too old', () => {
    const low = [complained(day(0), 'a', 'low'), complained(day(179), 'b', 'low')];
    const critic = situationAfter(low);
    expect(edge(critic, 'critic', day(179))).toBe('begins');
    expect(edge(critic, 'critic', day(180))).toBe('ends');
    expect(whyAt(critic, 'critic', day(179))).toBe('two small complaints within 180 days');
    expect(attitudes([complained(day(0), 'a', 'low'), complained(day(180), 'b', 'low')], day(180))).toStrictEqual([]);
    expect(attitudes([complained(day(0), 'a', 'low'), complained(day(9), 'b')], day(9))).toStrictEqual([]);
  });

  it('resolved or not', () => {
    const low = [complained(day(0), 'a', 'low'), resolved(day(1), 'a'), complained(day(5), 'b', 'low')];
    expect(attitudes(low, day(6))).toStrictEqual(['critic']);
  });

  it('for the same cause, though a rating is worded anew or a complaint sent again', () => {
    const twice = [rated(day(0), 1, 'a'), rated(day(3), 1, 'b')];
    const complaints = [complained(day(0), 'a', 'low'), complained(day(3), 'b', 'low')];
    for (const anew of [
      [...twice, rated(day(5), 2, 'a')],
      [...complaints, complained(day(5), 'a', 'low')],
    ]) {
      expect(newestCause(situationAfter(anew), 'critic', day(6))?.from).toBe(day(3));
    }
    expect(attitudes([rated(day(0), 1, 'a'), rated(day(3), 2, 'a')], day(4))).toStrictEqual([]);
    expect(attitudes([...twice, rated(day(5), 4, 'a')], day(6))).toStrictEqual([]);
  });

  it('after two ratings of two stars', () => {
    const twice = situationAfter([rated(day(0), 2), rated(day(10), 1)]);
    expect(edge(twice, 'critic', day(10))).toBe('begins');
    expect(edge(twice, 'critic', day(180))).toBe('ends');
    expect(whyAt(twice, 'critic', day(11))).toBe('two ratings of at most two stars within 180 days');
    expect(attitudes([rated(day(0), 2), rated(day(10), 3)], day(11))).toStrictEqual([]);
    expect(attitudes([rated(day(0), 2, 'one'), rated(day(10), 1, 'one')], day(11))).toStrictEqual([]);
  });

  it('as many as the shop says', () => {
    const stages = { critic: { ...POLICY.critic, complaints: 3, ratings: 1 } };
    const low = [complained(day(0), 'a', 'low'), complained(day(1), 'b', 'low')];
    expect(attitudes(low, day(2), { stages })).toStrictEqual([]);
    expect(attitudes([rated(day(0), 2)], day(0), { stages })).toStrictEqual(['critic']);
  });

  it('a better answer ends it, and faults from before no longer count', () => {
    const twice = [rated(day(0), 2), rated(day(10), 1)];
    expect(edge(situationAfter([...twice, nps(day(20), 7)]), 'critic', day(20))).toBe('ends');
    expect(attitudes([...twice, nps(day(20), 9), rated(day(30), 1)], day(31))).toStrictEqual(['promoter']);
    const anew = [...twice, nps(day(20), 9), rated(day(30), 1), rated(day(40), 2)];
    expect(edge(situationAfter([...twice, nps(day(20), 9), nps(day(30), 3)]), 'critic', day(30))).toBe('begins');
    expect(edge(situationAfter([nps(day(0), 3), nps(day(20), 5)]), 'critic', day(20))).toBe('goes on');
    expect(attitudes(anew, day(39))).toStrictEqual(['promoter']);
    expect(attitudes(anew, day(40))).toStrictEqual(['critic']);
    expect(edge(situationAfter([...twice, nps(day(20), 6)]), 'critic', day(20))).toBe('goes on');
  });

  it('is remembered for a month', () => {
    const twice = [rated(day(0), 2), rated(day(10), 1), nps(day(20), 9)];
    expect(edge(situationAfter(twice), 'was-critic', day(10))).toBe('begins');
    expect(edge(situationAfter(twice), 'was-critic', day(50))).toBe('ends');
    const stages = { critic: { ...POLICY.critic, after: 5 * DAY } };
    expect(edge(situationAfter(twice, { stages }), 'was-critic', day(25))).toBe('ends');
    // By an answer as by faults, however many better ones follow.
    const answered = [nps(day(0), 3), nps(day(20), 7), nps(day(25), 9)];
    expect(edge(situationAfter(answered), 'was-critic', day(50))).toBe('ends');
    expect(attitudes(answered, day(26))).toStrictEqual(['promoter']);
  });
});

describe('promoter by recommendations', () => {
  it('from the second on, for good', () => {
    const friends = situationAfter([recommended(day(1)), recommended(day(5))]);
    expect(edge(friends, 'promoter', day(5))).toBe('begins');
    expect(idsAt(friends, day(900))).toContain('promoter');
    expect(whyAt(friends, 'promoter', day(6))).toBe('two people came by their recommendation');
    expect(attitudes([recommended(day(1), 'x'), recommended(day(5), 'x')], day(6))).toStrictEqual([]);
    const traits = { promoter: { ...TRAIT_POLICY.promoter, referrals: 3 } };
    expect(attitudes([recommended(day(1)), recommended(day(5))], day(6), { traits })).toStrictEqual([]);
  });

  it('a lower answer ends it; recommendations after that answer count again', () => {
    const friends = [recommended(day(1)), recommended(day(5))];
    expect(edge(situationAfter([...friends, nps(day(9), 8)]), 'promoter', day(9))).toBe('ends');
    expect(attitudes([...friends, nps(day(9), 8)], day(9))).toStrictEqual(['neutral']);
    expect(attitudes([nps(day(3), 8), ...friends], day(4))).toStrictEqual(['neutral']);
    expect(attitudes([nps(day(3), 8), ...friends], day(5))).toStrictEqual(['promoter']);
    expect(attitudes([nps(day(3), 2), ...friends], day(5))).toStrictEqual(['critic']);
  });

  it('say more than an answer from before, and again when that is no longer valid', () => {
    const doubted = [recommended(day(1)), recommended(day(5)), nps(day(9), 7)];
    expect(attitudes(doubted, day(10))).toStrictEqual(['neutral']);
    const more = [...doubted, recommended(day(20)), recommended(day(21))];
    expect(edge(situationAfter(more), 'promoter', day(20))).toBe('begins');
    expect(attitudes(more, day(21))).toStrictEqual(['promoter']);
    expect(edge(situationAfter(doubted), 'promoter', day(189))).toBe('begins');
    expect(attitudes(doubted, day(189))).toStrictEqual(['promoter']);
    // However many came before the answer.
    const many = Array.from({ length: 20 }, (_, index) => recommended(day(index * 0.1)));
    expect(attitudes([...many, nps(day(9), 7)], day(10))).toStrictEqual(['neutral']);
    expect(attitudes([...many, nps(day(9), 7), nps(day(12), 8)], day(13))).toStrictEqual(['neutral']);
  });

  it('count from when they were made, however often that is said', () => {
    const [first, second] = [recommended(day(1), 'a'), recommended(day(5), 'b')];
    const again = [recommended(day(100), 'a'), recommended(day(100), 'b')];
    expect(newestCause(situationAfter([first, second, ...again]), 'promoter', day(101))?.from).toBe(day(5));
    expect(attitudes([first, second, nps(day(9), 8), ...again], day(101))).toStrictEqual(['neutral']);
  });
});

describe('neutral by habit', () => {
  const clicks = { neutral: { ...TRAIT_POLICY.neutral, clicksReported: true } };
  // Gaps of 2, 60 and 2 days: mean 21.3, standard deviation 27.3.
  const orders = [0, 2, 62, 64].map((each) => bought(day(each)));
  const mails = [65, 70, 75, 80, 85].map(day);

  it('whoever buys now and then and clicks nothing in five mails', () => {
    const unmoved = situationAfter(orders, { mails, traits: clicks });
    expect(edge(unmoved, 'neutral', day(85))).toBe('begins');
    expect(whyAt(unmoved, 'neutral', day(86))).toBe('four orders at irregular intervals, and no click in five mails');
  });

  it('only where clicks are reported', () => {
    expect(attitudes(orders, day(90), { mails })).toStrictEqual([]);
  });

  it('not after a click, nor after four mails, nor with regular gaps, nor with two orders', () => {
    const clicked = event('Mail Clicked', day(66), { key: '1/retention/benefits/1' });
    const at = (events: readonly CustomerEvent[], got: readonly Instant[] = mails) =>
      attitudes(events, day(90), { mails: got, traits: clicks });
    expect(at([...orders, clicked])).toStrictEqual([]);
    expect(at([...orders, clicked], [...mails, day(89)])).toStrictEqual(['neutral']);
    expect(at(orders, mails.slice(1))).toStrictEqual([]);
    expect(at([0, 20, 40, 60].map((each) => bought(day(each))))).toStrictEqual([]);
    expect(at([0, 2].map((each) => bought(day(each))))).toStrictEqual([]);
    // Three orders of one day have no gaps.
    expect(at([0, 0.01, 0.02].map((each) => bought(day(each))))).toStrictEqual([]);
  });

  it('an answer says more than a habit', () => {
    const said = [...orders, nps(day(70), 9)];
    expect(attitudes(said, day(90), { mails, traits: clicks })).toStrictEqual(['promoter']);
    expect(attitudes(said, day(250), { mails, traits: clicks })).toStrictEqual(['neutral']);
    const critic = [...orders, nps(day(70), 3)];
    expect(attitudes(critic, day(90), { mails, traits: clicks })).toStrictEqual(['critic']);
  });
});
