/** What is wrong with a mail, each with the way to the place where it can be mended. */
import { join } from 'node:path';
import { html, type Html, type Part } from '../../../../shared/html.ts';
import { plural } from '../../../../shared/lifecycle/explain/when.ts';
import type { Finding } from './drafts.ts';

/** More than this of one kind is a list nobody reads; it is one click away. */
const MOST_SHOWN = 12;

/** @param anchor id of the field that holds the text it is about */
export function findingItem(finding: Finding, anchor: string | undefined, contentDirectory: string): Html {
  const { file, line, problem, advice, severity, rule } = finding;
  const at = line === undefined ? file : `${file}:${line}`;
  const path = join(contentDirectory, file);
  return html`<li class="${severity}">
    <p>
      <span class="chip ${severity === 'error' ? 'failed' : 'pending'}">${severity}</span>
      <span class="rule">${rule}</span>
    </p>
    <p><strong>${problem}</strong></p>
    <p>${advice}</p>
    <p class="where">
      ${anchor !== undefined && html`<a href="#${anchor}">Edit it here</a>`}
      <code data-copy-inline>${at}</code>
      <a href="vscode://file${encodeURI(path)}:${line ?? 1}">Open in VS Code<span class="hidden">: ${at}</span></a>
    </p>
  </li>`;
}

export function findingsPanel(
  findings: readonly Finding[],
  anchor: (finding: Finding) => string | undefined,
  contentDirectory: string,
): Html {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  const list = (found: readonly Finding[]): Html =>
    html`<ul class="findings">
      ${found.map((each) => findingItem(each, anchor(each), contentDirectory))}
    </ul>`;
  const rest = errors.slice(MOST_SHOWN);
  const more: Part =
    rest.length > 0 &&
    html`<details id="more-errors">
      <summary>${plural(rest.length, 'more error')}</summary>
      ${list(rest)}
    </details>`;
  return html`<section class="panel" id="findings" data-draft aria-labelledby="findings-title">
    <h2 id="findings-title">
      ${errors.length === 0 ? 'Passes the lint' : html`What is wrong <small>${plural(errors.length, 'error')}</small>`}
    </h2>
    ${errors.length > 0 && list(errors.slice(0, MOST_SHOWN))} ${more}
    ${
      warnings.length > 0 &&
      html`<details id="warnings">
        <summary>${plural(warnings.length, 'warning')}</summary>
        ${list(warnings)}
      </details>`
    }
  </section>`;
}
