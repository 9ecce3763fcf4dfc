import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { optOut, suppress, unknownAddress } from '../../shared/lifecycle/address.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { type Living, type Pending, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { JOURNAL_NEEDED, react } from '../../shared/lifecycle/customer/react.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Dossier, Setting } from '../../shared/lifecycle/explain/dossier.ts';
import { stageHistory } from '../../shared/lifecycle/explain/stage-history.ts';
import { type LivingStory, storyOf } from '../../shared/lifecycle/explain/story.ts';
import { OPEN_LANE, pause, stop } from '../../shared/lifecycle/lane.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { nextChange } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { bought, complained, CUSTOMER, event, registered, START } from '../support/events.ts';

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
  readonly beside?: Pick<Dossier, 'address' | 'lane'>;
  readonly setting?: Partial<Setting>;
}

function viewOf({
  journal = [joined(START), order(START, '1')],
  ledger = [],
  change = {},
  now = START,
  beside = {},
  setting = {},
}: Given): LivingStory {
  const profile = { ...livingAfter(journal, now), ...change };
  const view = storyOf({ profile, journal, ledger, ...beside }, { playbook, now, ...setting });
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

describe('what holds a waiting message', () => {
  const waiting: Pending = { moment: START, decidedAt: START, attempt: 1 };
  const sentenceOf = (given: Given) => viewOf({ change: { pending: { [WELCOME]: waiting } }, ...given }).messages[0];

  it('is a pause, of everything or of its programme, as long as it lasts', () => {
    const paused = sentenceOf({ beside: { lane: pause(OPEN_LANE, 'onboarding', START - HOUR) } });
    expect(paused?.sentence).toBe('Pending: somebody has paused this mail.');
    expect(paused?.because).toContain('Onboarding has been paused since 2 Mar 2026, 11:00 UTC.');
    expect(sentenceOf({ beside: { lane: pause(OPEN_LANE, undefined, START) } })?.sentence).toContain('paused');
    const other = sentenceOf({ beside: { lane: pause(OPEN_LANE, 'win-back', START) } });
    expect(other?.sentence).toBe('Pending: it goes out within a minute.');
  });

  it('is a stop of SES while it lasts', () => {
    const lane = stop(OPEN_LANE, 'quota', START + HOUR);
    expect(sentenceOf({ beside: { lane } })?.sentence).toContain('SES takes no mail at present: the account’s quota');
    const over = sentenceOf({ beside: { lane: stop(OPEN_LANE, 'quota', START - HOUR) } });
    expect(over?.sentence).toBe('Pending: it goes out within a minute.');
  });

  it('is otherwise what it was put off for', () => {
    const pending = { [WELCOME]: { ...waiting, notBefore: START + HOUR, heldBy: 'daily share' } };
    const message = viewOf({ change: { pending }, beside: { lane: OPEN_LANE } }).messages[0];
    expect(message?.sentence).toBe(
      'Pending until 2 Mar 2026, 13:00 UTC: as much mail as may go out in a day has gone out.',
    );
  });
});

describe('after it was sent', () => {
  it('tells which language there was none of', () => {
    const made = { release: 'r-7', template: 'onboarding/welcome', locale: 'en', insteadOf: 'fi' };
    const [message] = viewOf({ ledger: [{ ...ended, outcome: 'sent', ...made }] }).messages;
    expect(message?.made).toContain('Variant standard, in English, for there is none in Finnish, release r-7.');
  });

  it('tells how it was made, what led to it and what SES reported', () => {
    const made = { release: 'r-7', template: 'onboarding/welcome@returning', locale: 'sv' };
    const delivery = { status: 'bounced', at: START + HOUR, detail: 'Permanent/General' } as const;
    const [message] = viewOf({ ledger: [{ ...ended, outcome: 'sent', ...made, delivery }] }).messages;
    expect(message?.made).toBe(
      'Meant for 2 Mar 2026, 12:00 UTC, decided 2 Mar 2026, 12:00 UTC. Variant returning, in sv, release r-7.',
    );
    expect(message?.because.join()).toContain('with Purchase Completed (order 1, 40 EUR).');
    expect(message?.delivery).toBe('Bounced: it came back (Permanent/General) on 2 Mar 2026, 13:00 UTC.');
  });
});

const textOf = (term: string, given: Given) => viewOf(given).standing.find((each) => each.term === term)?.text;

describe('how a customer stands', () => {
  it('names what the reader chose and answered', () => {
    const journal = [
      joined(START),
      order(START, '1'),
      event('Preferences Changed', START, {
        how: 'page',
        pace: 'less',
        programmes: { 'win-back': 'off' },
        tailored: false,
      }),
      event('Question Answered', START, { programme: 'win-back', step: 'ask', question: 'reason', answer: 'price' }),
    ];
    expect(textOf('Choices', { journal })).toBe(
      'Chosen by the reader: win-back off (2 Mar 2026); less often; not tailored',
    );
    expect(textOf('Answers', { journal })).toBe('reason: price (2 Mar 2026)');
    expect(textOf('Choices', {})).toBeUndefined();
  });

  it('names what is known of the address', () => {
    const free = unknownAddress('h');
    expect(textOf('Mail to the address', { beside: { address: free } })).toBeUndefined();
    const bounced = suppress(free, 'hard bounce', START);
    expect(textOf('Mail to the address', { beside: { address: bounced } })).toBe(
      'Nothing is sent: the address does not exist: mail to it came back for good; suppressed since 2 Mar 2026, 12:00 UTC',
    );
    const left = optOut(optOut(free, undefined, START), 'win-back', START);
    expect(textOf('Mail to the address', { beside: { address: left } })).toBe(
      'A reader there unsubscribed on 2 Mar 2026, 12:00 UTC; a reader there wants no win-back (2 Mar 2026)',
    );
  });

  it('names the holdout group where there is one', () => {
    const all = { holdout: { share: 1, salt: 's' } };
    expect(textOf('Holdout', { setting: all })).toContain('Belongs to the holdout group');
    // A share so small that hardly anybody is in it.
    expect(textOf('Holdout', { setting: { holdout: { share: 1e-9, salt: 's' } } })).toBe('Not in the holdout group');
    expect(textOf('Holdout', { setting: { holdout: { share: 0, salt: 's' } } })).toBeUndefined();
  });
});

describe('what would stand against the next message', () => {
  const next = (given: Given) => viewOf(given).upcoming.find(({ title }) => title === 'Onboarding, guide')?.detail;
  const consentBefore = [joined(START - DAY), order(START, '1')];
  const left = optOut(unknownAddress('h'), undefined, START);

  it.each<[string, Given, string]>([
    ['a hard bounce', { beside: { address: suppress(unknownAddress('h'), 'hard bounce', START) } }, 'does not exist'],
    ['an unsubscribe by address', { journal: consentBefore, beside: { address: left } }, 'wants no such mail'],
    ['the holdout', { setting: { holdout: { share: 1, salt: 's' } } }, 'holdout group'],
    ['nothing', {}, 'Promotional mail: caps and quiet hours are kept.'],
  ])('%s', (_name, given, words) => {
    expect(next(given)).toContain(words);
  });

  it('an opt-in later than the unsubscribe takes it back', () => {
    const journal = [joined(START + 1), order(START, '1')];
    expect(next({ journal, now: START + 1, beside: { address: left } })).toContain('caps and quiet hours');
  });

  it('an unsubscribe of the customer', () => {
    const off = event('Preferences Changed', START + 1, { how: 'one-click', promotion: 'off' });
    expect(next({ journal: [...consentBefore, off], now: START + 1 })).toContain('wants no such mail');
  });
});

describe('what happens next', () => {
  it('foresees messages and the change of stage, in order', () => {
    const { upcoming, due } = viewOf({ change: { pending: {}, recent: [{ key: WELCOME, at: START }] } });
    expect(upcoming.map(({ at, title }) => [(at - START) / DAY, title])).toEqual([
      [7, 'Onboarding, guide'],
      [21, 'Onboarding, check in'],
      [30, 'Retention, nps'],
      [39, 'Retention, make the most'],
      [60, expect.stringMatching(/^Stage becomes “/u)],
    ]);
    expect(due).toBe(START + 7 * DAY);
  });

  it('says when a message would be withheld', () => {
    const { upcoming, standing } = viewOf({ journal: [joined(START, 'none'), order(START, '1')] });
    expect(upcoming[0]?.detail).toBe('Would be withheld: there is no consent to promotional mail.');
    expect(standing).toContainEqual({ term: 'Consent', text: 'Wants no promotional mail (checkout, 2 Mar 2026)' });
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
    const { dissatisfied, standing, upcoming } = viewOf({ journal, now: START + DAY });
    expect(dissatisfied).toBe('Dissatisfied: a complaint is open, until 17 Apr 2026 at the latest');
    expect(standing).toContainEqual({
      term: 'Promotion',
      text: 'Rests until 24 Apr 2026 at the latest, because the customer is or was dissatisfied',
    });
    expect(upcoming[0]).toMatchObject({ title: 'Recovery, status, round 1', at: START + 4 * DAY });
  });
});

describe('what happened', () => {
  it('stands newest first, also what happened at one instant', () => {
    const { entries } = viewOf({ journal: [joined(START), order(START, '1'), order(START, '2')] });
    const stages = entries.filter(({ kind }) => kind === 'stage').map(({ title }) => title);
    expect(stages).toEqual(['New → Active', 'Lead → New']);
    const ranks = entries.map(({ kind }) => kind);
    expect(ranks.lastIndexOf('message')).toBeLessThan(ranks.indexOf('stage'));
    expect(ranks.lastIndexOf('stage')).toBeLessThan(ranks.indexOf('event'));
    expect(entries.filter(({ kind }) => kind === 'event').map(({ title }) => title)).toEqual([
      'Purchase Completed',
      'Purchase Completed',
      'Customer Registered',
    ]);
  });
});

describe('traits', () => {
  const journal = [
    joined(START),
    event('Preference Declared', START, { style: 'efficient' }),
    event('Nps Answered', START + DAY, { score: 3 }),
  ];
  const now = START + 2 * DAY;

  it('stand with their reasons, and until when', () => {
    const { traits, standing } = viewOf({ journal, now });
    const sentences = [
      'Critic: answered 3 to “would you recommend us”, until 30 Aug 2026 at the latest',
      'Critic now or lately: is a critic, or was not long ago, until 29 Sept 2026 at the latest',
      'Efficient: asked for short, factual mail',
    ];
    expect(traits.filter(({ id }) => id !== 'few-orders').map(({ sentence }) => sentence)).toEqual(sentences);
    for (const text of sentences) expect(standing).toContainEqual({ term: 'Trait', text });
  });

  it('a mail they keep away is foreseen as withheld', () => {
    const orders = [order(START, 'a'), order(START + 30 * DAY, 'b')];
    const critic = event('Nps Answered', START + 40 * DAY, { score: 3 });
    const silent = livingAfter([joined(START), ...orders, critic], START + 40 * DAY);
    const { at = 0 } = nextChange(silent.facts, playbook.stages, START + 40 * DAY) ?? {};
    const { upcoming } = viewOf({ journal: [joined(START), ...orders, critic], now: at });
    expect(upcoming.find(({ title }) => title === 'Retention, reminder')?.detail).toBe(
      'Would be withheld: it is not meant for whoever has the trait “Critic”.',
    );
  });

  it('a mail that follows another one is foreseen as withheld once that one can no longer come', () => {
    const known = [joined(START), order(START, 'a'), order(START + 30 * DAY, 'b')];
    const silent = livingAfter(known, START + 40 * DAY);
    const { at = 0 } = nextChange(silent.facts, playbook.stages, START + 40 * DAY) ?? {};
    const detailWith = (change: Partial<Living>) =>
      viewOf({ journal: known, now: at, change }).upcoming.find(({ title }) => title === 'Retention, reminder')?.detail;
    const reminded = 'Promotional mail: caps and quiet hours are kept.';
    const checkIn = '1/retention/check-in/1';
    expect(detailWith({})).toBe(reminded);
    expect(detailWith({ pending: {}, recent: [{ key: checkIn, at }] })).toBe(reminded);
    expect(detailWith({ pending: {}, closed: [{ key: checkIn, until: at + 7 * DAY }] })).toBe(
      'Would be withheld: the mail it was to follow never went out.',
    );
  });

  it('a series of a trait is foreseen as far as the trait lasts', () => {
    const known = [joined(START)];
    const studied = { since: START, until: START + 10 * DAY, by: 'download', count: 1, days: 1 } as const;
    const interest = { latest: START, first: { at: START, views: [START] }, studied };
    const change: Partial<Living> = {
      facts: { ...livingAfter(known, START).facts, interest },
      episodes: { researcher: { n: 1, beganAt: START } },
      traits: ['researcher'],
    };
    const { upcoming } = viewOf({ journal: known, change });
    expect(upcoming.map(({ title }) => title)).toEqual(['Nurture, knowledge', 'Nurture, comparison']);
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
    expect(history[2]?.reasons.join()).toContain('of silence');
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
  const view = storyOf({ profile, journal: [joined(START)], ledger: [] }, { playbook, now: START });
  expect(view).toEqual({ kind: 'erased', customerId: CUSTOMER, erasedAt: START });
});
