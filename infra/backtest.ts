/** `npm run backtest`: a shop's own orders through the pipeline, and which rule of silence fits it. */
import { backtestCommand } from './backtest-command.ts';
import { runCommand } from './target.ts';

await runCommand(backtestCommand);
