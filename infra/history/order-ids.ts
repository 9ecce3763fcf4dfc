/**
 * Ids of orders without an object for each: 53 bits of hash to tell orders of one customer apart, and, where they are
 * needed as text, their bytes one after the other.
 */
import { type Growing, growingNumbers } from './growing.ts';

/** Bytes of a block of text; an id never spans two. */
const BLOCK = 1 << 20;
const LONGEST_ID_BYTES = 4096;

export interface OrderIds {
  /** Undefined for an order without an id. */
  textOf(order: number): string | undefined;
}

export interface OrderIdList {
  push(id: string): void;
  /** By line; NaN for a line without an id. */
  readonly hashes: Growing;
  /** The ids of the lines at `order`; undefined when the text was not kept. */
  inOrder(order: Uint32Array): OrderIds | undefined;
}

export function orderIdList(keepsText: boolean): OrderIdList {
  const hashes = growingNumbers();
  const texts = keepsText ? idTexts() : undefined;
  return {
    hashes,
    push(id) {
      hashes.push(id === '' ? NaN : hashOf(id));
      texts?.push(id);
    },
    inOrder: (order) => texts && { textOf: (index) => texts.textOf(order[index]) },
  };
}

function idTexts() {
  const blocks: Buffer[] = [];
  const starts = growingNumbers();
  let room = 0;
  return {
    push(id: string) {
      const bytes = Math.min(Buffer.byteLength(id), LONGEST_ID_BYTES);
      if (bytes + 2 > room) {
        blocks.push(Buffer.alloc(BLOCK));
        room = BLOCK;
      }
      const block = blocks.at(-1);
      const at = BLOCK - room;
      starts.push((blocks.length - 1) * BLOCK + at);
      block?.writeUInt16LE(bytes, at);
      block?.write(id, at + 2, bytes);
      room -= bytes + 2;
    },
    textOf(line: number | undefined): string | undefined {
      const start = line === undefined ? NaN : starts.get(line);
      const block = blocks[Math.floor(start / BLOCK)];
      if (block === undefined) return undefined;
      const at = start % BLOCK;
      const bytes = block.readUInt16LE(at);
      return bytes === 0 ? undefined : block.toString('utf8', at + 2, at + 2 + bytes);
    },
  };
}

/** cyrb53 by bryc (public domain): 53 bits, well mixed and fast for short text. */
export function hashOf(text: string): number {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0);
}
