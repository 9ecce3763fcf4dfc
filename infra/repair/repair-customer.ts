/**
 * One customer put right from what is written once: facts from the journal, by the core's own fold, and what was sent
 * from the ledger. What waits stays. Conditional on the version of the profile; done again it changes nothing.
 */
import { randomInt } from 'node:crypto';
import { tellAddress } from '../../functions/record/opting-out.ts';
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { sizeOf, WRITE_UNIT } from '../../shared/adapters/item-size.ts';
import { type Spoilt, toItem, UnreadableItem } from '../../shared/adapters/profile-item.ts';
import { revise } from '../../shared/adapters/revise.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { endOfPreviousLife, isFromBeforeErasure } from '../../shared/lifecycle/customer/erasure.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { type Living, NO_MEMORY, type Profile, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { JOURNAL_NEEDED, react, readyToStore } from '../../shared/lifecycle/customer/react.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { type Interest, interestOf } from '../../shared/lifecycle/facts/interest.ts';
import { type Browsing, forgottenAt, withoutLooksUntil } from '../../shared/lifecycle/facts/looks.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { WriteBudget } from '../import/write-budget.ts';
import { factDifferences } from './differences.ts';
import { type Doubtful, type Gap, givenUpSince, settleDoubtful } from './doubtful.ts';
import { episodesAnew, forgottenKeys, withLedger } from './remembered.ts';

export interface RepairServices {
  readonly store: Pick<CustomerStore, 'load' | 'save' | 'readJournal' | 'readLedger' | 'readLooks'>;
  readonly addresses: AddressBook;
  /** The key of the address hashes; asked for when somebody's objection comes to light. */
  readonly addressKey: () => Promise<string>;
  readonly budget: Pick<WriteBudget, 'take'>;
  readonly playbook: Playbook;
  readonly now: () => Instant;
}

/** How far a repair goes. */
export interface RepairPlan {
  /** Otherwise it only looks. */
  readonly apply: boolean;
  /** Of which nothing is left: messages that may have gone out within it are settled. */
  readonly gap?: Gap;
  /** Kept with what the repair changes, so that announcing this id as due announces that as well. */
  readonly cause: string;
  /** Hears of doubtful messages before they are settled: whoever is killed in between has them written down. */
  readonly tell?: (doubtful: readonly Doubtful[]) => Promise<void>;
}

export interface Repaired {
  /**
   * `alike`: nothing to do. `lost`: only journal and ledger were left, the profile gone or spoilt. `nothing`: not even
   * those.
   */
  readonly kind: 'alike' | 'differs' | 'lost' | 'erased' | 'nothing';
  readonly differences: readonly string[];
  /** Keys of messages that ended, which the profile had forgotten. */
  readonly forgotten: readonly string[];
  readonly doubtful: readonly Doubtful[];
  /** Whether the profile, as it is now, was changed by this cause: what it changed may still have to be said. */
  readonly isToAnnounce: boolean;
}

const UNTOUCHED = { differences: [], forgotten: [], doubtful: [], isToAnnounce: false } as const;

/** The index of timers, of which the profile may become a part. */
const INDEX_UNITS = 1;
/** Where the version of a profile begins anew that was lost: nobody who still holds that one takes this one for it. */
const VERSIONS_BEGIN_BELOW = 2 ** 47;

interface Sources {
  readonly journal: readonly CustomerEvent[];
  readonly ledger: readonly LedgerEntry[];
  readonly browsing: Browsing;
}

/** What would be stored, and what is to be said of it. */
interface Mended {
  readonly repaired: Repaired;
  readonly next: Living | undefined;
}

/**
 * @throws UnreadableItem for what must not be made anew: a profile of a later format, a tombstone
 * @throws SyntaxError for a journal, a ledger or looks that are spoilt themselves
 * @throws TooManyConflicts and faults of the store: call again
 */
export async function repairCustomer(
  services: RepairServices,
  customerId: string,
  plan: RepairPlan,
): Promise<Repaired> {
  const { store, budget } = services;
  let repaired: Repaired = { kind: 'nothing', ...UNTOUCHED };
  let spoilt: Spoilt | undefined;
  const load = async (): Promise<Profile | undefined> => {
    try {
      spoilt = undefined;
      return await store.load(customerId);
    } catch (cause) {
      if (!(cause instanceof UnreadableItem) || cause.spoilt === undefined) throw cause;
      ({ spoilt } = cause);
      return undefined;
    }
  };
  // What is spoilt is replaced on condition that nobody has replaced it since.
  const save = (next: Profile, expected: number) => store.save(next, spoilt?.version ?? expected);
  const change = async (profile: Profile | undefined): Promise<Living | undefined> => {
    const sources = await read(store, customerId);
    const mended = mend(services, customerId, profile ?? spoilt, sources, plan);
    ({ repaired } = mended);
    const { next } = mended;
    if (!plan.apply) return undefined;
    if (repaired.doubtful.length > 0) await plan.tell?.(repaired.doubtful);
    if (next === undefined) return undefined;
    // An objection the facts had forgotten holds at the address, too.
    const before = profile?.kind === 'living' ? profile.facts : NO_FACTS;
    await tellAddress(services, before, next.facts, sources.journal);
    await budget.take(Math.ceil(sizeOf(toItem(next)) / WRITE_UNIT) + INDEX_UNITS);
    return next;
  };
  const stored = await revise({ load, save }, customerId, await load(), change, () => undefined);
  return stored?.lastChanges?.cause === plan.cause ? { ...repaired, isToAnnounce: true } : repaired;
}

async function read(store: RepairServices['store'], customerId: string): Promise<Sources> {
  const [journal, ledger, { browsing }] = await Promise.all([
    store.readJournal(customerId),
    store.readLedger(customerId),
    store.readLooks(customerId),
  ]);
  return { journal, ledger, browsing };
}

function mend(
  services: RepairServices,
  customerId: string,
  profile: Profile | Spoilt | undefined,
  sources: Sources,
  plan: RepairPlan,
): Mended {
  if (profile === undefined) {
    const isUnknown = sources.journal.length + sources.ledger.length === 0;
    if (isUnknown) return { repaired: { kind: 'nothing', ...UNTOUCHED }, next: undefined };
    return mendLost(services, customerId, undefined, sources, plan);
  }
  if (!('kind' in profile)) return mendLost(services, customerId, profile, sources, plan);
  if (profile.kind === 'erased') return { repaired: { kind: 'erased', ...UNTOUCHED }, next: undefined };
  return mendLiving(services, profile, sources, plan);
}

function mendLiving(
  { playbook, now }: RepairServices,
  profile: Living,
  { journal, ledger, browsing }: Sources,
  { gap, cause }: RepairPlan,
): Mended {
  const t = now();
  const own = journal.filter((event) => !isFromBeforeErasure(profile, event));
  const looks = withoutLooksUntil(browsing, endOfPreviousLife(profile));
  const rebuilt = factsOf(own, interestIn(looks, playbook, t, profile.facts.interest) ?? profile.facts.interest);
  const differences = factDifferences(profile.facts, rebuilt);
  const informed = differences.length === 0 ? profile : { ...profile, facts: rebuilt };
  const remembering = withLedger(informed, ledger, playbook, t);
  const forgotten = forgottenKeys(profile, remembering);
  const decided = gap && reacted(remembering, [], cause, playbook, t);
  const settled = decided && settleDoubtful(decided, gap, playbook, t);
  const doubtful = settled ? [...settled.doubtful, ...givenUpSince(profile, ledger, gap)] : [];
  const isAlike = differences.length + forgotten.length === 0 && settled?.customer === decided;
  const isToAnnounce = profile.lastChanges?.cause === cause;
  const repaired: Repaired = { kind: isAlike ? 'alike' : 'differs', differences, forgotten, doubtful, isToAnnounce };
  if (isAlike) return { repaired, next: undefined };
  // What follows from other facts `record` concludes, as from an event: the timer is now.
  const next = settled
    ? readyToStore(settled.customer, playbook, t)
    : { ...remembering, version: profile.version + 1, dueAt: Math.min(profile.dueAt ?? t, t) };
  return { repaired, next };
}

/** Walks through the journal as an import does; what the ledger tells of is not sent again, and what it cannot tell of is doubtful. */
function mendLost(
  { playbook, now }: RepairServices,
  customerId: string,
  spoilt: Spoilt | undefined,
  { journal, ledger, browsing }: Sources,
  { gap, cause }: RepairPlan,
): Mended {
  const t = now();
  const life = Math.max(spoilt?.life ?? 1, ...ledger.map(({ key }) => parseKey(key)?.life ?? 1));
  const seenAt = Math.min(t, ...journal.map(({ occurredAt }) => occurredAt));
  const begun = { ...unknownCustomer(customerId, seenAt), life };
  const walked = reacted(begun, journal, cause, playbook, t);
  const interest = interestIn(browsing, playbook, t, undefined);
  const facts = interest === undefined ? walked.facts : factsOf(journal, interest);
  const episodes = episodesAnew(walked.episodes, ledger, playbook);
  const { lastChanges: _past, dueAt: _none, ...known } = walked;
  // Decided once more, this time by somebody who knows what went out.
  const remembering = withLedger(
    { ...known, ...NO_MEMORY, facts, traits: walked.traits, episodes },
    ledger,
    playbook,
    t,
  );
  const decided = reacted(remembering, [], cause, playbook, t);
  const { customer, doubtful: waiting } = settleDoubtful(decided, gap ?? { from: 0, until: t }, playbook, t);
  const doubtful = gap === undefined ? waiting : [...waiting, ...givenUpSince(decided, ledger, gap)];
  const { lastChanges: _again, ...settled } = customer;
  const stored = readyToStore(settled, playbook, t);
  const version = spoilt === undefined ? randomInt(1, VERSIONS_BEGIN_BELOW) : spoilt.version + 1;
  const next = { ...stored, version, dueAt: Math.min(stored.dueAt ?? t, t) };
  const forgotten = ledger.map(({ key }) => key);
  return { repaired: { kind: 'lost', differences: [], forgotten, doubtful, isToAnnounce: false }, next };
}

function reacted(
  customer: Living,
  events: readonly CustomerEvent[],
  cause: string,
  playbook: Playbook,
  t: Instant,
): Living {
  const observed = react(customer, events, cause, playbook, t, events);
  if (observed === JOURNAL_NEEDED) throw new Error('the reaction asks for a journal it was given');
  return observed.customer;
}

/** What the looks come to; undefined when none are kept. */
function interestIn(
  browsing: Browsing,
  { traits }: Playbook,
  t: Instant,
  before: Interest | undefined,
): Interest | undefined {
  return (forgottenAt(browsing) ?? -Infinity) <= t ? undefined : interestOf(browsing, traits, before);
}
