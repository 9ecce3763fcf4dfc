/** The command line of `npm run lint:content`: what a reader would stumble over, with file, line and what to do. */
import { readdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { type LintFinding, lintContent } from '../../shared/email/lint-content.ts';
import { TEMPLATES } from '../../shared/email/step.ts';
import { confirmTranslations, translationsOf } from '../../shared/email/translations.ts';
import { lintedRelease } from '../build.ts';
import { PROJECT } from '../cache.ts';
import { UsageError } from '../local/usage-error.ts';
import type { Outcome } from '../outcome.ts';

const CONTENT = 'shared/content';

const HELP = `Reads templates, playbook and data as their readers would, and says what is wrong, with file, line and what to do.

  npm run lint:content                                   everything
  npm run lint:content -- onboarding/welcome             the templates whose path begins so, and all data
  npm run lint:content -- --confirm sv                   the Swedish texts say what the English ones say now
  npm run lint:content -- --confirm sv onboarding        those of one programme or step

Errors keep a release from being published. A warning says that a translation is older than its English source: compare
the two, correct the translation, and confirm it.

  --content DIR    another content directory than ${CONTENT}
  --json           the findings as JSON
  --confirm LANG   marks translations as current; git shows which

Exit codes: 0 nothing wrong or warnings only, 1 errors, 2 something in the command to put right.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  content: { type: 'string' },
  json: { type: 'boolean' },
  confirm: { type: 'string' },
} as const;

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws UsageError */
export async function lintContentCommand(args: readonly string[]): Promise<Outcome> {
  const { values, positionals } = read(args);
  if (values.help === true) return { text: HELP, exitCode: 0 };
  const [path = '', ...more] = positionals;
  if (more.length > 0)
    throw new UsageError(`expected one path such as onboarding/welcome, found ${positionals.join(' ')}`);
  const directory = resolve(values.content ?? resolve(PROJECT, CONTENT));
  if (values.confirm !== undefined) {
    const texts = await translationsOf(directory, [values.confirm]);
    if (!texts.some(({ file }) => file.includes(path))) throw noneNamed(path);
    const count = await confirmTranslations(directory, values.confirm, ({ file }) => file.includes(path));
    return { text: `${count} texts in ${values.confirm} are marked as current.\n`, exitCode: 0 };
  }
  const findings = path === '' ? await lintedRelease(directory) : await lintedPart(directory, path);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const text = values.json === true ? `${JSON.stringify(findings, undefined, 2)}\n` : told(findings, directory);
  return { text, exitCode: errors > 0 ? 1 : 0 };
}

function noneNamed(path: string): UsageError {
  return new UsageError(`expected the beginning of a path such as onboarding/welcome, found "${path}": nothing has it`);
}

/** Every "programme/step" that has a template. */
async function stepsIn(contentDirectory: string): Promise<readonly string[]> {
  const entries = await readdir(join(contentDirectory, TEMPLATES), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(join(contentDirectory, TEMPLATES), join(entry.parentPath, entry.name)))
    .map((step) => step.split(sep).join('/'))
    .filter((step) => step.split('/').length === 2 && !step.startsWith('_'));
}

/**
 * What is wrong with some templates, and with everything they share with others: what is wrong with the data may keep them from
 * being looked at all.
 *
 * @throws UsageError when nothing begins so
 */
async function lintedPart(contentDirectory: string, path: string): Promise<readonly LintFinding[]> {
  const steps = await stepsIn(contentDirectory);
  const begins = (step: string): boolean => `${step}/`.startsWith(path);
  if (!steps.some(begins)) throw noneNamed(path);
  const others = steps.filter((step) => !begins(step));
  const found = await lintContent(contentDirectory, ({ programme, step }) => begins(`${programme}/${step}`));
  return found.filter(({ file, mail, severity }) => {
    if (mail !== undefined || file.startsWith(`${TEMPLATES}/${path}`)) return true;
    return severity === 'error' && !others.some((step) => `${file}/`.startsWith(`${TEMPLATES}/${step}/`));
  });
}

/** Findings in the order of files, each with a place that editors and terminals can open. */
function told(findings: readonly LintFinding[], directory: string): string {
  if (findings.length === 0) return 'Nothing to complain about.\n';
  const from = relative(process.cwd(), directory);
  const lines = findings
    .toSorted((a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0))
    .map(({ file, line, severity, rule, problem, advice }) => {
      const place = `${from}/${file}${line === undefined ? '' : `:${line}`}`;
      return `${place}\n  ${severity}, ${rule}: ${problem}\n  ${advice}`;
    });
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  return `${lines.join('\n\n')}\n\n${counted(errors, 'error')}, ${counted(warnings, 'warning')}.\n`;
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
