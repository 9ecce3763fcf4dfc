/** Whom other rules for the stages would put into another stage than those in force, at one instant. */
import type { Facts } from '../facts/facts.ts';
import { type Stage, stageNameOf, type StagePolicy } from '../stage.ts';
import type { Instant } from '../time.ts';

/** How many people there are of each move: `from>to`. */
export type Moves = Readonly<Record<string, number>>;

/** People who leave one stage for another. */
export interface Move {
  readonly from: string;
  readonly to: string;
  readonly people: number;
}

/** Counts, customer after customer, whom the rules `after` put into another stage at `t` than the rules `before`. */
export class MoveCounter {
  readonly #moves: Map<string, number>;
  readonly #before: StagePolicy;
  readonly #after: StagePolicy;
  readonly #t: Instant;

  /** @param moves counted so far, by an earlier run */
  constructor(before: StagePolicy, after: StagePolicy, t: Instant, moves: Moves = {}) {
    this.#moves = new Map(Object.entries(moves));
    this.#before = before;
    this.#after = after;
    this.#t = t;
  }

  add(facts: Facts): void {
    const from = stageNameOf(facts, this.#before, this.#t);
    const to = stageNameOf(facts, this.#after, this.#t);
    if (from === to) return;
    const move = moveOf(from, to);
    this.#moves.set(move, (this.#moves.get(move) ?? 0) + 1);
  }

  get moves(): Moves {
    return Object.fromEntries(this.#moves);
  }
}

function moveOf(from: Stage, to: Stage): string {
  return `${from}>${to}`;
}

/** The inverse: from which stage to which, the most frequent move first. */
export function movesTold(moves: Moves): readonly Move[] {
  return Object.entries(moves)
    .map(([move, people]) => {
      const [from = '', to = ''] = move.split('>');
      return { from, to, people };
    })
    .toSorted((a, b) => b.people - a.people || (a.from < b.from ? -1 : 1));
}
