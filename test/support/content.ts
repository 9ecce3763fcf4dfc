/** A copy of the shipped content that a test changes. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The copy speaks only these languages: most of what is tried with one is the same in all, and each takes its time to compile. */
export async function speakOnly(contentDirectory: string, ...locales: readonly string[]): Promise<void> {
  const file = path.join(contentDirectory, 'shop.json');
  const shop = await readFile(file, 'utf8');
  await writeFile(file, shop.replace(/"locales": \[[^\]]*\]/u, `"locales": ${JSON.stringify(locales)}`));
}
