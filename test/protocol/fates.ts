/** What a call of a function to the outside can be, and what can become of it. */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';

export type Operation =
  keyof CustomerStore | `${keyof AddressBook}Address` | 'readLane' | 'saveLane' | 'quota' | 'ses' | 'announce';

/** What becomes of one call. */
export type Fate =
  | 'answered'
  /** Nothing happens and the caller hears of it. */
  | 'refused'
  /** It happens, and the caller sees a broken connection. */
  | 'answer lost'
  /** It happens, the answer is lost, and the SDK silently asks once more. */
  | 'asked twice'
  /** It happens, and a copy of the request arrives once more later. */
  | 'copied'
  | 'dies before'
  | 'dies after'
  /** The function dies, and what it asked for happens later. */
  | 'dies, arrives late'
  /** Only SES: the caller gives up, and the mail is accepted later. */
  | 'accepted late'
  /** Only SES: the caller gives up, and nothing is ever accepted. */
  | 'vanished'
  /** Only SES: certainly not taken. */
  | 'rejected'
  | 'rate'
  | 'quota'
  | 'paused';

const CONDITIONAL: ReadonlySet<Operation> = new Set<Operation>([
  'save',
  'writeEntry',
  'journal',
  'markDelivery',
  'saveLooks',
  'removeLooks',
  'saveAddress',
  'removeAddress',
  'saveLane',
]);
const READS: ReadonlySet<Operation> = new Set<Operation>([
  'load',
  'readEvent',
  'readJournal',
  'readEntry',
  'readLedger',
  'readLooks',
  'readAddress',
  'readLane',
  'quota',
]);
const OF_READS = ['refused', 'dies before'] as const;
const OF_WRITES = [...OF_READS, 'answer lost', 'dies after', 'dies, arrives late'] as const;

const OF_MAIL = [
  'answer lost',
  'vanished',
  'accepted late',
  'dies before',
  'dies after',
  'dies, arrives late',
  'rejected',
  'rate',
  'quota',
  'paused',
] as const;

/** Whether it may be asked for twice and happens once. */
export function isConditional(operation: Operation): boolean {
  return CONDITIONAL.has(operation);
}

/** The faults a call can suffer. */
export function faultsOf(operation: Operation): readonly Fate[] {
  if (operation === 'ses') return OF_MAIL;
  if (READS.has(operation)) return OF_READS;
  return isConditional(operation) ? [...OF_WRITES, 'asked twice', 'copied'] : OF_WRITES;
}
