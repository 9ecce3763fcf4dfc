/** After how many days of silence each rule raises the alarm, for buyers of three paces. */
import { scaleLinear } from 'd3-scale';
import { plural } from '../../../shared/lifecycle/explain/when.ts';
import { html, type Html } from '../../../shared/html.ts';
import type { AlarmTiming, AlarmTimings, Pace } from '../scoring/alarms.ts';
import { numbersBelow } from './axes.ts';
import { figure, type Size, table } from './figure.ts';
import { count, percent, RULE_LABELS } from './words.ts';

const ROW = 40;
const EDGE = { top: 26, bottom: 30 } as const;
const NAMES = 84;
/** Beyond the last number there is room for "never". */
const NEVER_ROOM = 50;

const PACE_NAMES: Readonly<Record<Pace, string>> = { fast: 'Fast', middle: 'Middle', slow: 'Slow' };

function pacesIn(timings: readonly AlarmTiming[]): readonly Pace[] {
  return [...new Set(timings.map(({ pace }) => pace))];
}

function draw(timings: readonly AlarmTiming[], size: Size): Html {
  const paces = pacesIn(timings);
  const frame = { left: NAMES, right: size.width - NEVER_ROOM, top: EDGE.top, bottom: size.height - EDGE.bottom };
  const finite = timings.map(({ silence }) => silence).filter(Number.isFinite);
  const x = scaleLinear([0, Math.max(1, ...finite)], [frame.left, frame.right]).nice();
  const place = (silence: number): number => (Number.isFinite(silence) ? x(silence) : size.width - NEVER_ROOM / 2);
  return html`<text class="unit" x="0" y="14">Days of silence at the alarm (median)</text>
    ${numbersBelow(x, frame, count)}
    ${paces.map((pace, row) => {
      const y = EDGE.top + row * ROW + ROW / 2;
      return html`<text class="name" x="0" y="${y + 4}">${PACE_NAMES[pace]}</text>
        <line class="row" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}" />
        ${timings
          .filter((timing) => timing.pace === pace)
          .map(
            ({ rule, silence }, index) =>
              html`<circle class="alarm rule-${rule}" cx="${place(silence)}" cy="${y + (index - 1) * 8}" r="6" />`,
          )}`;
    })}`;
}

function days(silence: number): string {
  return Number.isFinite(silence) ? plural(Math.round(silence), 'day') : 'never, for most';
}

export function alarmsFigure({ timings, thirds }: AlarmTimings): Html {
  const rules = [...new Set(timings.map(({ rule }) => rule))];
  const [first = '', second = ''] = thirds.map((gap) => count(Math.round(gap)));
  return figure({
    id: 'alarms',
    title: 'When the alarm rings',
    description: `Days of silence after which each rule raises the alarm, for fast buyers (own gap up to ${first} days), middle ones, and slow ones (over ${second} days).`,
    height: { wide: EDGE.top + EDGE.bottom + 3 * ROW, narrow: EDGE.top + EDGE.bottom + 3 * ROW },
    draw: (size) => draw(timings, size),
    legend: rules.map((rule) => ({ swatch: `rule-${rule}`, text: RULE_LABELS[rule] })),
    numbers: table(
      ['Buyers', 'Rule', 'People', 'Alarm after', 'False alarms', 'of returns'],
      timings.map(({ pace, rule, people, silence, falseAlarms, returns }) => [
        PACE_NAMES[pace],
        RULE_LABELS[rule],
        count(people),
        days(silence),
        Number.isNaN(falseAlarms) ? 'unknown' : percent(falseAlarms),
        count(returns),
      ]),
    ),
  });
}
