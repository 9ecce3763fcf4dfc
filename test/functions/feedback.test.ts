/** What each report of SES does to the ledger, to the address and on the bus, in any order and any number of times. */
import { Logger } from '@aws-lambda-powertools/logger';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { feedbackBatch } from '../../functions/feedback/feedback-batch.ts';
import { type FeedbackServices, recordFeedback } from '../../functions/feedback/record-feedback.ts';
import { originOf, readSesEvent } from '../../functions/feedback/ses-event.ts';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import { FEEDBACK_SOURCE } from '../../shared/contracts/bus.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { blockedAt, optOut, unknownAddress, withHolder } from '../../shared/lifecycle/address.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { DeliveryMark } from '../../shared/lifecycle/customer/delivery.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { delivery as queued } from '../support/delivery.ts';
import { assert, same } from '../support/property.ts';
import { CountingMeter } from '../support/counting-meter.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const CUSTOMER = 'c-1042';
const KEY = '1/onboarding/welcome/1';
const ANNA = 'anna@example.com';
const BOUNCES = { transient: 3, within: 14 * DAY, rest: 30 * DAY };
const SECRET = 'a secret';
const hash = (address: string) => addressHash(SECRET, address);

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const day = (number: number) => NOON + number * DAY;
const iso = (at: number) => new Date(at).toISOString();

const TAGS = {
  c: [base64url(CUSTOMER)],
  k: [base64url(KEY)],
  n: ['1'],
  r: ['release-1'],
  v: [base64url('onboarding/welcome@short:sv')],
  'ses:configuration-set': ['perennial'],
};

/** A report as SES puts it on its bus, with the fields nobody here reads left in where they have an effect. */
function report(eventType: string, about: object = {}, tags: object = TAGS): Record<string, unknown> {
  const mail = {
    timestamp: iso(NOON),
    messageId: '0100-ses',
    source: 'shop@example.com',
    destination: [ANNA],
    commonHeaders: { subject: 'Welcome', to: [ANNA] },
    tags,
  };
  // By way of JSON, which leaves out what is undefined.
  return JSON.parse(JSON.stringify({ eventType, mail, ...about }));
}

const SEND = report('Send', { send: {} });
const DELAY = report('DeliveryDelay', {
  deliveryDelay: {
    timestamp: iso(NOON + MINUTE),
    delayType: 'MailboxFull',
    delayedRecipients: [{ emailAddress: ANNA }],
  },
});
const DELIVERY = report('Delivery', {
  delivery: { timestamp: iso(NOON + 2 * MINUTE), recipients: [ANNA], smtpResponse: '250 ok' },
});
const OPEN = report('Open', { open: { timestamp: iso(NOON + HOUR), ipAddress: '192.0.2.1' } });
const CLICK = report('Click', { click: { timestamp: iso(NOON + 2 * HOUR), link: 'https://example.com' } });
const REJECT = report('Reject', { reject: { reason: 'Bad content' } });

function bounce(bounceType: string, feedbackId = 'f-1', at = NOON + 3 * MINUTE, address = ANNA) {
  const bouncedRecipients = [{ emailAddress: address, diagnosticCode: `smtp; 550 <${address}> user unknown` }];
  return report('Bounce', {
    bounce: { bounceType, bounceSubType: 'General', bouncedRecipients, feedbackId, timestamp: iso(at) },
  });
}

function complaint(complaintFeedbackType: string | null = 'abuse') {
  return report('Complaint', {
    complaint: {
      complainedRecipients: [{ emailAddress: ANNA }],
      complaintFeedbackType,
      complaintSubType: null,
      feedbackId: 'f-2',
      timestamp: iso(NOON + DAY),
    },
  });
}

/** A store that says how often it was asked and what for. */
class CountedStore extends MemoryStore {
  readonly calls: string[] = [];

  override async load(customerId: string) {
    this.calls.push('load');
    return super.load(customerId);
  }
  override async readEntry(customerId: string, key: string) {
    this.calls.push('readEntry');
    return super.readEntry(customerId, key);
  }
  override async writeEntry(entry: LedgerEntry) {
    this.calls.push('writeEntry');
    return super.writeEntry(entry);
  }
  override async markDelivery(customerId: string, key: string, mark: DeliveryMark) {
    this.calls.push('markDelivery');
    return super.markDelivery(customerId, key, mark);
  }
}

class World {
  readonly store = new CountedStore();
  readonly addresses = new MemoryAddressBook();
  readonly announced: Announcement[] = [];
  readonly meter = new CountingMeter();

  get services(): FeedbackServices {
    return {
      store: this.store,
      addresses: this.addresses,
      announcer: { announce: async (each) => void this.announced.push(...each) },
      meter: this.meter,
      playbook: { bounces: BOUNCES },
      hashOf: async (address) => hash(address),
    };
  }

  async take(...reports: readonly unknown[]): Promise<void> {
    for (const each of reports) {
      const event = readSesEvent(each);
      if (event === undefined) throw new Error('the test reports what nobody knows');
      await recordFeedback(this.services, event);
    }
  }

  async living(more: Partial<Living> = {}): Promise<void> {
    await this.store.save({ ...unknownCustomer(CUSTOMER, NOON), version: 1, ...more }, 0);
  }

  async sent(): Promise<LedgerEntry> {
    const entry: LedgerEntry = { ...ENTRY, messageId: '0100-ses' };
    await this.store.writeEntry(entry);
    return entry;
  }

  /** As whoever sends a mail enters the customer first. */
  async entered(): Promise<void> {
    await reviseAddress(this.addresses, hash(ANNA), (known) => withHolder(known, CUSTOMER, NOON));
  }

  entry() {
    return this.store.readEntry(CUSTOMER, KEY);
  }

  address(address = ANNA) {
    return this.addresses.read(hash(address));
  }
}

const ENTRY: LedgerEntry = {
  customerId: CUSTOMER,
  key: KEY,
  outcome: 'sent',
  moment: NOON - HOUR,
  decidedAt: NOON - MINUTE,
  endedAt: NOON,
  attempt: 1,
  cause: 'e-1',
};

const nameOf = (event: Record<string, unknown>) => String(event['eventType']);

const envelope = (detail: unknown) =>
  JSON.stringify({ id: 'x', source: 'aws.ses', 'detail-type': 'Email Event', time: iso(NOON), detail });

let world: World;

beforeEach(() => {
  world = new World();
});

const clicked = (at: number) => report('Click', { click: { timestamp: iso(at), link: 'https://example.com' } });
const firstClick = (at: number) => ({
  detailType: 'Mail Clicked',
  id: `clicked/0100-ses/${at}`,
  occurredAt: at,
  data: { customerId: CUSTOMER, key: KEY },
});

describe('a click', () => {
  it('the first in a mail is an event about its reader, and later ones are not', async () => {
    await world.living();
    await world.sent();
    await world.take(clicked(NOON + HOUR), clicked(NOON + 2 * HOUR), OPEN);
    expect(world.announced).toStrictEqual([firstClick(NOON + HOUR)]);
    const [announced] = world.announced;
    const { detailType = '', id, occurredAt = NOON, data } = announced ?? {};
    const metadata = { id, version: 1, occurredAt: iso(occurredAt) };
    const parsed = parseEvent({ source: FEEDBACK_SOURCE, detailType, detail: { metadata, data } }, NOON + DAY);
    expect(parsed.kind).toBe('event');
  });

  it('is told again under the same id when its report comes again', async () => {
    await world.living();
    await world.sent();
    await world.take(clicked(NOON + HOUR), clicked(NOON + HOUR));
    expect(world.announced).toStrictEqual([firstClick(NOON + HOUR), firstClick(NOON + HOUR)]);
  });

  it('that was earlier, but reported later, is told too; one in a mail nobody knows is not', async () => {
    await world.living();
    await world.sent();
    await world.take(clicked(NOON + 2 * HOUR), clicked(NOON + HOUR));
    expect(world.announced).toStrictEqual([firstClick(NOON + 2 * HOUR), firstClick(NOON + HOUR)]);
    const stranger = new World();
    await stranger.take(clicked(NOON + HOUR));
    expect(stranger.announced).toStrictEqual([]);
  });
});

describe('a report on a message that is sent', () => {
  it.each([
    ['Send', SEND, undefined],
    ['DeliveryDelay', DELAY, { status: 'delayed', at: NOON + MINUTE, detail: 'MailboxFull' }],
    ['Delivery', DELIVERY, { status: 'delivered', at: NOON + 2 * MINUTE }],
    ['Bounce', bounce('Permanent'), { status: 'bounced', at: NOON + 3 * MINUTE, detail: 'Permanent/General' }],
    ['Complaint', complaint(), { status: 'complained', at: NOON + DAY, detail: 'abuse' }],
    ['Reject', REJECT, { status: 'rejected', at: NOON, detail: 'Bad content' }],
    ['Open', OPEN, { status: 'delivered', at: NOON + HOUR, openedAt: NOON + HOUR }],
    ['Click', CLICK, { status: 'delivered', at: NOON + 2 * HOUR, clickedAt: NOON + 2 * HOUR }],
  ])('%s says how far it got', async (eventType, event, delivery) => {
    await world.living();
    const sent = await world.sent();

    await world.take(event);

    expect(await world.entry()).toEqual({ ...sent, ...(delivery && { delivery }) });
    // SES counts these itself.
    const isNoted = eventType !== 'Send' && eventType !== 'Delivery';
    expect(world.meter.counted(NOTE.reported, { event: eventType })).toBe(isNoted ? 1 : 0);
  });

  it('costs one write and no read', async () => {
    await world.living();
    await world.sent();
    world.store.calls.length = 0;

    await world.take(SEND, DELAY, DELIVERY, OPEN, REJECT, DELIVERY);

    expect(world.store.calls).toEqual(Array(6).fill('markDelivery'));
  });

  it.each(['Rendering Failure', 'Subscription'])('%s is counted and changes nothing', async (eventType) => {
    await world.living();
    const sent = await world.sent();

    await world.take(report(eventType));

    expect(await world.entry()).toEqual(sent);
    expect(world.meter.counted(NOTE.reported, { event: eventType })).toBe(1);
  });
});

describe('evidence that SES accepted', () => {
  const accepted = [SEND, DELAY, DELIVERY, bounce('Permanent'), bounce('Transient'), complaint(), REJECT, OPEN, CLICK];
  const message = { moment: NOON - HOUR, decidedAt: NOON - MINUTE, attempt: 1, cause: 'e-1' };

  it.each(accepted.map((event) => [nameOf(event), event] as const))('makes a missing entry: %s', async (_, event) => {
    await world.living({ flight: { [KEY]: { ...message, token: 't', lease: NOON + MINUTE } } });

    await world.take(event);

    expect(await world.entry()).toMatchObject({
      ...ENTRY,
      evidence: true,
      messageId: '0100-ses',
      release: 'release-1',
      template: 'onboarding/welcome@short',
      locale: 'sv',
    });
    expect(world.meter.counted(METRIC.messagesSent, { programme: 'onboarding' })).toBe(1);
  });

  it.each(['Rendering Failure', 'Subscription'])('is not in %s', async (eventType) => {
    await world.living();

    await world.take(report(eventType));

    expect(await world.entry()).toBeUndefined();
  });

  it('brings what is still known of the message, wherever it waits', async () => {
    const closing = { ...message, outcome: 'failed', reason: 'outcome unknown', closedAt: NOON } as const;
    for (const state of [{ pending: { [KEY]: message } }, { closing: { [KEY]: closing } }]) {
      world = new World();
      await world.living(state);
      await world.take(SEND);

      expect(await world.entry()).toMatchObject({ moment: NOON - HOUR, decidedAt: NOON - MINUTE, cause: 'e-1' });
      expect(await world.entry()).not.toHaveProperty('reason');
    }
  });

  it('stands alone when nothing is known any more, with the attempt of its tag', async () => {
    await world.living();

    await world.take(report('Send', {}, { ...TAGS, n: ['2'], r: undefined, v: undefined }));

    expect(await world.entry()).toEqual({
      customerId: CUSTOMER,
      key: KEY,
      outcome: 'sent',
      moment: NOON,
      decidedAt: NOON,
      endedAt: NOON,
      attempt: 2,
      messageId: '0100-ses',
      evidence: true,
    });
  });

  it('turns "failed: outcome unknown" into sent, and keeps its moment', async () => {
    await world.living();
    const { cause: _cause, ...unknown } = ENTRY;
    await world.store.writeEntry({ ...unknown, outcome: 'failed', reason: 'outcome unknown', endedAt: NOON + HOUR });

    await world.take(DELIVERY);

    const entry = await world.entry();
    expect(entry).toMatchObject({ outcome: 'sent', moment: NOON - HOUR, endedAt: NOON, evidence: true });
    expect(entry).toMatchObject({ delivery: { status: 'delivered' } });
    expect(entry).not.toHaveProperty('reason');
  });

  it('yields to the entry the sender writes meanwhile', async () => {
    await world.living();
    const { store } = world;
    const write = store.writeEntry.bind(store);
    store.writeEntry = async (entry) => {
      store.writeEntry = write;
      await write({ ...ENTRY, messageId: 'from the sender' });
      return write(entry);
    };

    await world.take(DELIVERY);

    expect(await world.entry()).toMatchObject({ messageId: 'from the sender', delivery: { status: 'delivered' } });
    expect(world.meter.counted(METRIC.messagesSent)).toBe(0);
  });

  it.each([
    [
      'erased',
      async () => world.store.save({ kind: 'erased', customerId: CUSTOMER, life: 1, version: 1, erasedAt: NOON }, 0),
    ],
    ['in another life', async () => world.living({ life: 2 })],
    ['unknown', async () => undefined],
  ])('of a customer who is %s leaves nothing in the tables but a suppression', async (_, given) => {
    await given();

    await world.take(...accepted.filter((event) => event['eventType'] !== 'Complaint' && event !== accepted[3]));

    expect(await world.store.readLedger(CUSTOMER)).toEqual([]);
    expect(await world.address()).toBeUndefined();
    expect(world.meter.counted(NOTE.reportUnknown)).toBe(7);

    await world.take(complaint());

    expect(await world.store.readLedger(CUSTOMER)).toEqual([]);
    expect(world.announced).toEqual([]);
    expect(await world.address()).toMatchObject({ suppressed: { reason: 'spam complaint' } });
  });
});

describe('the address', () => {
  beforeEach(async () => {
    await world.living();
    await world.sent();
  });

  it('that bounced for good is suppressed, whichever it is', async () => {
    await world.take(bounce('Permanent', 'f-1', NOON + MINUTE, ' Other@Example.com'));

    expect(blockedAt(await world.address('other@example.com'), NOON + 1000 * DAY)).toBe('hard bounce');
    expect(await world.address()).toBeUndefined();
    expect(world.meter.valuesOf(METRIC.addressesLost, { programme: 'onboarding', reason: 'hard bounce' })).toEqual([0]);
  });

  it('whose reader complained is suppressed', async () => {
    await world.take(complaint(null));

    expect(blockedAt(await world.address(), NOON + 1000 * DAY)).toBe('spam complaint');
  });

  it('whose reader took the mail out of the spam folder is not', async () => {
    const sent = await world.entry();
    await world.take(complaint('not-spam'));

    expect(await world.address()).toBeUndefined();
    expect(world.announced).toEqual([]);
    expect(await world.entry()).toEqual(sent);
    expect(world.meter.counted(NOTE.reported, { event: 'Complaint' })).toBe(1);
  });

  it.each(['Transient', 'Undetermined'])('rests after too many bounces that may pass: %s', async (bounceType) => {
    await world.entered();
    await world.take(
      bounce(bounceType, 'f-1', day(0)),
      bounce(bounceType, 'f-2', day(1)),
      bounce(bounceType, 'f-1', day(0)),
    );
    expect(blockedAt(await world.address(), day(2))).toBeUndefined();

    await world.take(bounce(bounceType, 'f-3', day(2)));

    expect(blockedAt(await world.address(), day(2))).toBe('bouncing');
    expect(blockedAt(await world.address(), day(32))).toBeUndefined();
    expect(world.announced).toEqual([]);
    expect(world.meter.counted(NOTE.reported, { event: 'Bounce', programme: 'onboarding' })).toBe(4);
  });

  it('works again once a mail is delivered', async () => {
    await world.entered();
    for (const id of ['f-1', 'f-2', 'f-3']) await world.take(bounce('Transient', id, NOON));
    expect(blockedAt(await world.address(), NOON + DAY)).toBe('bouncing');

    await world.take(DELIVERY);

    expect(await world.address()).toEqual({
      ...withHolder(unknownAddress(hash(ANNA)), CUSTOMER, NOON),
      version: expect.any(Number),
    });
  });

  it('where nobody is mailed any more is not written for a bounce that may pass', async () => {
    await world.take(bounce('Transient', 'f-1', NOON));

    expect(await world.address()).toBeUndefined();
  });

  it('that never bounced is not written when a mail is delivered', async () => {
    const known = { ...optOut(unknownAddress(hash(ANNA)), undefined, NOON), version: 5 };
    await world.addresses.save(known, 0);

    await world.take(DELIVERY);

    expect(await world.address()).toEqual(known);
  });

  it('that is suppressed is announced to the customer, the same event each time, without naming it', async () => {
    await world.take(complaint(), complaint());

    const [first, second] = world.announced;
    expect(world.announced).toHaveLength(2);
    expect(second).toEqual(first);
    expect(first).toEqual({
      detailType: 'Address Suppressed',
      id: 'suppressed/f-2',
      occurredAt: NOON + DAY,
      data: { customerId: CUSTOMER, reason: 'spam complaint', programme: 'onboarding', step: 'welcome' },
    });
    expect(world.meter.valuesOf(METRIC.addressesLost, { programme: 'onboarding', reason: 'spam complaint' })).toEqual([
      1,
    ]);
    expect(JSON.stringify(world.announced)).not.toContain('@');
  });

  it('is announced in a form the intake takes', async () => {
    await world.take(bounce('Permanent'));
    const [{ detailType, id, occurredAt, data } = { detailType: '', id: '', occurredAt: 0, data: {} }] =
      world.announced;
    const detail = { metadata: { id, version: 1, occurredAt: iso(occurredAt) }, data };

    expect(parseEvent({ source: FEEDBACK_SOURCE, detailType, detail }, NOON + DAY)).toMatchObject({
      kind: 'event',
      event: { customerId: CUSTOMER, type: 'Address Suppressed' },
    });
  });

  it('is named in no entry, however the mail server put it', async () => {
    const spelt = report('Complaint', {
      complaint: {
        complainedRecipients: [{ emailAddress: ANNA }],
        complaintFeedbackType: `abuse by ${ANNA}`,
        feedbackId: 'f-2',
        timestamp: iso(NOON + DAY),
      },
    });
    await world.take(bounce('Permanent'), DELAY, DELIVERY, spelt);

    expect(JSON.stringify(await world.entry())).not.toContain('@example');
    expect(await world.entry()).toMatchObject({ delivery: { status: 'complained' } });
  });
});

describe('a mail that is not ours', () => {
  it.each([
    ['no tags', {}],
    ['tags of somebody else', { campaign: ['spring'] }],
    ['no customer', { ...TAGS, c: undefined }],
    ['a customer that is no base64url', { ...TAGS, c: ['c-1042!'] }],
    ['an empty customer', { ...TAGS, c: [''] }],
    ['no key', { ...TAGS, k: [base64url('welcome')] }],
    ['no attempt', { ...TAGS, n: ['first'] }],
  ])('is counted and left alone: %s', async (_, tags) => {
    await world.living();
    const { mail } = report('Complaint', {}, tags);

    await world.take({ ...complaint(), mail });

    expect(world.meter.counted(NOTE.reportUnknown)).toBe(1);
    expect(await world.address()).toBeUndefined();
    expect(await world.store.readLedger(CUSTOMER)).toEqual([]);
  });

  it('is told by its tags: those of any of ours come back whole', () => {
    assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        (customerId, episode) => {
          fc.pre(customerId.isWellFormed() && episode.isWellFormed());
          const key = `2/recovery/status.3/${episode}`;
          const tags = { ...TAGS, c: [base64url(customerId)], k: [base64url(key)] };
          same(originOf(tags), {
            customerId,
            key,
            life: 2,
            programme: 'recovery',
            step: 'status',
            round: 3,
            episode,
            attempt: 1,
            release: 'release-1',
            template: 'onboarding/welcome@short',
            locale: 'sv',
          });
        },
      ),
      200,
    );
  });
});

/** What a world comes to that starts with this entry and takes these reports. */
const outcomeOf = async (order: readonly unknown[], entry: string) => {
  world = new World();
  await world.living();
  if (entry === 'sent') await world.sent();
  if (entry === 'unknown') await world.store.writeEntry({ ...ENTRY, outcome: 'failed', reason: 'outcome unknown' });
  await world.take(...order);
  const { version: _version, suppressed, ...address } = (await world.address()) ?? unknownAddress(hash(ANNA));
  const announced = new Set(world.announced.map((each) => JSON.stringify(each)));
  return {
    entry: await world.entry(),
    // The first reason stays, whichever it was.
    address: { ...address, suppressed: suppressed !== undefined },
    announced: [...announced].toSorted(),
  };
};

/** What is known of the address after these bounces. */
const addressAfter = async (order: readonly unknown[]) => {
  world = new World();
  await world.living();
  await world.entered();
  await world.sent();
  await world.take(...order);
  return { ...(await world.address()), version: 0 };
};

describe('reports in any order, any number of times', () => {
  const reports = [SEND, DELAY, DELIVERY, OPEN, CLICK, bounce('Permanent'), complaint(), REJECT];

  it('end in the same ledger and the same suppression', async () => {
    const some = fc.subarray(reports, { minLength: 1 });
    const orders = some.chain((chosen) =>
      fc.record({
        chosen: fc.constant(chosen),
        order: fc
          .array(fc.constantFrom(...chosen), { maxLength: 6 })
          .chain((doubled) =>
            fc.shuffledSubarray([...chosen, ...doubled], { minLength: chosen.length + doubled.length }),
          ),
        entry: fc.constantFrom('missing', 'sent', 'unknown'),
      }),
    );
    await assert(
      fc.asyncProperty(orders, async ({ chosen, order, entry }) => {
        same(await outcomeOf(order, entry), await outcomeOf(chosen, entry));
      }),
      300,
    );
  });

  it('count each bounce that may pass once, while no mail arrives', async () => {
    const bounces = [0, 1, 2, 3].map((each) => bounce('Transient', `f-${each}`, day(each)));
    const orders = fc
      .array(fc.constantFrom(...bounces), { maxLength: 4 })
      .chain((doubled) => fc.shuffledSubarray([...bounces, ...doubled], { minLength: 4 + doubled.length }));

    await assert(
      fc.asyncProperty(orders, async (order) => same(await addressAfter(order), await addressAfter(bounces))),
      200,
    );
  });
});

describe('a batch', () => {
  const logger = new Logger({ logLevel: 'SILENT' });

  it('delivers again what it cannot read, and nothing else', async () => {
    await world.living();
    const records = [
      queued('good', envelope(DELIVERY)),
      queued('no json', '{'),
      queued('no event', JSON.stringify({ hello: 'world' })),
      queued('no report', envelope({ hello: 'world' })),
      queued('half a report', envelope({ ...DELIVERY, delivery: {} })),
      queued('new type', envelope(report('Teleported'))),
      queued('not ours', envelope(report('Send', {}, {}))),
    ];

    const { batchItemFailures } = await feedbackBatch(world.services, records, logger);

    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).toSorted()).toEqual([
      'half a report',
      'no event',
      'no json',
      'no report',
    ]);
    expect(await world.entry()).toMatchObject({ outcome: 'sent', delivery: { status: 'delivered' } });
    expect(world.meter.counted(NOTE.reportUnknown, { event: 'unknown' })).toBe(1);
    expect(world.meter.counted(NOTE.reportUnknown)).toBe(2);
  });

  it('delivers again what met a fault, which then finds it done in part', async () => {
    await world.living();
    const failing = {
      ...world.services,
      announcer: { announce: () => Promise.reject(new Error('the bus is away')) },
    };
    const records = [queued('m-1', envelope(complaint()))];

    expect((await feedbackBatch(failing, records, logger)).batchItemFailures).toHaveLength(1);
    expect((await feedbackBatch(world.services, records, logger)).batchItemFailures).toEqual([]);

    expect(world.announced).toHaveLength(1);
    expect(await world.entry()).toMatchObject({ delivery: { status: 'complained' } });
  });
});
