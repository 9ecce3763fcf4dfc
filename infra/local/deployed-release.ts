/** The release the twin's functions carry, written down like after a deployment, so that a publication can be compared with it. */
import path from 'node:path';
import { compiledRelease } from '../build.ts';
import { readEdition } from '../publishing/edition.ts';
import { writeDeployed } from '../publishing/publish.ts';
import { openRecords } from '../records.ts';
import type { Twin } from './contract.ts';

const CONTENT_DIRECTORY = path.join(import.meta.dirname, '../../shared/content');

/** @param playbookFile the playbook the functions carry, where it is not that of the content */
export async function writeDeployedRelease(
  twin: Pick<Twin, 'endpoint' | 'region' | 'tableName' | 'now'>,
  playbookFile = path.join(CONTENT_DIRECTORY, 'playbook.json'),
  contentDirectory = CONTENT_DIRECTORY,
): Promise<void> {
  const edition = await readEdition(await compiledRelease(contentDirectory), playbookFile, contentDirectory);
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const { endpoint, region, tableName } = twin;
  const records = openRecords({ endpoint, region, credentials }, tableName);
  try {
    await writeDeployed(records.releases, edition, twin.now(), 'npm start');
  } finally {
    records.close();
  }
}
