/** The stages as a picture: how customers move between them, with the numbers of the playbook on the way. */
import { html, type Html } from '../../../../shared/html.ts';
import { lasting, plural } from '../../../../shared/lifecycle/explain/when.ts';
import type { Playbook } from '../../../../shared/lifecycle/playbook.ts';
import type { Stage } from '../../../../shared/lifecycle/stage.ts';

interface Node {
  readonly stage: Stage;
  readonly name: string;
  /** Centre, in the units of the picture. */
  readonly x: number;
  readonly y: number;
}

const SIZE = { width: 980, height: 330, node: { width: 130, height: 58 } } as const;

const NODES: readonly Node[] = [
  { stage: 'lead', name: 'Lead', x: 80, y: 165 },
  { stage: 'new', name: 'New', x: 310, y: 165 },
  { stage: 'active', name: 'Active', x: 560, y: 165 },
  { stage: 'loyal', name: 'Loyal', x: 880, y: 60 },
  { stage: 'at_risk', name: 'At risk', x: 880, y: 165 },
  { stage: 'lapsed', name: 'Lapsed', x: 880, y: 275 },
];

interface Way {
  readonly path: string;
  readonly words: readonly string[];
  /** Where the words stand. */
  readonly x: number;
  readonly y: number;
}

function silence({ cadence }: Playbook['stages']): { readonly atRisk: string; readonly lapsed: string } {
  switch (cadence.rule) {
    case 'fixed':
      return {
        atRisk: `${lasting(cadence.atRiskAfter)} of silence`,
        lapsed: `${lasting(cadence.lapsedAfter)} of silence`,
      };
    case 'ownGap':
      return {
        atRisk: `${cadence.atRiskGaps} of one’s own gaps`,
        lapsed: `${cadence.lapsedGaps} gaps of silence`,
      };
    case 'mbg':
      return {
        atRisk: `${cadence.atRiskGaps} of one’s own gaps`,
        lapsed: `no order: ${Math.round(100 * cadence.lapsedAbove)} % likely`,
      };
    default:
      return cadence satisfies never;
  }
}

/** Ways between the stages, and what has to happen on them. */
function waysOf({ stages }: Playbook): readonly Way[] {
  const { atRisk, lapsed } = silence(stages);
  const { orders, since } = stages.loyal;
  return [
    { path: 'M145 165 H240', words: ['first', 'order'], x: 192, y: 140 },
    {
      path: 'M375 165 H490',
      words: ['next order, or', lasting(stages.onboardingWindow)],
      x: 432,
      y: 140,
    },
    {
      path: 'M625 155 C700 130 740 60 810 60',
      words: [`${plural(orders, 'order')}, ${lasting(since)},`, 'top spend, satisfied'],
      x: 668,
      y: 62,
    },
    { path: 'M625 170 H810', words: [atRisk, 'or logins that stopped'], x: 718, y: 190 },
    { path: 'M880 194 V242', words: [lapsed], x: 800, y: 231 },
    { path: 'M815 275 C560 330 340 290 312 198', words: ['buys again: welcome back'], x: 560, y: 322 },
  ];
}

const label = ({ words, x, y }: Way): Html =>
  html`<text class="way" text-anchor="middle" x="${x}" y="${y}">
    ${words.map((line, index) => html`<tspan x="${x}" dy="${index === 0 ? 0 : 16}">${line}</tspan>`)}
  </text>`;

/** @param chosen the stage whose mail is being looked at */
export function stageMap(playbook: Playbook, chosen: Stage | undefined, href: (stage: Stage) => string): Html {
  const { width, height } = SIZE.node;
  const ways = waysOf(playbook);
  const nodes = NODES.map(
    ({ stage, name, x, y }) =>
      html`<a
        href="${href(stage)}"
        aria-label="${name}: what these customers get"
        ${stage === chosen && html`aria-current="true"`}
      >
        <rect
          class="node ${stage}"
          x="${x - width / 2}"
          y="${y - height / 2}"
          width="${width}"
          height="${height}"
          rx="12"
        />
        <text class="name" text-anchor="middle" x="${x}" y="${y + 6}">${name}</text>
      </a>`,
  );
  return html`<div class="map" tabindex="0" role="region" aria-label="Map of the stages">
    <svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="group" aria-label="Stages and the ways between them">
      <defs>
        <marker
          id="tip"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0 0 L8 4 L0 8 z" />
        </marker>
      </defs>
      ${ways.map(({ path }) => html`<path class="way" d="${path}" marker-end="url(#tip)" />`)} ${ways.map(label)}
      ${nodes}
    </svg>
  </div>`;
}
