/** What has become of a campaign so far: the ledgers say how its messages ended, the rest is still waiting. */
import type { Campaign } from '../../shared/lifecycle/campaign/campaign.ts';
import type { CampaignServices } from './campaign-services.ts';
import { type Share, Tally } from './preview.ts';

export interface Outcome {
  readonly addressed: number;
  readonly sent: number;
  /** Of those, in shadow: nobody got them. */
  readonly inShadow: number;
  /** Who got nothing, by reason, most first. */
  readonly unsent: readonly Share[];
  /** Whose message has not ended: not yet due, waiting, or on its way through the queues. */
  readonly waiting: number;
}

export async function outcomeOf({ book }: Pick<CampaignServices, 'book'>, campaign: Campaign): Promise<Outcome> {
  const unsent = new Tally();
  let [sent, inShadow, ended] = [0, 0, 0];
  for await (const page of book.ends(campaign)) {
    for (const { outcome, reason = outcome, shadow } of page) {
      ended += 1;
      if (outcome !== 'sent') unsent.add(reason);
      else sent += 1;
      if (shadow) inShadow += 1;
    }
  }
  const { addressed } = campaign;
  // On the page that is being read customers are addressed who have not been counted yet.
  return {
    addressed: Math.max(addressed, ended),
    sent,
    inShadow,
    unsent: unsent.shares,
    waiting: Math.max(0, addressed - ended),
  };
}
