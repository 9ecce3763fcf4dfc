/** Campaigns: those there are, a form for a new one, what it would come to, and what became of one. */
import type { Campaign } from '../../../shared/lifecycle/campaign/campaign.ts';
import { reasonInWords } from '../../../shared/lifecycle/explain/reason-words.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import {
  inShopsZone,
  people,
  statusInWords,
  stillOpen,
  unknownCategories,
  UNTIL_THEN,
} from '../../campaigns/campaign-words.ts';
import type { Wish } from '../../campaigns/order.ts';
import type { Outcome } from '../../campaigns/outcome.ts';
import type { Preview, Share } from '../../campaigns/preview.ts';
import { campaignForm, type Choices } from './campaign-form.ts';
import { frame, instant, moment, type Surroundings } from './frame.ts';
import { campaignPath } from './paths.ts';

const STYLE = html`<link rel="stylesheet" href="/campaigns.css" />`;

/** A wish that can be ordered, and what it would come to. */
export interface Counted {
  /** Its time is an instant, or "now". */
  readonly wish: Wish;
  readonly at: number;
  readonly subject: string | undefined;
  readonly preview: Preview;
}

export interface CampaignsView extends Choices {
  readonly campaigns: readonly Campaign[];
  readonly query: URLSearchParams;
  readonly wrong: string | undefined;
  readonly counted: Counted | undefined;
}

export function campaignsPage(view: CampaignsView, around: Surroundings): string {
  const { campaigns, query, wrong, counted } = view;
  return frame(
    'Campaigns',
    '/campaigns',
    around,
    html`${STYLE}
      <h1>Campaigns</h1>
      <p class="intro">
        One mail to a group, at one moment, through the same consent, caps, quiet hours, holdout and ledger as all
        others.
      </p>
      ${counted && countedPanel(counted, view)} ${list(campaigns, around)}
      <section class="panel wide">${campaignForm(view, query, wrong)}</section>`,
  );
}

function list(campaigns: readonly Campaign[], { now }: Surroundings): Html {
  return html`<section class="panel wide" id="campaigns" data-live aria-labelledby="campaigns-title">
    <h2 id="campaigns-title">Ordered <small>${campaigns.length.toLocaleString('en')}</small></h2>
    ${
      campaigns.length === 0
        ? html`<p class="quiet">None yet. <code>npm run campaign</code> does what this page does.</p>`
        : html`<ul class="ordered">
            ${campaigns
              .toSorted((a, b) => b.at - a.at)
              .map(
                (each) =>
                  html`<li>
                    <a href="${campaignPath(each.name)}">${each.name}</a>
                    <span>${each.step} to <code>${each.audience}</code></span>
                    <small>${statusInWords(each, now)}</small>
                  </li>`,
              )}
          </ul>`
    }
  </section>`;
}

/** Reasons with how many; nothing when there are none. */
function shares(title: string, all: readonly Share[]): Part {
  if (all.length === 0) return undefined;
  return html`<h3>${title} <small>${people(all.reduce((sum, each) => sum + each.people, 0))}</small></h3>
    <ul class="shares">
      ${all.map(
        ({ reason, people: many }) =>
          html`<li>
            <strong>${many.toLocaleString('en')}</strong> ${reasonInWords(reason)} <small>${reason}</small>
          </li>`,
      )}
    </ul>`;
}

function field(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

function countedPanel({ wish, at, subject, preview }: Counted, { playbook }: CampaignsView): Html {
  const { name, audience, template } = wish;
  return html`<section class="panel wide" aria-labelledby="counted-title">
    <h2 id="counted-title">
      “${name}” <small>${people(preview.people)} in the audience, ${people(preview.goes)} get it then</small>
    </h2>
    <dl class="facts">
      <div>
        <dt>Audience</dt>
        <dd><code>${audience}</code></dd>
      </div>
      <div>
        <dt>Mail</dt>
        <dd>${template}${subject !== undefined && html`: “${subject}”`}</dd>
      </div>
      <div>
        <dt>Time</dt>
        <dd>${inShopsZone(at, playbook)}, ${instant(at)}</dd>
      </div>
      <div>
        <dt>Get it then</dt>
        <dd>${people(preview.goes)}</dd>
      </div>
    </dl>
    ${shares('Get it later, if it still fits', preview.waits)} ${shares('Do not get it', preview.withheld)}
    ${unknownCategories(preview).map((each) => html`<p><strong>${each}</strong></p>`)}
    ${preview.withoutAddresses && html`<p class="quiet">What is known of addresses could not be read and is left out.</p>`}
    <p class="quiet">${UNTIL_THEN}</p>
    ${
      preview.people === 0
        ? html`<p><strong>Nobody is in the audience.</strong> There is nothing to order.</p>`
        : html`<form method="post" action="/campaigns">
            ${field('act', 'order')} ${field('name', name)} ${field('audience', audience)}
            ${field('template', template)} ${field('at', wish.at)} ${field('people', String(preview.people))}
            <button>Order it</button>
            <a href="/campaigns">Do not</a>
          </form>`
    }
  </section>`;
}

export interface CampaignView {
  readonly campaign: Campaign;
  readonly outcome: Outcome;
  /** Somebody on these pages is addressing its customers. */
  readonly isAtWork: boolean;
  /** Why that ended before all were addressed. */
  readonly fault: string | undefined;
  readonly zone: Choices['playbook'];
}

export function campaignPage(view: CampaignView, around: Surroundings): string {
  const { campaign, outcome, isAtWork, fault, zone } = view;
  const { name, audience, programme, step, at, orderedAt, by, status } = campaign;
  const { addressed, sent, inShadow, unsent, waiting } = outcome;
  const open = stillOpen(campaign, outcome);
  const act = (what: 'go-on' | 'cancel', label: string): Html =>
    html`<form method="post" action="/campaigns">
      ${field('act', what)} ${field('name', name)}
      <button>${label}<span class="hidden"> ${name}</span></button>
    </form>`;
  return frame(
    `Campaign ${name}`,
    '/campaigns',
    around,
    html`${STYLE}
      <p class="back"><a href="/campaigns">Campaigns</a></p>
      <h1>${name}</h1>
      <section class="panel wide" id="campaign" data-live aria-labelledby="became-title">
        <h2 id="became-title">What became of it</h2>
        <dl class="facts">
          <div>
            <dt>Status</dt>
            <dd>${statusInWords(campaign, around.now)}</dd>
          </div>
          <div>
            <dt>Audience</dt>
            <dd><code>${audience}</code></dd>
          </div>
          <div>
            <dt>Mail</dt>
            <dd>${programme}/${step}</dd>
          </div>
          <div>
            <dt>Time</dt>
            <dd>${inShopsZone(at, zone)}, ${moment(at, around.now)}</dd>
          </div>
          <div>
            <dt>Ordered</dt>
            <dd>by ${by}, ${moment(orderedAt, around.now)}</dd>
          </div>
          <div>
            <dt>Addressed</dt>
            <dd>${people(addressed)}</dd>
          </div>
          <div>
            <dt>Sent</dt>
            <dd>${people(sent)}${inShadow > 0 && html`, ${people(inShadow)} of them in shadow, so nobody got it`}</dd>
          </div>
          <div>
            <dt>${open.title}</dt>
            <dd>${open.words}</dd>
          </div>
        </dl>
        ${shares('Not sent', unsent)} ${fault !== undefined && html`<p class="wrong" role="alert">${fault}</p>`}
        <div class="acts">
          ${status === 'running' && !isAtWork && act('go-on', 'Go on')}
          ${(status === 'running' || (status === 'done' && waiting > 0)) && act('cancel', 'Cancel')}
        </div>
      </section>`,
  );
}
