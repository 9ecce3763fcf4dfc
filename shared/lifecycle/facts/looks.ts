/**
 * What the customer looked at, one by one, of which the newest are kept: in an item of its own, never in the journal.
 * Union, then truncate, so the order of arrival does not matter.
 */
import { DAY, type Duration, type Instant } from '../time.ts';

export const LOOK_KINDS = ['product', 'comparison', 'specification', 'download'] as const;
type LookKind = (typeof LOOK_KINDS)[number];

export interface Look {
  /** Whole seconds: nobody looks at two things in one. */
  readonly at: Instant;
  /** {@link import('./digest.ts').hash32} of the event id: a repetition counts once. */
  readonly id: number;
  readonly kind: LookKind;
  readonly sku?: string;
  readonly category?: string;
}

/** The first look of all and the first views, which outlive the list. Exact, whenever the looks arrive. */
export interface FirstLook {
  readonly at: Instant;
  /** Times of the first {@link FIRST_VIEWS_KEPT} views, ascending: whether there were many before the first order. */
  readonly views: readonly Instant[];
}

export interface Browsing {
  /** Ascending by (at, id). */
  readonly looks: readonly Look[];
  readonly first?: FirstLook;
  /** Looks have been dropped: before the oldest there may have been others. */
  readonly dropped?: true;
}

export const NOTHING_SEEN: Browsing = { looks: [] };

/** More than the rules look at: eight views of a category, a product on three days, in two weeks. */
export const LOOKS_KEPT = 60;
/**
 * All looks together fit into so many bytes, so that writing them costs one unit of 1 KB whatever the names are, with
 * room for the key. Whoever keeps them needs {@link LOOK_BYTES} for each look and one more for each article and each category.
 */
export const LOOKS_ROOM = 760;
export const LOOK_BYTES = 10;

/** One more than any shop may allow to whoever buys at once. */
export const FIRST_VIEWS_KEPT = 8;

/** Without a look for so long, nothing of them is kept. */
export const LOOKS_LAST: Duration = 90 * DAY;

const SECOND = 1000;

const encoder = new TextEncoder();

/** The second in which an instant lies. */
export function secondOf(at: Instant): Instant {
  return Math.floor(at / SECOND) * SECOND;
}

function compareLooks(a: Look, b: Look): number {
  return a.at - b.at || a.id - b.id;
}

/** What a name takes, the first time. */
function roomFor(name: string | undefined, known: Set<string>): number {
  if (name === undefined || known.has(name)) return 0;
  known.add(name);
  return encoder.encode(name).length + 1;
}

/** The newest that fit, ascending. The more looks, the more room: so what did not fit once never fits again. */
function fitting(sorted: readonly Look[]): readonly Look[] {
  const articles = new Set<string>();
  const categories = new Set<string>();
  let room = LOOKS_ROOM;
  let kept = 0;
  for (const { sku, category } of sorted.toReversed()) {
    room -= LOOK_BYTES;
    room -= roomFor(sku, articles) + roomFor(category, categories);
    if (room < 0 || kept === LOOKS_KEPT) break;
    kept += 1;
  }
  return kept === sorted.length ? sorted : sorted.slice(sorted.length - kept);
}

/** A look at a page of a product; a download is none. */
export function isView({ kind }: Look): boolean {
  return kind !== 'download';
}

/** Union, then truncate; nobody looks at two things in one second. */
function firstOf({ first }: Browsing, [oldest, ...others]: readonly Look[]): FirstLook | undefined {
  if (oldest === undefined) return first;
  const seen = [oldest, ...others].filter(isView).map(({ at }) => at);
  const views = [...new Set([...(first?.views ?? []), ...seen])].toSorted((a, b) => a - b).slice(0, FIRST_VIEWS_KEPT);
  return { at: Math.min(first?.at ?? Infinity, oldest.at), views };
}

function isSameFirst(a: FirstLook | undefined, b: FirstLook | undefined): boolean {
  return a?.at === b?.at && a?.views.join() === b?.views.join();
}

/** Takes looks in, in whatever order and however often they arrive; the same object when nothing is new. */
export function addLooks(browsing: Browsing, heard: readonly Look[]): Browsing {
  const { looks, dropped } = browsing;
  const fresh = heard.filter(
    (look, index) => !looks.some(({ id }) => id === look.id) && heard.findIndex(({ id }) => id === look.id) === index,
  );
  if (fresh.length === 0) return browsing;
  const all = [...looks, ...fresh].toSorted(compareLooks);
  const kept = fitting(all);
  const first = firstOf(browsing, all);
  const isOld = kept.length === looks.length && kept.every((each, index) => each === looks[index]);
  if (isOld && dropped && isSameFirst(first, browsing.first)) return browsing;
  return { looks: kept, ...(first && { first }), ...((dropped || kept.length < all.length) && { dropped: true }) };
}

/** What is left when the looks up to an instant are forgotten; the same object when there are none. */
export function withoutLooksUntil(browsing: Browsing, until: Instant): Browsing {
  const { first } = browsing;
  if (first === undefined || first.at > until) return browsing;
  return addLooks(
    NOTHING_SEEN,
    browsing.looks.filter(({ at }) => at > until),
  );
}

/** When nothing of it is to be kept any more; undefined when there is nothing. */
export function forgottenAt({ looks }: Browsing): Instant | undefined {
  const last = looks.at(-1);
  return last && last.at + LOOKS_LAST;
}
