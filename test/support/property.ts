/** Runs properties with a seed, so that a failure can be repeated: PROPERTY_SEED=<seed> npx vitest run ... */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect } from 'vitest';

const FIXED_SEED = 20_261_122;

/** The seed of this run; `PROPERTY_SEED=random` explores anew. */
function seedOf(text: string | undefined): number {
  if (text === undefined) return FIXED_SEED;
  return text === 'random' ? Date.now() % 2 ** 31 : Number(text);
}

const seed = seedOf(process.env['PROPERTY_SEED']);
/** The part of all runs that `npm test` plays; `PROPERTY_RUNS_FACTOR=1` plays all, a larger one is for idle nights. */
const EVERYDAY_FACTOR = 0.15;
const factor = Number(process.env['PROPERTY_RUNS_FACTOR'] ?? EVERYDAY_FACTOR);
process.stdout.write(`property tests: PROPERTY_SEED=${seed}\n`);

/** Runs a property with the seed of this run; the error names seed and path, and the smallest counterexample. */
export function assert<T extends [unknown, ...unknown[]]>(
  property: fc.IAsyncProperty<T>,
  numRuns: number,
): Promise<void>;
export function assert<T extends [unknown, ...unknown[]]>(property: fc.IProperty<T>, numRuns: number): void;
export function assert<T extends [unknown, ...unknown[]]>(
  property: fc.IRawProperty<T>,
  numRuns: number,
): Promise<void> | void {
  return fc.assert(property, { seed, numRuns: Math.ceil(numRuns * factor) });
}

/** The part of a list of cases that this run plays, evenly spread: every seventh of them, or all. */
export function partOf<T>(cases: readonly T[]): T[] {
  const stride = Math.max(1, Math.round(1 / factor));
  return cases.filter((_, index) => index % stride === 0);
}

/** `toStrictEqual`, cheap as long as it holds: properties compare by the ten thousand. */
export function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}
