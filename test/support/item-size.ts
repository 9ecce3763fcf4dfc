/** How large an item is and what it costs, by the rules of DynamoDB. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

const KILOBYTE = 1024;

/** Size as DynamoDB counts it: names and strings in UTF-8, numbers about half a byte a digit plus one. */
export function sizeOf(item: Readonly<Record<string, AttributeValue>>): number {
  let size = 0;
  for (const [name, value] of Object.entries(item)) {
    size += Buffer.byteLength(name);
    if (value.S !== undefined) size += Buffer.byteLength(value.S);
    else if (value.N !== undefined) size += Math.ceil(value.N.replace(/\D/gu, '').length / 2) + 1;
    else if (value.B !== undefined) size += value.B.byteLength;
    else if (value.BOOL !== undefined) size += 1;
    else throw new Error(`${name} is neither text, number, bytes nor yes or no`);
  }
  return size;
}

/** Units of a write, failed or not: one for each KB begun. */
export const writeUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / KILOBYTE));

/** Units of a consistent read: one for each 4 KB begun, and one for nothing. */
export const readUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / (4 * KILOBYTE)));
