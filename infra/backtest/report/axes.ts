/** Axes of the pictures: few lines, every number with its unit, no label on another. */
import type { ScaleLinear, ScaleTime } from 'd3-scale';
import { html, type Html } from '../../../shared/html.ts';
import { DAY } from '../../../shared/lifecycle/time.ts';
import type { Size } from './figure.ts';
import { count } from './words.ts';

export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Free space at the right end. */
const EDGE = 8;

/** The part of a picture that shows data. */
export function frameOf({ width, height, isNarrow }: Size, room: { readonly right?: number } = {}): Frame {
  const { right = EDGE } = room;
  return { left: isNarrow ? 40 : 56, right: width - (isNarrow ? EDGE : right), top: 30, bottom: height - 28 };
}

/** Pixels from one label to the next one, at the least. */
const APART = { down: 44, numbers: 70, dates: 72 } as const;

/** How many labels have room, at least two. */
function ticksIn(length: number, apart: number): number {
  return Math.max(2, Math.floor(length / apart));
}

/** Lines across with their numbers on the left, and what they count above them. */
export function linesAcross(
  scale: ScaleLinear<number, number>,
  { left, right, top, bottom }: Frame,
  unit: string,
): Html {
  const ticks = scale.ticks(ticksIn(bottom - top, APART.down)).filter((tick) => Number.isInteger(tick));
  return html`<g class="axis">
    <text class="unit" x="0" y="14">${unit}</text>
    ${ticks.map((tick) => {
      const y = Math.round(scale(tick)) + 0.5;
      return html`<line x1="${left}" x2="${right}" y1="${y}" y2="${y}" />
        <text x="${left - 6}" y="${y + 4}" text-anchor="end">${count(tick)}</text>`;
    })}
  </g>`;
}

const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
/** Half of the width of a date, so that none is cut at the edge. */
const HALF_DATE = 34;

/** Dates below the data. */
export function datesBelow(scale: ScaleTime<number, number>, { left, right, bottom }: Frame): Html {
  const ticks = scale.ticks(ticksIn(right - left, APART.dates));
  const format = ticks.every((tick) => tick.getUTCDate() === 1 && tick.getTime() % DAY === 0) ? MONTH : DATE;
  let last = -Infinity;
  const shown = ticks.filter((tick) => {
    const x = scale(tick);
    if (x - last < APART.dates || x > right + EDGE - HALF_DATE) return false;
    last = x;
    return true;
  });
  return html`<g class="axis">
    <line class="base" x1="${left}" x2="${right}" y1="${bottom + 0.5}" y2="${bottom + 0.5}" />
    ${shown.map((tick) => {
      const x = Math.round(scale(tick)) + 0.5;
      return html`<line class="base" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}" />
        <text x="${x}" y="${bottom + 20}" text-anchor="middle">${format.format(tick)}</text>`;
    })}
  </g>`;
}

/** Numbers below the data, with lines up through it. */
export function numbersBelow(
  scale: ScaleLinear<number, number>,
  { left, right, top, bottom }: Frame,
  written: (value: number) => string,
): Html {
  return html`<g class="axis">
    ${scale.ticks(ticksIn(right - left, APART.numbers)).map((tick) => {
      const x = Math.round(scale(tick)) + 0.5;
      return html`<line x1="${x}" x2="${x}" y1="${top}" y2="${bottom}" />
        <text x="${x}" y="${bottom + 18}" text-anchor="middle">${written(tick)}</text>`;
    })}
  </g>`;
}
