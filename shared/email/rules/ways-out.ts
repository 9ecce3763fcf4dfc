/** Every mail says who writes, from where, and how to get no more: the law and the mail providers ask for it. */
import { findingsIf, type MailRule } from './rule.ts';

const COMMENT = /<!--.*?-->/gsu;
const LINK = /<a\b[^>]*\bhref="([^"]*)"[^>]*>(.*?)<\/a>/gsu;

/** What can be read of the links that lead there. */
function labelsOf(html: string, url: string): readonly string[] {
  return [...html.replaceAll(COMMENT, '').matchAll(LINK)]
    .filter(([, href]) => href === url)
    .map(([, , label = '']) => label.replaceAll(/<[^>]*>|&#?\w+;/gu, ' '));
}

export const waysOut: MailRule = {
  name: 'sender and ways out',
  check: ({ mail: { html, text }, view, house: { carried } }) => {
    const [street = ''] = carried.shop.postalAddress.slice(1);
    const plain = html.replaceAll(/<\/?bdi[^>]*>/gu, '');
    const wanted = [
      ['the postal address', street],
      ['the name of the shop', view.shop.name.replaceAll('&', '&amp;')],
    ] as const;
    const links = [
      ['unsubscribing', view.unsubscribeUrl],
      ['choosing what to get', view.preferencesUrl],
    ] as const;
    return [
      ...wanted.flatMap(([what, words]) =>
        findingsIf(!plain.includes(words) || !text.includes(words.replaceAll('&amp;', '&')), {
          problem: `${what} is missing in one of its parts`,
          advice: 'leave the frame of the mail around the body',
        }),
      ),
      ...links.flatMap(([what, url]) =>
        findingsIf(url === undefined || !html.includes(`href="${url}"`) || !text.includes(url), {
          problem: `the link for ${what} is missing in one of its parts`,
          advice: 'leave the footer of the frame in place',
        }),
      ),
      ...links.flatMap(([what, url]) => {
        const labels = labelsOf(html, url ?? '');
        return findingsIf(labels.length > 0 && !labels.some((label) => /\p{L}{2}/u.test(label)), {
          words: what === 'unsubscribing' ? '{{ unsubscribeUrl }}' : '{{ preferencesUrl }}',
          problem: `the link for ${what} has no words`,
          advice: 'write into it what it is for, for every reader',
        });
      }),
    ];
  },
};
