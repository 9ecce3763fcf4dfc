/** The command an engineer of the shop runs over events before sending them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkEventCommand } from '../../infra/commands/check-event.ts';
import { exampleDetail } from '../../infra/event-contracts.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { EVENT_TYPES } from '../../shared/lifecycle/events/event-types.ts';
import { productViewed } from '../../shared/lifecycle/events/product-viewed.ts';
import { purchaseCompleted } from '../../shared/lifecycle/events/purchase-completed.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'check-event-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function run(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  try {
    const { text, exitCode } = await checkEventCommand(args);
    return { code: exitCode, out: `${text.trimEnd()}\n`, err: '' };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { code: 2, out: '', err: error.message };
  }
}

/** Runs the command over a file with this content. */
async function check(content: unknown) {
  const file = path.join(directory, 'events.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return run(file);
}

const detail = exampleDetail(purchaseCompleted);
const example = z.looseObject({}).parse(purchaseCompleted.example);
const purchase = (data: object, metadata: object = {}) => ({
  source: 'shop',
  'detail-type': 'Purchase Completed',
  detail: { metadata: { ...detail.metadata, ...metadata }, data: { ...example, ...data } },
});

const named = (type: string) => ({ ...purchase({}), 'detail-type': type });

describe('events that would be taken in', () => {
  const OK = 'ok  Purchase Completed example-purchase-completed\n';

  it.each([
    ['an event of EventBridge', purchase({})],
    ['an entry of PutEvents, the detail as text', { DetailType: 'Purchase Completed', Detail: JSON.stringify(detail) }],
    ['an entry of PutEvents, the detail as an object', { DetailType: 'Purchase Completed', Detail: detail }],
    ['a file with a byte order mark', `\u{FEFF}${JSON.stringify(purchase({}))}`],
  ])('%s', async (_what, content) => {
    expect(await check(content)).toEqual({ code: 0, out: OK, err: '' });
  });

  it('the input of put-events with an example of every type', async () => {
    const entries = EVENT_TYPES.map((each) => ({
      Source: 'source' in each ? each.source : 'shop',
      DetailType: each.type,
      Detail: JSON.stringify(exampleDetail(each)),
    }));

    const { code, out } = await check({ Entries: entries });

    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toEqual(
      EVENT_TYPES.map((each) => `ok  ${each.type} ${exampleDetail(each).metadata.id}`),
    );
  });
});

describe('events that would not', () => {
  it('are named with field, expectation and value, each on a line, and the others are still checked', async () => {
    const nested = [{ sku: 'a', name: 'b', quantity: 1, price: 2, url: 'http://insecure.example.com' }];
    const { code, out } = await check([
      purchase({ currency: 'EURO' }),
      purchase({ items: nested }),
      purchase({ orderId: undefined }),
      purchase({}, { version: 2 }),
      purchase({}, { occurredAt: '2999-01-01T00:00:00Z' }),
      purchase({ coupon: 'x'.repeat(501) }),
      { DetailType: 'Purchase Completed', Detail: '{"metadata"' },
      { 'detail-type': 'Purchase Completed', detail: 7 },
      { type: 'Purchase Completed' },
      purchase({}),
    ]);

    expect(code).toBe(1);
    expect(out.trimEnd().split('\n')).toEqual([
      'refused  Purchase Completed  data.currency: expected an ISO 4217 currency code in capitals such as EUR  (got "EURO")',
      'refused  Purchase Completed  data.items[0].url: expected an https URL  (got "http://insecure.example.com")',
      'refused  Purchase Completed  data.orderId: expected the order id, 1 to 128 bytes of text  (got nothing)',
      'refused  Purchase Completed  metadata.version: expected version 1, the only one there is  (got 2)',
      'refused  Purchase Completed  metadata.occurredAt: expected a time no more than 5 minutes ahead  (got "2999-01-01T00:00:00Z")',
      `refused  Purchase Completed  data.coupon: expected the coupon code (at most 500 characters)  (got "${'x'.repeat(79)}...)`,
      'refused  Purchase Completed  Detail: expected the detail as JSON text  (got "{\\"metadata\\"")',
      'refused  Purchase Completed  detail: expected an object with metadata and data  (got 7)',
      'refused  ?  event: expected an object with detail-type and detail, or with DetailType and Detail  (got {"type":"Purchase Completed"})',
      'ok  Purchase Completed example-purchase-completed',
    ]);
  });

  it('are named with every field that is wrong', async () => {
    const { code, out } = await check(purchase({ total: '429', currency: 'kr' }, { version: 2 }));

    expect(code).toBe(1);
    expect(out.trimEnd().split('\n')).toEqual([
      'refused  Purchase Completed  metadata.version: expected version 1, the only one there is  (got 2)',
      '    and  Purchase Completed  data.total: expected an amount in major units, a number from 0 to 100000000  (got "429")',
      '    and  Purchase Completed  data.currency: expected an ISO 4217 currency code in capitals such as EUR  (got "kr")',
    ]);
  });

  it('are told the nearest name there is when the detail-type is unknown', async () => {
    const { code, out } = await check([named('Purchase Complete'), named('login succeded'), named('Bad\u001b[2JName')]);

    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      'unknown  Purchase Complete  nobody here knows this detail-type; did you mean "Purchase Completed"?',
      'unknown  login succeded  nobody here knows this detail-type; did you mean "Login Succeeded"?',
      expect.stringMatching(/^unknown {2}Bad\?\[2JName /u),
      '',
    ]);
  });
});

describe('browsing', () => {
  it('of nobody the shop knows is said to mean nothing', async () => {
    const { customerId: _nobody, ...data } = z.looseObject({}).parse(productViewed.example);
    const looked = exampleDetail(productViewed);
    const { code, out } = await check([
      { 'detail-type': 'Product Viewed', detail: looked },
      { 'detail-type': 'Product Viewed', detail: { ...looked, data } },
    ]);

    expect(code).toBe(1);
    expect(out.trimEnd().split('\n')).toEqual([
      'ok  Product Viewed example-product-viewed',
      'ignored  Product Viewed  expected a customerId: without one it means nothing, and is only counted',
    ]);
  });
});

describe('what the command cannot work with', () => {
  it.each([
    ['no JSON', '{ "metadata":\n oops', /events\.json is not JSON: .+/u],
    ['no event', '[]', /events\.json holds no event/u],
  ])('a file with %s: one line, exit code 2', async (_what, content, message) => {
    const { code, out, err } = await check(content);

    expect({ code, out, lines: err.trimEnd().split('\n') }).toEqual({
      code: 2,
      out: '',
      lines: [expect.stringMatching(message)],
    });
  });

  it.each([
    ['a file that is not there', ['/nowhere/events.json'], 'cannot read /nowhere/events.json: ENOENT'],
    ['a directory', [tmpdir()], `cannot read ${tmpdir()}: EISDIR`],
    ['no file', [], 'expected one FILE; --help'],
    ['two files', ['one.json', 'two.json'], 'expected one FILE; --help'],
    ['an option nobody knows', ['--colour'], "Unknown option '--colour'; --help"],
  ])('%s: one line, exit code 2', async (_what, args, beginning) => {
    const { code, out, err } = await run(...args);

    expect({ code, out, lines: err.trimEnd().split('\n') }).toEqual({
      code: 2,
      out: '',
      lines: [expect.stringContaining(beginning)],
    });
  });

  it('--help explains shapes, answers and exit codes', async () => {
    const { code, out, err } = await run('--help');

    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const word of ['npm run check-event FILE', 'DetailType', 'Entries', 'refused', 'Exit codes']) {
      expect(out).toContain(word);
    }
  });
});
