/** What campaigns have to know of the content that is live, which may have been published from another directory than this one. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { circumstancesOf } from '../../functions/send/settings.ts';
import type { ReleaseStore } from '../../shared/adapters/release-store.ts';
import { librarySchema } from '../../shared/email/library.ts';
import { FALLBACK_LOCALE } from '../../shared/email/locale.ts';
import { contentOf } from '../../shared/email/release.ts';
import { TEMPLATES } from '../../shared/email/step.ts';
import { readJson } from '../../shared/email/strings.ts';
import type { Circumstances, Holdout } from '../../shared/lifecycle/customer/permit.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { circumstancesIn } from '../content-circumstances.ts';
import type { Outline } from '../publishing/edition.ts';
import { readLive } from '../publishing/live.ts';

export interface LiveContent {
  /** Undefined where nobody wrote down what was deployed. */
  readonly playbook: Playbook | undefined;
  readonly circumstances: Circumstances;
  /** Of customers' purchases, those the library has content for. */
  readonly categories: readonly string[];
  /** The subject of a step's mail, as its template has it; undefined where there is none, or nobody wrote it down. */
  readonly subjectOf: (programme: string, step: string) => Promise<string | undefined>;
}

const withSubject = z.looseObject({ subject: z.string() });

const fileOf = (programme: string, step: string): string =>
  path.posix.join(TEMPLATES, programme, step, `${FALLBACK_LOCALE}.json`);

function subjectIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : withSubject.safeParse(JSON.parse(text)).data?.subject;
}

/**
 * @param contentDirectory stands in where nobody wrote down what was deployed
 * @throws ContentError
 */
export async function liveContent(
  releases: ReleaseStore,
  holdout: Holdout,
  contentDirectory: string,
): Promise<LiveContent> {
  const outline = await outlineOf(releases);
  if (outline === undefined) {
    const { categories } = await readJson(contentDirectory, 'library.json', librarySchema);
    return {
      playbook: undefined,
      circumstances: await circumstancesIn(contentDirectory, holdout),
      categories: Object.keys(categories),
      subjectOf: async (programme, step) =>
        subjectIn(await readFile(path.join(contentDirectory, fileOf(programme, step)), 'utf8')),
    };
  }
  const { manifest, playbook, sources } = outline;
  return {
    playbook,
    circumstances: circumstancesOf(holdout, contentOf(manifest)),
    categories: Object.keys(manifest.library.categories),
    subjectOf: async (programme, step) => subjectIn(sources[fileOf(programme, step)]),
  };
}

/** Undefined also where nothing can be published. */
async function outlineOf(releases: ReleaseStore): Promise<Outline | undefined> {
  try {
    return (await readLive(releases)).outline;
  } catch (cause) {
    if (cause instanceof ResourceNotFoundException) return undefined;
    throw cause;
  }
}
