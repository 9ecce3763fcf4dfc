/** L1, the looker: one light invitation two days later with help one click away, and then nothing. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAMPAIGN_SOURCE } from '../../../shared/contracts/bus.ts';
import { METRIC } from '../../../shared/contracts/metrics.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/lifecycle/time.ts';
import { look } from '../../support/browsing.ts';
import { letterOf } from '../../support/letter.ts';
import { openShop, type Shop } from '../../support/shop.ts';
import { saidIn } from '../../support/wording.ts';

const ASSAM = { sku: 'tea-101', category: 'black tea' };
const DARJEELING = { sku: 'tea-104', category: 'black tea' };
const LAPSANG = { sku: 'tea-112', category: 'black tea' };
const INVITATION = 'nurture/invitation';
const CAMPAIGN = 'campaign/new-harvest';
/** A light mail is read in half a minute. */
const LIGHT_WORDS = 100;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  // Three views in two visits are the most a looker has; four views, or three visits, are one too many.
  for (const each of ['glancer', 'looker', 'browser', 'regular', 'buyer', 'unseen']) await shop.register(each);
  await look(shop, 'glancer', ASSAM);
  await look(shop, 'looker', ASSAM, DARJEELING);
  await look(shop, 'browser', ASSAM, DARJEELING, LAPSANG);
  await look(shop, 'regular', ASSAM);
  await look(shop, 'buyer', ASSAM);
});
afterAll(() => shop.close());

/** A campaign for everybody who has not bought. */
async function address(customerId: string, campaign: string): Promise<void> {
  await shop.waitUntil(12);
  const { endpoint, region, busName } = shop.twin;
  const bus = new EventBridgeClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'shop', secretAccessKey: 'shop' },
  });
  const at = new Date(shop.twin.now()).toISOString();
  const data = { customerId, campaign, step: 'new-harvest', at, audience: 'stage=lead' };
  const metadata = { id: `campaign/${campaign}/${customerId}`, version: 1, occurredAt: at };
  const entry = { EventBusName: busName, Source: CAMPAIGN_SOURCE, DetailType: 'Campaign Addressed' };
  await bus.send(new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify({ metadata, data }) }] }));
  bus.destroy();
  await shop.wait(2 * MINUTE);
}

describe('a looker', () => {
  it('is left alone for two days', async () => {
    await shop.wait(HOUR);
    for (const each of ['looker', 'browser', 'regular']) await look(shop, each, LAPSANG);
    await shop.wait(DAY - HOUR);
    await look(shop, 'regular', LAPSANG);
    await shop.buy('buyer', 'first');
    await shop.wait(DAY - MINUTE);
    expect(shop.twin.mailbox.map(({ to }) => to)).toEqual([['buyer@example.com']]);
  });

  it('then gets one invitation; nobody does who has looked at more, come more often, bought, or never looked', async () => {
    await shop.wait(2 * MINUTE);
    expect(shop.mailsTo('glancer')).toEqual([INVITATION]);
    expect(shop.mailsTo('looker')).toEqual([INVITATION]);
    for (const each of ['browser', 'regular', 'unseen']) expect(await shop.ends(each)).toEqual({});
    expect(shop.mailsTo('buyer')).toEqual(['onboarding/welcome']);
  });

  it('finds it light, with a person one click away, and without obstacle or pressure', async () => {
    const invitation = await letterOf(shop.lastMail('looker'));
    expect(invitation.links).toEqual(['https://shop.example.com/chat']);
    expect(invitation.text).toContain('black tea');
    expect(invitation.text).toContain('nothing to fill in');
    expect(invitation.words).toBeLessThan(LIGHT_WORDS);
    // No question to answer, nothing urged, nothing taken off.
    expect(invitation.answers).toEqual([]);
    expect(saidIn(invitation, 'push', 'discount', 'promotion')).toEqual([]);
    expect(shop.announced('Offer Issued', 'looker')).toEqual([]);
  });

  it('then hears nothing for thirty days, though they look again, and a campaign is for them', async () => {
    await shop.pass(3);
    await address('looker', 'early');
    await address('regular', 'early');
    expect(shop.mailsTo('regular')).toEqual([CAMPAIGN]);
    expect(await shop.ends('looker')).toMatchObject({ '1/campaign/new-harvest/early': 'withheld: enough for now' });
    await shop.pass(15);
    // The two weeks are over: looking again would make a looker of anybody.
    for (const each of ['looker', 'unseen']) await look(shop, each, ASSAM);
    await shop.pass(12);
    expect(shop.mailsTo('looker')).toEqual([INVITATION]);
    expect(shop.mailsTo('glancer')).toEqual([INVITATION]);
    expect(shop.mailsTo('unseen')).toEqual([INVITATION]);
    await address('looker', 'late');
    expect(shop.mailsTo('looker')).toEqual([INVITATION, CAMPAIGN]);
  });
});

it('somebody the shop does not know is counted, and nothing else', async () => {
  const known = (await shop.items()).length;
  await shop.emit('Product Viewed', { sku: 'tea-101' });
  expect(shop.counted(METRIC.eventsSetAside, { fate: 'anonymous' })).toBe(1);
  expect((await shop.items()).length).toBe(known);
  expect(shop.twin.deadLetters()).toEqual([]);
});
