/**
 * Counts what functions ask of AWS, where their requests arrive in the twin: requests, capacity units by DynamoDB's rules,
 * entries on the bus, messages in queues, invocations and log lines. Units of the index follow from the keys that a write
 * changes, and units of a read from what was written before, for the twin's own store tells neither.
 */
import { z } from 'zod';
import type { FunctionCall } from '../../infra/local/faults.ts';
import type { RunningTwin } from '../../infra/local/twin.ts';
import type { Use } from '../../infra/cost/counted.ts';
import type { FunctionName } from '../../shared/contracts/environment.ts';
import { DUE_INDEX, LANE_PARTITION, PROFILES_INDEX, TABLE } from '../../shared/contracts/table.ts';
import { readUnitsOf, writeUnitsOf } from '../support/item-size.ts';

const attribute = z.object({ S: z.string().optional(), N: z.string().optional(), B: z.string().optional() });
const item = z.record(z.string(), attribute);
type Item = z.output<typeof item>;
const request = z.object({
  /** A batch names its table beside the keys. */
  TableName: z.string().default(''),
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(item).default([]) })).optional(),
  IndexName: z.string().optional(),
  ConsistentRead: z.boolean().optional(),
  Item: item.optional(),
  Key: item.optional(),
  ExclusiveStartKey: item.optional(),
  ExpressionAttributeValues: item.optional(),
});
type Request = z.output<typeof request>;
const queued = z.object({ 'detail-type': z.string() });
const entries = z.object({ Entries: z.array(z.object({ DetailType: z.string() })) });

/** As DynamoDB reckons it: names, texts, bytes, and of a number a byte and half a byte a digit. */
function bytesOf(attributes: Item): number {
  const sizes = Object.entries(attributes).map(([name, { S = '', N, B = '' }]) => {
    const digits = N === undefined ? 0 : Math.ceil(N.replaceAll(/\D/gu, '').length / 2) + 1;
    return Buffer.byteLength(name) + Buffer.byteLength(S) + Buffer.byteLength(B, 'base64') + digits;
  });
  return sizes.reduce((sum, each) => sum + each, 0);
}

interface Stored {
  readonly partition: string;
  readonly sortKey: string;
  readonly bytes: number;
  /** Key of its entry in the index of timers. */
  readonly timer: string | undefined;
  /** Its partition of the index of profiles, and so its key there, which knows no other change. */
  readonly profile: string | undefined;
}

type Sums = { -readonly [Name in Exclude<keyof Use, 'requests'>]: number } & {
  readonly requests: { -readonly [Service in keyof Use['requests']]: number };
  /** Entries on the bus by detail-type. */
  readonly told: Map<string, number>;
  /** Bytes of the index of profiles that were read. */
  profileIndexBytes: number;
};

const nothing = (): Sums => ({
  invocations: 0,
  requests: { dynamodb: 0, events: 0, ses: 0 },
  readUnits: 0,
  writeUnits: 0,
  indexUnits: 0,
  busEvents: 0,
  queueMessages: 0,
  logBytes: 0,
  logLines: 0,
  told: new Map(),
  profileIndexBytes: 0,
});

export class Meter {
  readonly #twin: RunningTwin;
  readonly #prefix: string;
  readonly #stored = new Map<string, Stored>();
  readonly #arrived = new Map<string, number>();
  #sums = new Map<string, Sums>();
  #lastLine: unknown;

  /** Hears everything from now on, so the twin has to be new. */
  constructor(twin: RunningTwin, stage: string) {
    this.#twin = twin;
    this.#prefix = `perennial-${stage}-`;
    twin.faults.plan = {
      happened: (call, status) => this.#hear(call, status === 200),
      // The twin asks before each invocation; none is turned away.
      throttles: (functionName) => {
        this.#of(functionName).invocations += 1;
        return false;
      },
      // Queues are called as the functions that read them.
      message: (queueName, body) => {
        this.#of(queueName).queueMessages += 1;
        const { 'detail-type': type } = queued.parse(JSON.parse(body));
        this.#arrived.set(type, (this.#arrived.get(type) ?? 0) + 1);
        return undefined;
      },
    };
  }

  /** What happened since the last time, by function. */
  take(): (name: FunctionName) => Sums {
    this.#readLog();
    const taken = this.#sums;
    this.#sums = new Map();
    return (name) => taken.get(this.#prefix + name) ?? nothing();
  }

  /** How often each detail-type has come to a queue since the beginning. */
  get arrived(): ReadonlyMap<string, number> {
    return this.#arrived;
  }

  /** Bytes of the items whose sort key begins so. */
  storedBytes(of: string): number {
    const found = [...this.#stored.values()].filter(({ sortKey }) => sortKey.startsWith(of));
    return found.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #of(functionName: string): Sums {
    const known = this.#sums.get(functionName);
    if (known !== undefined) return known;
    const sums = nothing();
    this.#sums.set(functionName, sums);
    return sums;
  }

  /** @throws Error when lines are gone that nobody has read */
  #readLog(): void {
    const { logs } = this.#twin;
    const known = logs.findLastIndex((line) => line === this.#lastLine);
    if (this.#lastLine !== undefined && known === -1) throw new Error('the twin wrote more than it keeps');
    for (const { functionName, text } of logs.slice(known + 1)) {
      const sums = this.#of(functionName);
      sums.logLines += 1;
      sums.logBytes += Buffer.byteLength(text);
    }
    this.#lastLine = logs.at(-1);
  }

  #hear({ functionName, service, operation, body }: FunctionCall, isDone: boolean): void {
    const sums = this.#of(functionName);
    switch (service) {
      case 'dynamodb': {
        const asked = request.parse(JSON.parse(body));
        // What is published is read by the minute, however much happens in it, and whether mail may leave: reckoned apart.
        if (asked.TableName.endsWith('-content')) return;
        if ((asked.Key ?? asked.Item)?.[TABLE.partitionKey]?.S === LANE_PARTITION) return;
        sums.requests.dynamodb += 1;
        this.#access(sums, operation, asked, isDone);
        return;
      }
      case 'events':
        sums.requests.events += 1;
        for (const { DetailType } of entries.parse(JSON.parse(body)).Entries) {
          sums.busEvents += 1;
          sums.told.set(DetailType, (sums.told.get(DetailType) ?? 0) + 1);
        }
        return;
      case 'ses':
        if (operation === 'SendRawEmail') sums.requests.ses += 1;
        return;
      case 'secretsmanager':
        // Kept for minutes, however much happens in them: reckoned apart.
        return;
      default:
        throw new Error(`nobody has said what ${service} costs`);
    }
  }

  #access(sums: Sums, operation: string, asked: Request, isDone: boolean): void {
    const { Item: put, Key: key = put, ConsistentRead: isConsistent = false } = asked;
    const [partition, sortKey] = placeOf(key);
    const name = nameOf(key);
    const before = this.#stored.get(name);
    const share = isConsistent ? 1 : 0.5;
    switch (operation) {
      case 'GetItem':
        sums.readUnits += share * readUnitsOf(before?.bytes ?? 0);
        return;
      case 'Query':
        if (asked.IndexName === PROFILES_INDEX.name) sums.profileIndexBytes += this.#profiles();
        else sums.readUnits += share * readUnitsOf(asked.IndexName === undefined ? this.#found(asked) : 0);
        return;
      case 'BatchGetItem':
        // Each item is rounded up by itself.
        for (const each of Object.values(asked.RequestItems ?? {}).flatMap(({ Keys }) => Keys)) {
          sums.readUnits += share * readUnitsOf(this.#stored.get(nameOf(each))?.bytes ?? 0);
        }
        return;
      case 'PutItem':
      case 'UpdateItem': {
        // An update adds what it says to what was there.
        const bytes =
          put === undefined ? (before?.bytes ?? 0) + bytesOf(asked.ExpressionAttributeValues ?? {}) : bytesOf(put);
        const timer = put === undefined ? before?.timer : put[DUE_INDEX.sortKey]?.N;
        const profile = put === undefined ? before?.profile : put[PROFILES_INDEX.partitionKey]?.S;
        // A failed write costs as much, but for the index, which it does not reach.
        sums.writeUnits += writeUnitsOf(Math.max(bytes, before?.bytes ?? 0));
        if (!isDone) return;
        sums.indexUnits += indexUnits(before?.timer, timer) + indexUnits(before?.profile, profile);
        this.#stored.set(name, { partition, sortKey, bytes, timer, profile });
        return;
      }
      case 'DeleteItem':
        sums.writeUnits += writeUnitsOf(before?.bytes ?? 0);
        if (!isDone) return;
        sums.indexUnits += indexUnits(before?.timer, undefined) + indexUnits(before?.profile, undefined);
        this.#stored.delete(name);
        return;
      default:
        throw new Error(`nobody has said what ${operation} costs`);
    }
  }

  /** Bytes of all entries of the index of profiles: the keys of the table and its own. */
  #profiles(): number {
    const listed = [...this.#stored.values()].filter(({ profile }) => profile !== undefined);
    const keys = listed.map(({ partition, sortKey, profile = '' }) => ({
      [TABLE.partitionKey]: { S: partition },
      [TABLE.sortKey]: { S: sortKey },
      [PROFILES_INDEX.partitionKey]: { S: profile },
    }));
    return keys.reduce((sum, each) => sum + bytesOf(each), 0);
  }

  /** Bytes a query of one partition reads: one value names it, another may say what the sort keys begin with. */
  #found({ ExpressionAttributeValues: values = {} }: Request): number {
    const texts = Object.values(values).flatMap(({ S }) => S ?? []);
    const found = [...this.#stored.values()].filter(
      ({ partition, sortKey }) =>
        texts.includes(partition) && (texts.length === 1 || texts.some((each) => sortKey.startsWith(each))),
    );
    return found.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

function placeOf(key: Item | undefined): readonly [partition: string, sortKey: string] {
  return [key?.[TABLE.partitionKey]?.S ?? '', key?.[TABLE.sortKey]?.S ?? ''];
}

function nameOf(key: Item | undefined): string {
  return JSON.stringify(placeOf(key));
}

/** A key that moves is taken out and put in; one that comes or goes is one of the two. */
function indexUnits(before: string | undefined, after: string | undefined): number {
  if (before === after) return 0;
  return before !== undefined && after !== undefined ? 2 : 1;
}
