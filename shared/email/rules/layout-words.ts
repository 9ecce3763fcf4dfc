/**
 * Words in a layout, which every reader would get in one language whatever their own: words belong into the files of texts.
 * Looks at layouts as they are written, with nothing filled in.
 */
import type { MailRule } from './rule.ts';

/** What nobody reads: comments, styles, conditions and entities. */
const UNREAD = /<!--.*?-->|<(mj-style|style|mj-attributes)\b.*?<\/\1>|\{%.*?%\}|&#?\w+;/gsu;
/** Attributes that are read out, or shown in place of what they stand at. */
const READ_ATTRIBUTE = /\s(?:alt|title|aria-label)\s*=\s*(?:"([^"]*)"|'([^']*)')/dgu;
const TAG = /<(?:"[^"]*"|'[^']*'|[^'">])*>/gu;
const WORDS = /\p{L}[\p{L}\p{M}'’-]*(?:[ ,]+\p{L}[\p{L}\p{M}'’-]*)*/gu;

interface Written {
  readonly words: string;
  /** Where they begin in the layout. */
  readonly at: number;
}

/** Leaves lines where they are, and parts the words on both sides. */
const blank = (hidden: string): string => hidden.replaceAll(/[^\n]/gu, '·');

/** @param names that are the same in every language, as that of the shop */
function wordsIn(layout: string, names: readonly string[]): readonly Written[] {
  const printed = layout.replaceAll(/\{\{.*?\}\}/gsu, (output) => standIn(output));
  const read = names.reduce((text, name) => text.replaceAll(name, blank), printed);
  const shown = read.replaceAll(UNREAD, blank).replaceAll(TAG, (tag) => attributesRead(tag));
  return [...shown.matchAll(WORDS)].map(({ 0: words, index }) => ({ words, at: index }));
}

/** What a placeholder prints where its value is missing, in its place. */
function standIn(output: string): string {
  const text = /\bdefault:\s*(?:'([^']*)'|"([^"]*)")/du.exec(output);
  const [from, to] = text?.indices?.[1] ?? text?.indices?.[2] ?? [0, 0];
  return blank(output.slice(0, from)) + output.slice(from, to) + blank(output.slice(to));
}

function attributesRead(tag: string): string {
  let [shown, from] = ['', 0];
  for (const { indices } of tag.matchAll(READ_ATTRIBUTE)) {
    const [begins, ends] = indices?.[1] ?? indices?.[2] ?? [0, 0];
    shown += blank(tag.slice(from, begins)) + tag.slice(begins, ends);
    from = ends;
  }
  return shown + blank(tag.slice(from));
}

export const layoutWords: MailRule = {
  name: 'words of a layout',
  check: ({ worded: { step }, house: { carried }, reader }) => {
    if (reader.id !== 'known') return [];
    const { name, signature } = carried.shop;
    const names = [name, signature.name].flatMap((each) => [each, each.replaceAll('&', '&amp;')]);
    return wordsIn(step.layout.source, names).map(({ words, at }) => ({
      words,
      inLayout: at,
      problem: `words that readers of every language would get: ${words}`,
      advice: 'set a text with {{ t.key }}, and write it in the file of each language',
    }));
  },
};
