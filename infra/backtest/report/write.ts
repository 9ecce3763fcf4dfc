/** Puts a report into its directory, where it replaces an earlier one and nothing else. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../local/usage-error.ts';
import { isMissing } from '../../missing.ts';
import { pageOf } from './page.ts';
import { MADE, type Report } from './report.ts';

const FILES = { page: 'report.html', data: 'report.json' } as const;

/** Makes the directory, and looks whether a report may be written there before minutes are spent on one. */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    throw new UsageError(`--out: ${directory} cannot be made: ${reasonOf(cause)}`, { cause });
  }
  for (const name of Object.values(FILES)) await expectOwn(path.join(directory, name));
}

/** @throws UsageError when there is such a file and no backtest has written it */
async function expectOwn(file: string): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return;
    throw new UsageError(`--out: ${file} cannot be written: ${reasonOf(cause)}`, { cause });
  }
  if (!text.includes(MADE)) {
    throw new UsageError(`--out: ${file} is no report of a backtest and stays as it is: name another directory`);
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** @returns the page's file */
export async function writeReport(directory: string, report: Report): Promise<string> {
  const page = path.join(directory, FILES.page);
  await writeFile(path.join(directory, FILES.data), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(page, await pageOf(report));
  return page;
}
