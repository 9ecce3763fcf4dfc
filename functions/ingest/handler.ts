/** Lambda entry point of `ingest`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { openRequestBook } from '../../shared/adapters/dynamodb-request-book.ts';
import { openForwarder } from '../../shared/adapters/forwarder.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { openSecrets, RECENT_KEYS } from '../../shared/adapters/secrets.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import type { Answer } from './answer.ts';
import { Rate } from './rate.ts';
import { takeIn } from './take-in.ts';

const { TABLE_NAME, BUS_NAME, INTAKE_SECRET, INTAKE_RATE, METRICS_NAMESPACE } = environmentOf('ingest', process.env);
const logger = new Logger({ serviceName: 'ingest' });
const meter = new EmfMeter(METRICS_NAMESPACE, logger);
const secrets = openSecrets();
const requests = openRequestBook(TABLE_NAME);
const services = {
  keys: (recent: boolean) => secrets.signingKeys(INTAKE_SECRET, recent ? RECENT_KEYS : undefined),
  requests,
  rate: new Rate(requests, Number(INTAKE_RATE)),
  forwarder: openForwarder(BUS_NAME),
  meter,
  now: Date.now,
};

export async function handler(event: LambdaFunctionURLEvent): Promise<Answer> {
  try {
    return await takeIn(services, event, logger);
  } finally {
    meter.flush();
  }
}
