/** Everything `send` works with, opened from its environment; nothing is asked for over the network yet. */
import { randomUUID } from 'node:crypto';
import { openAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { openLane } from '../../shared/adapters/dynamodb-lane-store.ts';
import { openOfferBook } from '../../shared/adapters/dynamodb-offer-book.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { SesMailer } from '../../shared/adapters/mailer.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { openSecrets } from '../../shared/adapters/secrets.ts';
import type { EnvironmentOf } from '../../shared/contracts/environment.ts';
import { openRelease } from '../../shared/email/release.ts';
import { contentDirectory, readPlaybook } from '../content.ts';
import { composeMail } from './compose.ts';
import { SendingLane } from './lane.ts';
import { PROCESS_TIME } from './pace.ts';
import type { SendLog, SendServices } from './send-services.ts';
import { settingsOf } from './settings.ts';

/** @throws InvalidSetting, and faults of the content: the deployment is wrong */
export function openSending(environment: EnvironmentOf<'send'>, meter: Meter, log: SendLog): SendServices {
  const { TABLE_NAME, ADDRESS_SECRET, LINK_SECRET, CONFIGURATION_SET } = environment;
  const release = openRelease(contentDirectory());
  const { sender, replyTo, linkBase, lane, ...settings } = settingsOf(environment, release);
  const playbook = readPlaybook();
  const store = openStore(TABLE_NAME);
  const lanes = openLane(TABLE_NAME);
  const secrets = openSecrets();
  const mailer = new SesMailer(CONFIGURATION_SET);
  const now = Date.now;
  const linkKeys = () => secrets.linkKeys(LINK_SECRET);
  return {
    ...settings,
    store,
    addresses: openAddressBook(TABLE_NAME),
    addressKey: () => secrets.addressKey(ADDRESS_SECRET),
    offers: openOfferBook(TABLE_NAME),
    lane: new SendingLane({ lanes, meter, now, quota: () => mailer.quota(), stopwatch: PROCESS_TIME }, lane),
    mailer,
    meter,
    log,
    playbook,
    releaseId: release.id,
    compose: composeMail.bind(undefined, { store, playbook, release, sender, replyTo, linkBase, linkKeys }),
    now,
    token: randomUUID,
  };
}
