/** The alarms of the deployment: which are in alarm, since when, what that means and what to do; and how the last week was. */
import type { AlarmCondition, AlarmState } from '../contract.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import { absolute, plural } from '../../../shared/lifecycle/explain/when.ts';
import { DAY } from '../../../shared/lifecycle/time.ts';
import { alarmWords } from './alarm-words.ts';
import { frame, moment, type Surroundings } from './frame.ts';
import { runbookPath } from './paths.ts';

const STYLE = html`<link rel="stylesheet" href="/alarms.css" />`;
/** What a strip shows: a week tells a weekly pattern from a single event. */
const STRIP_DAYS = 7;
const STRIP_MS = STRIP_DAYS * DAY;
/** Shorter than this it would not be seen. */
const LEAST_WIDTH_PERCENT = 0.4;

const CONDITION_NAMES = {
  ALARM: 'In alarm',
  INSUFFICIENT_DATA: 'No data yet',
  OK: 'Quiet',
} as const satisfies Record<AlarmCondition, string>;
const CONDITION_CLASSES = {
  ALARM: 'alarm',
  INSUFFICIENT_DATA: 'unknown',
  OK: 'ok',
} as const satisfies Record<AlarmCondition, string>;

export function alarmsPage(alarms: readonly AlarmState[], around: Surroundings): string {
  const going = alarms.filter(({ state }) => state === 'ALARM').toSorted(bySeverity);
  const others = alarms.filter(({ state }) => state !== 'ALARM');
  return frame(
    'Alarms',
    '/alarms',
    around,
    html`${STYLE}
      <h1>Alarms</h1>
      <p class="intro">
        What CloudWatch would say of this deployment, from the same templates and the same metrics. Strips show the last
        ${STRIP_DAYS} days.
      </p>
      <div id="alarms" class="alarms" data-live>
        ${summary(alarms.length, going.length)}
        <ol class="going">
          ${going.map((alarm) => goingItem(alarm, around.now))}
        </ol>
        ${
          others.length > 0 &&
          html`<h2>Quiet</h2>
            <ol class="others">
              ${others.map((alarm) => otherItem(alarm, around.now))}
            </ol>`
        }
      </div>`,
  );
}

function summary(all: number, going: number): Html {
  if (all === 0) return html`<p class="quiet">This deployment has no alarms.</p>`;
  return going === 0
    ? html`<p class="count">None of ${plural(all, 'alarm')} has gone off.</p>`
    : html`<p class="count">${plural(going, 'alarm')} of ${all.toLocaleString('en')}, the urgent ones first.</p>`;
}

function bySeverity(one: AlarmState, other: AlarmState): number {
  return Number(other.severity === 'urgent') - Number(one.severity === 'urgent') || other.since - one.since;
}

function goingItem(alarm: AlarmState, now: number): Html {
  const { name, severity, since, description } = alarm;
  const { what, impact, remedy, article } = alarmWords(description);
  return html`<li id="alarm-${name}">
    <h2>${name} ${severity !== '' && html`<span class="chip ${severity}">${severity}</span>`}</h2>
    ${moment(since, now)}
    <p>${what}</p>
    <dl>${impact !== undefined && pair('Impact', impact)} ${remedy !== undefined && pair('What to do', remedy)}</dl>
    <p>${articleLink(article)}</p>
    ${strip(alarm, now)}
  </li>`;
}

function otherItem(alarm: AlarmState, now: number): Html {
  const { name, severity, state, description, changes } = alarm;
  const { what, impact, remedy, article, without } = alarmWords(description);
  const last = changes.findLast((change) => change.state === 'ALARM');
  return html`<li id="alarm-${name}">
    <details id="about-${name}">
      <summary>
        <span class="name">${name}</span>
        <span class="quiet">${last === undefined ? CONDITION_NAMES[state] : html`last ${moment(last.at, now)}`}</span>
        ${strip(alarm, now)}
      </summary>
      <p>It would say, ${severity === '' ? 'if it went off' : severity}: ${what}</p>
      <dl>
        ${impact !== undefined && pair('Impact', impact)} ${remedy !== undefined && pair('What to do', remedy)}
        ${without !== undefined && pair('Without data', without)}
      </dl>
      <p>${articleLink(article)}</p>
    </details>
  </li>`;
}

function pair(term: string, text: string): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${text}</dd>
  </div>`;
}

function articleLink(article: { readonly name: string; readonly address: string } | undefined): Part {
  return article && html`<a href="${runbookPath(article.name)}">The article “${article.name}” in the runbook</a>`;
}

interface Stretch {
  readonly state: AlarmCondition;
  readonly from: number;
  readonly to: number;
}

/** The states of the last week, one after the other. */
function stretchesOf({ changes, since, state }: AlarmState, now: number): readonly Stretch[] {
  const began = now - STRIP_MS;
  const known = changes.length > 0 ? changes : [{ at: since, state }];
  return known
    .map(({ at, state: of }, index): Stretch => ({
      state: of,
      from: Math.max(at, began),
      to: known[index + 1]?.at ?? now,
    }))
    .filter(({ from, to }) => to > from);
}

/** Percent of the strip's width. */
function share(milliseconds: number): number {
  return (100 * milliseconds) / STRIP_MS;
}

function strip(alarm: AlarmState, now: number): Html {
  const stretches = stretchesOf(alarm, now);
  const bars = stretches.map(({ state, from, to }) => {
    const width = state === 'ALARM' ? Math.max(share(to - from), LEAST_WIDTH_PERCENT) : share(to - from);
    const x = Math.min(share(from - (now - STRIP_MS)), 100 - width);
    return html`<rect
      class="${CONDITION_CLASSES[state]}"
      x="${x.toFixed(2)}%"
      width="${width.toFixed(2)}%"
      height="100%"
    >
      <title>${CONDITION_NAMES[state]}: ${absolute(from)} to ${absolute(to)}</title>
    </rect>`;
  });
  const times = stretches.filter(({ state }) => state === 'ALARM').length;
  const words = times === 0 ? 'not in alarm' : `in alarm ${plural(times, 'time')}`;
  return html`<svg class="strip" role="img" aria-label="In the last ${STRIP_DAYS} days: ${words}">${bars}</svg>`;
}

/** One article, as it is written. */
export function runbookPage(name: string, article: string, around: Surroundings): string {
  return frame(
    name,
    undefined,
    around,
    html`${STYLE}
      <p class="back"><a href="/alarms">← Alarms</a></p>
      <h1>${name}</h1>
      <pre class="article" tabindex="0">${article}</pre>`,
  );
}
