/**
 * A campaign: one mail of the playbook, meant for everybody in an audience at one moment. Its name is its own for ever, for
 * the keys of its messages and the ids of its events are made of it.
 */
import { parseKey } from '../customer/message-key.ts';
import { CAMPAIGN_LASTS, CAMPAIGNS_KEPT } from '../facts/campaigns.ts';
import type { Placed, Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';

/** What is said when a campaign is ordered, and never changes. */
export interface Order {
  readonly name: string;
  /** In the spelling of `parseAudience`. */
  readonly audience: string;
  /** The programme of the playbook, and its step, whose mail it is. */
  readonly programme: string;
  readonly step: string;
  /** When the mail is meant to go out. */
  readonly at: Instant;
}

export interface Campaign extends Order {
  /** 0: nothing is stored yet. */
  readonly version: number;
  /** Whoever became a customer later is not meant; the events that address the others say that they happened then. */
  readonly orderedAt: Instant;
  /** Who ordered it, for people to read. */
  readonly by: string;
  /** `running` until everybody has been addressed. */
  readonly status: 'running' | 'done' | 'cancelled';
  /** Written down before anybody is addressed: `addressed` says nothing of the first page until it is done. */
  readonly begun?: true;
  /** Where addressing goes on; from the beginning when left out. */
  readonly after?: string;
  /** Customers addressed on the pages before that. */
  readonly addressed: number;
  /** How many were in the audience when it was ordered, for the progress. */
  readonly expected: number;
}

/** The steps a campaign may send, in the order of the playbook. */
export function campaignSteps({ programmes }: Playbook): readonly Placed[] {
  return programmes.flatMap((programme) =>
    programme.series.flatMap((series) =>
      series.trigger === 'campaign' ? series.steps.map((step) => ({ programme, series, step })) : [],
    ),
  );
}

/** What of an order differs from a campaign of the same name; empty when it is the same order again. */
export function differences(campaign: Order, order: Order): readonly ('audience' | 'template' | 'time')[] {
  return [
    ...(campaign.audience === order.audience ? [] : (['audience'] as const)),
    ...(campaign.step === order.step ? [] : (['template'] as const)),
    ...(campaign.at === order.at ? [] : (['time'] as const)),
  ];
}

/**
 * Whether one campaign more at `t` could push one out of the memory of a customer while its mail may still go out. One that
 * was cancelled before it addressed anybody is in no memory.
 */
export function areTooMany(known: readonly Campaign[], t: Instant): boolean {
  const remembered = known.filter(({ status, begun }) => status !== 'cancelled' || begun === true);
  return remembered.filter(({ at }) => at > t - CAMPAIGN_LASTS).length >= CAMPAIGNS_KEPT;
}

/** When the last mail of a campaign is stale. */
export function endOf({ at }: Pick<Order, 'at'>): Instant {
  return at + CAMPAIGN_LASTS;
}

/** Whether a message is one of the campaign's. */
export function isMailOf({ programme, step, name }: Pick<Order, 'name' | 'programme' | 'step'>, key: string): boolean {
  const parts = parseKey(key);
  return parts?.programme === programme && parts.step === step && parts.episode === name;
}
