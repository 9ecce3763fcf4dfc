/** A campaign from order to ledger, with the functions' own code on stores in memory. */
import { describe, expect, it } from 'vitest';
import { orderFrom } from '../../infra/campaigns/order.ts';
import { outcomeOf } from '../../infra/campaigns/outcome.ts';
import { previewOf } from '../../infra/campaigns/preview.ts';
import { cancel, place, walk } from '../../infra/campaigns/walk.ts';
import { WalkOvertaken } from '../../infra/walking.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { CampaignBench } from '../support/campaigns.ts';
import { playCampaign } from '../support/campaign-run.ts';
import { bought, event, registered, START } from '../support/events.ts';

const FIELDS = { name: 'name', audience: 'audience', template: 'template', at: 'at' };
const AT = START + 2 * HOUR;

function orderOf(bench: CampaignBench, audience = 'orders>=1', name = 'spring', at = AT) {
  const wish = { name, audience, template: 'new-harvest', at: new Date(at).toISOString() };
  return orderFrom(wish, [], bench.pipeline.playbook, bench.pipeline.now, FIELDS);
}

/** A shop of buyers `c-0`, `c-1`, ... who want mail. */
async function shopOf(buyers: number): Promise<CampaignBench> {
  const bench = new CampaignBench(START, 'few');
  for (let number = 0; number < buyers; number += 1) {
    const customerId = `c-${number}`;
    const about = { customerId, email: `${customerId}@example.com`, timeZone: 'Europe/Stockholm' };
    await bench.know(customerId, registered(START - 30 * DAY, about), bought(START - 20 * DAY, 'o', { customerId }));
  }
  return bench;
}

const begin = async (bench: CampaignBench, audience?: string) => {
  const { order } = orderOf(bench, audience);
  return walk(bench.services, await place(bench.services, order, 'test', 0));
};
const KEY = '1/campaign/new-harvest/spring';
const endsOf = async (bench: CampaignBench, customerId: string) => {
  const entry = await bench.pipeline.store.readEntry(customerId, KEY);
  return entry && [entry.outcome, entry.reason].filter((each) => each !== undefined).join(': ');
};

describe('a campaign to 300 generated customers', () => {
  it('killed at random points ends with each of them mailed once or withheld with a reason', async () => {
    const { bench, campaign, reasons } = await playCampaign(300, 'quick');
    expect(bench.killed).toBeGreaterThan(3);
    expect(bench.put).toBeGreaterThan(campaign.addressed);
    expect(reasons.get('sent')).toBeGreaterThan(50);
    expect([...reasons.keys()]).toEqual(
      expect.arrayContaining([
        'no consent',
        'unsubscribed',
        'hard bounce',
        'open complaint',
        'frequency cap',
        'holdout',
      ]),
    );
  });
});

describe('a campaign', () => {
  it('goes out at its moment, not before', async () => {
    const bench = await shopOf(2);
    expect((await begin(bench)).status).toBe('done');
    await bench.pipeline.waitUntil(AT - MINUTE);
    expect(bench.pipeline.sent).toEqual([]);
    await bench.pipeline.waitUntil(AT + MINUTE);
    expect(bench.pipeline.sent).toEqual(['campaign/new-harvest', 'campaign/new-harvest']);
  });

  it('said again changes nothing', async () => {
    const bench = await shopOf(2);
    const done = await begin(bench);
    const { after: _none, ...again } = { ...done, status: 'running' as const };
    await walk({ ...bench.services, book: { ...bench.services.book, save: async () => true } }, again);
    await bench.pipeline.waitUntil(AT + DAY);
    expect(bench.pipeline.refused).toEqual([]);
    expect(bench.pipeline.sent).toHaveLength(2);
  });

  it('is for those who were known when it was ordered', async () => {
    const bench = await shopOf(1);
    const { order } = orderOf(bench, 'stage=new,active');
    const placed = await place(bench.services, order, 'test', 0);
    bench.pipeline.now += MINUTE;
    await bench.know(
      'late',
      registered(START + MINUTE, { customerId: 'late' }),
      bought(START + MINUTE, 'o', { customerId: 'late' }),
    );
    expect((await walk(bench.services, placed)).addressed).toBe(1);
  });

  it('is cancelled at once for those addressed and those not', async () => {
    const bench = await shopOf(2);
    const { order } = orderOf(bench);
    const placed = await place(bench.services, order, 'test', 0);
    await bench.services.announcer.announce([]);
    const done = await walk(bench.services, placed);
    expect((await cancel(bench.services, done.name)).status).toBe('cancelled');
    await bench.pipeline.waitUntil(AT + MINUTE);
    expect(await endsOf(bench, 'c-0')).toBe('withheld: campaign cancelled');
    expect(bench.pipeline.sent).toEqual([]);
    expect(await outcomeOf(bench.services, done)).toEqual({
      addressed: 2,
      sent: 0,
      inShadow: 0,
      unsent: [{ reason: 'campaign cancelled', people: 2 }],
      waiting: 0,
    });
  });

  it('cancelled while it is addressing stops there', async () => {
    const bench = await shopOf(250);
    const { order } = orderOf(bench);
    const placed = await place(bench.services, order, 'test', 0);
    let pages = 0;
    const page = async (after: string | undefined) => {
      pages += 1;
      if (pages === 2) await cancel(bench.services, order.name);
      return bench.services.customers.page(after);
    };
    const stopped = await walk({ ...bench.services, customers: { page } }, placed);
    expect(stopped).toMatchObject({ status: 'cancelled', addressed: 50 });
    expect(pages).toBe(2);
    await bench.pipeline.waitUntil(AT + MINUTE);
    expect(bench.pipeline.sent).toEqual([]);
  });

  it('cancelled on its first page is known to have addressed somebody, and before it nobody', async () => {
    const bench = await shopOf(1);
    const unwalked = await place(bench.services, orderOf(bench, 'orders>=1', 'typo').order, 'test', 0);
    expect((await cancel(bench.services, unwalked.name)).begun).toBeUndefined();
    const placed = await place(bench.services, orderOf(bench).order, 'test', 0);
    const announce = async () => void (await cancel(bench.services, placed.name));
    const stopped = await walk({ ...bench.services, announcer: { announce } }, placed);
    expect(stopped).toMatchObject({ status: 'cancelled', addressed: 0, begun: true });
  });

  it('whose canceller died after stopping the senders is found cancelled', async () => {
    const bench = await shopOf(1);
    const { order } = orderOf(bench);
    const placed = await place(bench.services, order, 'test', 0);
    const dying = { ...bench.services.book, read: async () => placed, save: () => Promise.reject(new Error('died')) };
    await expect(cancel({ ...bench.services, book: dying }, order.name)).rejects.toThrow('died');
    expect(await walk(bench.services, placed)).toMatchObject({ status: 'cancelled', addressed: 0 });
  });

  it('is withheld from who has left the audience by then', async () => {
    const bench = await shopOf(2);
    await begin(bench, 'orders<=1');
    await bench.pipeline.deliver(bought(START + MINUTE, 'second', { customerId: 'c-0' }));
    await bench.pipeline.waitUntil(AT + MINUTE);
    expect(await endsOf(bench, 'c-0')).toBe('withheld: left the audience');
    expect(await endsOf(bench, 'c-1')).toBe('sent');
  });

  it('of two at once, one gives up, and everybody is addressed once', async () => {
    const bench = await shopOf(250);
    const { order } = orderOf(bench);
    const placed = await place(bench.services, order, 'test', 0);
    const both = await Promise.allSettled([walk(bench.services, placed), walk(bench.services, placed)]);
    const failed = both.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(failed).toEqual([expect.any(WalkOvertaken)]);
    await bench.pipeline.waitUntil(AT + MINUTE);
    expect(bench.pipeline.sent).toHaveLength(250);
  });

  it('that two order at once under one name belongs to the first', async () => {
    const bench = await shopOf(1);
    const first = await place(bench.services, orderOf(bench, 'orders>=1').order, 'first', 0);
    const second = await place(bench.services, orderOf(bench, 'stage=new').order, 'second', 0);
    expect(second).toEqual(first);
  });

  it('is not gone on with when its mail is stale', async () => {
    const bench = await shopOf(1);
    const placed = await place(bench.services, orderOf(bench).order, 'test', 0);
    bench.pipeline.now = AT + 8 * DAY;
    await expect(walk(bench.services, placed)).rejects.toThrow(/has been stale since/u);
  });
});

describe('the preview', () => {
  it('counts who gets it at once, who later, and who not and why, and its word comes true', async () => {
    const bench = await shopOf(12);
    bench.pipeline.circumstances = { ...bench.pipeline.circumstances, holdout: { share: 0, salt: 's' } };
    const say = (number: number, type: string, data: Readonly<Record<string, unknown>>) =>
      bench.pipeline.deliver(event(type, START - HOUR, { customerId: `c-${number}`, ...data }));
    await say(0, 'Complaint Opened', { complaintId: 'k', channel: 'email', severity: 'low' });
    await say(1, 'Preferences Changed', { how: 'one-click', promotion: 'off' });
    await say(2, 'Profile Updated', { timeZone: 'Asia/Tokyo' });
    await bench.mailed('c-3', 2 * DAY, 4 * DAY);
    await bench.suppress('c-4@example.com');
    await say(5, 'Order Cancelled', { orderId: 'o' });
    const { order, audience, placed } = orderOf(bench);

    const preview = await previewOf(bench.services, order, audience, placed);
    expect(preview).toEqual({
      people: 11,
      goes: 6,
      waits: [{ reason: 'quiet hours', people: 1 }],
      withheld: [
        { reason: 'frequency cap', people: 1 },
        { reason: 'hard bounce', people: 1 },
        { reason: 'open complaint', people: 1 },
        { reason: 'unsubscribed', people: 1 },
      ],
      withoutAddresses: false,
      categories: [],
      unknown: [],
    });
    expect(bench.put).toBe(0);

    const done = await begin(bench);
    await bench.pipeline.waitUntil(AT + MINUTE);
    const outcome = await outcomeOf(bench.services, done);
    expect(outcome).toEqual({ addressed: 11, sent: 6, inShadow: 0, unsent: preview.withheld, waiting: 1 });
  });

  it('without the key of the addresses says that it left them out', async () => {
    const bench = await shopOf(1);
    await bench.suppress('c-0@example.com');
    const { order, audience, placed } = orderOf(bench);
    const services = { ...bench.services, addressKey: async () => undefined };
    expect(await previewOf(services, order, audience, placed)).toMatchObject({ goes: 1, withoutAddresses: true });
  });

  it('holds out whom the sender would hold out', async () => {
    const bench = await shopOf(40);
    bench.pipeline.circumstances = { ...bench.pipeline.circumstances, holdout: { share: 0.5, salt: 's' } };
    const { order, audience, placed } = orderOf(bench);
    const { goes, withheld } = await previewOf(bench.services, order, audience, placed);
    await begin(bench);
    await bench.pipeline.waitUntil(AT + MINUTE);
    expect(withheld).toEqual([{ reason: 'holdout', people: 40 - goes }]);
    expect(bench.pipeline.sent).toHaveLength(goes);
  });
});

describe('an order', () => {
  const bench = new CampaignBench(START, 'order');
  const { playbook } = bench.pipeline;
  const wish = { name: 'spring', audience: 'stage=active', template: 'new-harvest', at: '2026-03-02T15:00:00+01:00' };
  const order = (changed: Partial<typeof wish>, known: Parameters<typeof orderFrom>[1] = []) =>
    orderFrom({ ...wish, ...changed }, known, playbook, START, FIELDS);
  const campaign = {
    ...order({}).order,
    version: 1,
    orderedAt: START,
    by: 'test',
    status: 'running' as const,
    addressed: 0,
    expected: 0,
  };

  it.each([
    [{ name: 'Spring Sale' }, 'name: expected a name of at most 24 small letters'],
    [{ audience: 'stage=happy' }, 'audience: stage=happy: "happy" is no stage; expected one of lead'],
    [{ template: 'welcome' }, 'template: expected one of new-harvest, the steps a campaign may send, found "welcome"'],
    [{ at: 'tomorrow' }, 'at: expected an ISO 8601 time with zone'],
    [{ at: '2026-03-02T15:00:00' }, 'at: expected an ISO 8601 time with zone'],
    [{ at: '2026-02-31T15:00:00Z' }, 'at: expected'],
    [{ at: '3026-03-02T15:00:00+01:00' }, 'at: expected a time within 366 days from now, found 2 Mar 3026, 14:00 UTC'],
    [{ at: '2027-03-03T12:00:01Z' }, 'at: expected a time within 366 days from now'],
    [{ at: '2026-03-02T11:59:59Z' }, 'at: expected a time to come or "now", found 2 Mar 2026, 11:59 UTC'],
  ])('with %j is refused with what was expected', (changed, expected) => {
    expect(() => order(changed)).toThrow(expected);
  });

  it('is taken for a year ahead', () => {
    expect(order({ at: '2027-03-03T12:00:00Z' }).order.at).toBe(START + 366 * DAY);
  });

  it('takes a programme before its step, and "now"', () => {
    expect(order({ template: 'campaign/new-harvest', at: 'now' }).order).toMatchObject({
      step: 'new-harvest',
      at: START,
    });
  });

  it('again under the same name is the same campaign, however the audience is spelled', () => {
    expect(order({ audience: '  stage=active ' }, [campaign]).known).toBe(campaign);
  });

  it('again after its moment, or with "now", is the same campaign', () => {
    const begun = { ...campaign, at: START - HOUR };
    const at = new Date(START - HOUR).toISOString();
    expect(order({ at }, [begun]).known).toBe(begun);
    expect(order({ at: 'now' }, [begun]).known).toBe(begun);
  });

  it.each([
    [{ audience: 'stage=new' }, 'another audience'],
    [{ at: '2026-03-03T15:00:00Z' }, 'another time'],
    [{ at: 'now' }, 'another time'],
    [{ audience: 'stage=new', at: '2026-03-03T15:00:00Z' }, 'another audience and another time'],
  ])('under a name that is taken with %j is refused', (changed, expected) => {
    expect(() => order(changed, [campaign])).toThrow(`"spring" was ordered before with ${expected}`);
  });

  it('is refused when there are so many that one could be forgotten', () => {
    const many = Array.from({ length: 12 }, (_none, index) => ({ ...campaign, name: `c-${index}` }));
    expect(() => order({}, many)).toThrow('expected at most 12 campaigns');
    expect(order({}, many.slice(1)).known).toBeUndefined();
    expect(
      order(
        {},
        many.map((each) => ({ ...each, at: START - 31 * DAY })),
      ).known,
    ).toBeUndefined();
  });

  it('is not refused for those that were cancelled before they addressed anybody', () => {
    const many = Array.from({ length: 12 }, (_none, index) => ({ ...campaign, name: `c-${index}` }));
    const cancelled = { ...campaign, name: 'typo', status: 'cancelled' as const };
    expect(order({}, [...many.slice(1), cancelled]).known).toBeUndefined();
    expect(() => order({}, [...many.slice(1), { ...cancelled, begun: true }])).toThrow('expected at most 12 campaigns');
  });

  it('for a language makes nobody an offer', () => {
    const offering = {
      ...playbook,
      programmes: playbook.programmes.map((programme) => ({
        ...programme,
        series: programme.series.map((series) =>
          series.trigger === 'campaign'
            ? { ...series, steps: series.steps.map((step) => ({ ...step, offer: 'win-back' })) }
            : series,
        ),
      })),
    };
    expect(() => orderFrom({ ...wish, audience: 'locale=sv' }, [], offering, START, FIELDS)).toThrow(
      'expected no locale',
    );
    expect(orderFrom({ ...wish, audience: 'locale=sv' }, [], playbook, START, FIELDS).order.audience).toBe('locale=sv');
  });
});
