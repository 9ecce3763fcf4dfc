/** How well each rule tells who will not order again, and when it would have raised the alarm. */
import { html, type Html } from '../../../shared/html.ts';
import { dateOf, plural } from '../../../shared/lifecycle/explain/when.ts';
import { RESAMPLES } from '../scoring/bootstrap.ts';
import { type Rule, RULES } from '../scoring/rules.ts';
import { FALSE_ALARMS } from '../scoring/threshold.ts';
import { nameOf, type Population, POPULATIONS } from '../scoring/verdict.ts';
import { alarmsFigure } from './alarms-plot.ts';
import { calibrationFigure, type Calibrated } from './calibration-plot.ts';
import { type Dot, dotsHeight, drawDots } from './dots-plot.ts';
import { figure, table } from './figure.ts';
import type { Report } from './report.ts';
import { area, count, decimals, difference, percent, RULE_LABELS } from './words.ts';

const AMONG: Readonly<Record<Population, string>> = {
  all: 'All customers',
  repeat: 'Customers with two order days or more',
};

function peopleIn(population: Population, { evidence }: Report): number {
  return population === 'all' ? evidence.people : evidence.repeat;
}

function scoresFigure(population: Population, report: Report): Html {
  const scores = RULES.flatMap((rule) => {
    const score = report.scoring[population][rule];
    return score === undefined || Number.isNaN(score.auc) ? [] : [{ rule, ...score }];
  });
  const dots = scores.map(({ rule, auc, low, high }): Dot => ({
    name: RULE_LABELS[rule],
    value: auc,
    low,
    high,
    look: `rule-${rule}`,
  }));
  if (dots.length === 0) return html`<p>There is nothing to score.</p>`;
  return figure({
    id: `scores-${population}`,
    title: `${AMONG[population]}: area under the curve`,
    description: `A dot and its 95 % interval for each rule: ${dots.map(({ name, value, low, high }) => `${name} ${area(value)}, ${area(low)} to ${area(high)}`).join('; ')}.`,
    height: dotsHeight(dots.length),
    draw: (size) =>
      drawDots({ unit: 'Area under the curve (AUC), 95 % interval', dots, written: area, bounds: [0, 1] }, size),
  });
}

function gainsFigure(population: Population, { gains }: Report): Html {
  const dots = gains
    .filter((gain) => gain.population === population && gain.over === 'recency' && !Number.isNaN(gain.gain))
    .map(({ rule, gain, low, high }): Dot => ({
      name: RULE_LABELS[rule],
      value: gain,
      low,
      high,
      look: `rule-${rule}`,
    }));
  if (dots.length === 0) return html``;
  return figure({
    id: `gains-${population}`,
    title: `${AMONG[population]}: difference to days of silence`,
    description: `A dot and its 95 % interval for each rule; a line marks no difference. ${dots.map(({ name, value, low, high }) => `${name} ${difference(value)}, ${difference(low)} to ${difference(high)}`).join('; ')}.`,
    height: dotsHeight(dots.length),
    draw: (size) =>
      drawDots(
        {
          unit: 'Difference of AUC to days of silence, 95 % interval',
          dots,
          written: difference,
          landmark: 0,
          bounds: [-1, 1],
        },
        size,
      ),
  });
}

/** On the scale of the rule. */
function thresholdInWords(rule: Rule, value: number): string {
  switch (rule) {
    case 'recency':
      return plural(Math.round(value), 'day');
    case 'ownGap':
      return `${value.toFixed(1)} gaps`;
    case 'mbg':
    case 'logistic':
      return percent(value);
    default:
      return rule satisfies never;
  }
}

function decisionsTable({ decided }: Report): Html {
  const { baseRate, always, byChance, rules } = decided;
  const rows = RULES.flatMap((rule) => {
    const found = rules[rule];
    return found === undefined
      ? []
      : [[RULE_LABELS[rule], thresholdInWords(rule, found.threshold), decimals(found.macroF1, 3)]];
  });
  return html`<p>
      With a threshold a score becomes a decision: given up or not. Each threshold is the best one of the time before
      the cut; macro-F1, from 0 to 1, weighs those who stayed silent and those who came back alike. ${percent(baseRate)}
      stayed silent.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Decisions">
      ${table(
        ['Rule', 'Given up from', 'Macro-F1'],
        [...rows, ['Give up everybody', '', decimals(always, 3)], ['Toss a coin', '', decimals(byChance, 3)]],
      )}
    </div>`;
}

function brierTable(report: Report, calibrated: Calibrated): Html {
  return table(
    [
      'Rule',
      ...POPULATIONS.map((population) => `Brier score: ${AMONG[population].toLowerCase()}`),
      'Who gives all the average',
    ],
    calibrated.map(([rule, { brierOfAverage }]) => [
      RULE_LABELS[rule],
      ...POPULATIONS.map((population) => decimals(report.scoring[population][rule]?.brier ?? Number.NaN, 4)),
      decimals(brierOfAverage, 4),
    ]),
  );
}

export function scoringSection(report: Report): Html {
  const { evidence, asked, calibration } = report;
  const calibrated: Calibrated = RULES.flatMap((rule) => {
    const found = calibration[rule];
    return found === undefined || found.groups.length === 0 ? [] : [[rule, found] as const];
  });
  return html`<section aria-labelledby="scoring">
    <h2 id="scoring">Which rule tells best</h2>
    <p class="intro">
      Of ${plural(evidence.people, 'person', 'people')} who had ordered by ${dateOf(Date.parse(asked.cut))},
      ${count(evidence.silent)} did not order in the ${asked.horizonDays} days after it. The area under the curve is the
      share of pairs, one of each kind, that a rule puts in the right order: 1 is all, .5 is chance. The whiskers are 95
      % intervals, from ${RESAMPLES} resamples.
    </p>
    ${POPULATIONS.map(
      (population) =>
        html`<h3>${AMONG[population]} <small>${count(peopleIn(population, report))}</small></h3>
          ${scoresFigure(population, report)}`,
    )}
    <h3>Differences to days of silence</h3>
    <p>
      All rules were asked about the same people, so that a difference is known better than either score. Only a whisker
      that lies wholly to the right of the line is a gain.
    </p>
    ${POPULATIONS.map(
      (population) =>
        html`<h4>${AMONG[population]}</h4>
          ${gainsFigure(population, report)}`,
    )}
    <dl class="terms">
      ${RULES.map(
        (rule) =>
          html`<div>
            <dt>${RULE_LABELS[rule]}</dt>
            <dd>${nameOf(rule)}</dd>
          </div>`,
      )}
    </dl>
    <details>
      <summary>Do the probabilities come true? Brier score and calibration</summary>
      ${
        calibrated.length === 0
          ? html`<p>No rule here is a probability.</p>`
          : html`<p>The Brier score is the mean squared error of the predictions: 0 is right, and lower is better.</p>
              <div class="scroll" tabindex="0" role="region" aria-label="Brier scores">
                ${brierTable(report, calibrated)}
              </div>
              ${calibrationFigure(calibrated)}`
      }
    </details>
    <details>
      <summary>How good are the decisions? Macro-F1, base rate and “always lost”</summary>
      ${decisionsTable(report)}
    </details>
  </section>`;
}

export function alarmsSection({ alarms }: Report): Html {
  return html`<section aria-labelledby="alarms">
    <h2 id="alarms">When the alarm rings</h2>
    ${
      alarms === undefined || alarms.timings.length === 0
        ? html`<p class="intro">Too few people have ordered twice to tell.</p>`
        : html`<p class="intro">
              A rule may score well and ring late. Each alarm here is set so that, before the cut, at most
              ${percent(FALSE_ALARMS)} of the silences that an order ended would have set it off. Repeat buyers in
              thirds: fast ones have a gap of their own of up to ${plural(Math.round(alarms.thirds[0]), 'day')}, slow
              ones of more than ${plural(Math.round(alarms.thirds[1]), 'day')}.
            </p>
            ${alarmsFigure(alarms)}
            <p>
              After the cut, false alarms came to
              ${alarms.overall.map(({ rule, falseAlarms }) => `${percent(falseAlarms)} (${RULE_LABELS[rule]})`).join(', ')}.
            </p>`
    }
  </section>`;
}
