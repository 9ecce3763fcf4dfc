/** Delivers a timeline the way a bad network does: late, and some of it twice. Seeded, so two runs are equal. */
import { byTimeAndCustomer, type Delivery } from '../delivery.ts';
import { chanceOf } from '../random.ts';
import { DAY, MINUTE } from '../../../shared/lifecycle/time.ts';

/** Share of the events delivered a second time. */
const REPEATED_SHARE = 0.1;

export interface Disorder {
  /** Longest delay in days; uniform between none and this. */
  readonly days: number;
  readonly seed: number;
  /** Epoch milliseconds at which everything has arrived, so that what is late at the end still counts. */
  readonly end: number;
}

/**
 * Delays each delivery by its own seeded chance; what an event says, `occurredAt` included, stays as it is.
 * The chance hangs on the event's id and not on its place, so the order of the lines does not matter here either.
 */
export function disordered(deliveries: readonly Delivery[], { days, seed, end }: Disorder): Delivery[] {
  const told = new Map<string, number>();
  return deliveries
    .flatMap((delivery) => {
      const { id } = delivery.event.detail.metadata;
      const copy = told.get(id) ?? 0;
      told.set(id, copy + 1);
      const chance = chanceOf(seed, 'disorder', id, copy);
      const late = (): Delivery => {
        const minutes = Math.floor((chance.next() * days * DAY) / MINUTE);
        return { at: Math.min(delivery.at + minutes * MINUTE, end), event: delivery.event };
      };
      const first = late();
      return chance.happens(REPEATED_SHARE) ? [first, late()] : [first];
    })
    .toSorted(byTimeAndCustomer);
}
