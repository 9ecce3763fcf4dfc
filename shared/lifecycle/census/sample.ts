/**
 * A sample of the customers who have ordered, as many as a fit needs and an item holds. Those whose ids hash lowest are in
 * it, so neither the order in which customers are read nor an interruption decides who is.
 */
import { hash32 } from '../facts/digest.ts';
import { historyOf } from '../facts/orders.ts';
import type { Facts } from '../facts/facts.ts';
import { type Instant, utcDay } from '../time.ts';

/** Ten thousand histories give the parameters to about a percent, and make 133 KB of text: a third of an item. */
const SAMPLE_SIZE = 10_000;

const DAYS_PER_WEEK = 7;

/** Bytes of a row: the hash, then x, tx and T. */
const ROW = { hash: 0, x: 4, tx: 6, T: 8, length: 10 } as const;
/** 65,535 days are 179 years. */
const LARGEST = 0xffff;

/** One history: repeat order days; days from the first order to the last, and to now. */
interface Row {
  readonly hash: number;
  readonly x: number;
  readonly tx: number;
  readonly T: number;
}

/** Two customers of the same hash are told apart by what is fitted; where that is the same, too, either will do. */
function compareRows(a: Row, b: Row): number {
  return a.hash - b.hash || a.x - b.x || a.tx - b.tx || a.T - b.T;
}

/** Base64 of no row. */
export const NO_ROWS = '';

/** Takes customers into a sample, one after the other. */
export class Sampler {
  /** The lowest rows so far, up to twice as many as will be kept, not sorted. */
  #rows: Row[];
  readonly #size: number;
  /** Whoever hashes higher is not in the sample. */
  #highest = Infinity;

  /** @param encoded what {@link encoded} gave before */
  constructor(encoded: string = NO_ROWS, size: number = SAMPLE_SIZE) {
    this.#rows = rowsOf(encoded);
    this.#size = size;
  }

  /** @param at the end of all histories */
  add(customerId: string, { orders }: Facts, at: Instant): void {
    const hash = hash32(customerId);
    if (hash > this.#highest) return;
    const history = historyOf(orders);
    if (history === undefined) return;
    const first = utcDay(history.first);
    const tx = utcDay(history.last) - first;
    // An order may be a few minutes ahead of the clock.
    const T = Math.max(tx, utcDay(at) - first);
    this.#rows.push({ hash, x: Math.min(history.gaps, LARGEST), tx: Math.min(tx, LARGEST), T: Math.min(T, LARGEST) });
    if (this.#rows.length >= 2 * this.#size) this.#trim();
  }

  /** The sample as text: base64 of ten bytes a row, the lowest hash first. */
  get encoded(): string {
    this.#trim();
    const bytes = new DataView(new ArrayBuffer(this.#rows.length * ROW.length));
    for (const [index, { hash, x, tx, T }] of this.#rows.entries()) {
      const begin = index * ROW.length;
      bytes.setUint32(begin + ROW.hash, hash);
      bytes.setUint16(begin + ROW.x, x);
      bytes.setUint16(begin + ROW.tx, tx);
      bytes.setUint16(begin + ROW.T, T);
    }
    return btoa(Array.from(new Uint8Array(bytes.buffer), (byte) => String.fromCharCode(byte)).join(''));
  }

  #trim(): void {
    this.#rows = this.#rows.toSorted(compareRows).slice(0, this.#size);
    if (this.#rows.length === this.#size) this.#highest = this.#rows.at(-1)?.hash ?? Infinity;
  }
}

function rowsOf(encoded: string): Row[] {
  const bytes = new DataView(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)).buffer);
  return Array.from({ length: bytes.byteLength / ROW.length }, (_, index) => {
    const begin = index * ROW.length;
    return {
      hash: bytes.getUint32(begin + ROW.hash),
      x: bytes.getUint16(begin + ROW.x),
      tx: bytes.getUint16(begin + ROW.tx),
      T: bytes.getUint16(begin + ROW.T),
    };
  });
}

/** The sample as it is fitted: repeat order days; weeks from the first order to the last, and to now. */
export function repeatsIn(encoded: string) {
  const rows = rowsOf(encoded);
  return {
    length: rows.length,
    x: Float64Array.from(rows, ({ x }) => x),
    tx: Float64Array.from(rows, ({ tx }) => tx / DAYS_PER_WEEK),
    T: Float64Array.from(rows, ({ T }) => T / DAYS_PER_WEEK),
  };
}
