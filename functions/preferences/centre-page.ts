/** The preference centre as a page: one form that says how things are and takes how they should be. */
import { plural, type PageTextsByLocale } from '../../shared/email/page-texts.ts';
import { directionOf, FALLBACK_LOCALE } from '../../shared/email/locale.ts';
import type { Shop } from '../../shared/email/shop.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { html, type Html, type Part } from '../../shared/html.ts';
import { type Choices, WAS } from './choices.ts';
import { type Page, words } from './document.ts';
import { choosable } from './reader.ts';

/** What the buttons of the form send. */
export const ACT = { name: 'act', save: 'save', stop: 'stop' } as const;

/** What has just happened. */
type Outcome = 'saved' | 'unchanged' | 'stopped';

export interface CentrePage {
  readonly choices: Choices;
  readonly playbook: Playbook;
  readonly texts: PageTextsByLocale;
  readonly shop: Shop;
  readonly outcome?: Outcome;
  /** The link was made for another address than the present one: it can only say less. */
  readonly elsewhere: boolean;
}

function box(name: string, value: string, checked: boolean, label: Html, hint: Html): Html {
  const id = `${name}-${value}`;
  return html`<div class="choice">
    <input
      type="checkbox"
      id="${id}"
      name="${name}"
      value="${value}"
      ${checked && 'checked'}
      aria-describedby="${id}-hint"
    />
    <label for="${id}">${label}</label>
    <p class="hint" id="${id}-hint">${hint}</p>
  </div>`;
}

function shownField(name: string, value: string): Html {
  return html`<input type="hidden" name="${WAS}${name}" value="${value}" />`;
}

/** How the page is when the reader gets it, so that what they change is told from what they leave. */
function shownFields({ programmes, language, lessOften, tailored }: Choices): readonly Part[] {
  return [
    [...programmes].map((each) => shownField('programme', each)),
    shownField('language', language),
    lessOften && shownField('lessOften', 'yes'),
    tailored && shownField('tailored', 'yes'),
  ];
}

export function centrePage({ choices, playbook, texts, shop, outcome, elsewhere }: CentrePage): Page {
  const { language, programmes, lessOften, tailored, blocked } = choices;
  const own = texts[language] ?? texts[FALLBACK_LOCALE];
  const { centre } = own;
  const say = (text: string): Html => words(text, shop);
  const note = (text: string): Html => html`<p class="note">${say(text)}</p>`;
  const boxes = choosable(playbook).map((id) => {
    const { name, text } = own.programmes[id] ?? texts[FALLBACK_LOCALE].programmes[id] ?? { name: id, text: '' };
    return box('programme', id, programmes.has(id), say(name), say(text));
  });
  const languages = Object.entries(texts).map(
    ([locale, { language: name }]) =>
      html`<option value="${locale}" lang="${locale}" dir="${directionOf(locale)}" ${locale === language && 'selected'}>
        ${name}
      </option>`,
  );
  const paceHint = plural(own.paceText, playbook.caps.lessOften.per30Days, language);
  const content = html`${outcome && html`<p class="note" role="status">${say(centre[outcome])}</p>`}
    <p>${say(centre.intro)}</p>
    ${elsewhere && note(centre.elsewhere)} ${blocked && note(centre.blocked)}
    ${programmes.size === 0 && outcome !== 'stopped' && note(centre.none)}
    <form method="post">
      ${shownFields(choices)}
      <fieldset>
        <legend>${say(centre.which)}</legend>
        ${boxes}
      </fieldset>
      <p class="hint">${say(centre.consent)}</p>
      <p class="hint">${say(centre.service)}</p>
      <fieldset>
        <legend>${say(centre.how)}</legend>
        ${box('lessOften', 'yes', lessOften, say(centre.pace), say(paceHint))}
        ${box('tailored', 'yes', tailored, say(centre.tailored), say(centre.tailoredText))}
        <div class="field">
          <label for="language">${say(centre.languageLabel)}</label>
          <select id="language" name="language" autocomplete="off">
            ${languages}
          </select>
        </div>
      </fieldset>
      <p class="acts">
        <button type="submit" name="${ACT.name}" value="${ACT.save}">${say(centre.save)}</button>
        <button type="submit" class="quiet" name="${ACT.name}" value="${ACT.stop}">${say(centre.stop)}</button>
      </p>
    </form>`;
  return { status: 200, locale: language, title: centre.title, content };
}
