/** What a reader has to know before any picture: the verdict and how sure it is, what it is not, and what was read. */
import { html, type Html } from '../../../shared/html.ts';
import { dateOf, plural } from '../../../shared/lifecycle/explain/when.ts';
import { ROWS_TOLD } from '../../history/file-readings.ts';
import type { FileRead, Report } from './report.ts';
import { count, percent, knownSum } from './words.ts';

const PAIRS = 100;

/** The area under the curve, as what it means: how many of a hundred pairs are put in the right order. */
function pairsSentence({ verdict: { rule }, scoring }: Report): string | undefined {
  const score = rule && scoring.all[rule];
  if (score === undefined) return undefined;
  const [right, low, high] = [score.auc, score.low, score.high].map((each) => Math.round(PAIRS * each));
  return `Take, of all customers, one who stayed silent and one who ordered again: of ${PAIRS} such pairs the rule names the right one in ${right} (95 % interval ${low} to ${high}). A coin would in ${PAIRS / 2}.`;
}

function verdictPanel(report: Report): Html {
  const { verdict, asked, evidence } = report;
  const [said = '', ...why] = verdict.sentences;
  const pairs = pairsSentence(report);
  return html`<section class="panel verdict" aria-labelledby="verdict">
    <h2 id="verdict">Which rule this shop should use</h2>
    <p class="said">${said}</p>
    ${pairs !== undefined && html`<p>${pairs}</p>`}
    <p class="quiet">
      The rules learned from orders up to ${dateOf(Date.parse(asked.cut))} and were judged by who ordered in the
      ${asked.horizonDays} days after it. The verdict is by all ${plural(evidence.people, 'customer')} of that day; the
      ${count(evidence.repeat)} of them with two order days or more can speak against a rule, and not for one.
    </p>
    <details ${verdict.missing.length > 0 && 'open'}>
      <summary>${verdict.missing.length > 0 ? 'What is missing' : 'Why, and how sure that is'}</summary>
      <ul>
        ${why.map((sentence) => html`<li>${sentence}</li>`)}
      </ul>
    </details>
  </section>`;
}

function holdoutPanel({ holdout, shop }: Report): Html {
  const { share, people, mails, pastRevenue, amountsUnknown } = holdout;
  return html`<section class="panel" aria-labelledby="uplift">
    <h2 id="uplift">What it does not say</h2>
    <p>
      A backtest scores <strong>targeting</strong>: who will not order again. It never shows <strong>uplift</strong>:
      whether a mail changes that. Only the holdout can: people who get no promotional mail, so that they can be
      compared with the others.
    </p>
    ${
      share === 0
        ? html`<p>Here it was switched off: what the mails bring in would stay unknown.</p>`
        : html`<p>
            It is on by default. At ${percent(share)} it holds
            <strong>${count(people)} of ${plural(shop.people, 'person', 'people')}</strong>. What it costs: they would
            not have got <strong>${plural(mails, 'promotional mail')}</strong>. In this file they have ordered for
            ${knownSum(pastRevenue, amountsUnknown)}.
          </p>`
    }
  </section>`;
}

function linesOf({ begins, line }: { readonly begins?: number; readonly line: number }): string {
  return begins === undefined ? `line ${line}` : `lines ${begins} to ${line}`;
}

function fileRows({ name, rows, refused, encoding, columns, timeZone, currency, notes }: FileRead): Html {
  const { total, first, byReason } = refused;
  const names = Object.entries(columns).map(([field, column]) => (field === column ? field : `${field} = “${column}”`));
  return html`<li>
    <strong>${name}</strong>: ${plural(rows, 'row')},
    ${total === 0 ? 'none refused' : html`<strong>${count(total)} refused</strong>`}.
    <details>
      <summary>How it was read</summary>
      <p>
        ${encoding}; columns ${names.join(', ')}; times without a zone in ${timeZone}; amounts without a currency in
        ${currency}.
      </p>
      ${notes.map((note) => html`<p>${note}</p>`)}
      ${
        total > 0 &&
        html`<ul>
            ${Object.entries(byReason).map(([reason, rowsOf]) => html`<li>${plural(rowsOf, 'row')}: ${reason}</li>`)}
          </ul>
          <p>${total > ROWS_TOLD ? `The first ${ROWS_TOLD}:` : 'They are:'}</p>
          <ul>
            ${first.map((row) => html`<li>${linesOf(row)}: ${row.reason}</li>`)}
          </ul>`
      }
    </details>
  </li>`;
}

function filePanel({ shop, files }: Report): Html {
  const { people, orders, amountsUnknown, from, to, withoutOrder } = shop;
  return html`<section class="panel" aria-labelledby="file">
    <h2 id="file">What was read</h2>
    <dl class="figures">
      <div>
        <dt>People</dt>
        <dd>${count(people)}</dd>
      </div>
      <div>
        <dt>Orders</dt>
        <dd>${count(orders)}</dd>
      </div>
      <div>
        <dt>From</dt>
        <dd>${dateOf(Date.parse(from))}</dd>
      </div>
      <div>
        <dt>To</dt>
        <dd>${dateOf(Date.parse(to))}</dd>
      </div>
    </dl>
    <ul class="plain">
      ${files.map(fileRows)}
    </ul>
    ${amountsUnknown > 0 && html`<p>Of ${plural(amountsUnknown, 'order')} the amount is unknown.</p>`}
    ${
      withoutOrder > 0 &&
      html`<p>
        ${plural(withoutOrder, 'person', 'people')} in the other files had no order and
        ${withoutOrder === 1 ? 'was' : 'were'} left out.
      </p>`
    }
  </section>`;
}

export function firstScreen(report: Report): Html {
  return html`${verdictPanel(report)}
    <div class="panels">${holdoutPanel(report)} ${filePanel(report)}</div>`;
}
