/**
 * What is known of one mail address, whichever customers use it. Suppression belongs to the address: it outlives every
 * profile, every rebuild and every other customer id. Nothing here holds the address itself, only its keyed hash.
 */
import { PROGRAMMES_KEPT } from './facts/choices.ts';
import { type Duration, type Instant } from './time.ts';

export type Suppression = 'hard bounce' | 'spam complaint';

/**
 * Who mailed a step at a shared address last. Until its end the claim keeps all other customers' promotional mail
 * waiting; after that it only names the customer to look at, who may not be a holder.
 */
interface StepClaim {
  readonly customerId: string;
  readonly at: Instant;
  readonly until: Instant;
}

export interface Address {
  /** Keyed hash of the normalised address. */
  readonly hash: string;
  /** 0: nothing is stored yet. */
  readonly version: number;
  /** Customers who were mailed here, each with when that began. */
  readonly holders: Readonly<Record<string, Instant>>;
  /** No mail of any class, ever again. */
  readonly suppressed?: { readonly reason: Suppression; readonly at: Instant };
  /** When somebody said "no more" here: to all promotional mail, or to single programmes. */
  readonly optOut?: { readonly all?: Instant; readonly programmes?: Readonly<Record<string, Instant>> };
  /**
   * A consent given on our pages that had to be stamped ahead of the clock, to come after an opt-out of the same minute.
   * What is said against it has to be stamped later still, though no profile may have heard of it yet.
   */
  readonly optedIn?: Instant;
  /** Bounces that may pass, by the id of the report; the oldest are forgotten. */
  readonly transient?: readonly { readonly id: string; readonly at: Instant }[];
  /** No promotional mail until then: too many bounces in a short time. */
  readonly restsUntil?: Instant;
  /** By `programme/step`; only made while several customers share the address. */
  readonly claims?: Readonly<Record<string, StepClaim>>;
}

/** How many bounces that may pass are too many, and how long the address is left alone then. */
export interface BouncePolicy {
  readonly transient: number;
  readonly within: Duration;
  readonly rest: Duration;
}

/** Customers kept per address. A family shares one; beyond this the oldest make room. */
const MOST_HOLDERS = 10;

/** An address nobody was mailed at. */
export function unknownAddress(hash: string): Address {
  return { hash, version: 0, holders: {} };
}

/** Whether the customer stands here already, or can be entered without another making room. */
export function hasRoomFor(address: Address, customerId: string): boolean {
  return Object.hasOwn(address.holders, customerId) || Object.keys(address.holders).length < MOST_HOLDERS;
}

/** Enters a customer. Unchanged (the same object) for one who is entered already. */
export function withHolder(address: Address, customerId: string, t: Instant): Address {
  // An own key: a customer may be called `constructor`.
  if (Object.hasOwn(address.holders, customerId)) return address;
  const others = Object.entries(address.holders)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_HOLDERS - 1);
  return { ...address, holders: Object.fromEntries([...others, [customerId, t]]) };
}

/** Whether the customer stands here, as a holder or with a claim. */
export function isNamed(address: Address, customerId: string): boolean {
  const { holders, claims } = address;
  return (
    Object.hasOwn(holders, customerId) || Object.values(claims ?? {}).some((claim) => claim.customerId === customerId)
  );
}

/**
 * Strikes a customer off. A suppression and an opt-out stay, for they protect whoever reads mail there; bounces that may
 * pass are forgotten with the last customer, or they would keep the address of somebody who was erased.
 */
export function withoutHolder(address: Address, customerId: string): Address {
  const { claims, transient, restsUntil, optedIn: _consentOfMinutesAgo, ...rest } = address;
  const others = Object.entries(address.holders).filter(([id]) => id !== customerId);
  const kept = Object.entries(claims ?? {}).filter(([, claim]) => claim.customerId !== customerId);
  return {
    ...rest,
    holders: Object.fromEntries(others),
    ...(kept.length > 0 && { claims: Object.fromEntries(kept) }),
    ...(others.length > 0 && transient !== undefined && { transient }),
    ...(others.length > 0 && restsUntil !== undefined && { restsUntil }),
  };
}

/** Whether nothing is left that anybody needs to remember. */
export function isForgettable({ holders, claims, suppressed, optOut: saidNo, ...passing }: Address): boolean {
  const { transient, restsUntil } = passing;
  const nothing = [suppressed, saidNo, transient, restsUntil].every((each) => each === undefined);
  return nothing && Object.keys({ ...holders, ...claims }).length === 0;
}

/** Suppresses for good; the first reason stays. */
export function suppress(address: Address, reason: Suppression, at: Instant): Address {
  return address.suppressed === undefined ? { ...address, suppressed: { reason, at } } : address;
}

/** Whether bounces or a complaint hold mail back here, or did until lately. */
export function isHeldBack({ suppressed, restsUntil, transient }: Address): boolean {
  return [suppressed, restsUntil, transient].some((each) => each !== undefined);
}

/** By hand: what was held against the address was wrong. What somebody said there stays. */
export function liftSuppression(address: Address): Address {
  if (!isHeldBack(address)) return address;
  const { suppressed: _wrong, restsUntil: _rest, transient: _bounces, ...rest } = address;
  return rest;
}

/** Counts a bounce that may pass, each report once; too many within the window, and the address rests. */
export function countTransient(address: Address, id: string, at: Instant, policy: BouncePolicy): Address {
  const known = address.transient ?? [];
  if (known.some((each) => each.id === id)) return address;
  const newest = Math.max(at, ...known.map((each) => each.at));
  const transient = [...known, { id, at }]
    .filter((each) => each.at > newest - policy.within)
    .toSorted((a, b) => a.at - b.at)
    .slice(-policy.transient);
  const counted = { ...address, transient };
  if (transient.length < policy.transient) return counted;
  return { ...counted, restsUntil: Math.max(address.restsUntil ?? 0, newest + policy.rest) };
}

/** A delivery shows that the address works: what may pass has passed. */
export function delivered(address: Address, at: Instant): Address {
  const { transient, restsUntil, ...rest } = address;
  if (transient === undefined && restsUntil === undefined) return address;
  return (transient ?? []).some((each) => each.at > at) ? address : rest;
}

/**
 * Somebody said "no more": to everything promotional, or to one programme. Later says count; nothing takes one back but
 * a later opt-in of a customer.
 */
export function optOut(address: Address, programme: string | undefined, at: Instant): Address {
  const known = address.optOut ?? {};
  const earlier = programme === undefined ? known.all : known.programmes?.[programme];
  if (earlier !== undefined && earlier >= at) return address;
  if (programme === undefined) return { ...address, optOut: { ...known, all: at } };
  const programmes = newestOf({ ...known.programmes, [programme]: at });
  return Object.hasOwn(programmes, programme) ? { ...address, optOut: { ...known, programmes } } : address;
}

/** As many programmes as a profile remembers, so that no address fills up; the same ones in whatever order they were said. */
function newestOf(programmes: Readonly<Record<string, Instant>>): Readonly<Record<string, Instant>> {
  const newestFirst = Object.entries(programmes).toSorted(([a, aAt], [b, bAt]) => bAt - aAt || (a < b ? -1 : 1));
  return Object.fromEntries(newestFirst.slice(0, PROGRAMMES_KEPT));
}

/** Notes a consent that is stamped ahead of the clock. */
export function noteOptIn(address: Address, at: Instant): Address {
  return (address.optedIn ?? -Infinity) >= at ? address : { ...address, optedIn: at };
}

/** When somebody at this address last said "no more" to mail of the programme; undefined when nobody did. */
export function optedOutAt(address: Address | undefined, programme: string): Instant | undefined {
  const { all, programmes = {} } = address?.optOut ?? {};
  // An own key: a programme may be called `constructor`.
  const ofProgramme = Object.hasOwn(programmes, programme) ? programmes[programme] : undefined;
  const instants = [all, ofProgramme].filter((each) => each !== undefined);
  return instants.length === 0 ? undefined : Math.max(...instants);
}

/** Why nothing promotional may go to this address now. Service mail obeys only what is suppressed for good. */
export function blockedAt(address: Address | undefined, t: Instant): Suppression | 'bouncing' | undefined {
  if (address?.suppressed !== undefined) return address.suppressed.reason;
  return address?.restsUntil !== undefined && t < address.restsUntil ? 'bouncing' : undefined;
}

/** The other customers who use the address, holders or claimants, in a stable order. */
export function othersAt(address: Address | undefined, customerId: string): readonly string[] {
  const claimants = Object.values(address?.claims ?? {}).map((claim) => claim.customerId);
  return [...new Set([...Object.keys(address?.holders ?? {}), ...claimants])]
    .filter((id) => id !== customerId)
    .toSorted();
}

/** When the second customer was entered: whoever looked before that may have thought to be alone. */
export function sharedSince({ holders }: Address): Instant | undefined {
  return Object.values(holders).toSorted((a, b) => a - b)[1];
}

/** Until when another customer is sending promotional mail to this address; undefined when nobody is. */
export function heldByAnother(address: Address | undefined, customerId: string, t: Instant): Instant | undefined {
  const live = Object.values(address?.claims ?? {})
    .filter((claim) => claim.customerId !== customerId && t < claim.until)
    .map(({ until }) => until);
  return live.length === 0 ? undefined : Math.max(...live);
}

/** Claims a step at the address for one of several customers; of each step the last claim is kept, up to `kept` long. */
export function claimStep(
  address: Address,
  step: string,
  { customerId, at, until }: StepClaim,
  kept: Duration,
): Address {
  const known = Object.entries(address.claims ?? {}).filter(([, claim]) => claim.at > at - kept);
  return { ...address, claims: { ...Object.fromEntries(known), [step]: { customerId, at, until } } };
}
