/** The playbook as a picture: stages, programmes, steps, when each comes, under which conditions, and who gets what. */
import { join } from 'node:path';
import { momentOf, traitSignals } from '../../../customer-types.ts';
import { html, type Html, type Part } from '../../../../shared/html.ts';
import { lasting } from '../../../../shared/lifecycle/explain/when.ts';
import type { Playbook } from '../../../../shared/lifecycle/playbook.ts';
import type { Programme, Series, Step } from '../../../../shared/lifecycle/playbook/series.ts';
import { STAGES } from '../../../../shared/lifecycle/stage.ts';
import { MINUTE } from '../../../../shared/lifecycle/time.ts';
import { TRAITS } from '../../../../shared/lifecycle/traits/ids.ts';
import { frame, type Surroundings } from '../frame.ts';
import { withQuery } from '../paths.ts';
import { unknownValue } from '../unknown.ts';
import { misfit, type Somebody } from './fit.ts';
import { stageMap } from './stage-map.ts';
import { beginningOf, conditionsOf, particularsOf } from './words.ts';

const PATH = '/playbook';
const STYLE = html`<link rel="stylesheet" href="/playbook.css" />`;

export interface PlaybookView {
  /** Where it is edited. */
  readonly file: string;
  /** The playbook, or what is wrong with it, a line for each path. */
  readonly playbook: Playbook | readonly string[];
  readonly somebody: Somebody;
}

const isBroken = (playbook: PlaybookView['playbook']): playbook is readonly string[] => Array.isArray(playbook);

export function playbookPage({ file, playbook, somebody }: PlaybookView, around: Surroundings): string {
  const edited = html`<p class="intro">
    Who is written what, and when. It is edited in <code>${file}</code>; this page shows what stands there now. The
    fields are explained in <code>${join(file, '../playbook.schema.json')}</code>, which editors show while you write.
  </p>`;
  if (isBroken(playbook)) {
    return frame(
      'Playbook',
      PATH,
      around,
      html`${STYLE}
        <h1>Playbook</h1>
        ${edited} ${brokenPanel(playbook)}`,
    );
  }
  return frame(
    'Playbook',
    PATH,
    around,
    html`${STYLE}
      <h1>Playbook</h1>
      ${edited}
      <section class="panel wide" aria-labelledby="stages-title">
        <h2 id="stages-title">Stages</h2>
        ${stageMap(playbook, somebody.stage, (stage) => withQuery(PATH, { stage, trait: somebody.trait }))}
      </section>
      <section class="panel wide" aria-labelledby="whom-title">
        <h2 id="whom-title">Who gets what</h2>
        ${chooser(playbook, somebody)} ${legend}
      </section>
      ${playbook.programmes.map((programme) => programmePanel(programme, somebody))} ${limitsPanel(playbook)}
      ${traitsPanel(playbook, somebody)}`,
  );
}

function brokenPanel(problems: readonly string[]): Html {
  return html`<section class="panel wide broken" role="alert" aria-labelledby="broken-title">
    <h2 id="broken-title">It cannot be played</h2>
    <ul>
      ${problems.map((problem) => html`<li><code>${problem}</code></li>`)}
    </ul>
  </section>`;
}

const option = (value: string, chosen: string | undefined): Html =>
  html`<option value="${value}" ${value === chosen && html`selected`}>${value.replaceAll('_', ' ')}</option>`;

/** Ours and the shop's own. */
function traitsOf(playbook: Playbook): readonly string[] {
  return [...TRAITS, ...playbook.traits.own.map(({ id }) => id)].toSorted();
}

/** What an address names that there is not. A playbook that cannot be played has traits that nobody knows. */
export function unknownSomebody(query: URLSearchParams, playbook: PlaybookView['playbook']): readonly string[] {
  const stage = unknownValue('stage', query.get('stage'), STAGES);
  const trait = isBroken(playbook) ? undefined : unknownValue('trait', query.get('trait'), traitsOf(playbook));
  return [stage, trait].filter((each) => each !== undefined);
}

function chooser(playbook: Playbook, { stage, trait }: Somebody): Html {
  const traits = traitsOf(playbook);
  return html`<form action="${PATH}" class="whom">
    <label
      >Stage
      <select name="stage">
        <option value="">any</option>
        ${STAGES.map((each) => option(each, stage))}
      </select></label
    >
    <label
      >Trait
      <select name="trait">
        <option value="">any</option>
        ${traits.map((each) => option(each, trait))}
      </select></label
    >
    <button>Show</button>
    ${(stage ?? trait) !== undefined && html`<a href="${PATH}">Everybody</a>`}
  </form>`;
}

const legend = html`<p class="quiet">
  A step that is not meant for somebody like that is pale, and says why. What is meant may still be held back by
  consent, caps, quiet hours, an open complaint or the holdout group: a customer’s page says so for each message.
</p>`;

function programmePanel(programme: Programme, somebody: Somebody): Html {
  const title = `programme-${programme.id}`;
  return html`<section class="panel wide programme" aria-labelledby="${title}">
    <h2 id="${title}">${programme.id} ${startOf(programme)}</h2>
    ${programme.series.map((series) => seriesPart(programme, series, somebody))}
  </section>`;
}

function startOf({ startsAt }: Programme): Part {
  return startsAt !== undefined && html`<small>from ${new Date(startsAt).toISOString().slice(0, 10)} on</small>`;
}

function seriesPart(programme: Programme, series: Series, somebody: Somebody): Html {
  const steps: readonly Step[] = series.steps;
  return html`<div class="series ${steps.length === 1 && 'single'}">
    <h3>${beginningOf(series)}</h3>
    ${conditions(series)}
    <ol>
      ${steps.map((step) => stepPart(programme, series, step, misfit(series, step, somebody)))}
    </ol>
  </div>`;
}

function conditions(series: Series): Part {
  const chips = conditionsOf(series);
  return (
    chips.length > 0 && html`<p class="conditions">${chips.map((each) => html`<span class="chip">${each}</span> `)}</p>`
  );
}

function stepPart(programme: Programme, series: Series, step: Step, reason: string | undefined): Html {
  return html`<li class="step ${step.class} ${reason !== undefined && 'off'}">
    <p class="when">${momentOf({ programme, series, step })}</p>
    <p class="what"><a href="/templates/${programme.id}/${step.id}">${step.id}</a></p>
    <ul class="traits">
      ${particularsOf(step).map((each) => html`<li>${each}</li>`)}
    </ul>
    ${reason !== undefined && html`<p class="reason">${reason}</p>`}
  </li>`;
}

/** What reveals each trait, and thereby what its name means. */
function traitsPanel(playbook: Playbook, { stage, trait }: Somebody): Html {
  return html`<section class="panel wide" aria-labelledby="traits-title">
    <h2 id="traits-title">Traits <small>what makes somebody …</small></h2>
    <dl class="signals">
      ${traitSignals(playbook).map(
        (each) =>
          html`<div>
            <dt>
              <a
                href="${withQuery(PATH, { stage, trait: each.trait })}#whom-title"
                ${each.trait === trait && html` aria-current="true"`}
                >${each.trait}</a
              >
            </dt>
            <dd>${each.signal}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

/** @param minutes since midnight */
function timeOfDay(minutes: number): string {
  return new Date(minutes * MINUTE).toISOString().slice(11, 16);
}

function limitsPanel({ caps, quietHours, cooldown }: Playbook): Html {
  return html`<section class="panel wide" aria-labelledby="limits-title">
    <h2 id="limits-title">For all promotional mail</h2>
    <ul class="limits">
      <li>at most ${caps.perDay} a day, ${caps.perWeek} a week, ${caps.per30Days} in 30 days</li>
      <li>not between ${timeOfDay(quietHours.from)} and ${timeOfDay(quietHours.to)}, where the reader is</li>
      <li>the same step no sooner than after ${lasting(cooldown)}</li>
    </ul>
  </section>`;
}
