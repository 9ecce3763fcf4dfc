/** Mails by programme, week by week, as bars on each other. */
import { scaleLinear, scaleUtc } from 'd3-scale';
import { html, type Html } from '../../../shared/html.ts';
import { capital } from '../../../shared/lifecycle/explain/message-name.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';
import { datesBelow, frameOf, linesAcross } from './axes.ts';
import { figure, type Size, table } from './figure.ts';
import type { Report } from './report.ts';
import { count } from './words.ts';

/** Programmes with a colour of their own; others share the last one. */
const COLOURS = 8;
/** Thinner bars than these pixels cannot be told apart: several weeks become one. */
const THINNEST = 3;

type Simulation = Report['simulation'];

function weeksInBar({ weeks }: Simulation, width: number): number {
  return Math.max(1, Math.ceil((weeks.length * THINNEST) / width));
}

/** The class that colours a programme. */
function colourOf(index: number): string {
  return `programme-${Math.min(index, COLOURS - 1)}`;
}

function draw(simulation: Simulation, size: Size): Html {
  const { weeks, mails, from } = simulation;
  const frame = frameOf(size);
  const span = weeksInBar(simulation, frame.right - frame.left);
  const bars = Math.ceil(weeks.length / span);
  const start = Date.parse(from);
  const x = scaleUtc([start, Date.parse(weeks.at(-1) ?? from)], [frame.left, frame.right]);
  const edges = Array.from({ length: bars + 1 }, (_none, bar) => {
    const week = weeks[Math.min(bar * span, weeks.length) - 1];
    return x(week === undefined ? start : Date.parse(week));
  });
  const programmes = Object.values(mails);
  const inBar = (each: readonly number[], bar: number): number =>
    each.slice(bar * span, (bar + 1) * span).reduce((sum, week) => sum + week, 0);
  const totals = Array.from({ length: bars }, (_none, bar) =>
    programmes.reduce((sum, each) => sum + inBar(each, bar), 0),
  );
  const y = scaleLinear([0, Math.max(1, ...totals)], [frame.bottom, frame.top]).nice();
  const reached = Array.from({ length: bars }, () => 0);
  const paths = programmes.map((each, index) => {
    const d = reached.map((low, bar) => {
      const high = low + inBar(each, bar);
      reached[bar] = high;
      if (high === low) return '';
      const [left, right] = [(edges[bar] ?? 0) + 0.5, (edges[bar + 1] ?? 0) - 0.5];
      return `M${left.toFixed(1)} ${y(low).toFixed(1)}V${y(high).toFixed(1)}H${right.toFixed(1)}V${y(low).toFixed(1)}Z`;
    });
    return html`<path class="${colourOf(index)}" d="${d.join('')}" />`;
  });
  const unit = span === 1 ? 'Mails per week' : `Mails per ${plural(span, 'week')}`;
  return html`${linesAcross(y, frame, unit)} ${paths} ${datesBelow(x, frame)}`;
}

export function mailsFigure({ simulation }: Report): Html {
  const { weeks, mails, sent } = simulation;
  const programmes = Object.entries(mails);
  const sums = programmes.map(([name, each]) => [name, each.reduce((sum, week) => sum + week, 0)] as const);
  return figure({
    id: 'mails',
    title: 'Mails by programme, week by week',
    description: `Stacked bars of the mails that would have gone out, ${count(sent)} in all: ${sums.map(([name, sum]) => `${capital(name)} ${count(sum)}`).join(', ')}.`,
    height: { wide: 320, narrow: 280 },
    draw: (size) => draw(simulation, size),
    legend: sums.map(([name, sum], index) => ({
      swatch: colourOf(index),
      text: `${capital(name)}: ${plural(sum, 'mail')}`,
    })),
    numbers: table(
      ['End of week', ...programmes.map(([name]) => capital(name))],
      weeks.map((week, index) => [
        week.slice(0, 'yyyy-mm-dd'.length),
        ...programmes.map(([, each]) => count(each[index] ?? 0)),
      ]),
    ),
  });
}
