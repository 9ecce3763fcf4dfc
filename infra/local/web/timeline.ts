/**
 * A customer's story as data: who, which stage and why, what happened, what was sent or not and for which reason, and
 * what comes next. Everything is computed from the stored profile, journal and ledger by the core itself.
 */
import type { LedgerEntry } from '../../../shared/lifecycle/customer/claim.ts';
import { nextDue } from '../../../shared/lifecycle/customer/due.ts';
import { type MessageKey, parseKey, sameStep } from '../../../shared/lifecycle/customer/message-key.ts';
import { occurrencesOf } from '../../../shared/lifecycle/customer/occurrences.ts';
import { pausedUntil, pausesOf } from '../../../shared/lifecycle/customer/pauses.ts';
import { permit } from '../../../shared/lifecycle/customer/permit.ts';
import type { Erased, Living, Profile } from '../../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../../shared/lifecycle/events/definition.ts';
import { type Consent, mayPromote } from '../../../shared/lifecycle/facts/consent.ts';
import { digitsOf } from '../../../shared/lifecycle/facts/money.ts';
import { historyOf, spendOf } from '../../../shared/lifecycle/facts/orders.ts';
import { type PersonFields, personOf } from '../../../shared/lifecycle/facts/person.ts';
import type { Playbook } from '../../../shared/lifecycle/playbook.ts';
import {
  dissatisfiedSpans,
  dissatisfiedUntil,
  nextChange,
  type Stage,
  stageOf,
} from '../../../shared/lifecycle/stage.ts';
import { type Instant, NEVER } from '../../../shared/lifecycle/time.ts';
import { particularsOf } from './event-line.ts';
import { capital, endInWords, failed, messageName, reasonInWords, stageName, unsent } from './sentences.ts';
import { stageHistory } from './stage-history.ts';
import { absolute, dateOf } from './when.ts';

/** What is stored about one customer. */
export interface Dossier {
  readonly profile: Profile;
  readonly journal: readonly CustomerEvent[];
  readonly ledger: readonly LedgerEntry[];
}

type MessageState = LedgerEntry['outcome'] | 'pending' | 'in flight';

export interface MessageLine {
  readonly key: string;
  readonly name: string;
  readonly state: MessageState;
  readonly sentence: string;
  /** When it ended; for one that has not, when it was decided. */
  readonly at: Instant;
  /** SES message id of a mail that was sent. */
  readonly messageId?: string;
}

export type Entry =
  | {
      readonly kind: 'event';
      readonly at: Instant;
      readonly title: string;
      readonly detail: string;
      readonly event: CustomerEvent;
    }
  | {
      readonly kind: 'stage';
      readonly at: Instant;
      readonly title: string;
      readonly detail: string;
      readonly stage: Stage;
    }
  | {
      readonly kind: 'message';
      readonly at: Instant;
      readonly title: string;
      readonly detail: string;
      readonly message: MessageLine;
    };

export interface Upcoming {
  readonly at: Instant;
  readonly title: string;
  readonly detail: string;
}

export interface LivingView {
  readonly kind: 'living';
  readonly customerId: string;
  readonly person: PersonFields;
  readonly consent: string;
  readonly orders: string;
  readonly stage: Stage;
  readonly since: Instant;
  readonly reasons: readonly string[];
  readonly traits: readonly string[];
  readonly upcoming: readonly Upcoming[];
  /** When the customer is looked at again if nothing happens; undefined when nothing is planned. */
  readonly due: Instant | undefined;
  readonly messages: readonly MessageLine[];
  /** Newest first. */
  readonly entries: readonly Entry[];
}

export type CustomerView = LivingView | Pick<Erased, 'kind' | 'customerId' | 'erasedAt'>;

/** @param now the present on the twin's clock */
export function customerView({ profile, journal, ledger }: Dossier, playbook: Playbook, now: Instant): CustomerView {
  if (profile.kind === 'erased') {
    return { kind: 'erased', customerId: profile.customerId, erasedAt: profile.erasedAt };
  }
  const { facts, customerId, stage, stageSince } = profile;
  const messages = messagesOf(profile, ledger, playbook, now);
  const { reasons } = stageOf(facts, playbook.stages, now);
  const due = nextDue(profile, playbook, now);
  return {
    kind: 'living',
    customerId,
    person: personOf(facts.person),
    consent: consentInWords(facts.consent, now),
    orders: ordersInWords(profile),
    stage,
    since: stageSince,
    reasons,
    traits: traitsOf(profile, playbook, now),
    upcoming: upcomingOf(profile, playbook, now),
    due: due === NEVER ? undefined : Math.max(due, now),
    messages,
    entries: entriesOf(journal, messages, playbook, now),
  };
}

function traitsOf({ facts }: Living, playbook: Playbook, now: Instant): readonly string[] {
  const { returning } = stageOf(facts, playbook.stages, now);
  const unhappy = dissatisfiedUntil(dissatisfiedSpans(facts.complaints, playbook.stages), now);
  const paused = pausedUntil(pausesOf(facts, playbook.stages), now);
  return [
    ...(returning ? ['returning: bought again after having lapsed'] : []),
    ...(unhappy === undefined ? [] : [`dissatisfied: a complaint is open, until ${dateOf(unhappy)} at the latest`]),
    ...(paused === undefined ? [] : [`promotional mail rests until ${dateOf(paused)}`]),
  ];
}

function consentInWords(consent: Consent | undefined, now: Instant): string {
  if (consent === undefined) return 'No consent is known: service mail only';
  const { marketing, source, at } = consent;
  const given = `${source}, ${dateOf(at)}`;
  switch (marketing) {
    case 'opt_in':
      return `Opted in to promotional mail (${given})`;
    case 'soft_opt_in':
      return mayPromote(consent, now) ? `Soft opt-in (${given})` : `Soft opt-in, expired (${given}): service mail only`;
    case 'none':
      return `Wants no promotional mail (${given})`;
    default:
      return marketing satisfies never;
  }
}

function ordersInWords({ facts }: Living): string {
  const history = historyOf(facts.orders);
  if (history === undefined) return 'None yet';
  const spend = Object.entries(spendOf(facts.orders)).map(([currency, minor]) => {
    const digits = digitsOf(currency);
    return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
  });
  const count = history.orders === 1 ? '1 order' : `${history.orders} orders`;
  return `${count}, ${spend.join(' and ')} after refunds, the last on ${dateOf(history.last)}`;
}

function nameOf(key: string): string {
  const parts: MessageKey | undefined = parseKey(key);
  return parts === undefined ? key : messageName(parts);
}

/** Newest first. */
function messagesOf(
  customer: Living,
  ledger: readonly LedgerEntry[],
  playbook: Playbook,
  now: Instant,
): readonly MessageLine[] {
  const ended = ledger.map((entry): MessageLine => {
    const { key, outcome, endedAt, messageId } = entry;
    const line = { key, name: nameOf(key), state: outcome, sentence: endInWords(entry), at: endedAt };
    return messageId === undefined ? line : { ...line, messageId };
  });
  const isOpen = (key: string) => ended.every((line) => line.key !== key);
  const closing = Object.entries(customer.closing).map(([key, { outcome, reason, closedAt }]): MessageLine => ({
    key,
    name: nameOf(key),
    state: outcome,
    sentence: outcome === 'failed' ? failed(reason) : unsent(outcome, reason),
    at: closedAt,
  }));
  const flying = Object.entries(customer.flight).map(([key, { lease, decidedAt }]): MessageLine => ({
    key,
    name: nameOf(key),
    state: 'in flight',
    sentence: `Being handed to SES; if nothing is heard of it by ${absolute(lease)}, it is looked into.`,
    at: decidedAt,
  }));
  const waiting = Object.entries(customer.pending).map(([key, { decidedAt }]): MessageLine => ({
    key,
    name: nameOf(key),
    state: 'pending',
    sentence: waitingInWords(customer, key, playbook, now),
    at: decidedAt,
  }));
  const open = [...closing, ...flying, ...waiting].filter((line) => isOpen(line.key));
  return [...open, ...ended].toSorted((a, b) => b.at - a.at);
}

function waitingInWords(customer: Living, key: string, playbook: Playbook, now: Instant): string {
  const message = customer.pending[key];
  if (message === undefined) return 'Pending.';
  const { notBefore = 0, attempt } = message;
  const again = attempt > 1 ? ' SES gave no clear answer the first time; this is the one repetition.' : '';
  if (notBefore <= now) return `Pending: it goes out within a minute.${again}`;
  // The sender's circumstances are not known here; only deferrals are asked for, and no deferral hangs on them.
  const circumstances = { holdout: { share: 0, salt: '' }, improvements: [now] };
  const verdict = permit(customer, key, message, playbook, now, circumstances);
  const why = verdict.kind === 'defer' ? `: ${reasonInWords(verdict.reason)}` : '';
  return `Pending until ${absolute(notBefore)}${why}.${again}`;
}

/** What the core foresees if nothing else happens: the next change of stage, and messages whose moment is to come. */
function upcomingOf(customer: Living, playbook: Playbook, now: Instant): readonly Upcoming[] {
  const upcoming: Upcoming[] = [];
  const change = nextChange(customer.facts, playbook.stages, Math.max(now, customer.evaluatedAt));
  if (change !== undefined) {
    const { at, to } = change;
    upcoming.push({ at, title: `Stage becomes “${stageName(to.stage)}”`, detail: sentence(to.reasons) });
  }
  for (const { key, step, programme, moment } of occurrencesOf(customer, playbook, now)) {
    const at = Math.max(moment, programme.startsAt ?? 0);
    // A message of a stage that will be over by then is never decided.
    const over = change !== undefined && at >= change.at && step.class !== 'service';
    if (moment <= now || over) continue;
    const repeated = customer.recent.some((each) => each.at > at - playbook.repeatAfter && sameStep(each.key, key));
    upcoming.push({ at, title: nameOf(key), detail: outlook(customer, step.class, repeated, at) });
  }
  return upcoming.toSorted((a, b) => a.at - b.at);
}

function outlook(customer: Living, kind: 'promotional' | 'service', repeated: boolean, at: Instant): string {
  if (repeated) return 'Will be left out: the same mail went out not long before.';
  if (personOf(customer.facts.person).email === undefined) return 'Would be withheld: no e-mail address is known.';
  if (kind === 'promotional' && !mayPromote(customer.facts.consent, at)) {
    return 'Would be withheld: there is no consent to promotional mail.';
  }
  return kind === 'service'
    ? 'Service mail: it goes out at any hour.'
    : 'Promotional mail: caps and quiet hours are kept.';
}

function sentence(reasons: readonly string[]): string {
  return reasons.length === 0 ? '' : `${capital(reasons.join('; '))}.`;
}

function entriesOf(
  journal: readonly CustomerEvent[],
  messages: readonly MessageLine[],
  playbook: Playbook,
  now: Instant,
): readonly Entry[] {
  const events = journal.map((event): Entry => ({
    kind: 'event',
    at: event.occurredAt,
    title: event.type,
    detail: particularsOf(event),
    event,
  }));
  const stages = stageHistory(journal, playbook.stages, now).map(({ at, from, to, reasons }): Entry => ({
    kind: 'stage',
    at,
    title: `${stageName(from)} → ${stageName(to)}`,
    detail: sentence(reasons),
    stage: to,
  }));
  const mails = messages.map((message): Entry => ({
    kind: 'message',
    at: message.at,
    title: message.name,
    detail: message.sentence,
    message,
  }));
  // Of one instant: the event, what it made of the customer, and the mail it led to; then turned round.
  return [...events, ...stages, ...mails].toSorted((a, b) => b.at - a.at || RANK[b.kind] - RANK[a.kind]);
}

const RANK: Readonly<Record<Entry['kind'], number>> = { event: 0, stage: 1, message: 2 };
