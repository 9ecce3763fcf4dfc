/** What the core foresees if nothing else happens: the next change of stage, and messages whose moment is to come. */
import { blockedAt } from '../address.ts';
import { goesOnIn } from '../customer/acquaintance.ts';
import { recentCopy } from '../customer/cooldown.ts';
import { hasNothingToFollow, isFollowed } from '../customer/following.ts';
import { placedOf } from '../customer/message-key.ts';
import { occurrencesOf } from '../customer/occurrences.ts';
import { isHeldOut } from '../customer/permit.ts';
import type { WithholdingReason } from '../customer/reasons.ts';
import { decidesFrom } from '../customer/starts.ts';
import { unsubscribed } from '../customer/unsubscribed.ts';
import { mayPromote } from '../facts/consent.ts';
import { personOf } from '../facts/person.ts';
import type { Placed } from '../playbook.ts';
import type { Step } from '../playbook/series.ts';
import { nextChange, stageNameOf } from '../stage.ts';
import type { Instant } from '../time.ts';
import { situationOf } from '../traits/situation.ts';
import { hasTrait } from '../traits/traits.ts';
import type { LivingDossier, Setting } from './dossier.ts';
import { capital, nameOf } from './message-name.ts';
import { NOT_FOR, reasonInWords } from './reason-words.ts';
import { stageName } from './stage-words.ts';

export interface Upcoming {
  readonly at: Instant;
  readonly title: string;
  readonly detail: string;
}

export function outlookOf(dossier: LivingDossier, setting: Setting): readonly Upcoming[] {
  const { profile } = dossier;
  const { playbook, now } = setting;
  const upcoming: Upcoming[] = [];
  const change = nextChange(profile.facts, playbook.stages, Math.max(now, profile.evaluatedAt));
  if (change !== undefined) {
    const { at, to } = change;
    const detail = `${capital(to.reasons.join('; '))}.`;
    upcoming.push({ at, title: `Stage becomes “${stageName(to.stage)}”`, detail });
  }
  const occurrences = occurrencesOf(profile, playbook, now);
  const ahead = [
    ...Object.keys({ ...profile.pending, ...profile.flight }),
    ...occurrences.filter(({ moment }) => moment > now).map(({ key }) => key),
  ];
  for (const { key, step, moment } of occurrences) {
    const placed = placedOf(key, playbook);
    if (placed === undefined || moment <= now) continue;
    const at = Math.max(moment, decidesFrom(profile, placed, playbook));
    if (isOver(placed, dossier, setting, at)) continue;
    const reason = standsAgainst(key, placed, dossier, setting, at, ahead);
    upcoming.push({ at, title: nameOf(key), detail: expectation(step, reason) });
  }
  return upcoming.toSorted((a, b) => a.at - b.at);
}

/** Whether what the message belongs to, a stage or a trait, will be over by then: such a message is never decided. */
function isOver({ series }: Placed, { profile }: LivingDossier, { playbook }: Setting, at: Instant): boolean {
  const situation = situationOf(profile, playbook);
  const stage = stageNameOf(profile.facts, playbook.stages, at);
  switch (series.trigger) {
    case 'stage':
      return !goesOnIn(series.stage, stage, profile.facts, playbook.stages, at);
    case 'interval':
      return !series.stages.includes(stage);
    case 'trait':
      return !hasTrait(situation, series.trait, at) || series.stages?.includes(stage) === false;
    case 'case':
      return series.stages?.includes(stage) === false;
    case 'campaign':
      return false;
    default:
      return series satisfies never;
  }
}

function expectation({ class: kind }: Step, reason: Against | undefined): string {
  if (reason !== undefined) return `Would be withheld: ${reasonInWords(reason)}.`;
  return kind === 'service'
    ? 'Service mail: it goes out at any hour.'
    : 'Promotional mail: caps and quiet hours are kept.';
}

type Against = WithholdingReason | `${typeof NOT_FOR}${string}`;

/**
 * What would stand against a message at a later moment, as far as it can be told now.
 *
 * @param ahead keys of the messages that may still go out before it
 */
function standsAgainst(
  key: string,
  { programme, series, step }: Placed,
  { profile, address }: LivingDossier,
  { holdout, playbook }: Setting,
  at: Instant,
  ahead: readonly string[],
): Against | undefined {
  const { facts, customerId, recent } = profile;
  const situation = situationOf(profile, playbook);
  const kept = [...(series.unless ?? []), ...(step.unless ?? [])].find((trait) => hasTrait(situation, trait, at));
  if (kept !== undefined) return `${NOT_FOR}${kept}`;
  if (hasNothingToFollow(profile, key, step) && !ahead.some((each) => isFollowed(step, key, each))) {
    return 'nothing to follow';
  }
  if (recentCopy(recent, key, step, playbook, at) !== undefined) return 'same step recently';
  if (personOf(facts.person).email === undefined) return 'no address';
  if (step.class === 'service') return address?.suppressed?.reason;
  const blocked = blockedAt(address, at);
  if (blocked !== undefined) return blocked;
  if (!mayPromote(facts.consent, at)) return 'no consent';
  if (unsubscribed(facts, address, programme.id)) return 'unsubscribed';
  return holdout && isHeldOut(customerId, holdout) ? 'holdout' : undefined;
}
