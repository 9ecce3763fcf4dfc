/**
 * Everything `send` works with, opened from its environment; nothing is asked for over the network yet. What depends on
 * the release is made anew when another one is live, and the same for a whole batch.
 */
import { randomUUID } from 'node:crypto';
import { openAddressBook } from '../../shared/adapters/dynamodb-address-book.ts';
import { openLane } from '../../shared/adapters/dynamodb-lane-store.ts';
import { openOfferBook } from '../../shared/adapters/dynamodb-offer-book.ts';
import { openReleases } from '../../shared/adapters/dynamodb-releases.ts';
import { openStore } from '../../shared/adapters/dynamodb-store.ts';
import { SesMailer } from '../../shared/adapters/mailer.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { openSecrets } from '../../shared/adapters/secrets.ts';
import type { EnvironmentOf } from '../../shared/contracts/environment.ts';
import { openPublished, type PublishedRelease } from '../../shared/email/published.ts';
import { openRelease, type Release } from '../../shared/email/release.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { contentDirectory, readPlaybook } from '../content.ts';
import { LiveContent, type LiveContentServices } from '../live-content.ts';
import { composeMail } from './compose.ts';
import { SendingLane } from './lane.ts';
import { PROCESS_TIME } from './pace.ts';
import type { SendLog, SendServices } from './send-services.ts';
import { circumstancesOf, settingsOf } from './settings.ts';
import { askSes } from './trial.ts';

/** @throws InvalidSetting, and faults of the content: the deployment is wrong */
export function openSending(
  environment: EnvironmentOf<'send'>,
  meter: Meter,
  log: SendLog & LiveContentServices['log'],
): Pick<LiveContent<SendServices>, 'current'> {
  const { TABLE_NAME, CONTENT_TABLE, ADDRESS_SECRET, LINK_SECRET, CONFIGURATION_SET } = environment;
  const { sender, replyTo, linkBase, lane, holdout, ...settings } = settingsOf(environment);
  const store = openStore(TABLE_NAME);
  const lanes = openLane(TABLE_NAME);
  const secrets = openSecrets();
  const mailer = new SesMailer(CONFIGURATION_SET);
  const now = Date.now;
  const linkKeys = () => secrets.signingKeys(LINK_SECRET);
  const services = {
    ...settings,
    store,
    addresses: openAddressBook(TABLE_NAME),
    addressKey: () => secrets.addressKey(ADDRESS_SECRET),
    offers: openOfferBook(TABLE_NAME),
    lane: new SendingLane(
      {
        lanes,
        meter,
        now,
        quota: () => mailer.quota(),
        askSes: () => askSes(mailer, log, sender.address),
        stopwatch: PROCESS_TIME,
      },
      lane,
    ),
    mailer,
    meter,
    log,
    newest: () => content.newest(),
    now,
    token: randomUUID,
  };
  const servicesFor = (release: Release | PublishedRelease, playbook: Playbook): SendServices => ({
    ...services,
    playbook,
    releaseId: release.id,
    circumstances: circumstancesOf(holdout, release),
    compose: composeMail.bind(undefined, { store, playbook, release, sender, replyTo, linkBase, linkKeys }),
  });
  const content: LiveContent<SendServices> = new LiveContent(
    { releases: openReleases(CONTENT_TABLE), meter, log, now },
    servicesFor(openRelease(contentDirectory()), readPlaybook()),
    async (read) => {
      const release = await openPublished(read);
      return servicesFor(release, release.playbook);
    },
  );
  return content;
}
