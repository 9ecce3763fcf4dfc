import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { optOut, suppress, unknownAddress, withHolder } from '../../shared/lifecycle/address.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { LivingDossier, Setting } from '../../shared/lifecycle/explain/dossier.ts';
import { particularsOfReason } from '../../shared/lifecycle/explain/particulars.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { OPEN_LANE, pause, reserve, stop } from '../../shared/lifecycle/lane.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { HOUR } from '../../shared/lifecycle/time.ts';
import { bought, complained, CUSTOMER, day, event, registered, resolved, START } from '../support/events.ts';

const playbook = parsePlaybook(JSON.parse(readFileSync('shared/content/playbook.json', 'utf8')));
const OFFER = '1/win-back/offer/1';
const hash = 'h';

interface Given extends Partial<LivingDossier> {
  readonly key?: string;
  readonly setting?: Partial<Setting>;
}

function told(reason: string, { key = OFFER, journal = [registered(START)], setting, ...beside }: Given = {}) {
  const at = day(20);
  const profile = { ...unknownCustomer(CUSTOMER, START), facts: factsOf(journal) };
  const dossier: LivingDossier = { profile, journal, ledger: [], ...beside };
  return particularsOfReason(reason, { key, moment: day(3), at }, dossier, { playbook, now: at, ...setting });
}

const sent = (key: string, endedAt: number) =>
  ({ customerId: CUSTOMER, key, outcome: 'sent', moment: endedAt, decidedAt: endedAt, endedAt, attempt: 1 }) as const;

const changed = (at: number, data: Readonly<Record<string, unknown>>): CustomerEvent =>
  event('Preferences Changed', at, { how: 'page', ...data });

it('stale: what its moment was, and for how long it keeps', () => {
  expect(told('stale')).toBe('It was meant for 5 Mar 2026, 12:00 UTC and keeps for 7 days.');
});

it('no consent: what the consent was when the rule spoke, not what came later', () => {
  const none = { consent: { marketing: 'none', source: 'checkout', at: new Date(START).toISOString() } };
  const journal = [registered(START, none), registered(day(30))];
  expect(told('no consent', { journal })).toBe('Wants no promotional mail (checkout, 2 Mar 2026).');
});

it('unsubscribed: by this customer, else by whoever reads mail there', () => {
  const journal = [registered(START), changed(day(2), { programmes: { 'win-back': 'off' } })];
  expect(told('unsubscribed', { journal })).toBe(
    'This customer said so on 4 Mar 2026, 12:00 UTC: Preferences Changed (how page, win-back off).',
  );
  const address = optOut(unknownAddress(hash), undefined, day(1));
  expect(told('unsubscribed', { address })).toBe('Somebody who reads mail there said so on 3 Mar 2026, 12:00 UTC.');
  // A choice about something else is not what led to it.
  const language = [registered(START), changed(day(2), { language: 'sv' })];
  expect(told('unsubscribed', { journal: language, address })).toContain('Somebody who reads mail there');
  // Nor is one about another programme.
  const other = [registered(START), changed(day(2), { programmes: { retention: 'off' } })];
  expect(told('unsubscribed', { journal: other, address })).toContain('Somebody who reads mail there');
});

it.each(['hard bounce', 'spam complaint'] as const)('%s: since when', (reason) => {
  const address = suppress(unknownAddress(hash), reason, day(2));
  expect(told(reason, { address })).toBe('Since 4 Mar 2026, 12:00 UTC nothing is sent there, whoever the customer.');
  expect(told(reason)).toBeUndefined();
});

it('bouncing: until when', () => {
  const address = { ...unknownAddress(hash), restsUntil: day(30) };
  expect(told('bouncing', { address })).toBe('It rests until 1 Apr 2026, 12:00 UTC.');
});

it('open complaint: which', () => {
  const journal = [registered(START), complained(day(19), 'k-7')];
  expect(told('open complaint', { journal })).toContain('Open: k-7; promotion rested until ');
  const settled = [...journal, resolved(day(19) + HOUR, 'k-7')];
  expect(told('open complaint', { journal: settled })).toContain('It was settled; promotion rested until ');
});

it('open complaint: a bad rating or a stopped renewal, too', () => {
  const rated = event('Review Posted', day(19), { reviewId: 'r-1', rating: 1, channel: 'social' });
  expect(told('open complaint', { journal: [registered(START), rated] })).toContain(
    'Rated us with one star; promotion rested until ',
  );
});

it('not for a trait: why the customer had it', () => {
  const journal = [registered(START), event('Nps Answered', day(18), { score: 2 })];
  expect(told('not for critic', { journal })).toBe('Answered 2 to “would you recommend us”, since 20 Mar 2026.');
  expect(told('not for key-account', { journal })).toBeUndefined();
});

it('answered: when, and to which question', () => {
  const said = event('Question Answered', day(4), {
    programme: 'win-back',
    step: 'ask',
    question: 'reason',
    answer: 'no-need',
  });
  expect(told('answered: no-need', { journal: [registered(START), said] })).toBe(
    'That was on 6 Mar 2026, 12:00 UTC, to the question “reason”.',
  );
});

it('offers: those that were made', () => {
  const issued = {
    key: '1/retention/make-good/1',
    offer: 'make-good',
    offerId: 'o-1',
    percent: 10,
    code: 'ABC',
    issuedAt: day(10),
    expiresAt: day(40),
  };
  const profile = { ...unknownCustomer(CUSTOMER, START), offers: [issued] };
  expect(told('offer alive', { profile })).toContain('10 % (make-good), code ABC, issued on 12 Mar 2026');
  expect(told('offer alive')).toBeUndefined();
});

it('interest comes first: until when', () => {
  const checkout = event('Checkout Started', day(19), { resumeUrl: 'https://shop.example.com/checkout/1' });
  expect(told('interest comes first', { journal: [registered(START), checkout] })).toBe(
    'It goes on 28 Mar 2026, unless they look around again.',
  );
});

it('holdout: how large', () => {
  const holdout = { share: 0.05, salt: 's' };
  expect(told('holdout', { setting: { holdout } })).toBe('The group is 5 % of all customers and stays the same.');
});

it('same step recently: when it went out', () => {
  const ledger = [sent('1/win-back/offer/0', day(5)), sent('1/win-back/ask/1', day(6))];
  expect(told('same step recently', { ledger })).toContain('It went out on 7 Mar 2026, 12:00 UTC');
});

it('same mailbox: with whom it is shared', () => {
  const address = withHolder(withHolder(unknownAddress(hash), CUSTOMER, 1), 'c-2', 2);
  expect(told('same mailbox', { address })).toBe('The address is shared with c-2.');
  expect(told('same mailbox', { address, setting: { toThePerson: true } })).toBe(
    'The address is shared with 1 other customer.',
  );
});

it('frequency cap: which cap, and which mails used it up', () => {
  const mails = [sent('1/retention/benefits/1', day(19.5)), sent('1/recovery/apology/k', day(19.6))];
  expect(told('frequency cap', { ledger: mails })).toBe(
    'At most 1 mail in 24 hours, and these had gone out: Retention, benefits (22 Mar 2026).',
  );
  const journal = [registered(START), changed(day(1), { pace: 'less' })];
  expect(told('frequency cap', { ledger: mails, journal })).toContain('as this person asked for less');
});

it('stage is ...: what moved the customer, and when', () => {
  const journal = [registered(START), bought(day(10), '2')];
  expect(told('stage is new', { journal })).toBe(
    'That was on 12 Mar 2026, 12:00 UTC: Purchase Completed (order 2, 60 USD).',
  );
});

it('complaint resolved, complaint open again: when', () => {
  const key = '1/recovery/status/k-7';
  const journal = [complained(day(1), 'k-7'), resolved(day(2), 'k-7')];
  expect(told('complaint resolved', { key, journal })).toBe('That was on 4 Mar 2026, 12:00 UTC.');
  const again = [...journal, complained(day(3), 'k-7')];
  expect(told('complaint open again', { key, journal: again })).toBe('That was on 5 Mar 2026, 12:00 UTC.');
});

it('not before start: when the programme begins', () => {
  const programmes = playbook.programmes.map((each) =>
    each.id === 'win-back' ? { ...each, startsAt: day(40) } : each,
  );
  expect(told('not before start', { setting: { playbook: { ...playbook, programmes } } })).toBe(
    'It begins on 11 Apr 2026, 12:00 UTC.',
  );
});

it('quiet hours: whose night', () => {
  const journal = [registered(START, { timeZone: 'Asia/Tehran' })];
  expect(told('quiet hours', { journal })).toMatch(/^Quiet hours are \d\d:\d\d to \d\d:\d\d in Asia\/Tehran\.$/u);
  expect(told('quiet hours')).toMatch(/^No time zone is known, so \d\d:\d\d to \d\d:\d\d in .+ are quiet\.$/u);
});

it('another message first: which wait beside it', () => {
  const journal = [registered(START)];
  const waiting = { moment: START, decidedAt: START, attempt: 1 };
  const profile = { ...unknownCustomer(CUSTOMER, START), pending: { [OFFER]: waiting, '1/win-back/ask/1': waiting } };
  const ruled = { key: OFFER, moment: START, at: START };
  expect(
    particularsOfReason('another message first', ruled, { profile, journal, ledger: [] }, { playbook, now: START }),
  ).toBe('Waiting beside it: Win-back, ask.');
});

it('paused: what, and since when; or that it is over', () => {
  expect(told('paused', { lane: pause(OPEN_LANE, undefined, day(1)) })).toBe(
    'Everything has been paused since 3 Mar 2026, 12:00 UTC.',
  );
  expect(told('paused', { lane: pause(OPEN_LANE, 'win-back', day(1)) })).toBe(
    'Win-back has been paused since 3 Mar 2026, 12:00 UTC.',
  );
  expect(told('paused', { lane: pause(OPEN_LANE, 'retention', day(1)) })).toContain('The pause is over');
});

it('stopped: until when', () => {
  expect(told('stopped: quota', { lane: stop(OPEN_LANE, 'quota', day(21)) })).toBe(
    'Sending goes on at 23 Mar 2026, 12:00 UTC at the earliest.',
  );
});

it.each(['warm-up', 'daily share'])('%s: how much has gone out', (reason) => {
  const { lane } = reserve(OPEN_LANE, 3, { perDay: 100 }, 'service', day(20));
  expect(told(reason, { lane })).toBe('Room for 3 mails was reserved within the last 24 hours.');
});

it('adds nothing to a reason it does not know', () => {
  expect(told('solar flare')).toBeUndefined();
  expect(told('constructor')).toBeUndefined();
});
