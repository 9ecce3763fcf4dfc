/** `npm run refit`: the rule of silence as the last census fitted it to the shop, and writing it into the playbook. */
import { refitCommand } from './refit-command.ts';
import { runCommand } from './target.ts';

await runCommand(refitCommand);
