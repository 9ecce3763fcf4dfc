/** Lambda entry point of `census`: wiring only. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, EventBridgeEvent } from 'aws-lambda';
import { openBus } from '../../shared/adapters/announcer.ts';
import { PAGE_PAUSE } from '../../shared/adapters/census-store.ts';
import { openCensus } from '../../shared/adapters/dynamodb-census.ts';
import { openReleases } from '../../shared/adapters/dynamodb-releases.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { environmentOf } from '../../shared/contracts/environment.ts';
import { readPublishedPlaybook } from '../../shared/email/published-playbook.ts';
import { readPlaybook } from '../content.ts';
import { LiveContent } from '../live-content.ts';
import { regimeOf } from './regime.ts';
import { takeCensus } from './take-census.ts';

const environment = environmentOf('census', process.env);
const { TABLE_NAME, CONTENT_TABLE, BUS_NAME } = environment;
const logger = new Logger({ serviceName: 'census' });
const meter = new EmfMeter(environment.METRICS_NAMESPACE, logger);
const playbooks = new LiveContent(
  { releases: openReleases(CONTENT_TABLE), meter, log: logger, now: Date.now },
  readPlaybook(),
  readPublishedPlaybook,
);
const services = {
  census: openCensus(TABLE_NAME),
  announcer: openBus(BUS_NAME),
  meter,
  regime: regimeOf(environment),
  now: Date.now,
  pause: () => sleep(PAGE_PAUSE),
};

/** @param event the schedule's, or our own that says that an earlier invocation did not come to the end */
export async function handler(event: EventBridgeEvent<string, unknown>, context: Context): Promise<void> {
  try {
    const timeLeft = () => context.getRemainingTimeInMillis();
    const playbook = await playbooks.current();
    await takeCensus({ ...services, playbook, timeLeft }, Date.parse(event.time), logger);
  } finally {
    meter.flush();
  }
}
