/** What a page would fetch from anywhere but itself, were it opened. */
import { Parser } from 'htmlparser2';

/** Attributes that have a browser fetch something, or lead away from the page. */
const ADDRESSES = new Set([
  'src',
  'srcset',
  'href',
  'xlink:href',
  'data',
  'poster',
  'action',
  'formaction',
  'background',
]);
/** What runs or embeds, whatever its attributes are. */
const ACTIVE = new Set(['script', 'iframe', 'object', 'embed', 'base', 'form']);
const IN_STYLE = /url\((?!["']?(?:data:|#))|@import/iu;

export function requestsOf(page: string): readonly string[] {
  const found: string[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      if (ACTIVE.has(name)) found.push(`<${name}>`);
      for (const [attribute, value] of Object.entries(attributes)) {
        const isOwn = value.startsWith('data:') || value.startsWith('#');
        if (ADDRESSES.has(attribute) && !isOwn) found.push(`${name} ${attribute}=${value}`);
        if (attribute.startsWith('on')) found.push(`${name} ${attribute}`);
        if (attribute === 'style' && IN_STYLE.test(value)) found.push(`${name} style=${value}`);
      }
    },
    ontext(text) {
      if (IN_STYLE.test(text)) found.push(text);
    },
  });
  parser.end(page);
  return found;
}
