/**
 * Putting everybody right, some at once: the place is written down after every page, and each customer may be done again,
 * so killed anywhere and begun again it ends the same.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Announcer } from '../../shared/adapters/announcer.ts';
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

/** How many customers are what. */
export type RepairTally = Record<Repaired['kind'], number>;

export interface Told {
  readonly customerId: string;
  readonly repaired: Repaired;
  /** Customers so far, those of earlier runs included. */
  readonly done: number;
}

/**
 * Looks at everybody, and puts right whom the plan says.
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
  const tally: RepairTally = { alike: 0, differs: 0, lost: 0, erased: 0, nothing: 0 };
  let walk = begun && (await takeOver(walks, begun));
  let [after, done] = [walk?.after, walk?.done ?? 0];
  for (;;) {
    const { customerIds, next } = await customerPage(client, tableName, after);
    const toAnnounce: string[] = [];
    await eachOf(customerIds, async (customerId) => {
      const repaired = await repairCustomer(services, customerId, plan);
      if (repaired.isToAnnounce) toAnnounce.push(customerId);
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
    if (walk !== undefined) {
      const { after: _before, ...rest } = walk;
      walk = await savePlace(walks, { ...rest, done, ...(next === undefined ? { status: 'done' } : { after: next }) });
    }
    if (next === undefined) return tally;
  }
}
