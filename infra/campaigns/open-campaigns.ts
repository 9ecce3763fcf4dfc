/** Campaigns of a deployment: its table, its bus, and what the rules have to know of the content that is live. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EventBridgeAnnouncer } from '../../shared/adapters/announcer.ts';
import { DynamoDBCampaignBook } from '../../shared/adapters/dynamodb-campaign-book.ts';
import { CAMPAIGN_SOURCE } from '../../shared/contracts/bus.ts';
import type { Holdout } from '../../shared/lifecycle/customer/permit.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { DeploymentConfig } from '../config.ts';
import { type Access, type Records, UnreadableKey } from '../records.ts';
import type { CampaignServices } from './campaign-services.ts';
import { type LiveContent, liveContent } from './live-content.ts';
import { unpublishedSteps } from './unpublished.ts';

const CONTENT = join(import.meta.dirname, '../../shared/content');

export interface Campaigns {
  /** As things were when they were opened. */
  readonly services: CampaignServices;
  /** What is live now. */
  content(): Promise<LiveContent>;
  /** Steps in the files of the content directory that a campaign could send if they were published. */
  unpublished(live: Playbook): Promise<readonly string[]>;
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
  /** Where its content is written, if not in that of the project. */
  readonly contentDirectory?: string;
}

/** @throws ContentError */
export async function openCampaigns(deployment: Deployment): Promise<Campaigns> {
  const { access, records, playbook, holdout, config, now, contentDirectory = CONTENT } = deployment;
  const { client, tableName, lanes, addresses, census, releases } = records;
  const content = () => liveContent(releases, holdout, contentDirectory);
  const bus = new EventBridgeClient(access);
  const services: CampaignServices = {
    book: new DynamoDBCampaignBook(client, tableName),
    customers: census,
    lanes,
    addresses,
    addressKey: () => keyOf(records),
    announcer: new EventBridgeAnnouncer(bus, config.busName, CAMPAIGN_SOURCE),
    playbook,
    circumstances: (await content()).circumstances,
    sending: config.sending,
    now,
    sleep,
  };
  const unpublished = (live: Playbook) => unpublishedSteps(contentDirectory, live);
  return { services, content, unpublished, close: () => bus.destroy() };
}

async function keyOf({ addressKey }: Records): Promise<string | undefined> {
  try {
    return await addressKey();
  } catch (cause) {
    if (!(cause instanceof UnreadableKey)) throw cause;
    return undefined;
  }
}
