/** Whether a message that was decided is still wanted; a "no" carries its reason. */
import { isInAudience, parseAudience } from '../campaign/audience.ts';
import { caseOf, isAlive, isOpenedAnew } from '../cases.ts';
import { latestAnswer } from '../facts/answers.ts';
import { caseStepOf, findStep, type Placed, type Playbook } from '../playbook.ts';
import type { CaseSeries, Series } from '../playbook/series.ts';
import { type Stage, stageNameOf } from '../stage.ts';
import type { Instant } from '../time.ts';
import type { TraitId } from '../traits/ids.ts';
import { type Situation, situationOf } from '../traits/situation.ts';
import { hasTrait } from '../traits/traits.ts';
import { goesOnIn } from './acquaintance.ts';
import { lacksGoods } from './goods.ts';
import { type MessageKey, parseKey } from './message-key.ts';
import { hasHeard, isAbout, makesUp } from './occurrences.ts';
import type { Living, Pending } from './profile.ts';
import { keepsUntil } from './waits.ts';

/** A message that will not go out, and why. Reasons are few and stable: they are counted. */
export interface Refused {
  readonly outcome: 'withheld' | 'cancelled';
  readonly reason: string;
}

export type Wanted = { readonly placed: Placed } | { readonly refused: Refused };

const cancelled = (reason: string): Refused => ({ outcome: 'cancelled', reason });
const withheld = (reason: string): Refused => ({ outcome: 'withheld', reason });

/**
 * Looks at a pending message again.
 *
 * @param t not before the customer's last evaluation
 */
export function stillWanted(customer: Living, key: string, message: Pending, playbook: Playbook, t: Instant): Wanted {
  const parts = parseKey(key);
  const placed = parts && findStep(playbook, parts.programme, parts.step);
  if (parts === undefined || placed === undefined) return { refused: cancelled('step removed') };
  const refused =
    outlived(customer, placed, parts, playbook, t) ??
    unfit(customer, placed, parts, playbook, t) ??
    untimely(customer, key, placed, message, playbook, t);
  return refused === undefined ? { placed } : { refused };
}

/** What the series follows has ended, or what was asked has been answered. */
function outlived(
  customer: Living,
  placed: Placed,
  parts: MessageKey,
  playbook: Playbook,
  t: Instant,
): Refused | undefined {
  const { series } = placed;
  const stage = stageNameOf(customer.facts, playbook.stages, t);
  switch (series.trigger) {
    case 'stage':
      if (!goesOnIn(series.stage, stage, customer.facts, playbook.stages, t)) return cancelled(`stage is ${stage}`);
      return episodeOver(customer, series, parts);
    case 'interval':
      return hasHeard(customer, series, stage, playbook)
        ? cancelled('no longer fits')
        : outOfStage(series.stages, stage);
    case 'trait':
      if (!hasTrait(situationOf(customer, playbook), series.trait, t)) return cancelled('trait is over');
      return episodeOver(customer, series, parts) ?? outOfStage(series.stages, stage);
    case 'case':
      return caseOver(customer, series, placed, parts, playbook, t) ?? outOfStage(series.stages, stage);
    case 'campaign':
      return outOfAudience(customer, parts, playbook, t);
    default:
      return series satisfies never;
  }
}

/** Withheld, not cancelled: whoever was addressed is to find in the ledger what became of it. */
function outOfAudience(customer: Living, { episode }: MessageKey, playbook: Playbook, t: Instant): Refused | undefined {
  const addressed = customer.facts.campaigns?.find(({ campaign }) => campaign === episode);
  // A trait that has left the playbook since leaves an audience nobody can belong to.
  const parsed = addressed && parseAudience(addressed.audience, playbook);
  if (parsed?.kind === 'audience' && isInAudience(parsed.audience, customer, playbook, t)) return undefined;
  return withheld('left the audience');
}

function outOfStage(stages: readonly Stage[] | undefined, stage: Stage): Refused | undefined {
  return stages === undefined || stages.includes(stage) ? undefined : cancelled(`stage is ${stage}`);
}

/** Another episode has begun, or the reader said in this one that there is nothing more to say. */
function episodeOver(customer: Living, series: Series, { episode }: MessageKey): Refused | undefined {
  const present = customer.episodes[series.id];
  if (present === undefined || String(present.n) !== episode) return cancelled('episode over');
  return stoppedSince(customer, series, present.beganAt);
}

/** The answer, given since the episode began, that ends the rest of it. */
function stoppedSince({ facts }: Living, { steps }: Series, beganAt: Instant): Refused | undefined {
  if (facts.answers === undefined) return undefined;
  for (const { asks } of steps) {
    const said = asks && latestAnswer(facts.answers, asks.question, ({ at }) => at >= beganAt);
    if (said !== undefined && asks?.stops?.includes(said.answer)) return cancelled(`answered: ${said.answer}`);
  }
  return undefined;
}

function caseOver(
  customer: Living,
  series: CaseSeries,
  placed: Placed,
  { episode, round }: MessageKey,
  playbook: Playbook,
  t: Instant,
): Refused | undefined {
  const step = caseStepOf(placed);
  const found = caseOf(customer, placed, episode, playbook);
  const isComplaint = series.of === 'complaint';
  if (step?.from === 'closed') {
    if (found !== undefined && found.closed === undefined) {
      return cancelled(isComplaint ? 'complaint open again' : 'case is open again');
    }
    if (found === undefined && isOpenedAnew(customer, placed, episode, playbook)) {
      return cancelled(isComplaint ? 'complaint open again' : 'case is open again');
    }
    // A settled complaint may have been dropped from the facts, and its word still goes out.
    if (found === undefined && !isComplaint) return cancelled('case is over');
  } else if (step?.from === 'ended') {
    if (found === undefined || found.closed !== undefined) {
      return cancelled(isComplaint ? 'complaint resolved' : 'case is over');
    }
    if (isAlive(found, t)) return cancelled(isComplaint ? 'complaint open again' : 'case is open again');
  } else if (isComplaint) {
    if (found === undefined || found.closed !== undefined) return cancelled('complaint resolved');
  } else {
    // What was held back longer than its case lasts is made up for, unless somebody has closed the case.
    const isLive = found !== undefined && (isAlive(found, t) || (step && makesUp(step, round) && !found.closed));
    if (!isLive) return cancelled('case is over');
  }
  if (found === undefined || step === undefined) return undefined;
  return isAbout(step, found) ? stoppedSince(customer, series, found.opened.at) : cancelled('no longer fits');
}

/** Whom no offer reaches, whatever makes it: whoever studies a problem is driven away by one. */
const NO_OFFERS_FOR: readonly TraitId[] = ['researcher'];

/** Whom series and step are for, and whom not; and what there has to be for a mail about something bought. */
function unfit(
  customer: Living,
  placed: Placed,
  { episode }: MessageKey,
  playbook: Playbook,
  t: Instant,
): Refused | undefined {
  const { series, step } = placed;
  const lacking = lacksGoods(customer.facts, placed, episode, t);
  if (lacking !== undefined) return withheld(lacking);
  const barred = [...(series.unless ?? []), ...(step.unless ?? []), ...(step.offer === undefined ? [] : NO_OFFERS_FOR)];
  if (barred.length === 0 && series.if === undefined && step.if === undefined) return undefined;
  const situation = situationOf(customer, playbook);
  for (const only of [series.if, step.if]) {
    if (only !== undefined && firstHeld(situation, only, t) === undefined) return cancelled('no longer fits');
  }
  const barring = firstHeld(situation, barred, t);
  return barring === undefined ? undefined : withheld(`not for ${barring}`);
}

function firstHeld(situation: Situation, traits: readonly string[], t: Instant): string | undefined {
  return traits.find((each) => hasTrait(situation, each, t));
}

function untimely(
  customer: Living,
  key: string,
  placed: Placed,
  { moment, decidedAt }: Pending,
  playbook: Playbook,
  t: Instant,
): Refused | undefined {
  // A reminder that waited for the morning while another mail went out would come right after it.
  const { series } = placed;
  const isReminder = series.trigger === 'interval' && series.since === 'any mail';
  if (isReminder && customer.recent.some((each) => each.at >= decidedAt && each.key !== key)) {
    return cancelled('no longer fits');
  }
  if (t > keepsUntil(customer, key, placed, moment, playbook, t)) return withheld('stale');
  // Only a playbook that was changed since the message was decided can say so.
  return moment < (placed.programme.startsAt ?? 0) ? withheld('not before start') : undefined;
}
