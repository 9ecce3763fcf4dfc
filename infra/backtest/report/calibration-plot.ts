/** Whether probabilities come true: what was predicted for each tenth of the people against what was seen. */
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { html, type Html } from '../../../shared/html.ts';
import type { Calibration, CalibrationGroup } from '../scoring/probabilities.ts';
import type { Rule } from '../scoring/rules.ts';
import { linesAcross, numbersBelow } from './axes.ts';
import { figure, type Size, table } from './figure.ts';
import { percent, RULE_LABELS } from './words.ts';

export type Calibrated = readonly (readonly [Rule, Calibration])[];

const HUNDRED = 100;
/** As wide as high, so that the diagonal is one. */
const SIDE = 300;

function draw(calibrated: Calibrated, { height }: Size): Html {
  const frame = { left: 44, right: 44 + SIDE - 14, top: 30, bottom: height - 44 };
  const x = scaleLinear([0, HUNDRED], [frame.left, frame.right]);
  const y = scaleLinear([0, HUNDRED], [frame.bottom, frame.top]);
  const path = line<CalibrationGroup>()
    .x(({ predicted }) => x(HUNDRED * predicted))
    .y(({ seen }) => y(HUNDRED * seen));
  return html`${linesAcross(y, frame, 'Stayed silent, % of each tenth')} ${numbersBelow(x, frame, String)}
    <text class="unit" x="${frame.right}" y="${height - 6}" text-anchor="end">Predicted to stay silent, %</text>
    <line class="landmark" x1="${x(0)}" x2="${x(HUNDRED)}" y1="${y(0)}" y2="${y(HUNDRED)}" />
    ${calibrated.map(
      ([rule, { groups }]) =>
        html`<g class="calibrated rule-${rule}">
          <path d="${path(groups) ?? ''}" />
          ${groups.map(
            ({ predicted, seen }) => html`<circle cx="${x(HUNDRED * predicted)}" cy="${y(HUNDRED * seen)}" r="4" />`,
          )}
        </g>`,
    )}`;
}

export function calibrationFigure(calibrated: Calibrated): Html {
  return figure({
    id: 'calibration',
    title: 'Predicted against seen',
    description:
      'For each tenth of the people, from the least to the most likely to stay silent, the share that was predicted to and the share that did. On the dashed diagonal the two are equal.',
    height: { wide: 340, narrow: 340 },
    draw: (size) => draw(calibrated, size),
    legend: calibrated.map(([rule]) => ({ swatch: `rule-${rule}`, text: RULE_LABELS[rule] })),
    numbers: table(
      ['Tenth', 'People', ...calibrated.flatMap(([rule]) => [`${RULE_LABELS[rule]}: predicted`, 'seen'])],
      (calibrated[0]?.[1].groups ?? []).map(({ people }, tenth) => [
        String(tenth + 1),
        String(people),
        ...calibrated.flatMap(([, { groups }]) => {
          const group = groups[tenth];
          return group === undefined ? ['', ''] : [percent(group.predicted), percent(group.seen)];
        }),
      ]),
    ),
  });
}
