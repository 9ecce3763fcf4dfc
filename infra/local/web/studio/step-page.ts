/** One mail: as its reader gets it, what is wrong with it, and its texts to be edited. */
import { directionOf, FALLBACK_LOCALE } from '../../../../shared/email/locale.ts';
import { html, type Html, type Part } from '../../../../shared/html.ts';
import type { SampleReader } from '../../../../shared/email/sample.ts';
import { messageName } from '../../../../shared/lifecycle/explain/message-name.ts';
import { plural } from '../../../../shared/lifecycle/explain/when.ts';
import { momentOf } from '../../../customer-types.ts';
import { frame, type Surroundings } from '../frame.ts';
import { customerPath } from '../paths.ts';
import { beginningOf, conditionsOf, particularsOf } from '../playbook/words.ts';
import { SCHEMES } from './appearance.ts';
import type { Choice } from './choice.ts';
import type { Language } from './coverage.ts';
import type { Draft } from './drafts.ts';
import { findingsPanel } from './findings-panel.ts';
import { inboxLines } from './inbox-line.ts';
import { studioHead } from './matrix-page.ts';
import { languageName } from './place.ts';
import type { Preview } from './preview.ts';
import { letterPath, queryOf, readerName, SCREENS, type Showing, showingPath, stepPath, WAYS } from './showing.ts';
import { anchorOf, type Field, type TextsView } from './texts-view.ts';

export interface ShownCustomer {
  readonly customerId: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  /** Absent where nothing could be chosen. */
  readonly origin: Choice['origin'] | undefined;
}

export interface StepView {
  readonly showing: Showing;
  readonly draft: Draft;
  readonly contentDirectory: string;
  readonly languages: readonly (Language & { readonly written: boolean })[];
  readonly variants: readonly (string | undefined)[];
  readonly preview: Preview | undefined;
  /** Why there is no preview. */
  readonly why: string | undefined;
  readonly samples: readonly SampleReader[];
  readonly customer: ShownCustomer | undefined;
  /** What was searched for among the customers, and who was found. */
  readonly search: string;
  readonly found: readonly { readonly customerId: string; readonly email?: string; readonly name?: string }[];
  readonly forms: readonly TextsView[];
  /** Paths of the view with what they print for the sample reader. */
  readonly variables: readonly (readonly [string, string])[];
  readonly conflict: boolean;
  /** Which of the two files of texts has just been saved. */
  readonly saved: TextsView['kind'] | undefined;
  /** What is shown has not been saved. */
  readonly unsaved: boolean;
  /** Undefined when texts can be saved. */
  readonly readOnly: string | undefined;
}

const ORIGINS = {
  waits: 'It waits to be sent to them.',
  ended: 'Made like the one they were last decided to get.',
  'made up': 'They have had none: it is made up of what is known of them.',
} as const satisfies Record<Choice['origin'], string>;

export function stepPage(view: StepView, around: Surroundings): string {
  const { showing, draft, forms, contentDirectory } = view;
  const { programme, step } = showing.place;
  const placed = draft.step?.placed.step;
  return frame(
    messageName({ programme, step, round: 0 }),
    '/templates',
    around,
    html`${studioHead()}
      <p class="back"><a href="/templates?programme=${programme}">← Templates</a></p>
      <div class="titled">
        <h1>${messageName({ programme, step, round: 0 })}</h1>
        ${placed && html`<span class="chip">${placed.class}</span>`}
      </div>
      ${whom(draft)} ${notices(view)} ${languageTabs(view)} ${variantTabs(view)}
      <div class="panel switchboard">${readers(view)} ${finder(view)} ${sendForm(view)}</div>
      <div class="studio">
        <section class="look" aria-labelledby="look-title">
          <h2 id="look-title" class="hidden">The mail</h2>
          ${lookTabs(showing)} ${letterFrame(view)}
        </section>
        <div class="desk">
          ${inbox(view)} ${findingsPanel(draft.findings, (finding) => anchorOf(finding, forms), contentDirectory)}
          ${forms.map((form) => textsForm(form, view))} ${variables(view)}
        </div>
      </div>`,
  );
}

/** Who gets the mail and when, as the playbook says it. */
function whom({ step }: Draft): Part {
  if (step === undefined) return undefined;
  const { placed } = step;
  const told = [beginningOf(placed.series), momentOf(placed), ...conditionsOf(placed.series)];
  const special = particularsOf(placed.step).filter((each) => each !== placed.step.class);
  return html`<p class="whom quiet">
    ${[...told, ...special].filter((each) => each !== '').join(' · ')} ·
    <a href="/playbook">playbook</a>
  </p>`;
}

function notices({ conflict, unsaved, readOnly }: StepView): Html {
  return html`<div id="notices" data-draft>
    ${
      conflict &&
      html`<p class="notice alarm" role="alert">
        <strong>Not saved: the file has changed on disk meanwhile.</strong> Both texts stand below wherever they differ.
        Save again to keep yours, or <a href="">load the page anew</a> to keep what is on disk.
      </p>`
    }
    ${unsaved && !conflict && html`<p class="notice wait">Shown is what is typed; it is not saved yet.</p>`}
    ${readOnly !== undefined && html`<p class="notice wait">Nothing can be saved: ${readOnly}</p>`}
  </div>`;
}

function languageTabs({ languages, showing }: StepView): Html {
  const links = languages.map(({ locale, inPreparation, written }) => {
    const state = written ? inPreparation && 'in preparation' : 'missing';
    const place = { ...showing.place, locale };
    return html`<li>
      <a href="${showingPath(showing, { place })}" ${locale === showing.place.locale && html` aria-current="true"`}
        >${languageName(locale)}${state !== false && html` <small>${state}</small>`}</a
      >
    </li>`;
  });
  return html`<nav class="tabs" aria-label="Languages">
    <ul>
      ${links}
    </ul>
  </nav>`;
}

function variantTabs({ variants, showing }: StepView): Part {
  if (variants.length < 2) return undefined;
  return html`<nav class="pills" aria-label="Wordings">
    <span>Wording</span>
    <ul>
      ${variants.map((variant) => {
        const place = { ...showing.place, variant };
        return html`<li>
          ${pill(showingPath(showing, { place }), variant ?? 'general', variant === showing.place.variant)}
        </li>`;
      })}
    </ul>
  </nav>`;
}

function pill(href: string, name: string, isCurrent: boolean): Html {
  return html`<a href="${href}" ${isCurrent && html` aria-current="true"`}>${name}</a>`;
}

/** Everything the address says but these, for forms that are sent by GET. */
function keeping(showing: Showing, ...left: readonly string[]): readonly Part[] {
  return Object.entries(queryOf(showing)).map(
    ([name, value]) =>
      value !== undefined && !left.includes(name) && html`<input type="hidden" name="${name}" value="${value}" />`,
  );
}

function readers({ showing, samples, customer }: StepView): Html {
  const chosen = readerName(showing.reader);
  return html`<form action="${stepPath(showing.place)}" class="choose" aria-label="Reader">
    ${keeping(showing, 'reader', 'form')}
    <div>
      <label for="reader">Its reader</label>
      <select id="reader" name="reader">
        ${samples.map(
          ({ id, title }) => html`<option value="${id}" ${id === chosen && html` selected`}>${title}</option>`,
        )}
        ${customer && html`<option value="${chosen}" selected>${customer.customerId}</option>`}
      </select>
    </div>
    <div>
      <label for="form">wants it</label>
      <select id="form" name="form" ${customer !== undefined && html` disabled`}>
        ${
          customer === undefined
            ? WAYS.map(
                ({ way, name }) =>
                  html`<option value="${way}" ${way === showing.way && html` selected`}>${name}</option>`,
              )
            : html`<option>As they said</option>`
        }
      </select>
    </div>
    <button>Show</button>
  </form>`;
}

function finder({ showing, customer, search, found }: StepView): Html {
  return html`<div>
    <form action="${stepPath(showing.place)}" class="choose" role="search">
      ${keeping(showing, 'form')}
      <div>
        <label for="find">or a customer, by id or address</label>
        <input id="find" name="find" type="search" value="${search}" autocomplete="off" spellcheck="false" />
      </div>
      <button class="plain">Find</button>
    </form>
    ${search !== '' && matches({ found, showing })}
    ${
      customer &&
      html`<p class="quiet">
        <a href="${customerPath(customer.customerId)}">${customer.customerId}</a
        >${customer.name !== undefined && html`, <bdi>${customer.name}</bdi>`}.
        ${customer.origin && ORIGINS[customer.origin]} Its links work: they are those of this customer.
      </p>`
    }
    ${search !== '' && found.length === 0 && html`<p class="quiet">Nobody found for “${search}”.</p>`}
  </div>`;
}

function matches({ found, showing }: Pick<StepView, 'found' | 'showing'>): Html {
  return html`<ul class="matches">
    ${found.map(
      ({ customerId, email, name }) =>
        html`<li>
          <a href="${showingPath(showing, { reader: { kind: 'customer', customerId }, way: 'full' })}">${customerId}</a>
          <span class="quiet">${name !== undefined && html`<bdi>${name}</bdi> `}${email}</span>
        </li>`,
    )}
  </ul>`;
}

function inbox({ preview, showing }: StepView): Html {
  return html`<section class="panel" id="inbox" data-draft aria-labelledby="inbox-title">
    <h2 id="inbox-title">In the inbox</h2>
    ${preview === undefined ? html`<p class="quiet">There is nothing to show.</p>` : inboxLines(preview, showing.place.locale)}
  </section>`;
}

function lookTabs(showing: Showing): Html {
  const { screen, scheme, pictures } = showing;
  const isText = screen === 'text';
  return html`<nav class="pills" aria-label="How it is shown">
    <ul>
      ${SCREENS.map((each) => html`<li>${pill(showingPath(showing, { screen: each.screen }), each.name, each.screen === screen)}</li>`)}
    </ul>
    ${
      !isText &&
      html`<ul>
          ${SCHEMES.map(
            (each) =>
              html`<li>
                ${pill(showingPath(showing, { scheme: each }), each === 'dark' ? 'Dark' : 'Light', each === scheme)}
              </li>`,
          )}
        </ul>
        <ul>
          <li>${pill(showingPath(showing, { pictures: true }), 'Pictures', pictures)}</li>
          <li>${pill(showingPath(showing, { pictures: false }), 'No pictures', !pictures)}</li>
        </ul>`
    }
  </nav>`;
}

function letterFrame({ preview, why, showing, draft }: StepView): Html {
  const { screen, place } = showing;
  const { locale } = place;
  const shown = (): Html => {
    if (preview === undefined) {
      return html`<div class="empty">
        <p><strong>There is no preview.</strong> ${why}</p>
      </div>`;
    }
    return screen === 'text'
      ? html`<pre class="letter" tabindex="0" lang="${locale}" dir="${directionOf(locale)}">${preview.text}</pre>`
      : html`<div class="scroll ${screen}" tabindex="0" role="region" aria-label="On a ${screen}">
          <iframe
            class="letter"
            sandbox=""
            src="${letterPath(showing, draft.id)}"
            title="The mail: ${preview.subject}"
          ></iframe>
        </div>`;
  };
  return html`<div id="letter" data-draft data-letter="${draft.id}">${shown()}</div>`;
}

function sendForm({ preview, customer, showing, draft }: StepView): Html {
  return html`<div id="send">
    <form method="post" action="${showingPath(showing)}" class="choose" aria-label="Send to mailbox">
      <input type="hidden" name="act" value="send" />
      <input type="hidden" name="draft" id="send-draft" value="${draft.id}" />
      <div>
        <label for="to">Address</label>
        <input
          id="to"
          name="to"
          type="email"
          required
          value="${customer?.email ?? 'you@example.com'}"
          autocomplete="off"
          aria-describedby="send-note"
        />
      </div>
      <button class="plain" ${preview === undefined && html` disabled`}>Send to mailbox</button>
    </form>
    <p class="quiet" id="send-note">
      Exactly what is shown, by the sender’s own code. Nobody’s ledger and caps hear of it.
    </p>
  </div>`;
}

function textsForm(form: TextsView, view: StepView): Html {
  const { kind, file, seen, fields, unreadable } = form;
  const { showing, readOnly } = view;
  const body = unreadable
    ? html`<p class="quiet">
        ${file} is no JSON file of texts. Put it right in an editor; this page shows it at once.
      </p>`
    : html`<form method="post" action="${showingPath(showing)}" class="texts" data-texts>
        <input type="hidden" name="kind" value="${kind}" />
        <input type="hidden" name="seen" value="${seen}" />
        ${fields.map((field) => textField(field, form))}
        <p class="acts">
          <button name="act" value="save" ${readOnly !== undefined && html` disabled`}>Save</button>
          <button name="act" value="preview" class="plain">Preview without saving</button>
          <span id="saved-${kind}" role="status" class="saved">${view.saved === kind && 'Saved.'}</span>
          <code>${file}</code>
        </p>
      </form>`;
  if (kind === 'own') {
    return html`<section class="panel" aria-labelledby="texts-title">
      <h2 id="texts-title">Texts</h2>
      ${body}
    </section>`;
  }
  return html`<details
    class="panel"
    id="shared-texts"
    ${fields.some(({ findings }) => findings.length > 0) && html` open`}
  >
    <summary>Texts that all mails share <small>${plural(fields.length, 'text')} of this one</small></summary>
    ${body}
  </details>`;
}

/** Characters of a text that stand in one line of its field. */
const LINE_CHARACTERS = 52;
const MOST_LINES = 10;

function linesOf({ value, english = '', inherited = '' }: Field): number {
  const length = Math.max(value.length, value === '' ? Math.max(english.length, inherited.length) : 0);
  return Math.min(MOST_LINES, Math.max(1, Math.ceil(length / LINE_CHARACTERS)));
}

function textField(field: Field, { kind, locale, file }: TextsView): Html {
  const { key, purpose, value, english, inherited, older, meanwhile } = field;
  const id = `${kind}-${key}`;
  const described = [`${id}-wrong`, ...(english === undefined ? [] : [`${id}-english`])].join(' ');
  const direction = directionOf(locale);
  return html`<div class="text">
    <label for="${id}">${purpose} <code>${key}</code></label>
    ${english !== undefined && html`<p class="english" id="${id}-english" lang="${FALLBACK_LOCALE}" dir="ltr">${english}</p>`}
    <textarea
      id="${id}"
      name="text.${key}"
      rows="${linesOf(field)}"
      lang="${locale}"
      dir="${direction}"
      ${inherited !== undefined && html` placeholder="${inherited}"`}
      aria-describedby="${described}"
      data-file="${file}"
    >
${value}</textarea>
    <div id="${id}-wrong" class="wrong" data-draft>
      ${field.findings.map(({ problem, advice }) => html`<p><strong>${problem}</strong>; ${advice}</p>`)}
      ${
        meanwhile !== undefined &&
        html`<p>
          On disk meanwhile: <q lang="${locale}" dir="${direction}">${meanwhile === '' ? '(nothing)' : meanwhile}</q>
        </p>`
      }
    </div>
    ${
      older &&
      html`<p class="older">
        <input type="checkbox" id="${id}-current" name="current.${key}" value="yes" />
        <label for="${id}-current">Older than the English text; it is still right</label>
      </p>`
    }
  </div>`;
}

function variables({ variables: paths }: StepView): Html {
  return html`<details class="panel" id="variables">
    <summary>What a text can print <small>${plural(paths.length, 'variable')}</small></summary>
    <p class="quiet">
      Between double braces, such as <code>{{ customer.firstName }}</code>; typing <code>{{</code> in a text offers
      them. What may be missing has to be asked for: <code>{% if order %} … {% endif %}</code>.
    </p>
    <dl class="variables">
      ${paths.map(
        ([path, example]) =>
          html`<div>
            <dt><code data-variable>${path}</code></dt>
            <dd>${example}</dd>
          </div>`,
      )}
    </dl>
  </details>`;
}
