/** Forms sent to the pages: only our own are obeyed, and only short ones are read. */
import type { IncomingMessage } from 'node:http';

/**
 * Another site may make a browser send a form here. A browser says where a form comes from, and then it has to be from
 * here; a command line says nothing.
 */
export function isFromOurPages({ host = '', origin, 'sec-fetch-site': site }: IncomingMessage['headers']): boolean {
  // The pages send no referrer, and a browser that keeps to that calls their origin null.
  if (site !== undefined) return site === 'same-origin';
  return origin === undefined || origin === `http://${host}`;
}

/** Far more than most of our forms hold. */
const LONGEST_FORM = 10_000;

/**
 * Undefined for something longer than any form of ours.
 *
 * @param longest characters of the form as it is sent
 */
export async function readForm(request: IncomingMessage, longest = LONGEST_FORM): Promise<URLSearchParams | undefined> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > longest) return undefined;
  }
  return new URLSearchParams(text);
}
