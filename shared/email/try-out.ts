/**
 * Tries a compiled template on sample readers, in every form: whatever prints what may be missing fails here, and so does
 * what breaks the rules of its tone.
 */
import { ContentError, type ContentProblem } from './content-error.ts';
import type { House } from './house.ts';
import type { CompiledTemplate } from './release.ts';
import { render, type RenderedMail } from './render.ts';
import { COMMON_READERS, type SampleReader } from './sample.ts';
import { placeOf, type ReadMail } from './rules/rule.ts';
import { whole } from './rules/whole.ts';
import type { Worded } from './step.ts';
import { checkTone, TONE_FILE } from './tone.ts';
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
interface Written extends Worded {
  readonly parts: CompiledTemplate;
}

/** A mail as one sample reader gets it. @throws ContentError when it is not whole */
export function sampled(
  { parts, ...worded }: Written,
  house: House,
  reader: SampleReader,
  { title, form }: (typeof FORMS)[number],
): ReadMail {
  const { step, stringsFile } = worded;
  const view = viewOf({ ...reader.input(house.carried, step.placed), form }, stringsFile.locale);
  const name = `${step.programme}/${step.step}`;
  return {
    worded,
    house,
    reader,
    form,
    view,
    mail: tried(name, parts, view, stringsFile.file, `${reader.title}${title}`),
  };
}

/** @throws ContentError */
export function tryOut(written: Written, house: House): void {
  const { locale, variant } = written.stringsFile;
  const words = house.tone[locale];
  if (words === undefined) {
    const advice = 'add them, so that mails in this language can be checked';
    throw new ContentError([{ file: TONE_FILE, problem: `there are no words for "${locale}"`, advice }]);
  }
  // What is wrong for several readers is told for the first of them.
  const problems = new Map<string, ContentProblem>();
  for (const reader of COMMON_READERS) {
    for (const form of FORMS) {
      const read = sampled(written, house, reader, form);
      const { view, mail } = read;
      const findings = [
        ...checkTone({ placed: written.step.placed, variant, view, mail }, words),
        ...whole.check(read),
      ];
      for (const finding of findings) {
        const { problem, advice, words: found = advice } = finding;
        if (!problems.has(found)) problems.set(found, { ...placeOf(finding, written), problem, advice });
      }
    }
  }
  if (problems.size > 0) throw new ContentError([...problems.values()]);
}

/** @throws ContentError */
function tried(name: string, parts: CompiledTemplate, view: View, file: string, reader: string): RenderedMail {
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
