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
  /** Nobody knows whether it is one. */
  readonly unclear: number[];
}

export function noObjections(): Objections {
  return { ofBadRows: [], withoutAddress: [], lost: [], unclear: [] };
}

/** Each kind is counted and every line named: an objection that is not heeded is not to be found by chance. */
export function objectionNotes({ ofBadRows, withoutAddress, lost, unclear }: Objections): readonly string[] {
  return [
    ...told(
      ofBadRows,
      `Of ${plural(ofBadRows.length, 'row')} that cannot be read the objection is kept, with what else can be read`,
    ),
    ...told(
      withoutAddress,
      `${plural(withoutAddress.length, 'objection')} with an address that cannot be read: kept under the id of the customer, for no other account with that address`,
    ),
    ...told(
      lost,
      `${plural(lost.length, 'OBJECTION', 'OBJECTIONS')} CANNOT BE KEPT, for the row names no customer`,
      'Put the ids right, or see that they are mailed by nobody.',
    ),
    ...told(
      unclear,
      `${plural(unclear.length, 'ROW', 'ROWS')} MAY BE ${unclear.length === 1 ? 'AN OBJECTION' : 'OBJECTIONS'} THAT NOBODY UNDERSTANDS`,
      'Put the rows right, or see that they are mailed by nobody.',
    ),
  ];
}

/** Stretches of lines in one line of a message. */
const STRETCHES_A_LINE = 12;

/** All of the lines, in as many notes as it takes. */
function told(lines: readonly number[], what: string, advice?: string): readonly string[] {
  if (lines.length === 0) return [];
  const stretches = stretchesOf(lines);
  const parts = Array.from({ length: Math.ceil(stretches.length / STRETCHES_A_LINE) }, (_, part) =>
    stretches.slice(part * STRETCHES_A_LINE, (part + 1) * STRETCHES_A_LINE).join(', '),
  );
  const said = parts.map((part, nth) => {
    const begun = nth === 0 ? `${what}: line${lines.length === 1 ? '' : 's'} ` : '  ';
    return `${begun}${part}${nth === parts.length - 1 ? '.' : ','}`;
  });
  return advice === undefined ? said : [...said.slice(0, -1), `${said.at(-1) ?? ''} ${advice}`];
}

/** `2 to 7`: lines that follow each other. */
function stretchesOf(lines: readonly number[]): readonly string[] {
  const stretches: { readonly from: number; readonly to: number }[] = [];
  for (const line of new Set(lines.toSorted((a, b) => a - b))) {
    const last = stretches.at(-1);
    if (last?.to === line - 1) stretches[stretches.length - 1] = { ...last, to: line };
    else stretches.push({ from: line, to: line });
  }
  return stretches.flatMap(({ from, to }) => {
    if (from === to) return [String(from)];
    return to === from + 1 ? [String(from), String(to)] : [`${from} to ${to}`];
  });
}
