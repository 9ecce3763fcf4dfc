/** The differences of two releases as lines that a marketer reads: words, not bytes. */
import { plural } from '../../shared/lifecycle/explain/when.ts';
import {
  ALL_MAILS,
  type Differences,
  type FileChanges,
  PAGES,
  type TextChanges,
  type ValueChange,
} from './differences.ts';
import { markedWords, type Marks } from './word-marks.ts';

/** Characters of a value that is new or gone as a whole. */
const VALUE_SHOWN = 160;

/** Lines under headings; empty for releases that differ in nothing that can be told. */
export function differenceLines(differences: Differences, marks: Marks): readonly string[] {
  const { templates, texts, layouts, playbook, data } = differences;
  const sections: readonly (readonly [heading: string, lines: readonly string[]])[] = [
    [
      'Mails',
      [
        ...templates.added.map((step) => marks.come(`${step} is new`)),
        ...templates.removed.map((step) => marks.gone(`${step} is gone`)),
      ],
    ],
    ['Texts', texts.flatMap((each) => textLines(each, marks))],
    [
      'Layouts',
      layouts.map(({ file, added, removed }) => `${file}: ${plural(added, 'line')} added, ${removed} removed`),
    ],
    ['Playbook', playbook.map((change) => `${playbookPlace(change.path)}: ${valueWords(change, marks)}`)],
    ['Data', data.flatMap((each) => dataLines(each, marks))],
  ];
  return sections.flatMap(([heading, lines]) =>
    lines.length === 0 ? [] : [heading, ...lines.map((line) => `  ${line}`), ''],
  );
}

function textLines({ where, locale, variant, changes }: TextChanges, marks: Marks): readonly string[] {
  const of = { [ALL_MAILS]: 'what all mails share', [PAGES]: 'the pages behind links' }[where] ?? where;
  const head = `${of}, ${locale}${variant === undefined ? '' : `, variant ${variant}`}`;
  return [head, ...changes.map((change) => `  ${change.path.join('.')}: ${valueWords(change, marks)}`)];
}

function dataLines({ file, changes }: FileChanges, marks: Marks): readonly string[] {
  return [
    file,
    ...changes.map((change) => `  ${change.path.join(' › ') || 'the whole file'}: ${valueWords(change, marks)}`),
  ];
}

/** `step onboarding/welcome, after`: where in the playbook, in its own words. */
function playbookPlace(path: readonly string[]): string {
  const [top, programme, list, series, steps, step, ...field] = path;
  if (top !== 'programmes' || programme === undefined) return path.join(' › ');
  const inSeries = list === 'series' ? series : undefined;
  if (inSeries === undefined) return [`programme ${programme}`, ...path.slice(2)].join(', ');
  if (steps !== 'steps' || step === undefined) {
    return [`series ${programme}/${inSeries}`, ...path.slice(4)].join(', ');
  }
  return [`step ${programme}/${step}`, ...(field.length === 0 ? [] : [field.join(' › ')])].join(', ');
}

function valueWords({ before, after }: ValueChange, marks: Marks): string {
  if (before === undefined) return marks.come(shown(after));
  if (after === undefined) return marks.gone(shown(before));
  if (typeof before === 'string' && typeof after === 'string' && isProse(before, after)) {
    const told = markedWords(before, after, marks);
    return before.split(/\s+/u).join(' ') === after.split(/\s+/u).join(' ') ? `${told} (only spaces differ)` : told;
  }
  return `${shown(before)} → ${shown(after)}`;
}

/** More than a name, a link or a duration: only its words show what has changed. */
function isProse(before: string, after: string): boolean {
  return [before, after].some((text) => text.split(/\s+/u).length > 2);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= VALUE_SHOWN ? text : `${text.slice(0, VALUE_SHOWN)}…`;
}
