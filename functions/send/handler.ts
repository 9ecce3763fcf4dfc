/** Lambda entry point of `send`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { openSending } from './open-sending.ts';
import { sendBatch } from './send-batch.ts';

const logger = new Logger({ serviceName: 'send' });
const environment = environmentOf('send', process.env);
const meter = new EmfMeter(environment.METRICS_NAMESPACE, logger);
const sending = openSending(environment, meter, logger);

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  try {
    return await sendBatch(await sending.current(), event.Records, logger);
  } finally {
    meter.flush();
  }
}
