/**
 * Where a customer needs a person and not only a mail. Level-triggered like deciding: what is wanted follows from facts
 * and time, and what is remembered is not raised again, so each cause calls a person once.
 */
import { casesOf, objectionNamed } from '../cases.ts';
import { mailOf, standingAnswers } from '../facts/answers.ts';
import { complaintOpenedAs, isOpen } from '../facts/complaints.ts';
import { hash32 } from '../facts/digest.ts';
import type { Facts } from '../facts/facts.ts';
import { openedAs } from '../facts/matters.ts';
import type { Playbook } from '../playbook.ts';
import { type StagePolicy, stageNameOf } from '../stage.ts';
import { DAY, type Duration, type Instant, NEVER } from '../time.ts';
import { keyAccount } from '../traits/after-purchase.ts';
import { criticSpans } from '../traits/critic.ts';
import type { TraitId } from '../traits/ids.ts';
import { situationOf } from '../traits/situation.ts';
import { at as spanAt, merged } from '../traits/spans.ts';
import { parseKey, placedOf } from './message-key.ts';
import type { Attention, Living } from './profile.ts';

export type AttentionReason = keyof Playbook['attention'];

/** A cause older than this calls nobody: it was dealt with, or it comes from a replay. */
const FRESH: Duration = 14 * DAY;
/** How long it is known that somebody was called; longer than any cause can stay fresh, or be looked up in a helpdesk. */
const REMEMBERED: Duration = 200 * DAY;
/** Of what is no longer fresh the newest so many are kept, as many as are remembered as handled. */
const OLD_ONES_KEPT = 12;

/** Ids are at most this long; a complaint id may be as long by itself. */
const LONGEST_ID_BYTES = 128;
const encoder = new TextEncoder();

const BECAME = 'key-account' satisfies AttentionReason;

interface Wanted {
  readonly reason: AttentionReason;
  /** Names the cause within its subject. */
  readonly cause: string;
  readonly at: Instant;
  /** What the cause belongs to, where one cause may be called by two reasons; the reason when left out. */
  readonly subject?: string;
  /** Whoever was called about the same subject at or after this was called for this cause, as it was known then. */
  readonly sameSince?: Instant;
  /** ... and before this; for ever when left out. */
  readonly sameUntil?: Instant;
}

function severeComplaints({ complaints }: Facts, { dissatisfied }: StagePolicy): readonly Wanted[] {
  return complaints.known.flatMap((complaint): Wanted[] => {
    const { opened } = complaint;
    if (opened?.severity !== 'high' || !isOpen(complaint)) return [];
    const cause = complaintOpenedAs(complaint, dissatisfied.maximumAge);
    return [{ reason: 'severe-complaint', cause, at: opened.at }];
  });
}

/** Whether the customer would be loyal, had they never said a bad word. */
function wouldBeLoyal(facts: Facts, policy: StagePolicy, t: Instant): boolean {
  const { nps: _nps, reviews: _reviews, complaints: _complaints, subscriptions: _subscriptions, ...silent } = facts;
  return stageNameOf({ ...silent, complaints: { known: [] } }, policy, t) === 'loyal';
}

/** One for each time the customer becomes a critic, by whichever reason: what they were seen to be goes on until it ends. */
function critics({ facts, criticSince }: Living, policy: StagePolicy, t: Instant): readonly Wanted[] {
  const now = spanAt(merged(criticSpans(facts, policy)), t);
  if (now === undefined) return [];
  const reason = wouldBeLoyal(facts, policy, t) ? 'loyal-critic' : 'critic';
  const at = criticSince ?? now.from;
  // What is heard of late can only show that it began earlier.
  return [{ reason, subject: 'critic', cause: inShort(at), at, sameSince: Math.min(at, now.from) }];
}

function isKeyAccount(customer: Living, playbook: Playbook): boolean {
  return keyAccount(situationOf(customer, playbook)).length > 0;
}

function keyAccounts(customer: Living, playbook: Playbook): readonly Wanted[] {
  const { facts, stage, stageSince } = customer;
  const { standing } = facts;
  if (standing === undefined || !isKeyAccount(customer, playbook)) return [];
  const became: Wanted = { reason: BECAME, cause: standing.id, at: standing.at };
  if (stage !== 'at_risk') return [became];
  const at = Math.max(stageSince, standing.at);
  return [became, { reason: 'key-account-at-risk', cause: inShort(stageSince), at }];
}

const NOT_BY_MAIL = `not for ${'key-account' satisfies TraitId}`;

/** What others are offered by mail comes to a key account by its contact, who has to know of it. */
function benefitsToBring({ closing }: Living, playbook: Playbook): readonly Wanted[] {
  return Object.entries(closing).flatMap(([key, { reason, closedAt }]): Wanted[] => {
    const placed = reason === NOT_BY_MAIL ? placedOf(key, playbook) : undefined;
    if (placed?.series.steps.some(({ offer }) => offer !== undefined) !== true) return [];
    const { episode = '' } = parseKey(key) ?? {};
    const cause = `${placed.programme.id}/${placed.step.id}/${episode}`;
    return [{ reason: 'key-account-benefit', cause, at: closedAt }];
  });
}

function unpricedChanges({ changes }: Facts): readonly Wanted[] {
  return (changes?.known ?? []).flatMap((change): Wanted[] => {
    const { opened, closed } = change;
    if (opened === undefined || opened.priced || (closed !== undefined && closed.at >= opened.at)) return [];
    return [{ reason: 'change-without-cost', cause: openedAs(change), at: opened.at }];
  });
}

/**
 * Answers that any step asking the question wants a person to hear: the mail may have left the playbook since. What a
 * person is only told of is told once for each answer to one mail, however the reader goes to and fro between them; who
 * asks for a person, takes it back and asks again has asked twice.
 */
function telling({ answers }: Facts, { programmes }: Playbook): readonly Wanted[] {
  return standingAnswers(answers).flatMap(({ said, answer, from: at, to, isFirst }): readonly Wanted[] => {
    const { question } = said;
    const isListed = (list: 'calls' | 'informs') =>
      programmes.some(({ series }) =>
        series.some(({ steps }) =>
          steps.some(({ asks }) => asks?.question === question && asks[list]?.includes(answer) === true),
        ),
      );
    const calls = isListed('calls');
    if (!calls && !(isFirst && isListed('informs'))) return [];
    const reason = calls ? 'answer' : 'named-obstacle';
    const subject = `${reason}/${question}.${hash32(JSON.stringify([mailOf(said), answer])).toString(36)}`;
    return [{ reason, subject, cause: inShort(at), at, sameSince: at, ...(calls && { sameUntil: to }) }];
  });
}

/** Objections that no step of the playbook answers: somebody of the shop may. */
function unanswered(customer: Living, playbook: Playbook): readonly Wanted[] {
  const { objections } = customer.facts;
  if (objections === undefined) return [];
  const answered = new Set(
    playbook.programmes.flatMap(({ series }) =>
      series.flatMap((each) =>
        each.trigger === 'case' && each.of === 'answer' ? each.steps.flatMap(({ about = [] }) => about) : [],
      ),
    ),
  );
  const named = new Set(objections.map(({ value }) => objectionNamed(value)));
  return casesOf(customer, playbook, 'answer').flatMap(({ id, about = '', opened }): readonly Wanted[] =>
    named.has(about) && !answered.has(about) ? [{ reason: 'unanswered-objection', cause: id, at: opened.at }] : [],
  );
}

/** An instant as part of an id. */
function inShort(at: Instant): string {
  return at.toString(36);
}

/** What the ids about one subject begin with. */
function subjectOf(life: number, { subject, reason }: Wanted): string {
  return `${life}/${subject ?? reason}/`;
}

/** `life/reason/cause`, the cause abridged where the whole would be too long for an id. */
function idOf(life: number, wanted: Wanted): string {
  const begin = subjectOf(life, wanted);
  const { cause } = wanted;
  const id = begin + cause;
  if (encoder.encode(id).length <= LONGEST_ID_BYTES) return id;
  return `${begin}~${hash32(cause).toString(36)}${hash32(cause, cause.length).toString(36)}`;
}

/** The id under which somebody was called for this cause before, where that may be another one than would be given now. */
function calledAs(attention: readonly Attention[], life: number, wanted: Wanted): string | undefined {
  const { sameSince, sameUntil = NEVER } = wanted;
  if (sameSince === undefined) return undefined;
  const begin = subjectOf(life, wanted);
  return attention.findLast(({ id, at }) => at >= sameSince && at < sameUntil && id.startsWith(begin))?.id;
}

/**
 * Where a person is asked for as things stand at `t`, remembered or not.
 *
 * @param customer evaluated up to `t`
 */
export function wantedAttention(customer: Living, playbook: Playbook, t: Instant): readonly Omit<Attention, 'cause'>[] {
  const { facts, life, attention } = customer;
  const wanted = [
    ...severeComplaints(facts, playbook.stages),
    ...critics(customer, playbook.stages, t),
    ...keyAccounts(customer, playbook),
    ...benefitsToBring(customer, playbook),
    ...unpricedChanges(facts),
    ...telling(facts, playbook),
    ...unanswered(customer, playbook),
  ];
  return wanted
    .filter(({ at }) => t - at <= FRESH)
    .map((each) => ({
      id: calledAs(attention, life, each) ?? idOf(life, each),
      reason: each.reason,
      priority: playbook.attention[each.reason],
      at: each.at,
    }));
}

/**
 * Only the latest word of the census is known, and it may say the same twice. What is remembered of having become a key
 * account tells; it is forgotten with the standing, so that it can be said anew.
 */
function withoutFormerStanding(customer: Living, playbook: Playbook): Living {
  if (!customer.attention.some(({ reason }) => reason === BECAME) || isKeyAccount(customer, playbook)) return customer;
  return { ...customer, attention: customer.attention.filter(({ reason }) => reason !== BECAME) };
}

/**
 * The customer with everything raised that is wanted and was not yet.
 *
 * @param cause id of the event that led here, kept so that a redelivery announces the same again
 */
export function raise(informed: Living, playbook: Playbook, t: Instant, cause: string): Living {
  const customer = withoutFormerStanding(informed, playbook);
  const wanted = wantedAttention(customer, playbook, t);
  if (wanted.length === 0) return customer;
  const known = new Set(customer.attention.map(({ id }) => id));
  const isGreeted = customer.attention.some(({ reason }) => reason === BECAME);
  const fresh = wanted.filter(({ id, reason }) => !known.has(id) && !(isGreeted && reason === BECAME));
  if (fresh.length === 0) return customer;
  // Only now: forgetting alone is not worth a write.
  const kept = customer.attention.filter(({ at }) => t - at <= REMEMBERED);
  const old = kept.filter(({ at }) => t - at > FRESH).slice(-OLD_ONES_KEPT);
  const young = kept.filter(({ at }) => t - at <= FRESH);
  return { ...customer, attention: [...old, ...young, ...fresh.map((each) => ({ ...each, cause }))] };
}

/** What nobody has taken care of yet. */
export function openAttention({ attention, facts: { handled = [] } }: Living): readonly Attention[] {
  return attention.filter(({ id }) => !handled.some(({ attentionId }) => attentionId === id));
}
