/**
 * Tries a compiled template on sample readers, in every form: whatever prints what may be missing fails here, and so does
 * what breaks the rules of its tone.
 */
import type { Placed } from '../lifecycle/playbook.ts';
import { ContentError, type ContentProblem } from './content-error.ts';
import type { House } from './house.ts';
import type { CompiledTemplate } from './release.ts';
import { render, type RenderedMail } from './render.ts';
import { COMMON_READERS, type SampleReader } from './sample.ts';
import type { StringsFile } from './step.ts';
import type { Strings } from './strings.ts';
import { checkTone, TONE_FILE, type ToneFinding } from './tone.ts';
import { type Form, type View, viewOf } from './view.ts';

/** Gmail cuts a mail off at about 102 KB of HTML, and with it the unsubscribe link. */
const LARGEST_HTML_BYTES = 100_000;

/** Every way a reader may want to be written to. */
export const FORMS: readonly { readonly title: string; readonly form: Form }[] = [
  { title: '', form: { brief: false, reasons: false } },
  { title: ', with the reasons', form: { brief: false, reasons: true } },
  { title: ', in brief', form: { brief: true, reasons: false } },
  { title: ', in brief with the reasons', form: { brief: true, reasons: true } },
];

/** One template with the texts it was made of. */
export interface Written {
  /** `programme/step`. */
  readonly name: string;
  readonly placed: Placed;
  readonly stringsFile: StringsFile;
  readonly strings: Strings;
  readonly parts: CompiledTemplate;
}

/** A mail as one sample reader gets it. */
export interface Sampled {
  readonly view: View;
  readonly mail: RenderedMail;
}

/** @throws ContentError when the mail is not whole */
export function sampled(written: Written, house: House, reader: SampleReader, form: (typeof FORMS)[number]): Sampled {
  const { locale } = written.stringsFile;
  const view = viewOf({ ...reader.input(house.carried, written.placed), form: form.form }, locale);
  return { view, mail: tried(written, view, `${reader.title}${form.title}`) };
}

/** @throws ContentError */
export function tryOut(written: Written, house: House): void {
  const { locale, variant } = written.stringsFile;
  const words = house.tone[locale];
  if (words === undefined) {
    const advice = 'add them, so that mails in this language can be checked';
    throw new ContentError([{ file: TONE_FILE, problem: `there are no words for "${locale}"`, advice }]);
  }
  const problems: ContentProblem[] = [];
  for (const reader of COMMON_READERS) {
    for (const form of FORMS) {
      const { view, mail } = sampled(written, house, reader, form);
      const findings = checkTone({ placed: written.placed, variant, view, mail }, words);
      problems.push(...findings.map((finding) => located(finding, written)));
    }
  }
  if (problems.length > 0) throw new ContentError(problems);
}

/** A finding with the file and line of the text that holds the words, as far as a single text does. */
function located({ problem, advice, words }: ToneFinding, { strings, stringsFile: { file } }: Written): ContentProblem {
  const holds = ({ value }: { value: string }) =>
    words !== undefined && value.replaceAll('’', "'").toLowerCase().includes(words.toLowerCase());
  const text = [...strings.values()].find(holds);
  return { file: text?.file ?? file, line: text?.line, problem, advice };
}

function tried({ name, parts, stringsFile: { file } }: Written, view: View, reader: string): RenderedMail {
  let mail: RenderedMail;
  try {
    mail = render({ name, parts }, view);
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    const advice = 'ask before printing what may be missing: {% if ... %}';
    throw new ContentError([{ file, problem: `it does not render for ${reader}: ${reason}`, advice }], { cause });
  }
  const empty = /\b(?:href|src)=""/.exec(mail.html)?.[0];
  if (empty !== undefined) {
    const advice = 'ask before linking what may be missing: {% if ... %}';
    throw new ContentError([{ file, problem: `it has an empty ${empty} for ${reader}`, advice }]);
  }
  const bytes = Buffer.byteLength(mail.html);
  if (bytes > LARGEST_HTML_BYTES) {
    const advice = `shorten it below ${LARGEST_HTML_BYTES} bytes`;
    throw new ContentError([{ file, problem: `the mail has ${bytes} bytes of HTML`, advice }]);
  }
  return mail;
}
