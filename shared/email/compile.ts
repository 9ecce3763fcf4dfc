/**
 * Compiles what marketers write into a release: MJML becomes HTML and text, strings are set into it, and everything a
 * reader could stumble over (an unknown or unused text, a misspelt variable, broken Liquid or MJML) stops the release
 * with file, line and what to do. Build time only. The same content gives the same bytes.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import mjml2html from 'mjml';
import * as z from 'zod/mini';
import { REASON_QUESTION } from '../lifecycle/customer/news.ts';
import type { Playbook } from '../lifecycle/playbook.ts';
import { InvalidPlaybook, parsePlaybook } from '../lifecycle/playbook/parse-playbook.ts';
import { compilePageTexts } from './compile-pages.ts';
import { ContentError, type ContentProblem } from './content-error.ts';
import type { Layout } from './layout.ts';
import { checkStrings, parseLiquid, pathsOf, variablesOf } from './lint.ts';
import { directionOf, FALLBACK_LOCALE } from './locale.ts';
import { PAGES_FILE, type PageTextsByLocale } from './page-texts.ts';
import {
  type CompiledTemplate,
  type Manifest,
  MANIFEST_FILE,
  contentSchemas,
  openRelease,
  type Release,
  type TemplateEntry,
} from './release.ts';
import { render, type RenderedMail } from './render.ts';
import { fullSample, leanSample } from './sample.ts';
import { type Shop, shopSchema } from './shop.ts';
import { readStep, SHARED, type Step, type StringsFile, stringsFileOf, TEMPLATES } from './step.ts';
import { PLAIN_KEYS, readJson, readStrings, type Strings, toAttribute, toMarkup } from './strings.ts';
import { toText } from './text-part.ts';
import { checkTone, TONE_FILE, type ToneByLocale, type ToneFinding, toneSchema } from './tone.ts';
import { type Form, type View, viewOf } from './view.ts';

/** Which steps there are, and what each of them offers, asks and does. */
const PLAYBOOK_FILE = 'playbook.json';

/** Gmail cuts a mail off at about 102 KB of HTML, and with it the unsubscribe link. */
const LARGEST_HTML_BYTES = 100_000;

/** Hexadecimal digits of a release id: 64 bits of the hash. */
const ID_LENGTH = 16;

/** The problems of zod/mini have no words until a language is loaded. */
z.config(z.locales.en());

type Carried = Omit<Manifest, 'id' | 'templates'>;

/** What holds for every template. */
interface House extends Carried {
  readonly pages: PageTextsByLocale;
  readonly playbook: Playbook;
  readonly tone: ToneByLocale;
  /** Everything a template may name. */
  readonly viewPaths: ReadonlySet<string>;
}

interface Compiled {
  readonly entry: TemplateEntry;
  readonly parts: CompiledTemplate;
}

/** Runs checks one after the other and keeps what they find, so that everything wrong is told at once. */
class Findings {
  readonly #problems: ContentProblem[] = [];

  async gather<T>(check: () => Promise<T>): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      this.#problems.push(...error.problems);
      return undefined;
    }
  }

  /** @throws ContentError if anything was found */
  settle(): void {
    if (this.#problems.length > 0) throw new ContentError(this.#problems);
  }
}

/** What the compiler itself provides to layouts: direction and colours, which MJML wants to validate as values. */
function settingsOf(locale: string, { colours }: Shop): Map<string, string> {
  const direction = directionOf(locale);
  const settings = new Map([
    ['locale.lang', locale],
    ['locale.dir', direction],
    ['locale.start', direction === 'ltr' ? 'left' : 'right'],
    ['locale.end', direction === 'ltr' ? 'right' : 'left'],
  ]);
  for (const [scheme, palette] of Object.entries(colours)) {
    for (const [name, colour] of Object.entries(palette)) settings.set(`colours.${scheme}.${name}`, colour);
  }
  return settings;
}

/** What is the same in every mail of a release: said once, when compiling, and not thousands of times a second. */
function constantsOf(locale: string, shop: Shop): ReadonlyMap<string, string> {
  const view = { shop: viewOf({ shop, customer: {} }, locale).shop };
  const leaves = (value: unknown, path: string): [string, string][] => {
    if (typeof value === 'string') return [[path, value]];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}.${key}`));
  };
  return new Map(leaves(view.shop, 'shop'));
}

const PLACE = /\{\{\s*([\w.]+)\s*\}\}/g;

/** Sets texts, settings and constants into a layout; the Liquid that is left is for the renderer. */
function fill(
  source: string,
  strings: Strings,
  settings: ReadonlyMap<string, string>,
  constants: ReadonlyMap<string, string>,
): string {
  // Liquid can hold angle brackets of its own; masked, the last bracket before a place tells whether it is in a tag.
  const masked = source.replaceAll(/\{\{.*?\}\}|\{%.*?%\}/gsu, (liquid) => '_'.repeat(liquid.length));
  const worded = source.replaceAll(PLACE, (liquid, path: string, at: number) => {
    const key = path.startsWith('t.') ? path.slice(2) : undefined;
    const text = key === undefined ? undefined : strings.get(key);
    if (key === undefined || text === undefined) return settings.get(path) ?? liquid;
    const inTag = masked.lastIndexOf('<', at) > masked.lastIndexOf('>', at);
    return inTag || PLAIN_KEYS.includes(key) ? toAttribute(text.value) : toMarkup(text.value);
  });
  return worded.replaceAll(PLACE, (liquid, path: string) => {
    const value = constants.get(path);
    return value === undefined ? liquid : toAttribute(value);
  });
}

/** A line for the header or the inbox, which is no markup. */
function fillPlain(text: string, constants: ReadonlyMap<string, string>): string {
  return text.replaceAll(PLACE, (liquid, path: string) => constants.get(path) ?? liquid);
}

const mjmlErrors = z.object({ errors: z.array(z.object({ line: z.number(), message: z.string() })) });

async function toHtml(layout: Layout, filled: string): Promise<string> {
  try {
    const { html } = await mjml2html(filled, { validationLevel: 'strict', keepComments: false, fonts: {} });
    return (
      html
        // MJML aligns every column to the left, whatever its direction.
        .replaceAll('text-align:left;direction:rtl', 'text-align:right;direction:rtl')
        // Indentation is a third of what MJML writes.
        .replaceAll(/\s*\n\s*/g, '\n')
        .trim()
    );
  } catch (cause) {
    const advice = 'correct the MJML';
    const invalid = mjmlErrors.safeParse(cause);
    if (!invalid.success) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new ContentError([{ file: layout.file, problem, advice }], { cause });
    }
    const problems = invalid.data.errors.map(({ line, message }) => {
      const origin = layout.origins[line - 1] ?? { file: layout.file };
      return { ...origin, problem: message, advice };
    });
    throw new ContentError(problems, { cause });
  }
}

/** Every way a reader may want to be written to. */
const FORMS: Readonly<Record<string, Form>> = {
  '': { brief: false, reasons: false },
  ', with the reasons': { brief: false, reasons: true },
  ', in brief': { brief: true, reasons: false },
  ', in brief with the reasons': { brief: true, reasons: true },
};

/**
 * Renders the template for the fullest and the leanest customer in every form; one that prints what may be missing fails
 * here, and so does one that breaks the rules of its tone.
 */
function tryOut({ step, stringsFile, strings }: Checked, parts: CompiledTemplate, house: House): void {
  const { placed } = step;
  const { locale, file, variant } = stringsFile;
  const words = house.tone[locale];
  if (words === undefined) {
    const advice = 'add them, so that mails in this language can be checked';
    throw new ContentError([{ file: TONE_FILE, problem: `there are no words for "${locale}"`, advice }]);
  }
  const readers = {
    'a customer we know all about': fullSample(house, placed),
    'a customer we know nothing about': leanSample(house, placed),
  };
  const problems: ContentProblem[] = [];
  for (const [who, input] of Object.entries(readers)) {
    for (const [how, form] of Object.entries(FORMS)) {
      const view = viewOf({ ...input, form }, locale);
      const mail = tried(`${step.programme}/${step.step}`, parts, view, file, `${who}${how}`);
      const findings = checkTone({ placed, variant, view, mail }, words);
      problems.push(...findings.map((finding) => located(finding, strings, file)));
    }
  }
  if (problems.length > 0) throw new ContentError(problems);
}

/** A finding with the file and line of the text that holds the words, as far as a single text does. */
function located({ problem, advice, words }: ToneFinding, strings: Strings, file: string): ContentProblem {
  const holds = ({ value }: { value: string }) =>
    words !== undefined && value.replaceAll('’', "'").toLowerCase().includes(words.toLowerCase());
  const text = [...strings.values()].find(holds);
  return { file: text?.file ?? file, line: text?.line, problem, advice };
}

/** @throws ContentError when the mail is not whole */
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

async function directoriesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
    .map((entry) => entry.name)
    .toSorted();
}

/** The texts that every template can use, by locale. */
async function readShared(contentDirectory: string, findings: Findings): Promise<Map<string, Strings>> {
  const shared = new Map<string, Strings>();
  for (const name of (await readdir(join(contentDirectory, SHARED))).toSorted()) {
    const found = stringsFileOf(SHARED, name);
    if (found === undefined) continue;
    const strings = await findings.gather(() => readStrings(contentDirectory, found.file));
    if (strings !== undefined) shared.set(found.locale, strings);
  }
  return shared;
}

async function readSteps(contentDirectory: string, house: House, findings: Findings): Promise<Step[]> {
  const known = new Set([...house.viewPaths, ...settingsOf(FALLBACK_LOCALE, house.shop).keys()]);
  const steps: Step[] = [];
  for (const programme of await directoriesIn(join(contentDirectory, TEMPLATES))) {
    for (const name of await directoriesIn(join(contentDirectory, TEMPLATES, programme))) {
      const step = await findings.gather(() => readStep(contentDirectory, house.playbook, programme, name, known));
      if (step !== undefined) steps.push(step);
    }
  }
  return steps;
}

/** @throws ContentError when something has improved for a reason that nobody can give, so that nobody would hear of it */
function checkReasons({ improvements, questions }: Carried): void {
  const reasons = Object.keys(questions[REASON_QUESTION]?.answers ?? {});
  const unheard = improvements.filter(({ reason }) => !reasons.includes(reason));
  if (unheard.length === 0) return;
  const advice = `use one of ${reasons.join(', ')}`;
  throw new ContentError(
    unheard.map(({ date, reason }) => ({
      file: 'improvements.json',
      problem: `"${reason}" of ${date} is no answer to the question "${REASON_QUESTION}"`,
      advice,
    })),
  );
}

/** @throws ContentError when the playbook mails something there is no template for */
function checkComplete({ programmes }: Playbook, steps: readonly Step[]): void {
  const written = new Set(steps.map(({ programme, step }) => `${programme}/${step}`));
  const missing = programmes.flatMap(({ id, series }) =>
    series.flatMap((each) => each.steps.map((step) => `${id}/${step.id}`)).filter((name) => !written.has(name)),
  );
  if (missing.length === 0) return;
  const advice = 'write it, or take the step out of the playbook';
  throw new ContentError(
    missing.map((name) => ({ file: join(TEMPLATES, name), problem: 'the step has no template', advice })),
  );
}

/** @throws ContentError when a shared text is used by no layout at all */
function checkShared(shared: ReadonlyMap<string, Strings>, steps: readonly Step[]): void {
  const used = new Set(steps.flatMap((step) => [...step.texts.keys()]));
  const unused = [...shared.values()].flatMap((strings) => [...strings].filter(([key]) => !used.has(key)));
  if (unused.length === 0) return;
  const advice = 'set it in a layout or remove it';
  throw new ContentError(
    unused.map(([key, { file, line }]) => ({ file, line, problem: `the text "${key}" is not used`, advice })),
  );
}

/** A template whose texts have been checked against its layout. */
interface Checked {
  readonly step: Step;
  readonly stringsFile: StringsFile;
  readonly strings: Strings;
}

/** @throws ContentError */
async function checkTemplate(
  contentDirectory: string,
  step: Step,
  stringsFile: StringsFile,
  shared: Strings,
  house: House,
): Promise<Checked> {
  const plain = step.stringsFiles.filter(
    ({ locale, variant }) => locale === stringsFile.locale && variant === undefined,
  );
  const inherited = stringsFile.variant === undefined ? [] : plain;
  const files = await Promise.all([...inherited, stringsFile].map(({ file }) => readStrings(contentDirectory, file)));
  const own: Strings = new Map(files.flatMap((texts) => [...texts]));
  const strings: Strings = new Map([...shared, ...own]);
  const problems = checkStrings(step, strings, own, house.viewPaths);
  if (problems.length > 0) throw new ContentError(problems);
  return { step, stringsFile, strings };
}

/** Variables that come from journalled events. */
const JOURNALLED = /^(order|complaint|cart|change)\b/u;

/** @throws ContentError */
async function compileTemplate(checked: Checked, house: House): Promise<Compiled> {
  const { step, stringsFile, strings } = checked;
  const { locale, variant, file } = stringsFile;
  const constants = constantsOf(locale, house.shop);
  const filled = fill(step.layout.source, strings, settingsOf(locale, house.shop), constants);
  const html = await toHtml(step.layout, filled);
  const subject = fillPlain(strings.get('subject')?.value ?? '', constants);
  const preheader = fillPlain(strings.get('preheader')?.value ?? '', constants);
  const printed = variablesOf(parseLiquid(`${subject}${preheader}${html}`, (line) => ({ file, line })));
  const parts = {
    subject,
    preheader,
    html,
    text: toText(html),
    showsJournal: printed.some(({ path }) => JOURNALLED.test(path)),
  };
  tryOut(checked, parts, house);
  const entry = { programme: step.programme, step: step.step, locale, ...(variant === undefined ? {} : { variant }) };
  return { entry: { ...entry, file }, parts };
}

async function write(outDirectory: string, compiled: readonly Compiled[], house: House): Promise<void> {
  const { shop, improvements, questions, library, benefits, objections, suppliers, pages } = house;
  const carried = { shop, improvements, questions, library, benefits, objections, suppliers } satisfies Carried;
  const templates = compiled.map(({ entry }) => entry);
  const hash = createHash('sha256').update(JSON.stringify({ ...carried, pages, compiled }));
  const id = hash.digest('hex').slice(0, ID_LENGTH);
  const manifest = { id, ...carried, templates } satisfies Manifest;

  await rm(join(outDirectory, TEMPLATES), { recursive: true, force: true });
  for (const { entry, parts } of compiled) {
    await mkdir(dirname(join(outDirectory, entry.file)), { recursive: true });
    await writeFile(join(outDirectory, entry.file), `${JSON.stringify(parts)}\n`);
  }
  await mkdir(outDirectory, { recursive: true });
  await writeFile(join(outDirectory, PAGES_FILE), `${JSON.stringify(pages)}\n`);
  await writeFile(join(outDirectory, MANIFEST_FILE), `${JSON.stringify(manifest)}\n`);
}

/** @throws ContentError */
async function readPlaybook(contentDirectory: string): Promise<Playbook> {
  const source = await readJson(contentDirectory, PLAYBOOK_FILE, z.unknown());
  try {
    return parsePlaybook(source);
  } catch (cause) {
    if (!(cause instanceof InvalidPlaybook)) throw cause;
    const problems = cause.message.split('\n');
    throw new ContentError(
      problems.map((problem) => ({ file: PLAYBOOK_FILE, problem, advice: 'correct the value' })),
      { cause },
    );
  }
}

/**
 * Compiles all templates in all locales and variants, with the words of the pages, and writes the release. The templates of an earlier release in
 * `outDirectory` are replaced.
 *
 * @throws ContentError with everything that was found wrong; nothing is written then
 * @example const release = await compileContent('shared/content', 'build/content');
 */
export async function compileContent(contentDirectory: string, outDirectory: string): Promise<Release> {
  const carried = {
    shop: await readJson(contentDirectory, 'shop.json', shopSchema),
    improvements: await readJson(contentDirectory, 'improvements.json', contentSchemas.improvements),
    questions: await readJson(contentDirectory, 'questions.json', contentSchemas.questions),
    library: await readJson(contentDirectory, 'library.json', contentSchemas.library),
    benefits: await readJson(contentDirectory, 'benefits.json', contentSchemas.benefits),
    objections: await readJson(contentDirectory, 'objections.json', contentSchemas.objections),
    suppliers: await readJson(contentDirectory, 'suppliers.json', contentSchemas.suppliers),
  };
  const playbook = await readPlaybook(contentDirectory);
  const pages = await compilePageTexts(contentDirectory);
  const tone = await readJson(contentDirectory, TONE_FILE, toneSchema);
  const viewPaths = new Set(pathsOf(viewOf(fullSample(carried), FALLBACK_LOCALE)));
  const house: House = { ...carried, playbook, pages, tone, viewPaths };
  const findings = new Findings();
  const shared = await readShared(contentDirectory, findings);
  const steps = await readSteps(contentDirectory, house, findings);
  findings.settle();

  await findings.gather(async () => checkReasons(house));
  await findings.gather(async () => checkComplete(house.playbook, steps));
  await findings.gather(async () => checkShared(shared, steps));
  const checked: Checked[] = [];
  for (const step of steps) {
    for (const stringsFile of step.stringsFiles) {
      const texts: Strings = shared.get(stringsFile.locale) ?? new Map();
      const sound = await findings.gather(() => checkTemplate(contentDirectory, step, stringsFile, texts, house));
      if (sound !== undefined) checked.push(sound);
    }
  }
  findings.settle();

  const compiled: Compiled[] = [];
  for (const template of checked) {
    const done = await findings.gather(() => compileTemplate(template, house));
    if (done !== undefined) compiled.push(done);
  }
  findings.settle();
  await write(outDirectory, compiled, house);
  return openRelease(outDirectory);
}
