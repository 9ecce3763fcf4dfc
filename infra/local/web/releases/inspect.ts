/**
 * Looks through the content in a process of its own, as it takes many seconds in which the twin has functions to run:
 * `compile` leaves the release where compiled releases are found, `lint` makes every mail as its readers get it. Tells its
 * parent what is wrong.
 */
import process from 'node:process';
import { ContentError } from '../../../../shared/email/content-error.ts';
import { lintContent, type LintFinding } from '../../../../shared/email/lint-content.ts';
import { compiledRelease } from '../../../build.ts';

const [, , task, contentDirectory = ''] = process.argv;

async function compile(): Promise<readonly LintFinding[]> {
  try {
    await compiledRelease(contentDirectory);
    return [];
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    return error.problems.map((problem) => ({ ...problem, severity: 'error' as const, rule: 'compiling' }));
  }
}

process.send?.(await (task === 'compile' ? compile() : lintContent(contentDirectory)));
process.disconnect();
