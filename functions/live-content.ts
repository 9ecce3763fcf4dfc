/**
 * What a function works with of the release that is live: the one it was deployed with, until another one is published.
 * An instance asks at most every {@link KNOWN_FOR} which one that is, when an invocation begins; what cannot be read, or
 * not be understood, leaves it with what it has, and somebody is told.
 */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { Meter } from '../shared/adapters/meter.ts';
import type { LiveReleases, Move } from '../shared/adapters/release-store.ts';
import { RELEASE_FORMAT } from '../shared/contracts/content-table.ts';
import { DIMENSION, METRIC } from '../shared/contracts/metrics.ts';
import type { ReadPart } from '../shared/email/published-playbook.ts';
import type { Duration, Instant } from '../shared/lifecycle/time.ts';
import { loggable } from './loggable.ts';

const SECOND: Duration = 1000;
/** What is published is in use within a minute; this leaves fifteen seconds for an invocation that has just begun. */
const KNOWN_FOR: Duration = 45 * SECOND;

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
  #askedAt = -Infinity;

  constructor(services: LiveContentServices, deployed: T, open: (read: ReadPart, releaseId: string) => Promise<T>) {
    this.#services = services;
    this.#deployed = deployed;
    this.#open = open;
    this.#known = { releaseId: undefined, content: deployed };
  }

  /** What to work with in this invocation, from its beginning to its end. */
  async current(): Promise<T> {
    const t = this.#services.now();
    if (t < this.#askedAt + KNOWN_FOR) return this.#known.content;
    this.#askedAt = t;
    const move = await this.#ask();
    return move === undefined ? this.#known.content : this.#follow(move);
  }

  /**
   * What is live at this very moment, for who met something their release does not know.
   *
   * @throws LiveReleaseUnknown when it cannot be read: deliver again
   */
  async newest(): Promise<T> {
    const { releases, now } = this.#services;
    this.#askedAt = now();
    try {
      return await this.#follow((await releases.latest()) ?? 'none');
    } catch (cause) {
      throw new LiveReleaseUnknown('cannot read which release is live', { cause });
    }
  }

  async #ask(): Promise<Move | 'none' | undefined> {
    try {
      return (await this.#services.releases.live()) ?? 'none';
    } catch (cause) {
      this.#keep('unread', { error: loggable(cause) });
      return undefined;
    }
  }

  /** Takes the release of the last move, if it is another one than before and can be read. */
  async #follow(move: Move | 'none'): Promise<T> {
    const { releaseId, format } = move === 'none' ? { releaseId: undefined, format: RELEASE_FORMAT } : move;
    if (releaseId === this.#known.releaseId) return this.#known.content;
    if (releaseId === undefined) return this.#take(undefined, this.#deployed);
    if (format !== RELEASE_FORMAT) {
      this.#keep('format', { releaseId, format, known: RELEASE_FORMAT });
      return this.#known.content;
    }
    const { releases } = this.#services;
    try {
      return this.#take(releaseId, await this.#open((name) => releases.readPart(releaseId, name), releaseId));
    } catch (cause) {
      this.#keep('broken', { releaseId, error: loggable(cause) });
      return this.#known.content;
    }
  }

  #take(releaseId: string | undefined, content: T): T {
    this.#known = { releaseId, content };
    this.#services.log.info('works with another release', { releaseId: releaseId ?? 'deployed' });
    return content;
  }

  #keep(why: 'unread' | 'format' | 'broken', about: Readonly<Record<string, unknown>>): void {
    this.#services.meter.count(METRIC.contentKept, 1, { [DIMENSION.why]: why });
    this.#services.log.warn('keeps the release it has', { why, ...about });
  }
}
