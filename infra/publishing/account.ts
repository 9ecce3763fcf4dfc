/** What whoever publishes or goes back is told before they are asked, in lines. */
import { isDeepStrictEqual } from 'node:util';
import type { Move } from '../../shared/adapters/release-store.ts';
import { absolute, plural } from '../../shared/lifecycle/explain/when.ts';
import { differenceLines } from './difference-lines.ts';
import { differencesBetween, isNothing } from './differences.ts';
import type { Outline } from './edition.ts';
import type { Waiting } from './waiting.ts';
import { COLOURED_MARKS, PLAIN_MARKS } from './word-marks.ts';

/** The differences in words, in colours on a terminal. */
export function difference(before: Outline, after: Outline): readonly string[] {
  const differences = differencesBetween(before.sources, after.sources);
  if (isNothing(differences))
    return ['What marketers wrote is the same; it was compiled by another version of the code.', ''];
  return differenceLines(differences, process.stdout.isTTY ? COLOURED_MARKS : PLAIN_MARKS);
}

/** How many waiting messages become other ones, step by step. */
export function waitingLines({ customers, messages, touched }: Waiting): readonly string[] {
  const among = `among ${plural(messages, 'message')} that wait for ${plural(customers, 'customer')}`;
  const steps = Object.entries(touched);
  const sum = steps.reduce((all, [, count]) => all + count, 0);
  if (sum === 0) return [`It changes none ${among}.`];
  return [
    `It changes ${sum.toLocaleString('en')} ${among}:`,
    ...steps.map(([step, count]) => `  ${step}: ${count.toLocaleString('en')}`),
  ];
}

export function playbookWords(before: Outline, after: Outline): readonly string[] {
  return isDeepStrictEqual(before.playbook, after.playbook)
    ? []
    : ['The playbook differs: it takes effect for each customer at their next event or timer.'];
}

/** That somebody else moved the pointer meanwhile. */
export function overtakenWords(by: Move | undefined, command: string): string {
  const what =
    by === undefined
      ? 'somebody else changed what is live'
      : `${by.by} ${by.releaseId === undefined ? 'went back to what was deployed' : `made release ${by.releaseId} live`} as number ${by.number}, ${absolute(by.at)}${by.message === undefined ? '' : ` ("${by.message}")`}`;
  return `Meanwhile ${what}. Nothing of yours was changed; ${command} again shows what it changes now.`;
}

export interface Tally {
  readonly told: (customers: number) => void;
  readonly done: () => void;
}

/** How many customers have been looked at: one line that counts on a terminal, nothing elsewhere. */
export function tally(
  output: NodeJS.WritableStream & { readonly isTTY?: boolean },
  what = 'for waiting messages',
): Tally {
  if (output.isTTY !== true) return { told: () => undefined, done: () => undefined };
  return {
    told: (customers) => output.write(`\r${plural(customers, 'customer')} looked at ${what}`),
    done: () => output.write('\r\u001b[K'),
  };
}
