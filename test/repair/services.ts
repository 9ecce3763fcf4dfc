/** What repairs ask for: the stores of a bench, its clock, and a table whose pages the test tells over the wire. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RepairAllServices } from '../../infra/repair/repair-all.ts';
import { MemoryWalkBook } from '../../shared/adapters/memory-walk-book.ts';
import type { Bench } from '../functions/bench.ts';

/** @param store of the profiles, where it is not that of the bench */
export function repairServices(bench: Bench, client: DynamoDBClient, store = bench.store): RepairAllServices {
  const { addresses, playbook, recording } = bench;
  const { addressKey, announcer } = recording;
  const budget = { take: async () => undefined };
  const walks = new MemoryWalkBook();
  return {
    store,
    addresses,
    addressKey,
    announcer,
    budget,
    playbook,
    now: () => bench.now,
    client,
    tableName: 'customers',
    walks,
  };
}
