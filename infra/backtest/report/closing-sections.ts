/** Customers to look at, what cannot be known from an export, and what would be written into the playbook. */
import { html, type Html } from '../../../shared/html.ts';
import { capital } from '../../../shared/lifecycle/explain/message-name.ts';
import { STAGE_NAMES } from '../../../shared/lifecycle/explain/stage-words.ts';
import { dateOf } from '../../../shared/lifecycle/explain/when.ts';
import { table } from './figure.ts';
import type { Report, ToldCustomer } from './report.ts';
import { timelineFigure } from './timeline-plot.ts';
import { lastDayOf } from './words.ts';

function story({ entries }: ToldCustomer): Html {
  return html`<ol class="story">
    ${entries.map(
      ({ at, kind, title, detail, isSent }) =>
        html`<li class="${kind}">
          <time datetime="${at}">${dateOf(Date.parse(at))}</time>
          <span>
            <strong>${kind === 'message' ? `${isSent === true ? 'Mail' : 'No mail'}: ${title}` : title}</strong>
            ${detail !== '' && html`<small>${detail}</small>`}
          </span>
        </li>`,
    )}
  </ol>`;
}

export function examplesSection(report: Report): Html {
  const { examples } = report;
  return html`<section aria-labelledby="examples">
    <h2 id="examples">Customers to look at</h2>
    <p class="intro">
      Chosen because they show something, not because they are typical. Nobody was mailed: these mails would have gone
      out. <span class="key order"></span> an order, <span class="key mail"></span> a mail,
      <span class="key unsent"></span> a mail that was not sent.
    </p>
    ${examples.map(
      (customer, index) =>
        html`<article>
          <h3>${customer.customerId} <small>${customer.shows}</small></h3>
          <p>
            <span class="chip stage-${customer.stage}">${STAGE_NAMES[customer.stage]}</span>
            ${customer.reasons.length > 0 && `${capital(customer.reasons.join('; '))}.`}
          </p>
          ${timelineFigure(customer, report, index + 1)}
          <details>
            <summary>The story in words</summary>
            ${story(customer)}
          </details>
        </article>`,
    )}
  </section>`;
}

export function limitsSection({ asked, simulation }: Report): Html {
  const limits = [
    'It scores who is told apart, and nothing else. Whether a mail brings somebody back, only the holdout can show.',
    'What people did is what they did without these mails. A mail that would have changed it changes nothing here.',
    'Everybody is taken to have given consent with the first order, and every address to work. So the real numbers of mails will be lower.',
    'Who shares a mailbox with whom, who recommended the shop to whom, what people looked at and put into carts: an export does not tell. Mails that follow from it are missing.',
    'Whoever appears in the file for the first time is taken to be a new customer then. If the file begins later than the shop, the first months show too many of them.',
    'A date without a time of day counts as noon. The busiest hour is then a matter of the calendar, not of the clock.',
    `One cut, one window of ${asked.horizonDays} days. The intervals say how far chance among these customers goes; not what another season, another assortment or another year would bring.`,
    'The last weeks of the file are not over yet: whoever is silent there may still order.',
  ];
  return html`<section aria-labelledby="limits">
    <h2 id="limits">Honest limits</h2>
    <ul>
      ${limits.map((limit) => html`<li>${limit}</li>`)}
    </ul>
    <p class="quiet">
      Played from ${dateOf(Date.parse(simulation.from))} to ${lastDayOf(simulation)}; seed ${asked.seed}. The same files
      and options give the same report.
    </p>
  </section>`;
}

export function proposalSection({ proposal }: Report): Html {
  return html`<section aria-labelledby="apply">
    <h2 id="apply">What <code>--apply</code> would write into the playbook</h2>
    ${
      proposal === undefined
        ? html`<p class="intro">Nothing: there is not enough data to choose by.</p>`
        : html`${
              proposal.changes.length === 0
                ? html`<p class="intro">Nothing: the playbook says so already.</p>`
                : html`<div class="scroll" tabindex="0" role="region" aria-label="Changes of the playbook">
                    ${table(
                      ['Field', 'Now', 'Then'],
                      proposal.changes.map(({ field, now = '(not there)', next = '(goes)' }) => [
                        html`<code>${field}</code>`,
                        String(now),
                        String(next),
                      ]),
                    )}
                  </div>`
            }
            <h3>How these numbers were chosen</h3>
            <ul>
              ${proposal.criteria.map((criterion) => html`<li>${criterion}</li>`)}
            </ul>
            <p>
              Run the same command with <code>--apply</code> added; it shows the change and asks. Then
              <code>npm run publish</code> makes it live, and says before how many people would change stage.
            </p>`
    }
  </section>`;
}
