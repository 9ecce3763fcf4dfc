/** A shop's files in memory, and an import of them into the pipeline's store. */
import type { ImportServices } from '../../infra/import/import-customer.ts';
import { type Files, type Past, pastFrom } from '../../infra/import/past.ts';
import { importAll, newImport, type Tally, type WalkServices } from '../../infra/import/walk.ts';
import { surveyOf } from '../../infra/import/waves.ts';
import type { OrderLog } from '../../infra/history/order-log.ts';
import type { MemoryWalkBook } from '../../shared/adapters/memory-walk-book.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Pipeline } from '../support/pipeline.ts';

export interface OrderSaid {
  readonly customerId: string;
  readonly at: Instant;
  readonly orderId?: string;
  readonly total?: number;
}

/** Orders as the reader of files packs them. */
export function orderLog(orders: readonly OrderSaid[]): OrderLog {
  const customers = [...new Set(orders.map(({ customerId }) => customerId))];
  const rows = customers.flatMap((id) =>
    orders.filter(({ customerId }) => customerId === id).toSorted((a, b) => a.at - b.at),
  );
  const counts = customers.map((id) => rows.filter(({ customerId }) => customerId === id).length);
  const starts = Uint32Array.from([0, ...counts.map((_, n) => counts.slice(0, n + 1).reduce((a, b) => a + b, 0))]);
  return {
    customers,
    starts,
    at: Float64Array.from(rows, ({ at }) => at),
    minor: Float64Array.from(rows, ({ total }) => (total === undefined ? Number.NaN : Math.round(total * 100))),
    currency: new Uint8Array(rows.length),
    currencies: ['USD'],
    discounted: new Uint8Array(rows.length),
    orderIds: { textOf: (order) => rows[order]?.orderId },
  };
}

/** An order as the shop emits it, live. */
export function purchase({ customerId, at, orderId = '', total = 0 }: OrderSaid): CustomerEvent {
  return {
    id: `live-${orderId}`,
    type: 'Purchase Completed',
    customerId,
    occurredAt: at,
    data: { customerId, orderId, total, currency: 'USD' },
  };
}

export interface Setting {
  readonly pipeline: Pipeline;
  readonly walks: MemoryWalkBook;
  readonly startsAt: Instant;
  readonly rampPerDay?: number;
  /** Of the import. */
  readonly name?: string | undefined;
  readonly store?: ImportServices['store'];
  readonly book?: WalkServices['walks'];
}

/** Imports the files as the command does, or goes on with it. */
export async function importInto(setting: Setting, given: Files | Past): Promise<Tally> {
  const { pipeline, walks, startsAt, rampPerDay = 1000, store = pipeline.store, book = walks } = setting;
  const { name = 'import/test' } = setting;
  const services: WalkServices = {
    store,
    walks: book,
    addresses: pipeline.addresses,
    addressKey: async () => 'address key',
    budget: { take: async () => undefined },
    playbook: pipeline.playbook,
    now: () => pipeline.now,
  };
  const walk = (await walks.read(name)) ?? newImport(name, startsAt, rampPerDay, pipeline.now, 'anna');
  const past = 'eventsOf' in given ? given : pastFrom(given, walk.begunAt);
  const { silent } = surveyOf(past, pipeline.playbook.stages, walk.startsAt);
  return importAll(services, { past, silent, walk });
}
