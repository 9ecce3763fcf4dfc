/**
 * Matters that are opened and closed: complaints, stopped renewals, requested changes. Both ends keep their latest
 * stamp, and what was opened again after it was closed is remembered to have been; what arrives late is taken in with the
 * whole journal, so that opening and closing commute.
 */
import { DAY, type Duration, type Instant, NEVER } from '../time.ts';
import type { Span } from '../traits/spans.ts';
import { fitting } from './digest.ts';
import { compareStamps, type Stamp } from './order-by-time.ts';

export interface Matter<Opened extends object = object> {
  readonly id: string;
  readonly opened?: Stamp & Opened;
  readonly closed?: Stamp;
  /** When it was opened first, where that was said again since without its having been closed. */
  readonly since?: Instant;
  /** The longest times between two such openings, ascending, each of them by whole days longer than those after it. */
  readonly waits?: readonly Span[];
  /** When it was open before: the newest spans, ascending. */
  readonly earlier?: readonly EarlierSpan[];
}

export interface EarlierSpan extends Span {
  /** When that was said last, where it was said more than once. */
  readonly said?: Instant;
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
export type Changes = Matters<{
  /** The cost is known. */
  readonly priced: boolean;
  /** Of what is to be changed and what that means: other terms are another request. */
  readonly terms?: number;
  /** When it would be delivered then. */
  readonly newDate?: Instant;
  /** The order that is to be changed, where it was named. */
  readonly orderId?: string;
}>;

/** Nobody has more than this many matters of one kind of interest at once; older ones are in the journal. */
export const MATTERS_KEPT = 8;
/** Whoever comes back to the same matter more often than this is remembered to have done so the last few times. */
const EARLIER_KEPT = 3;
/** What is said again sooner than this goes on, whatever the playbook says: a matter lasts for a day at least. */
export const SHORTEST_WAIT: Duration = DAY;
/** A change nobody confirmed by then will not be made. */
export const CHANGE_LASTS: Duration = 30 * DAY;
/** Between the id of a matter and the time it was opened again. */
const AGAIN = '~';

/**
 * A name for what a matter was opened for first: its id; marked where that looks like a name made here, so that no id of
 * a shop is taken for one.
 */
export function firstOpeningId(id: string): string {
  return matterIdOf(id) === id ? id : fitting(id, AGAIN.length) + AGAIN;
}

/** A name for what a matter was opened for at a later time. */
export function openingId(id: string, at: Instant): string {
  const time = AGAIN + at.toString(36);
  return fitting(id, time.length) + time;
}

/** The id of the matter that an opening is named after, unless it was too long to be named in full. */
export function matterIdOf(opening: string): string {
  // Times of this century and the next have eight characters, or nine; the mark of a first opening has none.
  return opening.replace(/~(?:[0-9a-z]{8,9})?$/u, '');
}

/** What the present opening of a matter goes by. */
export function openedAs({ id, opened, since, earlier }: Matter): string {
  return earlier === undefined || opened === undefined ? firstOpeningId(id) : openingId(id, since ?? opened.at);
}

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

/** Whether what is opened says again what is open already, instead of something new. */
type GoesOn<Opened> = (before: Stamp & Opened, heard: Stamp & Opened) => boolean;

function wholeDays({ from, to }: Span): number {
  return Math.floor((to - from) / DAY);
}

/**
 * The waits with one more. Those that are no day longer than a later one say nothing new: from when on a matter has been
 * open without a wait of some days, the last one of at least so many tells. So there are fewer than 2 √ of the days the
 * matter has been talked about, and the last one is always among them.
 */
function withWait(waits: readonly Span[] = [], { from, to }: Span): Pick<Matter, 'waits'> {
  if (to - from < SHORTEST_WAIT) return waits.length > 0 ? { waits } : {};
  const wait = { from, to };
  return { waits: [...waits.filter((each) => wholeDays(each) > wholeDays(wait)), wait] };
}

/** With the latest that was said of it. */
function withLatest<Opened extends object>(
  before: Matter<Opened>,
  { opened, closed }: Matter<Opened>,
  goesOn: GoesOn<Opened>,
  overAt: (opened: Stamp & Opened) => Instant,
): Matter<Opened> {
  if (opened === undefined) return { ...before, ...(closed && { closed }) };
  const { opened: first, closed: end, since, waits, earlier = [], ...rest } = before;
  const settled = end === undefined ? {} : { closed: end };
  if (first === undefined) return { ...rest, ...settled, opened };
  const from = since ?? first.at;
  const wasClosed = !isStillOpen(first, end) && end !== undefined && opened.at > end.at;
  const over = overAt(first);
  if (!wasClosed && goesOn(first, opened)) {
    // Where the matter is over by itself as the playbook says, that is read from the waits; else they say nothing.
    const waited = over === NEVER ? withWait(waits, { from: first.at, to: opened.at }) : {};
    return { ...before, opened, since: from, ...waited };
  }
  const to = Math.max(from, Math.min(wasClosed ? end.at : opened.at, over));
  const span: EarlierSpan = { from, to, ...(first.at > from && { said: first.at }) };
  return { ...rest, ...settled, opened, earlier: [...earlier, span].slice(-EARLIER_KEPT) };
}

/** Whether both ends can be taken in without knowing what else was said between them. */
function isLater({ opened, closed }: Matter, heard: Matter): boolean | undefined {
  if (opened === undefined && heard.opened !== undefined) return true;
  const order = compareStamps(
    latestStamp({ id: '', ...(opened && { opened }), ...(closed && { closed }) }),
    latestStamp(heard),
  );
  return order === 0 ? undefined : order < 0;
}

/**
 * Takes one end of a matter in; undefined when only the journal can tell.
 *
 * @param goesOn whether an opening continues the one before, which nobody has closed
 * @param overAt when it is over by itself; never where that is for the playbook to say
 */
export function mergeMatter<Opened extends object>(
  matters: Matters<Opened> | undefined,
  heard: Matter<Opened>,
  goesOn: GoesOn<Opened> = () => true,
  overAt: (opened: Stamp & Opened) => Instant = () => NEVER,
): Matters<Opened> | undefined {
  const { known: all, dropped } = matters ?? { known: [] };
  const before = all.find((each) => each.id === heard.id);
  if (before === undefined && dropped) return undefined;
  const isNext = before === undefined || isLater(before, heard);
  if (isNext === undefined) return matters;
  if (!isNext) return undefined;
  const merged = before === undefined ? heard : withLatest(before, heard, goesOn, overAt);
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
