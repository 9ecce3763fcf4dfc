/** What the first page says of a census: no more than was shown. */
import { describe, expect, it } from 'vitest';
import { censusPanel } from '../../infra/local/web/census-panel.ts';
import type { Figures } from '../../shared/lifecycle/census/figures.ts';
import type { Comparison } from '../../shared/lifecycle/census/holdout.ts';
import { newcombe, welch } from '../../shared/lifecycle/census/intervals.ts';
import type { Proposal } from '../../shared/lifecycle/census/proposal.ts';
import { DAY } from '../../shared/lifecycle/time.ts';

const NOW = Date.parse('2026-06-01T02:10:00Z');
const FIGURES: Figures = {
  at: NOW,
  people: { lead: 1, new: 0, active: 2, loyal: 0, at_risk: 0, lapsed: 0 },
  longOpen: 0,
  keyAccounts: 0,
  revenue: [],
  tooManyDiscounts: false,
};

/** The text of the panel, in one line. */
const textOf = (more: Partial<Figures>) =>
  censusPanel({ ...FIGURES, ...more }, NOW)
    .text.replaceAll(/<[^>]+>/gu, ' ')
    .replaceAll(/\s+/gu, ' ');

const held = { of: 100, successes: 20 };
const spent = (n: number, each: number) => ({ n, sum: n * each, squares: n * each ** 2 + n * 1e6 });

function comparedWith(buyers: number): Comparison {
  const treated = { of: 1000, successes: buyers };
  const difference = newcombe(treated, held);
  const shows = difference.low > 0 ? 'more' : 'nothing';
  const revenue = welch(spent(1000, 1234), spent(100, 1200));
  return {
    kind: 'compared',
    from: NOW - 90 * DAY,
    to: NOW,
    held,
    treated,
    rate: { held: 0.2, treated: buyers / 1000, difference, shows },
    revenue: { currency: 'EUR', held: 1200, treated: 1234, difference: revenue, shows: 'nothing' },
    leastBuyers: 30,
    cutShort: 3,
  };
}

describe('held out against mailed', () => {
  it('is called uplift when the interval leaves zero out, and never else', () => {
    const shown = textOf({ comparison: comparedWith(400) });
    expect(shown).toContain('Uplift: more of those who are mailed bought again.');
    expect(shown).toMatch(/Difference \+20\.0 points, 95 % interval \+\d+\.\d to \+\d+\.\d\./u);
    const not = textOf({ comparison: comparedWith(220) });
    expect(not).not.toMatch(/uplift/iu);
    expect(not).toContain('No difference has been shown');
    expect(not).toMatch(/Difference \+2\.0 points, 95 % interval −\d+\.\d to \+\d+\.\d\./u);
    expect(not).toContain('EUR per head 12.34 12.00');
    expect(not).toContain('3 people may have had more in that time');
  });

  it.each<[Comparison, string]>([
    [{ kind: 'nobody held out' }, 'Nobody is held out'],
    [{ kind: 'nothing is sent' }, 'Nobody is mailed by this deployment'],
    [{ kind: 'too early', since: NOW, full: NOW + 90 * DAY }, 'full on 30 Aug 2026'],
    [
      { kind: 'too few', least: 100, held: { of: 12, successes: 1 }, treated: { of: 230, successes: 9 } },
      'Not enough data yet: 12 people held out and 230 mailed',
    ],
  ])('of the kind %o says so', (comparison, words) => {
    expect(textOf({ comparison })).toContain(words);
    expect(textOf({ comparison })).not.toMatch(/uplift/iu);
  });
});

const told = (proposal: Proposal) => textOf({ proposal });

describe('the proposal', () => {
  const live = {
    rule: 'ownGap',
    populationGap: 45 * DAY,
    atRiskGaps: 2,
    lapsedGaps: 4,
    atRiskNotBefore: 21 * DAY,
    lapsedNotBefore: 60 * DAY,
  } as const;
  const occasion = { at: NOW, live, customers: 4000 };

  it('shows what would change, whom it would move, and the commands that apply it', () => {
    const proposed = { ...live, populationGap: 31 * DAY };
    const text = told({
      ...occasion,
      verdict: 'proposed',
      proposed,
      moves: { 'active>at_risk': 1200, 'new>active': 1 },
    });
    expect(text).toContain('populationGap 45 days 31 days');
    expect(text).toContain('1,201 people would change stage');
    expect(text).toContain('Active → At risk 1,200 New → Active 1');
    expect(text).toContain('npm run refit -- --apply npm run publish');
  });

  it.each(['not enough data', 'dropout not identified', 'at its bounds', 'nothing to fit'] as const)(
    '%s: nothing to apply',
    (verdict) => {
      const text = told({ ...occasion, verdict });
      expect(text).not.toContain('--apply');
      expect(text).not.toContain('would change stage');
    },
  );
});

it('traits and offers are told by how many people, and no rate of few', () => {
  const text = textOf({
    traits: [
      { trait: 'bargain', people: 1234 },
      { trait: 'gift-buyer', people: 2 },
    ],
    offers: {
      audited: 44 * DAY,
      languages: [
        { language: 'sv', people: 200, offers: 5 },
        { language: 'unknown', people: 99, offers: 9 },
      ],
    },
  });
  expect(text).toContain('Bargain hunter 1,234 Gift buyer 2');
  expect(text).toContain('sv 200 5 2.5 not known 99 9 few people');
  expect(text).toContain('Offers of the last 44 days');
});
