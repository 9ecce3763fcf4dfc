/** Reads a cell with a field of the event contract, so that what is accepted here is accepted by the pipeline. */
import type { Field } from './columns.ts';
import type { Row } from './table.ts';

/** What a field of the event contract offers, whichever flavour of the schema library it was written in. */
interface ContractField<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: readonly { message: string }[] } };
}

/** The value of a cell; undefined when it is empty, or when the row is refused for it. */
export function checked<T>(
  row: Row,
  field: Field,
  contract: ContractField<T>,
  prepare: (text: string) => unknown = (text) => text,
): T | undefined {
  const text = row.text(field);
  if (text === '') return undefined;
  const result = contract.safeParse(prepare(text));
  if (result.success) return result.data;
  row.refuse({ expected: `${field}: ${result.error.issues.map(({ message }) => message).join('; ')}` });
  return undefined;
}
