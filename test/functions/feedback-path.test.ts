/** Reports of SES through the deployed function: from the default bus to the ledger, the address and the intake. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cachedAssembly } from '../../infra/app.ts';
import { parseConfig, SES_EVENTS, stageConfig } from '../../infra/config.ts';
import type { MailOutcome } from '../../infra/local/ses-events.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
beforeAll(async () => {
  // By default SES reports only what a deployment cannot do without.
  const config = parseConfig({ ...stageConfig('local'), sesEvents: SES_EVENTS });
  shop = await openShop(OPENING, { assembly: await cachedAssembly(config) });
});
afterAll(() => shop.close());

const KEY = '1/onboarding/welcome/1';
/** In days: longer than the seconds after which reports come. */
const SOON = 0.01;

/** The ledger entry of a buyer whose welcome meets this fate. */
async function welcomed(customerId: string, fate: readonly MailOutcome[]) {
  shop.twin.ses.setFate(`${customerId}@example.com`, fate);
  await shop.register(customerId);
  await shop.buy(customerId, `order-${customerId}`);
  await shop.pass(SOON);
  return shop.store.readEntry(customerId, KEY);
}

it.each([
  ['c-delay', { kind: 'deliveryDelay' }, { status: 'delayed', detail: 'TransientCommunicationFailure' }],
  ['c-delivery', { kind: 'delivery' }, { status: 'delivered' }],
  ['c-permanent', { kind: 'bounce', bounceType: 'Permanent' }, { status: 'bounced', detail: 'Permanent/General' }],
  ['c-transient', { kind: 'bounce', bounceType: 'Transient' }, { status: 'bounced', detail: 'Transient/General' }],
  ['c-undetermined', { kind: 'bounce', bounceType: 'Undetermined' }, { status: 'bounced' }],
  ['c-complaint', { kind: 'complaint' }, { status: 'complained', detail: 'abuse' }],
  ['c-reject', { kind: 'reject' }, { status: 'rejected', detail: 'Bad content' }],
  ['c-open', { kind: 'open' }, { openedAt: expect.any(Number) }],
  ['c-click', { kind: 'click', link: 'https://example.com' }, { clickedAt: expect.any(Number) }],
] as const)('%s: the report reaches the ledger', async (customerId, fate, delivery) => {
  const entry = await welcomed(customerId, [fate]);

  expect(entry).toMatchObject({ outcome: 'sent', delivery });
});

it.each([
  ['c-send', { kind: 'send' }, 'Send', 0],
  ['c-rendering', { kind: 'renderingFailure' }, 'Rendering Failure', 1],
] as const)('%s: the report says nothing more', async (customerId, fate, event, noted) => {
  const entry = await welcomed(customerId, [fate]);

  expect(entry?.outcome).toBe('sent');
  expect(entry).not.toHaveProperty('delivery');
  expect(shop.counted(NOTE.reported, { event })).toBe(noted);
});

const LOST = [
  ['c-hard', { kind: 'bounce', bounceType: 'Permanent' }, 'hard bounce'],
  ['c-spam', { kind: 'complaint' }, 'spam complaint'],
] as const;

it.each(LOST)('%s: the address is suppressed, and the customer learns of it', async (customerId, fate, reason) => {
  await welcomed(customerId, [fate]);

  const journal = await shop.store.readJournal(customerId);
  expect(journal.filter(({ type }) => type === 'Address Suppressed')).toMatchObject([
    { data: { customerId, reason, programme: 'onboarding', step: 'welcome' } },
  ]);
  const about = { programme: 'onboarding', customerId, reason };
  expect(shop.logs.lines.filter(({ fields }) => 'AddressesLost' in fields)).toContainEqual({
    functionName: 'perennial-local-feedback',
    fields: expect.objectContaining({ ...about, AddressesLost: reason === 'spam complaint' ? 1 : 0 }),
  });
});

it('nobody whose address is suppressed gets any more mail', async () => {
  await shop.pass(30);
  for (const [customerId] of LOST) expect(shop.mailsTo(customerId)).toEqual(['onboarding/welcome']);
});

it('doubled and out of order, reports come to the same', async () => {
  await welcomed('c-twice', []);
  const mail = shop.twin.mailbox.at(-1)?.id ?? '';
  const outcomes = [{ kind: 'complaint' }, { kind: 'delivery' }, { kind: 'complaint' }, { kind: 'send' }] as const;
  for (const outcome of outcomes) shop.twin.ses.report(mail, outcome);
  await shop.pass(SOON);

  expect(await shop.store.readEntry('c-twice', KEY)).toMatchObject({ delivery: { status: 'complained' } });
  const journal = await shop.store.readJournal('c-twice');
  expect(journal.filter(({ type }) => type === 'Address Suppressed')).toHaveLength(1);
});

it('evidence brings back an entry that was lost, whole', async () => {
  const entry = await welcomed('c-lost', []);
  await shop.store.removeEntry('c-lost', KEY);
  shop.twin.ses.report(shop.twin.mailbox.at(-1)?.id ?? '', { kind: 'send' });
  await shop.pass(SOON);

  const { release, template, locale, attempt, messageId } = entry ?? {};
  expect(await shop.store.readEntry('c-lost', KEY)).toMatchObject({
    outcome: 'sent',
    evidence: true,
    release,
    template,
    locale,
    attempt,
    messageId,
  });
});

it('what is not ours, or new to us, is counted and acknowledged', async () => {
  const tags = { 'ses:configuration-set': [shop.twin.mailbox[0]?.configurationSet] };
  const mail = { timestamp: new Date(shop.twin.now()).toISOString(), messageId: 'foreign', destination: [], tags };
  shop.twin.ses.emit('Email Sent', { eventType: 'Send', mail });
  shop.twin.ses.emit('Email Subscribed', { eventType: 'Subscription', mail });
  shop.twin.ses.emit('Email Read Aloud', { eventType: 'ReadAloud', mail });
  await shop.pass(SOON);

  for (const event of ['Send', 'Subscription', 'unknown']) {
    expect(shop.counted(NOTE.reportUnknown, { event })).toBe(1);
  }
});

it('no report was lost on the way, and no log names an address', () => {
  expect(shop.twin.deadLetters()).toEqual([]);
  const logs = shop.twin.logs.filter(({ functionName }) => functionName.includes('feedback'));
  expect(logs.length).toBeGreaterThan(0);
  expect(logs.map(({ text }) => text).join('\n')).not.toContain('@');
});
