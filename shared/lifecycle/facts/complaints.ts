/**
 * Complaints: open when opened later than resolved, and younger than the maximum age, whichever event arrives first.
 * Both ends keep their latest stamp, so opening and resolving commute.
 */
import type { Duration, Instant } from '../time.ts';
import { compareStamps, type Stamp } from './order-by-time.ts';

export const SEVERITIES = ['low', 'normal', 'high'] as const;

export interface Complaint {
  readonly complaintId: string;
  readonly opened?: Stamp & { readonly severity: (typeof SEVERITIES)[number] };
  readonly resolved?: Stamp;
}

export interface Complaints {
  /** Settled ones before open ones, then by the later of the two stamps, ascending. */
  readonly known: readonly Complaint[];
  /** Complaints have been dropped: an unknown id may be one of them. */
  readonly dropped?: true;
}

/** Nobody has more than this many complaints of interest at once; older ones are in the journal. */
export const COMPLAINTS_KEPT = 8;

function latestStamp(complaint: Complaint): Stamp {
  const { opened, resolved } = complaint;
  if (opened === undefined) return resolved ?? { at: 0, id: '' };
  if (resolved === undefined) return opened;
  return compareStamps(opened, resolved) > 0 ? opened : resolved;
}

/** Opened, and not resolved since; whether it is too old to matter is the policy's business. */
export function isOpen({ opened, resolved }: Complaint): boolean {
  return opened !== undefined && (resolved === undefined || opened.at > resolved.at);
}

/** Ascending: an open complaint is never given up for a settled one, or promotion would reach its owner (I5). */
function compareInterest(a: Complaint, b: Complaint): number {
  return Number(isOpen(a)) - Number(isOpen(b)) || compareStamps(latestStamp(a), latestStamp(b));
}

function later<T extends Stamp>(known: T | undefined, heard: T | undefined): T | undefined {
  if (known === undefined || heard === undefined) return known ?? heard;
  return compareStamps(known, heard) < 0 ? heard : known;
}

/** Takes one end of a complaint in; undefined when only the journal can tell. */
export function mergeComplaint(complaints: Complaints, heard: Complaint): Complaints | undefined {
  const before = complaints.known.find((each) => each.complaintId === heard.complaintId);
  if (before === undefined && complaints.dropped) return undefined;
  const opened = later(before?.opened, heard.opened);
  const resolved = later(before?.resolved, heard.resolved);
  const merged: Complaint = {
    complaintId: heard.complaintId,
    ...(opened && { opened }),
    ...(resolved && { resolved }),
  };
  // One that is settled may now matter less than one that was dropped.
  if (complaints.dropped && before !== undefined && isOpen(before) && !isOpen(merged)) return undefined;
  const known = [...complaints.known.filter((each) => each !== before), merged].toSorted(compareInterest);
  return { ...complaints, known };
}

export function trimComplaints(complaints: Complaints): Complaints {
  if (complaints.known.length <= COMPLAINTS_KEPT) return complaints;
  return { known: complaints.known.slice(-COMPLAINTS_KEPT), dropped: true };
}

/** A span in which the customer was or is dissatisfied: from inclusive, to exclusive. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * When this complaint kept the customer dissatisfied, or undefined when it is only known as resolved.
 *
 * @param maximumAge after which a complaint nobody resolved is closed as unknown
 */
export function spanOf(complaint: Complaint, maximumAge: Duration): Span | undefined {
  const { opened, resolved } = complaint;
  if (opened === undefined) return undefined;
  const latest = opened.at + maximumAge;
  if (resolved === undefined || isOpen(complaint)) return { from: opened.at, to: latest };
  return { from: opened.at, to: Math.min(resolved.at, latest) };
}
