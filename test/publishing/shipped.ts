/** Where the content is that the project ships. */
import path from 'node:path';

export const SHIPPED_CONTENT = path.join(import.meta.dirname, '../../shared/content');
export const SHIPPED_PLAYBOOK = path.join(SHIPPED_CONTENT, 'playbook.json');
