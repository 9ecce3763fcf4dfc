/** All mails at a glance: which there are in which language, and how each of them stands. */
import { FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import { html, type Html, type Part } from '../../../../shared/html.ts';
import { capital } from '../../../../shared/lifecycle/explain/message-name.ts';
import { plural } from '../../../../shared/lifecycle/explain/when.ts';
import { frame, type Surroundings } from '../frame.ts';
import { withQuery } from '../paths.ts';
import type { Cell, Coverage, Language, Row } from './coverage.ts';
import type { Finding } from './drafts.ts';
import { findingItem } from './findings-panel.ts';
import { languageName } from './place.ts';
import { placePath } from './showing.ts';

export interface MatrixView {
  readonly contentDirectory: string;
  readonly coverage: Coverage;
  /** Only this one is shown. */
  readonly programme: string | undefined;
  /** What is wrong with what all mails are made of; there is no matrix then. */
  readonly findings: readonly Finding[];
}

export function studioHead(): Html {
  return html`<link rel="stylesheet" href="/studio.css" />
    <script src="/studio.js" defer></script>`;
}

export function matrixPage(view: MatrixView, around: Surroundings): string {
  const { coverage, programme, findings, contentDirectory } = view;
  const rows = coverage.rows.filter((row) => programme === undefined || row.programme === programme);
  return frame(
    'Templates',
    '/templates',
    around,
    html`${studioHead()}
      <div class="titled"><h1>Templates</h1></div>
      <p class="intro">
        Every mail in every language, as it is in <code>${contentDirectory}</code> at this moment. What is changed here
        or in any editor is shown at once, and sent once it is published.
      </p>
      <div id="matrix" data-draft>
        ${
          findings.length > 0 &&
          html`<section class="panel" aria-labelledby="broken-title">
            <h2 id="broken-title">Nothing can be made of this</h2>
            <ul class="findings">
              ${findings.map((each) => findingItem(each, undefined, contentDirectory))}
            </ul>
          </section>`
        }
        ${filters(coverage, programme)} ${legend(rows)} ${matrix(coverage.languages, rows)}
      </div>`,
  );
}

function filters({ programmes, rows }: Coverage, programme: string | undefined): Part {
  if (programmes.length === 0) return undefined;
  const link = (to: string | undefined, name: string): Html => {
    const count = rows.filter((row) => to === undefined || row.programme === to).length;
    return html`<li>
      <a href="${withQuery('/templates', { programme: to })}" ${to === programme && html` aria-current="true"`}
        >${name} <small>${count}</small></a
      >
    </li>`;
  };
  return html`<nav class="tabs" aria-label="Programmes">
    <ul>
      ${link(undefined, 'All')}${programmes.map((each) => link(each, capital(each)))}
    </ul>
  </nav>`;
}

function legend(rows: readonly Row[]): Part {
  const cells = rows.flatMap((row) => row.cells);
  const looking = cells.filter(({ state, findings }) => state !== 'missing' && findings === undefined).length;
  const counts = [
    plural(cells.filter(({ state }) => state === 'there').length, 'mail'),
    `${cells.filter(({ state }) => state === 'in preparation').length} in preparation`,
    `${cells.filter(({ state }) => state === 'missing').length} missing`,
    `${cells.filter(({ older }) => older > 0).length} older than their English source`,
    `${cells.filter(({ findings = 0 }) => findings > 0).length} with findings`,
  ];
  return html`<p class="count">
    ${counts.join(', ')}${looking > 0 && html`; <span role="status">still looking through ${looking}</span>`}
  </p>`;
}

function matrix(languages: readonly Language[], rows: readonly Row[]): Part {
  if (rows.length === 0) return undefined;
  return html`<div class="scroll matrix" tabindex="0" role="region" aria-label="Mails by language">
    <table>
      <thead>
        <tr>
          <th scope="col">Mail</th>
          ${languages.map(
            ({ locale, inPreparation }) =>
              html`<th scope="col">
                ${languageName(locale)} <small>${locale}${inPreparation && ', in preparation'}</small>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => rowOf(row))}
      </tbody>
    </table>
  </div>`;
}

function rowOf({ programme, step, variant, unplaced, cells }: Row): Html {
  return html`<tr class="${variant === undefined ? 'plain' : 'variant'}">
    <th scope="row">
      <span class="programme">${capital(programme)}</span> ${step.replaceAll('-', ' ')}
      ${variant !== undefined && html`<span class="chip">${variant}</span>`}
      ${unplaced && html`<span class="chip failed">not in the playbook</span>`}
    </th>
    ${cells.map((cell) => html`<td data-locale="${cell.place.locale}">${cellOf(cell)}</td>`)}
  </tr>`;
}

function cellOf(cell: Cell): Html {
  const { place, state, older, findings } = cell;
  const { locale, variant } = place;
  const mail = [place.programme, place.step, variant, languageName(locale)].filter((each) => each !== undefined);
  const marks: readonly Part[] = [
    (findings ?? 0) > 0 && html` <span class="chip failed">${plural(findings ?? 0, 'finding')}</span>`,
    older > 0 && locale !== FALLBACK_LOCALE && html` <span class="chip pending">${older} older</span>`,
  ];
  const mark = { there: 'there', 'in preparation': 'draft', missing: 'missing' }[state];
  return html`<a class="cell ${mark}" href="${placePath(place)}"
      ><span class="state">${state === 'in preparation' ? 'in preparation' : state}</span
      ><span class="hidden">: ${mail.join(', ')}</span></a
    >${marks}`;
}

/** Where there is no content to show. */
export function noContentPage(contentDirectory: string, why: string, around: Surroundings): string {
  return frame(
    'Templates',
    '/templates',
    around,
    html`<h1>Templates</h1>
      <div class="empty">
        <p><strong>There is no content here.</strong> ${why}</p>
        <p>Looked for in <code>${contentDirectory}</code>; <code>npm start -- --content DIR</code> names another.</p>
      </div>`,
  );
}
