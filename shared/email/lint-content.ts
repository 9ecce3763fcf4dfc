/**
 * The content lint: everything that stops a release, and everything that would not stop it but that its readers would
 * notice. Each finding tells file, line and what to do.
 */
import { type Compilation, type SoundSteps, tryCompiling } from './compile.ts';
import type { ContentProblem } from './content-error.ts';
import { Findings } from './findings.ts';
import type { House } from './house.ts';
import { colours } from './rules/colours.ts';
import { direction } from './rules/direction.ts';
import { inbox } from './rules/inbox.ts';
import { layoutWords } from './rules/layout-words.ts';
import { illegibleIn } from './rules/legible.ts';
import type { MailRule } from './rules/rule.ts';
import { markupIn } from './rules/markup.ts';
import { foreignIn } from './rules/languages.ts';
import { wrongPlurals } from './rules/plurals.ts';
import { signsOf } from './rules/typography.ts';
import { waysOut } from './rules/ways-out.ts';
import { bothParts, whole } from './rules/whole.ts';
import { TEMPLATES } from './step.ts';
import { checkTranslations, type Translation, translationsOf } from './translations.ts';
import { checkForAll, COMPILING } from './try-out.ts';
import { layoutPlaceOf } from './written-at.ts';

const MAIL_RULES: readonly MailRule[] = [inbox, whole, bothParts, waysOut, colours, direction, layoutWords];

/** Which mail a finding is about; a finding may be about the content as a whole. */
export interface MailName {
  readonly programme: string;
  readonly step: string;
  readonly locale: string;
  readonly variant: string | undefined;
}

export interface LintFinding extends ContentProblem {
  /** An error keeps a release from being published; a warning is only told. */
  readonly severity: 'error' | 'warning';
  /** The rule, as one says it. */
  readonly rule: string;
  readonly mail?: MailName;
}

/** The rules that a mail is held to once it is made, for every reader. */
export function checkMails(template: Compilation['made'][number], house: House): readonly LintFinding[] {
  const { stringsFile, step } = template;
  const { locale, variant } = stringsFile;
  const mail = { programme: step.programme, step: step.step, locale, variant };
  const illegible = illegibleIn(template.parts.html).map((finding) => {
    const { problem, advice } = finding;
    return {
      ...layoutPlaceOf(finding, template, template.marked.html),
      problem,
      advice,
      rule: 'legible for everybody',
    };
  });
  const found = [...checkForAll(template, house, MAIL_RULES), ...illegible];
  return found.map((finding) => ({ ...finding, severity: 'error', mail }));
}

/** What is wrong with texts as they are written, for which no mail has to be made. */
export function checkTexts(
  texts: readonly Pick<Translation, 'locale' | 'file' | 'line' | 'text'>[],
  { carried: { shop } }: House,
): readonly LintFinding[] {
  const names = [shop.name, shop.signature.name, ...shop.postalAddress];
  return texts.flatMap(({ locale, file, line, text = '' }) =>
    [
      ...foreignIn(text, locale, names).map((finding) => ({ ...finding, rule: `words of ${locale}` })),
      ...wrongPlurals(text, locale).map((finding) => ({ ...finding, rule: `the forms of numbers in ${locale}` })),
      ...signsOf(text, locale).map((finding) => ({ ...finding, rule: `the signs of ${locale}` })),
      ...markupIn(text).map((finding) => ({ ...finding, rule: 'words, and no markup' })),
    ].map((finding) => ({ ...finding, file, line, severity: 'error' as const })),
  );
}

/** Only once, however many mails show it. */
function distinct(findings: readonly LintFinding[]): readonly LintFinding[] {
  const known = new Map<string, LintFinding>();
  for (const finding of findings) {
    const { file, line, problem } = finding;
    const id = `${file}:${line}:${problem}`;
    if (!known.has(id)) known.set(id, finding);
  }
  return [...known.values()];
}

/** Lints the content. @param concerns which templates to render; all when left out */
export async function lintContent(
  contentDirectory: string,
  concerns: (mail: MailName) => boolean = () => true,
): Promise<readonly LintFinding[]> {
  return (await lintCompiling(contentDirectory, concerns)).findings;
}

/** What was found, and what was compiled on the way; that is a release where nothing is wrong. */
export interface Linted {
  readonly findings: readonly LintFinding[];
  /** Undefined when something is wrong with all templates. */
  readonly compilation: Compilation | undefined;
}

/** @param known spares checking what was found sound before */
export async function lintCompiling(
  contentDirectory: string,
  concerns: (mail: MailName) => boolean = () => true,
  known?: SoundSteps,
): Promise<Linted> {
  const findings = new Findings();
  const found: LintFinding[] = [];
  const compilation = await findings.gather(TEMPLATES, () => tryCompiling(contentDirectory, findings, concerns, known));
  if (compilation !== undefined) {
    const { house, made } = compilation;
    for (const template of made) {
      found.push(...((await findings.gather(template.step.layout.file, () => checkMails(template, house))) ?? []));
    }
    found.push(...((await findings.gather(TEMPLATES, () => aboutTexts(contentDirectory, house))) ?? []));
  }
  const compiling = findings.problems.map((problem) => ({ ...problem, severity: 'error' as const, rule: COMPILING }));
  return { findings: distinct([...compiling, ...found]), compilation };
}

/** What is wrong with the texts of all languages, also of templates that were not rendered. @throws ContentError */
async function aboutTexts(contentDirectory: string, house: House): Promise<readonly LintFinding[]> {
  const translations = await translationsOf(contentDirectory, house.carried.shop.locales);
  const checked = await checkTranslations(contentDirectory, translations);
  return [
    ...checked.map(({ locale: _locale, ...finding }) => ({ ...finding, rule: 'translations' })),
    ...checkTexts(translations, house),
  ];
}
