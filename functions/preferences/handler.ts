/** Lambda entry point of `preferences`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { openBus } from '../../shared/adapters/announcer.ts';
import { openAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { openReleases } from '../../shared/adapters/dynamodb-releases.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { openSecrets, RECENT_KEYS } from '../../shared/adapters/secrets.ts';
import { READER_SOURCE } from '../../shared/contracts/bus.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { openPageTexts } from '../../shared/email/page-texts.ts';
import { openPublished, readPublishedPages } from '../../shared/email/published.ts';
import { openRelease } from '../../shared/email/release.ts';
import { contentDirectory, readPlaybook } from '../content.ts';
import { LiveContent } from '../live-content.ts';
import { openPages } from './answer-request.ts';
import type { Answer } from './document.ts';

const environment = environmentOf('preferences', process.env);
const { TABLE_NAME, CONTENT_TABLE, BUS_NAME, ADDRESS_SECRET, LINK_SECRET } = environment;
const logger = new Logger({ serviceName: 'preferences' });
const meter = new EmfMeter(environment.METRICS_NAMESPACE, logger);
const secrets = openSecrets();
const services = {
  store: openStore(TABLE_NAME),
  addresses: openAddressBook(TABLE_NAME),
  announcer: openBus(BUS_NAME, READER_SOURCE),
  meter,
  addressKey: () => secrets.addressKey(ADDRESS_SECRET),
  linkKeys: (recent: boolean) => secrets.signingKeys(LINK_SECRET, recent ? RECENT_KEYS : undefined),
  now: Date.now,
};
const deployed = openRelease(contentDirectory());
const pages = new LiveContent(
  { releases: openReleases(CONTENT_TABLE), meter, log: logger, now: Date.now },
  openPages({ ...services, ...deployed, playbook: readPlaybook(), texts: openPageTexts(contentDirectory()) }, logger),
  async (read) => {
    const [release, texts] = await Promise.all([openPublished(read), readPublishedPages(read)]);
    return openPages({ ...services, ...release, texts }, logger);
  },
);

export async function handler(event: LambdaFunctionURLEvent): Promise<Answer> {
  try {
    const answer = await pages.current();
    return await answer(event);
  } finally {
    meter.flush();
  }
}
