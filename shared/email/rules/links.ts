/** Links lead where their reader can go safely: https on a public host, a mailbox, or a telephone. */
import { findingsIf, type MailRule } from './rule.ts';

const HREF = /\bhref="([^"]*)"/gu;
const OTHER_WAYS = /^(?:mailto|tel):/u;
/** Hosts that only the machine or the office of whoever wrote the mail can reach. */
const PRIVATE_HOST =
  /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[|0\.0\.0\.0)|\.(?:local|internal|localhost)$/u;

function wrongWith(href: string): string | undefined {
  if (OTHER_WAYS.test(href)) return undefined;
  const address = href.replaceAll('&amp;', '&');
  if (!URL.canParse(address)) return 'is no address';
  const { protocol, hostname } = new URL(address);
  if (protocol !== 'https:') return 'is not https';
  return PRIVATE_HOST.test(hostname) ? 'leads to a private machine' : undefined;
}

export const links: MailRule = {
  name: 'links',
  check: ({ mail: { html } }) =>
    [...html.matchAll(HREF)].flatMap(([, href = '']) => {
      const wrong = wrongWith(href);
      return findingsIf(wrong !== undefined, {
        words: href,
        problem: `the link ${href} ${wrong}`,
        advice: 'link an https address that everybody can open',
      });
    }),
};
