/** Pages that say why there is nothing to do here, kindly and without a word about what was sent. */
import type { PageTexts } from '../../shared/email/page-texts.ts';
import type { Shop } from '../../shared/email/shop.ts';
import { html } from '../../shared/html.ts';
import { type Page, words } from './document.ts';

const NOTICES = {
  refused: { status: 404, title: 'refusedTitle', text: 'refusedText' },
  late: { status: 410, title: 'lateTitle', text: 'lateText' },
  gone: { status: 410, title: 'goneTitle', text: 'goneText' },
  failed: { status: 500, title: 'failedTitle', text: 'failedText' },
  malformed: { status: 400, title: 'misusedTitle', text: 'misusedText' },
  method: { status: 405, title: 'misusedTitle', text: 'misusedText' },
  size: { status: 413, title: 'misusedTitle', text: 'misusedText' },
} as const satisfies Record<
  string,
  { status: number; title: keyof PageTexts['notices']; text: keyof PageTexts['notices'] }
>;

export function notice(kind: keyof typeof NOTICES, texts: PageTexts, locale: string, shop: Shop): Page {
  const { status, title, text } = NOTICES[kind];
  return { status, locale, title: texts.notices[title], content: html`<p>${words(texts.notices[text], shop)}</p>` };
}
