/** `npm run export`: everything the store holds about one person, as JSON. */
import { exportCommand } from './export-command.ts';
import { runCommand } from './target.ts';

await runCommand(exportCommand);
