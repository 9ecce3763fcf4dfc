/**
 * HTML with its Liquid masked: a parser of HTML then sees the markup of every branch, and which Liquid stands where. The
 * mark is half a character, which no character reference yields.
 */
import { TagToken, Tokenizer } from 'liquidjs';

const MARK = '\uD800';
const MASKED = new RegExp(`${MARK}(\\d+)${MARK}`, 'gu');
/** A name of HTML that Liquid is part of: a tag of another name for every reader. */
const SPLIT_NAME = new RegExp(`<[/!?]*${MARK}`, 'u');

interface Piece {
  /** As it was written. */
  readonly source: string;
  /** What the tag is called; undefined for a value that is printed. */
  readonly tag: string | undefined;
}

export interface MaskedLiquid {
  readonly html: string;
  /** Liquid where a parser could not tell what it belongs to; undefined when there is none. */
  readonly split: { readonly words: string; readonly at: number } | undefined;
  readonly piecesIn: (text: string) => readonly Piece[];
  /** Where in what was masked something stands that begins here. */
  readonly sourceAt: (at: number) => number;
  /** As it was written. */
  readonly unmasked: (text: string) => string;
}

export function maskLiquid(liquid: string): MaskedLiquid {
  const pieces: Piece[] = [];
  /** Where a token begins, masked and not. */
  const begins: (readonly [masked: number, source: number])[] = [];
  let html = '';
  for (const token of new Tokenizer(liquid).readTopLevelTokens()) {
    const isWords = 'getContent' in token;
    begins.push([html.length, token.begin + (isWords ? token.trimLeft : 0)]);
    if (isWords) {
      html += token.getContent().replaceAll(MARK, '\uFFFD');
      continue;
    }
    pieces.push({ source: token.getText(), tag: token instanceof TagToken ? token.name : undefined });
    html += `${MARK}${pieces.length - 1}${MARK}`;
  }
  const sourceAt = (at: number): number => {
    const [masked, source] = begins.findLast(([begin]) => begin <= at) ?? [0, 0];
    return source + at - masked;
  };
  const piecesIn = (text: string): readonly Piece[] =>
    [...text.matchAll(MASKED)].flatMap(([, index]) => pieces[Number(index)] ?? []);
  const unmasked = (text: string): string =>
    text.replaceAll(MASKED, (mark, index: string) => pieces[Number(index)]?.source ?? mark);
  const at = html.search(SPLIT_NAME);
  return {
    html,
    split: at === -1 ? undefined : { words: unmasked(html.slice(at)).slice(0, 80), at },
    piecesIn,
    sourceAt,
    unmasked,
  };
}

/** What is left of a text without its masked Liquid. */
export function withoutMasked(text: string): string {
  return text.replaceAll(MASKED, '');
}

/** Whether conditions and loops begin and end within the pieces, so that no branch ends what stands around them. */
export function isBalanced(pieces: readonly Piece[]): boolean {
  let depth = 0;
  for (const { tag } of pieces) {
    if (tag === undefined) continue;
    if (tag.startsWith('end')) depth -= 1;
    else if (depth === 0 || !BRANCHES.has(tag)) depth += 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

const BRANCHES = new Set(['else', 'elsif', 'elseif', 'when']);
