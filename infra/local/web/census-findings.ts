/** What a census found by looking at everybody: traits, held out against mailed, a proposal, offers by language. */
import type { Figures } from '../../../shared/lifecycle/census/figures.ts';
import type { Compared, Comparison } from '../../../shared/lifecycle/census/holdout.ts';
import { movesTold } from '../../../shared/lifecycle/census/moves.ts';
import type { OfferAudit } from '../../../shared/lifecycle/census/offer-audit.ts';
import { changesOfRule, type Proposal } from '../../../shared/lifecycle/census/proposal.ts';
import { stageName } from '../../../shared/lifecycle/explain/stage-words.ts';
import { traitName } from '../../../shared/lifecycle/explain/trait-words.ts';
import { dateOf, plural } from '../../../shared/lifecycle/explain/when.ts';
import { digitsOf } from '../../../shared/lifecycle/facts/money.ts';
import { inDays } from '../../../shared/lifecycle/time.ts';
import { html, type Html } from '../../../shared/html.ts';
import { command } from './frame.ts';

const people = (count: number) => plural(count, 'person', 'people');

/** @param heads of the columns, the first of which names the row */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name = '', ...cells]) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function findings({ traits, offers, comparison, proposal }: Figures): Html {
  return html`<link rel="stylesheet" href="/census.css" />
    <div class="census">
      ${comparison && comparisonPart(comparison)} ${proposal && proposalPart(proposal)} ${traits && traitsPart(traits)}
      ${offers && offersPart(offers)}
    </div>`;
}

function traitsPart(traits: NonNullable<Figures['traits']>): Html {
  const rows = traits.map(({ trait, people: count }) => [traitName(trait), count.toLocaleString('en')]);
  return html`<section>
    <h3>Traits</h3>
    ${rows.length === 0 ? html`<p class="quiet">Nobody has one.</p>` : table(['Trait', 'People'], rows)}
  </section>`;
}

function comparisonPart(comparison: Comparison): Html {
  return html`<section>
    <h3>Held out against mailed</h3>
    ${compared(comparison)}
  </section>`;
}

function compared(comparison: Comparison): Html {
  switch (comparison.kind) {
    case 'nobody held out':
      return html`<p class="quiet">
        Nobody is held out, so nothing tells what the mail is worth. See <code>holdout</code> in the configuration.
      </p>`;
    case 'nothing is sent':
      return html`<p class="quiet">Nobody is mailed by this deployment, so there is nothing to compare.</p>`;
    case 'too early':
      return html`<p class="quiet">
        Not enough data yet: people have been held out, and the others mailed, as they are now since
        ${dateOf(comparison.since)} at the earliest. The first 90 days are full on ${dateOf(comparison.full)}.
      </p>`;
    case 'too few':
      return html`<p class="quiet">
        Not enough data yet: ${people(comparison.held.of)} held out and ${comparison.treated.of.toLocaleString('en')}
        mailed had ordered before, with an address and consent. It takes ${comparison.least} in each group.
      </p>`;
    case 'compared':
      return comparedPart(comparison);
    default:
      return comparison satisfies never;
  }
}

const PERCENT = 100;

/** Among fewer people a rate is chance. */
const FEW_PEOPLE = 100;

/** "12.3 %" */
function percent(share: number): string {
  return `${(PERCENT * share).toFixed(1)} %`;
}

/** "+1.2": a difference says which way it goes, with a true minus sign. */
function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value > 0 ? '+' : '−'}${text}`;
}

/** Percentage points. */
function points(value: number): string {
  return signed(PERCENT * value, 1);
}

function comparedPart(comparison: Extract<Comparison, { kind: 'compared' }>): Html {
  const { from, to, held, treated, rate, revenue, leastBuyers, cutShort } = comparison;
  const rateRow = ['Bought again', percent(rate.treated), percent(rate.held)];
  const digits = revenue && digitsOf(revenue.currency);
  const major = (minor: number) => minor / 10 ** (digits ?? 0);
  const money = (minor: number) => signed(major(minor), digits ?? 0);
  const revenueRow = revenue && [
    `${revenue.currency} per head`,
    major(revenue.treated).toFixed(digits),
    major(revenue.held).toFixed(digits),
  ];
  return html`<p class="quiet">
      ${dateOf(from)} to ${dateOf(to)}: ${plural(treated.of, 'person', 'people')} mailed,
      ${held.of.toLocaleString('en')} held out; all had ordered before, with an address and consent.
    </p>
    ${table(['', 'Mailed', 'Held out'], revenueRow ? [rateRow, revenueRow] : [rateRow])}
    <p>
      <span class="finding">${shown(rate, 'bought again')}</span>
      Difference ${points(rate.difference.difference)} points, 95 % interval ${points(rate.difference.low)} to
      ${points(rate.difference.high)}.
    </p>
    <p>
      ${
        revenue === undefined
          ? html`Not enough data yet on revenue: it takes ${plural(leastBuyers, 'buyer')} in each group.`
          : html`<span class="finding">${shownRevenue(revenue)}</span> Difference
              ${money(revenue.difference.difference)} ${revenue.currency} per head, 95 % interval
              ${money(revenue.difference.low)} to ${money(revenue.difference.high)}.`
      }
    </p>
    ${
      revenue &&
      cutShort > 0 &&
      html`<p class="quiet">
        Revenue is that of each person's newest six orders; ${people(cutShort)} may have had more in that time.
      </p>`
    }`;
}

function shown({ shows }: Compared, what: string): string {
  switch (shows) {
    case 'more':
      return `Uplift: more of those who are mailed ${what}.`;
    case 'less':
      return `Fewer of those who are mailed ${what}.`;
    case 'nothing':
      return 'No difference has been shown: chance alone could have made this one.';
    default:
      return shows satisfies never;
  }
}

function shownRevenue({ shows }: Compared): string {
  switch (shows) {
    case 'more':
      return 'Uplift: those who are mailed spent more.';
    case 'less':
      return 'Those who are mailed spent less.';
    case 'nothing':
      return 'No difference in revenue has been shown.';
    default:
      return shows satisfies never;
  }
}

function proposalPart(proposal: Proposal): Html {
  return html`<section>
    <h3>Rule of silence, fitted anew</h3>
    ${proposed(proposal)}
  </section>`;
}

function proposed(proposal: Proposal): Html {
  const on = html`on ${dateOf(proposal.at)}, from ${plural(proposal.customers, 'customer')} with orders`;
  switch (proposal.verdict) {
    case 'nothing to fit':
      return html`<p class="quiet">
        The rule in force is a fixed number of days, which follows from nothing the shop's customers do.
        <code>npm run backtest</code> on an export of the orders compares it with others.
      </p>`;
    case 'not enough data':
      return html`<p class="quiet">Not enough data yet to fit it (${on}); the rule stays as it is.</p>`;
    case 'dropout not identified':
      return html`<p class="quiet">
        Nobody can be seen to leave this shop for good: dropout not identified (${on}). Such a fit is not to be used;
        the rule stays as it is.
      </p>`;
    case 'at its bounds':
      return html`<p class="quiet">
        The model does not describe this shop: the fit ended at its bounds (${on}). Such a fit is not to be used; the
        rule stays as it is.
      </p>`;
    case 'proposed':
      return changesPart(proposal, on);
    default:
      return proposal satisfies never;
  }
}

function changesPart(proposal: Extract<Proposal, { verdict: 'proposed' }>, on: Html): Html {
  const { live, proposed: next, moves } = proposal;
  const changes = changesOfRule(live, next);
  if (changes.length === 0) {
    return html`<p class="quiet">Fitted ${on}, it comes out as it is: nothing to change.</p>`;
  }
  const moved = movesTold(moves);
  const all = moved.reduce((sum, { people: count }) => sum + count, 0);
  return html`<p class="quiet">Only a proposal: nothing changes by itself. Fitted ${on}.</p>
    ${table(['stages.cadence', 'Now', 'Proposed'], changes)}
    <p>
      ${all === 0 ? 'Nobody would change stage.' : html`<span class="finding">${people(all)} would change stage:</span>`}
    </p>
    ${
      moved.length > 0 &&
      table(
        ['From → to', 'People'],
        moved.map(({ from, to, people: count }) => [
          `${stageName(from)} → ${stageName(to)}`,
          count.toLocaleString('en'),
        ]),
      )
    }
    <p>
      To apply it: the first command writes it into the playbook, the second shows once more whom it moves, and asks.
    </p>
    ${command('npm run refit -- --apply\nnpm run publish')}`;
}

function offersPart({ audited, languages }: OfferAudit): Html {
  const rows = languages.map(({ language, people: count, offers }) => [
    language === 'unknown' ? 'not known' : language,
    count.toLocaleString('en'),
    offers.toLocaleString('en'),
    count < FEW_PEOPLE ? 'few people' : ((PERCENT * offers) / count).toFixed(1),
  ]);
  return html`<section>
    <h3>Offers by language</h3>
    ${
      rows.length === 0
        ? html`<p class="quiet">Nobody can get one: it takes an address and consent.</p>`
        : html`${table(['Language', 'People', 'Offers', 'Per 100'], rows)}
            <p class="quiet">
              Offers of the last ${inDays(audited)}, as long as every offer is remembered, to people with an address and
              consent. Rules see no language; a large difference has another cause, which somebody should know.
            </p>`
    }
  </section>`;
}
