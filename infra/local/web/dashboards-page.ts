/** The dashboards of the deployment, drawn from the twin's metrics: the same graphs, lines and words as in CloudWatch. */
import { scaleLinear, scaleUtc } from 'd3-scale';
import type { AlarmState, DashboardState, GraphLine, WidgetState } from '../contract.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';
import { DAY } from '../../../shared/lifecycle/time.ts';
import { frame, type Surroundings } from './frame.ts';

const STYLE = html`<link rel="stylesheet" href="/dashboards.css" />`;

/** Units of the picture, which stretches to its card. */
const SIZE = { width: 400, height: 170, left: 44, right: 396, top: 10, bottom: 148 } as const;
const TICKS = { up: 4, along: 4 } as const;
/** Colours in the style sheet; of more lines some share one, and differ by their dashes. */
const COLOURS = 6;
/** A line with one value alone is a dot of this radius. */
const DOT = 2;

type Graph = Extract<WidgetState, { kind: 'graph' }>;

export function dashboardsPage(
  dashboards: readonly DashboardState[],
  alarms: readonly AlarmState[],
  around: Surroundings,
): string {
  return frame(
    'Dashboards',
    '/dashboards',
    around,
    html`${STYLE}
      <h1>Dashboards</h1>
      <p class="intro">
        What CloudWatch would draw of this deployment, from the same templates and the same metrics, as far back as
        single minutes are kept. Times are UTC.
      </p>
      <nav class="jump" aria-label="Dashboards">
        <ul>
          ${dashboards.map(({ name }) => html`<li><a href="#${name}">${name}</a></li>`)}
        </ul>
      </nav>
      <div id="dashboards" data-live>
        ${dashboards.length === 0 && html`<p class="quiet">This deployment has no dashboards.</p>`}
        ${dashboards.map((each) => section(each, alarms))}
      </div>`,
  );
}

function section({ name, from, to, widgets }: DashboardState, alarms: readonly AlarmState[]): Html {
  return html`<section class="dashboard" aria-labelledby="${name}">
    <h2 id="${name}">${name}</h2>
    <p class="quiet">The time up to now: ${plural(Math.round((to - from) / DAY), 'day')}.</p>
    <div class="cards">${widgets.map((each) => card(each, from, to, alarms))}</div>
  </section>`;
}

function card(widget: WidgetState, from: number, to: number, alarms: readonly AlarmState[]): Html {
  switch (widget.kind) {
    case 'text':
      return html`<div class="words">${markdown(widget.markdown)}</div>`;
    case 'alarms':
      return alarmsCard(alarms);
    case 'query':
      return html`<figure class="card">
        <figcaption>${widget.title}</figcaption>
        <p class="quiet">CloudWatch draws this by a query of Logs Insights, which the twin has none of:</p>
        <pre tabindex="0">${widget.query}</pre>
      </figure>`;
    case 'graph':
      return graphCard(widget, from, to);
    default:
      return widget satisfies never;
  }
}

function alarmsCard(alarms: readonly AlarmState[]): Html {
  const going = alarms.filter(({ state }) => state === 'ALARM');
  return html`<div class="card wide">
    <p><a href="/alarms">${plural(alarms.length, 'alarm')}</a>, of which ${going.length} in alarm.</p>
    ${
      going.length > 0 &&
      html`<ul>
        ${going.map(({ name }) => html`<li><a href="/alarms#alarm-${name}">${name}</a></li>`)}
      </ul>`
    }
  </div>`;
}

/** The few signs that our texts use: a heading, bold, code, links. */
function markdown(text: string): readonly Html[] {
  return text.split('\n\n').map((block) => {
    const heading = /^#+ (?<words>.*)$/u.exec(block)?.groups?.['words'];
    return heading === undefined ? html`<p>${inline(block)}</p>` : html`<h3>${inline(heading)}</h3>`;
  });
}

const MARKED = /\*\*(?<bold>[^*]+)\*\*|`(?<code>[^`]+)`|\[(?<link>[^\]]+)\]\([^)]*\)/gu;

function inline(text: string): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(MARKED)) {
    const { bold, code, link } = found.groups ?? {};
    parts.push(
      text.slice(from, found.index),
      bold !== undefined ? html`<b>${bold}</b>` : code !== undefined ? html`<code>${code}</code>` : link,
    );
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}

function graphCard({ title, axis, stacked, marks, lines }: Graph, from: number, to: number): Html {
  const drawn = stacked ? onTopOfEachOther(lines) : lines;
  const values = drawn.flatMap(({ points }) => points.map(({ value }) => value));
  if (values.length === 0) {
    return html`<figure class="card">
      <figcaption>${title}</figcaption>
      <p class="quiet none">
        Nothing was counted in this time. It would show ${axis}: ${lines.map(({ label }) => label).join(', ')}.
      </p>
    </figure>`;
  }
  const limits = [...values, ...marks.map(({ value }) => value), 0];
  const [least, most] = [Math.min(...limits), Math.max(...limits)];
  const up = scaleLinear([least, most === least ? least + 1 : most], [SIZE.bottom, SIZE.top]).nice(TICKS.up);
  const first = Math.min(from, ...drawn.flatMap(({ points }) => points.slice(0, 1).map(({ at }) => at)));
  const along = scaleUtc([first, to], [SIZE.left, SIZE.right]);
  const format = to - from > 2 * DAY ? DAY_OF_MONTH : TIME_OF_DAY;
  return html`<figure class="card">
    <figcaption>${title}</figcaption>
    <p class="axis">${axis}</p>
    <svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${inWords(title, axis, lines)}">
      ${up.ticks(TICKS.up).map((tick) => {
        const y = up(tick).toFixed(1);
        return html`<line class="grid" x1="${SIZE.left}" x2="${SIZE.right}" y1="${y}" y2="${y}" />
          <text x="${SIZE.left - 5}" y="${y}" dy="3.5" text-anchor="end">${NUMBER.format(tick)}</text>`;
      })}
      ${along
        .ticks(TICKS.along)
        .map(
          (tick) =>
            html`<text x="${along(tick).toFixed(1)}" y="${SIZE.height - 6}" text-anchor="middle"
              >${format.format(tick)}</text
            >`,
        )}
      ${marks.map(({ value }) => html`<line class="mark" x1="${SIZE.left}" x2="${SIZE.right}" y1="${up(value).toFixed(1)}" y2="${up(value).toFixed(1)}" />`)}
      ${drawn.map(({ points }, index) => {
        const places = points.map(({ at, value }) => `${along(at).toFixed(1)},${up(value).toFixed(1)}`);
        const [x, y] = places.length === 1 ? (places[0]?.split(',') ?? []) : [];
        return x === undefined
          ? html`<polyline class="line ${lineClass(index)}" points="${places.join(' ')}" />`
          : html`<circle class="dot ${lineClass(index)}" cx="${x}" cy="${y}" r="${DOT}" />`;
      })}
    </svg>
    <ul class="legend">
      ${lines.map(
        ({ label, points }, index) =>
          html`<li><i class="${lineClass(index)}"></i>${label} <span class="quiet">${latest(points)}</span></li>`,
      )}
      ${marks.map(({ label, value }) => html`<li><i class="mark"></i>${label} <span class="quiet">${NUMBER.format(value)}</span></li>`)}
    </ul>
  </figure>`;
}

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, notation: 'compact' });
const TIME_OF_DAY = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
const DAY_OF_MONTH = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

function lineClass(index: number): string {
  return `c${index % COLOURS}${index >= COLOURS ? ' dashed' : ''}`;
}

function latest(points: GraphLine['points']): string {
  const last = points.at(-1);
  return last === undefined ? 'none' : NUMBER.format(last.value);
}

/** What the picture says, for whoever does not see it: the latest value of each line. */
function inWords(title: string, axis: string, lines: readonly GraphLine[]): string {
  return `${title}, ${axis}. Latest: ${lines.map(({ label, points }) => `${label} ${latest(points)}`).join(', ')}`;
}

/** Each line with those before it below: what one has no value for adds nothing there. */
function onTopOfEachOther(lines: readonly GraphLine[]): readonly GraphLine[] {
  const heights = new Map<number, number>();
  return lines.map(({ label, points }) => ({
    label,
    points: points.map(({ at, value }) => {
      const height = (heights.get(at) ?? 0) + value;
      heights.set(at, height);
      return { at, value: height };
    }),
  }));
}
