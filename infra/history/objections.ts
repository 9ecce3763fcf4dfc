/** Objections to mail in rows that cannot be read in full: none of them may get lost without a word. */
import { plural } from '../../shared/lifecycle/explain/when.ts';

/** Lines with an objection and something that cannot be read. */
export interface Objections {
  /** Kept, though the row is left out. */
  readonly ofBadRows: number[];
  /** Kept under the id of the customer, for the address cannot be read. */
  readonly withoutAddress: number[];
  /** Nobody knows whose they are. */
  readonly lost: number[];
}

export function noObjections(): Objections {
  return { ofBadRows: [], withoutAddress: [], lost: [] };
}

/** Each kind is counted and every line named: an objection that is not heeded is not to be found by chance. */
export function objectionNotes({ ofBadRows, withoutAddress, lost }: Objections): readonly string[] {
  const kept = [
    ...(ofBadRows.length > 0
      ? [
          `Of ${plural(ofBadRows.length, 'row')} that cannot be read the objection is kept, with what else can be read: ${linesInWords(ofBadRows)}.`,
        ]
      : []),
    ...(withoutAddress.length > 0
      ? [
          `${plural(withoutAddress.length, 'objection')} with an address that cannot be read: kept under the id of the customer, for no other account with that address: ${linesInWords(withoutAddress)}.`,
        ]
      : []),
  ];
  if (lost.length === 0) return kept;
  const cannot = `${plural(lost.length, 'OBJECTION')} CANNOT BE KEPT, for the row names no customer`;
  return [...kept, `${cannot}: ${linesInWords(lost)}. Put the ids right, or see that they are mailed by nobody.`];
}

function linesInWords(lines: readonly number[]): string {
  return `line${lines.length === 1 ? '' : 's'} ${lines.join(', ')}`;
}
