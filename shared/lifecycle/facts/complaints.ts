/**
 * Complaints: open when opened later than resolved, and younger than the maximum age, whichever event arrives first.
 * Both ends keep their latest stamp, so opening and resolving commute.
 */
import type { Duration, Instant } from '../time.ts';
import type { Span } from '../traits/spans.ts';
import {
  type EarlierSpan,
  isStillOpen,
  type Matter,
  MATTERS_KEPT,
  mergeMatter,
  openedAs,
  openingId,
  trimMatters,
} from './matters.ts';
import { compareStamps, type Stamp } from './order-by-time.ts';

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
  readonly waits?: readonly Span[];
  readonly earlier?: readonly EarlierSpan[];
}

export interface Complaints {
  /** Settled ones before open ones, then by the later of the two stamps, ascending. */
  readonly known: readonly Complaint[];
  /** Complaints have been dropped: an unknown id may be one of them. */
  readonly dropped?: true;
}

function asMatter({ complaintId: id, resolved: closed, ...rest }: Complaint): Matter<Opened> {
  return { id, ...rest, ...(closed && { closed }) };
}

function asComplaint({ id: complaintId, closed: resolved, ...rest }: Matter<Opened>): Complaint {
  return { complaintId, ...rest, ...(resolved && { resolved }) };
}

/** Opened, and not resolved since; whether it is too old to matter is the policy's business. */
export function isOpen({ opened, resolved }: Complaint): boolean {
  return isStillOpen(opened, resolved);
}

/** The waits in which it was closed as unknown before it was opened again. */
function lapsesOf({ waits = [] }: Complaint, maximumAge: Duration): readonly Span[] {
  return waits.filter(({ from, to }) => to - from >= maximumAge);
}

/**
 * When the present opening was said first; undefined when it is only known as resolved.
 *
 * @param maximumAge after which a complaint nobody resolved is closed as unknown
 */
export function openSince(complaint: Complaint, maximumAge: Duration): Instant | undefined {
  return lapsesOf(complaint, maximumAge).at(-1)?.to ?? complaint.since ?? complaint.opened?.at;
}

/**
 * What the present opening goes by: said again of what is open it is the same one, and another one when that had been
 * resolved, or closed as unknown.
 *
 * @param maximumAge after which a complaint nobody resolved is closed as unknown
 */
export function complaintOpenedAs(complaint: Complaint, maximumAge: Duration): string {
  const lapse = lapsesOf(complaint, maximumAge).at(-1);
  return lapse === undefined ? openedAs(asMatter(complaint)) : openingId(complaint.complaintId, lapse.to);
}

/** Takes one end of a complaint in; undefined when only the journal can tell. */
export function mergeComplaint(complaints: Complaints, heard: Complaint): Complaints | undefined {
  const matters = mergeMatter({ ...complaints, known: complaints.known.map(asMatter) }, asMatter(heard));
  return matters && { ...matters, known: matters.known.map(asComplaint) };
}

/**
 * Takes in what the customer says themselves about a complaint: who says that it is settled closes it, and who says that
 * it is not opens it again, as bad as it was. The same complaints where that is how it stands; undefined when only the
 * journal can tell.
 */
export function withVerdict(
  complaints: Complaints,
  complaintId: string,
  heard: Stamp,
  isSettled: boolean,
): Complaints | undefined {
  const known = complaints.known.find((each) => each.complaintId === complaintId);
  if (known === undefined) return complaints.dropped ? undefined : complaints;
  const { opened, resolved } = known;
  if ([opened, resolved].some((end) => end !== undefined && compareStamps(end, heard) > 0)) return undefined;
  if (opened === undefined || isOpen(known) !== isSettled) return complaints;
  if (isSettled) return mergeComplaint(complaints, { complaintId, resolved: heard });
  const { at, id } = heard;
  return mergeComplaint(complaints, { complaintId, opened: { at, id, severity: opened.severity } });
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
  const settled = earlier.map(({ from, to, said = from }) => ({
    from,
    to: Math.max(from + 1, Math.min(to, said + maximumAge)),
  }));
  if (since === undefined) return settled;
  const lapses = lapsesOf(complaint, maximumAge);
  return [
    ...settled,
    ...lapses.map(({ from: said }, index) => ({ from: lapses[index - 1]?.to ?? since, to: said + maximumAge })),
  ];
}

/**
 * When this complaint keeps the customer dissatisfied, or undefined when it is only known as resolved.
 *
 * @param maximumAge after which a complaint nobody resolved is closed as unknown
 */
export function spanOf(complaint: Complaint, maximumAge: Duration): Span | undefined {
  const { opened, resolved } = complaint;
  const from = openSince(complaint, maximumAge);
  if (opened === undefined || from === undefined) return undefined;
  const latest = opened.at + maximumAge;
  if (resolved === undefined || isOpen(complaint)) return { from, to: latest };
  // Also who was put right within the same millisecond was let down: the days of rest after it begin here.
  return { from, to: Math.max(opened.at + 1, Math.min(resolved.at, latest)) };
}
