/** Lambda entry point of `record`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { openBus } from '../../shared/adapters/announcer.ts';
import { openAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { openReleases } from '../../shared/adapters/dynamodb-releases.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { openSecrets } from '../../shared/adapters/secrets.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { readPublishedPlaybook } from '../../shared/email/published-playbook.ts';
import { readPlaybook, readReleaseId } from '../content.ts';
import { LiveContent } from '../live-content.ts';
import { recordBatch } from './record-batch.ts';

const environment = environmentOf('record', process.env);
const { TABLE_NAME, CONTENT_TABLE, BUS_NAME, ADDRESS_SECRET } = environment;
const logger = new Logger({ serviceName: 'record' });
const meter = new EmfMeter(environment.METRICS_NAMESPACE, logger);
const secrets = openSecrets();
const content = new LiveContent(
  { releases: openReleases(CONTENT_TABLE), meter, log: logger, now: Date.now },
  { playbook: readPlaybook(), releaseId: readReleaseId() },
  async (read, releaseId) => ({ playbook: await readPublishedPlaybook(read), releaseId }),
);
const services = {
  store: openStore(TABLE_NAME),
  addresses: openAddressBook(TABLE_NAME),
  addressKey: () => secrets.addressKey(ADDRESS_SECRET),
  announcer: openBus(BUS_NAME),
  meter,
  newestPlaybook: () => content.newest(),
  now: Date.now,
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  try {
    return await recordBatch({ ...services, ...(await content.current()) }, event.Records, logger);
  } finally {
    meter.flush();
  }
}
