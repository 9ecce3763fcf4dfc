/** Values with their intervals: a dot, a whisker, and the number beside it, a row each. */
import { scaleLinear } from 'd3-scale';
import { html, type Html } from '../../../shared/html.ts';
import { numbersBelow } from './axes.ts';
import type { Size } from './figure.ts';

export interface Dot {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Style of the row, such as the rule it belongs to. */
  readonly look: string;
}

export interface DotsPlot {
  readonly unit: string;
  readonly dots: readonly Dot[];
  readonly written: (value: number) => string;
  /** A value that has a meaning of its own, drawn as a line. */
  readonly landmark?: number;
  /** Ends of the axis that are not to be passed. */
  readonly bounds: readonly [number, number];
}

const ROW = 34;
const NAMES = { wide: 190, narrow: 0 } as const;
/** On a phone the name stands above its row. */
const NAME_ABOVE = 18;
const VALUES = { wide: 190, narrow: 0 } as const;
const EDGE = { top: 26, bottom: 30 } as const;
/** Free space at both ends, as a share of what is shown. */
const MARGIN = 0.06;

function rowOf(isNarrow: boolean): number {
  return ROW + (isNarrow ? NAME_ABOVE : 0);
}

export function dotsHeight(rows: number): { readonly wide: number; readonly narrow: number } {
  const edges = EDGE.top + EDGE.bottom;
  return { wide: edges + rows * rowOf(false), narrow: edges + rows * rowOf(true) };
}

export function drawDots({ unit, dots, written, landmark, bounds }: DotsPlot, { width, height, isNarrow }: Size): Html {
  const shown = [
    ...dots.flatMap(({ low, high, value }) => [low, high, value]),
    ...(landmark === undefined ? [] : [landmark]),
  ];
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const spare = MARGIN * Math.max(most - least, 0.01);
  const frame = {
    left: isNarrow ? 14 : NAMES.wide,
    right: width - (isNarrow ? 14 : VALUES.wide),
    top: EDGE.top,
    bottom: height - EDGE.bottom,
  };
  const x = scaleLinear(
    [Math.max(bounds[0], least - spare), Math.min(bounds[1], most + spare)],
    [frame.left, frame.right],
  );
  const row = rowOf(isNarrow);
  return html`<text class="unit" x="0" y="14">${unit}</text> ${numbersBelow(x, frame, written)}
    ${
      landmark !== undefined &&
      html`<line class="landmark" x1="${x(landmark)}" x2="${x(landmark)}" y1="${frame.top}" y2="${frame.bottom}" />`
    }
    ${dots.map(({ name, value, low, high, look }, index) => {
      const y = frame.top + index * row + (isNarrow ? NAME_ABOVE : 0) + ROW / 2;
      const told = `${written(value)} (${written(low)} to ${written(high)})`;
      return html`<g class="dot ${look}">
        <line class="whisker" x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}" />
        <line class="end" x1="${x(low)}" x2="${x(low)}" y1="${y - 5}" y2="${y + 5}" />
        <line class="end" x1="${x(high)}" x2="${x(high)}" y1="${y - 5}" y2="${y + 5}" />
        <circle cx="${x(value)}" cy="${y}" r="6" />
        ${
          isNarrow
            ? html`<text class="name" x="0" y="${y - 14}">${name}</text>
                <text class="value" x="${width}" y="${y - 14}" text-anchor="end">${told}</text>`
            : html`<text class="name" x="0" y="${y + 4}">${name}</text>
                <text class="value" x="${width}" y="${y + 4}" text-anchor="end">${told}</text>`
        }
      </g>`;
    })}`;
}
