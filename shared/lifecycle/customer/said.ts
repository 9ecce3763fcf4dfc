/**
 * What another mail says as well: an objection is answered by the mail that sets us apart, where that one goes out, and
 * by a mail of its own where it does not.
 */
import { caseOf, casesOf } from '../cases.ts';
import { compareStamps } from '../facts/order-by-time.ts';
import { caseStepOf, type Playbook } from '../playbook.ts';
import { DAY, type Duration, type Instant, NEVER } from '../time.ts';
import { parseKey, placedOf } from './message-key.ts';
import { freshUntil, isAbout, occurrencesOf } from './occurrences.ts';
import type { Living } from './profile.ts';
import { decidesFrom } from './starts.ts';
import { stillWanted } from './wanted.ts';

/** Whoever waits for the other mail longer than a night has not been answered. */
const LONGEST_WAIT: Duration = DAY;

function isOfStep(key: string, step: string): boolean {
  return parseKey(key)?.step === step;
}

/** Whether the other mail is on its way, or will come within the time it is waited for. */
function isToCome(customer: Living, other: string, until: Instant, playbook: Playbook, t: Instant): boolean {
  const { pending, flight, closing, recent, closed } = customer;
  if ([...Object.keys(pending), ...Object.keys(flight)].some((key) => isOfStep(key, other))) return true;
  return occurrencesOf(customer, playbook, t).some((each) => {
    const { key, step, moment } = each;
    if (step.id !== other || moment > until || t > freshUntil(step, moment)) return false;
    const isEnded = key in closing || [...recent, ...closed].some((its) => its.key === key);
    if (isEnded || moment < decidesFrom(customer, each, playbook)) return false;
    return 'placed' in stillWanted(customer, key, { moment, decidedAt: t, attempt: 1 }, playbook, t);
  });
}

/**
 * Until when a message is not to be decided because another mail says the same: for ever when that one went out, else
 * for as long as it is waited for. Undefined when none does.
 */
export function saidElsewhereUntil(customer: Living, key: string, playbook: Playbook, t: Instant): Instant | undefined {
  const placed = placedOf(key, playbook);
  const step = placed && caseStepOf(placed);
  if (placed?.series.trigger !== 'case' || step?.saidBy === undefined) return undefined;
  const about = caseOf(customer, placed, parseKey(key)?.episode, playbook);
  if (about === undefined) return undefined;
  const rivals = casesOf(customer, playbook, placed.series.of).filter((each) => isAbout(step, each));
  // The other mail speaks of the newest alone.
  const isNewestAt = (then: Instant) =>
    !rivals.some(({ opened }) => opened.at <= then && compareStamps(opened, about.opened) > 0);
  const { at } = about.opened;
  const other = step.saidBy;
  if (customer.recent.some((each) => isOfStep(each.key, other) && each.at >= at && isNewestAt(each.at))) return NEVER;
  const until = at + LONGEST_WAIT;
  return t < until && isNewestAt(NEVER) && isToCome(customer, other, until, playbook, t) ? until : undefined;
}
