/** Pictures: each has a text that stands for it, and none is there to watch the reader. */
import { findingsIf, type MailRule } from './rule.ts';

const IMAGE = /<img\b[^>]*>/gu;
/** What a mail would load besides pictures of what was ordered. */
const LOADED =
  /<link\b|@import|url\(|<(?:iframe|object|embed|form|video|audio|base)\b|<meta[^>]*http-equiv="refresh"/iu;
/** Pixels; nobody shows a picture that small. */
const LEAST_SIZE = 8;

const sizeOf = (tag: string, side: 'width' | 'height') => Number(new RegExp(`\\b${side}="(\\d+)`, 'u').exec(tag)?.[1]);

export const pictures: MailRule = {
  name: 'pictures',
  check: ({ mail: { html }, reader }) => {
    const images = html.match(IMAGE) ?? [];
    const loaded = LOADED.exec(html)?.[0];
    return [
      ...images.flatMap((tag) => [
        ...findingsIf(!/\balt="[^"]+"/u.test(tag) && reader.id !== 'markup', {
          words: '<img',
          problem: 'a picture has no text that stands for it',
          advice: 'say in alt what it shows',
        }),
        ...findingsIf(
          sizeOf(tag, 'width') < LEAST_SIZE || sizeOf(tag, 'height') < LEAST_SIZE || tag.includes('display:none'),
          {
            words: '<img',
            problem: 'a picture is too small to be seen',
            advice: 'leave it out: a picture that watches the reader needs their consent',
          },
        ),
      ]),
      ...findingsIf(images.length > 0 && reader.id === 'unknown', {
        words: '<img',
        problem: 'it has a picture for somebody who has ordered nothing',
        advice: 'show pictures of articles only; everything else loads from elsewhere, and most inboxes block it',
      }),
      ...findingsIf(loaded !== undefined, {
        words: loaded ?? '',
        problem: `it holds ${loaded}`,
        advice: 'leave it out: a mail loads nothing but pictures of articles',
      }),
    ];
  },
};
