/** What a mail says, judged by the word lists of the project's content, but not by the code that judges them there. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Letter } from './letter.ts';
import { PROJECT } from '../../infra/cache.ts';

const listed = z.record(z.string(), z.record(z.string(), z.array(z.string())));
const { en: WORDS = {} } = listed.parse(
  JSON.parse(readFileSync(path.join(PROJECT, 'shared/content/tone.json'), 'utf8')),
);

type List = 'apology' | 'discount' | 'push' | 'promotion' | 'claim' | 'emotion';

/** Every listed word the letter says, from its subject to its small print. */
export function saidIn({ subject, text }: Letter, ...lists: readonly List[]): readonly string[] {
  const whole = `${subject}\n${text.split('\nYou get this email')[0] ?? text}`.replaceAll('’', "'");
  return lists
    .flatMap((list) => WORDS[list] ?? [])
    .filter((word) => {
      const source = word.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`).replaceAll('*', String.raw`\p{L}*`);
      // What begins with a sign may follow a number: "10% off".
      const before = /^[\p{L}\p{N}]/u.test(word) ? String.raw`(?<![\p{L}\p{N}])` : '';
      return new RegExp(String.raw`${before}${source}(?![\p{L}\p{N}])`, 'iu').test(whole);
    });
}
