import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { customerView, type LivingView } from '../../infra/local/web/timeline.ts';
import { stageHistory } from '../../infra/local/web/stage-history.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { type Living, type Pending, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { JOURNAL_NEEDED, react } from '../../shared/lifecycle/customer/react.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { bought, complained, CUSTOMER, registered, START } from '../support/events.ts';

const playbook = parsePlaybook(JSON.parse(readFileSync('shared/content/playbook.json', 'utf8')));
const WELCOME = '1/onboarding/welcome/1';

const order = (at: Instant, orderId: string) => bought(at, orderId, { total: 40, currency: 'EUR' });
const joined = (at: Instant, marketing = 'opt_in') =>
  registered(at, {
    timeZone: 'Europe/Berlin',
    consent: { marketing, source: 'checkout', at: new Date(at).toISOString() },
  });

/** The customer as the functions leave them at `now`. */
function livingAfter(journal: readonly CustomerEvent[], now: Instant): Living {
  const reacted = react(unknownCustomer(CUSTOMER, journal[0]?.occurredAt ?? now), journal, 'cause', playbook, now);
  if (reacted === JOURNAL_NEEDED) throw new Error('the journal of a test is not that long');
  return reacted.customer;
}

interface Given {
  readonly journal?: readonly CustomerEvent[];
  readonly ledger?: readonly LedgerEntry[];
  readonly change?: Partial<Living>;
  readonly now?: Instant;
}

function viewOf({
  journal = [joined(START), order(START, '1')],
  ledger = [],
  change = {},
  now = START,
}: Given): LivingView {
  const profile = { ...livingAfter(journal, now), ...change };
  const view = customerView({ profile, journal, ledger }, playbook, now);
  if (view.kind !== 'living') throw new Error('expected a living customer');
  return view;
}

const ended = {
  customerId: CUSTOMER,
  key: WELCOME,
  moment: START,
  decidedAt: START,
  endedAt: START,
  attempt: 1,
} as const;

describe('a message in plain words', () => {
  it.each<[string, Partial<LedgerEntry> & Pick<LedgerEntry, 'outcome'>, string]>([
    ['sent', { outcome: 'sent', messageId: 'm' }, 'Sent; SES accepted it.'],
    ['sent at the second attempt', { outcome: 'sent', attempt: 2 }, 'Sent at attempt 2; SES accepted it.'],
    [
      'sent in shadow',
      { outcome: 'sent', shadow: true },
      'Would have been sent: this deployment runs in shadow and hands nothing to SES.',
    ],
    [
      'withheld',
      { outcome: 'withheld', reason: 'frequency cap' },
      'Withheld: enough promotional mail has gone to this person lately.',
    ],
    [
      'cancelled',
      { outcome: 'cancelled', reason: 'stage is at_risk' },
      'Cancelled: the customer moved on to the stage “At risk”.',
    ],
    [
      'unknown',
      { outcome: 'failed', reason: 'outcome unknown' },
      'Failed: SES gave no clear answer, so it may or may not have arrived. It is not sent again.',
    ],
    [
      'rejected',
      { outcome: 'failed', reason: 'rejected: MessageRejected' },
      'Failed: SES refused it (MessageRejected).',
    ],
    ['a reason without words of its own', { outcome: 'withheld', reason: 'solar flare' }, 'Withheld: solar flare.'],
  ])('%s', (_name, entry, sentence) => {
    const [message] = viewOf({ ledger: [{ ...ended, ...entry }], change: { pending: {} } }).messages;
    expect(message).toMatchObject({ name: 'Onboarding, welcome', state: entry.outcome, sentence });
  });

  const waiting: Pending = { moment: START, decidedAt: START, attempt: 1 };

  it('pending, ready to go', () => {
    const [message] = viewOf({}).messages;
    expect(message).toMatchObject({ state: 'pending', sentence: 'Pending: it goes out within a minute.' });
  });

  it('pending over night says until when and why', () => {
    const night = Date.parse('2026-03-02T22:00:00Z');
    const pending = { [WELCOME]: { ...waiting, notBefore: night + 9 * HOUR } };
    const [message] = viewOf({ now: night, change: { pending } }).messages;
    expect(message?.sentence).toBe('Pending until 3 Mar 2026, 07:00 UTC: it is night where this person lives.');
  });

  it('pending for the second time', () => {
    const [message] = viewOf({ change: { pending: { [WELCOME]: { ...waiting, attempt: 2 } } } }).messages;
    expect(message?.sentence).toContain('SES gave no clear answer the first time');
  });

  it('in flight', () => {
    const flight = { [WELCOME]: { ...waiting, token: 't', lease: START + HOUR } };
    const [message] = viewOf({ change: { pending: {}, flight } }).messages;
    expect(message).toMatchObject({ state: 'in flight' });
    expect(message?.sentence).toContain('Being handed to SES; if nothing is heard of it by 2 Mar 2026, 13:00 UTC');
  });

  it('closing, before the ledger has it, and once only when it has', () => {
    const closing = { [WELCOME]: { ...waiting, outcome: 'withheld', reason: 'no consent', closedAt: START } } as const;
    const change = { pending: {}, closing };
    expect(viewOf({ change }).messages.map(({ sentence }) => sentence)).toEqual([
      'Withheld: there is no consent to promotional mail.',
    ]);
    const ledger = [{ ...ended, outcome: 'withheld', reason: 'no consent' } as const];
    expect(viewOf({ change, ledger }).messages).toHaveLength(1);
  });
});

describe('what happens next', () => {
  it('foresees messages and the change of stage, in order', () => {
    const { upcoming, due } = viewOf({ change: { pending: {}, recent: [{ key: WELCOME, at: START }] } });
    expect(upcoming.map(({ at, title }) => [(at - START) / DAY, title])).toEqual([
      [7, 'Onboarding, guide'],
      [21, 'Onboarding, check in'],
      [60, expect.stringMatching(/^Stage becomes “/u)],
    ]);
    expect(due).toBe(START + 7 * DAY);
  });

  it('says when a message would be withheld', () => {
    const { upcoming, consent } = viewOf({ journal: [joined(START, 'none'), order(START, '1')] });
    expect(upcoming[0]?.detail).toBe('Would be withheld: there is no consent to promotional mail.');
    expect(consent).toBe('Wants no promotional mail (checkout, 2 Mar 2026)');
  });

  it('is nothing for a lead', () => {
    const { upcoming, due, stage, reasons } = viewOf({ journal: [joined(START)] });
    expect({ upcoming, due, stage, reasons }).toEqual({
      upcoming: [],
      due: undefined,
      stage: 'lead',
      reasons: ['no order yet'],
    });
  });

  it('shows an open complaint as what it is', () => {
    const opened = complained(START + DAY, 'k-9', 'high');
    const journal = [joined(START), order(START, '1'), opened];
    const { traits, upcoming } = viewOf({ journal, now: START + DAY });
    expect(traits).toEqual([
      'dissatisfied: a complaint is open, until 17 Apr 2026 at the latest',
      'promotional mail rests until 24 Apr 2026',
    ]);
    expect(upcoming[0]).toMatchObject({ title: 'Recovery, status, round 1', at: START + 4 * DAY });
  });
});

describe('the history of stages', () => {
  const journal = [joined(START), order(START + DAY, '1'), order(START + 20 * DAY, '2')];
  const until = START + 400 * DAY;

  it('tells what events and what time alone changed, and why', () => {
    const history = stageHistory(journal, playbook.stages, until);
    expect(history.map(({ from, to, by }) => [from, to, by?.type])).toEqual([
      ['lead', 'new', 'Purchase Completed'],
      ['new', 'active', 'Purchase Completed'],
      ['active', 'at_risk', undefined],
      ['at_risk', 'lapsed', undefined],
    ]);
    expect(history[2]?.reasons.join()).toContain('since the last order');
  });

  it('is what the functions observed, in whatever order the journal is read', () => {
    const observed = react(unknownCustomer(CUSTOMER, START), journal, 'cause', playbook, until);
    const changes = observed === JOURNAL_NEEDED ? [] : observed.changes;
    const told = stageHistory(journal.toReversed(), playbook.stages, until);
    expect(told.map(({ at, from, to, reasons }) => ({ at, from, to, reasons }))).toEqual(changes);
  });

  it('stands in the timeline between events and messages, newest first', () => {
    const { entries } = viewOf({ journal, now: until, change: { pending: {} } });
    expect(entries.map(({ title }) => title)).toEqual([
      'At risk → Lapsed',
      'Active → At risk',
      'New → Active',
      'Purchase Completed',
      'Lead → New',
      'Purchase Completed',
      'Customer Registered',
    ]);
    expect(entries[3]?.detail).toBe('order 2, 40 EUR');
  });
});

it('says of an erased customer only that they were erased', () => {
  const profile = { kind: 'erased', customerId: CUSTOMER, life: 1, version: 3, erasedAt: START } as const;
  const view = customerView({ profile, journal: [joined(START)], ledger: [] }, playbook, START);
  expect(view).toEqual({ kind: 'erased', customerId: CUSTOMER, erasedAt: START });
});
