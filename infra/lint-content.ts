/** `npm run lint:content`: what a reader of our mails would stumble over. */
import { lintContentCommand } from './lint-content-command.ts';
import { UsageError } from './local/usage-error.ts';

try {
  const { text, exitCode } = await lintContentCommand(process.argv.slice(2));
  process.stdout.write(text);
  process.exitCode = exitCode;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}; --help explains the command`);
  process.exitCode = 2;
}
