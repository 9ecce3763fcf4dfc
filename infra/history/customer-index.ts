/** Numbers customers in the order of their first row. Ids are those of the event contract: opaque, never an address. */
import { createHash } from 'node:crypto';
import { customerId } from '../../shared/lifecycle/events/fields.ts';
import type { Row } from './table.ts';

/** 128 bits: among a billion customers no two share a hash by chance. */
const HASH_HEX_DIGITS = 32;
const MISSING = 'customer_id: missing';
const ADDRESS_EXPECTED =
  'customer_id: expected an opaque id, not an e-mail address: it would reach keys and logs; --hash-ids replaces addresses by their hash';

export interface CustomerIndex {
  /** In the order of their numbers. */
  readonly ids: readonly string[];
  /** The number of the customer of a row, counted from 0; undefined when the row is refused for it. */
  numberOf(row: Row): number | undefined;
}

/** @param hashIds whether ids are addresses that are kept as their hash only */
export function customerIndex(hashIds: boolean): CustomerIndex {
  const ids: string[] = [];
  const numbers = new Map<string, number>();
  const spellings = new Map<string, number>();
  const add = (id: string): number => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    numbers.set(id, ids.length);
    return ids.push(id) - 1;
  };
  return {
    ids,
    numberOf(row) {
      const written = row.text('customer_id');
      const known = hashIds ? spellings.get(written) : numbers.get(written);
      if (known !== undefined) return known;
      const id = idOf(row, hashIds);
      if (id === undefined) return undefined;
      const number = add(id);
      if (hashIds) spellings.set(written, number);
      return number;
    },
  };
}

/** The id of the customer of a row; undefined when the row is refused for it. */
export function idOf(row: Row, hashIds: boolean): string | undefined {
  const written = row.text('customer_id');
  if (written === '') {
    row.refuse({ expected: MISSING });
    return undefined;
  }
  if (hashIds) return hashedId(written);
  const result = customerId.safeParse(written);
  if (result.success) return result.data;
  const isAddress = written.includes('@');
  const why = result.error.issues.map(({ message }) => message).join('; ');
  row.refuse({ expected: isAddress ? ADDRESS_EXPECTED : `customer_id: ${why}` });
  return undefined;
}

/**
 * The id that stands for an address, for live events must use the same one: the first 32 hexadecimal digits of the
 * SHA-256 of the address, without blanks around it and in lower case.
 */
export function hashedId(address: string): string {
  return createHash('sha256').update(address.trim().toLowerCase()).digest('hex').slice(0, HASH_HEX_DIGITS);
}
