/** The address book in DynamoDB: one item per address. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ADDRESS_PARTITION } from '../contracts/table.ts';
import type { Address } from '../lifecycle/address.ts';
import type { AddressBook } from './address-book.ts';
import { documentFrom, documentItem, DynamoDBTable, ifVersion, sharedClient } from './dynamodb-table.ts';

const ADDRESS = 'ADDRESS';

const partitionOf = (hash: string) => ADDRESS_PARTITION + hash;

export class DynamoDBAddressBook implements AddressBook {
  readonly #table: DynamoDBTable;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new DynamoDBTable(client, tableName);
  }

  async read(hash: string): Promise<Address | undefined> {
    const item = await this.#table.get(partitionOf(hash), ADDRESS);
    if (item === undefined) return undefined;
    const { version, json } = documentFrom(item);
    const document: Omit<Address, 'hash' | 'version'> = JSON.parse(json);
    return { ...document, hash, version };
  }

  async save({ hash, version, ...document }: Address, expected: number): Promise<boolean> {
    const item = documentItem(partitionOf(hash), ADDRESS, version, document);
    return (await this.#table.put(item, ifVersion(expected))) === undefined;
  }

  async remove(hash: string, expected: number): Promise<boolean> {
    return (await this.#table.delete(partitionOf(hash), ADDRESS, ifVersion(expected))) === undefined;
  }
}

/** The address book in the table of this account and region. */
export function openAddressBook(tableName: string): AddressBook {
  return new DynamoDBAddressBook(sharedClient(), tableName);
}
