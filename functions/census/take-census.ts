/**
 * The nightly census: counts all customers, then compares each with the count and announces who became a key account
 * or ceases to be one; once a week it also fits the rule of silence to what was counted, and counts whom that would move.
 * Counting ends before comparing begins, so that the order in which customers are read decides nothing. What has been read is written down about once a minute: whoever goes on begins there, and of two at once the one
 * that comes second to writing gives up.
 */
import { createHash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Announcement, Announcer } from '../../shared/adapters/announcer.ts';
import type { Census, CensusStore } from '../../shared/adapters/census-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { ANNOUNCED, CENSUS_SOURCE } from '../../shared/contracts/bus.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { Counter, NO_EVIDENCE, NOTHING_COUNTED } from '../../shared/lifecycle/census/count.ts';
import { comparisonOf, type Figures, figuresOf } from '../../shared/lifecycle/census/figures.ts';
import { inForce, type Regime, separationOf } from '../../shared/lifecycle/census/holdout.ts';
import type { MoveCounter } from '../../shared/lifecycle/census/moves.ts';
import { isToBeFitted, movesUnder, type Proposal, propose } from '../../shared/lifecycle/census/proposal.ts';
import { changeOfRank, type Rank, Ranking } from '../../shared/lifecycle/census/ranking.ts';
import { accountRanked } from '../../shared/lifecycle/events/account-ranked.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { type Duration, type Instant, MINUTE, utcDay } from '../../shared/lifecycle/time.ts';

/** Progress is written down at least every so many pages, about once a minute. */
const PAGES_PER_SAVE = 500;

/** Left of the function's time when it stops reading: enough for a page, an announcement and the last write. */
const RESERVE: Duration = 2 * MINUTE;

export interface CensusServices {
  readonly census: CensusStore;
  readonly announcer: Announcer;
  readonly meter: Meter;
  readonly playbook: Playbook;
  /** Who is held out, and whether the others are mailed. */
  readonly regime: Regime;
  readonly now: () => Instant;
  /** Waits between two pages. */
  readonly pause: () => Promise<void>;
  /** Milliseconds this invocation may still take. */
  readonly timeLeft: () => Duration;
}

/** Somebody else goes on with the same census; there is nothing left to do here. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/**
 * Takes the census of the night of `scheduledAt`, or goes on with it. One that is finished is not taken again.
 *
 * @throws AnnouncementFailed and faults of the store: invoke again, it goes on where it stood
 */
export async function takeCensus(services: CensusServices, scheduledAt: Instant, logger: Logger): Promise<void> {
  const { census: store, announcer } = services;
  const known = await store.read();
  const isOfTonight = known !== undefined && utcDay(known.at) === utcDay(scheduledAt);
  if (isOfTonight && known.phase === 'done') return;
  try {
    const begun = isOfTonight ? goOn(services, known) : begin(services, known, scheduledAt);
    const counted = begun.phase === 'counting' ? await countAll(services, begun) : begun;
    const ended = counted.phase === 'ranking' ? await rankAll(services, counted) : counted;
    if (ended.phase === 'done') return report(services, ended, logger);
    await announcer.announce([unfinished(ended, services.now())]);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    logger.info('another invocation goes on with this census');
  }
}

function begin({ playbook, regime }: CensusServices, last: Census | undefined, at: Instant): Census {
  const isFitted = isToBeFitted(last?.figures?.proposal, playbook.stages.cadence, at);
  return {
    version: last?.version ?? 0,
    at,
    phase: 'counting',
    count: isFitted ? { ...NOTHING_COUNTED, evidence: NO_EVIDENCE } : NOTHING_COUNTED,
    changes: 0,
    force: inForce(regime, last?.force, at),
    ...(last?.figures && { figures: last.figures }),
  };
}

/** A deployment may have come between, with another regime; or with code that counts more than the one before it. */
function goOn({ regime }: CensusServices, known: Census): Census {
  return { ...known, count: { ...NOTHING_COUNTED, ...known.count }, force: inForce(regime, known.force, known.at) };
}

/** @throws Overtaken */
async function save({ census }: CensusServices, changed: Census): Promise<Census> {
  const next = { ...changed, version: changed.version + 1 };
  // On condition of the version that was read: two who count at once would count twice.
  if (!(await census.save(next, changed.version))) throw new Overtaken('the census was written by somebody else');
  return next;
}

type Page = Awaited<ReturnType<CensusStore['page']>>;

/**
 * Reads on from where the census stands, to the end or until the time is up.
 *
 * @param take what is done with each page before the place after it is written down
 * @param state what the census is to say after it
 * @returns the census, with `after` left out when all has been read
 */
async function readOn(
  services: CensusServices,
  from: Census,
  take: (page: Page) => Promise<void>,
  state: () => Partial<Pick<Census, 'count' | 'changes' | 'proposal'>>,
): Promise<{ readonly census: Census; readonly isOver: boolean }> {
  let saved = from;
  let after = from.after;
  for (let pages = 1; ; pages += 1) {
    const page = await services.census.page(after);
    await take(page);
    const { after: _before, ...rest } = saved;
    if (page.next === undefined) return { census: { ...rest, ...state() }, isOver: true };
    after = page.next;
    const isTimeUp = services.timeLeft() < RESERVE;
    if (isTimeUp || pages % PAGES_PER_SAVE === 0) saved = await save(services, { ...rest, ...state(), after });
    if (isTimeUp) return { census: saved, isOver: false };
    await services.pause();
  }
}

async function countAll(services: CensusServices, census: Census): Promise<Census> {
  const { playbook, regime } = services;
  const counter = new Counter(census.count, separationOf(regime, census.force, census.at));
  const { census: read, isOver } = await readOn(
    services,
    census,
    async ({ customers }) => {
      for (const each of customers) counter.add(each, playbook, census.at);
    },
    () => ({ count: counter.count }),
  );
  // Not written down for its own sake: in a shop of one page both phases are over within the second.
  return isOver ? fit(services, { ...read, phase: 'ranking' }) : read;
}

/**
 * Makes of the evidence a proposal: the same however often it is made. Ten thousand customers take a processor one second,
 * the function's share of one about seven, which the reserve has room for.
 */
function fit({ playbook }: CensusServices, census: Census): Census {
  const { evidence, ...count } = census.count;
  if (evidence === undefined) return census;
  return { ...census, count, proposal: propose(playbook.stages.cadence, evidence, census.at) };
}

async function rankAll(services: CensusServices, census: Census): Promise<Census> {
  const { playbook, announcer, regime } = services;
  const ranking = new Ranking(census.count);
  const { proposal } = census;
  const moved = proposal?.verdict === 'proposed' ? movesUnder(proposal, playbook.stages) : undefined;
  let { changes } = census;
  const { census: read, isOver } = await readOn(
    services,
    census,
    async ({ customers }) => {
      const announcements = customers.flatMap((each): Announcement[] => {
        moved?.add(each.facts);
        const rank = changeOfRank(each, ranking, playbook, census.at);
        if (rank === undefined) return [];
        changes += rank.keyAccount ? 1 : -1;
        return [ranked(each.customerId, rank, census.at)];
      });
      await announcer.announce(announcements);
    },
    () => ({ changes, ...withMoves(proposal, moved) }),
  );
  if (!isOver) return read;
  const { proposal: fitted, ...rest } = read;
  const known = fitted ?? census.figures?.proposal;
  const found = figuresOf(read.count, changes, playbook, census.at);
  const { force } = read;
  const figures = {
    ...found,
    ...(force && { comparison: comparisonOf(read.count, regime, force, census.at, found) }),
    ...(known && { proposal: known }),
  };
  return save(services, { ...rest, phase: 'done', count: NOTHING_COUNTED, figures });
}

function withMoves(proposal: Proposal | undefined, moved: MoveCounter | undefined): Pick<Census, 'proposal'> {
  return proposal?.verdict === 'proposed' && moved ? { proposal: { ...proposal, moves: moved.moves } } : {};
}

/** Characters of the hash in an id: 132 bits, so that no two ever meet. */
const HASH_LENGTH = 22;

/** The id is made of everything the event says: said again after a crash it is the same, unless it says something else. */
function ranked(customerId: string, rank: Rank, at: Instant): Announcement {
  const data = { customerId, ...rank };
  const hash = createHash('sha256').update(JSON.stringify([at, data]));
  const id = `ranked-${hash.digest('base64url').slice(0, HASH_LENGTH)}`;
  return { detailType: accountRanked.type, source: CENSUS_SOURCE, id, occurredAt: at, data };
}

function unfinished({ at, version, phase }: Census, now: Instant): Announcement {
  const id = `census/${new Date(at).toISOString()}/${version}`;
  return { detailType: ANNOUNCED.censusUnfinished, id, occurredAt: now, data: { phase } };
}

const PERCENT = 100;

function report({ meter }: CensusServices, { figures }: Census, logger: Logger): void {
  if (figures === undefined) return;
  const { people, longOpen, keyAccounts, revenue, tooManyDiscounts, comparison } = figures;
  meter.count(METRIC.openComplaintsOld, {}, longOpen);
  meter.count(METRIC.tooManyDiscounts, {}, tooManyDiscounts ? 1 : 0);
  if (comparison?.kind === 'compared') {
    const { low, high } = comparison.rate.difference;
    for (const value of [low, high]) meter.count(METRIC.holdoutUplift, {}, PERCENT * value);
  }
  logger.info('the census is taken', { people, longOpen, keyAccounts, revenue, comparison });
  if (tooManyDiscounts) {
    logger.warn('so much of the revenue is discounted that the shop depends on it', {
      percent: discountedPercent(figures),
    });
  }
}

function discountedPercent({ revenue }: Figures): number {
  return Math.round(PERCENT * (revenue[0]?.discounted ?? 0));
}
