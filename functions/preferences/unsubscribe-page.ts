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
  /** The key that signed the link. */
  readonly keys: LinkKeys;
  readonly locale: string;
  readonly texts: PageTexts;
  readonly shop: Shop;
  /** Mail about a case of the reader goes on. */
  readonly openCase: boolean;
  /** There is nothing to choose for somebody whose data we no longer hold. */
  readonly known: boolean;
  /** Nor by a link from long ago. */
  readonly aged: boolean;
}

/** Relative, so that it holds behind any domain and prefix. */
function pathToCentre(keys: LinkKeys, { customerId, life, key, address, issuedAt }: Link): string {
  const token = signLink(keys, { kind: 'preferences', customerId, life, key, address, issuedAt });
  return `../${LINK_PATH.preferences}/${token}`;
}

function choose({ known, aged, keys, link, texts, shop }: UnsubscribePage, text: string): Html | undefined {
  if (!known) return undefined;
  if (aged) return html`<p>${words(texts.unsubscribe.aged, shop)}</p>`;
  return html`<p><a href="${pathToCentre(keys, link)}">${words(text, shop)}</a></p>`;
}

export function beforeUnsubscribing(page: UnsubscribePage): Page {
  const { texts, locale, shop, openCase } = page;
  const { title, text, case: caseText, button, choose: orChoose } = texts.unsubscribe;
  const content = html`<p>${words(text, shop)}</p>
    ${openCase && html`<p>${words(caseText, shop)}</p>`}
    <form method="post">
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
