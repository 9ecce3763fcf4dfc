/** Makes SES misbehave, so that one can watch what the pipeline makes of it. */
import type { SesControl } from '../contract.ts';
import { SES_TROUBLES } from '../ses-trouble.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';

export type Troublesome = Pick<SesControl, 'fail' | 'recover' | 'troubles'>;

/** For how many calls; empty: until it is called off. */
const CALLS = [
  { value: '1', name: 'the next call' },
  { value: '10', name: 'the next 10 calls' },
  { value: '', name: 'every call until it is ended' },
] as const;

/** @param ses absent where no SES can be told to misbehave */
export function troublePanel(ses: Troublesome | undefined): Part {
  if (ses === undefined) return undefined;
  return html`<details class="more" id="trouble">
    <summary>Make SES misbehave</summary>
    <form class="trouble" method="post" action="/ses">
      <label for="kind">Trouble</label>
      <select id="kind" name="trouble">
        ${SES_TROUBLES.map((each) => html`<option>${each}</option>`)}
      </select>
      <label for="calls">for</label>
      <select id="calls" name="calls">
        ${CALLS.map(({ value, name }) => html`<option value="${value}">${name}</option>`)}
      </select>
      <button>Begin</button>
    </form>
    <div id="troubles" data-live>${active(ses)}</div>
  </details>`;
}

function active({ troubles }: Troublesome): Html {
  if (troubles.length === 0) return html`<p class="quiet">SES behaves.</p>`;
  const lines = troubles.map(({ trouble, to, callsLeft }) => {
    const whom = to === undefined ? '' : ` to ${to}`;
    return `${trouble}${whom}, ${callsLeft === undefined ? 'until it is ended' : plural(callsLeft, 'more call')}`;
  });
  return html`<form class="trouble" method="post" action="/ses">
    <span>Now: ${lines.join('; ')}</span>
    <button>End it</button>
  </form>`;
}

/**
 * Does what a form of the panel asks: begins the trouble it names, or ends all when it names none.
 *
 * @returns what is wrong with the form; undefined when it is done
 */
export function changeTrouble(ses: Troublesome, form: URLSearchParams): string | undefined {
  const wanted = form.get('trouble');
  if (wanted === null) {
    ses.recover();
    return undefined;
  }
  const trouble = SES_TROUBLES.find((each) => each === wanted);
  if (trouble === undefined) return `trouble: expected one of ${SES_TROUBLES.join(', ')}`;
  const { value } = CALLS.find((each) => each.value === form.get('calls')) ?? {};
  if (value === undefined) return 'calls: expected one of the choices of the page';
  ses.fail(trouble, value === '' ? {} : { calls: Number(value) });
  return undefined;
}
