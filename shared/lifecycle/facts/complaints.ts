/**
 * Complaints: open when opened later than resolved, and younger than the maximum age, whichever event arrives first.
 * Both ends keep their latest stamp, so opening and resolving commute.
 */
import type { Duration } from '../time.ts';
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
}

export interface Complaints {
  /** Settled ones before open ones, then by the later of the two stamps, ascending. */
  readonly known: readonly Complaint[];
  /** Complaints have been dropped: an unknown id may be one of them. */
  readonly dropped?: true;
}

function toMatter({ complaintId, opened, resolved }: Complaint): Matter<Opened> {
  return { id: complaintId, ...(opened && { opened }), ...(resolved && { closed: resolved }) };
}

function toComplaint({ id, opened, closed }: Matter<Opened>): Complaint {
  return { complaintId: id, ...(opened && { opened }), ...(closed && { resolved: closed }) };
}

/** Opened, and not resolved since; whether it is too old to matter is the policy's business. */
export function isOpen({ opened, resolved }: Complaint): boolean {
  return isStillOpen(opened, resolved);
}

/** Takes one end of a complaint in; undefined when only the journal can tell. */
export function mergeComplaint(complaints: Complaints, heard: Complaint): Complaints | undefined {
  const matters = mergeMatter({ ...complaints, known: complaints.known.map(toMatter) }, toMatter(heard));
  return matters && { ...matters, known: matters.known.map(toComplaint) };
}

export function trimComplaints(complaints: Complaints): Complaints {
  if (complaints.known.length <= MATTERS_KEPT) return complaints;
  const matters = trimMatters({ ...complaints, known: complaints.known.map(toMatter) });
  return { ...matters, known: matters.known.map(toComplaint) };
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
  // Also who was put right within the same millisecond was let down: the days of rest after it begin here.
  return { from: opened.at, to: Math.max(opened.at + 1, Math.min(resolved.at, latest)) };
}
