/** Reads a cell with a field of the event contract, so that what is accepted here is accepted by the pipeline. */
import type { Fault } from './bad-rows.ts';
import type { Field } from './columns.ts';
import type { Row } from './table.ts';

/** What databases write where there is nothing. */
const NOTHING: ReadonlySet<string> = new Set(['NULL', String.raw`\N`]);

/** What is meant by a cell: without blanks around it, and without the formula by which spreadsheets keep text as text. */
export function bare(cell: string): string {
  const text = cell.trim();
  if (text.startsWith('="') && text.endsWith('"') && text.length > 2) return text.slice(2, -1).trim();
  return NOTHING.has(text) ? '' : text;
}

/** What a field of the event contract offers, whichever flavour of the schema library it was written in. */
interface ContractField<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: readonly { message: string }[] } };
}

type Prepare = (text: string) => unknown;

const AS_IT_IS: Prepare = (text) => text;

/** The value of a cell; undefined when it is empty, or when the row is refused for it. */
export function checked<T>(row: Row, field: Field, contract: ContractField<T>, prepare = AS_IT_IS): T | undefined {
  return read(row, field, contract, prepare, (fault) => row.refuse(fault));
}

/** The value of a cell; undefined when it is empty or cannot be read: the row is then read without it, and that is told. */
export function readable<T>(row: Row, field: Field, contract: ContractField<T>, prepare = AS_IT_IS): T | undefined {
  return read(row, field, contract, prepare, (fault) => row.leaveOut(fault));
}

function read<T>(
  row: Row,
  field: Field,
  contract: ContractField<T>,
  prepare: Prepare,
  tell: (fault: Fault) => void,
): T | undefined {
  const text = row.text(field);
  if (text === '') return undefined;
  const result = contract.safeParse(prepare(text));
  if (result.success) return result.data;
  tell(faultIn(field, result.error));
  return undefined;
}

function faultIn(field: Field, { issues }: { readonly issues: readonly { readonly message: string }[] }): Fault {
  return { expected: `${field}: ${issues.map(({ message }) => message).join('; ')}` };
}
