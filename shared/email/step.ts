/**
 * One step as marketers keep it: a folder with the layout of its body and the files of its texts. What surrounds the body
 * follows from the playbook, so that no mail lacks the code it promises, its question, or the way out.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { answersOwnCase } from '../lifecycle/customer/permit.ts';
import { caseStepOf, findStep, type Placed, type Playbook } from '../lifecycle/playbook.ts';
import { ContentError, type ContentProblem } from './content-error.ts';
import { readContent } from './content-file.ts';
import { type Aspects, type Layout, type Origin, readLayout } from './layout.ts';
import { parseLiquid, unknownVariables, variablesOf } from './lint.ts';
import { FALLBACK_LOCALE } from './locale.ts';
import type { Strings } from './strings.ts';
import { tooDeepIn } from './unclosed.ts';

export const TEMPLATES = 'templates';

/** What all templates share. */
export const SHARED = join(TEMPLATES, '_shared');

const FRAME = join(SHARED, 'frame.mjml');

/** More answers than this stand in a row, like a scale. */
const LISTED_ANSWERS = 7;

export const LAYOUT_FILE = 'layout.mjml';
/** `en.json`, `pt-BR.json`, `en.returning.json`. */
const STRINGS_FILE = /^(?<locale>[a-z]{2,3}(?:-[A-Z]{2})?)(?:\.(?<variant>[a-z][a-z-]*))?\.json$/;

export interface StringsFile {
  readonly locale: string;
  readonly variant: string | undefined;
  /** Relative to the content directory. */
  readonly file: string;
}

export interface Step {
  readonly programme: string;
  readonly step: string;
  /** Where the playbook has it. */
  readonly placed: Placed;
  readonly layout: Layout;
  /** The texts that the layout sets, by key, and where. */
  readonly texts: ReadonlyMap<string, Origin>;
  readonly stringsFiles: readonly StringsFile[];
}

/** A step in one language and variant, its texts checked against its layout. */
export interface Worded {
  readonly step: Step;
  readonly stringsFile: StringsFile;
  readonly strings: Strings;
}

/** What the name of a file says it holds; undefined for any other name. */
export function stringsFileOf(directory: string, name: string): StringsFile | undefined {
  const { locale, variant } = STRINGS_FILE.exec(name)?.groups ?? {};
  return locale === undefined ? undefined : { locale, variant, file: join(directory, name) };
}

function checkFiles(directory: string, names: readonly string[], files: readonly StringsFile[]): ContentProblem[] {
  const problems: ContentProblem[] = [];
  for (const name of names) {
    if (name === LAYOUT_FILE || stringsFileOf(directory, name) !== undefined) continue;
    const advice = `name it ${LAYOUT_FILE}, <locale>.json or <locale>.<variant>.json, or move it away`;
    problems.push({ file: join(directory, name), problem: 'this file has no meaning here', advice });
  }
  const plain = new Set(files.filter(({ variant }) => variant === undefined).map(({ locale }) => locale));
  for (const { locale, file } of files.filter((candidate) => !plain.has(candidate.locale))) {
    problems.push({ file, problem: 'a variant of nothing', advice: `add ${locale}.json, which it overrides` });
  }
  for (const name of [LAYOUT_FILE, `${FALLBACK_LOCALE}.json`]) {
    if (!names.includes(name)) problems.push({ file: directory, problem: `there is no ${name}`, advice: 'add it' });
  }
  return problems;
}

function checkVariants({ step }: Placed, files: readonly StringsFile[]): ContentProblem[] {
  const { variants = [] } = step;
  return files.flatMap(({ variant, file }) => {
    if (variant === undefined || variants.includes(variant)) return [];
    const advice = variants.length === 0 ? 'it has none' : `it has ${variants.join(', ')}`;
    return [{ file, problem: `the playbook has no variant "${variant}" of this step`, advice }];
  });
}

/** Whether a mail is to hold one link and nothing that leads away from it: a checkout is to be finished. */
export function asksForTheOrder({ series }: Placed): boolean {
  return series.trigger === 'case' && series.of === 'checkout';
}

/** Whether more mail about the matter may come, whatever its reader has unsubscribed from: complaints alone go on. */
function isUnsettled(placed: Placed): boolean {
  const { series } = placed;
  if (series.trigger !== 'case' || series.of !== 'complaint' || !answersOwnCase(placed)) return false;
  return caseStepOf(placed)?.from === 'opened';
}

/**
 * What the frame needs to know of a mail.
 *
 * @param body the layout of the body
 * @param texts the file of its texts in the fallback locale
 */
function aspectsOf(placed: Placed, body: string, texts: string): Aspects {
  const { step } = placed;
  return {
    ownCase: answersOwnCase(placed),
    unsettled: isUnsettled(placed),
    oneLink: asksForTheOrder(placed),
    offer: step.offer !== undefined,
    action: step.action !== undefined,
    asks: step.asks !== undefined,
    scale: (step.asks?.answers.length ?? 0) > LISTED_ANSWERS,
    content: step.content !== undefined,
    contacts: body.includes('/contacts.mjml"'),
    options: body.includes('/options.mjml"'),
    reasonThree: texts.includes('"reasonThree":'),
  };
}

function checkBody(file: string, body: string): ContentProblem[] {
  const line = body.split('\n').findIndex((each) => /<(?:mjml|mj-head|mj-body|mj-wrapper)\b/u.test(each));
  if (line === -1) return [];
  const advice = 'leave only the sections of the body; the frame has everything else';
  return [{ file, line: line + 1, problem: 'the layout holds what the frame holds', advice }];
}

/**
 * Reads a step and checks what its layout names, apart from the texts, which differ by locale.
 *
 * @param known paths of the view and of the compiler's own settings
 * @throws ContentError
 */
export async function readStep(
  contentDirectory: string,
  playbook: Playbook,
  programme: string,
  step: string,
  known: ReadonlySet<string>,
): Promise<Step> {
  const directory = join(TEMPLATES, programme, step);
  const placed = findStep(playbook, programme, step);
  if (placed === undefined) {
    const advice = 'add it there, or remove the template';
    throw new ContentError([{ file: directory, problem: 'the playbook has no such step', advice }]);
  }
  const names = (await readdir(join(contentDirectory, directory))).toSorted();
  const stringsFiles = names.flatMap((name) => stringsFileOf(directory, name) ?? []);
  const misplaced = [...checkFiles(directory, names, stringsFiles), ...checkVariants(placed, stringsFiles)];
  if (misplaced.length > 0) throw new ContentError(misplaced);

  const file = join(directory, LAYOUT_FILE);
  const body = await readContent(contentDirectory, file);
  const unframed = checkBody(file, body);
  if (unframed.length > 0) throw new ContentError(unframed);
  const texts = await readContent(contentDirectory, join(directory, `${FALLBACK_LOCALE}.json`));
  const layout = await readLayout(contentDirectory, {
    frame: FRAME,
    body: file,
    aspects: aspectsOf(placed, body, texts),
  });
  const deep = tooDeepIn(layout);
  if (deep.length > 0) throw new ContentError(deep);
  const at = (line: number): Origin => layout.origins[line - 1] ?? { file: layout.file, line };
  const liquid = parseLiquid(layout.source, at);
  const unknown = unknownVariables(liquid, known, at);
  if (unknown.length > 0) throw new ContentError(unknown);

  const named = variablesOf(liquid).filter(({ path }) => path.startsWith('t.'));
  return {
    programme,
    step,
    placed,
    layout,
    texts: new Map(named.map(({ path, line }) => [path.slice(2), at(line)])),
    stringsFiles,
  };
}
