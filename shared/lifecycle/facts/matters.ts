/**
 * Matters that are opened and closed: complaints, stopped renewals, requested changes. Both ends keep their latest
 * stamp, so that opening and closing commute.
 */
import { compareStamps, type Stamp } from './order-by-time.ts';

export interface Matter<Opened extends object = object> {
  readonly id: string;
  readonly opened?: Stamp & Opened;
  readonly closed?: Stamp;
}

export interface Matters<Opened extends object = object> {
  /** Settled ones before open ones, then by the later of the two stamps, ascending. */
  readonly known: readonly Matter<Opened>[];
  /** Some have been dropped: an unknown id may be one of them. */
  readonly dropped?: true;
}

/** Subscriptions whose renewal was stopped; closed: resumed. */
export type Subscriptions = Matters<{ /** When it ends unless resumed. */ readonly endsAt: number }>;
/** Requested changes; closed: confirmed. */
export type Changes = Matters<{ /** The cost is known. */ readonly priced: boolean }>;

/** Nobody has more than this many matters of one kind of interest at once; older ones are in the journal. */
export const MATTERS_KEPT = 8;

/** Opened, and not closed since; whether it is too old to matter is the policy's business. */
export function isStillOpen(opened: Stamp | undefined, closed: Stamp | undefined): boolean {
  return opened !== undefined && (closed === undefined || opened.at > closed.at);
}

function isOpenMatter({ opened, closed }: Matter): boolean {
  return isStillOpen(opened, closed);
}

function latestStamp({ opened, closed }: Matter): Stamp {
  if (opened === undefined) return closed ?? { at: 0, id: '' };
  if (closed === undefined) return opened;
  return compareStamps(opened, closed) > 0 ? opened : closed;
}

/** Ascending: an open matter is never given up for a settled one, or promotion would reach who complained (I5). */
function compareInterest(a: Matter, b: Matter): number {
  return Number(isOpenMatter(a)) - Number(isOpenMatter(b)) || compareStamps(latestStamp(a), latestStamp(b));
}

function later<T extends Stamp>(known: T | undefined, heard: T | undefined): T | undefined {
  if (known === undefined || heard === undefined) return known ?? heard;
  return compareStamps(known, heard) < 0 ? heard : known;
}

/** Takes one end of a matter in; undefined when only the journal can tell. */
export function mergeMatter<Opened extends object>(
  matters: Matters<Opened> | undefined,
  heard: Matter<Opened>,
): Matters<Opened> | undefined {
  const { known: all, dropped } = matters ?? { known: [] };
  const before = all.find((each) => each.id === heard.id);
  if (before === undefined && dropped) return undefined;
  const opened = later(before?.opened, heard.opened);
  const closed = later(before?.closed, heard.closed);
  const merged: Matter<Opened> = { id: heard.id, ...(opened && { opened }), ...(closed && { closed }) };
  // One that is settled may now matter less than one that was dropped.
  if (dropped && before !== undefined && isOpenMatter(before) && !isOpenMatter(merged)) return undefined;
  const known = [...all.filter((each) => each !== before), merged].toSorted(compareInterest);
  return { known, ...(dropped && { dropped }) };
}

/** Without what is beyond the number kept; the same object when nothing is. */
export function trimMatters<Opened extends object>(matters: Matters<Opened>): Matters<Opened> {
  if (matters.known.length <= MATTERS_KEPT) return matters;
  return { known: matters.known.slice(-MATTERS_KEPT), dropped: true };
}
