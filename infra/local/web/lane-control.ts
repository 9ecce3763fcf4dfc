/** The lane as the pages show and change it: the buttons do what `npm run pause` and `npm run resume` do. */
import type { LaneStore } from '../../../shared/adapters/lane-store.ts';
import type { Lane } from '../../../shared/lifecycle/lane.ts';
import type { Playbook } from '../../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../../shared/lifecycle/time.ts';
import { ALL, changePause, type PauseAct } from '../../pauses.ts';
import { UsageError } from '../usage-error.ts';

const ACTS = ['pause', 'resume'] as const satisfies readonly PauseAct[];

export class LaneControl {
  readonly #lanes: LaneStore;
  readonly #playbook: Playbook;
  readonly #now: () => Instant;

  constructor(lanes: LaneStore, playbook: Playbook, now: () => Instant) {
    this.#lanes = lanes;
    this.#playbook = playbook;
    this.#now = now;
  }

  read(): Promise<Lane> {
    return this.#lanes.read();
  }

  /**
   * Does what a form asks: `act` is pause or resume; `programme` is left empty for everything.
   *
   * @returns what is wrong with the form; undefined when it is done
   */
  async change(form: URLSearchParams): Promise<string | undefined> {
    const act = ACTS.find((each) => each === form.get('act'));
    if (act === undefined) return `act: expected ${ACTS.join(' or ')}`;
    const programme = form.get('programme') ?? '';
    try {
      await changePause(this.#lanes, act, programme === '' ? ALL : { programme }, this.#playbook, this.#now());
      return undefined;
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  }
}
