/** `npm run rollback`: makes an earlier release live again. */
import { rollbackCommand } from './rollback-command.ts';
import { runCommand } from './target.ts';

await runCommand(rollbackCommand);
