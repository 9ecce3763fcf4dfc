/** The nightly census: taken once a night, gone on with after an interruption, announcing changes and nothing else. */
import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { type CensusServices, takeCensus } from '../../functions/census/take-census.ts';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryCensus } from '../../shared/adapters/memory-census.ts';
import { ANNOUNCED, CENSUS_SOURCE } from '../../shared/contracts/bus.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { START } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const NIGHT = START + 14 * HOUR;
const PLENTY = 15 * MINUTE;
const PAGE = 30;

/** Somebody who has bought twice, for `minor` in all. */
function buyer(customerId: string, minor: number, keyAccount?: boolean): Living {
  const ring = [1, 2].map((days) => ({
    at: NIGHT - days * DAY,
    id: `e-${days}`,
    orderId: `o-${days}`,
    minor: minor / 2,
    currency: 'EUR',
  }));
  const standing = { at: START, id: 's-1', share: 0.01, keyAccount: true };
  const orders = { ...NO_FACTS.orders, ring };
  return {
    ...unknownCustomer(customerId, START),
    stage: 'active',
    facts: { ...NO_FACTS, orders, ...(keyAccount === true && { standing }) },
  };
}

/** A hundred buyers of whom c-99 and c-100 spent most; c-1 was big once. */
const SHOP = Array.from({ length: 100 }, (_, number) => buyer(`c-${number + 1}`, (number + 1) * 10_000, number === 0));

class Night {
  announced: Announcement[] = [];
  readonly counted = new Map<string, number>();
  readonly census: MemoryCensus;
  customers: Living[] = [...SHOP];
  timeLeft: () => number = () => PLENTY;
  failAt: number | undefined;

  constructor() {
    this.census = new MemoryCensus(() => this.customers, PAGE);
  }

  take(scheduledAt = NIGHT): Promise<void> {
    const services: CensusServices = {
      census: this.census,
      announcer: {
        announce: async (each) => {
          if (this.failAt !== undefined && (this.failAt -= 1) < 0) throw new Error('the bus is out of order');
          this.announced.push(...each);
        },
      },
      meter: { count: (metric, by = 1) => void this.counted.set(metric, (this.counted.get(metric) ?? 0) + by) },
      playbook: SHIPPED,
      now: () => scheduledAt,
      timeLeft: () => this.timeLeft(),
    };
    return takeCensus(services, scheduledAt, new Logger({ logLevel: 'SILENT' }));
  }

  get ranked() {
    return this.announced.filter(({ source }) => source === CENSUS_SOURCE).map(({ data }) => data);
  }
}

const EXPECTED = [
  { customerId: 'c-1', keyAccount: false, share: 1 },
  { customerId: 'c-99', keyAccount: true, share: 0.02 },
  { customerId: 'c-100', keyAccount: true, share: 0.01 },
];

describe('the census', () => {
  it('announces who becomes a key account and who is none any more, and says what it found', async () => {
    const night = new Night();
    await night.take();

    expect(night.ranked).toEqual(EXPECTED);
    expect(new Set(night.announced.map(({ occurredAt }) => occurredAt))).toEqual(new Set([NIGHT]));
    expect(new Set(night.announced.map(({ id }) => id)).size).toBe(3);
    expect(await night.census.read()).toMatchObject({
      phase: 'done',
      at: NIGHT,
      figures: { at: NIGHT, keyAccounts: 2, people: { active: 100 }, tooManyDiscounts: false },
    });
    expect(night.counted.get(METRIC.peopleInStage)).toBe(100);
    expect(night.counted.get(METRIC.keyAccounts)).toBe(2);
    expect(night.counted.get(METRIC.tooManyDiscounts)).toBe(0);
  });

  it('is taken once a night, and again in the next', async () => {
    const night = new Night();
    await night.take();
    night.announced = [];
    await night.take(NIGHT + HOUR);
    expect(night.announced).toEqual([]);

    await night.take(NIGHT + DAY);
    expect(night.ranked).toEqual(EXPECTED);
    expect(await night.census.read()).toMatchObject({ phase: 'done', at: NIGHT + DAY });
  });

  it('goes on in the next invocation when its time is up, and ends with the same', async () => {
    const night = new Night();
    night.timeLeft = () => MINUTE;
    let invocations = 0;
    do {
      night.announced = night.announced.filter(({ detailType }) => detailType !== ANNOUNCED.censusUnfinished);
      await night.take(NIGHT + invocations * 15 * MINUTE);
      invocations += 1;
    } while (night.announced.some(({ detailType }) => detailType === ANNOUNCED.censusUnfinished) && invocations < 20);

    // Four pages to count and four to compare; the invocation that counts the last one begins to compare.
    expect(invocations).toBe(7);
    expect(night.ranked).toEqual(EXPECTED);
    expect(await night.census.read()).toMatchObject({ phase: 'done', at: NIGHT, figures: { keyAccounts: 2 } });
    expect(night.counted.get(METRIC.peopleInStage)).toBe(100);
  });

  it('asks to be gone on with, by an id of its own each time', async () => {
    const night = new Night();
    night.timeLeft = () => MINUTE;
    await night.take();
    await night.take();
    expect(night.announced.map(({ detailType, source }) => [detailType, source])).toEqual([
      [ANNOUNCED.censusUnfinished, undefined],
      [ANNOUNCED.censusUnfinished, undefined],
    ]);
    expect(new Set(night.announced.map(({ id }) => id)).size).toBe(2);
  });

  it('says the same again after it failed on the way, under the same ids', async () => {
    const smooth = new Night();
    await smooth.take();
    const night = new Night();
    night.failAt = 2;
    await expect(night.take()).rejects.toThrow('out of order');
    night.failAt = undefined;
    await night.take();

    const ids = (each: Night) => [...new Set(each.announced.map(({ id }) => id))].toSorted();
    expect(ids(night)).toEqual(ids(smooth));
  });

  it('counts nobody twice when two invocations take it at once: one gives up', async () => {
    const night = new Night();
    await Promise.all([night.take(), night.take()]);
    expect(await night.census.read()).toMatchObject({ phase: 'done', figures: { people: { active: 100 } } });
    expect(night.counted.get(METRIC.peopleInStage)).toBe(100);
  });
});
