/** What the play came to: people by stage, mails, what was withheld, and what offers may cost. */
import { html, type Html } from '../../../shared/html.ts';
import { capital } from '../../../shared/lifecycle/explain/message-name.ts';
import { reasonInWords } from '../../../shared/lifecycle/explain/reason-words.ts';
import { absolute, plural } from '../../../shared/lifecycle/explain/when.ts';
import { table } from './figure.ts';
import { mailsFigure } from './mails-plot.ts';
import type { Report } from './report.ts';
import { stagesFigure } from './stages-plot.ts';
import { count, lastDayOf, money, percent } from './words.ts';

/** How the rules of a playbook measure silence. */
const CADENCES: Readonly<Record<Report['asked']['cadence'], string>> = {
  fixed: 'by a fixed number of days',
  ownGap: 'against each customer’s own gap between orders',
  mbg: 'by the probability of no further order (MBG/NBD)',
};

export function stagesSection(report: Report): Html {
  const { shop, simulation, asked } = report;
  const { lapsed } = simulation.stagesAtEnd;
  return html`<section aria-labelledby="stages">
    <h2 id="stages">People by stage</h2>
    <p class="intro">
      The orders were played through the same code that runs when it is deployed, in virtual time, with the playbook as
      it is: it measures silence ${CADENCES[asked.cadence]}. At the end, on ${lastDayOf(simulation)}, ${count(lapsed)}
      of ${plural(shop.people, 'person', 'people')} (${percent(lapsed / shop.people)}) had lapsed.
    </p>
    ${
      simulation.played < shop.people &&
      html`<p>
        ${plural(simulation.played, 'person', 'people')} ${simulation.played === 1 ? 'was' : 'were'} played, chosen by
        their ids alone; what was counted of them is scaled to all. The scores further down are of everybody.
      </p>`
    }
    ${stagesFigure(report)}
  </section>`;
}

function peak(name: string, at: string, mails: number, share: number, limit: string): Html {
  const filled = Math.min(1, share);
  return html`<li>
    <strong>${name}: ${plural(mails, 'mail')}</strong>, from ${absolute(Date.parse(at))}
    <span class="meter" aria-hidden="true"
      ><span class="${share > 1 ? 'over' : 'fill'}" style="width: ${(100 * filled).toFixed(1)}%"></span
    ></span>
    ${share > 1 ? html`<strong>${share.toFixed(1)} times</strong> ${limit}: mails would wait for their turn.` : `${percent(share)} of ${limit}.`}
  </li>`;
}

export function mailsSection(report: Report): Html {
  const { sent, busiestHour, busiestDay, quota, quotaUse } = report.simulation;
  return html`<section aria-labelledby="mails">
    <h2 id="mails">Mails</h2>
    <p class="intro">
      ${plural(sent, 'mail')} would have gone out, after consent, caps, quiet hours and the holdout. Nobody was mailed:
      what customers would have done with these mails is not in the file.
    </p>
    ${mailsFigure(report)}
    <h3>At the busiest times, against SES</h3>
    <ul class="plain peaks">
      ${peak('Busiest hour', busiestHour.from, busiestHour.mails, quotaUse.ofPerSecond, `the rate of ${count(quota.perSecond)} a second`)}
      ${peak('Busiest 24 hours', busiestDay.from, busiestDay.mails, quotaUse.ofPerDay, `the quota of ${count(quota.perDay)} in 24 hours`)}
    </ul>
  </section>`;
}

function reasons(counts: Readonly<Record<string, number>>): Html {
  const rows = Object.entries(counts).toSorted(([, left], [, right]) => right - left);
  const most = rows[0]?.[1] ?? 1;
  return html`<ul class="reasons">
    ${rows.map(
      ([reason, messages]) =>
        html`<li>
          <span class="many">${count(messages)}</span>
          <span class="meter" aria-hidden="true"
            ><span class="fill" style="width: ${((100 * messages) / most).toFixed(1)}%"></span
          ></span>
          <span class="why">${capital(reasonInWords(reason))}</span>
        </li>`,
    )}
  </ul>`;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}

export function withheldSection({ simulation }: Report): Html {
  const { withheld, cancelled, failed } = simulation;
  return html`<section aria-labelledby="withheld">
    <h2 id="withheld">What was not sent, and why</h2>
    <p class="intro">
      ${plural(sumOf(withheld), 'message')} ${sumOf(withheld) === 1 ? 'was' : 'were'} withheld, by rule. Each has its
      reason.
    </p>
    ${reasons(withheld)}
    ${
      sumOf(cancelled) > 0 &&
      html`<h3>Cancelled, because it was over before they went</h3>
        ${reasons(cancelled)}`
    }
    ${
      sumOf(failed) > 0 &&
      html`<h3>Failed</h3>
        ${reasons(failed)}`
    }
  </section>`;
}

export function offersSection({ offers }: Report): Html {
  return html`<section aria-labelledby="offers">
    <h2 id="offers">What offers cost at worst</h2>
    ${
      offers.length === 0
        ? html`<p class="intro">No offer would have been made.</p>`
        : html`<p class="intro">
              At worst means: every code is used, at its full value, on an order of the size this customer usually
              places. Most codes are never used.
            </p>
            <div class="scroll" tabindex="0" role="region" aria-label="Offers">
              ${table(
                ['Offer', 'Codes', 'Cost at worst', 'Size of order unknown'],
                offers.map(({ offer, issued, worstCase, unknown }) => [
                  capital(offer.replaceAll('-', ' ')),
                  count(issued),
                  money(worstCase),
                  count(unknown),
                ]),
              )}
            </div>`
    }
  </section>`;
}
