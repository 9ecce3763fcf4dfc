/** The differences of two releases as lines that a marketer reads: words, not bytes. */
import type { Differences } from './differences.ts';
import { toldDifferences, type ToldChange, type ToldValue } from './told-differences.ts';
import { marked, type Marks } from './word-marks.ts';

/** Lines under headings; empty for releases that differ in nothing that can be told. */
export function differenceLines(differences: Differences, marks: Marks): readonly string[] {
  return toldDifferences(differences).flatMap(({ heading, groups }) => [
    heading,
    ...groups.flatMap(({ title, changes }) =>
      title === undefined
        ? changes.map((each) => `  ${line(each, marks)}`)
        : [`  ${title}`, ...changes.map((each) => `    ${line(each, marks)}`)],
    ),
    '',
  ]);
}

function line({ place, value }: ToldChange, marks: Marks): string {
  return `${place === undefined ? '' : `${place}: `}${words(value, marks)}`;
}

function words(value: ToldValue, marks: Marks): string {
  switch (value.kind) {
    case 'replaced':
      return `${value.before} → ${value.after}`;
    case 'words':
      return `${marked(value.words, marks)}${value.onlySpaces ? ' (only spaces differ)' : ''}`;
    default:
      return value satisfies never;
  }
}
