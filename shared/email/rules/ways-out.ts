/** Every mail says who writes, from where, and how to get no more: the law and the mail providers ask for it. */
import { findingsIf, type MailRule } from './rule.ts';

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
    ];
  },
};
