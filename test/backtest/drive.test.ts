import { describe, expect, it } from 'vitest';
import { drive, type Heard, sweepAt } from '../../infra/backtest/drive.ts';
import { eventsOf } from '../../infra/backtest/happenings.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { StageChange } from '../../shared/lifecycle/customer/profile.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { OPEN } from '../support/circumstances.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { logOf } from './order-logs.ts';

/** A Monday at noon. */
const MONDAY = Date.parse('2024-01-01T12:00:00Z') / DAY;
const NOON = MONDAY * DAY;

const rowsOf = (...days: readonly number[]) => days.map((day) => ({ customer: 'c1', day: MONDAY + day, minor: 4000 }));

function played(
  days: readonly number[],
  until: number,
  {
    circumstances = OPEN,
    from = -Infinity,
    budget = true,
  }: { circumstances?: typeof OPEN; from?: number; budget?: boolean } = {},
) {
  const entries: LedgerEntry[] = [];
  const changes: StageChange[] = [];
  const heard: Heard = {
    stage: (change) => changes.push(change),
    ended: (entry) => entries.push(entry),
    offer: () => budget,
  };
  const events = eventsOf(logOf(rowsOf(...days)), 0);
  const customer = drive(events, SHIPPED, circumstances, from, NOON + until * DAY, heard);
  const of = (outcome: string) =>
    entries.filter((each) => each.outcome === outcome).map(({ key }) => key.split('/').slice(1, 3).join('/'));
  return { customer, entries, changes, sent: of('sent'), withheld: of('withheld') };
}

describe('the sweep', () => {
  it('finds a timer at the first minute that is not before it', () => {
    expect(sweepAt(NOON + 1, NOON)).toBe(NOON + MINUTE);
    expect(sweepAt(NOON + MINUTE, NOON)).toBe(NOON + MINUTE);
  });

  it('looks again at one that stands in the next minute, and later every quarter of an hour', () => {
    expect(sweepAt(NOON, NOON)).toBe(NOON + MINUTE);
    expect(sweepAt(NOON, NOON + 5 * MINUTE)).toBe(NOON + 15 * MINUTE);
  });

  it('never comes to somebody without a timer', () => {
    expect(sweepAt(Infinity, NOON)).toBe(Infinity);
  });
});

describe('a customer driven through the core', () => {
  it('is welcomed at once and hears of the rest at its moments, never at night', () => {
    const { sent, entries } = played([0], 30);
    expect(sent.slice(0, 2)).toEqual(['onboarding/welcome', 'onboarding/guide']);
    expect(entries[0]).toMatchObject({ outcome: 'sent', endedAt: NOON });
    expect(entries.every(({ endedAt }) => new Date(endedAt).getUTCHours() >= 7)).toBe(true);
  });

  it('goes through the stages by time alone, and begins anew after having lapsed', () => {
    const { changes } = played([0, 400], 410);
    expect(changes.map(({ to }) => to)).toEqual(['new', 'active', 'at_risk', 'lapsed', 'new']);
    expect(changes.at(-1)?.at).toBe(NOON + 400 * DAY);
  });

  it('ends each message once', () => {
    const { entries } = played([0, 20, 45, 60, 75, 160, 170, 400], 600);
    expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
  });

  it('gets nothing promotional when held out, and what would have gone is told', () => {
    const circumstances = { ...OPEN, holdout: { share: 1, salt: 's' } };
    const [open, held] = [played([0], 30), played([0], 30, { circumstances })];
    expect(held.sent).toEqual([]);
    expect(held.withheld).toContain('onboarding/welcome');
    expect(held.changes).toEqual(open.changes);
  });

  it('gets an offer a minute after it is issued, when the shop has confirmed it', () => {
    const { sent, entries, customer } = played([0], 300);
    expect(sent).toContain('win-back/offer');
    const mail = entries.find(({ key }) => key.includes('win-back/offer'));
    const issued = customer?.offers.find(({ offer }) => offer === 'win-back');
    expect((mail?.endedAt ?? 0) - (issued?.issuedAt ?? 0)).toBe(MINUTE);
  });

  it('gets no offer whose budget is spent', () => {
    const { sent, entries } = played([0], 300, { budget: false });
    expect(sent).not.toContain('win-back/offer');
    expect(entries.find(({ key }) => key.includes('win-back/offer'))).toMatchObject({ reason: 'budget spent' });
  });

  it('is known but not written to before the beginning', () => {
    const from = NOON + 100 * DAY;
    const { entries, changes, customer } = played([0, 10], 130, { from });
    expect(entries.every(({ moment }) => moment >= from)).toBe(true);
    expect(changes[0]?.to).toBe('new');
    expect(customer?.stage).toBe(played([0, 10], 130).customer?.stage);
  });

  it('is nobody before the first event', () => {
    expect(played([5], 4).customer).toBeUndefined();
  });

  it('is registered first of all', () => {
    const log = logOf(rowsOf(0, 3));
    const events = eventsOf(log, 0, { logins: [NOON - HOUR] });
    expect(events.map(({ type }) => type)).toEqual([
      'Customer Registered',
      'Login Succeeded',
      'Purchase Completed',
      'Purchase Completed',
    ]);
  });
});
