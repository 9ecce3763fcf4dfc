/** The campaigns in DynamoDB: one small partition for what was ordered, and a Scan for how its messages ended. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { CAMPAIGNS_PARTITION, TABLE } from '../contracts/table.ts';
import { type Campaign, isMailOf } from '../lifecycle/campaign/campaign.ts';
import type { LedgerEntry } from '../lifecycle/customer/claim.ts';
import type { CampaignBook } from './campaign-book.ts';
import { entryFrom, MESSAGE } from './dynamodb-store.ts';
import { documentFrom, documentItem, DynamoDBTable, ifVersion } from './dynamodb-table.ts';
import type { Item } from './profile-item.ts';

function campaignFrom(item: Item): Campaign {
  const { version, json } = documentFrom(item);
  const document: Omit<Campaign, 'version'> = JSON.parse(json);
  return { ...document, version };
}

export class DynamoDBCampaignBook implements CampaignBook {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
    this.#table = new DynamoDBTable(client, tableName);
  }

  async read(name: string): Promise<Campaign | undefined> {
    const item = await this.#table.get(CAMPAIGNS_PARTITION, name);
    return item && campaignFrom(item);
  }

  async all(): Promise<readonly Campaign[]> {
    const items = await this.#table.query({
      ConsistentRead: true,
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
      ExpressionAttributeValues: marshall({ ':pk': CAMPAIGNS_PARTITION }),
    });
    return items.map(campaignFrom);
  }

  async save({ version, ...document }: Campaign, expected: number): Promise<boolean> {
    const item = documentItem(CAMPAIGNS_PARTITION, document.name, version, document);
    return (await this.#table.put(item, ifVersion(expected))) === undefined;
  }

  async *ends(campaign: Pick<Campaign, 'name' | 'programme' | 'step'>): AsyncIterable<readonly LedgerEntry[]> {
    const { programme, step, name } = campaign;
    const pages = paginateScan(
      { client: this.#client },
      {
        TableName: this.#tableName,
        // Lives differ, so the filter cannot say the whole key; a name may also begin another one.
        FilterExpression: 'begins_with(#sk, :message) AND contains(#sk, :of)',
        ExpressionAttributeNames: { '#sk': TABLE.sortKey },
        ExpressionAttributeValues: marshall({ ':message': MESSAGE, ':of': `/${programme}/${step}/${name}` }),
      },
    );
    for await (const { Items = [] } of pages) {
      yield Items.map(entryFrom).filter(({ key }) => isMailOf(campaign, key));
    }
  }
}
