/** Campaigns of a deployment: its table, its bus, and what the rules have to know of the content in this directory. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EventBridgeAnnouncer } from '../../shared/adapters/announcer.ts';
import { DynamoDBCampaignBook } from '../../shared/adapters/dynamodb-campaign-book.ts';
import { CAMPAIGN_SOURCE } from '../../shared/contracts/bus.ts';
import { ContentError } from '../../shared/email/content-error.ts';
import { FALLBACK_LOCALE } from '../../shared/email/locale.ts';
import { TEMPLATES } from '../../shared/email/step.ts';
import { readStrings } from '../../shared/email/strings.ts';
import type { Holdout } from '../../shared/lifecycle/customer/permit.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { DeploymentConfig } from '../config.ts';
import { circumstancesIn } from '../content-circumstances.ts';
import { type Access, type Records, UnreadableKey } from '../records.ts';
import type { CampaignServices } from './campaign-services.ts';

const CONTENT = join(import.meta.dirname, '../../shared/content');

export interface Campaigns {
  readonly services: CampaignServices;
  /** The records stay open. */
  close(): void;
}

/** The deployment, as the commands and the pages know it. */
interface Deployment {
  readonly access: Access;
  readonly records: Records;
  readonly playbook: Playbook;
  readonly holdout: Holdout;
  readonly config: Pick<DeploymentConfig, 'busName' | 'sending'>;
  readonly now: () => number;
}

/** @throws ContentError */
export async function openCampaigns(deployment: Deployment): Promise<Campaigns> {
  const { access, records, playbook, holdout, config, now } = deployment;
  const { client, tableName, lanes, addresses, census } = records;
  const bus = new EventBridgeClient(access);
  const services: CampaignServices = {
    book: new DynamoDBCampaignBook(client, tableName),
    customers: census,
    lanes,
    addresses,
    addressKey: () => keyOf(records),
    announcer: new EventBridgeAnnouncer(bus, config.busName, CAMPAIGN_SOURCE),
    playbook,
    circumstances: await circumstancesIn(CONTENT, holdout),
    sending: config.sending,
    now,
    sleep,
  };
  return { services, close: () => bus.destroy() };
}

async function keyOf({ addressKey }: Records): Promise<string | undefined> {
  try {
    return await addressKey();
  } catch (cause) {
    if (!(cause instanceof UnreadableKey)) throw cause;
    return undefined;
  }
}

/** The subject of a step's mail, as its template has it; undefined where the directory has no such template. */
export async function subjectOf(programme: string, step: string): Promise<string | undefined> {
  try {
    const strings = await readStrings(CONTENT, join(TEMPLATES, programme, step, `${FALLBACK_LOCALE}.json`));
    return strings.get('subject')?.value;
  } catch (error) {
    // Published from another directory than this one.
    if (error instanceof ContentError) return undefined;
    throw error;
  }
}
