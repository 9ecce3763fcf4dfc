/** Counts the customers table as anybody could from outside: one Scan, read through the shape of its items. */
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { PROFILE_KEY } from '../../shared/adapters/profile-item.ts';
import { TABLE } from '../../shared/contracts/table.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { STAGES } from '../../shared/lifecycle/stage.ts';
import type { Twin } from './contract.ts';
import type { Headcount } from './summary.ts';

const profile = z.object({ kind: z.literal('living'), stage: z.enum(STAGES) });
const entry = z.object({
  key: z.string(),
  outcome: z.enum(['sent', 'withheld', 'cancelled', 'failed']),
  reason: z.string().default('no reason given'),
});
const item = z.object({ [TABLE.sortKey]: z.string(), entry: z.string().optional() });

export interface HeadCounter {
  readonly take: () => Promise<Headcount>;
  readonly close: () => void;
}

export function openHeadcount(twin: Pick<Twin, 'endpoint' | 'region' | 'tableName'>): HeadCounter {
  const client = new DynamoDBClient({
    endpoint: twin.endpoint,
    region: twin.region,
    credentials: { accessKeyId: 'headcount', secretAccessKey: 'headcount' },
  });
  return {
    async take() {
      const tally = openTally();
      const pages = paginateScan(
        { client },
        {
          TableName: twin.tableName,
          ConsistentRead: true,
          ProjectionExpression: '#sk, #kind, #stage, #entry',
          ExpressionAttributeNames: { '#sk': TABLE.sortKey, '#kind': 'kind', '#stage': 'stage', '#entry': 'entry' },
        },
      );
      for await (const page of pages) {
        for (const found of page.Items ?? []) tally.add(unmarshall(found));
      }
      return tally.headcount();
    },
    close: () => client.destroy(),
  };
}

function count(into: Record<string, number>, name: string): void {
  into[name] = (into[name] ?? 0) + 1;
}

function openTally() {
  let customers = 0;
  const counts = { stages: {}, mails: {}, withheld: {}, cancelled: {} } satisfies Record<
    string,
    Record<string, number>
  >;
  return {
    add(found: Readonly<Record<string, unknown>>): void {
      const { [TABLE.sortKey]: sortKey, entry: text } = item.parse(found);
      if (sortKey === PROFILE_KEY) {
        const living = profile.safeParse(found);
        // An erased customer is nobody's customer any more.
        if (!living.success) return;
        customers += 1;
        count(counts.stages, living.data.stage);
      }
      if (text === undefined) return;
      const { key, outcome, reason } = entry.parse(JSON.parse(text));
      switch (outcome) {
        case 'sent': {
          const parts = parseKey(key);
          count(counts.mails, parts === undefined ? key : `${parts.programme}/${parts.step}`);
          return;
        }
        case 'withheld':
          count(counts.withheld, reason);
          return;
        case 'cancelled':
          count(counts.cancelled, reason);
          return;
        case 'failed':
          count(counts.cancelled, `failed: ${reason}`);
          return;
        default:
          outcome satisfies never;
      }
    },
    headcount: (): Headcount => ({ customers, ...counts }),
  };
}
