/** Lambda entry point of `feedback`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { openBus } from '../../shared/adapters/announcer.ts';
import { openAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { openReleases } from '../../shared/adapters/dynamodb-releases.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { openSecrets } from '../../shared/adapters/secrets.ts';
import { FEEDBACK_SOURCE } from '../../shared/contracts/bus.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { readPublishedPlaybook } from '../../shared/email/published-playbook.ts';
import { readPlaybook } from '../content.ts';
import { LiveContent } from '../live-content.ts';
import { feedbackBatch } from './feedback-batch.ts';

const environment = environmentOf('feedback', process.env);
const { TABLE_NAME, CONTENT_TABLE, BUS_NAME, ADDRESS_SECRET } = environment;
const logger = new Logger({ serviceName: 'feedback' });
const meter = new EmfMeter(environment.METRICS_NAMESPACE, logger);
const secrets = openSecrets();
const playbooks = new LiveContent(
  { releases: openReleases(CONTENT_TABLE), meter, log: logger, now: Date.now },
  readPlaybook(),
  readPublishedPlaybook,
);
const services = {
  store: openStore(TABLE_NAME),
  addresses: openAddressBook(TABLE_NAME),
  announcer: openBus(BUS_NAME, FEEDBACK_SOURCE),
  meter,
  hashOf: async (address: string) => addressHash(await secrets.addressKey(ADDRESS_SECRET), address),
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  try {
    return await feedbackBatch({ ...services, playbook: await playbooks.current() }, event.Records, logger);
  } finally {
    meter.flush();
  }
}
