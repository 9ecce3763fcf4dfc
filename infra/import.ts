/** `npm run import`: loads a shop's past. */
import { importCommand } from './import-command.ts';
import { runCommand } from './target.ts';

await runCommand(importCommand);
