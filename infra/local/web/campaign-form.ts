/** The form that orders a campaign: what can be chosen, what was chosen, and the wish it comes to. */
import { NUMBER_FACTS, traitsToChoose } from '../../../shared/lifecycle/campaign/audience.ts';
import { campaignSteps } from '../../../shared/lifecycle/campaign/campaign.ts';
import { STAGE_NAMES } from '../../../shared/lifecycle/explain/stage-words.ts';
import { traitName } from '../../../shared/lifecycle/explain/trait-words.ts';
import type { Playbook } from '../../../shared/lifecycle/playbook.ts';
import { STAGES } from '../../../shared/lifecycle/stage.ts';
import { KNOWN_FACTS } from '../../../shared/lifecycle/traits/known-facts.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import type { Wish } from '../../campaigns/order.ts';
import { instantIn } from '../../campaigns/wall-clock.ts';

/** What can be ticked; each group becomes one condition. */
const GROUPS = ['stage', 'trait', 'category'] as const;

/** What the person calls the fields of a wish, for the errors. */
export const FIELDS: Readonly<Record<keyof Wish, string>> = {
  name: 'Name',
  audience: 'Audience',
  template: 'Mail',
  at: 'Time',
};

/** What there is to choose from. */
export interface Choices {
  readonly playbook: Playbook;
  /** As events name them, those of the library. */
  readonly categories: readonly string[];
  /** Mails that are written and not live yet. */
  readonly unpublished: readonly string[];
}

/** Whether somebody has filled the form in. */
export function isFilled(query: URLSearchParams): boolean {
  return query.has('name');
}

/** A value that holds a space or a comma is quoted. */
function quoted(value: string): string {
  return /[\s,]/u.test(value) ? `"${value}"` : value;
}

/** The wish a form comes to. The time of its field is that of the zone the shop's customers live in; none at all is now. */
export function wishFrom(query: URLSearchParams, { quietHours }: Pick<Playbook, 'quietHours'>): Wish {
  const ticked = GROUPS.flatMap((group) => {
    const values = query.getAll(group);
    return values.length === 0 ? [] : [`${group}=${values.map(quoted).join(',')}`];
  });
  const at = query.get('at')?.trim() ?? '';
  const instant = instantIn(quietHours.withoutZone.timeZone, at);
  return {
    name: query.get('name')?.trim() ?? '',
    audience: [...ticked, query.get('more')?.trim() ?? ''].filter((each) => each !== '').join(' '),
    template: query.get('template') ?? '',
    at: at === '' ? 'now' : instant === undefined ? at : new Date(instant).toISOString(),
  };
}

function ticks(
  name: (typeof GROUPS)[number],
  legend: string,
  values: readonly (readonly [string, string])[],
  query: URLSearchParams,
): Html {
  const chosen = new Set(query.getAll(name));
  return html`<fieldset>
    <legend>${legend}</legend>
    ${values.map(
      ([value, words]) =>
        html`<label
          ><input
            type="checkbox"
            name="${name}"
            value="${value}"
            ${chosen.has(value) && html` checked`}
          />${words}</label
        >`,
    )}
  </fieldset>`;
}

/** @param wrong what is wrong with it, if somebody has filled it in */
export function campaignForm(
  { playbook, categories, unpublished }: Choices,
  query: URLSearchParams,
  wrong: string | undefined,
): Html {
  const { timeZone } = playbook.quietHours.withoutZone;
  const value = (name: string): string => query.get(name) ?? '';
  const error: Part = wrong !== undefined && html`<p class="wrong" role="alert">${wrong}</p>`;
  return html`<form class="campaign" action="/campaigns" aria-labelledby="new-title">
    <h2 id="new-title">A new campaign</h2>
    ${error}
    <p>
      <label for="name">Name</label>
      <input
        id="name"
        name="name"
        value="${value('name')}"
        required
        maxlength="24"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="name-help"
      />
      <small id="name-help">Small letters, digits and hyphens. It is used once and never again.</small>
    </p>
    <p>
      <label for="template">Mail</label>
      <select id="template" name="template" ${unpublished.length > 0 && html` aria-describedby="template-help"`}>
        ${campaignSteps(playbook).map(
          ({ step: { id } }) =>
            html`<option value="${id}" ${id === value('template') && html` selected`}>${id}</option>`,
        )}
      </select>
      ${
        unpublished.length > 0 &&
        html`<small id="template-help"
          >In your files but not published: ${unpublished.join(', ')}. <code>npm run publish</code> or
          <a href="/releases">Releases</a> makes it live.</small
        >`
      }
    </p>
    <p>
      <label for="at">Time</label>
      <input id="at" name="at" type="datetime-local" value="${value('at')}" aria-describedby="at-help" />
      <small id="at-help">In ${timeZone}. Left empty: now. At night it waits for each one’s morning.</small>
    </p>
    ${ticks(
      'stage',
      'Stage: one of',
      STAGES.map((each) => [each, STAGE_NAMES[each]] as const),
      query,
    )}
    ${ticks(
      'category',
      'Bought last: one of',
      categories.map((each) => [each, each] as const),
      query,
    )}
    <details ${query.has('trait') && html` open`}>
      <summary>Traits</summary>
      ${ticks(
        'trait',
        'Trait: one of',
        traitsToChoose(playbook).map((each) => [each, traitName(each)] as const),
        query,
      )}
    </details>
    <p>
      <label for="more">And</label>
      <input
        id="more"
        name="more"
        value="${value('more')}"
        placeholder="orders&gt;=2 trait!=critic locale=sv"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="more-help"
      />
      <small id="more-help"
        >More conditions, with spaces between them. <code>stage</code>, <code>trait</code>, <code>category</code> and
        <code>locale</code> with <code>=</code> or <code>!=</code>; numbers also with <code>&gt;=</code> and
        <code>&lt;=</code>.</small
      >
    </p>
    <details>
      <summary>Numbers to compare</summary>
      <dl class="facts">
        ${NUMBER_FACTS.map(
          (name) =>
            html`<div>
              <dt><code>${name}</code></dt>
              <dd>${KNOWN_FACTS[name]}</dd>
            </div>`,
        )}
      </dl>
    </details>
    <p><button>Count first</button> <small>Nothing is ordered yet.</small></p>
  </form>`;
}
