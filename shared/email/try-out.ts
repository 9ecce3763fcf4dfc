/**
 * Tries a compiled template on sample readers, in every form: whatever prints what may be missing fails here, and so does
 * what breaks the rules of its tone.
 */
import { ContentError, type ContentProblem } from './content-error.ts';
import { emptyLink, longestPlace, missingName, placeOfFailure } from './failure.ts';
import type { House } from './house.ts';
import type { CompiledTemplate } from './release.ts';
import { render, type RenderedMail, RenderFailed } from './render.ts';
import { ALL_READERS, COMMON_READERS, type SampleReader } from './sample.ts';
import { type MailRule, placeOf, type ReadMail } from './rules/rule.ts';
import { whole } from './rules/whole.ts';
import type { Worded } from './step.ts';
import { checkTone, TONE_FILE, type ToneWords } from './tone.ts';
import { type Form, type View, viewOf } from './view.ts';

/** Gmail cuts a mail off at about 102 KB of HTML, and with it the unsubscribe link. */
const LARGEST_HTML_BYTES = 100_000;

/** Every way a reader may want to be written to. */
const FORMS: readonly { readonly title: string; readonly form: Form }[] = [
  { title: '', form: { brief: false, reasons: false } },
  { title: ', with the reasons', form: { brief: false, reasons: true } },
  { title: ', in brief', form: { brief: true, reasons: false } },
  { title: ', in brief with the reasons', form: { brief: true, reasons: true } },
];

/** One template with the texts it was made of. */
interface Written extends Worded {
  readonly parts: CompiledTemplate;
}

/** What is wrong with a mail, by the name of the rule it breaks. */
export interface MailFinding extends ContentProblem {
  readonly rule: string;
}

/** The rule that is broken by what cannot be made at all. */
export const COMPILING = 'compiling';

/** A mail as one sample reader gets it. @throws ContentError when there is none */
function sampled(
  { parts, ...worded }: Written,
  house: House,
  reader: SampleReader,
  { title, form }: (typeof FORMS)[number],
): ReadMail {
  const view = viewOf({ ...reader.input(house.carried, worded.step.placed), form }, worded.stringsFile.locale);
  return { worded, house, reader, form, view, mail: tried(worded, parts, house, view, `${reader.title}${title}`) };
}

/** What is wrong for these readers; what is wrong for several of them is told for the first. */
function findingsFor(
  written: Written,
  house: House,
  readers: readonly SampleReader[],
  rules: readonly MailRule[],
): readonly MailFinding[] {
  const found = new Map<string, MailFinding>();
  const keep = (id: string, finding: MailFinding) => {
    if (!found.has(id)) found.set(id, finding);
  };
  for (const reader of readers) {
    // The awkward are awkward in every form alike.
    for (const form of COMMON_READERS.includes(reader) ? FORMS : FORMS.slice(0, 1)) {
      try {
        const read = sampled(written, house, reader, form);
        for (const { name, check } of rules) {
          for (const finding of check(read)) {
            const { problem, advice, key = '', words = advice } = finding;
            keep(`${name}:${key}:${words}`, { ...placeOf(finding, written), problem, advice, rule: name });
          }
        }
      } catch (error) {
        if (!(error instanceof ContentError)) throw error;
        for (const problem of error.problems) {
          keep(`${problem.file}:${problem.line}:${problem.advice}`, { ...problem, rule: COMPILING });
        }
      }
    }
  }
  return [...found.values()];
}

/** Holds a template to rules for all readers, the awkward ones included. */
export function checkForAll(written: Written, house: House, rules: readonly MailRule[]): readonly MailFinding[] {
  return findingsFor(written, house, ALL_READERS, rules);
}

const toneOf = (words: ToneWords): MailRule => ({
  name: COMPILING,
  check: ({ worded: { step, stringsFile }, view, mail }) =>
    checkTone({ placed: step.placed, variant: stringsFile.variant, view, mail }, words),
});

/** @throws ContentError */
export function tryOut(written: Written, house: House): void {
  const { locale } = written.stringsFile;
  const words = house.tone[locale];
  if (words === undefined) {
    const advice = 'add them, so that mails in this language can be checked';
    throw new ContentError([{ file: TONE_FILE, problem: `there are no words for "${locale}"`, advice }]);
  }
  const found = findingsFor(written, house, COMMON_READERS, [toneOf(words), whole]);
  if (found.length > 0) throw new ContentError(found.map(({ rule: _rule, ...problem }) => problem));
}

function refusal(
  place: Pick<ContentProblem, 'file' | 'line'>,
  problem: string,
  advice: string,
  options?: ErrorOptions,
): ContentError {
  return new ContentError([{ ...place, problem, advice }], options);
}

/** @throws ContentError */
function tried(worded: Worded, parts: CompiledTemplate, house: House, view: View, reader: string): RenderedMail {
  const { programme, step } = worded.step;
  let mail: RenderedMail;
  try {
    mail = render({ name: `${programme}/${step}`, parts }, view);
  } catch (cause) {
    if (!(cause instanceof RenderFailed)) throw cause;
    const name = missingName(cause.cause);
    const reason = cause.cause instanceof Error ? cause.cause.message.replace(/, line:.*$/su, '') : '';
    throw refusal(
      placeOfFailure(worded, house, view),
      `it does not render for ${reader}: ${name === undefined ? reason : `there is no ${name}`}`,
      `ask before printing what may be missing: {% if ${name ?? '…'} %} … {% endif %}`,
      { cause },
    );
  }
  const [empty] = /\b(?:href|src)=""/.exec(mail.html) ?? [];
  if (empty !== undefined) {
    const printed = emptyLink(parts.html, view);
    const name = /[\w.]+/u.exec(printed ?? '')?.[0] ?? '…';
    throw refusal(
      placeOf({ words: printed ?? '', problem: '', advice: '' }, worded),
      `it has an empty ${empty} for ${reader}`,
      `ask before linking what may be missing: {% if ${name} %} … {% endif %}`,
    );
  }
  const bytes = Buffer.byteLength(mail.html);
  if (bytes > LARGEST_HTML_BYTES) {
    const advice = `shorten it below ${LARGEST_HTML_BYTES}, beginning with what stands here`;
    throw refusal(longestPlace(worded), `the mail for ${reader} has ${bytes} bytes of HTML`, advice);
  }
  return mail;
}
