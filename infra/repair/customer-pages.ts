/** Everybody of whom the table holds anything, with or without a profile: the whole table, page after page. */
import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import { keyOf } from '../../shared/adapters/dynamodb-table.ts';
import { customerOf, partitionOf } from '../../shared/adapters/profile-item.ts';
import { TABLE } from '../../shared/contracts/table.ts';

interface CustomerPage {
  /** In the order of the table. Whose items lie on two pages is on both. */
  readonly customerIds: readonly string[];
  /** Items read, also those that are nobody's. */
  readonly items: number;
  /** Where the next page begins; undefined after the last one. */
  readonly next?: string;
}

const place = z.tuple([z.string(), z.string()]);

/**
 * @param after where the page before ended
 * @throws SyntaxError or ZodError for a place that no page ended at
 */
export async function customerPage(
  client: DynamoDBClient,
  tableName: string,
  after: string | undefined,
): Promise<CustomerPage> {
  // Eventually consistent, which costs half: each customer is read anew before anything is changed.
  const page = await client.send(
    new ScanCommand({
      TableName: tableName,
      ProjectionExpression: '#pk',
      FilterExpression: 'begins_with(#pk, :customer)',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
      ExpressionAttributeValues: { ':customer': { S: partitionOf('') } },
      ...(after !== undefined && { ExclusiveStartKey: keyOf(...place.parse(JSON.parse(after))) }),
    }),
  );
  const partitions = (page.Items ?? []).map((item) => item[TABLE.partitionKey]?.S ?? '');
  const customerIds = [...new Set(partitions)].map(customerOf);
  const items = page.ScannedCount ?? 0;
  const last = page.LastEvaluatedKey;
  if (last === undefined) return { customerIds, items };
  const next = JSON.stringify([last[TABLE.partitionKey]?.S ?? '', last[TABLE.sortKey]?.S ?? '']);
  return { customerIds, items, next };
}
