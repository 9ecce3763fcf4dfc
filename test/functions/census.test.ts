/** The nightly census: taken once a night, gone on with after an interruption, announcing changes and nothing else. */
import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { type CensusServices, takeCensus } from '../../functions/census/take-census.ts';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryCensus } from '../../shared/adapters/memory-census.ts';
import { ANNOUNCED, CENSUS_SOURCE } from '../../shared/contracts/bus.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import type { OwnGapCadence } from '../../shared/lifecycle/cadence/cadence.ts';
import type { Regime } from '../../shared/lifecycle/census/holdout.ts';
import { isHeldOut } from '../../shared/lifecycle/customer/permit.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Duration, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { START } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { CountingMeter } from '../support/counting-meter.ts';

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
  readonly meter = new CountingMeter();
  readonly census: MemoryCensus;
  customers: Living[] = [...SHOP];
  timeLeft: () => number = () => PLENTY;
  failAt: number | undefined;
  playbook: Playbook = SHIPPED;
  regime: Regime = { holdout: { share: 0, salt: 'salt' }, isLive: true };

  constructor(pageSize = PAGE) {
    this.census = new MemoryCensus(() => this.customers, pageSize);
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
      meter: this.meter,
      playbook: this.playbook,
      regime: this.regime,
      now: () => scheduledAt,
      pause: async () => undefined,
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
    expect(night.meter.valuesOf(METRIC.openComplaintsOld)).toEqual([0]);
    expect(night.meter.valuesOf(METRIC.tooManyDiscounts)).toEqual([0]);
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
    expect(night.meter.valuesOf(METRIC.openComplaintsOld)).toEqual([0]);
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
    expect(night.meter.valuesOf(METRIC.openComplaintsOld)).toEqual([0]);
  });
});

/** A shop on one page, so that a night takes no time. */
const ONE_PAGE = 10_000;

/** Orders so many days apart, the last one this long ago. */
function regular(customerId: string, gapDays: number, silentDays: number): Living {
  const ring = [2, 1, 0].map((gaps) => {
    const at = NIGHT - (silentDays + gaps * gapDays) * DAY;
    return { at, id: `e-${at}`, orderId: `o-${at}`, minor: 1000, currency: 'EUR' };
  });
  return {
    ...unknownCustomer(customerId, START),
    stage: 'active',
    facts: { ...NO_FACTS, orders: { ...NO_FACTS.orders, ring } },
  };
}

const OWN_GAP: OwnGapCadence = {
  rule: 'ownGap',
  populationGap: 45 * DAY,
  atRiskGaps: 2,
  lapsedGaps: 4,
  atRiskNotBefore: 21 * DAY,
  lapsedNotBefore: 60 * DAY,
};

function withRule(populationGap: Duration): Playbook {
  const { stages } = SHIPPED;
  return { ...SHIPPED, stages: { ...stages, cadence: { ...OWN_GAP, populationGap } } };
}

const proposalOf = async ({ census }: Night) => (await census.read())?.figures?.proposal;
const comparisonOf = async ({ census }: Night) => (await census.read())?.figures?.comparison;

/** Everybody buys every ten days; a third of them has been silent for 30. */
function quick(): Night {
  const night = new Night(ONE_PAGE);
  night.playbook = withRule(45 * DAY);
  night.customers = Array.from({ length: 300 }, (_, n) => regular(`q-${n}`, 10, n % 3 === 0 ? 30 : 5));
  return night;
}

describe('once a week, the rule of silence', () => {
  it('is fitted to the shop, with how many people that would move, and stays as it is', async () => {
    const night = quick();
    await night.take();
    expect(await proposalOf(night)).toMatchObject({
      at: NIGHT,
      verdict: 'proposed',
      customers: 300,
      proposed: { populationGap: 10 * DAY },
      moves: { 'active>at_risk': 100 },
    });
    expect(await night.census.read()).not.toHaveProperty('proposal');
    expect(night.announced).toEqual([]);
  });

  it('is proposed until the week is over, or another rule is in force', async () => {
    const night = quick();
    await night.take();
    await night.take(NIGHT + 6 * DAY);
    expect((await proposalOf(night))?.at).toBe(NIGHT);
    await night.take(NIGHT + 7 * DAY);
    expect((await proposalOf(night))?.at).toBe(NIGHT + 7 * DAY);
    night.playbook = withRule(10 * DAY);
    await night.take(NIGHT + 8 * DAY);
    expect(await proposalOf(night)).toMatchObject({ at: NIGHT + 8 * DAY, moves: {} });
  });
});

describe('people held out and people mailed', () => {
  const HOLDOUT = { share: 0.3, salt: 'salt' };
  const LATER = NIGHT + 90 * DAY;

  /** A thousand people who ordered before the window and could be mailed, of whom so many percent bought within it. */
  const compared = (percentHeld: number, percentMailed: number) => {
    const night = new Night(ONE_PAGE);
    night.regime = { holdout: HOLDOUT, isLive: true };
    const seen = { held: 0, mailed: 0 };
    night.customers = Array.from({ length: 1000 }, (_, n) => {
      const customerId = `h-${n}`;
      const isHeld = isHeldOut(customerId, HOLDOUT);
      const index = isHeld ? (seen.held += 1) : (seen.mailed += 1);
      const hasBought = index % 100 < (isHeld ? percentHeld : percentMailed);
      const one = regular(customerId, 30, hasBought ? -10 : 1);
      const person = [{ at: START, id: 'p', email: 'anna@example.com' }];
      const consent = { marketing: 'opt_in', source: 'checkout', at: 0, id: 'k' } as const;
      return { ...one, facts: { ...one.facts, person, consent } };
    });
    return night;
  };
  it('are compared once they have been treated differently for 90 days', async () => {
    const night = compared(20, 40);
    await night.take();
    expect(await comparisonOf(night)).toEqual({ kind: 'too early', since: NIGHT, full: LATER });
    expect(night.meter.valuesOf(METRIC.holdoutUplift)).toEqual([]);

    await night.take(LATER);
    expect(await comparisonOf(night)).toMatchObject({ kind: 'compared', rate: { shows: 'more' } });
    const [low = NaN, high = NaN, ...more] = night.meter.valuesOf(METRIC.holdoutUplift);
    expect(low).toBeGreaterThan(10);
    expect(high).toBeLessThan(30);
    expect(high).toBeGreaterThan(low);
    expect(more).toEqual([]);
  });

  it('are compared whoever of them has turned mail off since, however long before the window', async () => {
    const night = compared(20, 40);
    await night.take();
    const choices = [{ at: NIGHT + 30 * DAY, id: 'x', promotion: 'off' as const }];
    night.customers = night.customers.map((each) =>
      isHeldOut(each.customerId, HOLDOUT) ? each : { ...each, facts: { ...each.facts, choices } },
    );
    await night.take(NIGHT + 180 * DAY);
    const found = await comparisonOf(night);
    expect(found?.kind === 'compared' && found.held.of + found.treated.of).toBe(1000);
  });

  it('are not, and begin anew, when others are held out in between', async () => {
    const night = compared(20, 40);
    await night.take();
    night.regime = { holdout: { ...HOLDOUT, salt: 'another' }, isLive: true };
    await night.take(LATER);
    expect(await comparisonOf(night)).toMatchObject({ kind: 'too early', since: LATER });
  });

  it('show nothing by a small difference', async () => {
    const night = compared(30, 31);
    await night.take();
    await night.take(LATER);
    expect(await comparisonOf(night)).toMatchObject({ kind: 'compared', rate: { shows: 'nothing' } });
    expect(night.meter.valuesOf(METRIC.holdoutUplift)[0]).toBeLessThan(0);
  });
});
