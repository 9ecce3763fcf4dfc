/** The content a function carries in its asset: the playbook and the repository's release. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Playbook } from '../shared/lifecycle/playbook.ts';

/** The Lambda service says where the asset was unpacked. */
export function contentDirectory(): string {
  return join(process.env['LAMBDA_TASK_ROOT'] ?? '', 'content');
}

/** The build has validated and parsed it; it is of the same asset as this code. */
export function readPlaybook(): Playbook {
  const playbook: Playbook = JSON.parse(readFileSync(join(contentDirectory(), 'playbook.json'), 'utf8'));
  return playbook;
}

/** Of the release in the asset, for who needs nothing else of it. */
export function readReleaseId(): string {
  const manifest: { readonly id: string } = JSON.parse(readFileSync(join(contentDirectory(), 'release.json'), 'utf8'));
  return manifest.id;
}
