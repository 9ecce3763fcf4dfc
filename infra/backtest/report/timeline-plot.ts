/** One customer's time as a strip: orders above, the stage as a band, mails below. */
import { scaleUtc } from 'd3-scale';
import { html, type Html } from '../../../shared/html.ts';
import { STAGE_NAMES } from '../../../shared/lifecycle/explain/stage-words.ts';
import { plural } from '../../../shared/lifecycle/explain/when.ts';
import type { Stage } from '../../../shared/lifecycle/stage.ts';
import { datesBelow } from './axes.ts';
import { figure, type Size } from './figure.ts';
import type { Report, ToldCustomer } from './report.ts';
import { lastDayOf } from './words.ts';

/** Middle lines of the three rows, and how tall they are. */
const ROWS = { orders: 16, band: { top: 30, height: 20 }, mails: 66 } as const;
const HEIGHT = 112;
const NAMES = 64;
/** A name of a stage is written into the band where it has this room, in pixels. */
const NAME_ROOM = 62;

interface Stretch {
  readonly stage: Stage;
  readonly from: number;
  readonly to: number;
}

function stretchesOf({ entries }: ToldCustomer, end: number): readonly Stretch[] {
  const entered = entries.flatMap(({ at, stage }) => (stage === undefined ? [] : [{ stage, from: Date.parse(at) }]));
  return entered.map((each, index) => ({ ...each, to: entered[index + 1]?.from ?? end }));
}

/** The name of a row, before it. */
function nameOf(name: string, y: number): Html {
  return html`<text class="name" x="0" y="${y + 4}">${name}</text>`;
}

function draw(customer: ToldCustomer, { from, to }: Report['simulation'], size: Size): Html {
  const { entries } = customer;
  const end = Date.parse(to);
  const frame = { left: NAMES, right: size.width - 8, top: 0, bottom: HEIGHT - 28 };
  const x = scaleUtc([Date.parse(from), end], [frame.left, frame.right]);
  const place = ({ at }: { readonly at: string }): string => x(Date.parse(at)).toFixed(1);
  const { band, orders, mails } = ROWS;
  return html`<g class="timeline">
    ${nameOf('Orders', orders)} ${nameOf('Stage', band.top + band.height / 2)} ${nameOf('Mails', mails)}
    ${stretchesOf(customer, end).map((stretch) => {
      const [left, right] = [x(stretch.from), x(stretch.to)];
      return html`<rect
          class="stage-${stretch.stage}"
          x="${left.toFixed(1)}"
          y="${band.top}"
          width="${Math.max(1, right - left - 1).toFixed(1)}"
          height="${band.height}"
        />
        ${right - left > NAME_ROOM && html`<text class="on-${stretch.stage}" x="${(left + 6).toFixed(1)}" y="${band.top + 15}">${STAGE_NAMES[stretch.stage]}</text>`}`;
    })}
    ${entries.filter(({ isOrder }) => isOrder).map((each) => html`<circle class="order" cx="${place(each)}" cy="${orders}" r="5" />`)}
    ${entries
      .filter(({ kind, isSent }) => kind === 'message' && isSent !== true)
      .map((each) => html`<circle class="unsent" cx="${place(each)}" cy="${mails}" r="3.5" />`)}
    ${entries
      .filter(({ isSent }) => isSent)
      .map(
        (each) =>
          html`<rect
            class="mail"
            x="${(x(Date.parse(each.at)) - 2).toFixed(1)}"
            y="${mails - 7}"
            width="4"
            height="14"
            rx="1"
          />`,
      )}
    ${datesBelow(x, frame)}
  </g>`;
}

export function timelineFigure(customer: ToldCustomer, { simulation }: Report, number: number): Html {
  const { entries, stage } = customer;
  const orders = entries.filter(({ isOrder }) => isOrder).length;
  const mails = entries.filter(({ isSent }) => isSent).length;
  return figure({
    id: `customer-${number}`,
    title: `The time of customer ${customer.customerId}`,
    description: `${plural(orders, 'order')}, ${plural(mails, 'mail')}; on ${lastDayOf(simulation)} the stage is ${STAGE_NAMES[stage]}. The story below tells all of it.`,
    height: { wide: HEIGHT, narrow: HEIGHT },
    draw: (size) => draw(customer, simulation, size),
  });
}
