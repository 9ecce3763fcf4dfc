/** What a list of mails shows of one: as much of subject and preheader as fits. */
import { html, type Html, type Part } from '../../../../shared/html.ts';
import { directionOf } from '../../../../shared/email/locale.ts';

/** Characters that the subject has room for, and that the preheader has behind or below it. */
const LISTS = [
  { name: 'Phone', subject: 40, preheader: 40 },
  { name: 'Desktop', subject: 70, preheader: 70 },
] as const;

const graphemes = new Intl.Segmenter();

/** The text as far as it fits; `cut` when something is left out. */
export function fitting(text: string, room: number): { readonly shown: string; readonly cut: boolean } {
  const signs = [...graphemes.segment(text)].map(({ segment }) => segment);
  return signs.length <= room
    ? { shown: text, cut: false }
    : { shown: signs.slice(0, room).join('').trimEnd(), cut: true };
}

interface Line {
  readonly sender: string;
  readonly subject: string;
  readonly preheader: string;
}

function part(text: string, room: number): Part {
  const { shown, cut } = fitting(text, room);
  return html`${shown}${cut && html`<span class="cut">…<span class="hidden"> (cut off)</span></span>`}`;
}

function length(text: string): number {
  return [...graphemes.segment(text)].length;
}

export function inboxLines({ sender, subject, preheader }: Line, locale: string): Html {
  const rows = LISTS.map(
    (list) =>
      html`<li class="${list.name.toLowerCase()}">
        <p class="quiet">${list.name}, about ${list.subject} characters</p>
        <p class="line" lang="${locale}" dir="${directionOf(locale)}">
          <span class="sender">${sender}</span>
          <strong class="subject">${part(subject, list.subject)}</strong>
          <span class="preheader">${part(preheader, list.preheader)}</span>
        </p>
      </li>`,
  );
  return html`<ul class="inbox">
      ${rows}
    </ul>
    <p class="quiet lengths">Subject ${length(subject)} characters, preheader ${length(preheader)}.</p>`;
}
