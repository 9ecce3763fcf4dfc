/** DynamoDB's wire protocol over dynalite's own actions, called in process. */
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import database from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import { z } from 'zod';
import { DUE_INDEX, DUE_SHARDS } from '../../shared/contracts/table.ts';
import type { TableDefinition } from './deployment.ts';
import { DeploymentRefused, ServiceError } from './errors.ts';
import type { AccessRequest } from './iam.ts';

const load = createRequire(import.meta.url);

type Act = (store: DynaliteStore, data: unknown, answer: (error: unknown, result?: unknown) => void) => void;
interface Operation {
  readonly act: Act;
  readonly rules: { readonly types: unknown; readonly custom?: unknown };
}

/** Operation name on the wire → dynalite's module. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [
    'BatchGetItem',
    'BatchWriteItem',
    'DeleteItem',
    'DescribeTable',
    'DescribeTimeToLive',
    'GetItem',
    'ListTables',
    'PutItem',
    'Query',
    'Scan',
    'UpdateItem',
    'CreateTable',
  ].map((name) => {
    const file = name.charAt(0).toLowerCase() + name.slice(1);
    return [name, { act: load(`dynalite/actions/${file}.js`), rules: load(`dynalite/validations/${file}.js`) }];
  }),
);

/** What dynalite throws or answers with when a request is refused. */
const refusal = z.object({ statusCode: z.number(), body: z.unknown() });
const named = z.object({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  Key: z.record(z.string(), z.unknown()).optional(),
  Item: z.record(z.string(), z.unknown()).optional(),
  KeyConditionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: z.record(z.string(), z.unknown()).optional(),
});
const textKey = z.object({ S: z.string() });
const described = z.object({
  Table: z.object({
    TableStatus: z.string(),
    GlobalSecondaryIndexes: z.array(z.object({ IndexName: z.string() })).default([]),
  }),
});
const dueEntry = z.object({ [DUE_INDEX.sortKey]: z.object({ N: z.string() }) });

/** The attributes a query asks to be equal to something; the partition key is always one of them. */
function queried({
  KeyConditionExpression: expression = '',
  ExpressionAttributeNames: names = {},
  ExpressionAttributeValues: values = {},
}: z.infer<typeof named>): Readonly<Record<string, unknown>> {
  const equal = expression.matchAll(/([\w#]+)\s*=\s*(:\w+)/gu);
  return Object.fromEntries([...equal].map(([, name = '', value = '']) => [names[name] ?? name, values[value]]));
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const CREATE_POLL_MS = 2;
/** Values that a stream reads from the store at once. */
const READ_AHEAD = 100;

export class Tables {
  readonly store: DynaliteStore;
  readonly #dueIndexes: string[] = [];
  readonly #arnPrefix: string;
  readonly #partitionKeys = new Map<string, string>();

  /** @param path LevelDB directory; without it tables live in memory */
  constructor(path: string | undefined, region: string, account: string) {
    this.store = database.create({ createTableMs: 0, ...(path !== undefined && { path }) });
    this.store.tableDb.awsRegion = region;
    this.store.tableDb.awsAccountId = account;
    this.#arnPrefix = `arn:aws:dynamodb:${region}:${account}:table/`;
    // dynalite reads value by value and never closes its iterators, which keeps every old version of the store alive.
    const { db } = this.store;
    db.createValueStream = (range) => Readable.from(valuesOf(db, range));
  }

  /** Creates the table unless the data directory has it. */
  async create(definition: TableDefinition): Promise<void> {
    const { name, KeySchema, AttributeDefinitions, BillingMode, GlobalSecondaryIndexes = [] } = definition;
    for (const {
      IndexName,
      KeySchema: [hash, range],
    } of GlobalSecondaryIndexes) {
      if (IndexName !== DUE_INDEX.name || hash?.AttributeName !== DUE_INDEX.partitionKey) continue;
      if (range?.AttributeName === DUE_INDEX.sortKey) this.#dueIndexes.push(`index-global~${name}~${IndexName}~`);
    }
    const [partitionKey] = KeySchema;
    if (partitionKey !== undefined) this.#partitionKeys.set(name, partitionKey.AttributeName);
    const schema = { TableName: name, KeySchema, AttributeDefinitions, BillingMode };
    const indexes = GlobalSecondaryIndexes.length > 0 ? { GlobalSecondaryIndexes } : {};
    const existing = await this.call('DescribeTable', { TableName: name });
    if (existing.status !== 200) await this.call('CreateTable', { ...schema, ...indexes });
    for (;;) {
      const { body } = await this.call('DescribeTable', { TableName: name });
      const { TableStatus, GlobalSecondaryIndexes: found } = described.parse(body).Table;
      if (found.length < GlobalSecondaryIndexes.length) {
        throw new DeploymentRefused(`the data directory is of an earlier version: its table ${name} lacks an index`);
      }
      if (TableStatus === 'ACTIVE') break;
      await new Promise((resolve) => setTimeout(resolve, CREATE_POLL_MS));
    }
    await this.#remember(name);
  }

  /** A table does not change once it is active, so dynalite need not read and parse its description for every call. */
  async #remember(name: string): Promise<void> {
    const { store } = this;
    const read = store.getTable.bind(store);
    const table = await new Promise<unknown>((resolve, reject) => {
      read(name, (error, found) => (error instanceof Error ? reject(error) : resolve(found)));
    });
    store.getTable = (wanted, checkStatus, answer) => {
      const reply = typeof checkStatus === 'function' ? checkStatus : answer;
      if (wanted === name) reply?.(undefined, table);
      else read(wanted, checkStatus, answer);
    };
  }

  /** The table a request names; empty when it names several, or none. */
  tableOf(body: string): string {
    const { TableName = '' } = named.parse(JSON.parse(body));
    return TableName.startsWith(this.#arnPrefix) ? TableName.slice(this.#arnPrefix.length) : TableName;
  }

  /** The table a request names, and the index it reads, under CloudWatch's names. */
  placeOf(body: string): { readonly TableName: string; readonly GlobalSecondaryIndexName?: string } {
    const { IndexName } = named.parse(JSON.parse(body));
    return {
      TableName: this.tableOf(body),
      ...(IndexName !== undefined && { GlobalSecondaryIndexName: IndexName }),
    };
  }

  /** What a request needs permission for. */
  accessOf(operation: string, data: unknown): AccessRequest[] {
    const request = named.parse(data);
    const { TableName, IndexName, RequestItems = {}, Key, Item } = request;
    const tables = TableName === undefined ? Object.keys(RequestItems) : [TableName];
    const action = `dynamodb:${operation}`;
    if (tables.length === 0) return [{ action, resource: '*' }];
    const index = IndexName === undefined ? '' : `/index/${IndexName}`;
    return tables.map((table) => {
      const name = table.startsWith(this.#arnPrefix) ? table.slice(this.#arnPrefix.length) : table;
      const partitionKey = this.#partitionKeys.get(name) ?? '';
      const { data: key } = textKey.safeParse((Key ?? Item ?? queried(request))[partitionKey]);
      return {
        action,
        resource: (table.startsWith('arn:') ? table : this.#arnPrefix + table) + index,
        // Keys within batches are not read: then only a policy that allows every key allows the call.
        context: { 'dynamodb:LeadingKeys': [key?.S ?? ''] },
      };
    });
  }

  /** @throws ServiceError for operations that are not emulated; everything else is DynamoDB's own answer */
  async call(operation: string, data: unknown): Promise<Answer> {
    const found = OPERATIONS.get(operation);
    if (found === undefined)
      throw new ServiceError(400, 'UnknownOperationException', `the local twin does not emulate dynamodb:${operation}`);
    const { act, rules } = found;
    try {
      const checked = validations.checkTypes(data, rules.types);
      validations.checkValidations(checked, rules.types, rules.custom, this.store);
      const body = await new Promise<unknown>((resolve, reject) => {
        act(this.store, checked, (error, result) => {
          if (error instanceof Error) reject(error);
          else resolve(result);
        });
      });
      return { status: 200, body };
    } catch (error) {
      const { success, data: answer } = refusal.safeParse(error);
      if (!success) throw error;
      return { status: answer.statusCode, body: answer.body };
    }
  }

  /** Smallest key of all due indexes that is greater than `instant` (epoch milliseconds). */
  async smallestDueAfter(instant: number): Promise<number | undefined> {
    const after = database.toRangeStr(String(instant), 'N');
    const shards = this.#dueIndexes.flatMap((index) =>
      DUE_PREFIXES.map(async (shard) => {
        const range = { gt: `${index}${shard}${after}/~`, lt: `${index}${shard}~`, limit: 1 };
        const [first] = await this.store.db.values(range).all();
        return first === undefined ? Infinity : Number(dueEntry.parse(first)[DUE_INDEX.sortKey]?.N);
      }),
    );
    const least = Math.min(...(await Promise.all(shards)));
    return Number.isFinite(least) ? least : undefined;
  }

  async close(): Promise<void> {
    await this.store.db.close();
  }
}

/** Where dynalite keeps each shard of a due index: hash of the partition key, the key itself, then the sort key. */
const DUE_PREFIXES = Array.from({ length: DUE_SHARDS }, (_none, shard) => {
  const key = String(shard);
  return `${database.hashPrefix(key, 'N')}/${database.toRangeStr(key, 'N')}/`;
});

async function* valuesOf(db: LevelStore, range: LevelRange): AsyncGenerator {
  const values = db.values(range);
  try {
    for (;;) {
      const next = await values.nextv(READ_AHEAD);
      if (next.length === 0) return;
      yield* next;
    }
  } finally {
    await values.close();
  }
}
