/** Requests to the intake in DynamoDB: an item each, and one for how many a window has let in. All of them expire. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { INTAKE_PARTITION, INTAKE_WINDOW, TABLE } from '../contracts/table.ts';
import type { Duration, Instant } from '../lifecycle/time.ts';
import { DynamoDBTable, keyOf, sharedClient } from './dynamodb-table.ts';
import type { RequestBook, TakenRequest, Window } from './request-book.ts';

const SECOND: Duration = 1000;
const SORT_KEY = 'REQUEST';
const SIGNED_AT = 'signedAt';
const LET_IN = 'letIn';

const stored = z.object({ digest: z.string(), [SIGNED_AT]: z.number(), forgottenAt: z.number() });

export class DynamoDBRequestBook implements RequestBook {
  readonly #table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new DynamoDBTable(client, tableName);
  }

  async read(id: string, now: Instant): Promise<TakenRequest | undefined> {
    const item = await this.#table.get(INTAKE_PARTITION + id, SORT_KEY);
    if (item === undefined) return undefined;
    const { digest, signedAt, forgottenAt } = stored.parse(unmarshall(item));
    // The table deletes what has expired within days, not at once.
    return now < forgottenAt ? { id, digest, signedAt, forgottenAt } : undefined;
  }

  async keep({ id, digest, signedAt, forgottenAt }: TakenRequest): Promise<void> {
    const ttl = Math.ceil(forgottenAt / SECOND);
    const attributes = { digest, [SIGNED_AT]: signedAt, forgottenAt, [TABLE.expiresAt]: ttl };
    // Two requests of one id at the same moment: the later signature stays, so that neither can be replayed.
    await this.#table.put(
      { ...keyOf(INTAKE_PARTITION + id, SORT_KEY), ...marshall(attributes) },
      {
        expression: 'attribute_not_exists(#pk) OR #signedAt < :signedAt',
        names: { '#pk': TABLE.partitionKey, '#signedAt': SIGNED_AT },
        values: { ':signedAt': signedAt },
      },
    );
  }

  async letIn({ number, until, most }: Window, count: number): Promise<boolean> {
    if (count > most) return false;
    // Counted whether or not the answer arrives: a lost one lets in fewer, never more.
    const refused = await this.#table.update(
      INTAKE_PARTITION + INTAKE_WINDOW,
      String(number),
      { [TABLE.expiresAt]: Math.ceil(until / SECOND) },
      {
        expression: 'attribute_not_exists(#letIn) OR #letIn <= :room',
        names: { '#letIn': LET_IN },
        values: { ':room': most - count },
      },
      { attribute: LET_IN, by: count },
    );
    return refused === undefined;
  }
}

/** The requests kept in a table of this account and region. */
export function openRequestBook(tableName: string): RequestBook {
  return new DynamoDBRequestBook(sharedClient(), tableName);
}
