/**
 * What the ledger knows and the profile has forgotten: messages that ended, and how often a series has begun. The ledger
 * is written once and not with the profile, so where the two differ it counts, and nothing in it is sent again.
 */
import { dropEnded, type LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { forget, triedAgain } from '../../shared/lifecycle/customer/decide.ts';
import { parseKey, placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Episode, Living } from '../../shared/lifecycle/customer/profile.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Duration, type Instant } from '../../shared/lifecycle/time.ts';

/** The customer who remembers what the ledger says of this life, as far as it still matters at `t`. */
export function withLedger(customer: Living, ledger: readonly LedgerEntry[], playbook: Playbook, t: Instant): Living {
  const own = ledger
    .filter(({ key }) => parseKey(key)?.life === customer.life)
    .toSorted((one, other) => one.endedAt - other.endedAt);
  const known = new Set([...customer.recent, ...customer.closed].map(({ key }) => key));
  let remembering = customer;
  for (const entry of own) {
    // One that is closing is about to be found in the ledger by whoever finishes it.
    if (known.has(entry.key) || entry.key in customer.closing) continue;
    remembering = dropEnded(remembering, entry.key, entry, entry, playbook);
  }
  const episodes = withEpisodes(remembering.episodes, own, playbook);
  const recent = remembering.recent.toSorted((one, other) => one.at - other.at);
  return forget({ ...remembering, recent, episodes }, playbook, t);
}

/** Keys of messages that ended and that only the first of the two does not remember. */
export function forgottenKeys(before: Living, after: Living): readonly string[] {
  const known = new Set([...before.recent, ...before.closed].map(({ key }) => key));
  return [...new Set([...after.recent, ...after.closed].map(({ key }) => key))].filter((key) => !known.has(key));
}

interface ToldEpisode extends Episode {
  /** The latest moment of a mail of it. */
  readonly lastAt: Instant;
}

/** As long as a message that ended unsent is remembered with the profile, about. */
const LATELY: Duration = 7 * DAY;

/** Whether another message of a series ended unsent not long before. */
function isUnsentBeside(
  { key, moment, outcome }: LedgerEntry,
  of: Pick<LedgerEntry, 'key' | 'moment'>,
  seriesId: string,
  playbook: Playbook,
): boolean {
  if (key === of.key || outcome === 'sent' || moment > of.moment || moment < of.moment - LATELY) return false;
  return placedOf(key, playbook)?.series.id === seriesId;
}

/** The newest episode of each numbered series that the ledger tells of. */
function episodesIn(ledger: readonly LedgerEntry[], playbook: Playbook): ReadonlyMap<string, ToldEpisode> {
  const told = new Map<string, ToldEpisode>();
  for (const { key, moment, reason } of ledger) {
    const series = placedOf(key, playbook)?.series;
    const n = Number(parseKey(key)?.episode);
    if (series === undefined || series.trigger === 'case' || series.trigger === 'campaign' || !Number.isInteger(n)) {
      continue;
    }
    const known = told.get(series.id);
    if (known !== undefined && n < known.n) continue;
    const [first, last] = known?.n === n ? [known.beganAt, known.lastAt] : [moment, moment];
    const others = ledger.filter((each) => isUnsentBeside(each, { key, moment }, series.id, playbook)).length;
    const episode = triedAgain({ n, beganAt: Math.min(moment, first) }, key, reason, playbook, others);
    told.set(series.id, { ...episode, lastAt: Math.max(moment, last) });
  }
  return told;
}

/** An episode the ledger tells of keeps its number: under another one, its mails would go out once more. */
function withEpisodes(
  episodes: Living['episodes'],
  ledger: readonly LedgerEntry[],
  playbook: Playbook,
): Living['episodes'] {
  const all: Record<string, Episode> = { ...episodes };
  for (const [id, { n, beganAt }] of episodesIn(ledger, playbook)) {
    const known = all[id];
    if (known === undefined || known.n < n) all[id] = { n, beganAt: Math.max(beganAt, known?.beganAt ?? beganAt) };
  }
  return all;
}

/**
 * The episodes of a customer of whom only journal and ledger are left.
 *
 * @param walked as they begin when the journal is walked through; under other rules or with events in another order they
 * were counted differently
 */
export function episodesAnew(
  walked: Living['episodes'],
  ledger: readonly LedgerEntry[],
  playbook: Playbook,
): Living['episodes'] {
  const told = episodesIn(ledger, playbook);
  const all: Record<string, Episode> = {};
  for (const series of playbook.programmes.flatMap((programme) => programme.series)) {
    const [began, last] = [walked[series.id], told.get(series.id)];
    // An interval counts the mails themselves: only the ledger knows how many there were.
    if (began === undefined || series.trigger === 'interval') {
      if (last !== undefined) all[series.id] = { n: last.n, beganAt: last.beganAt };
      continue;
    }
    if (last === undefined) all[series.id] = began;
    // Else it has begun again since the last mail of it.
    else if (last.lastAt >= began.beganAt) all[series.id] = { n: last.n, beganAt: began.beganAt };
    else all[series.id] = { n: Math.max(began.n, last.n + 1), beganAt: began.beganAt };
  }
  return all;
}
