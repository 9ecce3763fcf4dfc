/** `npm run codes`: gives an offer the codes the shop has made for it. */
import { codesCommand } from './codes-command.ts';
import { runCommand } from './target.ts';

await runCommand(codesCommand);
