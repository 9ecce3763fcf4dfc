/**
 * A release as it is published: texts by name, the same files the build puts into the functions' assets. The templates of
 * a step lie together, for they are nearly the same: in all languages they are little longer than in one. Read by
 * functions, so every part is what its schema says or the release is refused as a whole.
 */
import { dirname } from 'node:path/posix';
import * as z from 'zod/mini';
import type { Playbook } from '../lifecycle/playbook.ts';
import { type PageTextsByLocale, PAGES_FILE, pagesSchema } from './page-texts.ts';
import {
  type ChosenTemplate,
  contentOf,
  findTemplate,
  MANIFEST_FILE,
  manifestSchema,
  type ReleaseContent,
  templateSchema,
  UnreadableRelease,
} from './release.ts';

/** The playbook as functions read it. */
export const PLAYBOOK_PART = 'playbook.json';

/** What a release is made of, for people and for who compares releases; functions do not read it. */
export const SUMMARY_PART = 'summary.json';

/** The part that holds a compiled template, by the file the build would write it to. */
export function partOfTemplate(file: string): string {
  return dirname(file);
}

/** Compiled templates by their file. */
const templatesPart = z.record(z.string(), z.unknown());

/** Reads a part of one release; undefined when it is not there. */
export type ReadPart = (name: string) => Promise<string | undefined>;

export interface PublishedRelease extends ReleaseContent {
  readonly playbook: Playbook;
  /**
   * The template for a reader's locale, in the variant if there is one. Each is read once.
   *
   * @throws UnknownTemplate, UnreadableRelease, and what reading the part throws
   */
  template(programme: string, step: string, locale: string | undefined, variant?: string): Promise<ChosenTemplate>;
}

async function parsed<T extends z.ZodMiniType>(read: ReadPart, name: string, schema: T): Promise<z.output<T>> {
  const text = await read(name);
  try {
    return schema.parse(JSON.parse(text ?? ''));
  } catch (cause) {
    throw new UnreadableRelease(name, { cause });
  }
}

/**
 * Opens a published release. Reads manifest and playbook at once, and the templates of a step when one of them is first
 * asked for.
 *
 * @throws UnreadableRelease, and what reading a part throws
 */
export async function openPublished(read: ReadPart): Promise<PublishedRelease> {
  const [content, playbook] = await Promise.all([
    parsed(read, MANIFEST_FILE, manifestSchema),
    readPublishedPlaybook(read),
  ]);
  const steps = new Map<string, Promise<Readonly<Record<string, unknown>>>>();

  function stepAt(part: string): Promise<Readonly<Record<string, unknown>>> {
    const known = steps.get(part);
    if (known !== undefined) return known;
    const reading = parsed(read, part, templatesPart);
    steps.set(part, reading);
    // A failure is not kept: the next mail asks again.
    reading.catch(() => steps.delete(part));
    return reading;
  }

  return {
    ...contentOf(content),
    playbook,
    async template(programme, step, locale, variant) {
      const { file, ...found } = findTemplate(content, programme, step, locale, variant);
      const templates = await stepAt(partOfTemplate(file));
      const { data: parts, error } = templateSchema.safeParse(templates[file]);
      if (parts === undefined) throw new UnreadableRelease(file, { cause: error });
      return { ...found, parts };
    },
  };
}

/**
 * The playbook as it was parsed and checked before it was published; the format of the release says that it can be read.
 *
 * @throws UnreadableRelease, and what reading the part throws
 */
export async function readPublishedPlaybook(read: ReadPart): Promise<Playbook> {
  const text = await read(PLAYBOOK_PART);
  try {
    const playbook: Playbook = JSON.parse(text ?? '');
    return playbook;
  } catch (cause) {
    throw new UnreadableRelease(PLAYBOOK_PART, { cause });
  }
}

/** The words of the pages. @throws UnreadableRelease, and what reading the part throws */
export function readPublishedPages(read: ReadPart): Promise<PageTextsByLocale> {
  return parsed(read, PAGES_FILE, pagesSchema);
}
