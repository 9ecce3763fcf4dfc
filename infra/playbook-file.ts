/** A playbook that a command was pointed to; what is wrong with it is said in one line. */
import { readFile } from 'node:fs/promises';
import { readPlaybookText, UnreadablePlaybook } from '../shared/email/playbook-text.ts';
import type { Playbook } from '../shared/lifecycle/playbook.ts';
import { UsageError } from './local/usage-error.ts';

export interface PlaybookFile {
  readonly text: string;
  readonly playbook: Playbook;
}

/**
 * @param option that named the file, such as "--playbook: "; where none did, the file is named alone
 * @throws UsageError when there is no such file, or no playbook in it
 */
export async function readPlaybookFile(file: string, option = ''): Promise<PlaybookFile> {
  const text = await textOf(file, option);
  try {
    return { text, playbook: readPlaybookText(text) };
  } catch (cause) {
    if (!(cause instanceof UnreadablePlaybook)) throw cause;
    const problems = cause.message.replaceAll(/\s*\n\s*/gu, '; ');
    throw new UsageError(`${option}${file} is no valid playbook: ${problems}`, { cause });
  }
}

async function textOf(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${option}${file} cannot be read: ${why}`, { cause });
  }
}
