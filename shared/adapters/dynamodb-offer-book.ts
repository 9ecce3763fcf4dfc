/** The offer book in DynamoDB: one item per period of a budget, one per code. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { CODES_PARTITION, OFFER_PARTITION, TABLE } from '../contracts/table.ts';
import type { BudgetPeriod } from '../lifecycle/offers/budget.ts';
import { DAY, type Duration } from '../lifecycle/time.ts';
import { firstPlaceFor, placeOfCode } from './code-order.ts';
import { type Condition, DynamoDBTable, IF_ABSENT, keyOf, sharedClient } from './dynamodb-table.ts';
import type { OfferBook, PoolState } from './offer-book.ts';
import type { Item } from './profile-item.ts';

const TAKEN = 'taken';
/** Who asked last: a request that is repeated because its answer was lost finds itself. */
const LATEST = 'latest';
const CODE = 'code';
const CLAIMED_BY = 'claimedBy';

/** Codes looked at in one request: with some free among them the first page has one, and it stays below 4 KB. */
const CODES_A_PAGE = 25;

/** How long what was issued in a period can still be looked up after its end. */
const KEPT: Duration = 90 * DAY;
const SECOND: Duration = 1000;

const partitionOf = ({ offer }: BudgetPeriod) => OFFER_PARTITION + offer;
const sortKeyOf = ({ number }: BudgetPeriod) => `PERIOD#${number}`;

export class DynamoDBOfferBook implements OfferBook {
  readonly #table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new DynamoDBTable(client, tableName);
  }

  async reserve(period: BudgetPeriod, limit: number, claimant: string): Promise<boolean> {
    // Counted only if the limit holds at that very moment, and not again for who asked last.
    const condition: Condition = {
      expression:
        '(attribute_not_exists(#taken) OR #taken < :limit) AND (attribute_not_exists(#latest) OR #latest <> :me)',
      names: { '#taken': TAKEN, '#latest': LATEST },
      values: { ':limit': limit, ':me': claimant },
    };
    const attributes = { [LATEST]: claimant, [TABLE.expiresAt]: Math.ceil((period.endsAt + KEPT) / SECOND) };
    const adds = { attribute: TAKEN, by: 1 };
    const refused = await this.#table.update(partitionOf(period), sortKeyOf(period), attributes, condition, adds);
    if (refused === undefined) return true;
    // Not every store returns the item with the failed condition; then one consistent read tells.
    const known = refused.item ?? (await this.#table.get(partitionOf(period), sortKeyOf(period)));
    return known?.[LATEST]?.S === claimant;
  }

  async hasLeft(period: BudgetPeriod, limit: number, claimant: string): Promise<boolean> {
    const item = await this.#table.get(partitionOf(period), sortKeyOf(period));
    return Number(item?.[TAKEN]?.N ?? 0) < limit || item?.[LATEST]?.S === claimant;
  }

  async taken(period: BudgetPeriod): Promise<number> {
    const item = await this.#table.get(partitionOf(period), sortKeyOf(period));
    return Number(item?.[TAKEN]?.N ?? 0);
  }

  async claimCode(offer: string, claimant: string): Promise<string | undefined> {
    const first = firstPlaceFor(claimant);
    for (const range of ['#sk >= :first', '#sk < :first']) {
      const pages = this.#table.pages({
        Limit: CODES_A_PAGE,
        KeyConditionExpression: `#pk = :pk AND ${range}`,
        FilterExpression: 'attribute_not_exists(#by) OR #by = :me',
        ExpressionAttributeNames: { '#pk': TABLE.partitionKey, '#sk': TABLE.sortKey, '#by': CLAIMED_BY },
        ExpressionAttributeValues: marshall({ ':pk': CODES_PARTITION + offer, ':first': first, ':me': claimant }),
      });
      // A page may be out of date; each claim is decided by its own write.
      for await (const page of pages) {
        for (const item of page) if (await this.#claim(item, offer, claimant)) return item[CODE]?.S;
      }
    }
    return undefined;
  }

  async #claim(item: Item, offer: string, claimant: string): Promise<boolean> {
    const condition: Condition = {
      expression: '#code = :code AND (attribute_not_exists(#by) OR #by = :me)',
      names: { '#code': CODE, '#by': CLAIMED_BY },
      values: { ':code': item[CODE]?.S ?? '', ':me': claimant },
    };
    const place = item[TABLE.sortKey]?.S ?? '';
    const claimed = { [CLAIMED_BY]: claimant };
    return (await this.#table.update(CODES_PARTITION + offer, place, claimed, condition)) === undefined;
  }

  async addCode(offer: string, code: string): Promise<boolean> {
    // Only if absent: a code that is loaded again keeps its claim.
    const item = { ...keyOf(CODES_PARTITION + offer, placeOfCode(code)), ...marshall({ [CODE]: code }) };
    return (await this.#table.put(item, IF_ABSENT)) === undefined;
  }

  async pool(offer: string): Promise<PoolState> {
    let [free, claimed] = [0, 0];
    const pages = this.#table.pages({
      KeyConditionExpression: '#pk = :pk',
      ProjectionExpression: '#by',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey, '#by': CLAIMED_BY },
      ExpressionAttributeValues: marshall({ ':pk': CODES_PARTITION + offer }),
    });
    for await (const page of pages) {
      for (const item of page) {
        if (CLAIMED_BY in item) claimed += 1;
        else free += 1;
      }
    }
    return { free, claimed };
  }
}

/** The offer book in the table of this account and region. */
export function openOfferBook(tableName: string): OfferBook {
  return new DynamoDBOfferBook(sharedClient(), tableName);
}
