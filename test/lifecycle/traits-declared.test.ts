/** L7, A8, A9: what customers declare about themselves. */
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import { traitsAt } from '../../shared/lifecycle/traits/traits.ts';
import { bought, day, event } from '../support/events.ts';
import { edge, idsAt, situationAfter, whyAt } from '../support/traits.ts';

const declared = (at: Instant, said: Readonly<Record<string, unknown>>): CustomerEvent =>
  event('Preference Declared', at, said);

describe('switcher', () => {
  const supplier = declared(day(1), { previousSupplier: 'Nordic Tea House' });

  it('a lead who told where they bought before, for 90 days', () => {
    const lead = situationAfter([supplier]);
    expect(edge(lead, 'switcher', day(1))).toBe('begins');
    expect(edge(lead, 'switcher', day(91))).toBe('ends');
    expect(whyAt(lead, 'switcher', day(2))).toBe('bought from Nordic Tea House before');
    expect(edge(situationAfter([supplier], { traits: { switcher: { lasts: DAY } } }), 'switcher', day(2))).toBe('ends');
  });

  it('ends with the first order', () => {
    expect(edge(situationAfter([supplier, bought(day(5))]), 'switcher', day(5))).toBe('ends');
  });
});

describe('form', () => {
  it.each([
    ['efficient', ['efficient']],
    ['traditional', ['traditional']],
    ['both', ['efficient', 'traditional']],
    ['none', []],
  ])('%s', (style, ids) => {
    const before = declared(day(1), { style: style === 'efficient' ? 'traditional' : 'efficient' });
    const situation = situationAfter([before, declared(day(2), { style })]);
    expect(idsAt(situation, day(2))).toStrictEqual(ids);
    expect(idsAt(situation, day(900))).toStrictEqual(ids);
  });

  it('says that it was declared, and when', () => {
    const [held] = traitsAt(situationAfter([declared(day(2), { style: 'efficient' })]), day(3));
    expect(held).toStrictEqual({
      id: 'efficient',
      since: day(2),
      until: Number.POSITIVE_INFINITY,
      because: 'asked for short, factual mail',
      declared: true,
    });
  });
});
