/**
 * Addressing everybody in the audience of a campaign: page after page an event for each, and the place after the page is
 * written down once all of its events are on the bus. The id of an event is made of campaign and customer, so killed anywhere
 * and begun again the walk ends the same: everybody is addressed once.
 */
import { createHash } from 'node:crypto';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { PAGE_PAUSE } from '../../shared/adapters/census-store.ts';
import { reviseLane } from '../../shared/adapters/revise.ts';
import { PUT_EVENTS_LIMIT } from '../../shared/contracts/bus.ts';
import { type Audience, parseAudience } from '../../shared/lifecycle/campaign/audience.ts';
import { type Campaign, endOf, type Order } from '../../shared/lifecycle/campaign/campaign.ts';
import { isMeant } from '../../shared/lifecycle/campaign/prospect.ts';
import { campaignAddressed } from '../../shared/lifecycle/events/campaign-addressed.ts';
import { absolute } from '../../shared/lifecycle/explain/when.ts';
import { cancelCampaign, isCancelled } from '../../shared/lifecycle/lane.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { UsageError } from '../local/usage-error.ts';
import { savePlace } from '../walking.ts';
import type { CampaignServices, OnProgress } from './campaign-services.ts';

/**
 * Customers addressed in a second. Each costs `record` a journal item and a profile: a tenth of what one partition of the
 * table writes, so that the shop's own events do not queue behind a campaign.
 */
export const ADDRESSED_PER_SECOND = 100;

/** Characters of the hash in an id: 132 bits, so that no two ever meet. */
const HASH_LENGTH = 22;

/**
 * Writes a new campaign down; the customers are addressed by {@link walk}.
 *
 * @returns the campaign, or that of the same name that somebody ordered in the meantime
 */
export async function place(
  { book, now }: CampaignServices,
  order: Order,
  by: string,
  expected: number,
): Promise<Campaign> {
  const orderedAt = now();
  const campaign: Campaign = { ...order, version: 1, orderedAt, by, status: 'running', addressed: 0, expected };
  // Only if there is none of the name: two who order at once must not both believe the name is theirs.
  if (await book.save(campaign, 0)) return campaign;
  return (await book.read(order.name)) ?? campaign;
}

/**
 * Addresses who has not been addressed yet, until all are, or the campaign is cancelled.
 *
 * @returns the campaign as it is then
 * @throws UsageError when its mail would be stale by now or its audience means nothing any more; WalkOvertaken when somebody
 * else is at it; AnnouncementFailed and faults of the stores: call again, it goes on where it stood
 */
export async function walk(
  services: CampaignServices,
  begun: Campaign,
  onProgress: OnProgress = () => undefined,
): Promise<Campaign> {
  const { customers, playbook, lanes, sleep } = services;
  if (begun.status !== 'running') return begun;
  // Whoever cancelled it may have died before writing that down.
  if (isCancelled(await lanes.read(), begun.name)) return save(services, { ...begun, status: 'cancelled' });
  expectFresh(services, begun);
  const audience = audienceOf(services, begun);
  let campaign = begun;
  for (;;) {
    const page = await customers.page(campaign.after);
    const meant = page.customers.filter((each) => isMeant(campaign, audience, each, playbook));
    if (meant.length > 0 && campaign.begun !== true) {
      campaign = await save(services, { ...campaign, begun: true });
      if (campaign.status !== 'running') return campaign;
    }
    const announcements = meant.map(({ customerId }) => addressing(begun, customerId));
    for (let from = 0; from < announcements.length; from += PUT_EVENTS_LIMIT) {
      const some = announcements.slice(from, from + PUT_EVENTS_LIMIT);
      await services.announcer.announce(some);
      onProgress(campaign.addressed + from + some.length);
      await sleep((some.length * 1000) / ADDRESSED_PER_SECOND);
    }
    const { after: _before, ...rest } = campaign;
    const addressed = campaign.addressed + meant.length;
    campaign = await save(services, {
      ...rest,
      addressed,
      ...(page.next === undefined ? { status: 'done' } : { after: page.next }),
    });
    if (campaign.status !== 'running') return campaign;
    await sleep(PAGE_PAUSE);
  }
}

/** @returns what is stored now: the campaign, unless it was cancelled meanwhile @throws WalkOvertaken */
function save({ book }: CampaignServices, changed: Campaign): Promise<Campaign> {
  return savePlace(book, changed, ({ status }) => status === 'cancelled');
}

function expectFresh({ playbook, now }: CampaignServices, { name, programme, step: id, at }: Campaign): void {
  const step = findStep(playbook, programme, id)?.step;
  if (step === undefined)
    throw new UsageError(`the playbook no longer has ${programme}/${id}, the template of "${name}"`);
  const stale = at + step.fresh;
  if (now() <= stale) return;
  throw new UsageError(
    `the mail of "${name}" was meant for ${absolute(at)} and has been stale since ${absolute(stale)}: nobody else is addressed; order it under another name`,
  );
}

function audienceOf({ playbook }: CampaignServices, { name, audience }: Campaign): Audience {
  const parsed = parseAudience(audience, playbook);
  if (parsed.kind === 'audience') return parsed.audience;
  throw new UsageError(`the audience of "${name}" means nothing in this playbook: ${parsed.findings.join('; ')}`);
}

/** Made of campaign and customer alone: said again after a crash it is the same. */
function addressing({ name, step, at, audience, orderedAt }: Campaign, customerId: string): Announcement {
  const hash = createHash('sha256').update(JSON.stringify([name, customerId]));
  return {
    detailType: campaignAddressed.type,
    id: `campaign/${name}/${hash.digest('base64url').slice(0, HASH_LENGTH)}`,
    occurredAt: orderedAt,
    data: { customerId, campaign: name, step, at: new Date(at).toISOString(), audience },
  };
}

/**
 * Cancels a campaign: nobody else is addressed, and within a minute no sender lets its mail out, whoever was addressed. What
 * went out before stays sent.
 *
 * @throws UsageError when there is none of the name
 */
export async function cancel(services: CampaignServices, name: string): Promise<Campaign> {
  const { book, lanes, now } = services;
  const known = await campaignNamed(services, name);
  // The senders first: should this end here, doing it again writes down the rest.
  await reviseLane(lanes, (lane) => cancelCampaign(lane, name, endOf(known), now()));
  for (let campaign = known; ;) {
    if (campaign.status === 'cancelled') return campaign;
    const cancelled: Campaign = { ...campaign, status: 'cancelled', version: campaign.version + 1 };
    if (await book.save(cancelled, campaign.version)) return cancelled;
    campaign = await campaignNamed(services, name);
  }
}

/** @throws UsageError naming those there are */
export async function campaignNamed({ book }: Pick<CampaignServices, 'book'>, name: string): Promise<Campaign> {
  const campaign = await book.read(name);
  if (campaign !== undefined) return campaign;
  const names = (await book.all()).map((each) => each.name);
  throw new UsageError(
    `there is no campaign "${name}"; ${names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`}`,
  );
}
