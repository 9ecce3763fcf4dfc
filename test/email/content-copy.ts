/** A copy of the shipped content that a test may break, and a compiled release of the shipped content itself. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { compiledRelease } from '../../infra/build.ts';
import { compileContent } from '../../shared/email/compile.ts';
import { ContentError } from '../../shared/email/content-error.ts';
import { openRelease, type Release } from '../../shared/email/release.ts';
import { speakOnly } from '../support/content.ts';

/** Milliseconds; compiling takes half a second, and many times that on a machine that is busy with other tests. */
const PATIENCE = 60_000;
vi.setConfig({ testTimeout: PATIENCE, hookTimeout: PATIENCE });

/**
 * The steps of a copy: those that tests break, and enough others that no shared text is left over. Compiling every one of
 * the project takes two seconds each time.
 */
const COPIED: ReadonlySet<string> = new Set([
  'onboarding/welcome',
  'onboarding/guide',
  'onboarding/check-in',
  'recovery/status',
  'recovery/still-open',
  'win-back/ask',
  'retention/nps',
  'nurture/knowledge',
  'nurture/recommendation',
  'nurture/best-price',
  // Whoever names an objection hears the answer to it from one of these.
  'nurture/sets-apart',
  'service/answer-objection',
]);

/** Texts of a template that are not English. */
const IN_ANOTHER_LANGUAGE = /[/\\](?!en\b)[a-z]{2,3}(?:-[A-Z]{2})?(?:\.[a-z-]+)?\.json$/u;

/** As far as a copy has to know it. */
const playbookFile = z.looseObject({
  programmes: z.array(
    z.looseObject({
      id: z.string(),
      series: z.array(z.looseObject({ steps: z.array(z.looseObject({ id: z.string() })) })),
    }),
  ),
});

/** The playbook with nothing but the copied steps. */
async function copiedPlaybook(): Promise<string> {
  const playbook = playbookFile.parse(JSON.parse(await readFile(join(SHIPPED_CONTENT, 'playbook.json'), 'utf8')));
  const programmes = playbook.programmes.map((programme) => ({
    ...programme,
    series: programme.series
      .map((series) => ({ ...series, steps: series.steps.filter(({ id }) => COPIED.has(`${programme.id}/${id}`)) }))
      .filter(({ steps }) => steps.length > 0),
  }));
  const copied = { ...playbook, programmes: programmes.filter(({ series }) => series.length > 0) };
  return JSON.stringify(copied, undefined, 2);
}

/** The words of tone in English, and no other language. */
async function englishTone(): Promise<string> {
  const { en } = z
    .looseObject({ en: z.unknown() })
    .parse(JSON.parse(await readFile(join(SHIPPED_CONTENT, 'tone.json'), 'utf8')));
  return JSON.stringify({ en }, undefined, 2);
}

export const SHIPPED_CONTENT = fileURLToPath(new URL('../../shared/content', import.meta.url));

/** The release of the shipped content, compiled once for all tests. */
export async function shippedRelease(): Promise<Release> {
  return openRelease(await compiledRelease(SHIPPED_CONTENT));
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'perennial-content-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

export interface ContentCopy {
  readonly directory: string;
  readonly contentDirectory: string;
  write(file: string, source: string): Promise<void>;
  /** Replaces the only occurrence of `before`. */
  change(file: string, before: string, after: string): Promise<void>;
  /** Adds languages that every mail is to be written in. */
  speak(...locales: readonly string[]): Promise<void>;
  compile(): Promise<Release>;
  /** The message of the ContentError that compiling ends with. */
  complaint(): Promise<string>;
}

export async function copyContent(): Promise<ContentCopy> {
  const directory = await temporaryDirectory();
  const content = join(directory, 'content');
  await cp(SHIPPED_CONTENT, content, {
    recursive: true,
    filter: (source) => {
      const [programme = '', step] = relative(join(SHIPPED_CONTENT, 'templates'), source).split(sep);
      if (/[/\\]translated\b/u.test(source)) return false;
      if (programme !== '..' && IN_ANOTHER_LANGUAGE.test(source)) return false;
      return programme === '..' || programme === '_shared' || step === undefined || COPIED.has(`${programme}/${step}`);
    },
  });
  for (const programme of await readdir(join(content, 'templates'))) {
    const path = join(content, 'templates', programme);
    if ((await readdir(path)).length === 0) await rm(path, { recursive: true });
  }
  await writeFile(join(content, 'playbook.json'), await copiedPlaybook());
  await writeFile(join(content, 'tone.json'), await englishTone());
  await speakOnly(content, 'en');
  const write = (file: string, source: string): Promise<void> => writeFile(join(content, file), source);
  const compile = (): Promise<Release> => compileContent(content, join(directory, 'release'));
  async function change(file: string, before: string, after: string): Promise<void> {
    const source = await readFile(join(content, file), 'utf8');
    const parts = source.split(before);
    if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times: ${before}`);
    await write(file, parts.join(after));
  }
  return {
    directory,
    contentDirectory: content,
    write,
    compile,
    change,
    speak: (...locales) => change('shop.json', '["en"]', JSON.stringify(['en', ...locales])),
    async complaint() {
      try {
        await compile();
      } catch (error) {
        if (error instanceof ContentError) return error.message;
        throw error;
      }
      return 'nothing to complain about';
    },
  };
}
