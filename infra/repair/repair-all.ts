/**
 * Putting everybody right, some at once: the place is written down after every page, and each customer may be done again,
 * so killed anywhere and begun again it ends the same. Whoever cannot be read is named, and the others go on.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Announcer } from '../../shared/adapters/announcer.ts';
import { UnreadableItem } from '../../shared/adapters/profile-item.ts';
import type { Walk, WalkBook } from '../../shared/adapters/walk-book.ts';
import { ANNOUNCED, DUE_BATCH } from '../../shared/contracts/bus.ts';
import { eachOf } from '../import/walk.ts';
import { savePlace, takeOver } from '../walking.ts';
import { customerPage } from './customer-pages.ts';
import { repairCustomer, type Repaired, type RepairPlan, type RepairServices } from './repair-customer.ts';

export interface RepairAllServices extends RepairServices {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly walks: WalkBook;
  /** Speaks for the system itself, as the sweep does. */
  readonly announcer: Announcer;
}

/** Nothing was changed: what is stored has to be looked at by somebody. */
export interface Unreadable {
  readonly kind: 'unreadable';
  /** Without anything of what is stored. */
  readonly why: string;
}

/** How many customers are what. */
export type RepairTally = Record<(Repaired | Unreadable)['kind'], number>;

export interface Told {
  readonly customerId: string;
  readonly repaired: Repaired | Unreadable;
  /** Customers so far, those of earlier runs included. */
  readonly done: number;
}

/**
 * Looks at everybody, and puts right whom the plan says. While it goes on, the place stays before the first page on which
 * somebody could not be read. When it came to the end like this, the walk is not done, and goes back to the beginning: until
 * somebody has put them right, others may have gone wrong.
 *
 * @param begun left out, nothing is written down, and an interrupted run begins at the beginning
 * @param told once per customer, in the order they are done
 * @throws WalkOvertaken when another run goes on with it; faults of the stores: call again, it goes on where it stood
 */
export async function repairAll(
  services: RepairAllServices,
  plan: RepairPlan,
  begun: Walk | undefined,
  told: (about: Told) => void = () => undefined,
): Promise<RepairTally> {
  const { client, tableName, walks, announcer, now } = services;
  const tally: RepairTally = { alike: 0, differs: 0, lost: 0, erased: 0, nothing: 0, unreadable: 0 };
  let walk = begun && (await takeOver(walks, begun));
  let [after, done] = [walk?.after, walk?.done ?? 0];
  for (;;) {
    const { customerIds, next } = await customerPage(client, tableName, after);
    const toAnnounce: string[] = [];
    await eachOf(customerIds, async (customerId) => {
      const repaired = await repairOrName(services, customerId, plan);
      if (repaired.kind !== 'unreadable' && repaired.isToAnnounce) toAnnounce.push(customerId);
      tally[repaired.kind] += 1;
      done += 1;
      told({ customerId, repaired, done });
    });
    for (let from = 0; from < toAnnounce.length; from += DUE_BATCH) {
      const ids = toAnnounce.toSorted().slice(from, from + DUE_BATCH);
      const data = { customerIds: ids };
      await announcer.announce([{ detailType: ANNOUNCED.customerDue, id: plan.cause, occurredAt: now(), data }]);
    }
    after = next;
    if (walk !== undefined && tally.unreadable === 0) {
      const { after: _before, ...rest } = walk;
      walk = await savePlace(walks, { ...rest, done, ...(next === undefined ? { status: 'done' } : { after: next }) });
    }
    if (next !== undefined) continue;
    if (walk?.after !== undefined && tally.unreadable > 0) {
      const { after: _before, ...rest } = walk;
      await savePlace(walks, { ...rest, done: 0 });
    }
    return tally;
  }
}

/** @throws faults of the store, and of everything else that is no customer's own */
export async function repairOrName(
  services: RepairServices,
  customerId: string,
  plan: RepairPlan,
): Promise<Repaired | Unreadable> {
  try {
    return await repairCustomer(services, customerId, plan);
  } catch (cause) {
    if (cause instanceof UnreadableItem) return { kind: 'unreadable', why: cause.message };
    // Without its message, which quotes what is stored.
    if (cause instanceof SyntaxError) return { kind: 'unreadable', why: 'journal, ledger or looks are spoilt' };
    throw cause;
  }
}
