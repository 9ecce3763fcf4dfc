/** The first page: how the customers are doing, what has been sent, what waits, and the mailbox itself. */
import type { Figures } from '../../../shared/lifecycle/census/figures.ts';
import type { Instant } from '../../../shared/lifecycle/time.ts';
import type { Stage } from '../../../shared/lifecycle/stage.ts';
import type { QueueState } from '../contract.ts';
import { type Asked, attentionPanel } from './attention-panel.ts';
import { censusPanel } from './census-panel.ts';
import { command, frame, moment, pager, type Surroundings } from './frame.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import type { Page } from './paging.ts';
import { mailPath, withQuery } from './paths.ts';
import type { ProgrammeMails } from './postbox.ts';
import { capital, messageName } from '../../../shared/lifecycle/explain/message-name.ts';
import { STAGE_MEANINGS, STAGE_NAMES } from '../../../shared/lifecycle/explain/stage-words.ts';
import type { MailRow } from './mail-row.ts';
import { sendingPanel } from './sending-panel.ts';
import { troublePanel, type Troublesome } from './trouble-panel.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';

export interface OverviewView {
  readonly stages: readonly { readonly stage: Stage; readonly count: number }[];
  readonly programmes: readonly ProgrammeMails[];
  readonly queues: readonly QueueState[];
  readonly asked: readonly Asked[];
  /** Of the last census; absent before the first. */
  readonly figures: Figures | undefined;
  /** All mails, whatever was searched for. */
  readonly mails: number;
  readonly page: Page<MailRow>;
  readonly search: string;
  /** Programmes that can be paused. */
  readonly pausable: readonly string[];
  /** Absent where it cannot be told to misbehave. */
  readonly ses: Troublesome | undefined;
}

export function overviewPage(view: OverviewView, around: Surroundings): string {
  return frame(
    'Mailbox',
    '/',
    around,
    html`<h1 class="hidden">Overview and mailbox</h1>
      <div id="gone-off" data-live>${goneOff(around.alarms)}</div>
      <div class="panels">${stagesPanel(view.stages)} ${programmesPanel(view)}</div>
      <section aria-labelledby="mailbox-title">
        <div class="titled">
          <h2 id="mailbox-title">Mailbox</h2>
          <form action="/" role="search">
            <label for="to">Recipient</label>
            <input
              id="to"
              name="to"
              type="search"
              value="${view.search}"
              placeholder="anna@example.com"
              autocomplete="off"
              spellcheck="false"
            />
            <button>Search</button>
          </form>
        </div>
        <div id="mails" data-live>${mailList(view, around)}</div>
      </section>
      <div class="panels">
        ${attentionPanel(view.asked, around.now)} ${sendingPanel(around.lane, view.pausable, around.now)}
        ${censusPanel(view.figures, around.now)} ${queuesPanel(view.queues)}
      </div>
      ${troublePanel(view.ses)}`,
  );
}

/** One line, and only when something is wrong. */
function goneOff(alarms: number): Part {
  return alarms > 0 && html`<p class="gone-off"><a href="/alarms">${plural(alarms, 'alarm')}</a></p>`;
}

function bar(count: number, most: number): Html {
  const width = most === 0 ? 0 : Math.max(count > 0 ? 1 : 0, (100 * count) / most);
  return html`<svg class="bar" aria-hidden="true" focusable="false">
    <rect width="${width.toFixed(1)}%" height="100%" rx="3"></rect>
  </svg>`;
}

function stagesPanel(stages: OverviewView['stages']): Html {
  const most = Math.max(...stages.map(({ count }) => count));
  const total = stages.reduce((sum, { count }) => sum + count, 0);
  const rows = stages.map(
    ({ stage, count }) =>
      html`<li>
        <a href="${withQuery('/customers', { stage })}">
          <span class="name">${STAGE_NAMES[stage]} <small>${STAGE_MEANINGS[stage]}</small></span>
          <span class="figure">${count.toLocaleString('en')}</span>
          ${bar(count, most)}
        </a>
      </li>`,
  );
  return html`<section class="panel" id="stages" data-live aria-labelledby="stages-title">
    <h2 id="stages-title">People by stage <small>${plural(total, 'person', 'people')}</small></h2>
    <ol class="bars">
      ${rows}
    </ol>
  </section>`;
}

function programmesPanel({ programmes, mails }: OverviewView): Html {
  const most = Math.max(0, ...programmes.map(({ count }) => count));
  const rows = programmes.map(
    ({ programme, count, steps }) =>
      html`<li>
        <span class="name"
          >${capital(programme)}
          <small
            >${steps.map((each) => `${each.step.replaceAll('-', ' ')} ${each.count.toLocaleString('en')}`).join(' · ')}</small
          ></span
        >
        <span class="figure">${count.toLocaleString('en')}</span>
        ${bar(count, most)}
      </li>`,
  );
  return html`<section class="panel" id="programmes" data-live aria-labelledby="programmes-title">
    <h2 id="programmes-title">Mail by programme <small>${plural(mails, 'mail')}</small></h2>
    ${
      rows.length === 0
        ? html`<p class="quiet">Nothing has been sent yet.</p>`
        : html`<ul class="bars">
            ${rows}
          </ul>`
    }
  </section>`;
}

/** What is going on in a queue, in words: most of the time it is nothing. */
function workOf({ visible, inFlight, delayed }: QueueState): string {
  const work = [
    [visible, 'waiting'],
    [inFlight, 'in work'],
    [delayed, 'delayed'],
  ] as const;
  const words = work.flatMap(([count, name]) => (count > 0 ? `${count.toLocaleString('en')} ${name}` : []));
  return words.length === 0 ? 'empty' : words.join(', ');
}

function queueItem(queue: QueueState): Html {
  const { name, deadLetter, visible } = queue;
  const work = workOf(queue);
  return html`<div>
    <dt>${name}</dt>
    <dd>${deadLetter && visible > 0 ? html`<a href="${withQuery('/refused', { queue: name })}">${work}</a>` : work}</dd>
  </div>`;
}

function queuesPanel(queues: readonly QueueState[]): Html {
  const ordered = queues.toSorted((a, b) => Number(a.deadLetter) - Number(b.deadLetter));
  return html`<section class="panel wide" id="queues" data-live aria-labelledby="queues-title">
    <h2 id="queues-title">Queues</h2>
    ${
      queues.length === 0
        ? html`<p class="quiet">This deployment has no queues.</p>`
        : html`<dl class="queues">${ordered.map(queueItem)}</dl>`
    }
  </section>`;
}

function mailList({ page, search, mails }: OverviewView, around: Surroundings): Part {
  if (mails === 0) return noMail(around);
  if (page.total === 0) {
    return html`<div class="empty">
      <p><strong>No mail to “${search}”.</strong> A part of an address finds everybody whose address contains it.</p>
      <p>
        <a href="/">Show all ${plural(mails, 'mail')}</a> or
        <a href="${withQuery('/customers', { q: search })}">look among the customers</a>.
      </p>
    </div>`;
  }
  return html`<p class="count">
      ${search === '' ? plural(page.total, 'mail') : html`${plural(page.total, 'mail')} to “${search}” · <a href="/">show all</a>`},
      newest first
    </p>
    <ol class="mails">
      ${page.items.map((row) => mailItem(row, around.now))}
    </ol>
    ${pager('/', { to: search }, page)}
    <details class="more" id="emit">
      <summary>Emit an event yourself</summary>
      <p>A first order with consent makes a new customer, and the welcome mail arrives within seconds:</p>
      ${command(putEvents(around))}
    </details>`;
}

function mailItem({ id, to, from, subject, sentAt, parts }: MailRow, now: Instant): Html {
  return html`<li id="mail-${id}">
    <a href="${mailPath(id)}">
      <span class="subject">${subject === '' ? '(no subject)' : subject}</span>
      <span class="to">to ${to.join(', ')} <span class="from">from ${from}</span></span>
      ${parts && html`<span class="chip ${parts.programme}">${messageName(parts)}</span>`} ${moment(sentAt, now)}
    </a>
  </li>`;
}

function noMail(around: Surroundings): Html {
  return html`<div class="empty">
    <p>
      <strong>No mail yet.</strong> Emit an event: a first order with consent makes a new customer, and the welcome mail
      arrives here by itself within seconds.
    </p>
    ${command(putEvents(around))}
  </div>`;
}

const SECOND = 1000;

/** The shop's part in one command of the AWS command line, for a shell of the kind that knows single quotes. */
function putEvents({ endpoint, region, busName, now }: Surroundings): string {
  const seconds = Math.floor(now / SECOND);
  const occurredAt = new Date(seconds * SECOND).toISOString();
  const customerId = `guest-${seconds}`;
  const detail = {
    metadata: { id: `order-${seconds}`, version: 1, occurredAt },
    data: {
      customerId,
      orderId: String(seconds),
      total: 42.5,
      currency: 'EUR',
      items: [{ sku: 'tea-17', name: 'First flush Darjeeling', quantity: 2, price: 21.25 }],
      email: 'anna@example.com',
      consent: { marketing: 'opt_in', source: 'checkout', at: occurredAt },
    },
  };
  const entries = [
    { EventBusName: busName, Source: 'my-shop', DetailType: 'Purchase Completed', Detail: JSON.stringify(detail) },
  ];
  return [
    'AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=me aws events put-events \\',
    `  --endpoint-url ${endpoint} --region ${region} \\`,
    `  --entries '${JSON.stringify(entries)}'`,
  ].join('\n');
}
