/** `npm run resume`: lets mail go on that was paused by hand. */
import { pauseCommand } from './pause-command.ts';
import { runCommand } from './target.ts';

await runCommand((args) => pauseCommand('resume', args));
