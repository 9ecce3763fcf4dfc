/**
 * One customer through the core in virtual time: events at their instants, timers at their minutes, and each message
 * judged, sent or withheld as `record` and `send` do it, without a wire. What comes of it is what a deployment would
 * have done, because the same functions decide it.
 *
 * A customer is alone here: two who share a mailbox, and who brought whom, an export does not tell; and nobody is ranked
 * against the others, so no account is a key account. Every mail can be made and arrives.
 */
import { CATCH_UP_MINUTES, LOOK_AGAIN_MINUTES } from '../../shared/contracts/timing.ts';
import {
  defer,
  dropEnded,
  entryOf,
  finishClosing,
  type LedgerEntry,
  settleSent,
  take,
} from '../../shared/lifecycle/customer/claim.ts';
import { close } from '../../shared/lifecycle/customer/decide.ts';
import { nextDue } from '../../shared/lifecycle/customer/due.ts';
import { placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import {
  offerEnds,
  offersAwaited,
  offerVerdict,
  WAITING_FOR_OFFER,
  withOffer,
} from '../../shared/lifecycle/customer/offers.ts';
import { type Circumstances, isHeldOut, permit, type Verdict } from '../../shared/lifecycle/customer/permit.ts';
import {
  type IssuedOffer,
  type Living,
  type Pending,
  type StageChange,
  unknownCustomer,
} from '../../shared/lifecycle/customer/profile.ts';
import { isAnswer } from '../../shared/lifecycle/customer/quiet-hours.ts';
import { JOURNAL_NEEDED, react } from '../../shared/lifecycle/customer/react.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { offerConfirmed } from '../../shared/lifecycle/events/offer-confirmed.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import { type Instant, MINUTE } from '../../shared/lifecycle/time.ts';

/** Whoever counts what happens to a customer. Called in the order of virtual time. */
export interface Heard {
  readonly stage: (change: StageChange) => void;
  /** A message has ended; `sent` ones are those the customer would have got. */
  readonly ended: (entry: LedgerEntry) => void;
  /** An offer is about to be issued; the answer is whether its budget has room for it. */
  readonly offer: (offer: IssuedOffer) => boolean;
}

/** The core contradicts itself: it asks for what it was given, or never comes to an end. */
class CoreFault extends Error {
  override readonly name = 'CoreFault';
}

const CATCH_UP = CATCH_UP_MINUTES * MINUTE;
const LOOK_AGAIN = LOOK_AGAIN_MINUTES * MINUTE;

/** No lease ends here, for what is taken is settled at the same instant; two claims of one customer never meet. */
const TOKEN = 'backtest';

const SENT_BACK_BY_HOLDOUT = { outcome: 'withheld', reason: 'holdout' } as const;
const BUDGET_SPENT = { outcome: 'withheld', reason: 'budget spent' } as const;

/** The minute at which the sweep finds a timer: the first one not before it, or, where that has gone by, the next try. */
export function sweepAt(due: Instant, now: Instant): Instant {
  const swept = Math.floor(now / MINUTE) * MINUTE;
  if (due > swept) return Math.ceil(due / MINUTE) * MINUTE;
  const next = swept + MINUTE;
  return due > next - LOOK_AGAIN ? next : (Math.floor(now / CATCH_UP) + 1) * CATCH_UP;
}

/**
 * Plays one customer's events.
 *
 * @param events of one customer, ascending by time; those after `to` are left out
 * @param from what happened before is known then all at once, as it is after an import: no message is decided before it
 * @param to the last instant that is played, included
 * @returns the customer as of `to`; undefined without an event up to then
 */
export function drive(
  events: readonly CustomerEvent[],
  playbook: Playbook,
  circumstances: Circumstances,
  from: Instant,
  to: Instant,
  heard: Heard,
): Living | undefined {
  const [first] = events;
  if (first === undefined || first.occurredAt > to) return undefined;
  const course = new Course(first, playbook, circumstances, heard);
  let known = 0;
  while (known < events.length && (events[known]?.occurredAt ?? to) < from) known += 1;
  if (known > 0) course.know(events.slice(0, known), from);
  for (const event of events.slice(known)) {
    if (event.occurredAt > to) break;
    course.waitUntil(event.occurredAt);
    course.happen(event, event.occurredAt);
  }
  course.waitUntil(to);
  return course.customer;
}

class Course {
  customer: Living;
  readonly #playbook: Playbook;
  readonly #circumstances: Circumstances;
  readonly #heard: Heard;
  readonly #isHeldOut: boolean;
  /** All that has happened, for facts that can no longer be told without it. */
  readonly #journal: CustomerEvent[] = [];
  /** How messages have ended: an end is written down once, and what has ended is not sent. */
  readonly #ledger = new Map<string, LedgerEntry>();
  #due: Instant;
  #now: Instant;

  constructor(
    { customerId, occurredAt }: CustomerEvent,
    playbook: Playbook,
    circumstances: Circumstances,
    heard: Heard,
  ) {
    this.customer = unknownCustomer(customerId, occurredAt);
    this.#playbook = playbook;
    this.#circumstances = circumstances;
    this.#heard = heard;
    this.#isHeldOut = isHeldOut(customerId, circumstances.holdout);
    this.#due = Infinity;
    this.#now = occurredAt;
  }

  /** Takes in a past in which nobody was mailed. */
  know(events: readonly CustomerEvent[], t: Instant): void {
    this.customer = { ...this.customer, startsAt: t };
    this.#journal.push(...events);
    this.#react(events, 'history', t);
    this.#settle(t);
  }

  /** Lets time pass up to and including `until`: whatever is due on the way happens at its minute. */
  waitUntil(until: Instant): void {
    for (;;) {
      const minute = sweepAt(this.#due, this.#now);
      if (!(minute <= until)) break;
      this.#react([], `due/${minute}`, minute);
      this.#settle(minute);
      this.#confirmOffers(minute);
    }
    this.#now = Math.max(this.#now, until);
  }

  happen(event: CustomerEvent, t: Instant): void {
    this.#journal.push(event);
    this.#react([event], event.id, t);
    this.#settle(t);
    this.#confirmOffers(t);
  }

  #react(events: readonly CustomerEvent[], cause: string, t: Instant): void {
    let observed = react(this.customer, events, cause, this.#playbook, t);
    if (observed === JOURNAL_NEEDED) observed = react(this.customer, events, cause, this.#playbook, t, this.#journal);
    if (observed === JOURNAL_NEEDED) throw new CoreFault('the reaction asks for a journal it was given');
    for (const change of observed.changes) this.#heard.stage(change);
    this.customer = observed.customer;
  }

  /** Everything that can be done at this instant: what is closing ends, what is ready is judged, the most important first. */
  #settle(t: Instant): void {
    this.#finishClosings();
    const ready: { readonly key: string; readonly priority: number }[] = [];
    for (const [key, { notBefore = 0 }] of Object.entries(this.customer.pending)) {
      if (notBefore <= t) ready.push({ key, priority: placedOf(key, this.#playbook)?.step.priority ?? 0 });
    }
    if (ready.length > 1) ready.sort((a, b) => b.priority - a.priority || (a.key < b.key ? -1 : 1));
    for (const { key } of ready) {
      const message = this.customer.pending[key];
      if (message !== undefined) this.#send(key, message, t);
    }
    this.#now = t;
    // Stored timers may be earlier than needed, which spares the index a write; there is none here.
    this.#due = nextDue(this.customer, this.#playbook, t);
  }

  #writeDown(entry: LedgerEntry): void {
    if (this.#ledger.has(entry.key)) return;
    this.#ledger.set(entry.key, entry);
    this.#heard.ended(entry);
  }

  #finishClosings(): void {
    for (const [key, message] of Object.entries(this.customer.closing)) {
      const { outcome, reason, closedAt } = message;
      this.#writeDown(entryOf(this.customer.customerId, key, message, { outcome, reason, endedAt: closedAt }));
      this.customer = finishClosing(this.customer, key, this.#playbook);
    }
  }

  /** Rules 1 to 5 of the sending protocol, without a lane, an address known to others, or a failure. */
  #send(key: string, message: Pending, t: Instant): void {
    const verdict = permit(this.customer, key, message, this.#playbook, t, this.#circumstances, undefined);
    if (verdict.kind !== 'send') return this.#refuse(key, message, verdict, t);
    const { placed } = verdict;
    // The holdout comes last: it is to hold what would have gone, at the moment it would have.
    if (placed.step.class === 'promotional' && this.#isHeldOut) {
      return this.#refuse(key, message, { kind: 'close', ...SENT_BACK_BY_HOLDOUT }, t);
    }
    const offer = offerVerdict(this.customer, key, placed, this.#playbook, t);
    if (offer?.kind === 'issue' && !this.#issue(key, message, placed, offer.percent, t)) return;
    const { customer } = this;
    const ended = this.#ledger.get(key);
    if (ended !== undefined) {
      this.customer = dropEnded(customer, key, message, ended, this.#playbook);
      return;
    }
    this.#writeDown(entryOf(customer.customerId, key, message, { outcome: 'sent', endedAt: t }));
    const answer = isAnswer(placed.step, message.moment, t);
    const taken = take(customer, key, message, { token: TOKEN, lease: t, ...(answer && { answer }) });
    this.customer = settleSent(taken, key, t);
  }

  #refuse(key: string, message: Pending, verdict: Exclude<Verdict, { kind: 'send' }>, t: Instant): void {
    if (verdict.kind === 'defer') {
      this.customer = defer(this.customer, key, message, verdict.until, verdict.reason);
      return;
    }
    this.customer = close(this.customer, key, message, verdict, this.#playbook, t);
    this.#finishClosings();
  }

  /** Issues the offer of a message. @returns whether its mail can go at once */
  #issue(key: string, message: Pending, { step }: Placed, percent: number, t: Instant): boolean {
    const { offers } = this.#playbook;
    const name = step.offer ?? '';
    const terms = Object.hasOwn(offers.byName, name) ? offers.byName[name] : undefined;
    // An offer that nobody described is worth nothing, and is refused before it comes here.
    if (terms === undefined) return true;
    const isAnnounced = terms.codes === 'announce';
    const issued: IssuedOffer = {
      key,
      offer: name,
      offerId: `offer ${key}`,
      percent,
      code: `CODE ${key}`,
      issuedAt: t,
      expiresAt: offerEnds(this.customer, terms, t),
      ...(isAnnounced && { confirmBy: t + offers.confirmWithin }),
    };
    if (!this.#heard.offer(issued)) {
      this.#refuse(key, message, { kind: 'close', ...BUDGET_SPENT }, t);
      return false;
    }
    this.customer = withOffer(this.customer, issued);
    if (isAnnounced) {
      this.customer = defer(this.customer, key, message, t + offers.confirmWithin, WAITING_FOR_OFFER);
    }
    return !isAnnounced;
  }

  /** The shop's platform makes the codes it has just been asked for, and its answer has their mails go. */
  #confirmOffers(t: Instant): void {
    for (const { offerId, code, asked } of offersAwaited(this.customer, t)) {
      if (asked?.at !== t) continue;
      const { customerId } = this.customer;
      this.happen(
        {
          id: `confirmed ${offerId}`,
          type: offerConfirmed.type,
          customerId,
          occurredAt: t,
          data: { customerId, offerId, code },
        },
        t,
      );
    }
  }
}
