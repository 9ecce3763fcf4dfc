/** What a rule of the content lint looks at: one mail as one sample reader gets it, with what it was made of. */
import type { House } from '../house.ts';
import type { RenderedMail } from '../render.ts';
import type { SampleReader } from '../sample.ts';
import type { Origin } from '../layout.ts';
import type { Worded } from '../step.ts';
import type { Form, View } from '../view.ts';

export interface ReadMail {
  readonly worded: Worded;
  readonly house: House;
  readonly reader: SampleReader;
  readonly form: Form;
  readonly view: View;
  readonly mail: RenderedMail;
}

export interface RuleFinding {
  readonly problem: string;
  readonly advice: string;
  /** The text of the template it is about. */
  readonly key?: string;
  /** What was found, to tell the line of the text or of the layout it stands on. */
  readonly words?: string;
}

export interface MailRule {
  /** What the rule is called, as one says it: "the line in the inbox". */
  readonly name: string;
  readonly check: (read: ReadMail) => readonly RuleFinding[];
}

export function findingsIf(broken: boolean, finding: RuleFinding): readonly RuleFinding[] {
  return broken ? [finding] : [];
}

/** MJML writes signs and spaces otherwise than people do. */
function comparable(text: string): string {
  return text.replaceAll('’', "'").replaceAll('&amp;', '&').replaceAll(/\s/gu, '').toLowerCase();
}

/** Where a finding stands: at its text, or at the words found, in the texts or in the layout. */
export function placeOf(
  { key, words }: RuleFinding,
  { strings, step, stringsFile }: Worded,
): Partial<Origin> & { file: string } {
  const byKey = key === undefined ? undefined : strings.get(key);
  if (byKey !== undefined) return { file: byKey.file, line: byKey.line };
  const sought = comparable(words ?? '');
  const holds = (text: string) => sought !== '' && comparable(text).includes(sought);
  const text = [...strings.values()].find(({ value }) => holds(value));
  if (text !== undefined) return { file: text.file, line: text.line };
  return step.layout.origins[step.layout.source.split('\n').findIndex(holds)] ?? { file: stringsFile.file };
}

/** Where the layout sets what was found, for findings about how it looks and not about what it says. */
export function layoutPlaceOf(finding: RuleFinding, worded: Worded): Partial<Origin> & { file: string } {
  const { strings, step } = worded;
  const { source, origins } = step.layout;
  const sought = comparable(finding.words ?? '');
  // Words that stand in the layout itself stand right behind a tag.
  const line = source.split('\n').findIndex((each) => comparable(each).includes(`>${sought}`));
  const set = [...step.texts].find(([key]) => comparable(strings.get(key)?.value ?? '').includes(sought));
  return origins[line] ?? set?.[1] ?? placeOf(finding, worded);
}
