/** The list of customers: by id or address, by stage. */
import { type Stage, STAGES } from '../../../shared/lifecycle/stage.ts';
import { frame, moment, pager, stageChip, type Surroundings } from './frame.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import type { Page } from './paging.ts';
import { customerPath, withQuery } from './paths.ts';
import type { Registered } from './register.ts';
import { STAGE_NAMES } from '../../../shared/lifecycle/explain/stage-words.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';

export interface CustomersView {
  readonly stages: readonly { readonly stage: Stage; readonly count: number }[];
  readonly page: Page<Registered>;
  readonly search: string;
  readonly stage: Stage | undefined;
}

export function stageNamed(wanted: string | null): Stage | undefined {
  return STAGES.find((stage) => stage === wanted);
}

export function customersPage(view: CustomersView, around: Surroundings): string {
  const { search, stage } = view;
  return frame(
    'Customers',
    '/customers',
    around,
    html`<div class="titled">
        <h1>Customers</h1>
        <form action="/customers" role="search">
          <label for="q">Id or address</label>
          <input
            id="q"
            name="q"
            type="search"
            value="${search}"
            placeholder="c-1042"
            autocomplete="off"
            spellcheck="false"
          />
          ${stage && html`<input type="hidden" name="stage" value="${stage}" />`}
          <button>Search</button>
        </form>
      </div>
      <div id="people" data-live>${filters(view)} ${people(view, around)}</div>`,
  );
}

function filters({ stages, search, stage }: CustomersView): Html {
  const total = stages.reduce((sum, { count }) => sum + count, 0);
  const link = (to: Stage | undefined, name: string, count: number): Html =>
    html`<li>
      <a href="${withQuery('/customers', { q: search, stage: to })}" ${to === stage && html` aria-current="true"`}
        >${name} <small>${count.toLocaleString('en')}</small></a
      >
    </li>`;
  return html`<nav class="tabs" aria-label="Stages">
    <ul>
      ${link(undefined, 'All', total)}${stages.map(({ stage: each, count }) => link(each, STAGE_NAMES[each], count))}
    </ul>
  </nav>`;
}

function people({ page, search, stage }: CustomersView, { now }: Surroundings): Part {
  if (page.total === 0) {
    if (search === '' && stage === undefined) {
      return html`<div class="empty">
        <p>
          <strong>Nobody is known yet.</strong> The first event of a customer puts them here; the
          <a href="/">mailbox</a> shows how to emit one.
        </p>
      </div>`;
    }
    return html`<div class="empty">
      <p><strong>Nobody found.</strong> A part of an id or of an address is enough; case does not matter.</p>
      <p><a href="/customers">Show everybody</a></p>
    </div>`;
  }
  const rows = page.items.map(
    ({ customerId, stage: at, since, email, name, dissatisfied }) =>
      html`<li>
        <a href="${customerPath(customerId)}">
          <span class="id">${customerId}</span>
          <span class="who"
            >${name !== undefined && html`<bdi>${name}</bdi>`}${name !== undefined && email !== undefined && ' · '}${email}</span
          >
          <span class="chips"
            >${dissatisfied && html`<span class="chip dissatisfied">Dissatisfied</span> `}${stageChip(at, STAGE_NAMES[at])}</span
          >
          ${moment(since, now)}
        </a>
      </li>`,
  );
  return html`<p class="count">${plural(page.total, 'person', 'people')}, the latest change of stage first</p>
    <ol class="people">
      ${rows}
    </ol>
    ${pager('/customers', { q: search, stage }, page)}`;
}
