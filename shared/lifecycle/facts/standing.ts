/** Where the customer stands among all by spend, as the last census said. */
import type { Stamp } from './order-by-time.ts';

export interface Standing extends Stamp {
  readonly keyAccount: boolean;
  /** Share of the customers who spend as much or more, 0 to 1. */
  readonly share: number;
}
