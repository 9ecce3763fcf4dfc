/** `npm run campaign`: a one-off mail to a group. */
import { campaignCommand } from './campaign-command.ts';
import { runCommand } from './target.ts';

await runCommand(campaignCommand);
