/** The content a function carries in its asset: the playbook and the repository's release. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Playbook, parsePlaybook } from '../shared/lifecycle/playbook.ts';

/** The Lambda service says where the asset was unpacked. */
export function contentDirectory(): string {
  return join(process.env['LAMBDA_TASK_ROOT'] ?? '', 'content');
}

/** @throws InvalidPlaybook; the build has validated it, so this means another build's asset */
export function readPlaybook(): Playbook {
  return parsePlaybook(JSON.parse(readFileSync(join(contentDirectory(), 'playbook.json'), 'utf8')));
}
