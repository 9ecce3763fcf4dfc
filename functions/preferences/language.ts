/** Which language a page is in: what the reader chose, what the shop knows, what the browser asks for, or ours. */
import { FALLBACK_LOCALE } from '../../shared/email/locale.ts';

/** Languages of a header that are looked at. */
const MOST_LANGUAGES = 20;

/** The best of our languages for the tags in order of preference; undefined when we have none of them. */
function bestOf(tags: readonly string[], available: readonly string[]): string | undefined {
  for (const tag of tags) {
    const subtags = tag.trim().replaceAll('_', '-').toLowerCase().split('-');
    for (let length = subtags.length; length > 0; length -= 1) {
      const wanted = subtags.slice(0, length).join('-');
      const found = available.find((each) => each.toLowerCase() === wanted);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The tags of an Accept-Language header, the most wanted first (RFC 9110, 12.5.4). */
function accepted(header: string): readonly string[] {
  return header
    .split(',', MOST_LANGUAGES)
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((each) => each.trim());
      const quality = parameters.find((each) => /^q=/iu.test(each))?.slice(2) ?? '1';
      return { tag, quality: Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}

/**
 * The language of a page.
 *
 * @param own language tag of the reader, as chosen or as the shop knows it
 * @param header Accept-Language of the browser
 */
export function languageOf(own: string | undefined, header: string | undefined, available: readonly string[]): string {
  const tags = [...(own === undefined ? [] : [own]), ...accepted(header ?? '')];
  return bestOf(tags, available) ?? FALLBACK_LOCALE;
}
