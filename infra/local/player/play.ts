/**
 * Plays deliveries through the twin in virtual time. A customer's next event is told only after everything the
 * previous one caused is done, as a shop that waits seconds between the two would see it; so two runs are equal.
 */
import { PUT_EVENTS_LIMIT } from '../../../shared/contracts/bus.ts';
import type { Twin } from '../contract.ts';
import type { Delivery, ShopEvent } from '../delivery.ts';
import type { Bus } from './tell.ts';

/** What is told at once, in one request. */
export interface Step {
  readonly at: number;
  readonly events: readonly ShopEvent[];
  /** Nothing further is told before everything this caused is done. */
  readonly settles: boolean;
}

export interface Played {
  /** Events told so far, of all. */
  readonly told: number;
  readonly total: number;
  /** Epoch milliseconds on the twin's clock. */
  readonly now: number;
}

/** Whoever starts a play: hears how far it has come, and may interrupt it. */
export interface Listener {
  /**
   * Called when the bus has taken a step, with the number of steps told so far. Not before: a play that ends between
   * the two tells the step again, which changes nothing, and one noted too early would never be told.
   */
  told(steps: number): void;
  progress(played: Played): void;
  /** Nothing is told any more once this is aborted; a request under way comes to its end. */
  readonly interrupted: AbortSignal;
}

/** Deliveries, sorted by time, as the steps in which they are told. */
export function stepsOf(deliveries: readonly Delivery[]): Step[] {
  const byInstant = new Map<number, ShopEvent[]>();
  for (const { at, event } of deliveries) {
    const together = byInstant.get(at);
    if (together === undefined) byInstant.set(at, [event]);
    else together.push(event);
  }
  return [...byInstant].flatMap(([at, together]) =>
    waves(together).flatMap((wave) =>
      requests(wave).map((events, index, all) => ({ at, events, settles: index === all.length - 1 })),
    ),
  );
}

/** Splits the events of one instant so that no wave holds two of one customer; their order is kept. */
function waves(events: readonly ShopEvent[]): ShopEvent[][] {
  const told = new Map<string, number>();
  const result: ShopEvent[][] = [];
  for (const event of events) {
    const turn = told.get(event.customerId) ?? 0;
    told.set(event.customerId, turn + 1);
    (result[turn] ??= []).push(event);
  }
  return result;
}

function requests(wave: readonly ShopEvent[]): ShopEvent[][] {
  const count = Math.ceil(wave.length / PUT_EVENTS_LIMIT);
  return Array.from({ length: count }, (_, index) =>
    wave.slice(index * PUT_EVENTS_LIMIT, (index + 1) * PUT_EVENTS_LIMIT),
  );
}

/**
 * @param from number of steps that an earlier play has told already
 * @param end epoch milliseconds at which the twin's clock stands afterwards
 * @throws EntriesRefused when the bus did not take an event, and the signal's reason when the play was interrupted
 */
export async function play(
  steps: readonly Step[],
  from: number,
  end: number,
  twin: Pick<Twin, 'advanceTo'>,
  bus: Pick<Bus, 'tell'>,
  listener: Listener,
): Promise<void> {
  const count = (some: readonly Step[]): number => some.reduce((sum, step) => sum + step.events.length, 0);
  const total = count(steps);
  let told = count(steps.slice(0, from));
  /** A twin that is being closed stops short of the instant, where nothing may be told. */
  const reach = async (instant: number): Promise<void> => {
    await twin.advanceTo(instant);
    listener.interrupted.throwIfAborted();
  };
  for (const [index, step] of steps.entries()) {
    if (index < from) continue;
    await reach(step.at);
    await bus.tell(step.events);
    listener.told(index + 1);
    if (step.settles) await reach(step.at);
    told += step.events.length;
    listener.progress({ told, total, now: step.at });
  }
  await reach(end);
  listener.progress({ told, total, now: end });
}
