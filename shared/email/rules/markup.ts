/**
 * Texts are words: emphasis, links and values are all the markup they have. What is meant for markup and is none would be read as
 * it is written. Looks at texts as they are kept.
 */
import type { RuleFinding } from './rule.ts';

interface Mistake {
  readonly found: RegExp;
  readonly problem: string;
  readonly advice: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    found: /<\/?[a-z][^<>]*>?/iu,
    problem: 'a tag, which readers would see',
    advice: 'write **words** for emphasis, [words](https://…) for a link, and leave every other tag to the layout',
  },
  {
    found: /&(?:[a-z]\w+|#\d+|#x[\da-f]+);/iu,
    problem: 'a sign spelled as in HTML, which readers would see',
    advice: 'write the sign itself',
  },
  {
    found: /\]\s+\((?:[a-z]+:|www\.|\{\{)[^)]*\)?/iu,
    problem: 'a space between the words of a link and its address',
    advice: 'leave it out: [words](https://…)',
  },
  {
    found: /\]\([^)]*$/u,
    problem: 'a link that does not end',
    advice: 'close it behind the address: [words](https://…)',
  },
  {
    found: /(?<![*\p{L}\p{N}])\*(?![*\s])[^*]*[^*\s]\*(?!\*)/u,
    problem: 'words between single stars, which readers would see',
    advice: 'write **words** for emphasis',
  },
  {
    found: /(?<![_\p{L}\p{N}])_(?![_\s])[^_]*[^_\s]_(?![_\p{L}\p{N}])/u,
    problem: 'words between underscores, which readers would see',
    advice: 'write **words** for emphasis',
  },
  {
    found: /\n[^\S\n]*\n/u,
    problem: 'an empty line, which no reader would see',
    advice: 'a text is one paragraph: put what follows into a text of its own, and set that in the layout',
  },
];

/** Links, values and emphasis that are written as they should be, and what Liquid says, which is no markup. */
function withoutMarkup(text: string): string {
  return text
    .replaceAll(/\{%.*?%\}/gsu, '')
    .replaceAll(/\]\((?:https:|mailto:|\{\{)(?:\{\{.*?\}\}|[^)])*\)/gsu, ']')
    .replaceAll(/\{\{.*?\}\}/gsu, 'x')
    .replaceAll(/\*\*(.+?)\*\*/gsu, '$1')
    .replaceAll(/\bhttps?:\/\/[^\s)]+/gu, (address) => address.replaceAll(/[*_]/gu, '-'));
}

/** Most characters of what was found that are shown. */
const SHOWN = 40;

/** What is meant for markup in a text, and is none. */
export function markupIn(text: string): readonly RuleFinding[] {
  const words = withoutMarkup(text);
  return MISTAKES.flatMap(({ found, problem, advice }) => {
    const [meant] = found.exec(words) ?? [];
    return meant === undefined
      ? []
      : [{ problem: `${problem}: ${meant.trim().slice(0, SHOWN)}`.replace(/: $/u, ''), advice }];
  });
}
