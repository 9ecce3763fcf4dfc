/** A customer's page: who, where they stand and why, what comes next, and everything that happened. */
import type { Instant } from '../../../shared/lifecycle/time.ts';
import type { MessageLine } from '../../../shared/lifecycle/explain/message-lines.ts';
import { capital } from '../../../shared/lifecycle/explain/message-name.ts';
import type { Upcoming } from '../../../shared/lifecycle/explain/outlook.ts';
import { STAGE_NAMES } from '../../../shared/lifecycle/explain/stage-words.ts';
import type { Entry, LivingStory, Story } from '../../../shared/lifecycle/explain/story.ts';
import { type Asked, attentionOf } from './attention-panel.ts';
import { frame, instant, moment, stageChip, type Surroundings } from './frame.ts';
import { html, type Html, type Part } from '../../../shared/html.ts';
import { mailPath } from './paths.ts';

/**
 * @param asked where a person is asked for
 * @param isInMailbox whether a mail is there to be opened
 */
export function customerPage(
  view: Story,
  asked: readonly Asked[],
  isInMailbox: (mailId: string) => boolean,
  around: Surroundings,
): string {
  const { customerId } = view;
  const body = view.kind === 'erased' ? erased(view.erasedAt) : living(view, asked, isInMailbox, around.now);
  return frame(
    customerId,
    '/customers',
    around,
    html`<p class="back"><a href="/customers">← Customers</a></p>
      <h1 class="id">${customerId}</h1>
      ${body}`,
  );
}

function erased(at: Instant): Html {
  return html`<div class="empty">
    <p>
      <strong>This person was erased</strong> on ${instant(at)}. Nothing but this fact is kept; only a new registration
      with consent begins anew.
    </p>
  </div>`;
}

function living(
  view: LivingStory,
  asked: readonly Asked[],
  isInMailbox: (mailId: string) => boolean,
  now: Instant,
): Html {
  return html`<div class="panels" id="standing" data-live>
      <section class="panel" aria-labelledby="stage-title">
        <h2 id="stage-title">Stage</h2>
        <p class="standing">${stageChip(view.stage, STAGE_NAMES[view.stage])} since ${moment(view.since, now)}</p>
        ${view.dissatisfied !== undefined && html`<p class="dissatisfied">${view.dissatisfied}</p>`}
        <ul class="reasons">
          ${view.reasons.map((reason) => html`<li>${capital(reason)}</li>`)}
          ${view.entered !== undefined && html`<li>${view.entered}</li>`}
        </ul>
        <dl class="facts">
          ${[...view.person, ...view.standing].map(
            ({ term, text }) =>
              html`<div>
                <dt>${term}</dt>
                <dd>${text}</dd>
              </div>`,
          )}
        </dl>
      </section>
      <section class="panel" aria-labelledby="next-title">
        <h2 id="next-title">What happens next</h2>
        ${next(view, now)}
      </section>
      ${attentionOf(asked, now)}
    </div>
    <section aria-labelledby="messages-title" id="messages" data-live>
      <h2 id="messages-title">Messages</h2>
      ${messages(view.messages, isInMailbox, now)}
    </section>
    <section aria-labelledby="timeline-title" id="timeline" data-live>
      <h2 id="timeline-title">Timeline <small>newest first</small></h2>
      ${
        view.entries.length === 0
          ? html`<p class="quiet">Nothing has been recorded yet.</p>`
          : html`<ol class="timeline">
              ${view.entries.map((entry) => entryItem(entry, isInMailbox, now))}
            </ol>`
      }
    </section>`;
}

function next({ upcoming, due }: LivingStory, now: Instant): Part {
  if (upcoming.length === 0) {
    return due === undefined
      ? html`<p class="quiet">Nothing is planned. The next event of this customer decides.</p>`
      : html`<p>No message is planned. The customer is looked at again ${moment(due, now)}.</p>`;
  }
  const item = ({ at, title, detail }: Upcoming): Html =>
    html`<li>
      <span class="title">${title}</span> ${moment(at, now)}
      <p>${detail}</p>
    </li>`;
  return html`<p class="quiet">If nothing else happens:</p>
    <ol class="upcoming">
      ${upcoming.map(item)}
    </ol>
    ${due !== undefined && html`<p class="quiet">Looked at again ${moment(due, now)}</p>`}`;
}

function messages(lines: readonly MessageLine[], isInMailbox: (mailId: string) => boolean, now: Instant): Part {
  if (lines.length === 0) return html`<p class="quiet">No message has been decided for this customer yet.</p>`;
  const item = (line: MessageLine): Html =>
    html`<li>
      <span class="chip state ${line.state.replaceAll(' ', '-')}">${capital(line.state)}</span>
      <span class="title">${mailLink(line, isInMailbox)}</span> ${moment(line.at, now)}
      <p>${line.sentence}${line.delivery !== undefined && ` ${line.delivery}`}</p>
      <details id="why-${line.key}">
        <summary>Why</summary>
        ${[...line.because, line.made].map((each) => html`<p>${each}</p>`)}
      </details>
    </li>`;
  return html`<ol class="messages">
    ${lines.map(item)}
  </ol>`;
}

function mailLink({ name, messageId }: MessageLine, isInMailbox: (mailId: string) => boolean): Part {
  return messageId !== undefined && isInMailbox(messageId) ? html`<a href="${mailPath(messageId)}">${name}</a>` : name;
}

function entryItem(entry: Entry, isInMailbox: (mailId: string) => boolean, now: Instant): Html {
  const { kind, at, title, detail } = entry;
  const time = moment(at, now);
  switch (kind) {
    case 'event': {
      const { id, data } = entry.event;
      return html`<li class="event">
        <span class="title">${title}</span> ${time} ${detail !== '' && html`<p>${detail}</p>`}
        <details id="event-${id}">
          <summary>Data</summary>
          <pre tabindex="0">${JSON.stringify({ id, data }, undefined, 2)}</pre>
        </details>
      </li>`;
    }
    case 'stage':
      return html`<li class="stage ${entry.stage}">
        <span class="title">${title}</span> ${time}
        <p>${detail}</p>
      </li>`;
    case 'message':
      return html`<li class="message ${entry.message.state.replaceAll(' ', '-')}">
        <span class="title">${mailLink(entry.message, isInMailbox)}</span> ${time}
        <p>${detail}</p>
      </li>`;
    default:
      return entry satisfies never;
  }
}
