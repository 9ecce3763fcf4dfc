/**
 * Addresses that are written out and not linked. Mail programs link them by themselves, with everything that follows without a
 * space: so none may be put together of pieces, or a mail could carry off what it says of its reader.
 */
import { wrongWithAddress } from '../public-address.ts';

/** Stands for a value that is printed; half a character, which nobody writes. */
const VALUE = '\uD800';
const LIQUID_TAG = /\{%.*?%\}/gsu;
const LIQUID_OUTPUT = /\{\{.*?\}\}/gsu;

/** What a mail program takes for the beginning of an address; looked for where words begin, or long ones took for ever. */
const BEGINNING = String.raw`(?:(?<![\p{L}\p{N}])(?:[a-z][a-z0-9+.-]{0,30}:\/\/|mailto:|www\.)|(?<![\p{L}\p{N}-])(?<![\p{L}\p{N}-]\.)(?:[\p{L}\p{N}-]+\.)+\p{L}{2,}(?::\d+)?[/?#])`;
/** Signs that end a sentence, and no address. */
const CLOSING = /[.,:;!?)\]،؛؟"»”]+$/u;
const ADDRESS = new RegExp(String.raw`${BEGINNING}[^\s<>${VALUE}]*`, 'giu');
/** An address, or what is left of one, right before a value; or a value that becomes a part of the name of a host or mailbox. */
const DEPENDENT = new RegExp(
  [
    String.raw`${BEGINNING}[^\s<>]*${VALUE}`,
    String.raw`:?(?<!\/)\/\/[^\s<>]*${VALUE}`,
    String.raw`${VALUE}[^\s<>${VALUE}]*(?:\.\p{L}{2,}[/?#]|@[^\s<>]*\.\p{L}{2,})`,
    String.raw`(?<![\p{L}\p{N}._+-])[\p{L}\p{N}._+-]+@[^\s<>]*${VALUE}`,
  ].join('|'),
  'giu',
);
const WITHOUT_SPACE = /[^\s<>]+/gu;
const WITH_SCHEME = /^[a-z][a-z0-9+.-]*:/iu;
const MAILTO = /^mailto:/iu;

interface WrittenAddress {
  readonly address: string;
  /** Said after it. */
  readonly wrong: string;
}

/** @param words with their Liquid */
export function wrongWithWritten(words: string): readonly WrittenAddress[] {
  // A branch may end an address, or go on with it.
  const read = [words.replaceAll(LIQUID_TAG, ' '), words.replaceAll(LIQUID_TAG, '')].join('\n');
  const masked = read.replaceAll(LIQUID_OUTPUT, VALUE);
  const found = new Map<string, string>();
  const runs = (masked.match(WITHOUT_SPACE) ?? []).filter((run) => run.includes(VALUE));
  for (const [match] of runs.flatMap((run) => [...run.matchAll(DEPENDENT)])) {
    const address = match.split(VALUE)[0] ?? '';
    found.set(address === '' ? match.replaceAll(VALUE, '{{ … }}') : address, 'depends on its reader');
  }
  for (const [match] of masked.matchAll(ADDRESS)) {
    const address = match.replace(CLOSING, '');
    if (MAILTO.test(address) || found.has(match)) continue;
    const wrong = wrongWithAddress(WITH_SCHEME.test(address) ? address : `https://${address}`);
    if (wrong !== undefined) found.set(address, wrong);
  }
  return [...found].map(([address, wrong]) => ({ address, wrong }));
}

const OUTPUT = /\{\{-?(.*?)-?\}\}/gsu;
const LITERAL = /'([^']*)'|"([^"]*)"/gu;
const BARE_LITERAL = /^\s*(?:'[^']*'|"[^"]*")/u;
/** Signs of an address, and the words that begin one. */
const ADDRESS_PART = /[/:@?=&#%\\<>]|\.[\p{L}\p{N}]|https?|www|mailto/iu;

/** What is printed and says a part of an address itself: a text on its own, or one that looks like it within a filter. */
export function spelledOut(part: string): readonly string[] {
  return [...part.matchAll(OUTPUT)].flatMap(([whole, inner = '']) => {
    const texts = [...inner.matchAll(LITERAL)].map(([, single, double]) => single ?? double ?? '');
    return BARE_LITERAL.test(inner) || texts.some((text) => ADDRESS_PART.test(text)) ? [whole] : [];
  });
}
