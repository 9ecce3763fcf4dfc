/**
 * Lists of numbers that grow by blocks: nothing is copied when they grow, and no number is an object. What a block holds
 * is dense; only the last one has room left.
 */

/** Numbers of a block: large enough that the list of blocks is short, small enough that the room left is no matter. */
const BLOCK = 1 << 16;
const SHIFT = 16;
const MASK = BLOCK - 1;

type Block = Float64Array | Uint32Array | Uint8Array;

export interface Growing {
  readonly length: number;
  push(value: number): void;
  /** NaN beyond the end. */
  get(index: number): number;
  set(index: number, value: number): void;
  /** Gives its memory back; nothing can be read any more. */
  free(): void;
  /** The numbers at `order`, in that order, written into `into`. */
  gather<T extends Block>(order: Uint32Array, into: T): T;
}

/** Numbers of eight bytes, such as instants and minor units. */
export function growingNumbers(): Growing {
  return growing(() => new Float64Array(BLOCK));
}

/** Positions, 0 to 2^32 - 1. */
export function growingPositions(): Growing {
  return growing(() => new Uint32Array(BLOCK));
}

/** 0 to 255. */
export function growingBytes(): Growing {
  return growing(() => new Uint8Array(BLOCK));
}

function growing(block: () => Block): Growing {
  const blocks: Block[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      let last = blocks[length >>> SHIFT];
      if (last === undefined) {
        last = block();
        blocks.push(last);
      }
      last[length & MASK] = value;
      length += 1;
    },
    get(index) {
      return blocks[index >>> SHIFT]?.[index & MASK] ?? NaN;
    },
    set(index, value) {
      const at = blocks[index >>> SHIFT];
      if (at !== undefined) at[index & MASK] = value;
    },
    free() {
      blocks.length = 0;
    },
    gather(order, into) {
      for (let i = 0; i < order.length; i += 1) {
        const index = order[i] ?? 0;
        into[i] = blocks[index >>> SHIFT]?.[index & MASK] ?? NaN;
      }
      return into;
    },
  };
}
