/**
 * What a function works with of the release that is live: the one it was deployed with, until another one is published.
 * An instance asks at most every {@link KNOWN_FOR} which one that is, when an invocation begins, and soon again when it was
 * not told; what cannot be read, or not be understood, leaves it with what it has, and somebody is told.
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Meter } from '../shared/adapters/meter.ts';
import type { LiveReleases, Move } from '../shared/adapters/release-store.ts';
import { RELEASE_FORMAT } from '../shared/contracts/content-table.ts';
import { METRIC } from '../shared/contracts/metrics.ts';
import type { ReadPart } from '../shared/email/published-playbook.ts';
import type { Duration, Instant } from '../shared/lifecycle/time.ts';
import { loggable } from './loggable.ts';

const SECOND: Duration = 1000;
/** What is published is in use within a minute: an invocation that has just begun may go on for thirty seconds. */
const KNOWN_FOR: Duration = 25 * SECOND;
/** Until the next question after one that nobody answered, or about a release that could not be read. */
const AGAIN_AFTER: Duration = 5 * SECOND;

export interface LiveContentServices {
  readonly releases: LiveReleases;
  readonly meter: Meter;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  readonly now: () => Instant;
}

/** Nobody knows which release is live, and somebody has to. */
export class LiveReleaseUnknown extends Error {
  override readonly name = 'LiveReleaseUnknown';
}

interface Known<T> {
  /** Undefined for the release of the deployment. */
  readonly releaseId: string | undefined;
  readonly content: T;
}

/** @typeParam T what the function makes of a release, once for each */
export class LiveContent<T> {
  readonly #services: LiveContentServices;
  readonly #deployed: T;
  readonly #open: (read: ReadPart, releaseId: string) => Promise<T>;
  #known: Known<T>;
  #askAt: Instant = -Infinity;

  constructor(services: LiveContentServices, deployed: T, open: (read: ReadPart, releaseId: string) => Promise<T>) {
    this.#services = services;
    this.#deployed = deployed;
    this.#open = open;
    this.#known = { releaseId: undefined, content: deployed };
  }

  /** What to work with in this invocation, from its beginning to its end. */
  async current(): Promise<T> {
    const t = this.#services.now();
    if (t < this.#askAt) return this.#known.content;
    this.#askAt = t + KNOWN_FOR;
    let move: Move | 'none';
    try {
      move = (await this.#services.releases.live()) ?? 'none';
    } catch (cause) {
      return this.#keep('unread', { error: loggable(cause) });
    }
    return this.#follow(move);
  }

  /**
   * What is live at this very moment, for who met something their release does not know.
   *
   * @throws LiveReleaseUnknown when it cannot be read: deliver again
   */
  async newest(): Promise<T> {
    try {
      return await this.#follow((await this.#services.releases.latest()) ?? 'none');
    } catch (cause) {
      throw new LiveReleaseUnknown('cannot read which release is live', { cause });
    }
  }

  /** Takes the release of the last move, if it is another one than before and can be read. */
  async #follow(move: Move | 'none'): Promise<T> {
    const { releaseId, format } = move === 'none' ? { releaseId: undefined, format: RELEASE_FORMAT } : move;
    if (releaseId === this.#known.releaseId) return this.#known.content;
    if (releaseId === undefined) return this.#take(undefined, this.#deployed);
    if (format !== RELEASE_FORMAT) {
      return this.#keep('format', { releaseId, format, known: RELEASE_FORMAT });
    }
    const { releases } = this.#services;
    try {
      return this.#take(releaseId, await this.#open((name) => releases.readPart(releaseId, name), releaseId));
    } catch (cause) {
      return this.#keep('broken', { releaseId, error: loggable(cause) });
    }
  }

  #take(releaseId: string | undefined, content: T): T {
    this.#known = { releaseId, content };
    this.#services.log.info('works with another release', { releaseId: releaseId ?? 'deployed' });
    return content;
  }

  #keep(why: 'unread' | 'format' | 'broken', about: Readonly<Record<string, unknown>>): T {
    // The other ones pass; newer code does not come to an older function.
    if (why !== 'format') this.#askAt = this.#services.now() + AGAIN_AFTER;
    this.#services.meter.count(METRIC.contentKept, { why });
    this.#services.log.warn('keeps the release it has', { why, ...about });
    return this.#known.content;
  }
}
