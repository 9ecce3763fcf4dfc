/**
 * The census of a shop of 100,000 customers, in the twin's table: what it counts is what there is, whatever interrupts it,
 * and it costs what docs/census.md says.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeCensus } from '../../functions/census/take-census.ts';
import { PROJECT } from '../../infra/cache.ts';
import { chanceOf } from '../../infra/local/random.ts';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { type Census, type CensusStore, PAGE_CUSTOMERS } from '../../shared/adapters/census-store.ts';
import { DynamoDBCensus } from '../../shared/adapters/dynamodb-census.ts';
import { MemoryCensus } from '../../shared/adapters/memory-census.ts';
import { toItem } from '../../shared/adapters/profile-item.ts';
import { NOTHING_COUNTED } from '../../shared/lifecycle/census/count.ts';
import { COMPARED, inForce } from '../../shared/lifecycle/census/holdout.ts';
import { isHeldOut } from '../../shared/lifecycle/customer/permit.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import type { Order } from '../../shared/lifecycle/facts/orders.ts';
import { type Stage, stageNameOf, STAGES } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';
import { CountingMeter } from '../support/counting-meter.ts';
import { IS_WHOLE } from '../support/whole.ts';

/** When the census of the first night begins. */
const NIGHT: Instant = OPENING + 14 * HOUR + 10 * MINUTE;
const LONG_AGO: Instant = NIGHT - 300 * DAY;
const REGIME = { holdout: { share: 0.2, salt: 'census' }, isLive: true };

/** A customer, and beside it what whoever made it knows of it. */
interface Made {
  readonly living: Living;
  readonly stage: Stage;
  readonly traits: readonly string[];
  readonly language: string | undefined;
  readonly isReachable: boolean;
  readonly hasOffer: boolean;
  readonly isKeyAccount: boolean;
  readonly hasComplained: boolean;
  /** Days before the night on which something was bought, the latest last. */
  readonly bought: readonly number[];
  readonly minor: number;
}

/** Who was a key account and is none any more is announced, and then recorded: only among these customers there are any. */
const SMALL_SHOP = 3000;

function make(n: number): Made {
  const chance = chanceOf('customer', n);
  const customerId = `customer-${n}`;
  const stage = STAGES[chance.between(0, STAGES.length - 1)] ?? 'lead';
  const traits = [chance.happens(0.3) ? ['bargain'] : [], chance.happens(0.1) ? ['critic'] : []].flat();
  const language = ['sv', 'de', 'en'][chance.between(0, 3)];
  const isReachable = chance.happens(0.8);
  const hasOffer = chance.happens(0.02);
  const isKeyAccount = n < SMALL_SHOP && n % 1000 === 17;
  const hasComplained = chance.happens(0.001);
  const bought = Array.from({ length: chance.between(0, 5) }, () => chance.between(1, 290))
    .filter((day, index, all) => all.indexOf(day) === index)
    .toSorted((a, b) => b - a);
  // Two amounts, so that too many spend most for anybody to be among the top two percent: this is not about them.
  const minor = chance.pick([1000, 1000, 4000]);
  const orders: Order[] = bought.map((day) => ({
    at: NIGHT - day * DAY,
    id: `e-${day}`,
    orderId: `o-${day}`,
    minor,
    currency: 'EUR',
  }));
  const person = [
    {
      at: LONG_AGO,
      id: 'p',
      email: `${customerId}@example.com`,
      ...(language !== undefined && { locale: `${language}-XX` }),
    },
  ];
  const complaint = { at: NIGHT - 20 * DAY, id: 'k', severity: 'normal' } as const;
  const facts = {
    ...NO_FACTS,
    person,
    ...(isReachable && { consent: { marketing: 'opt_in', source: 'test', at: LONG_AGO, id: 'k' } as const }),
    orders: { ...NO_FACTS.orders, ring: orders },
    ...(isKeyAccount && { standing: { at: LONG_AGO, id: 's', keyAccount: true, share: 0.01 } }),
    ...(hasComplained && { complaints: { known: [{ complaintId: 'k', opened: complaint }] } }),
  };
  const offer = {
    key: '1/win-back/offer/1',
    offer: 'thanks',
    offerId: `i-${n}`,
    percent: 5,
    code: `C-${n}`,
    issuedAt: NIGHT - 5 * DAY,
    expiresAt: NIGHT + 5 * DAY,
  };
  const living = {
    ...unknownCustomer(customerId, LONG_AGO),
    version: 1,
    stage,
    traits,
    facts,
    ...(hasOffer && { offers: [offer] }),
  };
  return { living, stage, traits, language, isReachable, hasOffer, isKeyAccount, hasComplained, bought, minor };
}

function countBy<T>(all: readonly T[], name: (each: T) => string | readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of all) for (const key of [name(each)].flat()) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

const COMPARED_DAYS = COMPARED / DAY;

/** The same figures from what is known of everybody, without the code that counts. */
function expected(all: readonly Made[]) {
  const compared = all.filter(({ isReachable, bought }) => isReachable && (bought[0] ?? 0) > COMPARED_DAYS);
  const group = (isHeld: boolean) => {
    const people = compared.filter(({ living }) => isHeldOut(living.customerId, REGIME.holdout) === isHeld);
    const spent = people.map(({ bought, minor }) => minor * bought.filter((day) => day <= COMPARED_DAYS).length);
    const successes = spent.filter((minor) => minor > 0).length;
    return { of: people.length, successes, mean: spent.reduce((sum, each) => sum + each, 0) / people.length };
  };
  const [held, treated] = [group(true), group(false)];
  const reachable = all.filter(({ isReachable }) => isReachable);
  const perLanguage = countBy(reachable, ({ language = 'unknown' }) => language);
  const offers = countBy(
    reachable.filter(({ hasOffer }) => hasOffer),
    ({ language = 'unknown' }) => language,
  );
  return {
    people: countBy(all, ({ stage }) => stage),
    traits: countBy(all, ({ traits }) => traits),
    longOpen: all.filter(({ hasComplained }) => hasComplained).length,
    buyers: all.filter(({ bought }) => bought.length > 0).length,
    offers: Object.entries(perLanguage).map(([language, people]) => ({
      language,
      people,
      offers: offers[language] ?? 0,
    })),
    held,
    treated,
  };
}

function expectCounted(figures: Census['figures'], all: readonly Made[]): void {
  const counts = expected(all);
  expect(figures).toMatchObject({ at: NIGHT, people: counts.people, longOpen: counts.longOpen, keyAccounts: 0 });
  expect(Object.fromEntries((figures?.traits ?? []).map(({ trait, people }) => [trait, people]))).toEqual(
    counts.traits,
  );
  expect(figures?.revenue.map(({ currency, customers }) => [currency, customers])).toEqual([['EUR', counts.buyers]]);
  expect(figures?.offers?.languages.toSorted((a, b) => (a.language < b.language ? -1 : 1))).toEqual(
    counts.offers.toSorted((a, b) => (a.language < b.language ? -1 : 1)),
  );
  const { held, treated } = counts;
  expect(figures?.comparison).toMatchObject({
    kind: 'compared',
    held: { of: held.of, successes: held.successes },
    treated: { of: treated.of, successes: treated.successes },
    revenue: { currency: 'EUR', held: expect.closeTo(held.mean, 6), treated: expect.closeTo(treated.mean, 6) },
  });
  expectProposed(figures?.proposal, all);
}

function expectProposed(proposal: NonNullable<Census['figures']>['proposal'], all: readonly Made[]): void {
  if (proposal?.verdict !== 'proposed') throw new Error(`nothing was proposed: ${proposal?.verdict ?? 'not fitted'}`);
  const gaps = all.flatMap(({ bought }) => bought.slice(1).map((day, index) => (bought[index] ?? 0) - day));
  const median = gaps.toSorted((a, b) => a - b)[Math.ceil(gaps.length / 2) - 1] ?? 0;
  expect(proposal.proposed).toEqual({ ...SHIPPED.stages.cadence, populationGap: median * DAY });
  const stageBy = ({ living }: Made, cadence: typeof proposal.live) =>
    stageNameOf(living.facts, { ...SHIPPED.stages, cadence }, NIGHT);
  const moves = all.map((each) => [stageBy(each, proposal.live), stageBy(each, proposal.proposed)]);
  const changed = moves.filter(([from, to]) => from !== to);
  expect(proposal.moves).toEqual(countBy(changed, (move) => move.join('>')));
}

/** The censuses have seen people treated so for long. */
const BEFORE: Census = {
  version: 1,
  at: NIGHT - DAY,
  phase: 'done',
  count: NOTHING_COUNTED,
  changes: 0,
  force: inForce(REGIME, undefined, LONG_AGO),
};

const services = (census: CensusStore, announced: Announcement[], timeLeft = 15 * MINUTE) => ({
  census,
  announcer: { announce: async (each: readonly Announcement[]) => void announced.push(...each) },
  meter: new CountingMeter(),
  playbook: SHIPPED,
  regime: REGIME,
  now: () => NIGHT,
  pause: async () => undefined,
  timeLeft: () => timeLeft,
});
const SILENT = new Logger({ logLevel: 'SILENT' });

describe('killed at any page', () => {
  const PAGE = 400;
  const all = Array.from({ length: SMALL_SHOP }, (_, n) => make(n));
  class Killed extends Error {}

  /** Takes the census to its end; the `nth` request to its store kills it, before or after that took effect. */
  async function taken(nth: number, effect: 'before' | 'after', timeLeft: number) {
    const memory = new MemoryCensus(() => all.map(({ living }) => living), PAGE);
    await memory.save(BEFORE, 0);
    let requests = 0;
    const request = async <T>(send: () => Promise<T>): Promise<T> => {
      requests += 1;
      if (requests !== nth) return send();
      if (effect === 'after') await send();
      throw new Killed();
    };
    const store: CensusStore = {
      read: () => memory.read(),
      save: (census, version) => request(() => memory.save(census, version)),
      page: (after) => request(() => memory.page(after)),
    };
    const announced: Announcement[] = [];
    let kills = 0;
    for (let invocations = 0; (await memory.read())?.at !== NIGHT || (await memory.read())?.phase !== 'done';) {
      invocations += 1;
      if (invocations > 100) throw new Error('the census does not come to its end');
      try {
        await takeCensus(services(store, announced, timeLeft), NIGHT, SILENT);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        kills += 1;
      }
    }
    return { figures: (await memory.read())?.figures, kills, requests };
  }

  it.each([
    ['in one go', 15 * MINUTE],
    ['a page an invocation', MINUTE],
  ])('%s, it ends with the same', async (_how, timeLeft) => {
    const smooth = await taken(Infinity, 'before', timeLeft);
    expectCounted(smooth.figures, all);
    expect(smooth.requests).toBeGreaterThan(2 * Math.floor(SMALL_SHOP / PAGE));
    for (let nth = 1; nth <= smooth.requests; nth += 1) {
      for (const effect of ['before', 'after'] as const) {
        const { figures, kills } = await taken(nth, effect, timeLeft);
        expect(kills).toBe(1);
        expect(figures).toEqual(smooth.figures);
      }
    }
  });
});

describe('in the twin', () => {
  const MANY = IS_WHOLE ? 100_000 : 13_000;
  const BATCH = 25;
  const WRITERS = 8;
  let shop: Shop;
  let client: DynamoDBClient;
  const all: Made[] = [];

  beforeAll(async () => {
    shop = await openShop(OPENING, { nightly: true, config: { holdout: REGIME.holdout } });
    client = new DynamoDBClient({
      endpoint: shop.twin.endpoint,
      region: shop.twin.region,
      credentials: { accessKeyId: 'shop', secretAccessKey: 'shop' },
    });
    let next = 0;
    const write = async () => {
      while (next < MANY) {
        const made = Array.from({ length: BATCH }, (_, index) => make(SMALL_SHOP + next + index));
        next += BATCH;
        all.push(...made);
        const items = made.map(({ living }) => toItem(living));
        const puts = items.map((Item) => ({ PutRequest: { Item } }));
        await client.send(new BatchWriteItemCommand({ RequestItems: { [shop.twin.tableName]: puts } }));
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
    await new DynamoDBCensus(client, shop.twin.tableName).save(BEFORE, 0);
  }, 600_000);

  afterAll(async () => {
    client.destroy();
    await shop.close();
  });

  it('killed twice on the way, the function counts exactly what is there', async () => {
    const kills = [3, MANY / PAGE_CUSTOMERS];
    let scans = 0;
    shop.twin.faults.plan = {
      call: ({ functionName, operation }) => {
        if (!functionName.includes('census') || operation !== 'Query') return undefined;
        scans += 1;
        return kills.includes(scans) ? { kind: 'dies', effect: 'after' } : undefined;
      },
    };
    await shop.waitUntil(4);
    shop.twin.faults.plan = undefined;

    const found = await new DynamoDBCensus(client, shop.twin.tableName).read();
    expect(found?.phase).toBe('done');
    expect(scans).toBeGreaterThan(MANY / PAGE_CUSTOMERS);
    expectCounted(found?.figures, all);
    expect(found?.figures?.proposal?.customers).toBe(10_000);
  }, 600_000);

  it('costs the read units that its page in the docs states', async () => {
    let units = 0;
    let pages = 0;
    client.middlewareStack.add(
      (next) => async (request) => {
        const input: unknown = request.input;
        if (typeof input === 'object' && input !== null) Object.assign(input, { ReturnConsumedCapacity: 'TOTAL' });
        const answer = await next(request);
        const { output } = answer;
        if (!('ConsumedCapacity' in output)) return answer;
        if ('Items' in output || 'Responses' in output) units += capacityOf(output.ConsumedCapacity);
        if ('Items' in output) pages += 1;
        return answer;
      },
      { step: 'initialize', name: 'metering' },
    );
    const announced: Announcement[] = [];
    const census = new DynamoDBCensus(client, shop.twin.tableName);
    await takeCensus(services(census, announced), NIGHT + DAY, SILENT);

    const [, stated = NaN] =
      /(\d+) read units per thousand customers/u.exec(readFileSync(join(PROJECT, 'docs/census.md'), 'utf8')) ?? [];
    const thousands = all.length / 1000;
    console.log(`${all.length} customers, ${pages} pages, ${units} read units`);
    expect(units / thousands / Number(stated)).toBeGreaterThan(0.97);
    expect(units / thousands / Number(stated)).toBeLessThan(1.03);
  }, 600_000);
});

/** One for a query, a list for a batch. */
function capacityOf(consumed: unknown): number {
  if (Array.isArray(consumed)) return consumed.reduce<number>((sum, each) => sum + capacityOf(each), 0);
  if (typeof consumed !== 'object' || consumed === null || !('CapacityUnits' in consumed)) return NaN;
  return Number(consumed.CapacityUnits);
}
