/**
 * A release as it goes into the content table: its parts by name, and beside them what people and comparisons need. The
 * same content makes the same parts; two editions with one id are equal to every function.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ReleaseStore } from '../../shared/adapters/release-store.ts';
import { RELEASE_FORMAT } from '../../shared/contracts/content-table.ts';
import { PAGES_FILE } from '../../shared/email/page-texts.ts';
import { partOfTemplate } from '../../shared/email/published.ts';
import { PLAYBOOK_PART } from '../../shared/email/published-playbook.ts';
import { type Manifest, MANIFEST_FILE, manifestSchema } from '../../shared/email/release.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { readPlaybookText } from '../../shared/email/playbook-text.ts';
import { readSources, type Sources } from './sources.ts';
import { whileUnchanged } from './unchanged.ts';

/** What a release is made of, for people and for who compares releases; functions do not read it. */
const SUMMARY_PART = 'summary.json';

/** Hexadecimal digits that tell the sources of one release apart from others of the same meaning. */
const SOURCES_DIGITS = 8;

const summarySchema = z.object({
  id: z.string(),
  format: z.number(),
  /** SHA-256 over all parts that functions read. */
  digest: z.string(),
  madeAt: z.number(),
  madeBy: z.string(),
  /** The name of the part that holds the sources. */
  sources: z.string(),
  /** SHA-256 of every compiled template, by its file. */
  templates: z.record(z.string(), z.string()),
});

type Summary = z.infer<typeof summarySchema>;

/** What is known of a release without its mails: enough to compare it with another one. */
export interface Outline {
  readonly id: string;
  readonly format: number;
  readonly digest: string;
  readonly manifest: Manifest;
  readonly playbook: Playbook;
  readonly sources: Sources;
  /** SHA-256 of every compiled template, by its file. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface Edition extends Outline {
  /** What functions read. */
  readonly parts: ReadonlyMap<string, string>;
}

function sha256(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:`).update(text);
  return hash.digest('hex');
}

/** The names of all parts that functions read. */
export function partNames({ templates }: Pick<Manifest, 'templates'>): ReadonlySet<string> {
  return new Set([MANIFEST_FILE, PLAYBOOK_PART, PAGES_FILE, ...templates.map(({ file }) => partOfTemplate(file))]);
}

/** The digest of those of the parts that functions read. */
export function digestOf(parts: ReadonlyMap<string, string>, names: Iterable<string>): string {
  return sha256(...[...names].toSorted().flatMap((name) => [name, parts.get(name) ?? '']));
}

/**
 * Compiles the content into an edition, or finds what was compiled of the same content.
 *
 * @throws ContentError with everything that is wrong in it, UnplayablePlaybook, ContentChanged
 */
export async function compileEdition(contentDirectory: string): Promise<Edition> {
  const { compiledRelease } = await import('../build.ts');
  return whileUnchanged(contentDirectory, async () => {
    const directory = await compiledRelease(contentDirectory);
    return readEdition(directory, path.join(contentDirectory, PLAYBOOK_PART), contentDirectory);
  });
}

/**
 * Reads the edition that was compiled into a directory.
 *
 * @param playbookFile as marketers write it
 * @throws UnplayablePlaybook
 */
export async function readEdition(directory: string, playbookFile: string, contentDirectory: string): Promise<Edition> {
  const { playable } = await import('../build.ts');
  const read = (file: string) => readFile(path.join(directory, file), 'utf8');
  const manifest = manifestSchema.parse(JSON.parse(await read(MANIFEST_FILE)));
  const source = await readFile(playbookFile, 'utf8');
  const own = readPlaybookText(await readFile(path.join(contentDirectory, PLAYBOOK_PART), 'utf8'));
  const playbook = playable(playbookFile, source, own, directory);
  const steps = new Map<string, Record<string, unknown>>();
  const templates: Record<string, string> = {};
  for (const { file } of manifest.templates) {
    const text = await read(file);
    const name = partOfTemplate(file);
    steps.set(name, { ...steps.get(name), [file]: JSON.parse(text) });
    templates[file] = sha256(text);
  }
  const parts = new Map([
    [MANIFEST_FILE, JSON.stringify(manifest)],
    [PLAYBOOK_PART, JSON.stringify(playbook)],
    [PAGES_FILE, await read(PAGES_FILE)],
    ...[...steps].map(([name, each]) => [name, JSON.stringify(each)] as const),
  ]);
  const sources = { ...(await readSources(contentDirectory, manifest.shop.locales)), [PLAYBOOK_PART]: source };
  const digest = digestOf(parts, partNames(manifest));
  return { id: manifest.id, format: RELEASE_FORMAT, digest, manifest, playbook, sources, templates, parts };
}

/** What goes beside the parts: the sources, and the summary that is written when all else is there. */
export function besides(
  { id, format, digest, templates, sources }: Outline,
  madeAt: number,
  madeBy: string,
): {
  readonly sources: readonly [name: string, text: string];
  readonly summary: readonly [name: string, text: string];
} {
  const text = JSON.stringify(sources);
  const name = `sources-${sha256(text).slice(0, SOURCES_DIGITS)}.json`;
  const summary = { id, format, digest, madeAt, madeBy, sources: name, templates } satisfies Summary;
  return { sources: [name, text], summary: [SUMMARY_PART, JSON.stringify(summary)] };
}

/** The outline of a stored release; undefined when it is not there, or not as a whole. */
export async function readOutline(
  store: Pick<ReleaseStore, 'readPart'>,
  releaseId: string,
): Promise<Outline | undefined> {
  const summaryText = await store.readPart(releaseId, SUMMARY_PART);
  if (summaryText === undefined) return undefined;
  const { sources: sourcesPart, ...summary } = summarySchema.parse(JSON.parse(summaryText));
  const [manifest, playbook, sources] = await Promise.all(
    [MANIFEST_FILE, PLAYBOOK_PART, sourcesPart].map((name) => store.readPart(releaseId, name)),
  );
  if (manifest === undefined || playbook === undefined || sources === undefined) return undefined;
  const parsedPlaybook: Playbook = JSON.parse(playbook);
  return {
    ...summary,
    manifest: manifestSchema.parse(JSON.parse(manifest)),
    playbook: parsedPlaybook,
    sources: z.record(z.string(), z.string()).parse(JSON.parse(sources)),
  };
}
