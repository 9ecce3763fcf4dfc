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
} from './release.ts';
import { type ReadPart, readPublishedPlaybook } from './published-playbook.ts';
import { UnreadableRelease, UnreachablePart } from './unreadable-release.ts';

/** The part that holds a compiled template, by the file the build would write it to. */
export function partOfTemplate(file: string): string {
  return dirname(file);
}

/** Compiled templates by their file. */
const templatesPart = z.record(z.string(), z.unknown());

export interface PublishedRelease extends ReleaseContent {
  readonly playbook: Playbook;
  /**
   * The template for a reader's locale, in the variant if there is one. Each is read once.
   *
   * @throws UnknownTemplate, UnreadableRelease, UnreachablePart
   */
  template(programme: string, step: string, locale: string | undefined, variant?: string): Promise<ChosenTemplate>;
}

/** @throws UnreachablePart */
async function reached(read: ReadPart, name: string): Promise<string | undefined> {
  try {
    return await read(name);
  } catch (cause) {
    throw new UnreachablePart(name, { cause });
  }
}

/** @throws UnreachablePart, UnreadableRelease */
async function parsed<T extends z.ZodMiniType>(read: ReadPart, name: string, schema: T): Promise<z.output<T>> {
  const text = await reached(read, name);
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
 * @throws UnreadableRelease, UnreachablePart
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

/** The words of the pages. @throws UnreadableRelease, UnreachablePart */
export function readPublishedPages(read: ReadPart): Promise<PageTextsByLocale> {
  return parsed(read, PAGES_FILE, pagesSchema);
}
