/** One step as marketers keep it: a folder with a layout and the files of its texts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ContentError, type ContentProblem } from './content-error.ts';
import { type Layout, type Origin, readLayout } from './layout.ts';
import { parseLiquid, unknownVariables, variablesOf } from './lint.ts';
import { FALLBACK_LOCALE } from './locale.ts';

export const TEMPLATES = 'templates';

const LAYOUT_FILE = 'layout.mjml';
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
  readonly layout: Layout;
  /** The texts that the layout sets, by key, and where. */
  readonly texts: ReadonlyMap<string, Origin>;
  readonly stringsFiles: readonly StringsFile[];
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

/**
 * Reads a step and checks what its layout names, apart from the texts, which differ by locale.
 *
 * @param known paths of the view and of the compiler's own settings
 * @throws ContentError
 */
export async function readStep(
  contentDirectory: string,
  programme: string,
  step: string,
  known: ReadonlySet<string>,
): Promise<Step> {
  const directory = join(TEMPLATES, programme, step);
  const names = (await readdir(join(contentDirectory, directory))).toSorted();
  const stringsFiles = names.flatMap((name) => stringsFileOf(directory, name) ?? []);
  const misplaced = checkFiles(directory, names, stringsFiles);
  if (misplaced.length > 0) throw new ContentError(misplaced);

  const layout = await readLayout(contentDirectory, join(directory, LAYOUT_FILE));
  const at = (line: number): Origin => layout.origins[line - 1] ?? { file: layout.file, line };
  const liquid = parseLiquid(layout.source, at);
  const unknown = unknownVariables(liquid, known, at);
  if (unknown.length > 0) throw new ContentError(unknown);

  const texts = variablesOf(liquid).filter(({ path }) => path.startsWith('t.'));
  return {
    programme,
    step,
    layout,
    texts: new Map(texts.map(({ path, line }) => [path.slice(2), at(line)])),
    stringsFiles,
  };
}
