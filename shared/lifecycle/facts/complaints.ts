/**
 * Complaints: open when opened later than resolved, and younger than the maximum age, whichever event arrives first.
 * Both ends keep their latest stamp, so opening and resolving commute.
 */
import type { Duration, Instant } from '../time.ts';
import type { Span } from '../traits/spans.ts';
import { isStillOpen, type Matter, MATTERS_KEPT, mergeMatter, trimMatters } from './matters.ts';
import type { Stamp } from './order-by-time.ts';

export const SEVERITIES = ['low', 'normal', 'high'] as const;

interface Opened {
  readonly severity: (typeof SEVERITIES)[number];
}

/** A matter by the names people use for it. */
export interface Complaint {
  readonly complaintId: string;
  readonly opened?: Stamp & Opened;
  readonly resolved?: Stamp;
  readonly since?: Instant;
  readonly earlier?: readonly Span[];
}

export interface Complaints {
  /** Settled ones before open ones, then by the later of the two stamps, ascending. */
  readonly known: readonly Complaint[];
  /** Complaints have been dropped: an unknown id may be one of them. */
  readonly dropped?: true;
}

export function asMatter({ complaintId: id, resolved: closed, ...rest }: Complaint): Matter<Opened> {
  return { id, ...rest, ...(closed && { closed }) };
}

function asComplaint({ id: complaintId, closed: resolved, ...rest }: Matter<Opened>): Complaint {
  return { complaintId, ...rest, ...(resolved && { resolved }) };
}

/** Opened, and not resolved since; whether it is too old to matter is the policy's business. */
export function isOpen({ opened, resolved }: Complaint): boolean {
  return isStillOpen(opened, resolved);
}

/** Whether it had been closed as unknown before it was opened again. */
export function lapsedBetween({ opened, since }: Complaint, maximumAge: Duration): boolean {
  return opened !== undefined && since !== undefined && opened.at >= since + maximumAge;
}

/** Takes one end of a complaint in; undefined when only the journal can tell. */
export function mergeComplaint(complaints: Complaints, heard: Complaint): Complaints | undefined {
  const matters = mergeMatter({ ...complaints, known: complaints.known.map(asMatter) }, asMatter(heard));
  return matters && { ...matters, known: matters.known.map(asComplaint) };
}

export function trimComplaints(complaints: Complaints): Complaints {
  if (complaints.known.length <= MATTERS_KEPT) return complaints;
  const matters = trimMatters({ ...complaints, known: complaints.known.map(asMatter) });
  return { ...matters, known: matters.known.map(asComplaint) };
}

/**
 * When this complaint kept the customer dissatisfied before it was opened again.
 *
 * @param maximumAge after which a complaint nobody resolved is closed as unknown
 */
export function earlierSpansOf(complaint: Complaint, maximumAge: Duration): readonly Span[] {
  const { earlier = [], since } = complaint;
  const settled = earlier.map(({ from, to }) => ({ from, to: Math.max(from + 1, Math.min(to, from + maximumAge)) }));
  if (since === undefined || !lapsedBetween(complaint, maximumAge)) return settled;
  return [...settled, { from: since, to: since + maximumAge }];
}

/**
 * When this complaint keeps the customer dissatisfied, or undefined when it is only known as resolved.
 *
 * @param maximumAge after which a complaint nobody resolved is closed as unknown
 */
export function spanOf(complaint: Complaint, maximumAge: Duration): Span | undefined {
  const { opened, resolved, since } = complaint;
  if (opened === undefined) return undefined;
  const latest = opened.at + maximumAge;
  const from = lapsedBetween(complaint, maximumAge) ? opened.at : (since ?? opened.at);
  if (resolved === undefined || isOpen(complaint)) return { from, to: latest };
  // Also who was put right within the same millisecond was let down: the days of rest after it begin here.
  return { from, to: Math.max(opened.at + 1, Math.min(resolved.at, latest)) };
}
