/** Lambda entry point of `send`: wiring only. */
import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { SesMailer } from '../../shared/adapters/mailer.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { openRelease } from '../../shared/email/release.ts';
import { contentDirectory, readPlaybook } from '../content.ts';
import { composeMail } from './compose.ts';
import { sendBatch } from './send-batch.ts';
import { settingsOf } from './settings.ts';

const environment = environmentOf('send', process.env);
const logger = new Logger({ serviceName: 'send' });
const meter = new EmfMeter('send');
const store = openStore(environment.TABLE_NAME);
const playbook = readPlaybook();
const release = openRelease(contentDirectory());
const { sender, replyTo, ...settings } = settingsOf(environment, release);
const services = {
  ...settings,
  store,
  playbook,
  meter,
  mailer: new SesMailer(environment.CONFIGURATION_SET),
  compose: composeMail.bind(undefined, { store, playbook, release, sender, replyTo }),
  now: Date.now,
  token: randomUUID,
};

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  try {
    return await sendBatch(services, event.Records, logger);
  } finally {
    meter.flush();
  }
}
