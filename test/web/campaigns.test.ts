/** Campaigns from the pages, as somebody without JavaScript uses them: choose, count, order, look, cancel. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pages, startPages } from '../../infra/local/web/pages.ts';
import { instantIn, wallClock } from '../../infra/campaigns/wall-clock.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
let pages: Pages;

const AT = OPENING + 5 * DAY;
/** As the field of a browser in the shop's zone sends it. */
const AT_FIELD = wallClock('Europe/Berlin', AT);

type Fields = readonly (readonly [string, string])[];
const NEW: Fields = [
  ['name', 'spring'],
  ['template', 'new-harvest'],
  ['at', AT_FIELD],
  ['stage', 'new'],
  ['category', 'tea'],
  ['more', 'trait!=critic'],
];

const encoded = (fields: Fields) =>
  new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
const textOf = async (path: string) => (await fetch(`${pages.url}${path}`)).text();
const post = (fields: Fields, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${pages.url}/campaigns`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: encoded(fields),
  });
/** The hidden fields of the form that orders what was counted. */
const hiddenIn = (text: string): Fields =>
  [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/gu)].map(
    ([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"').replaceAll('&gt;', '>')] as const,
  );
const settle = async (name: string) => {
  // Addressing goes on in the background, a tenth of a second for ten people.
  for (let text = ''; !text.includes('addressed, for');) {
    text = await textOf(`/campaigns/${name}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

beforeAll(async () => {
  shop = await openShop();
  pages = await startPages(shop.twin, 0);
  for (const [customerId, category] of [
    ['anna', 'tea'],
    ['bo', 'tea'],
    ['cia', 'pots'],
  ] as const) {
    await shop.register(customerId);
    await shop.emit('Purchase Completed', {
      customerId,
      orderId: customerId,
      total: 40,
      currency: 'EUR',
      items: [{ sku: 's', name: 'Leaf', quantity: 1, price: 40, category }],
    });
  }
  await shop.complain('bo', 'k');
  await shop.pass(3);
});

afterAll(async () => {
  await pages.close();
  await shop.close();
});

describe('the page of campaigns', () => {
  it('offers every step, stage and trait there is, each with a label', async () => {
    const text = await textOf('/campaigns');
    expect(text).toContain('<option value="new-harvest"');
    for (const each of ['at_risk', 'promoter', 'few-orders', 'black tea']) expect(text).toContain(`value="${each}"`);
    const fields = [...text.matchAll(/<(?:input|select)\s+id="([^"]+)"/gu)].map(([, id]) => id);
    expect(fields.length).toBeGreaterThan(3);
    for (const id of fields) expect(text).toContain(`<label for="${id}">`);
    expect(text).toContain('None yet.');
  });

  it('says beside the form what is wrong with it, and keeps what was entered', async () => {
    const answer = await fetch(`${pages.url}/campaigns?${encoded([...NEW.slice(0, 5), ['more', 'age>=30']])}`);
    const text = await answer.text();
    expect(answer.status).toBe(400);
    expect(text).toContain('Audience: age&gt;=30: &quot;age&quot; is nothing customers are told apart by');
    expect(text).toContain('value="age&gt;=30"');
    expect(text).toMatch(/value="new"\s+checked/u);
    expect(text).not.toContain('name="act"');
  });

  it('counts first, with reasons, and orders nothing by it', async () => {
    const text = await textOf(`/campaigns?${encoded(NEW)}`);
    expect(text).toMatch(/“spring”\s*<small>2 people in the audience/u);
    expect(text).toContain('stage=new category=tea trait!=critic');
    expect(text).toContain('The new harvest is here');
    expect(text).toMatch(/<strong>1<\/strong>\s*something is wrong or was put right only days ago/u);
    expect(text).toContain('<button>Order it</button>');
    expect(await textOf('/campaigns')).toContain('None yet.');
  });

  it('orders what was counted, shows what becomes of it, and nobody gets it twice', async () => {
    const fields = hiddenIn(await textOf(`/campaigns?${encoded(NEW)}`));
    expect(Object.fromEntries(fields)).toMatchObject({ act: 'order', name: 'spring', at: new Date(AT).toISOString() });
    const answer = await post(fields);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/campaigns/spring']);
    await settle('spring');
    expect((await post(fields)).status).toBe(303);
    await shop.twin.advanceTo(AT + 2 * MINUTE);
    expect(shop.mailsTo('anna').filter((each) => each === 'campaign/new-harvest')).toHaveLength(1);
    const text = await textOf('/campaigns/spring');
    expect(text).toMatch(/<dt>Sent<\/dt>\s*<dd>1 person<\/dd>/u);
    expect(text).toContain('open complaint');
    expect(await textOf('/campaigns')).toContain('href="/campaigns/spring"');
  });

  it('refuses another campaign of the same name', async () => {
    const [, ...others] = NEW;
    const text = await textOf(`/campaigns?${encoded([['name', 'spring'], ...others.slice(0, -1)])}`);
    expect(text).toContain('was ordered before with another audience');
  });

  it('cancels what waits', async () => {
    const at = new Date(AT + 2 * DAY).toISOString();
    const ordered = [
      ['act', 'order'],
      ['name', 'pots'],
      ['audience', 'category=pots'],
      ['template', 'new-harvest'],
      ['at', at],
    ] as const;
    await post(ordered);
    await settle('pots');
    expect(
      (
        await post([
          ['act', 'cancel'],
          ['name', 'pots'],
        ])
      ).status,
    ).toBe(303);
    await shop.twin.advanceTo(AT + 2 * DAY + 2 * MINUTE);
    expect(await shop.ends('cia')).toMatchObject({ '1/campaign/new-harvest/pots': 'withheld: campaign cancelled' });
    const text = await textOf('/campaigns/pots');
    expect(text).toContain('cancelled; 1 person had been addressed');
    expect(text).not.toContain('value="cancel"');
  });

  it.each([
    [
      [
        ['act', 'order'],
        ['name', 'x'],
      ],
      {},
      400,
      'Audience: expected at least one condition',
    ],
    [
      [
        ['act', 'cancel'],
        ['name', 'nobody'],
      ],
      {},
      400,
      'there is no campaign',
    ],
    [[['act', 'dance']], {}, 400, 'act: expected order, go-on or cancel'],
    [
      [
        ['act', 'cancel'],
        ['name', 'spring'],
      ],
      { 'sec-fetch-site': 'cross-site' },
      403,
      'Only for forms of these pages',
    ],
  ] as const)('%j with %j answers %d', async (fields, headers, status, expected) => {
    const answer = await post(fields, headers);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(expected);
  });

  it('knows no campaign that was never ordered', async () => {
    expect((await fetch(`${pages.url}/campaigns/none`)).status).toBe(404);
  });
});

describe('a time on the wall', () => {
  it.each([
    ['Europe/Berlin', '2026-11-30T09:00', '2026-11-30T08:00:00.000Z'],
    ['Europe/Berlin', '2026-07-01T09:00', '2026-07-01T07:00:00.000Z'],
    ['America/New_York', '2026-03-08T01:30', '2026-03-08T06:30:00.000Z'],
    ['America/New_York', '2026-03-08T03:30', '2026-03-08T07:30:00.000Z'],
    ['Asia/Tehran', '2026-01-01T00:15', '2025-12-31T20:45:00.000Z'],
    ['UTC', '2026-01-01T00:00', '2026-01-01T00:00:00.000Z'],
  ])('in %s %s is %s, and back', (zone, local, expected) => {
    const at = instantIn(zone, local);
    expect(at === undefined ? at : new Date(at).toISOString()).toBe(expected);
    expect(at === undefined ? at : wallClock(zone, at)).toBe(local);
  });

  it.each(['', 'now', '2026-11-30', '2026-11-30T09:00Z', '2026-13-01T09:00'])('%j is none', (text) => {
    expect(instantIn('UTC', text)).toBeUndefined();
  });
});
