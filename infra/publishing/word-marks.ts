/** Two versions of a text as one, with the words that went and those that came between marks. */

/** How words are marked: `[-gone-]`, `{+new+}`, in colours beside the marks where there are colours. */
export interface Marks {
  readonly gone: (words: string) => string;
  readonly come: (words: string) => string;
}

export const PLAIN_MARKS: Marks = { gone: (words) => `[-${words}-]`, come: (words) => `{+${words}+}` };

/** Red and green (ECMA-48), and the marks for those who cannot tell them apart. */
export const COLOURED_MARKS: Marks = {
  gone: (words) => `\u001b[31m[-${words}-]\u001b[39m`,
  come: (words) => `\u001b[32m{+${words}+}\u001b[39m`,
};

/** Words that stay are left out but for so many next to what has changed. */
const CONTEXT = 8;

/** With a smaller share of words that stay it is another sentence, which nobody could read interwoven with the old one. */
const LEAST_KEPT = 1 / 3;

/** Beyond so many words on both sides comparing them takes long, and nobody reads the result word by word. */
const MOST_WORDS = 1_500;

interface Run {
  readonly kind: 'kept' | 'gone' | 'come';
  readonly words: readonly string[];
}

/** Words of both versions, or of one of them only. */
export interface Told {
  readonly kind: Run['kind'];
  readonly text: string;
}

/** Two versions of a text as one; of what stays, what is far from any change is left out. */
export function toldWords(before: string, after: string): readonly Told[] {
  const [left, right] = [wordsOf(before), wordsOf(after)];
  const runs = runsOf(left, right);
  const kept = runs.reduce((sum, { kind, words }) => (kind === 'kept' ? sum + words.length : sum), 0);
  if (left.length > 0 && right.length > 0 && kept < LEAST_KEPT * Math.max(left.length, right.length)) {
    return [
      { kind: 'gone', text: left.join(' ') },
      { kind: 'come', text: right.join(' ') },
    ];
  }
  return runs.map(({ kind, words }, index) => ({
    kind,
    text: kind === 'kept' ? shortened(words, index === 0, index === runs.length - 1) : words.join(' '),
  }));
}

/**
 * The text with marks.
 *
 * @example marked(toldWords('Welcome back', 'Welcome home'), PLAIN_MARKS) // 'Welcome [-back-] {+home+}'
 */
export function marked(told: readonly Told[], { gone, come }: Marks): string {
  return told
    .map(({ kind, text }) => {
      switch (kind) {
        case 'gone':
          return gone(text);
        case 'come':
          return come(text);
        case 'kept':
          return text;
        default:
          return kind satisfies never;
      }
    })
    .join(' ');
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/u).filter((word) => word !== '');
}

function shortened(words: readonly string[], isFirst: boolean, isLast: boolean): string {
  if (isFirst && isLast) return words.join(' ');
  const head = isFirst ? 0 : CONTEXT;
  const tail = isLast ? 0 : CONTEXT;
  if (words.length <= head + tail + 1) return words.join(' ');
  return [...words.slice(0, head), '…', ...(tail === 0 ? [] : words.slice(-tail))].join(' ');
}

/** What stays and what does not, by the longest common subsequence of words. */
function runsOf(before: readonly string[], after: readonly string[]): readonly Run[] {
  if (before.length + after.length > MOST_WORDS) {
    return [
      { kind: 'gone', words: before },
      { kind: 'come', words: after },
    ];
  }
  const common = commonLengths(before, after);
  const runs: { kind: Run['kind']; words: string[] }[] = [];
  const add = (kind: Run['kind'], word: string | undefined) => {
    const last = runs.at(-1);
    if (last?.kind === kind) last.words.push(word ?? '');
    else runs.push({ kind, words: [word ?? ''] });
  };
  let [left, right] = [0, 0];
  while (left < before.length || right < after.length) {
    const isKept = left < before.length && right < after.length && before[left] === after[right];
    const isGone = left < before.length && (common[left + 1]?.[right] ?? 0) >= (common[left]?.[right + 1] ?? -1);
    if (isKept) {
      add('kept', before[left]);
      left += 1;
      right += 1;
    } else if (isGone) {
      add('gone', before[left]);
      left += 1;
    } else {
      add('come', after[right]);
      right += 1;
    }
  }
  return runs;
}

/** Length of what two texts have in common from each pair of places on. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let left = before.length - 1; left >= 0; left -= 1) {
    const [row, below] = [lengths[left], lengths[left + 1]];
    if (row === undefined || below === undefined) continue;
    for (let right = after.length - 1; right >= 0; right -= 1) {
      const isSame = before[left] === after[right];
      row[right] = isSame ? (below[right + 1] ?? 0) + 1 : Math.max(below[right] ?? 0, row[right + 1] ?? 0);
    }
  }
  return lengths;
}
