/**
 * Which tests are about the content the project ships with: sentences, delays and programmes of an invented shop. A shop that
 * has made the content its own leaves them out, so that what remains holds whatever its mails say.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isSample } from '../../infra/config.ts';

const PROJECT = path.join(import.meta.dirname, '../..');

/** What a file has in it that reads the content. */
const READS_CONTENT = /shared\/content|compiledRelease|compileEdition/u;
const IMPORT = /^(?:import|export)\b[^;]*?from '(?<file>\.[^']+)'/gmu;

/** Whether the content speaks for a shop of its own, by the domain in shop.json. */
export function isOwnContent(): boolean {
  const shop: { readonly url?: unknown } = JSON.parse(
    readFileSync(path.join(PROJECT, 'shared/content/shop.json'), 'utf8'),
  );
  return typeof shop.url === 'string' && !isSample(new URL(shop.url).hostname);
}

/** The tests whose outcome depends on the content, as paths from the project's directory. */
export function sampleBoundTests(): readonly string[] {
  const known = new Map<string, boolean>();
  const isBound = (file: string): boolean => {
    const before = known.get(file);
    if (before !== undefined) return before;
    // Of two files that import each other the first one decides.
    known.set(file, false);
    const text = readFileSync(path.join(PROJECT, file), 'utf8');
    const bound =
      READS_CONTENT.test(text) ||
      [...text.matchAll(IMPORT)]
        .map(({ groups }) => path.join(path.dirname(file), groups?.['file'] ?? ''))
        .some((each) => each.startsWith(`test${path.sep}`) && each.endsWith('.ts') && isBound(each));
    known.set(file, bound);
    return bound;
  };
  return readdirSync(path.join(PROJECT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((each) => each.endsWith('.test.ts'))
    .map((each) => path.join('test', each))
    .filter(isBound);
}
