/** One campaign over many generated customers, with everything dying now and then, and what has to be true of its end. */
import { expect } from 'vitest';
import type { Campaign } from '../../shared/lifecycle/campaign/campaign.ts';
import { parseAudience } from '../../shared/lifecycle/campaign/audience.ts';
import { OUTCOME_UNKNOWN } from '../../shared/lifecycle/customer/claim.ts';
import { isMeant } from '../../shared/lifecycle/campaign/prospect.ts';
import { chanceOf } from '../../infra/local/random.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { CampaignBench, generateCustomer } from './campaigns.ts';
import { START } from './events.ts';

const AT: Instant = START + HOUR;
const ORDER = {
  name: 'spring',
  audience: 'stage=new,active orders>=1 category!=cups',
  programme: 'campaign',
  step: 'new-harvest',
  at: AT,
};
const KEY = '1/campaign/new-harvest/spring';
const HELD_OUT = 0.05;
/** Calls of the functions' store that die. */
const DEATHS = 0.002;

/** @returns how the messages ended: `sent`, or the reason, with how many */
export async function playCampaign(
  customers: number,
  seed: string,
): Promise<{
  readonly bench: CampaignBench;
  readonly campaign: Campaign;
  readonly reasons: ReadonlyMap<string, number>;
}> {
  const bench = new CampaignBench(START, seed);
  const { pipeline } = bench;
  pipeline.circumstances = { ...pipeline.circumstances, holdout: { share: HELD_OUT, salt: 'campaign' } };
  for (let number = 0; number < customers; number += 1) await generateCustomer(bench, number, seed);
  const meant = await audienceAtOrder(bench);
  const chance = chanceOf(seed, 'store');
  // A campaign of ten thousand makes some hundred thousand calls.
  pipeline.store.deaths = new Set(
    Array.from({ length: Math.ceil(customers * 20 * DEATHS) }, () => chance.between(1, customers * 30)),
  );

  const campaign = await bench.campaign(ORDER);
  await pipeline.waitUntil(AT + 4 * DAY);

  // What is looked at from here on is nobody's work.
  pipeline.store.deaths = new Set();
  expect(campaign).toMatchObject({ status: 'done', addressed: meant.size });
  expect(pipeline.refused).toEqual([]);
  const mails = new Map<string, number>();
  for (const { customerId } of pipeline.mailer.accepted) mails.set(customerId, (mails.get(customerId) ?? 0) + 1);
  const reasons = new Map<string, number>();
  const wrong: string[] = [];
  for (const customerId of bench.customerIds) {
    const entry = await pipeline.store.readEntry(customerId, KEY);
    const got = mails.get(customerId) ?? 0;
    const isSent = entry?.outcome === 'sent';
    const hasEnd = entry !== undefined && (isSent || entry.reason !== undefined);
    // Whoever sent it died before writing that down: nobody may say that it did not go out.
    const isRight = entry?.reason === OUTCOME_UNKNOWN ? got <= 1 : got === (isSent ? 1 : 0);
    if (hasEnd !== meant.has(customerId) || !isRight) {
      wrong.push(`${customerId}: ${got} mails, ${JSON.stringify(entry)}, meant: ${meant.has(customerId)}`);
    }
    const end = isSent ? 'sent' : entry?.reason;
    if (end !== undefined) reasons.set(end, (reasons.get(end) ?? 0) + 1);
  }
  expect(wrong).toEqual([]);
  return { bench, campaign, reasons };
}

async function audienceAtOrder({ pipeline, customerIds }: CampaignBench): Promise<ReadonlySet<string>> {
  const parsed = parseAudience(ORDER.audience, pipeline.playbook);
  if (parsed.kind === 'wrong') throw new Error(parsed.findings.join());
  const loaded = await Promise.all(customerIds.map((each) => pipeline.store.load(each)));
  const meant = loaded.filter(
    (each) =>
      each?.kind === 'living' && isMeant({ at: AT, orderedAt: pipeline.now }, parsed.audience, each, pipeline.playbook),
  );
  return new Set(meant.flatMap((each) => each?.customerId ?? []));
}
