/** What a mail costs in the deployed system, counted where its requests arrive. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionCall } from '../../../infra/local/faults.ts';
import { THREADS_PER_FUNCTION } from '../../../infra/local/runtime.ts';
import { POINTER_PARTITION } from '../../../shared/contracts/content-table.ts';
import { DUE_INDEX, LANE_PARTITION, TABLE } from '../../../shared/contracts/table.ts';
import { DAY, HOUR } from '../../../shared/lifecycle/time.ts';
import { openShop, type Shop } from '../../support/shop.ts';

/** Bytes of an item per write unit. */
const WRITE_UNIT = 1024;

type Attributes = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly B?: string }>>;

/** As DynamoDB reckons it: names, texts, bytes, and half a byte and a bit per digit. */
function bytesOf(item: Attributes): number {
  const sizes = Object.entries(item).map(
    ([name, { S = '', N = '', B = '' }]) =>
      Buffer.byteLength(name) +
      Buffer.byteLength(S) +
      Buffer.byteLength(B, 'base64') +
      (N === '' ? 0 : N.length / 2 + 2),
  );
  return sizes.reduce((sum, each) => sum + each, 0);
}

let shop: Shop;
let calls: FunctionCall[] = [];
beforeAll(async () => {
  // As shipped for production: SES reports what a deployment cannot do without.
  shop = await openShop(undefined, {
    config: { sesEvents: ['send', 'bounce', 'complaint'] },
    threads: THREADS_PER_FUNCTION,
  });
});
afterAll(() => shop.close());

interface Cost {
  readonly calls: number;
  readonly reads: number;
  readonly baseWrites: number;
  readonly indexWrites: number;
}

/** Where the timer of a profile stood when it was written last, by partition. */
const timers = new Map<string, string | undefined>();

/** Sums up requests to the table. A failed conditional write costs what it would have written. */
function costOf(counted: readonly FunctionCall[]): Cost {
  let [reads, baseWrites, indexWrites] = [0, 0, 0];
  for (const { operation, body } of counted) {
    const { Item } = JSON.parse(body);
    switch (operation) {
      case 'GetItem':
      case 'Query':
        reads += 1;
        break;
      case 'PutItem': {
        baseWrites += Math.ceil(bytesOf(Item) / WRITE_UNIT);
        if (Item[TABLE.sortKey]?.S !== 'PROFILE') break;
        const [partition, timer] = [Item[TABLE.partitionKey].S, Item[DUE_INDEX.sortKey]?.N];
        const before = timers.get(partition);
        // A key that moves is taken out and put in; one that comes or goes is one of the two.
        if (before !== timer) indexWrites += before !== undefined && timer !== undefined ? 2 : 1;
        timers.set(partition, timer);
        break;
      }
      case 'UpdateItem':
      case 'DeleteItem':
        baseWrites += 1;
        break;
      default:
        throw new Error(`nobody has said what ${operation} costs`);
    }
  }
  return { calls: counted.length, reads, baseWrites, indexWrites };
}

/** What functions ask the table for while time passes, but for the query of the index that every minute makes. */
async function during(act: () => Promise<void>): Promise<readonly FunctionCall[]> {
  calls = [];
  shop.twin.faults.plan = {
    call: (call) => {
      if (call.service === 'dynamodb') calls.push(call);
      return undefined;
    },
  };
  await act();
  shop.twin.faults.plan = undefined;
  return calls;
}

const of = (name: string, all: readonly FunctionCall[]) =>
  all.filter(({ functionName }) => functionName.endsWith(name));

describe('a mail whose time has come', () => {
  const PEOPLE = Array.from({ length: 20 }, (_, n) => `b-${n}`);

  it('costs three base writes, two index writes and three reads to send; a report one write; eight calls in all', async () => {
    await during(async () => {
      for (const customerId of PEOPLE) {
        await shop.register(customerId);
        await shop.buy(customerId, customerId);
      }
      await shop.wait(HOUR);
    });
    costOf(calls);
    // The guide, a week later: a timer wakes each of them, the message is decided, announced and sent.
    const before = shop.twin.mailbox.length;
    const everything = await during(() => shop.twin.advanceTo(shop.twin.now() + 7 * DAY));
    const isPointer = ({ body }: FunctionCall) => body.includes(`"${POINTER_PARTITION}"`);
    const all = everything.filter((call) => !isPointer(call));
    const pointer = everything.filter(isPointer);
    const mails = shop.twin.mailbox.length - before;
    expect(mails).toBe(PEOPLE.length);
    const isLane = ({ body }: FunctionCall) => body.includes(`"${LANE_PARTITION}"`);
    const ofSend = of('-send', all);
    // Which release is live: asked by each execution environment once, for all that it does within the minute.
    expect(pointer.filter(({ operation }) => operation !== 'GetItem')).toEqual([]);
    for (const name of ['-send', '-record', '-feedback']) {
      expect(of(name, pointer).length).toBeLessThanOrEqual(THREADS_PER_FUNCTION);
    }
    const sending = costOf(ofSend.filter((call) => !isLane(call)));
    const lane = costOf(ofSend.filter(isLane));
    const timer = costOf(of('-record', all));
    const reports = costOf(of('-feedback', all));
    expect(sending).toEqual({ calls: 6 * mails, reads: 3 * mails, baseWrites: 3 * mails, indexWrites: 2 * mails });
    // One mark per report, and one report is subscribed to that every mail brings.
    expect(reports).toEqual({ calls: mails, reads: 0, baseWrites: mails, indexWrites: 0 });
    // Deciding is a read and a write of the profile, and moves the timer.
    expect(timer).toEqual({ calls: 2 * mails, reads: mails, baseWrites: mails, indexWrites: 2 * mails });
    expect(sending.calls + timer.calls).toBe(8 * mails);
    // Blocks double: what the lane costs, all mails of an hour share, for each of the two execution environments.
    const blocks = THREADS_PER_FUNCTION * Math.ceil(Math.log2(mails) + 1);
    expect(lane.baseWrites).toBeLessThanOrEqual(blocks);
    expect(lane.reads).toBeLessThanOrEqual(blocks + 2 * THREADS_PER_FUNCTION);
  });
});
