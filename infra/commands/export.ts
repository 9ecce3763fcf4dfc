/** The command line of `npm run export`: everything the store holds about one person, as JSON. */
import { writeFile } from 'node:fs/promises';
import { UsageError } from '../local/usage-error.ts';
import { personalData } from '../personal-data.ts';
import { UnreadableKey } from '../records.ts';
import { openTarget, readArguments, TARGET_HELP, TARGET_OPTIONS } from '../target.ts';

const HELP = `Writes everything the store holds about one person, as JSON: facts and stage with reasons, every event, every message
with what became of it, what waits, and what is known of their addresses.

  npm run -s export -- CUSTOMER
  npm run -s export -- CUSTOMER --out FILE

  --out FILE       writes a file only you can read, instead of to the terminal

${TARGET_HELP}

Exit codes: 0 written, 1 a fault, 2 something in the command to put right.
`;

/** Personal data: nobody else on this machine shall read the file. */
const OWNER_ONLY = 0o600;

/** @throws UsageError */
export async function exportCommand(args: readonly string[]): Promise<string> {
  const { values, positionals } = readArguments(args, { ...TARGET_OPTIONS, out: { type: 'string' } });
  if (values.help === true) return HELP;
  const [customerId, ...more] = positionals;
  if (customerId === undefined || more.length > 0) {
    throw new UsageError('expected one CUSTOMER; --help explains the command');
  }
  const { records, playbook, holdout, now, name } = await openTarget(values);
  try {
    const data = await personalData(records, customerId, { playbook, now, ...(holdout && { holdout }) });
    if (data === undefined) throw new UsageError(`${name} knows no customer "${customerId}"`);
    const text = JSON.stringify(data, undefined, 2);
    if (values.out === undefined) return text;
    await writeOut(values.out, `${text}\n`);
    return `Everything about ${customerId} in ${name} is in ${values.out}`;
  } catch (cause) {
    if (!(cause instanceof UnreadableKey)) throw cause;
    throw new UsageError(`the export would be incomplete: ${cause.message}`, { cause });
  } finally {
    records.close();
  }
}

async function writeOut(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: OWNER_ONLY });
  } catch (cause) {
    throw new UsageError(`--out: cannot write ${file} (${cause instanceof Error ? cause.message : String(cause)})`, {
      cause,
    });
  }
}
