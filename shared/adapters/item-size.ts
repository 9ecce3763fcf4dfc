/** How large an item is, by the rules of DynamoDB: what a write costs follows from it. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Bytes of an item per write unit. */
export const WRITE_UNIT = 1024;

/** Names and texts in UTF-8, and of a number a byte and half a byte a digit; no item of ours has lists or maps. */
export function sizeOf(item: Readonly<Record<string, AttributeValue>>): number {
  let size = 0;
  for (const [name, value] of Object.entries(item)) {
    size += Buffer.byteLength(name);
    if (value.S !== undefined) size += Buffer.byteLength(value.S);
    else if (value.N !== undefined) size += Math.ceil(value.N.replace(/\D/gu, '').length / 2) + 1;
    else if (value.B !== undefined) size += value.B.byteLength;
    else if (value.BOOL !== undefined) size += 1;
    else throw new TypeError(`${name} is neither text, number, bytes nor yes or no`);
  }
  return size;
}
