/**
 * What customers look at: kept in one bounded item beside the profile, never journalled, and summed up in the profile,
 * which is written only when that changes. Idempotent: what is summed up is always what the item holds.
 */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { reviseLooks } from '../../shared/adapters/revise.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { endOfPreviousLife, isFromBeforeErasure } from '../../shared/lifecycle/customer/erasure.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { eventType } from '../../shared/lifecycle/events/event-types.ts';
import { type Interest, interestOf } from '../../shared/lifecycle/facts/interest.ts';
import {
  addLooks,
  type Browsing,
  forgottenAt,
  type Look,
  LOOKS_LAST,
  NOTHING_SEEN,
  withoutLooksUntil,
} from '../../shared/lifecycle/facts/looks.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

interface Services {
  readonly store: CustomerStore;
  readonly meter: Meter;
  readonly playbook: Playbook;
  readonly now: () => Instant;
}

/** What an event says was looked at; undefined for one that is no browsing. */
export function lookOf(event: CustomerEvent): Look | undefined {
  return eventType(event.type)?.look?.(event);
}

/** Forgets the looks of a customer, all of them or those up to an instant. */
export async function forgetLooks(store: CustomerStore, customerId: string, until = Infinity): Promise<void> {
  await reviseLooks(store, customerId, (browsing) => withoutLooksUntil(browsing, until));
}

/** Without what a slow function may have written after an erasure. */
function ofThisLife(stored: Browsing, profile: Profile | undefined): Browsing {
  return profile?.kind === 'living' ? withoutLooksUntil(stored, endOfPreviousLife(profile)) : stored;
}

/** Taking in the browsing of one delivery, counted once, however often the profile has to be written again. */
export class Looking {
  readonly #services: Services;
  readonly #customerId: string;
  readonly #events: readonly CustomerEvent[];
  readonly #done = new Map<CustomerEvent, 'new' | 'known' | 'dropped'>();

  constructor(services: Services, customerId: string, events: readonly CustomerEvent[]) {
    this.#services = services;
    this.#customerId = customerId;
    this.#events = events;
  }

  /**
   * What the looks come to now, for the profile; undefined when none belongs to it. Nothing is kept of a customer who has
   * been erased, and of one who has come anew nothing from before. Read anew each time: whoever was faster with the
   * profile may have taken in looks, too.
   */
  async take(profile: Profile | undefined): Promise<Interest | undefined> {
    const { store, playbook, now } = this.#services;
    const taken: CustomerEvent[] = [];
    const dropped: CustomerEvent[] = [];
    for (const event of this.#events) {
      const isOver = profile !== undefined && (profile.kind === 'erased' || isFromBeforeErasure(profile, event));
      (isOver ? dropped : taken).push(event);
    }
    if (profile !== undefined && dropped.some((event) => this.#done.get(event) === 'new')) {
      await forgetLooks(store, this.#customerId, profile.kind === 'erased' ? Infinity : endOfPreviousLife(profile));
    }
    for (const event of dropped) this.#done.set(event, 'dropped');
    if (taken.length === 0) return undefined;
    const browsing = await reviseLooks(store, this.#customerId, (stored) =>
      this.#withLooks(ofThisLife(stored, profile), taken, now()),
    );
    if ((forgottenAt(browsing) ?? -Infinity) <= now()) return undefined;
    return interestOf(browsing, playbook.traits, profile?.kind === 'living' ? profile.facts.interest : undefined);
  }

  #withLooks(stored: Browsing, taken: readonly CustomerEvent[], t: Instant): Browsing {
    // The table removes what has expired some time later; and what arrives again then is not new.
    const isForgotten = (forgottenAt(stored) ?? Infinity) <= t;
    const before = isForgotten ? NOTHING_SEEN : stored;
    const known = new Set(before.looks.map(({ id }) => id));
    const heard = taken.flatMap((event) => {
      const look = lookOf(event);
      const isNew = look !== undefined && look.at + LOOKS_LAST > t && !known.has(look.id);
      if (!this.#done.has(event)) this.#done.set(event, isNew ? 'new' : 'known');
      if (isNew) known.add(look.id);
      return isNew ? [look] : [];
    });
    return heard.length === 0 ? stored : addLooks(before, heard);
  }

  report(): void {
    const { meter } = this.#services;
    for (const [{ type }, result] of this.#done) {
      if (result === 'new') meter.count(METRIC.eventsTaken, { type });
      else meter.count(METRIC.eventsSetAside, { fate: result === 'known' ? 'repeated' : 'dropped', type });
    }
  }
}
