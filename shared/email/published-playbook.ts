/** The playbook of a published release, for functions that read nothing else of it and need none of its schemas. */
import type { Playbook } from '../lifecycle/playbook.ts';
import { UnreadableRelease } from './unreadable-release.ts';

export const PLAYBOOK_PART = 'playbook.json';

/** Reads a part of one release; undefined when it is not there. */
export type ReadPart = (name: string) => Promise<string | undefined>;

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
