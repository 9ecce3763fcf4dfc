/** What the last census found out about the shop as a whole. */
import { type Figures, totalOf } from '../../../shared/lifecycle/census/figures.ts';
import { roundSum } from '../../../shared/lifecycle/explain/money-words.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';
import type { Instant } from '../../../shared/lifecycle/time.ts';
import { html, type Html } from '../../../shared/html.ts';
import { findings } from './census-findings.ts';
import { moment } from './frame.ts';

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** What the top quarter spends, beside what the playbook takes for it: a fixed sum, which somebody has to keep current. */
function quarterOf({ currency, quarterSpend, loyalFrom }: Figures['revenue'][number]): string {
  const spent =
    quarterSpend === undefined ? '' : `; a quarter of them spent ${roundSum(quarterSpend, currency)} or more`;
  const counts =
    loyalFrom === undefined
      ? `nobody becomes loyal by orders in ${currency}: stages.loyal.spend has no sum for it`
      : `loyal are those who spent ${roundSum(loyalFrom, currency)} or more in all`;
  return `${spent}; ${counts}`;
}

function ofCurrency(revenue: Figures['revenue'][number]): Html {
  const { currency, customers, discounted, topSpend } = revenue;
  const bought = `${plural(customers, 'buyer')} in a year, ${percent(discounted)} of the revenue discounted`;
  const top = topSpend === undefined ? '' : `; the biggest spend from ${roundSum(topSpend, currency)} a year`;
  return html`<div>
    <dt>${currency}</dt>
    <dd>${bought}${top}${quarterOf(revenue)}</dd>
  </div>`;
}

/** @param figures undefined before the first night */
export function censusPanel(figures: Figures | undefined, now: Instant): Html {
  return html`<section class="panel wide" id="census" data-live aria-labelledby="census-title">
    <h2 id="census-title">
      Last census ${figures && html`<small>${plural(totalOf(figures.people), 'person', 'people')}</small>`}
    </h2>
    ${figures === undefined ? html`<p class="quiet">It is taken at night, 02:10 UTC; there was none yet.</p>` : found(figures, now)}
  </section>`;
}

function found(figures: Figures, now: Instant): Html {
  const { at, keyAccounts, longOpen, revenue, tooManyDiscounts } = figures;
  return html`${
      tooManyDiscounts &&
      html`<p class="dissatisfied">
        <strong>${percent(revenue[0]?.discounted ?? 0)} of the revenue is discounted.</strong> The more the shop depends
        on people who buy for the price, the more they demand.
      </p>`
    }
    <p class="quiet">
      ${plural(keyAccounts, 'key account')} · ${plural(longOpen, 'complaint')} open for more than 14 days ·
      ${moment(at, now)}
    </p>
    <dl class="facts">${revenue.map(ofCurrency)}</dl>
    ${findings(figures)}`;
}
