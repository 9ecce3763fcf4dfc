/** Releases: which one is live, all that were, and what making another one live would change. */
import path from 'node:path/posix';
import type { Deployed, Move } from '../../../../shared/adapters/release-store.ts';
import { FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import { stringsFileOf, TEMPLATES } from '../../../../shared/email/step.ts';
import { html, type Html, type Part } from '../../../../shared/html.ts';
import { plural } from '../../../../shared/lifecycle/explain/when.ts';
import { waitingLines } from '../../../publishing/account.ts';
import type { ToldChange, ToldGroup, ToldSection, ToldValue } from '../../../publishing/told-differences.ts';
import type { Waiting } from '../../../publishing/waiting.ts';
import type { Told } from '../../../publishing/word-marks.ts';
import { frame, moment, type Surroundings } from '../frame.ts';
import { withQuery } from '../paths.ts';
import { placeOf } from '../studio/place.ts';
import { placePath } from '../studio/showing.ts';
import { type Comparison, DEPLOYED } from './comparison.ts';
import type { Finding } from './inspection.ts';
import type { Round } from './rounds.ts';

export const RELEASES_PATH = '/releases';
const PATH = RELEASES_PATH;
const HEAD = html`<link rel="stylesheet" href="/releases.css" />
  <script src="/releases.js" defer></script>`;

/** More groups than this nobody reads; they are one click away. */
const GROUPS_SHOWN = 30;
const FINDINGS_SHOWN = 20;

export const LONGEST_MESSAGE = 200;

export interface ReleasesView {
  /** Newest first. */
  readonly moves: readonly Move[];
  readonly deployed: Deployed | undefined;
  readonly contentDirectory: string;
  /** The number that was just given to what somebody made live here. */
  readonly made: number | undefined;
  /** Everybody is being looked at again, or has still to be. */
  readonly round: Round | undefined;
}

/** The page of a comparison that somebody asked for. */
export function comparisonPath(id: string): string {
  return withQuery(`${PATH}/comparison`, { of: id });
}

/** The page that says that a move was made. */
export function madePath(number: number): string {
  return withQuery(PATH, { made: number });
}

function field(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

function compareForm(label: string): Html {
  return html`<form method="post" action="${PATH}" data-working="Compiling and reading every mail…">
    ${field('act', 'compare')}<button>${label}</button>
    <small>Takes seconds when one mail has changed, half a minute when something has that every mail can show.</small>
  </form>`;
}

export function releasesPage(view: ReleasesView, around: Surroundings): string {
  const { moves, made, contentDirectory } = view;
  return frame(
    'Releases',
    PATH,
    around,
    html`${HEAD}
      <h1>Releases</h1>
      <p class="intro">
        What is saved reaches nobody before it is published. Everything is published together, as one release, and what
        was live before can be live again.
      </p>
      ${
        made !== undefined &&
        html`<p class="made" role="status">
          <strong>Number ${made} is made.</strong> Senders take it within a minute.
        </p>`
      }
      ${roundPanel(view.round)} ${livePanel(view, around)}
      <section class="panel wide" aria-labelledby="next-title">
        <h2 id="next-title">Publish</h2>
        <p>
          Shows what <code>${contentDirectory}</code> would change for readers, and what keeps it from being published.
          Nothing is published yet.
        </p>
        ${compareForm('Compare')}
      </section>
      <section class="panel wide" id="moves" data-live aria-labelledby="moves-title">
        <h2 id="moves-title">What was live <small>${plural(moves.length, 'move')}</small></h2>
        <ul class="moves">
          ${moves.map((move, index) => moveItem(move, moves[0], index === 0, around))} ${deployedItem(view, around)}
        </ul>
      </section>`,
  );
}

/** Always there, so that a page that is open shows a round that begins. */
function roundPanel(round: Round | undefined): Html {
  if (round === undefined) return html`<section id="round" data-live hidden></section>`;
  const { number, done, isAtWork, fault } = round;
  const people = plural(done, 'person', 'people');
  return html`<section class="panel wide" id="round" data-live aria-labelledby="round-title">
    <h2 id="round-title">Other rules for the stages</h2>
    <p role="status">
      ${
        isAtWork
          ? `Number ${number} brought them. Everybody is being looked at again: ${people} so far. It begins a minute after the move, when all functions have the rules.`
          : `Number ${number} brought them, and not everybody has been looked at since: ${people} so far.`
      }
    </p>
    ${fault !== undefined && html`<p class="wrong" role="alert">${fault}</p>`}
    ${
      !isAtWork &&
      html`<form method="post" action="${PATH}" data-working="Going on…">
        ${field('act', 'go-on')}<button>Go on</button>
      </form>`
    }
  </section>`;
}

const row = (name: string, value: Part): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

function livePanel({ moves: [move], deployed }: ReleasesView, { now }: Surroundings): Html {
  const release = move?.releaseId ?? deployed?.releaseId;
  const since = move?.at ?? deployed?.at;
  return html`<section class="panel wide" id="live-release" data-live aria-labelledby="live-title">
    <h2 id="live-title">
      Live <small>${move?.releaseId === undefined ? 'what was deployed' : `number ${move.number}`}</small>
    </h2>
    <dl class="facts">
      ${row('Release', release === undefined ? 'nobody wrote it down' : html`<code>${release}</code>`)}
      ${since !== undefined && row('Since', moment(since, now))} ${move !== undefined && row('By', move.by)}
      ${move?.message !== undefined && row('Why', move.message)}
    </dl>
  </section>`;
}

function backForm(to: string, words: string): Html {
  return html`<form method="post" action="${PATH}" data-working="Comparing…">
    ${field('act', 'look-back')} ${field('to', to)}
    <button>Roll back to this<span class="hidden">: ${words}</span></button>
  </form>`;
}

function moveItem(move: Move, live: Move | undefined, isLast: boolean, { now }: Surroundings): Html {
  const { number, releaseId, at, by, message } = move;
  const isSame = releaseId === live?.releaseId;
  return html`<li>
    <p>
      <strong>Number ${number}</strong> ${isLast && html`<span class="chip">live</span>`}
      ${!isLast && isSame && html`<span class="quiet">the same as is live</span>`}
      ${message !== undefined && html`<span class="why">${message}</span>`}
    </p>
    <p class="quiet">
      ${releaseId === undefined ? 'back to what was deployed' : html`release <code>${releaseId}</code>`}, by ${by},
      ${moment(at, now)}
    </p>
    ${!isSame && backForm(releaseId === undefined ? DEPLOYED : String(number), `number ${number}`)}
  </li>`;
}

function deployedItem({ moves, deployed }: ReleasesView, { now }: Surroundings): Html {
  const isLive = moves[0]?.releaseId === undefined;
  return html`<li>
    <p>
      <strong>Deployed</strong> ${isLive && moves.length === 0 && html`<span class="chip">live</span>`}
      ${isLive && moves.length > 0 && html`<span class="quiet">the same as is live</span>`}
    </p>
    <p class="quiet">
      ${
        deployed === undefined
          ? 'nobody wrote down which release that is'
          : html`release <code>${deployed.releaseId}</code>, ${moment(deployed.at, now)}`
      }
    </p>
    ${!isLive && backForm(DEPLOYED, 'what was deployed')}
  </li>`;
}

export interface ComparisonView {
  readonly id: string;
  readonly comparison: Comparison;
  readonly contentDirectory: string;
  /** Why nothing was published when somebody wanted to. */
  readonly trouble: string | undefined;
}

export function comparisonPage(view: ComparisonView, around: Surroundings): string {
  const { comparison, trouble, contentDirectory } = view;
  const title = titleOf(comparison);
  return frame(
    title,
    PATH,
    around,
    html`${HEAD}
      <p class="back"><a href="${PATH}">Releases</a></p>
      <h1>${title}</h1>
      <p class="intro">Against ${comparison.live}. Compared ${moment(comparison.at, around.now)}.</p>
      ${
        trouble !== undefined &&
        html`<section class="panel wide trouble-panel" role="alert" aria-label="Nothing was changed">
          <p class="wrong">${trouble}</p>
          ${compareForm('Compare again')}
        </section>`
      }
      ${outcomeOf(comparison, contentDirectory)} ${trouble === undefined && moveForm(view)}`,
  );
}

function titleOf(comparison: Comparison): string {
  switch (comparison.kind) {
    case 'wrong':
      return 'This cannot be published yet';
    case 'impossible':
      return 'This cannot be made live';
    case 'same':
      return 'Nothing to publish';
    case 'ready':
      return comparison.candidate.kind === 'content'
        ? 'What publishing changes'
        : `Back to ${comparison.candidate.goal.words}`;
    default:
      return comparison satisfies never;
  }
}

function outcomeOf(comparison: Comparison, contentDirectory: string): Part {
  switch (comparison.kind) {
    case 'wrong':
      return findingsPanel(comparison.findings);
    case 'impossible':
      return html`<section class="panel wide">
        <p class="wrong">${comparison.why}</p>
      </section>`;
    case 'same':
      return html`<section class="panel wide">
        <p>What is live is just this: ${comparison.live}. There is nothing to publish.</p>
        <p class="quiet">
          Texts are edited in <code>${contentDirectory}</code>, and under <a href="/templates">Templates</a>.
        </p>
      </section>`;
    case 'ready':
      return html`${accountPanels(comparison)} ${comparison.warnings.length > 0 && warningsPanel(comparison.warnings)}`;
    default:
      return comparison satisfies never;
  }
}

type Ready = Extract<Comparison, { kind: 'ready' }>;

function accountPanels({ account }: Ready): Html {
  if (account === undefined) {
    return html`<section class="panel wide">
      <p>Nobody wrote down what was deployed, so what changes cannot be shown.</p>
    </section>`;
  }
  const { sections, waiting, notes } = account;
  return html`${sections.map(sectionPanel)}
  ${
    sections.length === 0 &&
    html`<section class="panel wide">
      <p>What marketers wrote is the same; it was compiled by another version of the code.</p>
    </section>`
  }
  ${waitingPanel(waiting, notes)}`;
}

function sectionPanel({ heading, groups }: ToldSection): Html {
  const rest = groups.slice(GROUPS_SHOWN);
  const title = `section-${heading.toLowerCase()}`;
  return html`<section class="panel wide" aria-labelledby="${title}">
    <h2 id="${title}">${heading}</h2>
    ${groups.slice(0, GROUPS_SHOWN).map(group)}
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${rest.length.toLocaleString('en')} more</summary>
        ${rest.map(group)}
      </details>`
    }
  </section>`;
}

function group({ title, texts, changes }: ToldGroup): Html {
  const [programme = '', step = ''] = (texts?.where ?? '').split('/');
  const place = texts && placeOf(programme, step, texts.locale, texts.variant ?? null);
  return html`${
      title !== undefined &&
      html`<h3>${place === undefined ? title : html`<a href="${placePath(place)}">${title}</a>`}</h3>`
    }
    <ul class="changes">
      ${changes.map((each) => change(each, texts?.locale))}
    </ul>`;
}

function change({ place, value }: ToldChange, locale: string | undefined): Html {
  return html`<li>
    ${place !== undefined && html`<code>${place}</code>`}
    <span class="value" dir="auto" ${locale !== undefined && html` lang="${locale}"`}>${valueOf(value)}</span>
  </li>`;
}

function valueOf(value: ToldValue): Part {
  switch (value.kind) {
    case 'replaced':
      return html`<del>${value.before}</del> → <ins>${value.after}</ins>`;
    case 'words':
      return [
        ...value.words.flatMap((each) => [told(each), ' ']),
        value.onlySpaces && html`<small>(only spaces differ)</small>`,
      ];
    default:
      return value satisfies never;
  }
}

function told({ kind, text }: Told): Part {
  switch (kind) {
    case 'kept':
      return text;
    case 'gone':
      return html`<del>${text}</del>`;
    case 'come':
      return html`<ins>${text}</ins>`;
    default:
      return kind satisfies never;
  }
}

function waitingPanel(waiting: Waiting, notes: readonly string[]): Html {
  const [sum] = waitingLines(waiting);
  const steps = Object.entries(waiting.touched);
  return html`<section class="panel wide" aria-labelledby="waiting-title">
    <h2 id="waiting-title">Waiting messages</h2>
    <p>${sum}</p>
    ${
      steps.length > 0 &&
      html`<ul>
        ${steps.map(
          ([step, count]) => html`<li><a href="/templates/${step}">${step}</a>: ${count.toLocaleString('en')}</li>`,
        )}
      </ul>`
    }
    ${notes.map((note) => html`<p>${note}</p>`)}
  </section>`;
}

/** The page of the mail that a file belongs to. */
function mailOf(file: string): string | undefined {
  const directory = path.dirname(file);
  const [top, programme = '', step = ''] = directory.split('/');
  if (top !== TEMPLATES) return undefined;
  const strings = stringsFileOf(directory, path.basename(file));
  const place = placeOf(programme, step, strings?.locale ?? FALLBACK_LOCALE, strings?.variant ?? null);
  return place && placePath(place);
}

function findingItem({ file, line, problem, advice, severity, rule }: Finding): Html {
  const at = line === undefined ? file : `${file}:${line}`;
  const mail = mailOf(file);
  return html`<li class="${severity}">
    <p>
      <span class="chip ${severity === 'error' ? 'failed' : 'pending'}">${severity}</span>
      <span class="quiet">${rule}</span>
    </p>
    <p><strong>${problem}</strong></p>
    <p>${advice}</p>
    <p>
      ${mail !== undefined && html`<a href="${mail}">Edit it<span class="hidden">: ${at}</span></a>`} <code>${at}</code>
    </p>
  </li>`;
}

function findingsList(findings: readonly Finding[]): Html {
  const rest = findings.slice(FINDINGS_SHOWN);
  return html`<ul class="findings">
      ${findings.slice(0, FINDINGS_SHOWN).map(findingItem)}
    </ul>
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${rest.length.toLocaleString('en')} more</summary>
        <ul class="findings">
          ${rest.map(findingItem)}
        </ul>
      </details>`
    }`;
}

function findingsPanel(findings: readonly Finding[]): Html {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  return html`<section class="panel wide" aria-labelledby="wrong-title">
      <h2 id="wrong-title">What is wrong <small>${plural(errors.length, 'error')}</small></h2>
      ${findingsList(errors)} ${compareForm('Compare again')}
    </section>
    ${warnings.length > 0 && warningsPanel(warnings)}`;
}

function warningsPanel(warnings: readonly Finding[]): Html {
  return html`<section class="panel wide" aria-labelledby="warnings-title">
    <h2 id="warnings-title">Keeps nobody from publishing <small>${plural(warnings.length, 'warning')}</small></h2>
    <details>
      <summary>Show them</summary>
      ${findingsList(warnings)}
    </details>
  </section>`;
}

function moveForm({ id, comparison }: ComparisonView): Part {
  if (comparison.kind !== 'ready') return undefined;
  const { candidate, seen } = comparison;
  const isBack = candidate.kind === 'back';
  return html`<section class="panel wide" aria-labelledby="move-title">
    <h2 id="move-title">${isBack ? 'Go back' : 'Publish'}</h2>
    <form class="move" method="post" action="${PATH}" data-working="${isBack ? 'Going back…' : 'Publishing…'}">
      ${field('act', 'move')} ${field('of', id)} ${field('seen', String(seen))}
      <p>
        <label for="message">Why</label>
        <input
          id="message"
          name="message"
          value="${isBack ? `back to ${candidate.goal.words}` : ''}"
          maxlength="${LONGEST_MESSAGE}"
          autocomplete="off"
          aria-describedby="message-help"
        />
        <small id="message-help">For the list of releases. It may be left empty.</small>
      </p>
      <p><button>${isBack ? 'Go back' : 'Publish'}</button> <a href="${PATH}">Do not</a></p>
    </form>
  </section>`;
}
