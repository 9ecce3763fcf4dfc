/** Every mail says who writes, from where, and how to get no more: the law and the mail providers ask for it. */
import { findingsIf, type MailRule } from './rule.ts';

const COMMENT = /<!--.*?-->/gsu;
const LINK = /<a\b[^>]*\bhref="([^"]*)"[^>]*>(.*?)<\/a>/gsu;

/** The links that lead there, with what can be read of them. */
function linksTo(html: string, url: string): readonly { readonly label: string; readonly at: number }[] {
  return [...html.replaceAll(COMMENT, (comment) => ' '.repeat(comment.length)).matchAll(LINK)]
    .filter(([, href]) => href === url)
    .map(({ 2: label = '', index }) => ({ label: label.replaceAll(/<[^>]*>|&#?\w+;/gu, ' '), at: index }));
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
          inLayout: 'whole',
          problem: `${what} is missing in one of its parts`,
          advice: 'leave the frame of the mail around the body',
        }),
      ),
      ...links.flatMap(([what, url]) =>
        findingsIf(url === undefined || !html.includes(`href="${url}"`) || !text.includes(url), {
          inLayout: 'whole',
          problem: `the link for ${what} is missing in one of its parts`,
          advice: 'leave the footer of the frame in place',
        }),
      ),
      ...links.flatMap(([what, url]) => {
        const found = linksTo(html, url ?? '');
        return findingsIf(found.length > 0 && !found.some(({ label }) => /\p{L}{2}/u.test(label)), {
          at: found[0]?.at,
          words: what === 'unsubscribing' ? '{{ unsubscribeUrl }}' : '{{ preferencesUrl }}',
          problem: `the link for ${what} has no words`,
          advice: 'write into it what it is for, for every reader',
        });
      }),
    ];
  },
};
