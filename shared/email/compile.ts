/**
 * Compiles what marketers write into a release: MJML becomes HTML and text, strings are set into it, and everything a
 * reader could stumble over (an unknown or unused text, a misspelt variable, broken Liquid or MJML) stops the release
 * with file, line and what to do. Build time only. The same content gives the same bytes.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RELEASE_FORMAT } from '../contracts/content-table.ts';
import { REASON_QUESTION } from '../lifecycle/customer/news.ts';
import type { Playbook } from '../lifecycle/playbook.ts';
import { ContentError } from './content-error.ts';
import { settingsOf } from './fill.ts';
import { Findings } from './findings.ts';
import { type Carried, type House, readHouse, readShared } from './house.ts';
import { FALLBACK_LOCALE } from './locale.ts';
import { checkObjections } from './objections.ts';
import { PAGES_FILE } from './page-texts.ts';
import { type CompiledTemplate, type Manifest, MANIFEST_FILE, openRelease, type Release } from './release.ts';
import { LAYOUT_FILE, readStep, SHARED, type Step, TEMPLATES, type Worded } from './step.ts';
import type { Strings } from './strings.ts';
import { checkTemplate, type Compiled, compileTemplate, entryOf } from './template.ts';

/** Hexadecimal digits of a release id: 64 bits of the hash. */
const ID_LENGTH = 16;

async function directoriesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
    .map((entry) => entry.name)
    .toSorted();
}

async function readSteps(contentDirectory: string, house: House, findings: Findings): Promise<Step[]> {
  const known = new Set([...house.viewPaths, ...settingsOf(FALLBACK_LOCALE, house.carried.shop).keys()]);
  const steps: Step[] = [];
  for (const programme of await directoriesIn(join(contentDirectory, TEMPLATES))) {
    for (const name of await directoriesIn(join(contentDirectory, TEMPLATES, programme))) {
      const step = await findings.gather(join(TEMPLATES, programme, name, LAYOUT_FILE), () =>
        readStep(contentDirectory, house.playbook, programme, name, known),
      );
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

/** Everything that could be compiled. */
export interface Compilation {
  readonly house: House;
  readonly compiled: readonly Pick<Compiled, 'entry' | 'parts'>[];
  /** Those that nothing was known of: nobody has held them to the rules yet. */
  readonly made: readonly (Compiled & Worded)[];
}

/** What is remembered of steps that were found sound, in the same files by the same rules. */
export interface SoundSteps {
  /** Every template of a step by the file of its texts; undefined when any has to be made and checked. */
  find(programme: string, step: string): Promise<ReadonlyMap<string, CompiledTemplate> | undefined>;
  /** Remembers what was made, of the whole content in which nothing was found wrong. */
  keep(made: Compilation['made']): Promise<void>;
}

const NOTHING_KNOWN: SoundSteps = { find: async () => undefined, keep: async () => undefined };

/**
 * Writes a release of all that was compiled, in place of an earlier one in `outDirectory`. The same content gives the same bytes.
 *
 * @param compilation of the whole content, in which nothing was found wrong
 */
export async function writeRelease({ house, compiled: all }: Compilation, outDirectory: string): Promise<void> {
  const { carried, pages } = house;
  const compiled = all.map(({ entry, parts }) => ({ entry, parts }));
  const templates = compiled.map(({ entry }) => entry);
  const hash = createHash('sha256').update(
    JSON.stringify({ format: RELEASE_FORMAT, ...carried, pages, playbook: house.playbook, compiled }),
  );
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

/** Which templates are to be compiled. */
type Concerns = (mail: { programme: string; step: string; locale: string; variant: string | undefined }) => boolean;

/**
 * Compiles all templates in all languages of the shop and all variants. Texts in a language the shop does not list are
 * in preparation, and left alone.
 *
 * @param findings is told what is wrong with single templates
 * @param known spares making what was made before
 * @throws ContentError with what is wrong with all of them
 */
export async function tryCompiling(
  contentDirectory: string,
  findings: Findings,
  concerns: Concerns,
  known: SoundSteps = NOTHING_KNOWN,
): Promise<Compilation> {
  const house = await readHouse(contentDirectory);
  const { locales } = house.carried.shop;
  const shared = new Map<string, Strings>();
  for (const locale of locales) {
    const texts = await findings.gather(join(SHARED, `${locale}.json`), () => readShared(contentDirectory, locale));
    if (texts !== undefined) shared.set(locale, texts);
  }
  const steps = await readSteps(contentDirectory, house, findings);
  const isRead = findings.problems.length === 0;
  await findings.gather('improvements.json', () => checkReasons(house.carried));
  await findings.gather('objections.json', () => checkObjections(contentDirectory, house));
  // What a step lacks that could not be read follows from what is wrong with it.
  if (isRead) {
    await findings.gather('playbook.json', () => checkComplete(house.playbook, steps));
    await findings.gather(SHARED, () => checkShared(shared, steps));
  }
  const compiled: Pick<Compiled, 'entry' | 'parts'>[] = [];
  const made: (Compiled & Worded)[] = [];
  for (const step of steps) {
    const sound = await known.find(step.programme, step.step);
    for (const stringsFile of step.stringsFiles) {
      const { locale, variant } = stringsFile;
      const { programme, step: name } = step;
      const texts = shared.get(locale);
      if (texts === undefined || !concerns({ programme, step: name, locale, variant })) continue;
      const parts = sound?.get(stringsFile.file);
      if (parts !== undefined) {
        compiled.push({ entry: entryOf(step, stringsFile), parts });
        continue;
      }
      const worded = await findings.gather(stringsFile.file, () =>
        checkTemplate(contentDirectory, step, stringsFile, texts, house),
      );
      if (worded === undefined) continue;
      const mail = await findings.gather(step.layout.file, () => compileTemplate(worded, house));
      if (mail === undefined) continue;
      const done = { ...worded, ...mail };
      compiled.push(done);
      made.push(done);
    }
  }
  return { house, compiled, made };
}

/**
 * Compiles the content, with the words of the pages, and writes the release. The templates of an earlier release in
 * `outDirectory` are replaced.
 *
 * @param known spares making what was made before
 * @throws ContentError with everything that was found wrong; nothing is written then
 * @example const release = await compileContent('shared/content', 'build/content');
 */
export async function compileContent(
  contentDirectory: string,
  outDirectory: string,
  known: SoundSteps = NOTHING_KNOWN,
): Promise<Release> {
  const findings = new Findings();
  const compilation = await tryCompiling(contentDirectory, findings, () => true, known);
  findings.settle();
  await known.keep(compilation.made);
  await writeRelease(compilation, outDirectory);
  return openRelease(outDirectory);
}
