/** What an item costs, by the rules of DynamoDB. */
import { WRITE_UNIT } from '../../shared/adapters/item-size.ts';

const READ_UNIT = 4 * WRITE_UNIT;

/** Units of a write, failed or not: one for each KB begun. */
export const writeUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_UNIT));

/** Units of a consistent read: one for each 4 KB begun, and one for nothing. */
export const readUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / READ_UNIT));
