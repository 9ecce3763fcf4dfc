/** The intake for those who cannot call PutEvents: what gets in, what does not, and what its sender is told. */
import { describe, expect, it } from 'vitest';
import { LARGEST_BODY } from '../../functions/ingest/request.ts';
import { MOST_EVENTS } from '../../functions/ingest/events.ts';
import { Rate, WINDOW } from '../../functions/ingest/rate.ts';
import { checkUsable, isSigned, signaturesIn, UnusableKey } from '../../functions/ingest/signature.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { START } from '../support/events.ts';
import { INTAKE_SECRET, signedHeaders } from '../support/intake.ts';
import { IntakeBench, RATE } from './ingest-bench.ts';

const SECOND = 1000;
const OTHER_SECRET = 'bm9ib2R5IGhhcyBldmVyIHVzZWQgdGhpcyBrZXk=';

const purchase = (id: string, data: object = {}) => ({
  'detail-type': 'Purchase Completed',
  detail: {
    metadata: { id, version: 1, occurredAt: new Date(START - MINUTE).toISOString() },
    data: { customerId: 'c-1', orderId: `o-${id}`, total: 42.5, currency: 'EUR', ...data },
  },
});
const many = (count: number) => Array.from({ length: count }, (_, index) => purchase(`e-${index}`));

/** Written by hand, for what writes JSON ends at some thousand levels itself. */
const nested = (levels: number) =>
  JSON.stringify(purchase('e-1', { note: '@' })).replace('"@"', '['.repeat(levels) + ']'.repeat(levels));

const BODY = JSON.stringify(purchase('e-1'));
const headersOf = (changes: Readonly<Record<string, string | undefined>> = {}, at = START) => ({
  ...signedHeaders(BODY, { secret: INTAKE_SECRET, at, id: 'msg_1' }),
  ...changes,
});

describe('a signature', () => {
  it('is the one Standard Webhooks gives as its example', () => {
    const body = Buffer.from('{"test": 2432232314}');
    const content = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: '1614265330', body };
    const signatures = signaturesIn('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    expect(isSigned(content, signatures, { current: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })).toBe(true);
    expect(isSigned(content, signatures, { current: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' })).toBe(true);
    expect(isSigned(content, signatures, { current: OTHER_SECRET })).toBe(false);
  });

  it.each(['not base64!', 'c2hvcnQ=', ''])('is never made with the secret %j', (current) => {
    const content = { id: 'a', timestamp: '1', body: Buffer.from('') };
    expect(isSigned(content, [Buffer.alloc(32)], { current })).toBe(false);
    expect(() => checkUsable({ current })).toThrow(UnusableKey);
    expect(() => checkUsable({ current: OTHER_SECRET, previous: current })).toThrow(UnusableKey);
  });
});

describe('a signed request', () => {
  it.each([
    ['an event as it stands on the bus', purchase('e-1'), ['e-1']],
    ['a list of events', [purchase('e-1'), purchase('e-2')], ['e-1', 'e-2']],
    [
      'the input of aws events put-events',
      {
        Entries: [
          { DetailType: 'Purchase Completed', Detail: JSON.stringify(purchase('e-3').detail), Source: 'my.shop' },
        ],
      },
      ['e-3'],
    ],
  ])('with %s is taken and answered with its ids', async (_what, content, ids) => {
    const bench = new IntakeBench();
    expect(await bench.send(content)).toMatchObject({ status: 202, taken: ids.length, ids, again: false });
    expect(bench.bus).toHaveLength(ids.length);
    expect(bench.meter.names).toEqual([]);
  });

  it('hands on the event as it is, with its source or that of the intake', async () => {
    const bench = new IntakeBench();
    const strange = { ...purchase('e-2', { unheardOf: 1 }), source: 'my.shop' };
    await bench.send([purchase('e-1'), strange]);
    expect(bench.bus).toEqual([
      { source: 'shop.intake', detailType: 'Purchase Completed', detail: JSON.stringify(purchase('e-1').detail) },
      { source: 'my.shop', detailType: 'Purchase Completed', detail: JSON.stringify(strange.detail) },
    ]);
  });

  it('counts byte by byte, also where it is not ASCII, in base64 or signed twice', async () => {
    const bench = new IntakeBench();
    const body = JSON.stringify(
      purchase('e-1', { items: [{ sku: 'å', name: 'Grüner Tee ☕', quantity: 1, price: 1 }] }),
    );
    const headers = signedHeaders(body, { secret: INTAKE_SECRET, at: START });
    expect(await bench.request({ headers, body, base64: true })).toMatchObject({ status: 202 });
    const other = signedHeaders(body, { secret: OTHER_SECRET, at: START })['webhook-signature'];
    const twice = signedHeaders(body, { secret: INTAKE_SECRET, at: START, id: 'another' });
    twice['webhook-signature'] = `${other} v1a,xyz ${twice['webhook-signature']}`;
    expect(await bench.request({ headers: twice, body })).toMatchObject({ status: 202 });
  });

  it.each([
    ['as bytes', true, 400, 'malformed'],
    ['as text, in which Lambda has replaced what it could not read', false, 401, 'forged'],
  ])('in another encoding than UTF-8 is refused by that name: handed on %s', async (_what, base64, status, error) => {
    const bench = new IntakeBench();
    const text = JSON.stringify(
      purchase('e-1', { items: [{ sku: 'a', name: 'Gr\u00FCner Tee', quantity: 1, price: 1 }] }),
    );
    const body = Buffer.from(text, 'latin1');
    const headers = signedHeaders(body, { secret: INTAKE_SECRET, at: START });
    const answer = await bench.request({ headers, body, base64 });
    expect(answer).toMatchObject({ status, error, message: expect.stringContaining('UTF-8') });
    expect(bench.bus).toEqual([]);
  });

  it('may be five minutes old or ahead, and no more', async () => {
    for (const [off, status] of [
      [-5 * MINUTE, 202],
      [-5 * MINUTE - SECOND, 401],
      [5 * MINUTE, 202],
      [5 * MINUTE + SECOND, 401],
    ] as const) {
      const bench = new IntakeBench();
      expect(await bench.send(purchase('e-1'), { at: START + off })).toMatchObject({ status });
    }
  });
});

describe('a request of a stranger', () => {
  const REFUSED = [
    ['unsigned', {}, { 'webhook-id': undefined, 'webhook-timestamp': undefined, 'webhook-signature': undefined }, 401],
    ['unsigned', {}, { 'webhook-signature': undefined }, 401],
    ['unsigned', {}, { 'webhook-signature': 'v1,' }, 401],
    ['unsigned', {}, { 'webhook-signature': 'v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }, 401],
    ['unsigned', {}, { 'webhook-id': 'with.a.stop' }, 401],
    ['unsigned', {}, { 'webhook-timestamp': 'yesterday' }, 401],
    ['unsupported-type', {}, { 'content-type': 'text/plain' }, 415],
    ['unsupported-type', {}, { 'content-type': undefined }, 415],
    ['method-not-allowed', { method: 'GET' }, {}, 405],
  ] as const;

  it.each(REFUSED)('is refused as %s: %j %j', async (error, how, changes, status) => {
    const bench = new IntakeBench();
    expect(await bench.request({ ...how, headers: headersOf(changes), body: BODY })).toMatchObject({ status, error });
    // It costs no key, tells nobody and puts nothing on the bus.
    expect([bench.asked, bench.meter.names, bench.bus]).toEqual([0, [], []]);
  });

  it.each([
    ['another key', headersOf(signedHeaders(BODY, { secret: OTHER_SECRET, at: START })), BODY],
    ['another body', headersOf(), BODY.replace('42.5', '9000')],
    ['another id', headersOf({ 'webhook-id': 'msg_2' }), BODY],
    ['another time', headersOf({ 'webhook-timestamp': String(START / SECOND + 1) }), BODY],
  ])('that forges a signature with %s is refused', async (_what, headers, body) => {
    const bench = new IntakeBench();
    const answer = await bench.request({ headers, body });
    expect(answer).toMatchObject({ status: 401, error: 'forged' });
    expect(answer.message).not.toContain('UTF-8');
    expect([bench.meter.names, bench.bus]).toEqual([['IntakeRefused forged'], []]);
  });

  it('that was signed long ago is refused, and costs no key', async () => {
    const bench = new IntakeBench();
    bench.now = START + 6 * MINUTE;
    expect(await bench.request({ headers: headersOf(), body: BODY })).toMatchObject({ status: 401, error: 'expired' });
    expect([bench.asked, bench.meter.names, bench.bus]).toEqual([0, ['IntakeRefused expired'], []]);
  });

  it('that replays what was taken is refused, changes nothing, and says that nothing is left to do', async () => {
    const bench = new IntakeBench();
    await bench.request({ headers: headersOf(), body: BODY });
    bench.now += 4 * MINUTE;
    expect(await bench.request({ headers: headersOf(), body: BODY })).toMatchObject({
      status: 409,
      error: 'already-taken',
      taken: ['e-1'],
    });
    expect([bench.bus.length, bench.meter.names]).toEqual([1, []]);
  });

  it('that replays a retry, or what came before it, is refused as well', async () => {
    const bench = new IntakeBench();
    await bench.request({ headers: headersOf(), body: BODY });
    bench.now += MINUTE;
    const retried = headersOf({}, bench.now);
    expect(await bench.request({ headers: retried, body: BODY })).toMatchObject({ status: 202, again: true });
    bench.now += MINUTE;
    for (const headers of [retried, headersOf()]) {
      expect(await bench.request({ headers, body: BODY })).toMatchObject({ status: 409, error: 'already-taken' });
    }
    expect(bench.bus).toHaveLength(1);
  });
});

describe('a sender that got no answer', () => {
  it('is told again, for a day, and nothing is put on the bus twice', async () => {
    const bench = new IntakeBench();
    await bench.send(purchase('e-1'), { id: 'msg_1' });
    bench.now += DAY - SECOND;
    expect(await bench.send(purchase('e-1'), { id: 'msg_1' })).toMatchObject({
      status: 202,
      ids: ['e-1'],
      again: true,
    });
    expect(bench.bus).toHaveLength(1);
    bench.now += DAY;
    expect(await bench.send(purchase('e-1'), { id: 'msg_1' })).toMatchObject({ status: 202, again: false });
  });

  it('is not told that the content of another request was taken', async () => {
    const bench = new IntakeBench();
    await bench.send(purchase('e-1'), { id: 'msg_1' });
    bench.now += SECOND;
    expect(await bench.send(purchase('e-2'), { id: 'msg_1' })).toMatchObject({ status: 409, error: 'id-reused' });
    expect([bench.bus.length, bench.meter.names]).toEqual([1, ['IntakeRefused id-reused']]);
  });

  it('gets in with the same request when the bus was in trouble, and hears what was taken', async () => {
    const bench = new IntakeBench();
    bench.untaken = new Set([1]);
    const content = [purchase('e-1'), purchase('e-2')];
    const refused = await bench.send(content, { id: 'msg_1' });
    expect(refused).toMatchObject({ status: 503, error: 'unavailable', taken: ['e-1'] });
    expect(refused.headers).toHaveProperty('retry-after', '5');
    bench.untaken = new Set();
    expect(await bench.send(content, { id: 'msg_1' })).toMatchObject({ status: 202, again: false });
    expect(bench.bus.map(({ detail }) => detail)).toContain(JSON.stringify(purchase('e-2').detail));
  });

  it('hears of no fault of ours but that it should try again', async () => {
    const bench = new IntakeBench();
    bench.requests.keep = () => Promise.reject(new Error('the table is away'));
    const { status, message } = await bench.send(purchase('e-1'));
    expect([status, message]).toEqual([503, expect.stringContaining('Send the whole request again')]);
  });
});

const signedWith = (secret: string, id: string) => ({
  headers: signedHeaders(BODY, { secret, at: START, id }),
  body: BODY,
});

describe('a rotation of the key', () => {
  it('leaves the key before valid, and the next one is known at once', async () => {
    const bench = new IntakeBench();
    bench.newestKeys = { current: OTHER_SECRET, previous: INTAKE_SECRET };
    expect(await bench.request(signedWith(INTAKE_SECRET, 'a'))).toMatchObject({ status: 202 });
    expect(bench.asked).toBe(1);
    expect(await bench.request(signedWith(OTHER_SECRET, 'b'))).toMatchObject({ status: 202 });
    bench.keys = bench.newestKeys;
    expect(await bench.request(signedWith(INTAKE_SECRET, 'c'))).toMatchObject({ status: 202 });
  });

  it('to what is no key leaves the one before it valid, and refuses nobody as a forger', async () => {
    const bench = new IntakeBench();
    bench.keys = { current: 'not base64!' };
    bench.newestKeys = { current: 'not base64!', previous: INTAKE_SECRET };
    expect(await bench.request(signedWith(INTAKE_SECRET, 'a'))).toMatchObject({ status: 202 });
    expect(await bench.request(signedWith(OTHER_SECRET, 'b'))).toMatchObject({ status: 503 });
    bench.newestKeys = { current: OTHER_SECRET, previous: 'not base64!' };
    expect(await bench.request(signedWith(OTHER_SECRET, 'c'))).toMatchObject({ status: 202 });
  });

  it('ends a key with the one after the next', async () => {
    const bench = new IntakeBench();
    bench.keys = { current: OTHER_SECRET };
    expect(await bench.request(signedWith(INTAKE_SECRET, 'a'))).toMatchObject({ status: 401, error: 'forged' });
  });
});

describe('a signed request with a mistake', () => {
  it('is refused as a whole, naming position, id and every field, and none of it is taken', async () => {
    const bench = new IntakeBench();
    const answer = await bench.send([
      purchase('e-1'),
      purchase('e-2', { total: '429', currency: 'kr' }),
      { ...purchase('e-3'), 'detail-type': 'Purchase Complete' },
      { event: 'purchase' },
      { DetailType: 'Purchase Completed', Detail: '{' },
    ]);
    expect(answer).toMatchObject({ status: 400, error: 'broken-events' });
    expect(answer.message).toContain('4 of 5 events');
    expect(answer.events).toMatchObject([
      {
        index: 1,
        id: 'e-2',
        'detail-type': 'Purchase Completed',
        field: 'data.total',
        expected: expect.stringContaining('an amount'),
      },
      { index: 1, id: 'e-2', field: 'data.currency' },
      { index: 2, id: 'e-3', 'detail-type': 'Purchase Complete', field: 'detail-type' },
      { index: 3, field: 'event' },
      { index: 4, field: 'Detail' },
    ]);
    expect(JSON.stringify(answer)).not.toContain('429');
    expect([bench.bus, bench.meter.names]).toEqual([[], ['IntakeRefused broken-events']]);
  });

  it.each([
    ['source', { ...purchase('e-1'), source: 5 }],
    ['source', { ...purchase('e-1'), source: null }],
    ['Source', { DetailType: 'Purchase Completed', Detail: '{}', Source: null }],
    ['Source', { DetailType: 'Purchase Completed', Detail: '{}', Source: ['shop'] }],
  ])('hears that it is the field %s: %j', async (field, event) => {
    const { status, events } = await new IntakeBench().send(event);
    expect([status, events]).toMatchObject([400, [{ field, 'detail-type': 'Purchase Completed' }]]);
  });

  it('cannot give two events one id, for one of them would be lost', async () => {
    const bench = new IntakeBench();
    const [one, other] = [purchase('same'), purchase('same', { orderId: 'o-2' })];
    expect(await bench.send([one, purchase('e-2'), other])).toMatchObject({
      status: 400,
      error: 'broken-events',
      events: [{ index: 2, id: 'same', field: 'metadata.id' }],
    });
    expect(bench.bus).toEqual([]);
    const ofAnother = purchase('same', { customerId: 'c-2' });
    expect(await bench.send([one, one, ofAnother])).toMatchObject({ status: 202, ids: ['same', 'same', 'same'] });
  });

  it('is told of levels beyond what can be read, and not to try again', async () => {
    const bench = new IntakeBench();
    expect(await bench.send(nested(20))).toMatchObject({ status: 202 });
    expect(await bench.send(nested(5000))).toMatchObject({ status: 400, events: [{ index: 0, field: 'detail' }] });
    expect(await bench.send(nested(100_000))).toMatchObject({ status: 400 });
  });

  it.each(['perennial', 'perennial.reader', 'aws.ses'])('cannot speak as %s', async (source) => {
    const bench = new IntakeBench();
    const { status, events } = await bench.send({ ...purchase('e-1'), source });
    expect([status, events?.[0]?.field]).toEqual([400, 'source']);
  });

  it('does not repeat an address that stands where an id should', async () => {
    const answer = await new IntakeBench().send(purchase('anna@example.com', { orderId: 'o-1' }));
    expect(answer.events).toMatchObject([{ field: 'metadata.id' }]);
    expect(JSON.stringify(answer)).not.toContain('anna@');
  });

  it.each([
    ['no JSON', 'Purchase Completed'],
    ['nothing', ''],
    ['no event', '[]'],
  ])('is malformed when it holds %s', async (_what, body) => {
    expect(await new IntakeBench().send(body)).toMatchObject({ status: 400, error: 'malformed' });
  });

  it('is too large beyond its bytes or its events', async () => {
    const bench = new IntakeBench();
    expect(await bench.send(many(MOST_EVENTS))).toMatchObject({ status: 202 });
    expect(await bench.send(many(MOST_EVENTS + 1))).toMatchObject({ status: 413, error: 'too-large' });
    const body = BODY.padEnd(LARGEST_BODY, ' ');
    expect(await bench.send(body)).toMatchObject({ status: 202 });
    expect(await bench.send(`${body} `)).toMatchObject({ status: 413, error: 'too-large' });
  });
});

describe('more requests than get in at a time', () => {
  it('lose nothing, a thousand at once: each is taken, or told when to come again', async () => {
    const bench = new IntakeBench();
    bench.rates = Array.from({ length: 10 }, () => new Rate(bench.requests, RATE));
    let left = Array.from({ length: 1000 }, (_, index) => `e-${index}`);
    let seconds = 0;
    while (left.length > 0) {
      const answers = await Promise.all(left.map((id) => bench.send(purchase(id), { id })));
      const told = answers.filter(({ status }) => status !== 202);
      expect(left.length - told.length).toBeLessThanOrEqual(RATE * (WINDOW / SECOND));
      for (const answer of told) expect(answer).toMatchObject({ status: 429, error: 'too-many' });
      const [wait = '0'] = new Set(told.map(({ headers }) => String(headers['retry-after'])));
      left = left.filter((_, index) => answers[index]?.status !== 202);
      expect(told.length === 0 || Number(wait) > 0).toBe(true);
      bench.now += Number(wait) * SECOND;
      seconds += Number(wait);
    }
    expect(bench.bus.map(({ detail }) => detail).toSorted()).toEqual(
      Array.from({ length: 1000 }, (_, index) => JSON.stringify(purchase(`e-${index}`).detail)).toSorted(),
    );
    // What one function has counted ahead no other one can use, and that is little.
    expect(seconds).toBeLessThanOrEqual(50);
    expect(bench.meter.names).toContain('IntakeRefused too-many');
  });

  it('does not come from who has no key: the room is for those who have one', async () => {
    const bench = new IntakeBench();
    bench.rates = [new Rate(bench.requests, 1)];
    for (let n = 0; n < 50; n += 1) await bench.request(signedWith(OTHER_SECRET, `f-${n}`));
    expect(await bench.send(purchase('e-1'))).toMatchObject({ status: 202 });
  });

  it('is counted a few requests ahead, and no longer once the window is full', async () => {
    const bench = new IntakeBench();
    const counted: number[] = [];
    const letIn = bench.requests.letIn.bind(bench.requests);
    bench.requests.letIn = (window, count) => {
      counted.push(count);
      return letIn(window, count);
    };
    bench.rates = [new Rate(bench.requests, 2)];
    const statuses = [];
    for (let n = 0; n < 30; n += 1) statuses.push((await bench.send(purchase(`e-${n}`))).status);
    expect(statuses).toEqual(Array.from({ length: 30 }, (_, n) => (n < 20 ? 202 : 429)));
    expect(counted).toEqual([1, 2, 4, 8, 8, 4, 8, 4, 2, 1, 2, 1]);
  });
});

it('browsing of nobody known is taken, as it is on the bus', async () => {
  const look = { 'detail-type': 'Product Viewed', detail: { data: { sku: 't1' } } };
  expect(await new IntakeBench().send([look])).toMatchObject({ status: 202, ids: [null] });
});
