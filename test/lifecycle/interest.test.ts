/** What looks come to: just before, at and after each threshold of the shipped playbook, and how long it lasts. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { type Interest, interestOf, interestSpans, withInterest } from '../../shared/lifecycle/facts/interest.ts';
import {
  addLooks,
  FIRST_VIEWS_KEPT,
  type Look,
  LOOKS_KEPT,
  LOOKS_LAST,
  NOTHING_SEEN,
} from '../../shared/lifecycle/facts/looks.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { day } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const POLICY = SHIPPED.traits;

let ids = 0;
const look = (at: Instant, more: Partial<Look> = {}): Look => ({ at, id: (ids += 1), kind: 'product', ...more });
const study = (at: Instant) => look(at, { kind: 'specification' });

const comesTo = (...looks: readonly Look[]): Interest => {
  const interest = interestOf(addLooks(NOTHING_SEEN, looks), POLICY);
  if (interest === undefined) throw new Error('nothing was looked at');
  return interest;
};

/** The end of the UTC day. */
const endOf = (at: Instant) => Math.ceil(at / DAY) * DAY;

describe('a few looks', () => {
  it('are told one by one, up to what makes a looker', () => {
    const looks = [look(day(0)), look(day(0) + MINUTE), look(day(1))];
    expect(comesTo(...looks).looked).toStrictEqual({
      since: day(0),
      until: endOf(day(1) + 14 * DAY),
      views: 3,
      visits: 2,
    });
    expect(comesTo(...looks, look(day(1) + MINUTE)).looked).toBeUndefined();
    expect(comesTo(look(day(0)), look(day(1)), look(day(2))).looked).toBeUndefined();
  });

  it('belong to one visit up to half an hour apart', () => {
    expect(comesTo(look(day(0)), look(day(0) + 30 * MINUTE)).looked).toMatchObject({ visits: 1 });
    expect(comesTo(look(day(0)), look(day(0) + 31 * MINUTE)).looked).toMatchObject({ visits: 2 });
  });

  it('count for two weeks before the last', () => {
    expect(comesTo(look(day(0)), look(day(14))).looked).toMatchObject({ since: day(14), views: 1 });
    expect(comesTo(look(day(0)), look(day(14) - 1000)).looked).toMatchObject({ since: day(0), views: 2 });
  });

  it('say no more than the day of the last', () => {
    expect(comesTo(look(day(0)), look(day(0) + HOUR)).latest).toBe(endOf(day(0)));
  });
});

describe('studying', () => {
  it('is three comparisons or specifications in two weeks, since the third', () => {
    expect(comesTo(study(day(0)), study(day(1))).studied).toBeUndefined();
    expect(comesTo(study(day(0)), look(day(0.5)), study(day(1)), study(day(1.1))).studied).toStrictEqual({
      since: day(1.1),
      until: endOf(day(1.1) + 30 * DAY),
      by: 'specification',
      count: 3,
      days: 2,
    });
    expect(comesTo(study(day(0)), study(day(1)), study(day(14))).studied).toBeUndefined();
    const compared = { kind: 'comparison' as const };
    expect(comesTo(study(day(0)), look(day(1), compared), look(day(1), compared)).studied?.by).toBe('comparison');
  });

  it('is over after the quiet time of the shop: a shop that sells to businesses takes ninety days', () => {
    const business = { ...POLICY, researcher: { ...POLICY.researcher, quiet: 90 * DAY } };
    const looks = [study(day(0)), study(day(1)), study(day(2))];
    const studiedBy = (policy: typeof POLICY, ...more: readonly Look[]) =>
      interestOf(addLooks(NOTHING_SEEN, [...looks, ...more]), policy)?.studied;
    expect(studiedBy(POLICY)).toMatchObject({ since: day(2), until: endOf(day(32)) });
    expect(studiedBy(business)).toMatchObject({ since: day(2), until: endOf(day(92)) });
    // One page two months later: the same researcher there, nobody here.
    expect(studiedBy(POLICY, study(day(62)))).toBeUndefined();
    expect(studiedBy(business, study(day(62)))).toMatchObject({ since: day(2), until: endOf(day(152)) });
  });

  it('is one download', () => {
    const downloaded = look(day(0), { kind: 'download' });
    expect(comesTo(downloaded).studied).toMatchObject({ since: day(0), by: 'download', count: 1 });
    expect(comesTo(downloaded).looked).toBeUndefined();
  });

  it('is eight views in one category', () => {
    const inOne = (count: number) =>
      Array.from({ length: count }, (_, index) => look(day(index), { category: 'pots', sku: `pot-${index}` }));
    const elsewhere = look(day(6.5), { category: 'cups' });
    expect(comesTo(...inOne(7), elsewhere).studied).toBeUndefined();
    expect(comesTo(...inOne(8)).studied).toMatchObject({ since: day(7), by: 'category', count: 8, days: 8 });
    expect(comesTo(...Array.from({ length: 8 }, (_, index) => look(day(index)))).studied).toBeUndefined();
  });

  it('goes on as long as no pause is longer than thirty days, and begins anew after one', () => {
    const studied = [study(day(0)), study(day(0)), study(day(1))];
    expect(comesTo(...studied, look(day(31))).studied).toMatchObject({ since: day(1), until: endOf(day(61)) });
    expect(comesTo(...studied, look(day(31) + 1000)).studied).toBeUndefined();
    const again = [study(day(40)), study(day(40)), study(day(41))];
    expect(comesTo(...studied, ...again).studied).toMatchObject({ since: day(41) });
  });

  it('is not over, nor new, for what made it so having been dropped', () => {
    const many = Array.from({ length: LOOKS_KEPT + 20 }, (_, index) =>
      index < 3 ? study(day(index)) : look(day(3 + index / 10)),
    );
    let browsing = NOTHING_SEEN;
    let interest: Interest | undefined;
    for (const each of many) {
      browsing = addLooks(browsing, [each]);
      interest = interestOf(browsing, POLICY, interest);
    }
    expect(browsing.dropped).toBe(true);
    expect(interestOf(browsing, POLICY)?.studied).toBeUndefined();
    expect(interest?.studied).toMatchObject({ since: day(2), count: 3 });
  });
});

describe('pondering', () => {
  const pot = (at: Instant) => look(at, { sku: 'pot-1' });

  it('is the same product on three days of two weeks, since the third', () => {
    expect(comesTo(pot(day(0)), pot(day(0.2)), pot(day(1))).pondered).toBeUndefined();
    expect(comesTo(pot(day(0)), pot(day(1)), pot(day(3))).pondered).toStrictEqual({
      since: day(3),
      sku: 'pot-1',
      days: 3,
    });
    expect(comesTo(pot(day(0)), look(day(1), { sku: 'cup-1' }), pot(day(3))).pondered).toBeUndefined();
    expect(comesTo(pot(day(0)), pot(day(1)), pot(day(14))).pondered).toBeUndefined();
  });

  it('does not begin anew while it goes on, but after a pause', () => {
    const days = [0, 1, 2, 5, 9, 20];
    expect(comesTo(...days.map((each) => pot(day(each)))).pondered?.since).toBe(day(2));
    const later = [40, 41, 42];
    expect(comesTo(...[...days, ...later].map((each) => pot(day(each)))).pondered?.since).toBe(day(42));
    expect(comesTo(...days.map((each) => pot(day(each))), look(day(40))).pondered).toBeUndefined();
  });

  it('is of the product that came to it first', () => {
    const cup = (at: Instant) => look(at, { sku: 'cup-1' });
    const both = [0, 1, 2].flatMap((each) => [pot(day(each)), cup(day(each) + HOUR)]);
    expect(comesTo(...both, cup(day(3))).pondered).toMatchObject({ sku: 'pot-1', since: day(2) });
  });
});

describe('what mails speak of', () => {
  it('is what was looked at most until yesterday, at first what was looked at first', () => {
    const a = (at: Instant) => look(at, { sku: 'a', category: 'x' });
    const b = (at: Instant) => look(at, { sku: 'b', category: 'y' });
    expect(comesTo(a(day(0)), b(day(0.1)), b(day(0.2)))).toMatchObject({ sku: 'a', category: 'x' });
    expect(comesTo(a(day(0)), b(day(0.1)), b(day(0.2)), a(day(1)))).toMatchObject({ sku: 'b', category: 'y' });
    expect(comesTo(a(day(0)), b(day(0.1)), look(day(1)))).toMatchObject({ sku: 'a', category: 'x' });
  });
});

describe('the first look', () => {
  it('and the first views are told with their times, one more than whoever buys at once may have', () => {
    const views = [1, 20, 59, 4000].map((minutes) => day(0) + minutes * MINUTE);
    const looks = [look(day(0), { kind: 'download' }), ...views.map((at) => look(at))];
    expect(comesTo(...looks.slice(0, 3)).first).toStrictEqual({ at: day(0), views: views.slice(0, 2) });
    expect(comesTo(...looks, look(day(9))).first).toStrictEqual({ at: day(0), views });
    expect(views).toHaveLength(POLICY.impulse.views + 1);
  });

  it('and the first views stay exact when they arrive after others have been dropped', () => {
    const many = Array.from({ length: LOOKS_KEPT + 5 }, (_, index) => look(day(1) + index * MINUTE));
    const late = [0, 1, 2].map((minutes) => look(day(0) + minutes * MINUTE));
    const { first } = [...many.toReversed(), ...late].reduce((known, each) => addLooks(known, [each]), NOTHING_SEEN);
    const views = [...late, ...many].slice(0, FIRST_VIEWS_KEPT).map(({ at }) => at);
    expect(first).toStrictEqual({ at: day(0), views });
  });

  it('stays the first when it has been dropped or forgotten, whenever another arrives', () => {
    const many = Array.from({ length: LOOKS_KEPT + 5 }, (_, index) => look(day(1 + index)));
    const browsing = addLooks(NOTHING_SEEN, many);
    expect(interestOf(browsing, POLICY)?.first.at).toBe(day(1));
    expect(interestOf(addLooks(browsing, [look(day(0))]), POLICY)?.first.at).toBe(day(0));
    const anew = addLooks(NOTHING_SEEN, [look(day(300))]);
    expect(interestOf(anew, POLICY, interestOf(browsing, POLICY))?.first.at).toBe(day(1));
  });

  it('may be what is first known of a customer', () => {
    const interest = comesTo(look(day(1)));
    expect(withInterest(NO_FACTS, interest).firstSeenAt).toBe(day(1));
    expect(withInterest({ ...NO_FACTS, firstSeenAt: day(0) }, interest).firstSeenAt).toBe(day(0));
    expect(withInterest(NO_FACTS, undefined)).toBe(NO_FACTS);
  });
});

describe('looks of long ago', () => {
  it('count for nothing once there was none for months', () => {
    const old = [0, 1, 2].map((each) => look(day(each), { kind: 'specification', sku: 'a' }));
    const { first, ...interest } = comesTo(...old, look(day(2) + LOOKS_LAST + 1000, { sku: 'b' }));
    expect(first.at).toBe(day(0));
    expect(interest).toMatchObject({ sku: 'b', looked: { views: 1 } });
    expect(Object.keys(interest).toSorted()).toStrictEqual(['latest', 'looked', 'sku']);
  });

  it('leave what mails speak of, until another is named', () => {
    const named = look(day(0), { sku: 'a', category: 'pots' });
    const nameless = look(day(40));
    expect(comesTo(named, nameless)).toMatchObject({ sku: 'a', category: 'pots' });
    expect(comesTo(named, look(day(20), { sku: 'b' }), nameless)).toMatchObject({ sku: 'b', category: 'pots' });
    // Also when the table has removed them meanwhile.
    const anew = addLooks(NOTHING_SEEN, [look(day(200))]);
    expect(interestOf(anew, POLICY, comesTo(named))).toMatchObject({ sku: 'a', category: 'pots' });
    expect(interestOf(anew, POLICY)).not.toHaveProperty('sku');
  });
});

describe('interest', () => {
  const { lasts } = POLICY.interested;
  const spansAfter = (...days: readonly number[]) =>
    interestSpans(comesTo(...days.map((each) => look(day(each)))), lasts).map(({ from, to }) => [from, to]);
  const from = (each: number) => endOf(day(each)) - DAY;
  const to = (each: number) => endOf(day(each)) + lasts;

  it('goes on from look to look as long as the pause after each lasts', () => {
    expect(spansAfter(0)).toStrictEqual([[from(0), to(0)]]);
    expect(spansAfter(0, 5, 10, 18)).toStrictEqual([[from(0), to(18)]]);
    expect(spansAfter(0, 9)).toStrictEqual([
      [from(0), to(0)],
      [from(9), to(9)],
    ]);
  });

  it('of before is known though the looks are dropped', () => {
    let browsing = addLooks(NOTHING_SEEN, [look(day(0))]);
    let interest = interestOf(browsing, POLICY);
    for (let each = 20; each < 20 + LOOKS_KEPT + 5; each += 1) {
      browsing = addLooks(browsing, [look(day(each))]);
      interest = interestOf(browsing, POLICY, interest);
    }
    expect(browsing.dropped).toBe(true);
    expect(interest && interestSpans(interest, lasts).map((each) => each.from)).toStrictEqual([from(0), from(20)]);
  });
});
