/** A campaign to ten thousand generated customers, in which everything dies now and then. */
import { expect, it } from 'vitest';
import { playCampaign } from '../support/campaign-run.ts';

it('a campaign to 10,000 customers killed at random points reaches each of them once, or says why not', async () => {
  const { bench, campaign, reasons } = await playCampaign(10_000, 'ten thousand');
  expect(campaign.addressed).toBeGreaterThan(3_000);
  expect(bench.killed).toBeGreaterThan(100);
  expect(bench.put).toBeGreaterThan(campaign.addressed);
  expect(reasons.get('sent')).toBeGreaterThan(1_500);
});
