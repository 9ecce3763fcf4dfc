/** Lambda entry point of `feedback`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { openBus } from '../../shared/adapters/announcer.ts';
import { openAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { openSecrets } from '../../shared/adapters/secrets.ts';
import { FEEDBACK_SOURCE } from '../../shared/contracts/bus.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { readPlaybook } from '../content.ts';
import { feedbackBatch } from './feedback-batch.ts';

const { TABLE_NAME, BUS_NAME, ADDRESS_SECRET } = environmentOf('feedback', process.env);
const logger = new Logger({ serviceName: 'feedback' });
const meter = new EmfMeter('feedback');
const secrets = openSecrets();
const services = {
  store: openStore(TABLE_NAME),
  addresses: openAddressBook(TABLE_NAME),
  announcer: openBus(BUS_NAME, FEEDBACK_SOURCE),
  meter,
  playbook: readPlaybook(),
  hashOf: async (address: string) => addressHash(await secrets.addressKey(ADDRESS_SECRET), address),
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  try {
    return await feedbackBatch(services, event.Records, logger);
  } finally {
    meter.flush();
  }
}
