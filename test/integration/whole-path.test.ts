import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';

describe('the whole path, from an event on the bus to a mail', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(undefined, { threads: 2 });
  });
  afterAll(async () => {
    await shop.close();
  });

  const ledgerOf = async (customerId: string) =>
    (await shop.store.readLedger(customerId)).map(({ key, outcome, reason }) =>
      `${key} ${outcome} ${reason ?? ''}`.trim(),
    );

  it('welcomes a buyer at once, names what was bought, and keeps stage, journal and ledger', async () => {
    await shop.register('anna', { name: 'Änna Öberg', locale: 'sv-SE' });
    await shop.emit('Purchase Completed', {
      customerId: 'anna',
      orderId: 'A-1',
      total: 429,
      currency: 'SEK',
      items: [{ sku: 't1', name: 'First flush <Darjeeling>', quantity: 2, price: 189.5 }],
    });
    expect(shop.mailsTo('anna')).toEqual(['onboarding/welcome']);
    const [accepted] = shop.twin.mailbox;
    const mail = await simpleParser(Buffer.from(accepted?.raw ?? []));
    expect(mail.to).toMatchObject({ value: [{ address: 'anna@example.com', name: 'Änna Öberg' }] });
    expect(mail.html).toContain('First flush &lt;Darjeeling&gt;');
    expect(mail.text).toContain('First flush <Darjeeling>');
    expect(mail.headers.get('list')).toMatchObject({ unsubscribe: { mail: expect.stringContaining('@') } });
    const customer = await shop.store.load('anna');
    expect(customer).toMatchObject({ kind: 'living', stage: 'new', pending: {}, flight: {} });
    expect(await shop.store.readJournal('anna')).toHaveLength(2);
    expect(await ledgerOf('anna')).toEqual(['1/onboarding/welcome/1 sent']);
  });

  it('leads a buyer who stays away through every stage and stops when there is nothing left to say', async () => {
    await shop.register('bo');
    await shop.buy('bo', 'B-1');
    await shop.pass(400);
    expect(shop.mailsTo('bo')).toEqual([
      'onboarding/welcome',
      'onboarding/guide',
      'onboarding/check-in',
      'retention/nps',
      'retention/make-the-most',
      'retention/check-in',
      'retention/reminder',
      'retention/benefits',
      'retention/your-view',
      'win-back/ask',
      'win-back/offer',
    ]);
    expect(await shop.store.load('bo')).toMatchObject({ stage: 'lapsed' });
  });

  it('starts the acquaintance anew, in words of welcome back, when a lapsed customer buys', async () => {
    await shop.register('cleo');
    await shop.buy('cleo', 'C-1');
    await shop.pass(300);
    const before = shop.mailsTo('cleo').length;
    await shop.buy('cleo', 'C-2');
    expect(shop.mailsTo('cleo').slice(before)).toEqual(['onboarding/welcome']);
    expect(await shop.store.load('cleo')).toMatchObject({ stage: 'new' });
    const entry = await shop.store.readEntry('cleo', '1/onboarding/welcome/2');
    expect(entry).toMatchObject({ outcome: 'sent', template: 'onboarding/welcome@returning' });
  });

  it('counts the guide from the delivery of the order', async () => {
    await shop.register('dan');
    await shop.buy('dan', 'D-1');
    await shop.pass(1);
    await shop.emit('Order Delivered', { customerId: 'dan', orderId: 'D-1' });
    await shop.pass(1.9);
    expect(shop.mailsTo('dan')).toEqual(['onboarding/welcome']);
    await shop.pass(1);
    expect(shop.mailsTo('dan')).toEqual(['onboarding/welcome', 'onboarding/guide']);
  });

  it('answers a complaint at once, keeps promotion back, reports, and says what was done', async () => {
    await shop.register('eva');
    await shop.buy('eva', 'E-1');
    await shop.emit('Complaint Opened', {
      customerId: 'eva',
      complaintId: 'K/1',
      channel: 'email',
      severity: 'normal',
    });
    expect(shop.mailsTo('eva')).toEqual(['onboarding/welcome', 'recovery/apology']);
    await shop.pass(8);
    await shop.emit('Complaint Resolved', {
      customerId: 'eva',
      complaintId: 'K/1',
      outcome: 'A new pot is on its way',
    });
    await shop.pass(6);
    expect(shop.mailsTo('eva').slice(2)).toEqual(['recovery/status.1', 'recovery/status.2', 'recovery/resolved']);
    await shop.pass(9);
    // Seven days of onboarding, of which the complaint and the week after it do not count.
    expect(shop.mailsTo('eva').slice(5)).toEqual(['retention/follow-up', 'onboarding/guide']);
  });

  it('goes no longer than 45 days without a mail to somebody who keeps buying', async () => {
    await shop.register('jo');
    const began = shop.twin.now();
    for (let order = 0; order < 10; order += 1) {
      await shop.buy('jo', `J-${order}`);
      await shop.pass(order % 2 === 0 ? 10 : 38);
    }
    const sent = shop.twin.mailbox.filter((mail) => mail.to.includes('jo@example.com')).map((mail) => mail.at);
    const gaps = [...sent, shop.twin.now()].map((at, index) => (at - (sent[index - 1] ?? began)) / DAY);
    expect(Math.max(...gaps)).toBeLessThan(45);
  });

  it('answers a complaint whatever its id', async () => {
    await shop.register('kai');
    const complaintId = 'Жалоба на доставку номер двадцать восемь/2';
    await shop.emit('Complaint Opened', { customerId: 'kai', complaintId, channel: 'email', severity: 'low' });
    expect(shop.mailsTo('kai')).toEqual(['recovery/apology']);
  });

  it('keeps a refused event with its reason beside those that failed, and takes the good ones around it', async () => {
    const dead = shop.twin.deadLetters().length;
    await shop.register('finn');
    await shop.emit(
      'Purchase Completed',
      { customerId: 'finn', orderId: 'F-1', total: -5, currency: 'EUR' },
      { id: 'bad-1' },
    );
    await shop.buy('finn', 'F-2');
    const refused = shop.twin.deadLetters().slice(dead);
    expect(refused).toHaveLength(1);
    expect(JSON.parse(refused[0]?.body ?? '')).toMatchObject({
      'detail-type': 'Event Refused',
      detail: { data: { field: 'data.total', eventId: 'bad-1', original: expect.stringContaining('F-1') } },
    });
    expect(shop.mailsTo('finn')).toEqual(['onboarding/welcome']);
  });

  it('refuses an id used for another event, ignores types it does not know, and repeats nothing', async () => {
    await shop.register('gia');
    await shop.emit(
      'Purchase Completed',
      { customerId: 'gia', orderId: 'G-1', total: 5, currency: 'EUR' },
      { id: 'g-1' },
    );
    const before = await shop.store.load('gia');
    const dead = shop.twin.deadLetters().length;
    await shop.emit(
      'Purchase Completed',
      { customerId: 'gia', orderId: 'G-1', total: 5, currency: 'EUR' },
      { id: 'g-1', at: OPENING },
    );
    expect(shop.twin.deadLetters()).toHaveLength(dead + 1);
    await shop.emit('Shelf Dusted', { customerId: 'gia' });
    await shop.emit(
      'Purchase Completed',
      { customerId: 'gia', orderId: 'G-1', total: 5, currency: 'EUR' },
      { id: 'g-1', at: shop.twin.now() },
    );
    expect(await shop.store.load('gia')).toEqual(before);
    expect(shop.mailsTo('gia')).toEqual(['onboarding/welcome']);
    expect(shop.counted(METRIC.eventsSetAside, { fate: 'ignored' })).toBe(1);
  });

  it('mails nobody without consent, and writes down why', async () => {
    await shop.register('hal', { consent: undefined });
    await shop.buy('hal', 'H-1');
    expect(shop.mailsTo('hal')).toEqual([]);
    expect(await ledgerOf('hal')).toEqual(['1/onboarding/welcome/1 withheld no consent']);
  });

  it('forgets a person who asks for it, and keeps the door closed', async () => {
    await shop.register('ida');
    await shop.buy('ida', 'I-1');
    await shop.emit('Customer Erasure Requested', { customerId: 'ida', requestId: 'r-1' });
    const late = shop.twin.now() - 1000;
    await shop.emit(
      'Purchase Completed',
      { customerId: 'ida', orderId: 'I-2', total: 9, currency: 'EUR' },
      { at: late },
    );
    await shop.pass(1);
    expect(await shop.store.load('ida')).toMatchObject({ kind: 'erased', life: 1 });
    expect(await shop.store.readJournal('ida')).toEqual([]);
    expect(await shop.store.readLedger('ida')).toEqual([]);
    await shop.register('ida');
    await shop.buy('ida', 'I-3');
    expect(await shop.store.load('ida')).toMatchObject({ kind: 'living', life: 2, stage: 'new' });
    expect(shop.mailsTo('ida')).toEqual(['onboarding/welcome', 'onboarding/welcome']);
  });
});

describe('at night', () => {
  it('welcomes whoever has just bought, and keeps everything else for the morning', async () => {
    const night = Date.parse('2026-03-02T02:30:00Z');
    const shop = await openShop(night);
    await shop.register('nils');
    await shop.buy('nils', 'N-1');
    expect(shop.mailsTo('nils')).toEqual(['onboarding/welcome']);
    await shop.pass(7.05);
    expect(shop.mailsTo('nils')).toEqual(['onboarding/welcome']);
    await shop.pass(0.3);
    const guide = shop.twin.mailbox.at(-1);
    const hour = new Date(guide?.at ?? 0).toLocaleTimeString('sv-SE', { timeZone: 'Europe/Stockholm' });
    expect(shop.mailsTo('nils')).toEqual(['onboarding/welcome', 'onboarding/guide']);
    expect(hour >= '08:00' && hour < '09:00').toBe(true);
    await shop.close();
  });
});
