/** Lambda entry point of `preferences`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { openBus } from '../../shared/adapters/announcer.ts';
import { openAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { openSecrets, RECENT_KEYS } from '../../shared/adapters/secrets.ts';
import { READER_SOURCE } from '../../shared/contracts/bus.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { openPageTexts } from '../../shared/email/page-texts.ts';
import { openRelease } from '../../shared/email/release.ts';
import { contentDirectory, readPlaybook } from '../content.ts';
import { openPages } from './answer-request.ts';
import type { Answer } from './document.ts';

const { TABLE_NAME, BUS_NAME, ADDRESS_SECRET, LINK_SECRET } = environmentOf('preferences', process.env);
const meter = new EmfMeter('preferences');
const secrets = openSecrets();
const services = {
  ...openRelease(contentDirectory()),
  texts: openPageTexts(contentDirectory()),
  store: openStore(TABLE_NAME),
  addresses: openAddressBook(TABLE_NAME),
  announcer: openBus(BUS_NAME, READER_SOURCE),
  meter,
  addressKey: () => secrets.addressKey(ADDRESS_SECRET),
  linkKeys: (recent: boolean) => secrets.linkKeys(LINK_SECRET, recent ? RECENT_KEYS : undefined),
  playbook: readPlaybook(),
  now: Date.now,
};
const answer = openPages(services, new Logger({ serviceName: 'preferences' }));

export async function handler(event: LambdaFunctionURLEvent): Promise<Answer> {
  try {
    return await answer(event);
  } finally {
    meter.flush();
  }
}
