/** What all pages have in common: the frame around them, times, chips, and links from page to page of a list. */
import type { Lane } from '../../../shared/lifecycle/lane.ts';
import type { Instant } from '../../../shared/lifecycle/time.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import type { Played } from '../player/play.ts';
import type { Page } from './paging.ts';
import { withQuery } from './paths.ts';
import { laneBanner } from './sending-panel.ts';
import { absolute, relative } from '../../../shared/lifecycle/explain/when.ts';

/** What the frame shows on every page. */
export interface Surroundings {
  readonly now: Instant;
  readonly endpoint: string;
  readonly region: string;
  readonly busName: string;
  readonly tableName: string;
  /** Messages in dead-letter queues. */
  readonly deadLetters: number;
  /** Alarms that have gone off. */
  readonly alarms: number;
  /** Absent when it could not be read. */
  readonly lane?: Lane;
  /** How far the twin has come with its past; absent once that is played. */
  readonly past?: Played;
}

const PLACES = [
  { path: '/', name: 'Mailbox' },
  { path: '/customers', name: 'Customers' },
  { path: '/templates', name: 'Templates' },
  { path: '/playbook', name: 'Playbook' },
  { path: '/campaigns', name: 'Campaigns' },
  { path: '/releases', name: 'Releases' },
  { path: '/refused', name: 'Refused' },
  { path: '/dashboards', name: 'Dashboards' },
  { path: '/alarms', name: 'Alarms' },
] as const;

export type Place = (typeof PLACES)[number]['path'];

export function frame(title: string, place: Place | undefined, around: Surroundings, main: Html): string {
  const links = PLACES.map(
    ({ path, name }) =>
      html`<li>
        <a href="${path}" ${path === place && html` aria-current="page"`}
          >${name}${path === '/refused' && badge(around.deadLetters, 'dead letters')}${path === '/alarms' && badge(around.alarms, 'gone off')}</a
        >
      </li>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Perennial</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/base.css" />
        <link rel="stylesheet" href="/style.css" />
        <script src="/live.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <div class="inner">
            <a class="brand" href="/"><img src="/favicon.svg" alt="" width="26" height="26" /> Perennial</a>
            <nav aria-label="Pages">
              <ul id="pages" data-live>
                ${links}
              </ul>
            </nav>
          </div>
        </header>
        <div id="past" data-live>${pastBanner(around.past)}</div>
        <div id="banner" data-live>${laneBanner(around.lane, around.endpoint, around.now)}</div>
        <main id="main" class="inner" tabindex="-1">${main}</main>
        <footer class="inner">
          <p>
            The local twin of your deployment. AWS protocols at <code>${around.endpoint}</code>, bus
            <code>${around.busName}</code>, table <code>${around.tableName}</code>.
            <span id="clock" data-live
              >Its clock: <time datetime="${iso(around.now)}">${absolute(around.now)}</time>.</span
            >
          </p>
        </footer>
      </body>
    </html> `.text;
}

/** What is said to whoever looks, or wants to change something, before the past is played. */
export function pastInWords({ told, total }: Played): string {
  return `The past is being played, ${told.toLocaleString('en')} of ${total.toLocaleString('en')} events so far; nothing can be changed before it is done`;
}

function pastBanner(past: Played | undefined): Part {
  if (past === undefined) return undefined;
  return html`<div class="banner">
    <div class="inner">
      <p><strong>${absolute(past.now)}.</strong> ${pastInWords(past)}.</p>
      <progress max="${String(past.total)}" value="${String(past.told)}" aria-label="Events of the past"></progress>
    </div>
  </div>`;
}

function badge(count: number, what: string): Html | false {
  return (
    count > 0 && html` <span class="badge">${count.toLocaleString('en')}<span class="hidden"> ${what}</span></span>`
  );
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}

/** The distance in words, the instant itself in small print. */
export function moment(at: Instant, now: Instant): Html {
  return html`<time datetime="${iso(at)}"><span>${relative(at, now)}</span> <small>${absolute(at)}</small></time>`;
}

export function instant(at: Instant): Html {
  return html`<time datetime="${iso(at)}">${absolute(at)}</time>`;
}

export function stageChip(stage: string, name: string): Html {
  return html`<span class="chip stage ${stage}">${name}</span>`;
}

/** "Newer, page 2 of 7, Older"; nothing when there is one page. */
export function pager(path: string, query: Readonly<Record<string, string | undefined>>, page: Page<unknown>): Part {
  if (page.pages === 1) return undefined;
  const link = (to: number, rel: string, words: string): Part =>
    to >= 1 && to <= page.pages
      ? html`<a rel="${rel}" href="${withQuery(path, { ...query, page: to === 1 ? undefined : to })}">${words}</a>`
      : html`<span class="off">${words}</span>`;
  return html`<nav class="pager" aria-label="More of this list">
    ${link(page.page - 1, 'prev', '← Previous')}
    <span>Page ${page.page} of ${page.pages.toLocaleString('en')}</span>
    ${link(page.page + 1, 'next', 'Next →')}
  </nav>`;
}

/** A command to copy. */
export function command(text: string): Html {
  return html`<pre class="command" tabindex="0" data-copy><code>${text}</code></pre>`;
}
