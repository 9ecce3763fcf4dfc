/** Lambda entry point of `sweep`: wiring only. */
import { Logger } from '@aws-lambda-powertools/logger';
import type { EventBridgeEvent } from 'aws-lambda';
import { openBus } from '../../shared/adapters/announcer.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { announceDue } from './announce-due.ts';

const { TABLE_NAME, BUS_NAME, METRICS_NAMESPACE } = environmentOf('sweep', process.env);
const meter = new EmfMeter(METRICS_NAMESPACE, new Logger({ serviceName: 'sweep' }));
const services = { index: openStore(TABLE_NAME), announcer: openBus(BUS_NAME), meter };

export async function handler(event: EventBridgeEvent<'Scheduled Event', unknown>): Promise<void> {
  try {
    await announceDue(services, Date.parse(event.time));
  } finally {
    meter.flush();
  }
}
