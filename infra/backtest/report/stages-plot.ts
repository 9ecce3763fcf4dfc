/** People by stage over time, as areas on each other: whom the shop can count on below, whom it has lost on top. */
import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, stack } from 'd3-shape';
import { html, type Html } from '../../../shared/html.ts';
import { STAGE_MEANINGS, STAGE_NAMES } from '../../../shared/lifecycle/explain/stage-words.ts';
import { type Stage, STAGES } from '../../../shared/lifecycle/stage.ts';
import { datesBelow, frameOf, linesAcross } from './axes.ts';
import { figure, type Size, table } from './figure.ts';
import type { Report } from './report.ts';
import { count, lastDayOf } from './words.ts';

/** From below. */
const LAYERS: readonly Stage[] = ['loyal', 'active', 'new', 'lead', 'at_risk', 'lapsed'];
/** Room for names at the right end, and how far apart they have to stand. */
const NAMES = { width: 116, apart: 17 } as const;

/** Moves places apart that lie too close, upwards from the lowest. */
function apart(places: readonly number[]): readonly number[] {
  let last = Infinity;
  return places.map((place) => {
    last = Math.min(place, last - NAMES.apart);
    return last;
  });
}

function draw({ weeks, stages, from, stagesAtEnd }: Report['simulation'], size: Size): Html {
  const frame = frameOf(size, { right: NAMES.width });
  const ends = weeks.map((week) => Date.parse(week));
  const people = ends.map((_end, week) => LAYERS.reduce((sum, stage) => sum + (stages[stage][week] ?? 0), 0));
  const x = scaleUtc([Date.parse(from), ends.at(-1) ?? Date.parse(from)], [frame.left, frame.right]);
  const y = scaleLinear([0, Math.max(1, ...people)], [frame.bottom, frame.top]).nice();
  const layers = stack<number, Stage>()
    .keys(LAYERS)
    .value((week, stage) => stages[stage][week] ?? 0)([...ends.keys()]);
  const shape = area<(typeof layers)[number][number]>()
    .x(({ data: week }) => x(ends[week] ?? 0))
    .y0(([low]) => y(low))
    .y1(([, high]) => y(high));
  const middles = apart(layers.map((layer) => y(((layer.at(-1)?.[0] ?? 0) + (layer.at(-1)?.[1] ?? 0)) / 2)));
  return html`${linesAcross(y, frame, 'People')}
  ${layers.map((layer) => html`<path class="layer stage-${layer.key}" d="${shape(layer) ?? ''}" />`)}
  ${datesBelow(x, frame)}
  ${
    !size.isNarrow &&
    layers.map(
      ({ key }, index) =>
        stagesAtEnd[key] > 0 &&
        html`<text class="name" x="${frame.right + 8}" y="${(middles[index] ?? 0) + 4}">
          ${STAGE_NAMES[key]} ${count(stagesAtEnd[key])}
        </text>`,
    )
  }`;
}

export function stagesFigure({ simulation }: Report): Html {
  const { weeks, stages, stagesAtEnd } = simulation;
  const atEnd = STAGES.map((stage) => `${STAGE_NAMES[stage]} ${count(stagesAtEnd[stage])}`).join(', ');
  return figure({
    id: 'stages',
    title: 'People by stage, week by week',
    description: `Stacked areas of the number of people in each stage. On ${lastDayOf(simulation)}: ${atEnd}.`,
    height: { wide: 360, narrow: 300 },
    draw: (size) => draw(simulation, size),
    legend: LAYERS.toReversed()
      .filter((stage) => stages[stage].some((people) => people > 0))
      .map((stage) => ({
        swatch: `stage-${stage}`,
        text: `${STAGE_NAMES[stage]}: ${STAGE_MEANINGS[stage]}`,
      })),
    numbers: table(
      ['End of week', ...STAGES.map((stage) => STAGE_NAMES[stage])],
      weeks.map((week, index) => [
        week.slice(0, 'yyyy-mm-dd'.length),
        ...STAGES.map((stage) => count(stages[stage][index] ?? 0)),
      ]),
    ),
  });
}
