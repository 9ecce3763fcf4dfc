/**
 * What a shop can afford: how many of an offer were issued in a period, and the codes it has given us. The budget is
 * never exceeded and no code is given twice, whoever asks at the same time and however often. A claimant is the message
 * the offer is for, under a name that tells nobody who its customer is.
 */
import type { BudgetPeriod } from '../lifecycle/offers/budget.ts';

export interface PoolState {
  readonly free: number;
  readonly claimed: number;
}

export interface OfferBook {
  /**
   * Takes one of the offers of a period. Asking again takes no second one as long as nobody else has asked in between;
   * after that one offer of the budget is wasted.
   *
   * @param limit how many there are in the period
   * @returns false when none is left
   */
  reserve(period: BudgetPeriod, limit: number, claimant: string): Promise<boolean>;
  /** Whether it would be let have one at this moment; nothing is taken. */
  hasLeft(period: BudgetPeriod, limit: number, claimant: string): Promise<boolean>;
  /** How many of the period are taken. */
  taken(period: BudgetPeriod): Promise<number>;
  /**
   * A code for this claimant alone; the same one when it asks again.
   *
   * @returns undefined when the shop's codes are used up
   */
  claimCode(offer: string, claimant: string): Promise<string | undefined>;
  /**
   * Adds a code of the shop.
   *
   * @returns false when it was there already, claimed or not
   */
  addCode(offer: string, code: string): Promise<boolean>;
  pool(offer: string): Promise<PoolState>;
}
