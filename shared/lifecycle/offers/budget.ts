/** The budget of an offer: at most so many in each period, and periods follow each other from the epoch on. */
import type { Offer } from '../playbook/offers.ts';
import type { Instant } from '../time.ts';

/** A period of an offer's budget. */
export interface BudgetPeriod {
  readonly offer: string;
  /** Counted from the epoch. */
  readonly number: number;
  readonly endsAt: Instant;
}

/** The period of the budget that an instant lies in. */
export function periodAt(offer: string, { budget }: Pick<Offer, 'budget'>, t: Instant): BudgetPeriod {
  const number = Math.floor(t / budget.per);
  return { offer, number, endsAt: (number + 1) * budget.per };
}
