/**
 * What the customer looked at, in a few words: a pure function of the looks kept in an item of their own, small enough
 * for the profile. Times that only move on are rounded up to the day, favourites change once a day, and counts above the
 * thresholds are left out, so that a person costs few writes a day.
 */
import { DAY, type Duration, type Instant, MINUTE, utcDay } from '../time.ts';
import { merged, type Span } from '../traits/spans.ts';
import { type Browsing, type FirstLook, isView, type Look, LOOKS_LAST } from './looks.ts';

export interface Interest {
  /** The latest look, rounded up to the day. */
  readonly latest: Instant;
  /** The day the interest of which the latest look is a part began; left out when that look is all of it. */
  readonly since?: Instant;
  /** When there was interest before: the newest spans, ascending, each up to the pause after its last look. */
  readonly earlier?: readonly Span[];
  /** Views and visits within the time that makes a looker; left out when there are more, for then nobody counts them. */
  readonly looked?: {
    readonly since: Instant;
    readonly until: Instant;
    readonly views: number;
    readonly visits: number;
  };
  /** A problem is being studied: since when, until when if nothing further is looked at, and by what it shows. */
  readonly studied?: {
    readonly since: Instant;
    readonly until: Instant;
    readonly by: 'specification' | 'comparison' | 'download' | 'category';
    readonly count: number;
    readonly days: number;
  };
  /** The same product on several days: since when that is so. */
  readonly pondered?: { readonly since: Instant; readonly sku: string; readonly days: number };
  /** The first look of all, and the times of the first views: one more than whoever buys at once may have. */
  readonly first: FirstLook;
  /** What mails speak of: the article and the category looked at most, or what was named last. */
  readonly sku?: string;
  readonly category?: string;
}

/** The thresholds, as the playbook has them. */
export interface InterestPolicy {
  readonly looker: { readonly views: number; readonly visits: number; readonly within: Duration };
  readonly researcher: {
    readonly studies: number;
    readonly categoryViews: number;
    readonly within: Duration;
    readonly quiet: Duration;
  };
  readonly hesitant: { readonly days: number; readonly within: Duration };
  readonly impulse: { readonly views: number };
  readonly interested: { readonly lasts: Duration };
}

/** Spans of interest that are kept: with the pauses between them they reach back further than any series waits. */
const STRETCHES_KEPT = 6;

/** Whoever comes back after so long makes another visit; the usual length of a session on the web. */
const VISIT_ENDS_AFTER: Duration = 30 * MINUTE;

function ceilToDay(at: Instant): Instant {
  return Math.ceil(at / DAY) * DAY;
}

function floorToDay(at: Instant): Instant {
  return Math.floor(at / DAY) * DAY;
}

/** Days from the one to the other, both counted. */
function daysFrom(first: Instant, last: Instant): number {
  return utcDay(last) - utcDay(first) + 1;
}

function isStudy({ kind }: Look): boolean {
  return kind === 'comparison' || kind === 'specification';
}

/** The looks of the time that ends with the last of them. */
function newest(looks: readonly Look[], within: Duration, last: Instant): readonly Look[] {
  return looks.filter(({ at }) => at > last - within);
}

function lookedIn(looks: readonly Look[], policy: InterestPolicy, last: Instant): Interest['looked'] {
  const { views: mostViews, visits: mostVisits, within } = policy.looker;
  const views = newest(looks, within, last).filter(isView);
  const [first] = views;
  if (first === undefined) return undefined;
  const visits = views.filter(({ at }, index) => at - (views[index - 1]?.at ?? -Infinity) > VISIT_ENDS_AFTER).length;
  if (views.length > mostViews || visits > mostVisits) return undefined;
  return { since: first.at, until: ceilToDay(last + within), views: views.length, visits };
}

/** What a look, with those before it, shows of a problem that is being studied; undefined when it shows nothing. */
function evidenceAt(
  looks: readonly Look[],
  index: number,
  { studies, categoryViews, within }: InterestPolicy['researcher'],
): Pick<NonNullable<Interest['studied']>, 'by' | 'count' | 'days'> | undefined {
  const look = looks[index];
  if (look === undefined) return undefined;
  if (look.kind === 'download') return { by: 'download', count: 1, days: 1 };
  const before = newest(looks.slice(0, index + 1), within, look.at);
  const studied = before.filter(isStudy);
  const [firstStudy] = studied;
  if (isStudy(look) && firstStudy !== undefined && studied.length >= studies) {
    const comparisons = studied.filter(({ kind }) => kind === 'comparison').length;
    const by = comparisons * 2 > studied.length ? 'comparison' : 'specification';
    return { by, count: studied.length, days: daysFrom(firstStudy.at, look.at) };
  }
  const alike = before.filter((each) => isView(each) && each.category === look.category);
  const [firstAlike] = alike;
  if (look.category === undefined || firstAlike === undefined || alike.length < categoryViews) return undefined;
  return { by: 'category', count: alike.length, days: daysFrom(firstAlike.at, look.at) };
}

/** Looks without a pause longer than `quiet`, up to the last one. */
function lastStretch(looks: readonly Look[], quiet: Duration): readonly Look[] {
  const begins = looks.findLastIndex(({ at }, index) => at - (looks[index - 1]?.at ?? at) > quiet);
  return begins <= 0 ? looks : looks.slice(begins);
}

function studiedIn(
  { looks, dropped }: Browsing,
  policy: InterestPolicy['researcher'],
  last: Instant,
  previous: Interest['studied'],
): Interest['studied'] {
  const stretch = lastStretch(looks, policy.quiet);
  const until = ceilToDay(last + policy.quiet);
  // What was seen before the oldest look that is kept goes on, if there was no pause since.
  const oldest = looks[0];
  if (dropped && previous !== undefined && stretch.length === looks.length && oldest !== undefined) {
    if (previous.until >= oldest.at) return { ...previous, until };
  }
  for (const [index, { at: since }] of stretch.entries()) {
    const evidence = evidenceAt(stretch, index, policy);
    if (evidence !== undefined) return { since, until, ...evidence };
  }
  return undefined;
}

/**
 * When there was interest: from the day of a look for so long after it, which the next look prolongs. What was seen before
 * the oldest look that is kept is known from before.
 */
function stretchesIn(
  { looks, dropped }: Browsing,
  { lasts }: InterestPolicy['interested'],
  previous: Interest | undefined,
): readonly Span[] {
  const seen = looks.map(({ at }) => ({ from: ceilToDay(at) - DAY, to: ceilToDay(at) + lasts }));
  const [oldest] = seen;
  const known = dropped && previous !== undefined ? interestSpans(previous, lasts) : [];
  const before = known.filter(({ from }) => oldest !== undefined && from < oldest.from);
  return merged([...before, ...seen]).slice(-STRETCHES_KEPT);
}

/** When there was interest, up to so long after the latest look. Ascending and without overlap. */
export function interestSpans({ latest, since, earlier = [] }: Interest, lasts: Duration): readonly Span[] {
  return [...earlier, { from: since ?? latest - DAY, to: latest + lasts }];
}

/** When a product had been looked at on enough days, for the first time since it was last forgotten. */
function ponderedSince(
  times: readonly Instant[],
  { days, within }: InterestPolicy['hesitant'],
): { readonly since: Instant; readonly days: number; readonly last: Instant } | undefined {
  let found: { since: Instant; days: number; last: Instant } | undefined;
  for (const at of times) {
    const seen = new Set(times.filter((each) => each > at - within && each <= at).map(utcDay)).size;
    if (seen < days) continue;
    found =
      found !== undefined && at - found.last <= within ? { ...found, last: at } : { since: at, days: seen, last: at };
  }
  return found;
}

/** Of several products the one that was looked at so often first, as long as that goes on. */
function ponderedIn(
  { looks, dropped }: Browsing,
  policy: InterestPolicy['hesitant'],
  last: Instant,
  previous: Interest['pondered'],
): Interest['pondered'] {
  const timesOf = new Map<string, Instant[]>();
  for (const look of looks) {
    if (look.sku === undefined || !isView(look)) continue;
    const times = timesOf.get(look.sku) ?? [];
    times.push(look.at);
    timesOf.set(look.sku, times);
  }
  let earliest: NonNullable<Interest['pondered']> | undefined;
  for (const [sku, times] of timesOf) {
    const found = ponderedSince(times, policy);
    if (found === undefined || last - found.last > policy.within) continue;
    // The days that made it so may have been dropped since; that is no new beginning.
    const isSame = dropped && previous?.sku === sku && found.since - previous.since <= policy.within;
    const since = isSame ? Math.min(previous.since, found.since) : found.since;
    if (earliest === undefined || since < earliest.since) earliest = { since, sku, days: found.days };
  }
  return earliest;
}

/** What occurs most often; of several the one that came to be so first, so that it seldom changes. */
function mostOf(names: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>();
  let most: string | undefined;
  for (const name of names) {
    if (name === undefined) continue;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (most === undefined || count > (counts.get(most) ?? 0)) most = name;
  }
  return most;
}

/** Without a name lately, the last one stays. */
function favourite(
  nameOf: (look: Look) => string | undefined,
  { settled, lately, ever }: { readonly [T in 'settled' | 'lately' | 'ever']: readonly Look[] },
  previous: string | undefined,
): string | undefined {
  const latest = ever.findLast((look) => nameOf(look) !== undefined);
  return (
    mostOf(settled.map(nameOf)) ??
    lately.map(nameOf).find((name) => name !== undefined) ??
    (latest ? nameOf(latest) : previous)
  );
}

/**
 * What the looks come to; undefined when there are none.
 *
 * @param previous what they came to before: it counts only for what has been dropped since
 */
export function interestOf(browsing: Browsing, policy: InterestPolicy, previous?: Interest): Interest | undefined {
  // What is older might have been forgotten by the time of the next look: it never counts, but as the first.
  const looks = lastStretch(browsing.looks, LOOKS_LAST);
  const last = looks.at(-1)?.at;
  if (last === undefined || browsing.first === undefined) return undefined;
  const known = { ...browsing, looks };
  const looked = lookedIn(looks, policy, last);
  const studied = studiedIn(known, policy.researcher, last, previous?.studied);
  const pondered = ponderedIn(known, policy.hesitant, last, previous?.pondered);
  const stretches = stretchesIn(known, policy.interested, previous);
  const [earlier, since] = [stretches.slice(0, -1), stretches.at(-1)?.from];
  // What was looked at today counts tomorrow: it would change the favourites back and forth.
  const lately = newest(looks, policy.researcher.within, last);
  const settled = lately.filter(({ at }) => at < floorToDay(last));
  const among = { settled, lately, ever: browsing.looks };
  const sku = favourite((look) => look.sku, among, previous?.sku);
  const category = favourite((look) => look.category, among, previous?.category);
  // Looks that were forgotten for being too long ago still were the first.
  const isKnownEarlier = previous !== undefined && previous.first.at < browsing.first.at;
  const { at, views } = isKnownEarlier ? previous.first : browsing.first;
  return {
    latest: ceilToDay(last),
    ...(since !== undefined && since < ceilToDay(last) - DAY && { since }),
    ...(earlier.length > 0 && { earlier }),
    ...(looked && { looked }),
    ...(studied && { studied }),
    ...(pondered && { pondered }),
    first: { at, views: views.slice(0, policy.impulse.views + 1) },
    ...(sku !== undefined && { sku }),
    ...(category !== undefined && { category }),
  };
}

interface WithInterest {
  readonly interest?: Interest;
  readonly firstSeenAt?: Instant;
}

/** The facts with an interest, which may be what was seen first of the customer. */
export function withInterest<Facts extends WithInterest>(facts: Facts, interest: Interest | undefined): Facts {
  if (interest === undefined) return facts;
  return { ...facts, interest, firstSeenAt: Math.min(facts.firstSeenAt ?? Infinity, interest.first.at) };
}
