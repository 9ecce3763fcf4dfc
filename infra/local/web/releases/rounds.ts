/**
 * Having everybody looked at again after other rules for the stages were made live from the pages, as `npm run publish` does.
 * Goes on in the background; should the pages close meanwhile, it is gone on with by whoever asks, here or at the command line.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EventBridgeAnnouncer } from '../../../../shared/adapters/announcer.ts';
import type { Move } from '../../../../shared/adapters/release-store.ts';
import type { Duration } from '../../../../shared/lifecycle/time.ts';
import { rearm, unfinishedActivation } from '../../../activation/rearm.ts';
import type { Records } from '../../../records.ts';
import { WalkOvertaken } from '../../../walking.ts';
import type { Twin } from '../../contract.ts';

/** Looked at the clock of the twin so often: its time may be made to pass faster than ours. */
const GLANCE: Duration = 200;

export interface Round {
  /** The number of the move that brought the rules. */
  readonly number: number;
  /** People so far. */
  readonly done: number;
  /** These pages are at it. */
  readonly isAtWork: boolean;
  /** Why they are no longer. */
  readonly fault: string | undefined;
}

/** The pages are closing. */
class Closing extends Error {
  override readonly name = 'Closing';
}

interface RoundsSetting {
  readonly twin: Pick<Twin, 'now' | 'endpoint' | 'region' | 'busName'>;
  readonly records: Pick<Records, 'releases' | 'walks' | 'census'>;
}

export class Rounds {
  readonly #setting: RoundsSetting;
  readonly #bus: EventBridgeClient;
  #atWork: { readonly number: number; people: number } | undefined;
  #fault: string | undefined;
  #isClosed = false;

  constructor(setting: RoundsSetting) {
    this.#setting = setting;
    const { endpoint, region } = setting.twin;
    this.#bus = new EventBridgeClient({
      endpoint,
      region,
      credentials: { accessKeyId: 'pages', secretAccessKey: 'pages' },
    });
  }

  /** Leaves it where it stands. */
  close(): void {
    this.#isClosed = true;
    this.#bus.destroy();
  }

  /** The round that has not reached everybody; undefined when everybody has been looked at. */
  async round(): Promise<Round | undefined> {
    const { releases, walks } = this.#setting.records;
    const unfinished = await unfinishedActivation(releases, walks);
    if (unfinished === undefined) return undefined;
    const { move, done } = unfinished;
    const own = this.#atWork?.number === move.number ? this.#atWork : undefined;
    return { number: move.number, done: own?.people ?? done, isAtWork: own !== undefined, fault: this.#fault };
  }

  /** Goes on with what was interrupted. */
  async goOn(): Promise<void> {
    const { releases, walks } = this.#setting.records;
    const unfinished = await unfinishedActivation(releases, walks);
    if (unfinished !== undefined) this.begin(unfinished.move);
  }

  /** Has everybody looked at again under the rules of a move, and returns at once. */
  begin(move: Move): void {
    const { number } = move;
    if (this.#atWork?.number === number) return;
    const work = { number, people: 0 };
    this.#atWork = work;
    this.#fault = undefined;
    const { twin, records } = this.#setting;
    const services = {
      walks: records.walks,
      customers: records.census,
      announcer: new EventBridgeAnnouncer(this.#bus, twin.busName),
      now: () => twin.now(),
      sleep: (duration: Duration) => this.#pass(duration, work),
    };
    void rearm(services, move, (people) => (work.people = people))
      .catch((error: unknown) => {
        if (error instanceof Closing) return;
        this.#fault =
          error instanceof WalkOvertaken ? `${error.message}.` : error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        if (this.#atWork === work) this.#atWork = undefined;
      });
  }

  /** Until the time has passed here or in the twin. @throws Closing also when a later round has begun */
  async #pass(duration: Duration, work: object): Promise<void> {
    const { twin } = this.#setting;
    const [here, there] = [performance.now() + duration, twin.now() + duration];
    for (;;) {
      if (this.#isClosed || this.#atWork !== work) throw new Closing('nobody waits for this round any more');
      const left = Math.min(here - performance.now(), there - twin.now());
      if (left <= 0) return;
      await sleep(Math.min(left, GLANCE), undefined, { ref: false });
    }
  }
}
