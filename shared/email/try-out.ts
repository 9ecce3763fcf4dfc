/**
 * Tries a compiled template on sample readers, in every form: whatever prints what may be missing fails here, and so does
 * what breaks the rules of its tone.
 */
import { ContentError, type ContentProblem } from './content-error.ts';
import { emptyLink, longestPlace, missingName, placeOfFailure } from './failure.ts';
import type { House } from './house.ts';
import { render, type RenderedMail, RenderFailed } from './render.ts';
import { ALL_READERS, COMMON_READERS, type SampleReader } from './sample.ts';
import type { MailRule, ReadMail } from './rules/rule.ts';
import { whole } from './rules/whole.ts';
import type { Worded } from './step.ts';
import type { Parts } from './template.ts';
import { checkTone, TONE_FILE, type ToneWords } from './tone.ts';
import { type Form, type View, viewOf } from './view.ts';
import { placeOf } from './written-at.ts';

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
type Written = Worded & Parts;

/** What is wrong with a mail, by the name of the rule it breaks. */
export interface MailFinding extends ContentProblem {
  readonly rule: string;
}

/** The rule that is broken by what cannot be made at all. */
export const COMPILING = 'compiling';

/** A mail as one sample reader gets it. @throws ContentError when there is none */
function sampled(
  { parts, marked, ...worded }: Written,
  house: House,
  reader: SampleReader,
  { title, form }: (typeof FORMS)[number],
): ReadMail {
  const content = { ...house.carried, offers: house.playbook.offers.byName };
  const view = viewOf(
    { ...reader.input(content, worded.step.placed, worded.stringsFile.locale), form },
    worded.stringsFile.locale,
  );
  return {
    worded,
    house,
    reader,
    form,
    view,
    mail: tried({ ...worded, parts, marked }, house, view, `${reader.title}${title}`),
  };
}

/** The HTML of a mail with marks. */
function markedHtml({ marked, step }: Written, view: View): string {
  return render({ name: `${step.programme}/${step.step}`, parts: marked }, view).html;
}

/** What is wrong for these readers; what is wrong for several of them is told for the first. */
function findingsFor(
  written: Written,
  house: House,
  readers: readonly SampleReader[],
  rules: readonly MailRule[],
): readonly MailFinding[] {
  const found = new Map<string, MailFinding>();
  for (const reader of readers) {
    for (const form of reader.inEveryForm ? FORMS : FORMS.slice(0, 1)) {
      try {
        const read = sampled(written, house, reader, form);
        for (const { name, check } of rules) {
          for (const finding of check(read)) {
            const { problem, advice, key = '', words = advice } = finding;
            const id = `${name}:${key}:${words}`;
            if (found.has(id)) continue;
            const place = placeOf(finding, written, () => markedHtml(written, read.view));
            found.set(id, { ...place, problem, advice, rule: name });
          }
        }
      } catch (error) {
        if (!(error instanceof ContentError)) throw error;
        for (const problem of error.problems) {
          const id = `${problem.file}:${problem.line}:${problem.advice}`;
          if (!found.has(id)) found.set(id, { ...problem, rule: COMPILING });
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
function tried(written: Written, house: House, view: View, reader: string): RenderedMail {
  const { parts } = written;
  const { programme, step } = written.step;
  let mail: RenderedMail;
  try {
    mail = render({ name: `${programme}/${step}`, parts }, view);
  } catch (cause) {
    if (!(cause instanceof RenderFailed)) throw cause;
    const name = missingName(cause.cause);
    const reason = cause.cause instanceof Error ? cause.cause.message.replace(/, line:.*$/su, '') : '';
    throw refusal(
      placeOfFailure(written, house, view),
      `it does not render for ${reader}: ${name === undefined ? reason : `there is no ${name}`}`,
      `ask before printing what may be missing: {% if ${name ?? '…'} %} … {% endif %}`,
      { cause },
    );
  }
  const empty = /\b(?:href|src)=""/.exec(mail.html);
  if (empty !== null) {
    const printed = emptyLink(parts.html, view);
    const name = /[\w.]+/u.exec(printed ?? '')?.[0] ?? '…';
    throw refusal(
      placeOf({ words: printed ?? '', at: empty.index, problem: '', advice: '' }, written, () =>
        markedHtml(written, view),
      ),
      `it has an empty ${empty[0]} for ${reader}`,
      `ask before linking what may be missing: {% if ${name} %} … {% endif %}`,
    );
  }
  const bytes = Buffer.byteLength(mail.html);
  if (bytes > LARGEST_HTML_BYTES) {
    const advice = `shorten it below ${LARGEST_HTML_BYTES}, beginning with what stands here`;
    throw refusal(longestPlace(written), `the mail for ${reader} has ${bytes} bytes of HTML`, advice);
  }
  return mail;
}
