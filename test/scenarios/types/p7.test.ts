/** P7, own criteria: a trait of the shop, a threshold of its own and a mail of its own, all in files a marketer edits. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UnplayablePlaybook } from '../../../infra/build.ts';
import { PROJECT } from '../../../infra/cache.ts';
import { DAY, MINUTE } from '../../../shared/lifecycle/time.ts';
import { speakOnly } from '../../support/content.ts';
import { letterOf } from '../../support/letter.ts';
import { playbookJson } from '../../support/playbooks.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const NOTE = 'retention/restock-note';
const INVITATION = 'nurture/invitation';

/** What this shop wants to know of people, and the shipped one does not. */
const DRINKS_IT_UP = {
  id: 'drinks-it-up',
  fact: 'daysSinceOrder',
  operator: 'at least',
  value: 5,
  because: 'a small bag is empty after five days',
};
const TEA_LOVER = {
  id: 'tea-lover',
  fact: 'lastCategory',
  operator: 'is',
  value: 'tea',
  because: 'the last order was tea',
};
const RESTOCK = {
  id: 'restock',
  trigger: 'trait',
  trait: 'drinks-it-up',
  unless: ['tea-lover'],
  steps: [{ id: 'restock-note', class: 'promotional', priority: 40, fresh: '3 days', after: '0 days', action: 'shop' }],
};
const TEXTS = {
  subject: 'Is the bag empty yet?',
  preheader: 'Five days are about what a small bag lasts. This is how to get the next one.',
  heading: 'Is the bag empty yet?',
  intro: 'You ordered five days ago, and a small bag lasts about that long.',
  action: 'To the shop',
  summary: 'You ordered five days ago. If the bag is empty: the next one is a click away.',
  reasonOne: 'Ordered now, the next bag is there before the old one is gone.',
  reasonTwo: 'If you would rather wait, nothing is lost: there is enough for everybody.',
};
const LAYOUT = '<mj-section padding="0 48px"><mj-column><mj-text>{{ t.intro }}</mj-text></mj-column></mj-section>\n';

const parts = z.looseObject({
  traits: z.looseObject({ looker: z.looseObject({ views: z.number() }), own: z.array(z.unknown()) }),
  programmes: z.array(z.looseObject({ id: z.string(), series: z.array(z.unknown()) })),
});

/** The shipped playbook with a trait, a threshold and a series more. */
function ownPlaybook(own: object = DRINKS_IT_UP): object {
  const { traits, programmes, ...rest } = parts.parse(playbookJson());
  return {
    ...rest,
    traits: {
      ...traits,
      looker: { ...traits.looker, views: traits.looker.views + 1 },
      own: [...traits.own, TEA_LOVER, own],
    },
    programmes: programmes.map((each) =>
      each.id === 'retention' ? { ...each, series: [...each.series, RESTOCK] } : each,
    ),
  };
}

/** Opens a shop with content of its own: a copy of the shipped one, one playbook changed, two files added. */
async function openOwnShop(): Promise<Shop> {
  const contentDirectory = await mkdtemp(path.join(tmpdir(), 'own-content-'));
  try {
    await cp(path.join(PROJECT, 'shared/content'), contentDirectory, { recursive: true });
    const templates = path.join(contentDirectory, 'templates', NOTE);
    await mkdir(templates);
    await writeFile(path.join(contentDirectory, 'playbook.json'), JSON.stringify(ownPlaybook()));
    await writeFile(path.join(templates, 'en.json'), JSON.stringify(TEXTS));
    await writeFile(path.join(templates, 'layout.mjml'), LAYOUT);
    // What matters here is the same in every language.
    await speakOnly(contentDirectory, 'en');
    return await openShop(OPENING, { contentDirectory });
  } finally {
    await rm(contentDirectory, { recursive: true });
  }
}

let ours: Shop;
let shipped: Shop;
beforeAll(async () => {
  shipped = await openShop();
  ours = await openOwnShop();
});
afterAll(() => Promise.all([ours.close(), shipped.close()]));

const order = (shop: Shop, customerId: string, orderId: string, category: string) =>
  shop.emit('Purchase Completed', {
    customerId,
    orderId,
    total: 8,
    currency: 'EUR',
    items: [{ sku: `sku-${category}`, name: 'A small bag', quantity: 1, price: 8, category }],
  });
const traitsOf = async (shop: Shop, customerId: string) => {
  const profile = await shop.store.load(customerId);
  return profile?.kind === 'living' ? profile.traits : [];
};

describe('a shop with criteria of its own', () => {
  beforeAll(async () => {
    for (const shop of [ours, shipped]) {
      for (const each of ['drinker', 'quicker', 'tea-drinker', 'looker']) await shop.register(each);
      for (const each of ['drinker', 'quicker']) await order(shop, each, `first-of-${each}`, 'coffee');
      await order(shop, 'tea-drinker', 'first', 'tea');
      // One product more than the shipped playbook takes for a glance.
      for (const sku of ['a', 'b', 'c', 'd']) await shop.emit('Product Viewed', { customerId: 'looker', sku });
      await shop.pass(4);
      await order(shop, 'quicker', 'second', 'coffee');
      await shop.wait(DAY - MINUTE);
    }
  });

  it('writes to whom its own trait fits, from the moment it does', async () => {
    expect(await traitsOf(ours, 'drinker')).not.toContain(DRINKS_IT_UP.id);
    expect(ours.mailsTo('drinker')).not.toContain(NOTE);
    for (const shop of [ours, shipped]) await shop.wait(2 * MINUTE);
    expect(await traitsOf(ours, 'drinker')).toContain(DRINKS_IT_UP.id);
    expect(ours.mailsTo('drinker').at(-1)).toBe(NOTE);
    expect(ours.mailsTo('quicker')).not.toContain(NOTE);
    expect(await traitsOf(shipped, 'drinker')).not.toContain(DRINKS_IT_UP.id);
  });

  it('with a mail of its own, in the frame of all', async () => {
    const letter = await letterOf(ours.lastMail('drinker'));
    expect(letter.subject).toBe(TEXTS.subject);
    expect(letter.text).toContain(TEXTS.intro);
    expect(letter.text).toContain('Kettle & Fern Ltd, 14 Harbour Row');
    expect(letter.links).toEqual(['https://shop.example.com/']);
    await ours.emit('Preference Declared', { customerId: 'quicker', style: 'efficient' });
    await ours.pass(4);
    const brief = await letterOf(ours.lastMail('quicker'));
    expect(ours.mailsTo('quicker').at(-1)).toBe(NOTE);
    expect(brief.text).toContain(TEXTS.summary);
    expect(brief.text).not.toContain(TEXTS.intro);
  });

  it('but not to those whom another of its traits keeps it from', async () => {
    expect(await traitsOf(ours, 'tea-drinker')).toEqual(expect.arrayContaining(['tea-lover', DRINKS_IT_UP.id]));
    expect(await ours.ends('tea-drinker')).toMatchObject({
      '1/retention/restock-note/1': 'withheld: not for tea-lover',
    });
    expect(ours.mailsTo('tea-drinker')).not.toContain(NOTE);
  });

  it('and the trait ends when its fact no longer holds', async () => {
    await order(ours, 'drinker', 'second', 'coffee');
    expect(await traitsOf(ours, 'drinker')).not.toContain(DRINKS_IT_UP.id);
  });

  it('sees who looks a little by a threshold of its own', () => {
    expect(ours.mailsTo('looker')).toEqual([INVITATION]);
    expect(shipped.mailsTo('looker')).toEqual([]);
    expect([...ours.twin.deadLetters(), ...shipped.twin.deadLetters()]).toEqual([]);
  });
});

describe('what a shop may not go by', () => {
  it.each(['locale', 'country', 'age', 'name'])('is %s: the playbook is refused', async (fact) => {
    const playbook = ownPlaybook({ id: 'unfair', fact, operator: 'is', value: 'sv', because: 'from there' });
    const refusal: unknown = await openShop(OPENING, { playbook }).then(undefined, (error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnplayablePlaybook);
    expect(String(refusal)).toMatch(/traits › unfair › fact: /u);
  });
});
