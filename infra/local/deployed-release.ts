/** The release the twin's functions carry, written down like after a deployment, so that a publication can be compared with it. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { compiledRelease } from '../build.ts';
import type { Move } from '../../shared/adapters/release-store.ts';
import { PLAYBOOK_PART } from '../../shared/email/published-playbook.ts';
import { MANIFEST_FILE } from '../../shared/email/release.ts';
import { digestOf, type Edition, partNames, readEdition } from '../publishing/edition.ts';
import { writeDeployed } from '../publishing/publish.ts';
import { openRecords } from '../records.ts';
import type { Twin } from './contract.ts';

const CONTENT_DIRECTORY = path.join(import.meta.dirname, '../../shared/content');

/**
 * @param playbookFile the playbook the functions carry, where it is not that of the content
 * @returns the move by which the rules for the stages became others than those that were live, if they did
 */
export async function writeDeployedRelease(
  twin: Pick<Twin, 'endpoint' | 'region' | 'tableName' | 'now'>,
  playbookFile = path.join(CONTENT_DIRECTORY, 'playbook.json'),
  contentDirectory = CONTENT_DIRECTORY,
): Promise<Move | undefined> {
  const compiled = await readEdition(await compiledRelease(contentDirectory), playbookFile, contentDirectory);
  const isOwn = path.resolve(playbookFile) === path.resolve(contentDirectory, PLAYBOOK_PART);
  const edition = isOwn ? compiled : withNameOfPlaybook(compiled);
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const { endpoint, region, tableName } = twin;
  const records = openRecords({ endpoint, region, credentials }, tableName);
  try {
    return await writeDeployed(records.releases, edition, twin.now(), 'npm start');
  } finally {
    records.close();
  }
}

/** Hexadecimal digits that tell two playbooks for one content apart. */
const PLAYBOOK_DIGITS = 8;

/** The id of a release is that of its content: with another playbook it is another release, and parts never change. */
function withNameOfPlaybook(edition: Edition): Edition {
  const playbook = createHash('sha256').update(edition.parts.get(PLAYBOOK_PART) ?? '');
  const id = `${edition.id}-${playbook.digest('hex').slice(0, PLAYBOOK_DIGITS)}`;
  const manifest = { ...edition.manifest, id };
  const parts = new Map(edition.parts).set(MANIFEST_FILE, JSON.stringify(manifest));
  return { ...edition, id, manifest, parts, digest: digestOf(parts, partNames(manifest)) };
}
