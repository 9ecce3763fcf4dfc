/**
 * On whose behalf something happens: one invocation, or the world outside. In virtual time what concurrent invocations
 * send is held back until all of them are done and then let go in the order in which they began, so that two runs
 * see the same queues although threads race.
 */
import { createHash } from 'node:crypto';

export class Origin {
  readonly #name: string;
  #held: (() => void)[] | undefined;
  #ids = 0;

  constructor(name: string, held: boolean) {
    this.#name = name;
    this.#held = held ? [] : undefined;
  }

  /** A UUID that is the same in every run with the same seed. */
  nextId(): string {
    this.#ids += 1;
    const hex = createHash('sha256').update(`${this.#name}/${this.#ids}`).digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  effect(run: () => void): void {
    if (this.#held === undefined) run();
    else this.#held.push(run);
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const run of held) run();
  }
}
