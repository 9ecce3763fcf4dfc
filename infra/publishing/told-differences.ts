/** The differences of two releases as a marketer is told them, in words, for whoever shows them as lines or on a page. */
import { plural } from '../../shared/lifecycle/explain/when.ts';
import { ALL_MAILS, type Differences, PAGES, type TextChanges, type ValueChange } from './differences.ts';
import { type Told, toldWords } from './word-marks.ts';

/** One value became another one, or words went and others came. */
export type ToldValue =
  | { readonly kind: 'replaced'; readonly before: string; readonly after: string }
  | { readonly kind: 'words'; readonly words: readonly Told[]; readonly onlySpaces: boolean };

export interface ToldChange {
  /** Where in the group; left out where the words say it. */
  readonly place?: string;
  readonly value: ToldValue;
}

export interface ToldGroup {
  readonly title?: string;
  /** Whose texts they are, where they are texts. */
  readonly texts?: Omit<TextChanges, 'changes'>;
  readonly changes: readonly ToldChange[];
}

export interface ToldSection {
  readonly heading: string;
  readonly groups: readonly ToldGroup[];
}

/** What differs, under headings; empty for releases that differ in nothing that can be told. */
export function toldDifferences({ templates, texts, layouts, playbook, data }: Differences): readonly ToldSection[] {
  const mails = [
    ...templates.added.map((step) => ({ value: only('come', `${step} is new`) })),
    ...templates.removed.map((step) => ({ value: only('gone', `${step} is gone`) })),
  ];
  const rules = playbook.map((change) => ({ place: playbookPlace(change.path), value: valueOf(change) }));
  const sections: readonly ToldSection[] = [
    { heading: 'Mails', groups: [{ changes: mails }] },
    { heading: 'Texts', groups: texts.map(textGroup) },
    { heading: 'Layouts', groups: layouts.map(layoutGroup) },
    { heading: 'Playbook', groups: [{ changes: rules }] },
    {
      heading: 'Data',
      groups: data.map(({ file, changes }) => ({
        title: file,
        changes: changes.map((each) => ({ place: each.path.join(' › ') || 'the whole file', value: valueOf(each) })),
      })),
    },
  ];
  return sections
    .map(({ heading, groups }) => ({ heading, groups: groups.filter(({ changes }) => changes.length > 0) }))
    .filter(({ groups }) => groups.length > 0);
}

/** Lines that somebody has changed are shown; of a layout that is new or gone, how many there are. */
function layoutGroup({ file, added, removed, isWhole }: Differences['layouts'][number]): ToldGroup {
  const count = `${plural(added.length, 'line')} added, ${removed.length} removed`;
  if (isWhole) return { changes: [{ place: file, value: only('kept', count) }] };
  const changes = [
    ...removed.map((text) => ({ value: only('gone', text) })),
    ...added.map((text) => ({ value: only('come', text) })),
  ];
  if (changes.length === 0)
    return { changes: [{ place: file, value: only('kept', 'lines moved or spaced otherwise') }] };
  return { title: `${file}: ${count}`, changes };
}

function textGroup({ changes, ...texts }: TextChanges): ToldGroup {
  const { where, locale, variant } = texts;
  const of = { [ALL_MAILS]: 'what all mails share', [PAGES]: 'the pages behind links' }[where] ?? where;
  return {
    title: `${of}, ${locale}${variant === undefined ? '' : `, variant ${variant}`}`,
    texts,
    changes: changes.map((each) => ({ place: each.path.join('.'), value: valueOf(each) })),
  };
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

function only(kind: Told['kind'], text: string): ToldValue {
  return { kind: 'words', words: [{ kind, text }], onlySpaces: false };
}

function valueOf({ before, after }: ValueChange): ToldValue {
  if (before === undefined) return only('come', shown(after));
  if (after === undefined) return only('gone', shown(before));
  if (typeof before === 'string' && typeof after === 'string' && isProse(before, after)) {
    const onlySpaces = before.split(/\s+/u).join(' ') === after.split(/\s+/u).join(' ');
    return { kind: 'words', words: toldWords(before, after), onlySpaces };
  }
  return { kind: 'replaced', before: shown(before), after: shown(after) };
}

/** More than a name, a link or a duration: only its words show what has changed. */
function isProse(before: string, after: string): boolean {
  return [before, after].some((text) => text.split(/\s+/u).length > 2);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
