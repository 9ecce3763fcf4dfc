/**
 * The nightly census: counts all customers, then compares each with the count and announces who became a key account
 * or ceases to be one. Counting ends before comparing begins, so that the order in which customers are read decides
 * nothing. What has been read is written down about once a minute: whoever goes on begins there, and of two at once the one
 * that comes second to writing gives up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Announcement, Announcer } from '../../shared/adapters/announcer.ts';
import type { Census, CensusStore } from '../../shared/adapters/census-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { ANNOUNCED, CENSUS_SOURCE } from '../../shared/contracts/bus.ts';
import { DIMENSION, METRIC } from '../../shared/contracts/metrics.ts';
import {
  changeOfRank,
  Counter,
  type Figures,
  figuresOf,
  NOTHING_COUNTED,
  type Rank,
  Ranking,
} from '../../shared/lifecycle/census.ts';
import { accountRanked } from '../../shared/lifecycle/events/account-ranked.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { STAGES } from '../../shared/lifecycle/stage.ts';
import { type Duration, type Instant, MINUTE, utcDay } from '../../shared/lifecycle/time.ts';

/**
 * Between two pages of 1 MB, which are 128 read units each: with the page's own 30 ms about eight a second, a third of
 * what one partition of the table can give, so that the shop's night is not slower for it.
 */
const PAUSE_MS = 100;

/** Progress is written down at least every so many pages, about once a minute. */
const PAGES_PER_SAVE = 500;

/** Left of the function's time when it stops reading: enough for a page, an announcement and the last write. */
const RESERVE: Duration = 2 * MINUTE;

export interface CensusServices {
  readonly census: CensusStore;
  readonly announcer: Announcer;
  readonly meter: Meter;
  readonly playbook: Playbook;
  readonly now: () => Instant;
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
    const begun = isOfTonight ? known : begin(known, scheduledAt);
    const counted = begun.phase === 'counting' ? await countAll(services, begun) : begun;
    const ended = counted.phase === 'ranking' ? await rankAll(services, counted) : counted;
    if (ended.phase === 'done') return report(services, ended, logger);
    await announcer.announce([unfinished(ended, services.now())]);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    logger.info('another invocation goes on with this census');
  }
}

function begin(last: Census | undefined, at: Instant): Census {
  return {
    version: last?.version ?? 0,
    at,
    phase: 'counting',
    count: NOTHING_COUNTED,
    changes: 0,
    ...(last?.figures && { figures: last.figures }),
  };
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
  state: () => Pick<Census, 'count' | 'changes'>,
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
    await sleep(PAUSE_MS);
  }
}

async function countAll(services: CensusServices, census: Census): Promise<Census> {
  const { playbook } = services;
  const counter = new Counter(census.count);
  const { census: read, isOver } = await readOn(
    services,
    census,
    async ({ customers }) => {
      for (const each of customers) counter.add(each, playbook, census.at);
    },
    () => ({ count: counter.count, changes: 0 }),
  );
  // Not written down for its own sake: in a shop of one page both phases are over within the second.
  return isOver ? { ...read, phase: 'ranking' } : read;
}

async function rankAll(services: CensusServices, census: Census): Promise<Census> {
  const { playbook, announcer } = services;
  const ranking = new Ranking(census.count);
  let { changes } = census;
  const { census: read, isOver } = await readOn(
    services,
    census,
    async ({ customers }) => {
      const announcements = customers.flatMap((each): Announcement[] => {
        const rank = changeOfRank(each, ranking, playbook, census.at);
        if (rank === undefined) return [];
        changes += rank.keyAccount ? 1 : -1;
        return [ranked(each.customerId, rank, census.at)];
      });
      await announcer.announce(announcements);
    },
    () => ({ count: census.count, changes }),
  );
  if (!isOver) return read;
  const figures = figuresOf(read.count, changes, playbook, census.at);
  return save(services, { ...read, phase: 'done', count: NOTHING_COUNTED, figures });
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
  const { people, longOpen, keyAccounts, revenue, tooManyDiscounts } = figures;
  for (const stage of STAGES) meter.count(METRIC.peopleInStage, people[stage], { [DIMENSION.stage]: stage });
  meter.count(METRIC.complaintsOpenLong, longOpen);
  meter.count(METRIC.keyAccounts, keyAccounts);
  meter.count(METRIC.discountedShare, discountedPercent(figures));
  meter.count(METRIC.tooManyDiscounts, tooManyDiscounts ? 1 : 0);
  logger.info('the census is taken', { people, longOpen, keyAccounts, revenue });
  if (tooManyDiscounts) {
    logger.warn('so much of the revenue is discounted that the shop depends on it', {
      percent: discountedPercent(figures),
    });
  }
}

function discountedPercent({ revenue }: Figures): number {
  return Math.round(PERCENT * (revenue[0]?.discounted ?? 0));
}
