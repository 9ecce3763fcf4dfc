/** The playbook as it stands in its file, or what is wrong with it. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readPlaybookText, UnreadablePlaybook } from '../../../../shared/email/playbook-text.ts';
import { stageNamed } from '../customers-page.ts';
import type { PlaybookView } from './playbook-page.ts';

export async function readPlaybookView(contentDirectory: string, query: URLSearchParams): Promise<PlaybookView> {
  const path = join(contentDirectory, 'playbook.json');
  const trait = query.get('trait') ?? '';
  return {
    file: relative(process.cwd(), path),
    playbook: await read(path),
    somebody: { stage: stageNamed(query.get('stage')), trait: trait === '' ? undefined : trait },
  };
}

async function read(path: string): Promise<PlaybookView['playbook']> {
  try {
    return readPlaybookText(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof UnreadablePlaybook) return error.message.split('\n');
    throw error;
  }
}
