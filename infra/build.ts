/**
 * Bundles the functions as they are deployed: one ES module each with everything in it, and beside it, below
 * `content/`, the data it reads at run time. The same inputs give the same bytes, in a directory named by their hash.
 */
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle, type Plugin } from 'esbuild';
import { z } from 'zod';
import { FUNCTION_NAMES, type FunctionName } from '../shared/contracts/environment.ts';
import type { LintFinding } from '../shared/email/lint-content.ts';
import { PAGES_FILE } from '../shared/email/page-texts.ts';
import { MANIFEST_FILE, manifestSchema, openRelease, type Release } from '../shared/email/release.ts';
import { findStep, type Playbook } from '../shared/lifecycle/playbook.ts';
import { readPlaybookText } from '../shared/email/playbook-text.ts';
import type { Step } from '../shared/lifecycle/playbook/series.ts';
import { cached, hashOf, PROJECT } from './cache.ts';
import { MAKING_MAILS, openSoundSteps } from './sound-steps.ts';

/**
 * Where the SDK looks for credentials when the environment holds none. It holds them on Lambda always, so these are
 * never loaded; carried along, they would be a fifth of each bundle.
 */
const LAPTOP_CREDENTIALS = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** What the SDK loads when an operation first streams events, which none of ours does: 15 KB of each bundle. */
const EVENT_STREAMS = '@smithy/core/event-streams';

/**
 * Holds in a plain map the endpoints that DynamoDB's client discovers only where an account asks for discovery, which ours
 * does not: the library of collections for it is 8 KB of each bundle.
 */
const WITHOUT_DISCOVERY: Plugin = {
  name: 'without endpoint discovery',
  setup(build) {
    build.onLoad({ filter: /[/\\]mnemonist[/\\]lru-cache\.js$/ }, () => ({
      contents: 'export default class extends Map { constructor() { super(); } }',
    }));
  },
};

/**
 * Leaves out what the mail composer has for attachments alone, for our mails have none: its table of file types by file
 * name, an eighth of the sender's bundle, and its client for what is attached by address.
 */
const WITHOUT_ATTACHMENTS: Plugin = {
  name: 'without attachments',
  setup(build) {
    build.onLoad({ filter: /[/\\]nodemailer[/\\].*[/\\]mime-types\.js$/ }, () => ({
      contents: `
        const refuse = () => { throw new Error('attachments need the table of file types that the build leaves out'); };
        export { refuse as detectMimeType, refuse as detectExtension };`,
    }));
    build.onLoad({ filter: /[/\\]nodemailer[/\\].*[/\\]fetch[/\\]index\.js$/ }, () => ({
      contents: `
        export default () => { throw new Error('what is attached by address needs the client that the build leaves out'); };`,
    }));
  },
};

const packageFile = z.object({ version: z.string() });

/** Each client of the SDK carries its package's whole description for the version in it: 2 KB for each. */
const VERSIONS_ALONE: Plugin = {
  name: 'versions alone',
  setup(build) {
    build.onLoad({ filter: /[/\\]@aws-sdk[/\\][^/\\]+[/\\]package\.json$/ }, async ({ path: file }) => ({
      contents: JSON.stringify(packageFile.parse(JSON.parse(await readFile(file, 'utf8')))),
      loader: 'json',
    }));
  },
};

/** Fields of a step that decide what its template is set from. */
const PIECES = ['offer', 'action', 'asks', 'content'] as const satisfies readonly (keyof Step)[];

export interface BuildOptions {
  /** What marketers edit; `shared/content` when left out. */
  readonly contentDirectory?: string;
  /** Programmes and thresholds; `playbook.json` of the content directory when left out. */
  readonly playbookFile?: string;
  /** Holds `<name>/handler.ts` per function; the project's `functions` when left out. */
  readonly functionsDirectory?: string;
}

export interface BuiltAssets {
  /** Names the content of all directories. */
  readonly hash: string;
  /** The release of the content they carry. */
  readonly releaseId: string;
  /** What is uploaded per function: `index.mjs` and `content/`. */
  readonly directories: Readonly<Record<FunctionName, string>>;
}

/** The playbook cannot be played; the message names the file and the path in it. */
export class UnplayablePlaybook extends Error {
  override readonly name = 'UnplayablePlaybook';
  constructor(file: string, cause: unknown) {
    super(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/**
 * Bundles all functions, or returns the directories of an earlier build of the same inputs.
 *
 * @throws UnplayablePlaybook when the playbook is invalid or mails something there is no template for
 * @throws BuildFailure of esbuild or ContentError, with file and line
 */
export async function buildFunctions(options: BuildOptions = {}): Promise<BuiltAssets> {
  const contentDirectory = path.resolve(options.contentDirectory ?? path.join(PROJECT, 'shared/content'));
  const playbookFile = path.resolve(options.playbookFile ?? path.join(contentDirectory, 'playbook.json'));
  const functionsDirectory = path.resolve(options.functionsDirectory ?? path.join(PROJECT, 'functions'));
  const hash = await hashOf([
    functionsDirectory,
    path.join(PROJECT, 'shared'),
    path.join(PROJECT, 'infra/build.ts'),
    path.join(PROJECT, 'package-lock.json'),
    contentDirectory,
    playbookFile,
  ]);

  const root = await cached('functions', hash, async (directory) => {
    const release = await compiledRelease(contentDirectory);
    const own = readPlaybookText(await readFile(path.join(contentDirectory, 'playbook.json'), 'utf8'));
    const playbook = playable(playbookFile, await readFile(playbookFile, 'utf8'), own, release);
    await bundleHandlers(functionsDirectory, directory);
    await cp(release, path.join(directory, 'send/content'), { recursive: true });
    for (const reader of [
      'record',
      'census',
      'send',
      'feedback',
      'preferences',
    ] as const satisfies readonly FunctionName[]) {
      await mkdir(path.join(directory, reader, 'content'), { recursive: true });
      await writeFile(path.join(directory, reader, 'content/playbook.json'), JSON.stringify(playbook));
    }
    // What is not sent names the release, too.
    await cp(path.join(release, MANIFEST_FILE), path.join(directory, 'record/content', MANIFEST_FILE));
    // Pages show the shop, its questions and their own words, no template.
    for (const file of [MANIFEST_FILE, PAGES_FILE]) {
      await cp(path.join(release, file), path.join(directory, 'preferences/content', file));
    }
  });
  const directoryOf = (functionName: FunctionName) => path.join(root, functionName);
  const manifest = await readFile(path.join(directoryOf('record'), 'content', MANIFEST_FILE), 'utf8');
  return {
    hash,
    releaseId: manifestSchema.parse(JSON.parse(manifest)).id,
    directories: {
      record: directoryOf('record'),
      sweep: directoryOf('sweep'),
      census: directoryOf('census'),
      send: directoryOf('send'),
      feedback: directoryOf('feedback'),
      preferences: directoryOf('preferences'),
      ingest: directoryOf('ingest'),
    },
  };
}

/**
 * The playbook as functions read it, once it is known that it can be played with the release.
 *
 * @param own the playbook of the content, which the templates were compiled for
 * @throws UnplayablePlaybook
 */
export function playable(playbookFile: string, source: string, own: Playbook, releaseDirectory: string): Playbook {
  try {
    const playbook = readPlaybookText(source);
    const release = openRelease(releaseDirectory);
    for (const { id: programme, series } of playbook.programmes) {
      for (const step of series.flatMap((each): readonly Step[] => each.steps)) {
        release.template(programme, step.id, undefined);
        assertWorded(`${programme}/${step.id}`, step.asks, release.questions);
        assertSet(`${programme}/${step.id}`, step, findStep(own, programme, step.id)?.step);
      }
    }
    return playbook;
  } catch (error) {
    throw new UnplayablePlaybook(playbookFile, error);
  }
}

/** A question that is asked in a mail has its words and those of its answers in the release. */
function assertWorded(step: string, asks: Step['asks'], questions: Release['questions']): void {
  if (asks === undefined) return;
  const answers = questions[asks.question]?.answers;
  const missing = answers && asks.answers.filter((answer) => !Object.hasOwn(answers, answer));
  if (missing?.length === 0) return;
  const what = missing === undefined ? `the question "${asks.question}"` : `the answers ${missing.join(', ')}`;
  throw new RangeError(`${step} asks: questions.json has no words for ${what}`);
}

/** A mail has only those pieces that its template was compiled with. */
function assertSet(name: string, step: Step, compiled: Step | undefined): void {
  const piece = PIECES.find((each) => step[each] !== undefined && compiled?.[each] === undefined);
  if (piece === undefined) return;
  const advice = 'edit the playbook of the content itself, or a copy of the whole content directory';
  throw new RangeError(`${name} has "${piece}", which its template was compiled without: ${advice}`);
}

async function bundleHandlers(functionsDirectory: string, directory: string): Promise<void> {
  await bundle({
    entryPoints: Object.fromEntries(
      FUNCTION_NAMES.map((functionName) => [
        `${functionName}/index`,
        path.join(functionsDirectory, functionName, 'handler.ts'),
      ]),
    ),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: PROJECT,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    // The oldest Node that runs the bundles: the laptop's, not Lambda's.
    target: 'node20',
    // ES modules first, so that what is not used is dropped: half the size and load time of CommonJS.
    mainFields: ['module', 'main'],
    external: [...LAPTOP_CREDENTIALS, EVENT_STREAMS],
    plugins: [WITHOUT_ATTACHMENTS, WITHOUT_DISCOVERY, VERSIONS_ALONE],
    legalComments: 'none',
    // CommonJS dependencies still call `require` for Node's own modules.
    banner: {
      js: "import{createRequire as createRequireOfBundle}from'node:module';const require=createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'silent',
  });
}

/**
 * Compiles the content, or finds the release of the same content. Apart from the bundles, so that an edit of code
 * costs no compilation; and imported only when needed, because MJML takes a second to load.
 */
export async function compiledRelease(contentDirectory: string): Promise<string> {
  return cached('releases', await releaseHash(contentDirectory), async (directory) => {
    const { compileContent } = await import('../shared/email/compile.ts');
    await compileContent(contentDirectory, directory, await openSoundSteps(contentDirectory, 'compiled'));
  });
}

/** Lints the content, and leaves the release where `compiledRelease` finds it: both of one compilation. */
export async function lintedRelease(contentDirectory: string): Promise<readonly LintFinding[]> {
  const { lintCompiling } = await import('../shared/email/lint-content.ts');
  const hash = await releaseHash(contentDirectory);
  const steps = await openSoundSteps(contentDirectory, 'linted');
  const { findings, compilation } = await lintCompiling(contentDirectory, undefined, steps);
  const isSound = findings.every(({ severity }) => severity === 'warning');
  // What somebody changed meanwhile is another release.
  if (isSound && compilation !== undefined && (await releaseHash(contentDirectory)) === hash) {
    await steps.keep(compilation.made);
    const { writeRelease } = await import('../shared/email/compile.ts');
    await cached('releases', hash, (directory) => writeRelease(compilation, directory));
  }
  return findings;
}

function releaseHash(contentDirectory: string): Promise<string> {
  return hashOf([contentDirectory, ...MAKING_MAILS]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // npm run build [-- CONTENT_DIRECTORY]
  const [, , contentDirectory] = process.argv;
  const { directories } = await buildFunctions(contentDirectory === undefined ? {} : { contentDirectory });
  for (const [functionName, directory] of Object.entries(directories)) {
    const { size } = await stat(path.join(directory, 'index.mjs'));
    console.log(`${functionName}: ${Math.round(size / 1000)} KB in ${path.relative(PROJECT, directory)}`);
  }
}
