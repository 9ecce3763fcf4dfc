/** Groups with a strategy for each: who stands elsewhere gets another mail, and one playbook says which. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '../../../shared/lifecycle/time.ts';
import { letterOf } from '../../support/letter.ts';
import { SHIPPED } from '../../support/playbooks.ts';
import { openShop, type Shop } from '../../support/shop.ts';

/** A Monday by which the shop has improvements to report. */
const START = Date.parse('2026-11-02T12:00:00Z');

type Told = readonly [type: string, data: Readonly<Record<string, unknown>>, daysAgo?: number];

const order = (daysAgo: number, total = 60): Told => [
  'Purchase Completed',
  { orderId: `o-${daysAgo}`, total, currency: 'EUR' },
  daysAgo,
];
const view = (sku: string, kind = 'product'): Told => ['Product Viewed', { sku, kind, category: 'teapots' }];

/** What is known of each group, and what it gets first; all within three days. */
const GROUPS: Readonly<Record<string, { readonly told: readonly Told[]; readonly first: string | undefined }>> = {
  lead: { told: [], first: undefined },
  'lead, looker': { told: [view('a')], first: 'nurture/invitation' },
  'lead, researcher': { told: ['a', 'b', 'c'].map((sku) => view(sku, 'specification')), first: 'nurture/knowledge' },
  'lead, bargain hunter': { told: [['Coupon Applied', { coupon: 'SPRING' }]], first: 'nurture/best-price' },
  'lead, switcher': { told: [['Preference Declared', { previousSupplier: 'Leaf' }]], first: 'nurture/sets-apart' },
  new: { told: [order(0)], first: 'onboarding/welcome' },
  active: { told: [order(110), order(69)], first: undefined },
  'active, promoter': {
    told: [order(110), order(69), ['Nps Answered', { score: 9 }]],
    first: 'retention/promoter-bonus',
  },
  'active, dissatisfied': {
    told: [order(110), order(69), ['Complaint Opened', { complaintId: 'k', channel: 'phone', severity: 'low' }]],
    first: 'recovery/apology',
  },
  loyal: { told: [order(180), order(130), order(90), order(40)], first: 'retention/appreciation' },
  'at risk': { told: [order(89)], first: 'retention/check-in' },
  lapsed: { told: [order(202)], first: 'win-back/ask' },
};

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(START);
  for (const [group, { told }] of Object.entries(GROUPS)) {
    const customerId = idOf(group);
    await shop.register(customerId);
    if (told.length === 0) continue;
    await shop.put(
      ...told.map(([type, data, daysAgo = 0]) => ({
        type,
        data: { customerId, ...data },
        at: START - daysAgo * DAY,
      })),
    );
    await shop.twin.advanceTo(START);
  }
  await shop.register('alike');
  await shop.emit('Preferences Changed', { customerId: 'alike', how: 'page', tailored: false });
  await shop.emit('Product Viewed', { customerId: 'alike', sku: 'a', category: 'teapots' });
  await shop.pass(3);
});
afterAll(() => shop.close());

const idOf = (group: string) => group.replaceAll(/\W+/gu, '-');

describe('a group', () => {
  it.each(Object.entries(GROUPS))('%s gets its own first mail', (group, { first }) => {
    expect(shop.mailsTo(idOf(group))[0]).toBe(first);
  });

  it('is told what no other group is told', async () => {
    const written = Object.entries(GROUPS).filter(([, { first }]) => first !== undefined);
    const subjects = await Promise.all(
      written.map(async ([group]) => (await letterOf(shop.lastMail(idOf(group)))).subject),
    );
    expect(new Set(subjects).size).toBe(written.length);
  });

  it('finds its mail in the one playbook, with whom it is for', () => {
    for (const { first } of Object.values(GROUPS)) {
      if (first === undefined) continue;
      const [id, step] = first.split('/');
      const series = SHIPPED.programmes
        .find((programme) => programme.id === id)
        ?.series.find(({ steps }) => steps.some((each) => each.id === step));
      // Of a stage, a trait or a case.
      expect(Object.keys(series ?? {}).some((key) => ['stage', 'stages', 'trait', 'of'].includes(key))).toBe(true);
    }
  });

  it('is nobody who asked for the mail of everybody', () => {
    expect(shop.mailsTo('alike')).toEqual([]);
    expect(shop.mailsTo('lead-looker')).toEqual(['nurture/invitation']);
  });
});
