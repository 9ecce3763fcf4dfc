/** The page that draws the dashboards: what a template defines and the twin counted, as lines, words and latest values. */
import { describe, expect, it } from 'vitest';
import { CloudWatch } from '../../infra/local/monitoring/cloudwatch.ts';
import { dashboardProperties, readDashboard } from '../../infra/local/monitoring/dashboard-definition.ts';
import { dashboardsPage } from '../../infra/local/web/dashboards-page.ts';
import type { Surroundings } from '../../infra/local/web/frame.ts';
import { HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { NOW } from './fixture.ts';

const AROUND: Surroundings = {
  now: NOW,
  endpoint: 'http://127.0.0.1:1',
  region: 'eu-north-1',
  busName: 'bus',
  tableName: 'table',
  deadLetters: 0,
  alarms: 0,
};

const row = (name: string, about: object) => ['Shop', name, 'of', 'us', { stat: 'Sum', ...about }];

function dashboard(...widgets: readonly object[]) {
  const DashboardBody = JSON.stringify({ start: '-PT3H', widgets });
  return readDashboard(dashboardProperties.parse({ DashboardName: 'shop-ops', DashboardBody }));
}

const graph = (metrics: readonly unknown[], more: object = {}) => ({
  type: 'metric',
  properties: { title: 'sales', period: 3600, metrics, yAxis: { left: { label: 'pieces' } }, ...more },
});

/** Two teas in the first hour, three in the last; one pot in the last. */
function counted(...widgets: readonly object[]): CloudWatch {
  let now = NOW - 2 * HOUR;
  const watch = new CloudWatch({
    alarms: [],
    dashboards: [dashboard(...widgets)],
    clockwork: new Set(),
    now: () => now,
    changed: () => undefined,
  });
  const sell = (name: string, value: number) =>
    watch.publish({ namespace: 'Shop', name, dimensions: { of: 'us' } }, value);
  sell('Tea', 2);
  now = NOW - MINUTE;
  sell('Tea', 3);
  sell('Pot', 1);
  now = NOW;
  return watch;
}

const heights = (points: string) => points.split(' ').map((point) => Number(point.split(',')[1]));

describe('a graph', () => {
  const metrics = [
    row('Tea', { label: 'tea', id: 'tea' }),
    row('Pot', { label: 'hidden', id: 'pot', visible: false }),
    [{ label: 'both', expression: 'tea + FILL(pot, 0)' }],
  ];

  it('has a value per period, of metrics and of what is reckoned from them, hidden ones among them', () => {
    const [shown] = counted(graph(metrics)).dashboards;
    const [widget] = shown?.widgets ?? [];
    if (widget?.kind !== 'graph') throw new Error('no graph');
    const values = widget.lines.map(({ label, points }) => [label, points.map(({ value }) => value)]);
    expect(values).toEqual([
      ['tea', [2, 3]],
      ['both', [2, 4]],
    ]);
  });

  it('is drawn with its title, unit, legend, marks, and its latest values for whoever does not see it', () => {
    const marked = { annotations: { horizontal: [{ label: 'enough', value: 9 }] } };
    const page = dashboardsPage(counted(graph(metrics, marked)).dashboards, [], AROUND);
    expect(page).toContain('aria-label="sales, pieces. Latest: tea 3, both 4"');
    expect(page.match(/<polyline/gu)).toHaveLength(2);
    expect(page).toMatch(/enough\s*<span class="quiet">9</u);
  });

  it('of parts puts each on top of those before it', () => {
    const parts = [row('Tea', { label: 'tea' }), row('Tea', { label: 'again' })];
    const page = dashboardsPage(counted(graph(parts, { stacked: true })).dashboards, [], AROUND);
    const [below = '', above = ''] = [...page.matchAll(/points="([^"]+)"/gu)].map(([, points]) => points);
    // The axis grows downwards.
    for (const [index, height] of heights(below).entries()) expect(heights(above)[index]).toBeLessThan(height);
  });

  it('of which nothing was counted says so', () => {
    expect(dashboardsPage(counted(graph([row('Cup', { label: 'cups' })])).dashboards, [], AROUND)).toContain(
      'Nothing was counted in this time. It would show pieces: cups.',
    );
  });
});

it('words, alarms and queries have their place', () => {
  const widgets = [
    { type: 'text', properties: { markdown: '## What <sells>\n\nSee **this** in `x`.' } },
    { type: 'alarm', properties: {} },
    { type: 'log', properties: { title: 'people', query: 'stats count(*)' } },
  ];
  const alarm = { name: 'late', severity: 'soon', description: '', state: 'ALARM', since: NOW, changes: [] } as const;
  const page = dashboardsPage(counted(...widgets).dashboards, [alarm], AROUND);
  expect(page).toContain('<h3>What &lt;sells&gt;</h3>');
  expect(page).toContain('<b>this</b>');
  expect(page).toContain('href="/alarms#alarm-late"');
  expect(page).toContain('stats count(*)');
});

it('a metric that is written in short is refused, and not drawn wrongly', () => {
  expect(() => dashboard(graph([['.', 'Tea', {}]]))).toThrow('shop-ops: sales: an abbreviated metric is not emulated');
});
