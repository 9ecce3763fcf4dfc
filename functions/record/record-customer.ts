/**
 * One customer, some events and perhaps a timer: journal, react, store, announce. Every step may be repeated; whatever
 * is interrupted is finished by the redelivery, or by the sweep that finds the timer still due.
 */
import { isDeepStrictEqual } from 'node:util';
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { Announcement, Announcer } from '../../shared/adapters/announcer.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { revise } from '../../shared/adapters/revise.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { campaignSteps, endOf } from '../../shared/lifecycle/campaign/campaign.ts';
import { forget } from '../../shared/lifecycle/customer/decide.ts';
import { beginsNewLife, isFromBeforeErasure, newLife } from '../../shared/lifecycle/customer/erasure.ts';
import { placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Erased, Living, Profile } from '../../shared/lifecycle/customer/profile.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { JOURNAL_NEEDED, react, readyToStore } from '../../shared/lifecycle/customer/react.ts';
import { campaignAddressed } from '../../shared/lifecycle/events/campaign-addressed.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { customerErasureRequested } from '../../shared/lifecycle/events/customer-erasure-requested.ts';
import { loginSucceeded } from '../../shared/lifecycle/events/login-succeeded.ts';
import type { Refusal } from '../../shared/lifecycle/events/parse-event.ts';
import { purchaseCompleted } from '../../shared/lifecycle/events/purchase-completed.ts';
import { type Facts, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { withInterest } from '../../shared/lifecycle/facts/interest.ts';
import { isLoginKnown } from '../../shared/lifecycle/facts/logins.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import { finishClosings } from '../closings.ts';
import { announcementsFor, referralsIn } from './announcements.ts';
import { countChanges, countPurchase, measureWaiting } from './count-changes.ts';
import { eraseCustomer, finishErasure, finishPreviousLife, removePerson } from './erasing.ts';
import { resolveLeases } from './leases.ts';
import { Looking, lookOf } from './looks.ts';
import { tellAddress } from './opting-out.ts';

export interface RecordServices {
  readonly store: CustomerStore;
  readonly addresses: AddressBook;
  /** The key of the address hashes. */
  readonly addressKey: () => Promise<string>;
  readonly announcer: Announcer;
  readonly meter: Meter;
  /** Of the release in use. */
  readonly playbook: Playbook;
  /** Entries of messages that are not sent name it. */
  readonly releaseId: string;
  /** The same of the release that is live at this moment; absent where there is but one. */
  readonly newestPlaybook?: () => Promise<Pick<RecordServices, 'playbook' | 'releaseId'>>;
  readonly now: () => Instant;
}

/** What arrived for one customer. */
export interface Arrivals {
  readonly customerId: string;
  readonly events: readonly CustomerEvent[];
  /** Id of the announcement that the customer's timer has passed. */
  readonly wake?: string;
  /** An erasure among the events has been carried out just now. */
  readonly erased?: true;
}

/** An event that can never be taken in, found out only at the journal. */
export interface RefusedEvent {
  readonly event: CustomerEvent;
  readonly refusal: Refusal;
}

function isBrowsing(event: CustomerEvent): boolean {
  return lookOf(event) !== undefined;
}

/**
 * Takes in what arrived for one customer.
 *
 * @returns the events whose id is taken by an event with other content
 * @throws TooManyConflicts, AnnouncementFailed and faults of the store: deliver again
 */
export async function recordCustomer(
  given: RecordServices,
  { customerId, events, wake, erased }: Arrivals,
): Promise<readonly RefusedEvent[]> {
  const { store, meter } = given;
  const loaded = await store.load(customerId);
  const services = await knowing(loaded, events, given);
  const erasure = events.findLast((event) => event.type === customerErasureRequested.type);
  if (erasure !== undefined && !(loaded && isFromBeforeErasure(loaded, erasure))) {
    await eraseCustomer(services, customerId, erasure, loaded);
    const rest = events.filter((event) => event !== erasure);
    return recordCustomer(services, { customerId, events: rest, ...(wake !== undefined && { wake }), erased: true });
  }
  // Redelivered: the deletion may not have been finished. What began since then is left alone.
  if (erasure !== undefined && loaded !== undefined) await finishErasure(services, loaded);
  const journal = new Journalling(services);
  const looking = new Looking(services, customerId, events.filter(isBrowsing));
  const journalled = events.filter((event) => !isBrowsing(event));
  let announcements: readonly Announcement[] = [];
  let seen = loaded;
  const stored = await revise<Profile>(
    store,
    customerId,
    loaded,
    async (profile) => {
      seen = profile;
      const t = services.now();
      const fresh = await journal.take(journalled, profile);
      const interest = await looking.take(profile);
      const causes = new Set([...events.map((event) => event.id), ...(wake === undefined ? [] : [wake])]);
      if (profile?.kind === 'erased') {
        const woken = await tombstoneAfter(services, profile, fresh, erased === true || erasure !== undefined);
        if (woken?.kind === 'living' && woken.lastChanges !== undefined) causes.add(woken.lastChanges.cause);
        if (woken?.kind === 'living') for (const { cause } of woken.attention) causes.add(cause);
        announcements = woken?.kind === 'living' ? [...announcementsFor(woken, causes, t), ...referralsIn(fresh)] : [];
        if (woken?.kind === 'living') await tellAddress(services, NO_FACTS, woken.facts, fresh);
        return woken;
      }
      if (profile === undefined && fresh.length === 0 && interest === undefined) return undefined;
      const seenAt = Math.min(t, interest?.first.at ?? t, ...fresh.map((event) => event.occurredAt));
      const known = await resolveLeases(services, profile ?? unknownCustomer(customerId, seenAt), t);
      const started = await finishPreviousLife(services, known, t);
      const looked = { ...started, facts: withInterest(started.facts, interest) };
      const next = await reactTo(services, looked, fresh, wake ?? fresh.at(-1)?.id ?? events.at(-1)?.id ?? '', t);
      announcements = [...announcementsFor(next, causes, t), ...referralsIn(fresh)];
      await tellAddress(services, started.facts, next.facts, fresh);
      return isUnchanged(profile, next, services.playbook, t) ? undefined : next;
    },
    () => meter.count(METRIC.versionConflicts, { customerId }),
  );
  journal.report(seen);
  looking.report();
  if (stored?.kind === 'living') countChanges(meter, seen, stored);
  measureWaiting(meter, seen, services.now());
  await services.announcer.announce(announcements);
  // Also when nothing had to be written: who began these closings may have died before finishing them.
  const present = stored ?? seen;
  if (present?.kind === 'living') await finishClosings(services, present);
  return journal.refused;
}

/**
 * Another instance may have heard of a new release up to a minute before we do: a step that nobody here knows, of a waiting
 * message or of a campaign, is in no playbook only when the newest one does not know it either.
 */
async function knowing(
  profile: Profile | undefined,
  events: readonly CustomerEvent[],
  services: RecordServices,
): Promise<RecordServices> {
  const { playbook, newestPlaybook } = services;
  if (newestPlaybook === undefined) return services;
  const isKnown =
    isPlanned(playbook, profile, events, services.now()) &&
    (profile?.kind !== 'living' || Object.keys(profile.pending).every((key) => placedOf(key, playbook) !== undefined));
  return isKnown ? services : { ...services, ...(await newestPlaybook()) };
}

/** Whether the playbook has the mail of every campaign, known or arriving, that may still go out. */
function isPlanned(
  playbook: Playbook,
  profile: Profile | undefined,
  events: readonly CustomerEvent[],
  t: Instant,
): boolean {
  const { campaigns = [] } = events
    .filter(({ type }) => type === campaignAddressed.type)
    .reduce((facts, event) => campaignAddressed.fold(facts, event) ?? facts, factsOf(profile));
  const open = campaigns.filter((each) => t <= endOf(each));
  if (open.length === 0) return true;
  const steps = new Set(campaignSteps(playbook).map(({ step }) => step.id));
  return open.every(({ step }) => steps.has(step));
}

function factsOf(profile: Profile | undefined): Facts {
  return profile?.kind === 'living' ? profile.facts : NO_FACTS;
}

/** The pure reaction, with the journal read when the facts alone cannot tell. */
async function reactTo(
  { store, meter, playbook }: RecordServices,
  customer: Living,
  events: readonly CustomerEvent[],
  cause: string,
  t: Instant,
): Promise<Living> {
  let reaction = react(customer, events, cause, playbook, t);
  if (reaction === JOURNAL_NEEDED) {
    meter.note(NOTE.rebuilt);
    reaction = react(customer, events, cause, playbook, t, await store.readJournal(customer.customerId));
  }
  if (reaction === JOURNAL_NEEDED) throw new Error('the reaction asks for a journal it was given');
  return readyToStore(reaction.customer, playbook, t);
}

/**
 * Whether storing would change nothing but the version, how far time has been observed, and what may be forgotten by
 * now: that can wait for the next write.
 */
function isUnchanged(before: Profile | undefined, after: Living, playbook: Playbook, t: Instant): boolean {
  if (before?.kind !== 'living') return false;
  const { version, evaluatedAt } = before;
  return isDeepStrictEqual(forget(before, playbook, t), { ...after, version, evaluatedAt });
}

/** Writing events down, each once per invocation, however often the profile has to be written again. */
class Journalling {
  readonly #services: RecordServices;
  /** Not by id: of two events with one id that arrive at once, the second has to be compared like any later one. */
  readonly #done = new Map<CustomerEvent, 'new' | 'known' | 'different' | 'dropped' | 'nothing new'>();
  readonly #recorded = new Set<CustomerEvent>();
  readonly refused: RefusedEvent[] = [];

  constructor(services: RecordServices) {
    this.#services = services;
  }

  /** The events that belong into the profile. Those of an ended life are dropped, and removed if just written. */
  async take(events: readonly CustomerEvent[], profile: Profile | undefined): Promise<readonly CustomerEvent[]> {
    const { store } = this.#services;
    const fresh: CustomerEvent[] = [];
    for (const event of events) {
      const written = this.#done.get(event);
      if (profile && isFromBeforeErasure(profile, event)) {
        if (written === 'new') await store.unjournal(event.customerId, event.id);
        this.#done.set(event, 'dropped');
        continue;
      }
      if (isKnownLogin(profile, event)) {
        this.#done.set(event, 'nothing new');
        continue;
      }
      const result = written === 'new' || written === 'known' ? written : await store.journal(event);
      if (result === 'different' && written !== 'different') {
        const refusal = {
          detailType: event.type,
          field: 'metadata.id',
          expected: 'expected an id that was not used for another event',
        };
        this.refused.push({ event, refusal });
      }
      this.#done.set(event, result);
      if (result === 'new') this.#recorded.add(event);
      if (result !== 'different') fresh.push(event);
    }
    return fresh;
  }

  report(before: Profile | undefined): void {
    const { meter } = this.#services;
    for (const { type, occurredAt } of this.#recorded) {
      meter.count(METRIC.eventsTaken, { type });
      if (type === purchaseCompleted.type) countPurchase(meter, before, occurredAt);
    }
    for (const [{ type }, result] of this.#done) {
      if (result === 'known' || result === 'nothing new')
        meter.count(METRIC.eventsSetAside, { fate: 'repeated', type });
      if (result === 'dropped') meter.count(METRIC.eventsSetAside, { fate: 'dropped', type });
    }
  }
}

function isKnownLogin(profile: Profile | undefined, event: CustomerEvent): boolean {
  return (
    event.type === loginSucceeded.type &&
    profile?.kind === 'living' &&
    isLoginKnown(profile.facts.logins, event.occurredAt) &&
    // Nothing came before it that would be the first of all.
    event.occurredAt >= (profile.facts.firstSeenAt ?? 0)
  );
}

/** How long events of an erased customer wait for the registration they may have overtaken in the queue. */
const OVERTAKEN = DAY;

/**
 * An erased customer stays erased, unless a registration begins a new life. Other events after the erasure wait for one
 * in the journal, since a queue keeps no order; when none comes they are deleted like the rest.
 *
 * @param isNew the erasure was carried out just now
 */
async function tombstoneAfter(
  services: RecordServices,
  tombstone: Erased,
  events: readonly CustomerEvent[],
  isNew: boolean,
): Promise<Profile | undefined> {
  const { store } = services;
  const { customerId, version, dueAt } = tombstone;
  const t = services.now();
  const isDue = dueAt !== undefined && dueAt <= t;
  const arrived = events.some((event) => beginsNewLife(tombstone, event));
  // A registration may have been taken in by the life that was just ended, because the erasure came late.
  const journal = arrived || isNew || isDue ? await store.readJournal(customerId) : [];
  const waiting = journal.filter((event) => !isFromBeforeErasure(tombstone, event));
  const registration = waiting.find((event) => beginsNewLife(tombstone, event));
  if (registration !== undefined) {
    const begins = Math.min(t, ...waiting.map((event) => event.occurredAt));
    return reactTo(services, newLife(tombstone, begins, registration.occurredAt), waiting, registration.id, t);
  }
  if (isDue) {
    const overdue = waiting.some((event) => event.occurredAt <= t - OVERTAKEN);
    // Said before it is done: a registration that has read the journal already must read it again, without these. The
    // timer stays, and when it is looked at again they are deleted.
    if (overdue) return { ...tombstone, version: version + 1, forgottenUntil: t - OVERTAKEN };
    await removePerson(services, tombstone);
    const { dueAt: _done, addresses: _struckOff, recent, ...rest } = tombstone;
    const left = waiting.length > 0 ? { dueAt: t + OVERTAKEN, ...(recent && { recent }) } : {};
    return { ...rest, version: version + 1, ...left };
  }
  if (events.length === 0) return undefined;
  // Written even if the timer is set: a registration that has read the journal before must read it again.
  return { ...tombstone, version: version + 1, dueAt: dueAt ?? t + OVERTAKEN };
}
