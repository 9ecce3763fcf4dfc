/** Public data sets beside the project, which it does not ship; what reads them is skipped, and says so, without them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where a data set is if it is there at all. */
export function publicData(name: string): string {
  const file = fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
  if (!existsSync(file)) process.stdout.write(`skipped: what needs ${name}, a public data set that is not here\n`);
  return file;
}
