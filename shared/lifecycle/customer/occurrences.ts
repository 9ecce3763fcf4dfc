/** Which messages the playbook means for a customer, each with its moment: the past ones, the next ones, fresh or not. */
import { isOpen } from '../facts/complaints.ts';
import { historyOf, lastOrder } from '../facts/orders.ts';
import type { ComplaintSeries, IntervalSeries, Playbook, Programme, StageSeries, Step } from '../playbook.ts';
import { type Staged, stageOf } from '../stage.ts';
import { type Instant, NEVER } from '../time.ts';
import { formatKey } from './message-key.ts';
import { afterPauses, pausesOf } from './pauses.ts';
import type { Living } from './profile.ts';

export interface Occurrence {
  readonly key: string;
  readonly programme: Programme;
  readonly step: Step;
  readonly moment: Instant;
  readonly cause?: string;
  /** Deciding it uses up the next episode of an interval series. */
  readonly takes?: { readonly series: string; readonly n: number };
}

interface Situation {
  readonly customer: Living;
  readonly playbook: Playbook;
  readonly staged: Staged;
  readonly t: Instant;
}

/** Until when a message whose moment was `moment` still makes sense. */
export function freshUntil(step: Step, moment: Instant): Instant {
  return moment + step.fresh;
}

function promotionalMoment(situation: Situation, step: Step, anchor: Instant, delay: number): Instant {
  const { customer, playbook } = situation;
  if (step.class === 'service') return anchor + delay;
  return afterPauses(anchor, delay, pausesOf(customer.facts, playbook.stages));
}

function ofStage(situation: Situation, programme: Programme, series: StageSeries): Occurrence[] {
  const { customer, staged } = situation;
  const episode = customer.episodes[series.id];
  if (staged.stage !== series.stage || episode === undefined) return [];
  const order = lastOrder(customer.facts.orders);
  return series.steps.map((step) => {
    const delivered = step.afterDelivery === undefined ? undefined : order?.deliveredAt;
    const anchor = delivered === undefined ? staged.since : Math.max(delivered, staged.since);
    const delay = delivered === undefined ? step.after : (step.afterDelivery ?? step.after);
    return {
      key: keyOf(customer, programme, step, 0, String(episode.n)),
      programme,
      step,
      moment: promotionalMoment(situation, step, anchor, delay),
      ...(order && { cause: order.id }),
    };
  });
}

function ofInterval(situation: Situation, programme: Programme, series: IntervalSeries): Occurrence[] {
  const { customer, staged, t } = situation;
  const history = historyOf(customer.facts.orders);
  if (!series.stages.includes(staged.stage) || history === undefined) return [];
  const episode = customer.episodes[series.id];
  const n = (episode?.n ?? 0) + 1;
  const step = series.steps[(n - 1) % series.steps.length];
  if (step === undefined) return [];
  // Mails only: an order is no mail, and somebody who buys every month must not go without one for a year.
  const anchors = series.since === 'any mail' ? customer.recent.map((each) => each.at) : [];
  if (episode !== undefined) anchors.push(episode.beganAt);
  const wait = anchors.length > 0 || series.since === 'any mail' ? series.every : 0;
  const anchor = anchors.length > 0 ? Math.max(...anchors) : customer.stageSince;
  const first = promotionalMoment(situation, step, anchor, wait);
  // A moment that went by while nobody looked is skipped, not made up for: the next one in the same rhythm counts.
  const missed = Math.max(0, Math.ceil((t - freshUntil(step, first)) / series.every));
  const moment = first + missed * series.every;
  const order = lastOrder(customer.facts.orders);
  return [
    {
      key: keyOf(customer, programme, step, 0, String(n)),
      programme,
      step,
      moment: promotionalMoment(situation, step, moment, 0),
      takes: { series: series.id, n },
      ...(order && { cause: order.id }),
    },
  ];
}

function ofComplaints(situation: Situation, programme: Programme, series: ComplaintSeries): Occurrence[] {
  const { customer, playbook, t } = situation;
  return customer.facts.complaints.known.flatMap((complaint) => {
    const { complaintId, opened, resolved } = complaint;
    if (opened === undefined) return [];
    const open = isOpen(complaint);
    return series.steps.flatMap((step): Occurrence[] => {
      if (open !== (step.from === 'opened')) return [];
      const anchor = step.from === 'resolved' && resolved !== undefined ? resolved : opened;
      const closes = open ? opened.at + playbook.stages.dissatisfied.maximumAge : NEVER;
      return roundsOf(step, t - anchor.at).flatMap((round) => {
        const moment = anchor.at + step.after + round * (step.every ?? 0);
        const key = keyOf(customer, programme, step, step.every === undefined ? 0 : round + 1, complaintId);
        return moment < closes ? [{ key, programme, step, moment, cause: anchor.id }] : [];
      });
    });
  });
}

/**
 * The rounds of a step that matter now, from 0: the latest that has come and the one after it. Earlier rounds are
 * superseded: nobody needs three status mails after an outage.
 *
 * @param elapsed milliseconds since the anchor
 */
function roundsOf(step: ComplaintSeries['steps'][number], elapsed: number): number[] {
  if (step.every === undefined) return [0];
  const latest = Math.floor((elapsed - step.after) / step.every);
  return [latest, latest + 1].filter((round) => round >= 0 && round < (step.times ?? NEVER));
}

function keyOf(customer: Living, programme: Programme, step: Step, round: number, episode: string): string {
  return formatKey({ life: customer.life, programme: programme.id, step: step.id, round, episode });
}

/**
 * All messages the playbook means for the customer as things stand at `t`. Those of one series are in the order of its
 * steps; some moments are past, some to come.
 */
export function occurrencesOf(customer: Living, playbook: Playbook, t: Instant): readonly Occurrence[] {
  const staged = stageOf(customer.facts, playbook.stages, t);
  const situation: Situation = { customer, playbook, staged, t };
  const meant: Occurrence[] = [];
  for (const programme of playbook.programmes) {
    for (const series of programme.series) meant.push(...ofSeries(situation, programme, series));
  }
  return meant;
}

function ofSeries(
  situation: Situation,
  programme: Programme,
  series: Programme['series'][number],
): readonly Occurrence[] {
  switch (series.trigger) {
    case 'stage':
      return ofStage(situation, programme, series);
    case 'interval':
      return ofInterval(situation, programme, series);
    case 'complaint':
      return ofComplaints(situation, programme, series);
    default:
      return series satisfies never;
  }
}
