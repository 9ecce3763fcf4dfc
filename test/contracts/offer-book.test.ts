/** What every offer book does, run against each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OfferBook } from '../../shared/adapters/offer-book.ts';
import type { BudgetPeriod } from '../../shared/lifecycle/offers/budget.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { implementations, together } from './stores.ts';

const OPEN_TIMEOUT_MS = 60_000;

const period = (offer: string, number = 1): BudgetPeriod => ({ offer, number, endsAt: (number + 1) * 30 * DAY });
const claimants = (count: number) => Array.from({ length: count }, (_, number) => `claimant-${number}`);

describe.each(implementations())('the offer book in $name', ({ open, isAtomic }) => {
  let book: OfferBook;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const opened = await open();
    book = opened.offers;
    close = () => opened.close();
  }, OPEN_TIMEOUT_MS);

  afterAll(() => close());

  const load = async (offer: string, count: number) => {
    for (let number = 0; number < count; number += 1) await book.addCode(offer, `${offer}-${number}`);
  };

  describe('the budget', () => {
    it('lets so many have an offer and nobody more, whoever asks at the same time', async () => {
      const answers = await together(
        isAtomic,
        claimants(12).map((each) => () => book.reserve(period('rush'), 5, each)),
      );
      expect(answers.filter(Boolean)).toHaveLength(5);
      expect(await book.taken(period('rush'))).toBe(5);
    });

    it('counts who asks again once, also when nothing is left', async () => {
      expect(await book.reserve(period('again'), 1, 'a')).toBe(true);
      expect(await book.reserve(period('again'), 1, 'a')).toBe(true);
      expect(await book.reserve(period('again'), 1, 'b')).toBe(false);
      expect(await book.taken(period('again'))).toBe(1);
    });

    it('is that of one offer and one period', async () => {
      expect(await book.reserve(period('own', 1), 1, 'a')).toBe(true);
      expect(await book.reserve(period('own', 2), 1, 'b')).toBe(true);
      expect(await book.reserve(period('other', 1), 1, 'c')).toBe(true);
    });

    it('tells who would get one, and takes nothing for that', async () => {
      expect(await book.hasLeft(period('left'), 1, 'a')).toBe(true);
      expect(await book.taken(period('left'))).toBe(0);
      await book.reserve(period('left'), 1, 'a');
      expect(await book.hasLeft(period('left'), 1, 'a')).toBe(true);
      expect(await book.hasLeft(period('left'), 1, 'b')).toBe(false);
    });
  });

  describe('the codes', () => {
    it('are each claimed by one, whoever asks at the same time, and used up then', async () => {
      await load('pool', 8);
      const codes = await together(
        isAtomic,
        claimants(10).map((each) => () => book.claimCode('pool', each)),
      );
      const given = codes.filter((code) => code !== undefined);
      expect(new Set(given).size).toBe(8);
      expect(given).toHaveLength(8);
      expect(await book.pool('pool')).toEqual({ free: 0, claimed: 8 });
    });

    it('stay with who claimed them', async () => {
      await load('stay', 40);
      const first = await book.claimCode('stay', 'a');
      for (const other of claimants(20)) await book.claimCode('stay', other);
      expect(await book.claimCode('stay', 'a')).toBe(first);
      expect(await book.pool('stay')).toEqual({ free: 19, claimed: 21 });
    });

    it('are found though they are few among many that are claimed', async () => {
      await load('rare', 60);
      for (const each of claimants(59)) await book.claimCode('rare', each);
      expect(await book.claimCode('rare', 'last')).toMatch(/^rare-\d+$/u);
      expect(await book.claimCode('rare', 'too late')).toBeUndefined();
    });

    it('keep their claim when they are loaded again', async () => {
      expect(await book.addCode('twice', 'ONLY')).toBe(true);
      await book.claimCode('twice', 'a');
      expect(await book.addCode('twice', 'ONLY')).toBe(false);
      expect(await book.claimCode('twice', 'b')).toBeUndefined();
      expect(await book.claimCode('twice', 'a')).toBe('ONLY');
    });

    it('belong to one offer', async () => {
      await load('mine', 1);
      expect(await book.claimCode('yours', 'a')).toBeUndefined();
      expect(await book.pool('yours')).toEqual({ free: 0, claimed: 0 });
    });
  });
});
