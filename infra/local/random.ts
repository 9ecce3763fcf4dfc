/** Seeded chance for the player's disorder and the simulated shop: the same labels give the same numbers, always. */
import { createHash } from 'node:crypto';

export interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
  /** Whole number, uniform in [low, high]. */
  between(low: number, high: number): number;
  /** @throws RangeError when there is nothing to pick from */
  pick<T>(choices: readonly T[]): T;
  /** True with the given probability (0 to 1). */
  happens(probability: number): boolean;
}

/** 2^32: turns 32 random bits into a fraction. */
const WORD = 0x1_0000_0000;

/**
 * A stream of chance of its own per list of labels, so that one more draw for one customer moves nobody else.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), seeded from SHA-256 of the labels.
 *
 * @example chanceOf(seed, 'delay', eventId).next()
 */
export function chanceOf(...labels: readonly (string | number)[]): Chance {
  const digest = createHash('sha256').update(JSON.stringify(labels)).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = digest.readUInt32LE(12);

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / WORD;
  }

  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (choices) => {
      const choice = choices.at(Math.floor(next() * choices.length));
      if (choice === undefined) throw new RangeError('nothing to pick from');
      return choice;
    },
    happens: (probability) => next() < probability,
  };
}
