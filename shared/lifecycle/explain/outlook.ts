/** What the core foresees if nothing else happens: the next change of stage, and messages whose moment is to come. */
import { blockedAt } from '../address.ts';
import { sameStep } from '../customer/message-key.ts';
import { occurrencesOf } from '../customer/occurrences.ts';
import { isHeldOut } from '../customer/permit.ts';
import type { WithholdingReason } from '../customer/reasons.ts';
import { unsubscribed } from '../customer/unsubscribed.ts';
import { mayPromote } from '../facts/consent.ts';
import { personOf } from '../facts/person.ts';
import type { Step } from '../playbook.ts';
import { nextChange } from '../stage.ts';
import type { Instant } from '../time.ts';
import type { LivingDossier, Setting } from './dossier.ts';
import { capital, nameOf } from './message-name.ts';
import { reasonInWords } from './reason-words.ts';
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
  for (const { key, step, programme, moment } of occurrencesOf(profile, playbook, now)) {
    const at = Math.max(moment, programme.startsAt ?? 0);
    // A message of a stage that will be over by then is never decided.
    const over = change !== undefined && at >= change.at && step.class !== 'service';
    if (moment <= now || over) continue;
    const repeated = profile.recent.some((each) => each.at > at - playbook.repeatAfter && sameStep(each.key, key));
    const reason = repeated ? 'same step recently' : standsAgainst(dossier, setting, programme.id, step, at);
    upcoming.push({ at, title: nameOf(key), detail: expectation(step, reason) });
  }
  return upcoming.toSorted((a, b) => a.at - b.at);
}

function expectation({ class: kind }: Step, reason: WithholdingReason | undefined): string {
  if (reason !== undefined) return `Would be withheld: ${reasonInWords(reason)}.`;
  return kind === 'service'
    ? 'Service mail: it goes out at any hour.'
    : 'Promotional mail: caps and quiet hours are kept.';
}

/** What would stand against a message of the step at a later moment, as far as it can be told now. */
function standsAgainst(
  { profile, address }: LivingDossier,
  { holdout }: Setting,
  programme: string,
  step: Step,
  at: Instant,
): WithholdingReason | undefined {
  const { facts, customerId } = profile;
  if (personOf(facts.person).email === undefined) return 'no address';
  if (step.class === 'service') return address?.suppressed?.reason;
  const blocked = blockedAt(address, at);
  if (blocked !== undefined) return blocked;
  if (!mayPromote(facts.consent, at)) return 'no consent';
  if (unsubscribed(facts, address, programme)) return 'unsubscribed';
  return holdout && isHeldOut(customerId, holdout) ? 'holdout' : undefined;
}
