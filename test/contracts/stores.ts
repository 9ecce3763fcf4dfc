/**
 * Every place customers can be kept, opened for a test. The oracles (AWS's DynamoDB Local, moto) are used when their
 * endpoint is given; a run without one says so.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { cachedAssembly } from '../../infra/app.ts';
import { stageConfig } from '../../infra/config.ts';
import { createTwin, type RunningTwin } from '../../infra/local/twin.ts';
import { contentTableBeside } from '../../infra/records.ts';
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { CampaignBook } from '../../shared/adapters/campaign-book.ts';
import type { CensusStore } from '../../shared/adapters/census-store.ts';
import type { CustomerStore, DueIndex } from '../../shared/adapters/customer-store.ts';
import { DynamoDBAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { DynamoDBCampaignBook } from '../../shared/adapters/dynamodb-campaign-book.ts';
import { DynamoDBCensus } from '../../shared/adapters/dynamodb-census.ts';
import { DynamoDBLaneStore } from '../../shared/adapters/dynamodb-lane-store.ts';
import { DynamoDBOfferBook } from '../../shared/adapters/dynamodb-offer-book.ts';
import { DynamoDBReleaseStore } from '../../shared/adapters/dynamodb-release-store.ts';
import { DynamoDBStore } from '../../shared/adapters/dynamodb-store.ts';
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryCampaignBook } from '../../shared/adapters/memory-campaign-book.ts';
import { MemoryCensus } from '../../shared/adapters/memory-census.ts';
import { MemoryLaneStore } from '../../shared/adapters/memory-lane-store.ts';
import { MemoryOfferBook } from '../../shared/adapters/memory-offer-book.ts';
import { MemoryReleaseStore } from '../../shared/adapters/memory-release-store.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { DynamoDBRequestBook } from '../../shared/adapters/dynamodb-request-book.ts';
import { MemoryRequestBook } from '../../shared/adapters/memory-request-book.ts';
import type { RequestBook } from '../../shared/adapters/request-book.ts';
import type { ReleaseStore } from '../../shared/adapters/release-store.ts';
import type { OfferBook } from '../../shared/adapters/offer-book.ts';
import { DynamoDBWalkBook } from '../../shared/adapters/dynamodb-walk-book.ts';
import { MemoryWalkBook } from '../../shared/adapters/memory-walk-book.ts';
import type { WalkBook } from '../../shared/adapters/walk-book.ts';
import { createTable } from '../support/table.ts';
import { TEST_CREDENTIALS, TEST_REGION } from './wire.ts';

/** Customers per page of a census in memory. */
const SMALL_PAGE = 7;

interface Stores {
  readonly store: CustomerStore & DueIndex;
  readonly addresses: AddressBook;
  readonly lane: LaneStore;
  readonly offers: OfferBook;
  readonly census: CensusStore;
  readonly campaigns: CampaignBook;
  readonly releases: ReleaseStore;
  readonly walks: WalkBook;
  readonly requests: RequestBook;
}

interface Opened extends Stores {
  close(): Promise<void>;
}

interface Implementation {
  readonly name: string;
  /** Whether of writers at the same moment one is first: moto looks at a condition and writes without a lock between. */
  readonly isAtomic: boolean;
  readonly open: () => Promise<Opened>;
}

/** An emulator of AWS that checks us from outside; its endpoint comes from the environment. */
export function oracleEndpoint(name: string, variable: string): string | undefined {
  const endpoint = process.env[variable];
  if (endpoint !== undefined && endpoint !== '') return endpoint;
  process.stderr.write(`SKIPPED: ${name}, because ${variable} is not set (test/oracles starts one)\n`);
  return undefined;
}

/** The whole deployment in the twin, its clock standing at `start`: what is in the queues is only moved on demand. */
export async function openTwin(start: number): Promise<RunningTwin> {
  const assembly = await cachedAssembly(stageConfig('local'));
  return createTwin({ assembly, port: 0, clock: { mode: 'virtual', start }, seed: 'contracts' });
}

function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS });
}

function storesOf(client: DynamoDBClient, table: string, contentTable: string): Stores {
  return {
    store: new DynamoDBStore(client, table),
    addresses: new DynamoDBAddressBook(client, table),
    lane: new DynamoDBLaneStore(client, table),
    offers: new DynamoDBOfferBook(client, table),
    census: new DynamoDBCensus(client, table),
    campaigns: new DynamoDBCampaignBook(client, table),
    releases: new DynamoDBReleaseStore(client, contentTable),
    walks: new DynamoDBWalkBook(client, table),
    requests: new DynamoDBRequestBook(client, table),
  };
}

const memory: Implementation = {
  isAtomic: true,
  name: 'memory',
  open: async () => {
    const store = new MemoryStore();
    return {
      store,
      addresses: new MemoryAddressBook(),
      lane: new MemoryLaneStore(),
      offers: new MemoryOfferBook(),
      census: new MemoryCensus(() => store.profiles, SMALL_PAGE),
      campaigns: new MemoryCampaignBook(store),
      releases: new MemoryReleaseStore(),
      walks: new MemoryWalkBook(),
      requests: new MemoryRequestBook(),
      close: async () => undefined,
    };
  },
};

/** The table is the one of the template that is deployed. */
const twin: Implementation = {
  isAtomic: true,
  name: 'DynamoDB in the twin',
  open: async () => {
    const running = await openTwin(0);
    const client = clientOf(running.endpoint);
    return {
      ...storesOf(client, running.tableName, contentTableBeside(running.tableName)),
      close: async () => {
        client.destroy();
        await running.close();
      },
    };
  },
};

function oracle(name: string, endpoint: string, isAtomic: boolean): Implementation {
  return {
    name,
    isAtomic,
    open: async () => {
      const client = clientOf(endpoint);
      const table = `customers-${randomUUID()}`;
      await createTable(client, table);
      return { ...storesOf(client, table, table), close: async () => client.destroy() };
    },
  };
}

/** The implementations this run can test. */
export function implementations(): readonly Implementation[] {
  const oracles = [
    { name: 'DynamoDB Local', variable: 'DYNAMODB_LOCAL_ENDPOINT', isAtomic: true },
    { name: 'DynamoDB in moto', variable: 'MOTO_ENDPOINT', isAtomic: false },
  ];
  const found = oracles.flatMap(({ name, variable, isAtomic }) => {
    const endpoint = oracleEndpoint(name, variable);
    return endpoint === undefined ? [] : [oracle(name, endpoint, isAtomic)];
  });
  return [memory, twin, ...found];
}

/** Asks all at the same moment, or one after the other where a store could not stand that. */
export async function together<T>(isAtomic: boolean, asking: readonly (() => Promise<T>)[]): Promise<T[]> {
  if (isAtomic) return Promise.all(asking.map((ask) => ask()));
  const answers: T[] = [];
  for (const ask of asking) answers.push(await ask());
  return answers;
}
