/** The page behind "Unsubscribe": a button, and what has become of it. Opening the page changes nothing. */
import { type Link, LINK_PATH, type LinkKeys, signLink } from '../../shared/email/links.ts';
import type { PageTexts } from '../../shared/email/page-texts.ts';
import type { Shop } from '../../shared/email/shop.ts';
import { html, type Html } from '../../shared/html.ts';
import { type Page, words } from './document.ts';

/** Set in the form of the page, so that a press of the button is told from the one-click request of a mail client. */
export const BY_BUTTON = { name: 'by', value: 'button' } as const;

export interface UnsubscribePage {
  readonly link: Link;
  readonly keys: LinkKeys;
  readonly locale: string;
  readonly texts: PageTexts;
  readonly shop: Shop;
  /** Mail about a case of the reader goes on. */
  readonly openCase: boolean;
  /** There is nothing to choose for somebody whose data we no longer hold. */
  readonly known: boolean;
}

/** Relative, so that it holds behind any domain and prefix. */
function pathTo(kind: 'unsubscribe' | 'preferences', keys: LinkKeys, { customerId, life, key, address }: Link): string {
  return `../${LINK_PATH[kind]}/${signLink(keys, { kind, customerId, life, key, address })}`;
}

function choose(page: UnsubscribePage, text: string): Html | undefined {
  if (!page.known) return undefined;
  return html`<p><a href="${pathTo('preferences', page.keys, page.link)}">${words(text, page.shop)}</a></p>`;
}

export function beforeUnsubscribing(page: UnsubscribePage): Page {
  const { texts, locale, shop, openCase, link, keys } = page;
  const { title, text, case: caseText, button, choose: orChoose } = texts.unsubscribe;
  const content = html`<p>${words(text, shop)}</p>
    ${openCase && html`<p>${words(caseText, shop)}</p>`}
    <form method="post" action="${pathTo('unsubscribe', keys, link)}">
      <input type="hidden" name="${BY_BUTTON.name}" value="${BY_BUTTON.value}" />
      <p><button type="submit">${words(button, shop)}</button></p>
    </form>
    ${choose(page, orChoose)}`;
  return { status: 200, locale, title, content };
}

export function afterUnsubscribing(page: UnsubscribePage): Page {
  const { texts, locale, shop, openCase } = page;
  const { doneTitle, doneText, case: caseText, regret } = texts.unsubscribe;
  const content = html`<p role="status">${words(doneText, shop)}</p>
    ${openCase && html`<p>${words(caseText, shop)}</p>`} ${choose(page, regret)}`;
  return { status: 200, locale, title: doneTitle, content };
}
