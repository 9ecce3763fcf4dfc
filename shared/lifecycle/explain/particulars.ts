/**
 * The particulars behind a reason: which mails used the cap up, which complaint is open, whose night it is. They are read
 * from what is stored, as it was when the rule spoke; what can no longer be told is left out, never guessed.
 */
import { blockedAt, optedOutAt, othersAt } from '../address.ts';
import { parseKey, placedOf, sameStep } from '../customer/message-key.ts';
import { pausedUntil, pausesOf } from '../customer/pauses.ts';
import { isPromotional } from '../customer/permit.ts';
import type { CustomerEvent } from '../events/definition.ts';
import { choicesOf, optedOut } from '../facts/choices.ts';
import { isOpen } from '../facts/complaints.ts';
import type { Facts } from '../facts/facts.ts';
import { personOf } from '../facts/person.ts';
import { factsOf } from '../fold.ts';
import { usedWithinADay } from '../lane.ts';
import { DAY, inDays, type Instant } from '../time.ts';
import { consentInWords } from './consent-words.ts';
import type { LivingDossier, Setting } from './dossier.ts';
import { eventLine } from './event-line.ts';
import { capital, nameOf } from './message-name.ts';
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
  'same step recently': ({ key, at, dossier, setting }) => {
    const before = dossier.ledger.find(
      (each) =>
        each.outcome === 'sent' &&
        each.key !== key &&
        sameStep(each.key, key) &&
        each.endedAt <= at &&
        each.endedAt > at - setting.playbook.repeatAfter,
    );
    return (
      before &&
      `It went out on ${absolute(before.endedAt)}; it may be repeated after ${inDays(setting.playbook.repeatAfter)}.`
    );
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
  return Object.hasOwn(TELLERS, reason) ? TELLERS[reason]?.(about) : undefined;
}

function complaintOf(key: string, facts: Facts) {
  const id = parseKey(key)?.episode;
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
  const open = facts.complaints.known.filter(isOpen).map(({ complaintId }) => complaintId);
  const which = open.length === 0 ? 'It was settled' : `Open: ${open.join(', ')}`;
  return `${which}; promotion rested until ${dateOf(until)} at the latest.`;
}

function whichCap({ at, key, facts, dossier: { ledger }, setting: { playbook } }: Case): string | undefined {
  const asked = choicesOf(facts.choices).pace === 'less';
  const { perDay, perWeek, per30Days } = asked ? playbook.caps.lessOften : playbook.caps;
  const windows = [
    [DAY, perDay, '24 hours'],
    [7 * DAY, perWeek, '7 days'],
    [30 * DAY, per30Days, '30 days'],
  ] as const;
  const sent = ledger.filter(
    (each) => each.outcome === 'sent' && each.key !== key && isPromotional(each.key, playbook),
  );
  for (const [window, cap, words] of windows) {
    const counted = sent.filter(({ endedAt }) => endedAt > at - window && endedAt <= at);
    if (counted.length < cap) continue;
    const mails = counted.map((each) => `${nameOf(each.key)} (${dateOf(each.endedAt)})`);
    const wish = asked ? ', as this person asked for less' : '';
    return `At most ${plural(cap, 'mail')} in ${words}${wish}, and these had gone out: ${mails.join('; ')}.`;
  }
  return undefined;
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
