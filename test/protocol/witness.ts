/**
 * What was seen from outside while functions were interleaved or interrupted, and what may be held against it: I3, I4,
 * I5, I7, I8 and the caps. It judges by stored profiles, by what SES accepted and by who died, never by what a function
 * believes. One witness watches one customer.
 */
import { isDeepStrictEqual } from 'node:util';
import { SES_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { isInAudience, parseAudience } from '../../shared/lifecycle/campaign/audience.ts';
import { beginsAnew } from '../../shared/lifecycle/customer/acquaintance.ts';
import { isWantedNow } from '../../shared/lifecycle/customer/decide.ts';
import {
  type DeliveryMark,
  type DeliveryMarks,
  deliveryOf,
  withMark,
} from '../../shared/lifecycle/customer/delivery.ts';
import { isFollowed } from '../../shared/lifecycle/customer/following.ts';
import { parseKey, sameStep } from '../../shared/lifecycle/customer/message-key.ts';
import { occurrencesOf } from '../../shared/lifecycle/customer/occurrences.ts';
import type { Flight, Living, Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { choicesOf, optedOut } from '../../shared/lifecycle/facts/choices.ts';
import { isOpen } from '../../shared/lifecycle/facts/complaints.ts';
import { mayPromote } from '../../shared/lifecycle/facts/consent.ts';
import { isStillOpen } from '../../shared/lifecycle/facts/matters.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { findStep, type Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Step } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE, NEVER } from '../../shared/lifecycle/time.ts';

const TAKE_TO_SES = SES_TIMEOUT_SECONDS * 1000;
/** An answer to somebody's own act of this long ago may come at night. */
const OWN_ACT = 15 * MINUTE;
/** Between an attempt in doubt and the end of its lease, from which on the caps count it. */
const DOUBT_TO_COUNT = HOUR;
/** What a request may take after its function was called. */
const LONGEST_EFFECT = 2 * MINUTE;

interface Acceptance {
  readonly key: string;
  readonly at: Instant;
}

/** Whether something outside of profile and ledger explains why a message was withheld at `at`. */
type Explained = (key: string, reason: string, at: Instant) => boolean;

/** The facts but for what was looked at, which is kept beside the journal. */
function journalled({ interest: _looks, firstSeenAt: _look, ...facts }: Facts) {
  return facts;
}

export class Witness {
  readonly acceptances: Acceptance[] = [];
  readonly #playbook: Playbook;
  readonly #said = new Set<string>();
  /** Every message that was ever pending in a stored profile, with its moment: the first and the last it had. */
  readonly #decided = new Map<string, { readonly first: Instant; readonly last: Instant }>();
  /** Messages of which an attempt ended so that nobody can say what became of it. */
  readonly #taken = new Set<string>();
  readonly #doubted = new Map<string, Instant>();
  /** Reasons for withholding that something outside of profile and ledger has given. */
  readonly #given = new Set<string>();
  readonly #rejected = new Set<string>();
  /** Messages of campaigns that ended when their reader was outside of the audience. */
  readonly #outside = new Set<string>();
  readonly #open = new Set<string>();
  /** Traits that the customer has had. */
  readonly #held = new Set<string>();
  #firstOpened: Instant = NEVER;
  readonly #attempts = new Map<string, Set<number>>();
  readonly #claimedAt = new Map<string, Instant>();
  /** What SES reported, of mails whose reports were taken in. */
  readonly #reports = new Map<string, DeliveryMarks>();
  /** Messages that were taken as the answer to what the customer had just done: no cap binds or counts them. */
  readonly #answers = new Set<string>();
  /** Messages taken to make the acquaintance of somebody who had come back. */
  readonly #anew = new Set<string>();
  readonly #called = new Set<string>();
  #choseLess = false;
  readonly #isNight: (t: Instant) => boolean;
  readonly #explained: Explained;

  /**
   * @param isNight whether it is quiet where the customer lives
   * @param explained by what is known of the customer's address
   */
  constructor(playbook: Playbook, isNight: (t: Instant) => boolean = () => false, explained: Explained = () => false) {
    this.#playbook = playbook;
    this.#isNight = isNight;
    this.#explained = explained;
  }

  /** Every message that was ever decided. */
  get decided(): readonly string[] {
    return [...this.#decided.keys()];
  }

  /** From here on messages may be withheld for this reason. */
  gives(reason: string): void {
    this.#given.add(reason);
  }

  /** Notes a violation. */
  say(violation: string): void {
    this.#said.add(violation);
  }

  /** A sender asks for its claim on a message. */
  claims(key: string, at: Instant): void {
    this.#claimedAt.set(key, at);
  }

  /** A profile was replaced, at `t`. */
  stored(before: Profile | undefined, after: Profile, t: Instant): void {
    if (after.kind === 'erased') {
      this.#open.clear();
      return;
    }
    for (const [key, { moment, attempt }] of Object.entries({ ...after.pending, ...after.flight, ...after.closing })) {
      this.#decided.set(key, { first: this.#decided.get(key)?.first ?? moment, last: moment });
      if (attempt > 1 && !this.#repeats(key)) this.say(`I4: ${key} is repeated against the programme's policy`);
      if (attempt > 2) this.say(`I4: ${key} is at attempt ${attempt}`);
    }
    const flown = before?.kind === 'living' ? before.flight : {};
    for (const [key, flight] of Object.entries(after.flight)) {
      if (flown[key]?.token === flight.token) continue;
      this.#seesAnswer(key, flight);
      if (this.#isPromotional(key)) this.#checkTaken(key, after, t);
    }
    this.#seesTrouble(after.facts, t);
    this.#seesOffers(after, t);
    this.#seesAudiences(after, t);
    for (const trait of after.traits) {
      this.#held.add(trait);
      this.gives(`not for ${trait}`);
    }
    if (!mayPromote(after.facts.consent, t)) this.gives('no consent');
    if (this.#playbook.programmes.some(({ id }) => optedOut(after.facts, id))) this.gives('unsubscribed');
    const { orders, returns } = after.facts;
    if (orders.refunds.length > 0 || orders.olderRefunds !== undefined || returns !== undefined)
      this.gives('sent back');
    if (choicesOf(after.facts.choices).pace === 'less') this.#choseLess = true;
    if (personOf(after.facts.person).email === undefined) this.gives('no address');
  }

  /** Only what answers an act within minutes of it may pass the caps by. */
  #seesAnswer(key: string, { answer, moment }: Flight): void {
    if (answer !== true) {
      this.#answers.delete(key);
      return;
    }
    const { programme = '', step = '' } = parseKey(key) ?? {};
    const isMeant = findStep(this.#playbook, programme, step)?.step.answersAct === true;
    if (!isMeant || (this.#claimedAt.get(key) ?? 0) > moment + OWN_ACT) this.say(`caps: ${key} answers no act`);
    this.#answers.add(key);
  }

  /** What makes a customer dissatisfied while it lasts. */
  #seesTrouble({ complaints, reviews = [], subscriptions }: Facts, t: Instant): void {
    const { maximumAge, rating: policy } = this.#playbook.stages.dissatisfied;
    for (const complaint of complaints.known) {
      const { complaintId, opened } = complaint;
      const isYoung = opened !== undefined && t < opened.at + maximumAge;
      this.#notes(`complaint ${complaintId}`, opened?.at, isOpen(complaint) && isYoung);
    }
    for (const { reviewId, rating, at, id } of reviews) {
      const isBad = rating <= policy.atMost;
      const isMended = reviews.some(
        (other) => (other.at > at || (other.at === at && other.id > id)) && other.rating >= policy.endedBy,
      );
      this.#notes(`review ${reviewId}`, isBad ? at : undefined, isBad && !isMended && t < at + policy.lasts);
    }
    for (const { id, opened, closed } of subscriptions?.known ?? []) {
      const goesOn = opened !== undefined && t < opened.endsAt;
      this.#notes(`renewal ${id}`, opened?.at, goesOn && isStillOpen(opened, closed));
    }
  }

  #notes(trouble: string, openedAt: Instant | undefined, isOpenNow: boolean): void {
    if (openedAt !== undefined) this.#firstOpened = Math.min(this.#firstOpened, openedAt);
    if (isOpenNow) this.#open.add(trouble);
    else this.#open.delete(trouble);
  }

  /** Never two codes alive; and an offer may be what a message is withheld for. */
  #seesOffers({ offers, facts }: Living, t: Instant): void {
    if (offers.filter(({ expiresAt }) => expiresAt > t).length > 1) this.say('P4: two codes are alive');
    if (offers.length > 0) for (const why of ['offer alive', 'offer barred', 'offer expired']) this.gives(why);
    const unconfirmed = offers.filter(({ offerId }) => !facts.confirmed?.some((each) => each.offerId === offerId));
    if (unconfirmed.length > 0) this.gives('offer not confirmed');
  }

  /** Whoever belongs to an audience at the moment in which a message to it is given up has not left it. */
  #seesAudiences(after: Living, t: Instant): void {
    for (const key of Object.keys(after.closing)) {
      const addressed = after.facts.campaigns?.find(({ campaign }) => campaign === parseKey(key)?.episode);
      const parsed = addressed && parseAudience(addressed.audience, this.#playbook);
      if (parsed?.kind === 'audience' && !isInAudience(parsed.audience, after, this.#playbook, t)) {
        this.#outside.add(key);
      }
    }
  }

  attemptBegins(key: string, attempt: number, at: Instant): void {
    const others = this.#attempts.get(key) ?? new Set<number>();
    if (others.size > 0) this.say(`I4: two attempts at ${key} were in flight at once`);
    this.#attempts.set(key, others.add(attempt));
    if (at > (this.#claimedAt.get(key) ?? 0) + TAKE_TO_SES)
      this.say(`I7: SES was called too late after ${key} was taken`);
  }

  attemptEnds(key: string, attempt: number): void {
    this.#attempts.get(key)?.delete(attempt);
  }

  accepted(key: string, at: Instant): void {
    const before = this.acceptances.filter((each) => each.key === key).length;
    const allowed = this.#repeats(key) && this.#doubted.has(key) ? 2 : 1;
    if (before >= allowed) this.say(`I4: SES accepted ${key} ${before + 1} times`);
    const recently = this.acceptances.find(
      (each) => each.key !== key && each.at > at - this.#cooldownOf(key) && this.#isSameMail(each.key, key),
    );
    if (recently !== undefined && this.#isPromotional(key) && !this.#anew.has(key))
      this.say(`I4: ${key} repeats the step of ${recently.key}`);
    this.acceptances.push({ key, at });
    this.#checkCaps(key, at);
    this.#checkNight(key, at);
    this.#checkFreshness(key, at);
  }

  rejected(key: string): void {
    this.#rejected.add(key);
  }

  doubts(key: string, at: Instant): void {
    this.#doubted.set(key, at);
  }

  /** A report of SES about a mail was taken in. */
  reported(key: string, mark: DeliveryMark): void {
    this.#reports.set(key, withMark(this.#reports.get(key) ?? {}, mark));
  }

  /** An entry was made from a report of SES alone, by somebody who had found the customer in this life. */
  evidenced(key: string, life: number | undefined): void {
    if (!this.acceptances.some((each) => each.key === key)) this.say(`rule 9: no evidence made an entry of ${key}`);
    if (parseKey(key)?.life !== life) this.say(`rule 9: an entry of ${key} was made for a life that has ended`);
  }

  /** A person was asked for, on the bus. */
  called(attentionId: string): void {
    this.#called.add(attentionId);
  }

  /** Everything found, after nothing is left to do at `t`. */
  violations(
    profile: Profile | undefined,
    ledger: readonly LedgerEntry[],
    journal: readonly CustomerEvent[],
    t: Instant,
  ): readonly string[] {
    if (profile?.kind === 'living') {
      this.#checkDecided(profile, t);
      for (const { id } of profile.attention) {
        if (!this.#called.has(id)) this.say(`nobody heard of the attention ${id}`);
      }
      for (const place of ['pending', 'flight', 'closing'] as const) {
        for (const key of Object.keys(profile[place])) this.say(`I3: ${key} stays in ${place} for ever`);
      }
      if (!isDeepStrictEqual(journalled(profile.facts), journalled(factsOf(journal)))) {
        this.say('I1: the facts are not those of the journal');
      }
    }
    const life = profile?.life ?? 1;
    const isErased = profile?.kind === 'erased';
    if (isErased && journal.length > 0) this.say('an erased person has events in the journal');
    const erasedAt = profile?.kind === 'living' ? profile.previousLife?.erasedAt : undefined;
    if (erasedAt !== undefined && journal.some((event) => event.occurredAt <= erasedAt)) {
      this.say('events of an erased life are in the journal');
    }
    const present = (key: string) => !isErased && parseKey(key)?.life === life;
    for (const { key } of ledger) if (!present(key)) this.say(`${key} of an erased life is in the ledger`);
    for (const [key, { first }] of this.#decided) {
      if (!present(key)) continue;
      const entry = ledger.find((each) => each.key === key);
      if (entry === undefined) this.say(`I3: ${key} was decided and has no end`);
      else this.#judge(entry, first);
    }
    return [...this.#said];
  }

  /** Whether a message ended as it had to, given what happened to it. */
  #judge({ key, outcome, reason, endedAt, delivery }: LedgerEntry, moment: Instant): void {
    const wasAccepted = this.acceptances.some((each) => each.key === key);
    const end = reason === undefined ? outcome : `${outcome}: ${reason}`;
    const isUnknown = end === 'failed: outcome unknown';
    if (outcome === 'sent' && !wasAccepted) this.say(`I8: ${key} is called sent, and SES never accepted it`);
    if (wasAccepted && outcome !== 'sent' && !isUnknown) this.say(`I8: ${key} was accepted and is called ${end}`);
    if (isUnknown && !this.#doubted.has(key)) this.say(`I8: ${key} is called ${end}, and nothing about it was unknown`);
    const marks = this.#reports.get(key);
    if (marks !== undefined && outcome !== 'sent') this.say(`rule 9: SES reported ${key}, which is called ${end}`);
    if (marks !== undefined && !isDeepStrictEqual(delivery, deliveryOf(marks))) {
      this.say(`rule 9: the delivery of ${key} is not what SES reported`);
    }
    if (outcome !== 'sent' && !isUnknown && !this.#isJustified(key, end, endedAt, moment)) {
      this.say(`I8: ${key} ended as ${end} for no reason`);
    }
  }

  /** Level-triggered: whatever is wanted by now has been decided, however the functions got here. */
  #checkDecided(customer: Living, t: Instant): void {
    for (const occurrence of occurrencesOf(customer, this.#playbook, t)) {
      if (isWantedNow(customer, occurrence, this.#playbook, t))
        this.say(`I8: ${occurrence.key} is wanted and was never decided`);
    }
  }

  #isJustified(key: string, end: string, at: Instant, moment: Instant): boolean {
    const { programme = '', step = '' } = parseKey(key) ?? {};
    const placed = findStep(this.#playbook, programme, step)?.step;
    const why = end.slice('withheld: '.length);
    if (this.#given.has(why) || this.#explained(key, why, at)) return true;
    switch (end) {
      case 'failed: rejected: MessageRejected':
        return this.#rejected.has(key);
      case 'withheld: frequency cap':
        return this.#windows(this.#choseLess).some(({ window, cap }) => this.#countedAt(at, key, window) >= cap);
      case 'withheld: same step recently':
        return [...this.acceptances.map((each) => each.key), ...this.#doubted.keys(), ...this.#takenBefore(key)].some(
          // Also of a life that ended by an erasure that came late: what went out after it is not sent again.
          (other) => other !== key && sameStep(other, key),
        );
      case 'withheld: nothing to report':
        return placed?.needs?.includes('improvement') === true;
      case 'withheld: no content':
        return placed?.needs?.some((need) => need === 'content' || need === 'options') === true;
      case 'withheld: no benefit':
        return placed?.needs?.includes('benefit') === true;
      case 'withheld: open complaint':
        return this.#firstOpened <= at;
      case 'withheld: nothing to follow':
        return placed?.follows !== undefined && !this.#hasArrived(placed, key, at);
      case 'withheld: left the audience':
        return this.#outside.has(key);
      case 'withheld: stale':
        return at > moment + this.#freshnessOf(key);
      default:
        // By a purchase or by the end of a complaint, of which the histories are full.
        return end.startsWith('cancelled: ');
    }
  }

  /** Whether the mail that a step follows had gone out by then, beyond doubt. */
  #hasArrived(step: Step, key: string, by: Instant): boolean {
    return this.acceptances.some(
      (each) => each.at < by && !this.#doubted.has(each.key) && isFollowed(step, key, each.key),
    );
  }

  /** What was in the air when an earlier life ended may have arrived, whatever its sender would have heard. */
  #takenBefore(key: string): readonly string[] {
    const life = parseKey(key)?.life ?? 0;
    return [...this.#taken].filter((other) => (parseKey(other)?.life ?? 0) < life);
  }

  /** The rules that a promotional message was taken by, judged by the profile that the take was written with. */
  #checkTaken(key: string, { facts, offers }: Living, t: Instant): void {
    this.#taken.add(key);
    const { programme = '', step = '' } = parseKey(key) ?? {};
    const placed = findStep(this.#playbook, programme, step);
    if (placed !== undefined && beginsAnew(facts, placed, this.#playbook)) this.#anew.add(key);
    if (findStep(this.#playbook, programme, step)?.step.offer !== undefined) {
      const issued = offers.find((each) => each.key === key);
      const isConfirmed = facts.confirmed?.some(({ offerId }) => offerId === issued?.offerId) === true;
      if (issued === undefined || !isConfirmed)
        this.say(`P4: ${key} was taken without an offer the shop has confirmed`);
    }
    if (this.#open.size > 0) this.say(`I5: ${key} was taken while ${[...this.#open].join(' and ')} was open`);
    if (!mayPromote(facts.consent, t)) this.say(`I7: ${key} was taken without consent`);
    if (optedOut(facts, parseKey(key)?.programme ?? ''))
      this.say(`I7: ${key} was taken from somebody who unsubscribed`);
    if (this.#answers.has(key)) return;
    for (const { window, cap } of this.#windows(choicesOf(facts.choices).pace === 'less')) {
      const before = this.acceptances.filter(
        (each) =>
          each.key !== key &&
          each.at > t - window &&
          this.#isCapped(each.key) &&
          parseKey(each.key)?.life === parseKey(key)?.life,
      );
      if (new Set(before.map((each) => each.key)).size >= cap)
        this.say(`caps: ${key} was taken when they were used up`);
    }
  }

  #cooldownOf(key: string): Duration {
    const { programme = '', step = '' } = parseKey(key) ?? {};
    return findStep(this.#playbook, programme, step)?.step.cooldown ?? this.#playbook.cooldown;
  }

  #freshnessOf(key: string): Duration {
    const { programme = '', step = '' } = parseKey(key) ?? {};
    const placed = findStep(this.#playbook, programme, step);
    const { fresh = NEVER, waitsForOffer = 0 } = placed?.step ?? {};
    // While its series waits for something else to end, a message does not age.
    const waits = placed?.series.waitsFor?.some((trait) => this.#held.has(trait)) ? this.#playbook.longestWait : 0;
    return Math.max(fresh, waitsForOffer) + waits;
  }

  #windows(choseLess: boolean): readonly { readonly window: Duration; readonly cap: number }[] {
    const { perDay, perWeek, per30Days } = choseLess ? this.#playbook.caps.lessOften : this.#playbook.caps;
    return [
      { window: DAY, cap: perDay },
      { window: 7 * DAY, cap: perWeek },
      { window: 30 * DAY, cap: per30Days },
    ];
  }

  /** Whether the caps count a mail. */
  #isCapped(key: string): boolean {
    return this.#isPromotional(key) && !this.#answers.has(key);
  }

  /** Other promotional mails of the window up to `at` that were accepted, or may have been. */
  #countedAt(at: Instant, key: string, window: Duration): number {
    const accepted = this.acceptances.filter((each) => each.at <= at && each.at > at - window).map((each) => each.key);
    const doubted = [...this.#doubted].filter(([, since]) => since > at - window - DOUBT_TO_COUNT);
    const counted = new Set(
      [...accepted, ...doubted.map(([each]) => each)].filter((each) => each !== key && this.#isCapped(each)),
    );
    return counted.size;
  }

  #checkCaps(accepted: string, at: Instant): void {
    if (!this.#isCapped(accepted)) return;
    for (const { window, cap } of this.#windows(false)) {
      const keys = this.acceptances.filter((each) => each.at > at - window && this.#isCapped(each.key));
      const people = new Map<number | undefined, Set<string>>();
      for (const { key } of keys) {
        const life = parseKey(key)?.life;
        people.set(life, (people.get(life) ?? new Set()).add(key));
      }
      for (const mails of people.values()) {
        if (mails.size > cap) this.say(`caps: ${[...mails].join(' and ')} within ${window / DAY} days`);
      }
    }
  }

  #checkNight(key: string, at: Instant): void {
    if (!this.#isNight(at) || !this.#isPromotional(key)) return;
    const { programme = '', step = '' } = parseKey(key) ?? {};
    const isAnswer = findStep(this.#playbook, programme, step)?.step.answersAct === true;
    const moment = this.#decided.get(key)?.last ?? 0;
    if (!isAnswer || at > moment + OWN_ACT) this.say(`I7: ${key} was sent in quiet hours`);
  }

  #checkFreshness(key: string, at: Instant): void {
    const moment = this.#decided.get(key)?.last ?? at;
    // The mail was handed over in time and may arrive as late as any request.
    if (at > moment + this.#freshnessOf(key) + LONGEST_EFFECT) this.say(`I7: ${key} was sent when it was stale`);
  }

  /** The same step in the same life: what a reader would call the same mail. */
  #isSameMail(a: string, b: string): boolean {
    return sameStep(a, b) && parseKey(a)?.life === parseKey(b)?.life;
  }

  #isPromotional(key: string): boolean {
    const { programme = '', step = '' } = parseKey(key) ?? {};
    return findStep(this.#playbook, programme, step)?.step.class === 'promotional';
  }

  #repeats(key: string): boolean {
    const programme = this.#playbook.programmes.find((each) => each.id === parseKey(key)?.programme);
    return programme?.afterUnknown === 'repeat once';
  }
}
