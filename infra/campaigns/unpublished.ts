/** Steps for campaigns that stand in the files of a content directory and not in what is live: nobody can send them yet. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PLAYBOOK_PART } from '../../shared/email/published-playbook.ts';
import { readPlaybookText, UnreadablePlaybook } from '../../shared/email/playbook-text.ts';
import { campaignSteps } from '../../shared/lifecycle/campaign/campaign.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { isMissing } from '../missing.ts';

/** Their ids; none where the file is missing or half written, for then nobody can tell. */
export async function unpublishedSteps(contentDirectory: string, live: Playbook): Promise<readonly string[]> {
  const written = await playbookOf(contentDirectory);
  if (written === undefined) return [];
  const known = new Set(campaignSteps(live).map(({ step }) => step.id));
  return campaignSteps(written).flatMap(({ step }) => (known.has(step.id) ? [] : [step.id]));
}

async function playbookOf(contentDirectory: string): Promise<Playbook | undefined> {
  try {
    return readPlaybookText(await readFile(path.join(contentDirectory, PLAYBOOK_PART), 'utf8'));
  } catch (error) {
    if (error instanceof UnreadablePlaybook || isMissing(error)) return undefined;
    throw error;
  }
}
