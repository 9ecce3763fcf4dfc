/** Lambda entry point of `record`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { openBus } from '../../shared/adapters/announcer.ts';
import { openAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { openSecrets } from '../../shared/adapters/secrets.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { openRelease } from '../../shared/email/release.ts';
import { contentDirectory, readPlaybook } from '../content.ts';
import { recordBatch } from './record-batch.ts';

const { TABLE_NAME, BUS_NAME, ADDRESS_SECRET } = environmentOf('record', process.env);
const logger = new Logger({ serviceName: 'record' });
const meter = new EmfMeter('record');
const secrets = openSecrets();
const services = {
  store: openStore(TABLE_NAME),
  addresses: openAddressBook(TABLE_NAME),
  addressKey: () => secrets.addressKey(ADDRESS_SECRET),
  announcer: openBus(BUS_NAME),
  meter,
  playbook: readPlaybook(),
  releaseId: openRelease(contentDirectory()).id,
  now: Date.now,
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  try {
    return await recordBatch(services, event.Records, logger);
  } finally {
    meter.flush();
  }
}
