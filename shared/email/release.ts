/**
 * A release: everything marketers wrote, compiled and immutable, read from its data files. Its id is a hash of its
 * content, so equal ids mean equal mails.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Topic } from '../lifecycle/customer/topic.ts';
import { type Negotiated, negotiate } from './locale.ts';
import { type ContentKind, type ContentLink, type Library, librarySchema, linksFor } from './library.ts';
import {
  type Benefit,
  benefitsSchema,
  type Improvement,
  improvementsSchema,
  type Objection,
  objectionsSchema,
  type Question,
  questionsSchema,
  type Shop,
  shopSchema,
  type Supplier,
  suppliersSchema,
} from './shop.ts';
import { UnreadableRelease } from './unreadable-release.ts';

export const MANIFEST_FILE = 'release.json';

/** One template in one locale and variant; all four parts are Liquid. */
export const templateSchema = z.strictObject({
  subject: z.string(),
  preheader: z.string(),
  html: z.string(),
  text: z.string(),
  /** Whether it prints anything that only the journal tells; if not, nobody has to read an event for it. */
  showsJournal: z.boolean(),
});

const templateEntry = z.strictObject({
  programme: z.string(),
  step: z.string(),
  locale: z.string(),
  variant: z.optional(z.string()),
  /** Path of the compiled template relative to the manifest. */
  file: z.string(),
});

/** What is carried as it was written, by the name of its file. */
export const contentSchemas = {
  improvements: improvementsSchema,
  questions: questionsSchema,
  library: librarySchema,
  benefits: benefitsSchema,
  objections: objectionsSchema,
  suppliers: suppliersSchema,
} as const;

export const manifestSchema = z.strictObject({
  id: z.string(),
  shop: shopSchema,
  ...contentSchemas,
  templates: z.array(templateEntry),
});

export type CompiledTemplate = z.infer<typeof templateSchema>;
export type TemplateEntry = z.infer<typeof templateEntry>;
export type Manifest = z.infer<typeof manifestSchema>;

/** A template chosen for a reader, with the locale it is written in and the one to format dates and money for. */
export interface ChosenTemplate extends Negotiated {
  /** `programme/step`, for log lines and errors. */
  readonly name: string;
  /** The variant that is really used: absent when the one asked for does not exist. */
  readonly variant: string | undefined;
  readonly parts: CompiledTemplate;
}

/** All of a release but its templates. */
export interface ReleaseContent {
  readonly id: string;
  readonly shop: Shop;
  readonly improvements: readonly Improvement[];
  /** By id. */
  readonly questions: Readonly<Record<string, Question>>;
  readonly library: Library;
  readonly benefits: readonly Benefit[];
  /** By name. */
  readonly objections: Readonly<Record<string, Objection>>;
  /** By name in small letters. */
  readonly suppliers: Readonly<Record<string, Supplier>>;
  /** The links there are for a topic, of these kinds: of the article, else of its category, else in general. */
  contentFor(kinds: readonly ContentKind[], topic: Topic): readonly ContentLink[];
  readonly templates: readonly TemplateEntry[];
}

export interface Release extends ReleaseContent {
  /**
   * The template for a reader's locale, in the variant if there is one.
   *
   * @throws UnknownTemplate when the release has no such step
   */
  template(programme: string, step: string, locale: string | undefined, variant?: string): ChosenTemplate;
}

/** The release holds no template for a step that wants to send: content and playbook disagree. */
export class UnknownTemplate extends Error {
  override readonly name = 'UnknownTemplate';
  constructor(releaseId: string, programme: string, step: string) {
    super(`release ${releaseId} has no template for ${programme}/${step}`);
  }
}

function readPart<T extends z.ZodMiniType>(file: string, schema: T): z.output<T> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new UnreadableRelease(file, { cause });
  }
}

/** A release's content as functions ask for it. */
export function contentOf(content: Manifest): ReleaseContent {
  return { ...content, contentFor: (kinds, topic) => linksFor(content.library, kinds, topic) };
}

/** The template for a reader's locale, and whatever comes nearest to it, but for its parts. */
interface FoundTemplate extends Omit<ChosenTemplate, 'parts'> {
  readonly file: string;
}

/** @throws UnknownTemplate when the release has no such step */
export function findTemplate(
  { id, templates }: Pick<Manifest, 'id' | 'templates'>,
  programme: string,
  step: string,
  locale: string | undefined,
  variant?: string,
): FoundTemplate {
  const ofStep = templates.filter((entry) => entry.programme === programme && entry.step === step);
  const locales = ofStep.filter((entry) => entry.variant === undefined).map((entry) => entry.locale);
  const negotiated = negotiate(locale, locales);
  const inLocale = ofStep.filter((entry) => entry.locale === negotiated.locale);
  const entry =
    inLocale.find((candidate) => candidate.variant === variant) ??
    inLocale.find((candidate) => candidate.variant === undefined);
  if (entry === undefined) throw new UnknownTemplate(id, programme, step);
  return { ...negotiated, name: `${programme}/${step}`, variant: entry.variant, file: entry.file };
}

/** A release of this content, whose templates are loaded when they are first asked for. */
function releaseOf(content: Manifest, load: (file: string) => CompiledTemplate): Release {
  const loaded = new Map<string, CompiledTemplate>();

  function partsOf(file: string): CompiledTemplate {
    const known = loaded.get(file);
    if (known !== undefined) return known;
    const parts = load(file);
    loaded.set(file, parts);
    return parts;
  }

  return {
    ...contentOf(content),
    template(programme, step, locale, variant) {
      const { file, ...found } = findTemplate(content, programme, step, locale, variant);
      return { ...found, parts: partsOf(file) };
    },
  };
}

/**
 * Opens the release in a directory. Reads the manifest at once and each template when it is first asked for.
 *
 * @throws UnreadableRelease
 * @example openRelease('content').template('onboarding', 'welcome', 'sv-FI', 'returning')
 */
export function openRelease(directory: string): Release {
  const content = readPart(join(directory, MANIFEST_FILE), manifestSchema);
  return releaseOf(content, (file) => readPart(join(directory, file), templateSchema));
}
