/** `npm run publish`: makes the content live without a deployment. */
import { publishCommand } from './publish-command.ts';
import { runCommand } from './target.ts';

await runCommand(publishCommand);
