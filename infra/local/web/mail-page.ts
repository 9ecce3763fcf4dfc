/** One mail: as the reader sees it, as text, its headers and its source; and why it was sent. */
import type { MessageLine } from '../../../shared/lifecycle/explain/message-lines.ts';
import { frame, moment, type Surroundings } from './frame.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import type { Letter, ReaderLinks } from './letter.ts';
import type { MailRow } from './mail-row.ts';
import { customerPath, mailPath, rawMailPath, withQuery } from './paths.ts';

const TABS = [
  { view: 'html', name: 'HTML' },
  { view: 'text', name: 'Text' },
  { view: 'headers', name: 'Headers' },
  { view: 'source', name: 'Source' },
] as const;

export type MailTab = (typeof TABS)[number]['view'];

/** The tab of an address; without one, or with one that the mail has nothing for, the first that shows something. */
export function tabOf(wanted: string | null, letter: Letter): MailTab {
  const found = TABS.find(({ view }) => view === wanted)?.view ?? 'html';
  return found === 'html' && letter.html === undefined ? 'text' : found;
}

/** Mails without our tags are those that somebody sent to see them. */
const FROM_NOBODY = 'Sent by hand, as a test: it belongs to no customer, and no ledger and no cap has heard of it.';

/** Beyond this a source is cut on the page; the whole is one link away. */
const LONGEST_SOURCE = 300_000;

export interface MailView {
  readonly row: MailRow;
  readonly letter: Letter;
  readonly tab: MailTab;
  /** Absent when no record tells. */
  readonly line: MessageLine | undefined;
  readonly links: ReaderLinks;
}

export function mailPage({ row, letter, tab, line, links }: MailView, around: Surroundings): string {
  const { id, to, sentAt, customer } = row;
  const subject = letter.subject === '' ? '(no subject)' : letter.subject;
  const tabs = TABS.filter(({ view }) => view !== 'html' || letter.html !== undefined).map(
    ({ view, name }) =>
      html`<li>
        <a href="${withQuery(mailPath(id), { view })}" ${view === tab && html` aria-current="true"`}>${name}</a>
      </li>`,
  );
  return frame(
    subject,
    undefined,
    around,
    html`<p class="back"><a href="/">← Mailbox</a></p>
      <h1 class="subject">${subject}</h1>
      <dl class="facts">
        <div>
          <dt>From</dt>
          <dd>${letter.from}</dd>
        </div>
        <div>
          <dt>To</dt>
          <dd>${to.join(', ')}</dd>
        </div>
        <div>
          <dt>Sent</dt>
          <dd>${moment(sentAt, around.now)}</dd>
        </div>
        ${
          customer !== undefined &&
          html`<div>
            <dt>Customer</dt>
            <dd><a href="${customerPath(customer)}">${customer}</a></dd>
          </div>`
        }
        ${line && story(line)} ${readersWay(links)}
      </dl>
      ${line === undefined && html`<p class="quiet">${customer === undefined ? FROM_NOBODY : 'The ledger has no entry for this mail.'}</p>`}
      <nav class="tabs" aria-label="Views of this mail">
        <ul>
          ${tabs}
        </ul>
      </nav>
      ${content(tab, letter, subject, id)}`,
  );
}

function story({ name, sentence, because, made, delivery }: MessageLine): Part {
  const told: readonly (readonly [string, string | undefined])[] = [
    ['Message', name],
    ['Why', because.join(' ')],
    ['End', sentence],
    ['Made', made],
    ['Since then', delivery],
  ];
  return told.map(
    ([term, text]) =>
      text !== undefined &&
      text !== '' &&
      html`<div>
        <dt>${term}</dt>
        <dd>${text}</dd>
      </div>`,
  );
}

/** What the reader can do: the pages behind the links of this mail. */
function readersWay({ unsubscribe, preferences }: ReaderLinks): Part {
  if (unsubscribe === undefined && preferences === undefined) return undefined;
  return html`<div>
    <dt>Its reader can</dt>
    <dd>
      ${unsubscribe !== undefined && html`<a href="${unsubscribe}">unsubscribe</a>`}
      ${unsubscribe !== undefined && preferences !== undefined && ' or '}
      ${preferences !== undefined && html`<a href="${preferences}">choose what to get</a>`}
    </dd>
  </div>`;
}

function content(tab: MailTab, letter: Letter, subject: string, id: string): Html {
  switch (tab) {
    case 'html':
      return html`<iframe class="letter" sandbox="" src="${mailPath(id)}/body" title="${subject}"></iframe>
        <p class="quiet">Shown without scripts, links and remote pictures.</p>`;
    case 'text':
      return html`<pre class="letter" tabindex="0">${letter.text ?? '(This mail has no text part.)'}</pre>`;
    case 'headers':
      return html`<div class="scroll letter" tabindex="0">
        <table class="headers">
          <tbody>
            ${letter.headers.map(
              ({ name, value }) =>
                html`<tr>
                  <th scope="row">${name}</th>
                  <td>${value}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
    case 'source': {
      const { source } = letter;
      return html`<p>
          <a href="${rawMailPath(id)}" download>Download as .eml</a
          >${source.length > LONGEST_SOURCE && ' (shown is the beginning)'}
        </p>
        <pre class="letter" tabindex="0">${source.slice(0, LONGEST_SOURCE)}</pre>`;
    }
    default:
      return tab satisfies never;
  }
}
