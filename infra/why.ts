/** `npm run why`: why a customer stands where they stand, and why each message went out or did not. */
import { runCommand } from './target.ts';
import { whyCommand } from './why-command.ts';

await runCommand(whyCommand);
