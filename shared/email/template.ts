/** One template in one language and variant: its texts checked against its layout, compiled, and tried out. */
import { isolated, rightToLeft, withIsolates } from './bidi.ts';
import { ContentError } from './content-error.ts';
import { constantsOf, fill, fillPlain, settingsOf, toHtml } from './fill.ts';
import type { House } from './house.ts';
import { lineAt } from './json-text.ts';
import { checkStrings, missingTexts, parseLiquid, variablesOf } from './lint.ts';
import { directionOf } from './locale.ts';
import { withKey, withLines, withoutMarks } from './marks.ts';
import type { CompiledTemplate, TemplateEntry } from './release.ts';
import type { Step, StringsFile, Worded } from './step.ts';
import { unsafeIn } from './rules/safety.ts';
import { PLAIN_KEYS, readStrings, type Strings } from './strings.ts';
import { toText } from './text-part.ts';
import { tryOut } from './try-out.ts';
import { unclosedIn } from './unclosed.ts';
import { placeOf } from './written-at.ts';

/** A template, and the same with marks that tell where its HTML was written. */
export interface Parts {
  readonly parts: CompiledTemplate;
  readonly marked: CompiledTemplate;
}

export interface Compiled extends Parts {
  readonly entry: TemplateEntry;
}

/**
 * @param shared the texts of the language that every template can use
 * @throws ContentError
 */
export async function checkTemplate(
  contentDirectory: string,
  step: Step,
  stringsFile: StringsFile,
  shared: Strings,
  house: House,
): Promise<Worded> {
  const plain = step.stringsFiles.filter(
    ({ locale, variant }) => locale === stringsFile.locale && variant === undefined,
  );
  const inherited = stringsFile.variant === undefined ? [] : plain;
  const files = await Promise.all([...inherited, stringsFile].map(({ file }) => readStrings(contentDirectory, file)));
  const own: Strings = new Map(files.flatMap((texts) => [...texts]));
  const strings: Strings = new Map([...shared, ...own]);
  const problems = [
    ...missingTexts(step, strings, stringsFile.file),
    ...checkStrings(step, strings, own, house.viewPaths),
  ];
  if (problems.length > 0) throw new ContentError(problems);
  return { step, stringsFile, strings };
}

/** The texts that stand where markup cannot, with their values isolated. */
function withPlainIsolated(strings: Strings): Strings {
  return new Map(
    [...strings].map(([key, text]) => [
      key,
      PLAIN_KEYS.includes(key) ? { ...text, value: isolated(text.value) } : text,
    ]),
  );
}

/** Variables that come from journalled events. */
const JOURNALLED = /^(order|complaint|cart|change)\b/u;

/** What a template is compiled into, not yet tried on anybody. @throws ContentError, also when anything in it is unsafe */
export async function partsOf(worded: Worded, house: House): Promise<Parts> {
  const { step, stringsFile, strings } = worded;
  const { locale } = stringsFile;
  const isRightToLeft = directionOf(locale) === 'rtl';
  const texts = isRightToLeft ? withPlainIsolated(strings) : strings;
  const constants = constantsOf(locale, house.carried.shop);
  const source = withLines(step.layout.source);
  const filled = fill(source, texts, settingsOf(locale, house.carried.shop), constants, (text, key, at) =>
    withKey(text, key, lineAt(source, at)),
  );
  const unclosed = unclosedIn(step.layout);
  // MJML would take the rest of the layout for words, and tell of that.
  if (unclosed.some(({ problem }) => problem.includes('<mj-'))) throw new ContentError(unclosed);
  const markedHtml = await toHtml(step.layout, filled);
  const html = withoutMarks(markedHtml);
  const subject = fillPlain(texts.get('subject')?.value ?? '', constants);
  const preheader = fillPlain(texts.get('preheader')?.value ?? '', constants);
  // Its pieces have been parsed by now; what is wrong with all of them together has no line that anybody has written.
  const printed = variablesOf(parseLiquid(`${subject}${preheader}${html}`, () => ({ file: step.layout.file })));
  const parts = {
    subject,
    preheader,
    html,
    text: isRightToLeft ? rightToLeft(toText(withIsolates(html))) : toText(html),
    showsJournal: printed.some(({ path }) => JOURNALLED.test(path)),
  };
  const unsafe = unsafeIn(parts, house.carried.shop.url).map((finding) => {
    const { problem, advice } = finding;
    return { ...placeOf(finding, worded, () => markedHtml), problem, advice };
  });
  if (unsafe.length + unclosed.length > 0) throw new ContentError([...unsafe, ...unclosed]);
  return { parts, marked: { ...parts, html: markedHtml } };
}

/** How a release lists a template. */
export function entryOf({ programme, step }: Step, { locale, variant, file }: StringsFile): TemplateEntry {
  return { programme, step, locale, ...(variant === undefined ? {} : { variant }), file };
}

/** @throws ContentError */
export async function compileTemplate(worded: Worded, house: House): Promise<Compiled> {
  const made = await partsOf(worded, house);
  tryOut({ ...worded, ...made }, house);
  return { entry: entryOf(worded.step, worded.stringsFile), ...made };
}
