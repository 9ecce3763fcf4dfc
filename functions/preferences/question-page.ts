/** The question of a mail with the answer its reader picked there; it counts when they press the button. */
import { inLocale } from '../../shared/email/locale.ts';
import type { PageTexts } from '../../shared/email/page-texts.ts';
import type { Question, Shop } from '../../shared/email/shop.ts';
import { html } from '../../shared/html.ts';
import { type Page, words } from './document.ts';

export const ANSWER_FIELD = 'answer';

export interface QuestionPage {
  readonly question: Question;
  /** Ids of the answers that the mail offered. */
  readonly offered: readonly string[];
  /** Id of the picked answer. */
  readonly answer: string;
  readonly answered: boolean;
  readonly locale: string;
  readonly texts: PageTexts;
  readonly shop: Shop;
}

export function questionPage({ question, offered, answer, answered, locale, texts, shop }: QuestionPage): Page {
  const { title, intro, button, thanksTitle, thanksText } = texts.question;
  const known = Object.entries(question.answers).filter(([id]) => offered.includes(id));
  const answers = known.map(
    ([id, label]) =>
      html`<div class="choice">
        <input type="radio" id="${id}" name="${ANSWER_FIELD}" value="${id}" ${id === answer && 'checked'} required />
        <label for="${id}">${inLocale(label, locale)}</label>
      </div>`,
  );
  const said = answered
    ? html`<p class="note" role="status">${words(thanksText, shop)}</p>`
    : html`<p>${words(intro, shop)}</p>`;
  const content = html`${said}
    <form method="post">
      <fieldset>
        <legend>${inLocale(question.text, locale)}</legend>
        ${answers}
      </fieldset>
      <p class="acts">
        <button type="submit" class="${answered ? 'quiet' : 'plain'}">${words(button, shop)}</button>
      </p>
    </form>`;
  return { status: 200, locale, title: answered ? thanksTitle : title, content };
}
