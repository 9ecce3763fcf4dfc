/**
 * The particulars behind a reason: which mails used the cap up, which complaint is open, whose night it is. They are read
 * from what is stored, as it was when the rule spoke; what can no longer be told is left out, never guessed.
 */
import { blockedAt, optedOutAt, othersAt } from '../address.ts';
import { isPromotional, parseKey, placedOf } from '../customer/message-key.ts';
import { capsOf } from '../customer/caps.ts';
import { endedAsAnswer } from '../customer/claim.ts';
import { cooldownOf, recentCopy } from '../customer/cooldown.ts';
import { pausedUntil, pausesOf } from '../customer/pauses.ts';
import { waitsUntil } from '../customer/waits.ts';
import type { CustomerEvent } from '../events/definition.ts';
import { choicesOf, optedOut } from '../facts/choices.ts';
import { isOpen } from '../facts/complaints.ts';
import type { Facts } from '../facts/facts.ts';
import { matterIdOf } from '../facts/matters.ts';
import { personOf } from '../facts/person.ts';
import { factsOf } from '../fold.ts';
import { usedWithinADay } from '../lane.ts';
import { dissatisfiedSpans, OPEN_COMPLAINT } from '../stage.ts';
import { situationOf } from '../traits/situation.ts';
import { traitsAt } from '../traits/traits.ts';
import { DAY, type Duration, inDays, type Instant } from '../time.ts';
import { consentInWords } from './consent-words.ts';
import type { LivingDossier, Setting } from './dossier.ts';
import { eventLine } from './event-line.ts';
import { capital, nameOf } from './message-name.ts';
import { offersInWords } from './offer-words.ts';
import { ANSWERED, NOT_FOR } from './reason-words.ts';
import { stageHistory } from './stage-history.ts';
import { absolute, dateOf, lasting, plural } from './when.ts';

/** A message some rule spoke about, and when. */
export interface Ruled {
  readonly key: string;
  readonly moment: Instant;
  readonly at: Instant;
}

interface Case extends Ruled {
  readonly dossier: LivingDossier;
  readonly setting: Setting;
  /** Events known by then. */
  readonly journal: readonly CustomerEvent[];
  readonly facts: Facts;
  readonly programme: string;
}

type Teller = (about: Case) => string | undefined;

const TELLERS: Readonly<Partial<Record<string, Teller>>> = {
  stale: ({ key, moment, setting }) => {
    const fresh = placedOf(key, setting.playbook)?.step.fresh;
    return fresh === undefined ? undefined : `It was meant for ${absolute(moment)} and keeps for ${lasting(fresh)}.`;
  },
  'no consent': ({ facts, at }) => `${consentInWords(facts.consent, at)}.`,
  unsubscribed: whoUnsubscribed,
  'hard bounce': suppressedWhen,
  'spam complaint': suppressedWhen,
  bouncing: ({ dossier: { address } }) =>
    address?.restsUntil === undefined ? undefined : `It rests until ${absolute(address.restsUntil)}.`,
  'open complaint': openComplaint,
  holdout: ({ setting: { holdout } }) =>
    holdout && `The group is ${(holdout.share * 100).toLocaleString('en')} % of all customers and stays the same.`,
  'same step recently': ({ key, at, dossier, setting: { playbook } }) => {
    const placed = placedOf(key, playbook);
    const sent = dossier.ledger.filter((each) => each.outcome === 'sent' && each.key !== key && each.endedAt <= at);
    const mails = sent.map((each) => ({ key: each.key, at: each.endedAt }));
    const before = placed && recentCopy(mails, key, placed.step, playbook, at);
    if (placed === undefined || before === undefined) return undefined;
    const cooldown = inDays(cooldownOf(placed.step, playbook));
    return `It went out on ${absolute(before.at)}; it may be repeated after ${cooldown}.`;
  },
  'same mailbox': ({ dossier: { address, profile }, setting: { toThePerson } }) => {
    const others = othersAt(address, profile.customerId);
    if (others.length === 0) return undefined;
    const whom = toThePerson === true ? plural(others.length, 'other customer') : others.join(', ');
    return `The address is shared with ${whom}.`;
  },
  'frequency cap': whichCap,
  'not before start': ({ programme, setting }) => {
    const startsAt = setting.playbook.programmes.find(({ id }) => id === programme)?.startsAt;
    return startsAt === undefined ? undefined : `It begins on ${absolute(startsAt)}.`;
  },
  'complaint resolved': ({ key, dossier }) => {
    const complaint = complaintOf(key, dossier.profile.facts);
    return complaint?.resolved && `That was on ${absolute(complaint.resolved.at)}.`;
  },
  'complaint open again': ({ key, dossier }) => {
    const complaint = complaintOf(key, dossier.profile.facts);
    return complaint?.opened && `That was on ${absolute(complaint.opened.at)}.`;
  },
  'quiet hours': whoseNight,
  'interest comes first': ({ key, at, dossier: { profile }, setting: { playbook } }) => {
    const placed = placedOf(key, playbook);
    const until = placed && waitsUntil(profile, placed.series, playbook, at);
    return until === undefined ? undefined : `It goes on ${dateOf(until)}, unless they look around again.`;
  },
  'waiting for the offer': whichOffer,
  'offer alive': whichOffer,
  'offer barred': whichOffer,
  'offer not confirmed': whichOffer,
  'offer expired': whichOffer,
  'another message first': ({ key, dossier: { profile } }) => {
    const others = [...Object.keys(profile.flight), ...Object.keys(profile.pending)].filter((each) => each !== key);
    return others.length === 0 ? undefined : `Waiting beside it: ${others.map(nameOf).join('; ')}.`;
  },
  paused: ({ programme, dossier: { lane } }) => {
    const { all, programmes = {} } = lane?.paused ?? {};
    const since = all ?? programmes[programme];
    if (since === undefined) return 'The pause is over; it goes out soon, spread with everything else that waited.';
    return `${all === undefined ? capital(programme) : 'Everything'} has been paused since ${absolute(since)}.`;
  },
  'warm-up': usedToday,
  'daily share': usedToday,
};

/** One more sentence on a reason; undefined when there is nothing to add, or the reason is not known here. */
export function particularsOfReason(
  reason: string,
  ruled: Ruled,
  dossier: LivingDossier,
  setting: Setting,
): string | undefined {
  const journal = dossier.journal.filter((event) => event.occurredAt <= ruled.at);
  const programme = parseKey(ruled.key)?.programme ?? '';
  const about: Case = { ...ruled, dossier, setting, journal, facts: factsOf(journal), programme };
  if (reason.startsWith('stage is ')) return whatMovedThem(about);
  if (reason.startsWith('stopped: ')) return stoppedHowLong(about);
  if (reason.startsWith(NOT_FOR)) return whichTrait(about, reason.slice(NOT_FOR.length));
  if (reason.startsWith(ANSWERED)) return whenAnswered(about, reason.slice(ANSWERED.length));
  return Object.hasOwn(TELLERS, reason) ? TELLERS[reason]?.(about) : undefined;
}

function complaintOf(key: string, facts: Facts) {
  const id = matterIdOf(parseKey(key)?.episode ?? '');
  return facts.complaints.known.find(({ complaintId }) => complaintId === id);
}

function whatMovedThem({ journal, setting, at }: Case): string | undefined {
  const entered = stageHistory(journal, setting.playbook.stages, at).at(-1);
  if (entered === undefined) return undefined;
  const why = entered.by === undefined ? entered.reasons.join('; ') : eventLine(entered.by);
  return `That was on ${absolute(entered.at)}: ${why}.`;
}

function stoppedHowLong({ dossier: { lane }, setting: { now } }: Case): string | undefined {
  const until = lane?.stop?.until;
  return until === undefined || until <= now ? undefined : `Sending goes on at ${absolute(until)} at the earliest.`;
}

function usedToday({ dossier: { lane }, setting: { now } }: Case): string | undefined {
  return lane && `Room for ${plural(usedWithinADay(lane, now), 'mail')} was reserved within the last 24 hours.`;
}

function whoUnsubscribed({ journal, programme, dossier: { address } }: Case): string | undefined {
  const latestFirst = journal.toSorted((a, b) => b.occurredAt - a.occurredAt);
  const said = latestFirst.find((event) => optedOut(factsOf([event]), programme));
  if (said !== undefined) return `This customer said so on ${absolute(said.occurredAt)}: ${eventLine(said)}.`;
  const at = optedOutAt(address, programme);
  return at === undefined ? undefined : `Somebody who reads mail there said so on ${absolute(at)}.`;
}

function suppressedWhen({ dossier: { address }, at }: Case): string | undefined {
  if (address?.suppressed === undefined || blockedAt(address, at) === undefined) return undefined;
  return `Since ${absolute(address.suppressed.at)} nothing is sent there, whoever the customer.`;
}

function openComplaint({ facts, setting: { playbook }, at }: Case): string | undefined {
  const until = pausedUntil(pausesOf(facts, playbook.stages), at);
  if (until === undefined) return undefined;
  const spans = dissatisfiedSpans(facts, playbook.stages).filter(({ from, to }) => from <= at && at < to);
  const open = facts.complaints.known.filter(isOpen).map(({ complaintId }) => complaintId);
  const wrong = [
    ...(open.length === 0 ? [] : [`Open: ${open.join(', ')}`]),
    ...new Set(spans.filter(({ because }) => because !== OPEN_COMPLAINT).map(({ because }) => capital(because))),
  ];
  const which = wrong.length === 0 ? 'It was settled' : wrong.join('; ');
  return `${which}; promotion rested until ${dateOf(until)} at the latest.`;
}

/** The offers made by then that are remembered, and what has become of them. */
function whichOffer({ at, dossier: { profile }, setting: { now } }: Case): string | undefined {
  const made = profile.offers.filter(({ issuedAt }) => issuedAt <= at);
  const lines = offersInWords({ ...profile, offers: made }, now);
  return lines.length === 0 ? undefined : `Offers: ${lines.join('. ')}.`;
}

/** When the reader said so. */
function whenAnswered({ facts }: Case, answer: string): string | undefined {
  const [said] = (facts.answers ?? []).filter((each) => each.answer === answer).toSorted((a, b) => b.at - a.at);
  return said && `That was on ${absolute(said.at)}, to the question “${said.question}”.`;
}

/** Which of the customer's traits a mail is not for, and why they had it. */
function whichTrait(about: Case, trait: string): string | undefined {
  const { dossier, setting, facts, at } = about;
  const { interest } = dossier.profile.facts;
  // What was looked at is in no journal; what it comes to is known as of now only.
  const then: Facts = { ...facts, ...(interest && { interest }) };
  const mails = dossier.ledger.filter(({ outcome, endedAt }) => outcome === 'sent' && endedAt <= at);
  const recent = mails.map(({ key, endedAt, shadow }) => ({ key, at: endedAt, ...(shadow && { shadow }) }));
  const held = traitsAt(situationOf({ facts: then, recent }, setting.playbook), at).find(({ id }) => id === trait);
  return held && `${capital(held.because)}, since ${dateOf(held.since)}.`;
}

function whichCap({ at, key, facts, dossier: { ledger }, setting: { playbook } }: Case): string | undefined {
  const asked = choicesOf(facts.choices).pace === 'less';
  const sent = ledger.filter(
    (each) =>
      each.outcome === 'sent' &&
      each.key !== key &&
      isPromotional(each.key, playbook) &&
      !endedAsAnswer(each, playbook),
  );
  for (const { window, cap } of capsOf(facts, playbook)) {
    const counted = sent.filter(({ endedAt }) => endedAt > at - window && endedAt <= at);
    if (counted.length < cap) continue;
    const mails = counted.map((each) => `${nameOf(each.key)} (${dateOf(each.endedAt)})`);
    const wish = asked ? ', as this person asked for less' : '';
    return `At most ${plural(cap, 'mail')} in ${windowInWords(window)}${wish}, and these had gone out: ${mails.join('; ')}.`;
  }
  return undefined;
}

/** "24 hours", "7 days" */
function windowInWords(window: Duration): string {
  return window === DAY ? '24 hours' : inDays(window);
}

function whoseNight({ facts, setting: { playbook } }: Case): string {
  const { from, to, withoutZone } = playbook.quietHours;
  const { timeZone } = personOf(facts.person);
  if (timeZone !== undefined) return `Quiet hours are ${clock(from)} to ${clock(to)} in ${timeZone}.`;
  return `No time zone is known, so ${clock(withoutZone.from)} to ${clock(withoutZone.to)} in ${withoutZone.timeZone} are quiet.`;
}

const MINUTES_PER_HOUR = 60;

/** "21:30" for minutes since midnight. */
function clock(minutes: number): string {
  const parts = [Math.floor(minutes / MINUTES_PER_HOUR), minutes % MINUTES_PER_HOUR];
  return parts.map((each) => String(each).padStart(2, '0')).join(':');
}
