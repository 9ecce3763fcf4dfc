/** `npm run unsuppress`: lets a customer's address get mail again. */
import { runCommand } from './target.ts';
import { unsuppressCommand } from './unsuppress-command.ts';

await runCommand(unsuppressCommand);
