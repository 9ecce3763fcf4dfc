/** `npm run pause`: holds mail back by hand. */
import { pauseCommand } from './pause-command.ts';
import { runCommand } from './target.ts';

await runCommand((args) => pauseCommand('pause', args));
