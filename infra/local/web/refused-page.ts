/** Refused and dead-lettered events: the field, what was expected, and the original. */
import type { QueueState } from '../contract.ts';
import { frame, moment, pager, type Surroundings } from './frame.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import type { Page } from './paging.ts';
import { customerPath, refusedPath, withQuery } from './paths.ts';
import type { RefusedView } from './refused.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';

/** An original longer than this is cut on the page; the whole is one link away. */
const LONGEST_ORIGINAL = 8_000;

export interface RefusedListView {
  /** The dead-letter queues. */
  readonly queues: readonly QueueState[];
  readonly queue: string | undefined;
  readonly page: Page<RefusedView>;
}

export function refusedPage(view: RefusedListView, around: Surroundings): string {
  return frame(
    'Refused',
    '/refused',
    around,
    html`<h1>Refused events</h1>
      <p class="intro">
        What could not be taken in: events that break the contract, and messages that failed as often as their queue
        allows.
      </p>
      <div id="refused" data-live>${filters(view)} ${list(view, around)}</div>`,
  );
}

function filters({ queues, queue }: RefusedListView): Part {
  const shown = queues.filter(({ name, visible }) => visible > 0 || name === queue);
  if (shown.length < 2) return undefined;
  const link = (to: string | undefined, name: string, count: number): Html =>
    html`<li>
      <a href="${withQuery('/refused', { queue: to })}" ${to === queue && html` aria-current="true"`}
        >${name} <small>${count.toLocaleString('en')}</small></a
      >
    </li>`;
  const total = queues.reduce((sum, { visible }) => sum + visible, 0);
  return html`<nav class="tabs" aria-label="Dead-letter queues">
    <ul>
      ${link(undefined, 'All', total)}${shown.map(({ name, visible }) => link(name, name, visible))}
    </ul>
  </nav>`;
}

function list({ page, queue }: RefusedListView, { now }: Surroundings): Part {
  if (page.total === 0) {
    return html`<div class="empty">
      <p>
        <strong>Nothing was refused.</strong> Events with a wrong field, a time in the future or an id used twice would
        be listed here with the field and what was expected of it.
      </p>
    </div>`;
  }
  return html`<p class="count">${plural(page.total, 'event')}, newest first</p>
    <ol class="refused">
      ${page.items.map((each) => item(each, now))}
    </ol>
    ${pager('/refused', { queue }, page)}`;
}

function item(view: RefusedView, now: number): Html {
  const { kind, title, field, reason, customerId, queue, messageId, at, original } = view;
  const cut = original.length > LONGEST_ORIGINAL;
  return html`<li>
    <h2>${title}</h2>
    ${moment(at, now)}
    <p>${kind === 'refused' ? html`<code>${field}</code>: ${reason}` : html`Not processed: ${reason}`}</p>
    <p class="quiet">
      ${customerId !== undefined && html`Customer <a href="${customerPath(customerId)}">${customerId}</a> · `}Queue
      ${queue}
    </p>
    <details id="original-${messageId}">
      <summary>The original</summary>
      <pre tabindex="0">${original.slice(0, LONGEST_ORIGINAL)}${cut && '…'}</pre>
      <p>
        <a href="${refusedPath(messageId)}"
          >${cut ? `The whole original, ${plural(original.length, 'character')}` : 'As plain text'}</a
        >
      </p>
    </details>
  </li>`;
}
