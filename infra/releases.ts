/** `npm run releases`: what was published, when, and by whom. */
import { releasesCommand } from './releases-command.ts';
import { runCommand } from './target.ts';

await runCommand(releasesCommand);
