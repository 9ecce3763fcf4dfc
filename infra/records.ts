/** The records of one deployment as the commands and pages read them, through the adapters the functions write with. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AddressBook } from '../shared/adapters/address-book.ts';
import { DynamoDBAddressBook } from '../shared/adapters/dynamodb-address-book.ts';
import { DynamoDBCensus } from '../shared/adapters/dynamodb-census.ts';
import { DynamoDBLaneStore } from '../shared/adapters/dynamodb-lane-store.ts';
import { DynamoDBOfferBook } from '../shared/adapters/dynamodb-offer-book.ts';
import { DynamoDBReleaseStore } from '../shared/adapters/dynamodb-release-store.ts';
import { DynamoDBStore } from '../shared/adapters/dynamodb-store.ts';
import { DynamoDBWalkBook } from '../shared/adapters/dynamodb-walk-book.ts';
import type { CensusStore } from '../shared/adapters/census-store.ts';
import type { LaneStore } from '../shared/adapters/lane-store.ts';
import type { OfferBook } from '../shared/adapters/offer-book.ts';
import type { ReleaseStore } from '../shared/adapters/release-store.ts';
import { openSecrets } from '../shared/adapters/secrets.ts';
import type { WalkBook } from '../shared/adapters/walk-book.ts';
import { addressHash } from '../shared/email/address-hash.ts';
import type { LinkKeys } from '../shared/email/links.ts';
import type { Dossier } from '../shared/lifecycle/explain/dossier.ts';
import { personOf } from '../shared/lifecycle/facts/person.ts';

/** How to reach AWS; left out, the default credentials and region of this machine count. */
export interface Access {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Records {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly store: DynamoDBStore;
  readonly addresses: AddressBook;
  readonly lanes: LaneStore;
  readonly offers: OfferBook;
  readonly releases: ReleaseStore;
  readonly census: CensusStore;
  readonly walks: WalkBook;
  /** @throws UnreadableKey when the secret is missing, or not for whoever asks */
  readonly addressKey: () => Promise<string>;
  readonly linkKeys: () => Promise<LinkKeys>;
  close(): void;
}

/** Without the key of the address hashes nobody can say what is known of an address. */
export class UnreadableKey extends Error {
  override readonly name = 'UnreadableKey';
}

const TABLE_NAME = /^(?<stem>.+)-customers$/u;

/** The stacks name tables and secrets alike, by the stage. */
export function tableOfStage(stage: string): string {
  return `perennial-${stage}-customers`;
}

export function contentTableBeside(tableName: string): string {
  return `${TABLE_NAME.exec(tableName)?.groups?.['stem'] ?? tableName}-content`;
}

function addressSecretBeside(tableName: string): string {
  return `${TABLE_NAME.exec(tableName)?.groups?.['stem'] ?? tableName}-addresses`;
}

function linkSecretBeside(tableName: string): string {
  return `${TABLE_NAME.exec(tableName)?.groups?.['stem'] ?? tableName}-links`;
}

export function openRecords(access: Access, tableName: string): Records {
  const client = new DynamoDBClient(access);
  const manager = new SecretsManagerClient(access);
  const secrets = openSecrets(manager);
  return {
    client,
    tableName,
    store: new DynamoDBStore(client, tableName),
    addresses: new DynamoDBAddressBook(client, tableName),
    lanes: new DynamoDBLaneStore(client, tableName),
    offers: new DynamoDBOfferBook(client, tableName),
    releases: new DynamoDBReleaseStore(client, contentTableBeside(tableName)),
    census: new DynamoDBCensus(client, tableName),
    walks: new DynamoDBWalkBook(client, tableName),
    addressKey: async () => {
      const secret = addressSecretBeside(tableName);
      try {
        return await secrets.addressKey(secret);
      } catch (cause) {
        const why = cause instanceof Error ? cause.name : String(cause);
        throw new UnreadableKey(`the secret ${secret} cannot be read (${why})`, { cause });
      }
    },
    linkKeys: () => secrets.signingKeys(linkSecretBeside(tableName)),
    close: () => {
      client.destroy();
      manager.destroy();
    },
  };
}

/**
 * What is stored about a customer; undefined for one nobody has seen. What is known of the address is left out when its
 * key is not for whoever asks.
 */
export async function readDossier(records: Records, customerId: string): Promise<Dossier | undefined> {
  const { store, lanes } = records;
  const [profile, journal, ledger, lane] = await Promise.all([
    store.load(customerId),
    store.readJournal(customerId),
    store.readLedger(customerId),
    lanes.read(),
  ]);
  if (profile === undefined) return undefined;
  const email = profile.kind === 'living' ? personOf(profile.facts.person).email : undefined;
  const address = email === undefined ? undefined : await readAddress(records, email);
  return { profile, journal, ledger, lane, ...(address && { address }) };
}

async function readAddress({ addresses, addressKey }: Records, email: string) {
  try {
    return await addresses.read(addressHash(await addressKey(), email));
  } catch (cause) {
    if (!(cause instanceof UnreadableKey)) throw cause;
    return undefined;
  }
}
