/** A mail is whole for everybody: nothing left of what only programs read, and both parts say the same. */
import { PLAIN_KEYS } from '../strings.ts';
import { findingsIf, type MailRule, type RuleFinding } from './rule.ts';

/** What a value looks like that is none. */
const NO_VALUE = /\bundefined\b|\[object \w+\]|\bNaN\b|Invalid Date/u;
/** Liquid or emphasis nobody resolved. A reader's own markup is printed as it is written, in the text part. */
const UNRESOLVED = /\{\{|\{%|\]\((?!https:)|\*\*/u;
const ENTITY = /&(?:amp|lt|gt|quot|#\d+);/u;

const UNREAD = /<[^>]*>|&#?\w+;/gu;

/** Without tags and entities, and everything else where it was. */
function readable(part: string): string {
  return part.replaceAll(UNREAD, (hidden) => ' '.repeat(hidden.length));
}

const wordsIn = (part: string): readonly string[] => part.match(/\p{L}+/gu) ?? [];

export const whole: MailRule = {
  name: 'whole for everybody',
  check: ({ mail, reader }) => {
    const parts = Object.entries({
      subject: mail.subject,
      preheader: mail.preheader,
      html: mail.html,
      text: mail.text,
    });
    const broken = parts.flatMap(([part, value]): readonly RuleFinding[] => {
      const found = NO_VALUE.exec(value) ?? UNRESOLVED.exec(value);
      if (found === null) return [];
      const [words] = found;
      return [
        {
          words,
          ...(part === 'html' && { at: found.index }),
          ...(PLAIN_KEYS.includes(part) && { key: part }),
          problem: `the ${part} for ${reader.title} shows "${words}"`,
          advice: 'close what was opened, link https only, and ask before printing what may be missing',
        },
      ];
    });
    const entity = reader.id === 'markup' ? undefined : ENTITY.exec(mail.text)?.[0];
    return [
      ...broken,
      ...findingsIf(entity !== undefined, {
        words: entity ?? '',
        problem: `the text part for ${reader.title} shows ${entity}`,
        advice: 'write the character itself',
      }),
    ];
  },
};

export const bothParts: MailRule = {
  name: 'both parts say the same',
  check: ({ mail: { html, text }, reader }) => {
    if (reader.id !== 'known' && reader.id !== 'unknown') return [];
    const inText = new Set(wordsIn(text.replaceAll(/&#?\w+;/gu, ' ')));
    const begins = html.indexOf('<h1');
    const body = readable(html.slice(begins));
    const missing = wordsIn(body).find((word) => !inText.has(word));
    if (missing === undefined) return [];
    const at = begins + body.search(new RegExp(String.raw`(?<!\p{L})${missing}(?!\p{L})`, 'u'));
    const advice = 'write it as text of the body, not as a picture or a style';
    return [{ words: missing, at, problem: `"${missing}" is in the HTML, but not in the text part`, advice }];
  },
};
