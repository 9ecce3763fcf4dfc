/** Quiet hours in the customer's own time zone, through every change of daylight saving. */
import { hash32 } from '../facts/digest.ts';
import { personOf } from '../facts/person.ts';
import type { Playbook } from '../playbook.ts';
import type { Step } from '../playbook/series.ts';
import { type Duration, type Instant, MINUTE } from '../time.ts';
import { clockOf, LARGEST_SHIFT, minuteOfDay, MINUTES_PER_DAY } from './local-time.ts';
import type { Living } from './profile.ts';

/** Mail held back over night leaves in steps of this, so that those who wait wake few timers. */
const SPREAD_STEP = 15 * MINUTE;
function isWithin(minute: number, from: number, to: number): boolean {
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

/**
 * When the quiet hours that `t` lies in are over for this customer; undefined when mail may go out at `t`. A missing
 * or unknown zone takes the shop's safe window, never "send anyway".
 *
 * @param customerId spreads the customers over the first `spread` after the end, the same customer always alike
 */
export function quietUntil(
  t: Instant,
  timeZone: string | undefined,
  hours: Playbook['quietHours'],
  customerId: string,
): Instant | undefined {
  const own = timeZone === undefined ? undefined : clockOf(timeZone);
  const { from, to } = own === undefined ? hours.withoutZone : hours;
  const clock = own ?? clockOf(hours.withoutZone.timeZone) ?? clockOf('UTC');
  if (clock === undefined || !isWithin(minuteOfDay(clock, t), from, to)) return undefined;
  const ahead = (to - minuteOfDay(clock, t) + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  // On the night of a clock change the naive end is off by the shift: walk to the first minute outside.
  let end = Math.floor(t / MINUTE) * MINUTE + ahead * MINUTE - LARGEST_SHIFT;
  end = Math.max(end, Math.floor(t / MINUTE) * MINUTE);
  while (isWithin(minuteOfDay(clock, end), from, to)) end += MINUTE;
  const slots = Math.max(1, Math.floor(hours.spread / SPREAD_STEP));
  const spread = end + (hash32(customerId) % slots) * SPREAD_STEP;
  // A wide spread, or a clock set back within it, could lead into quiet hours again.
  return isWithin(minuteOfDay(clock, spread), from, to) ? end : spread;
}

/** A message that answers an act goes out at any hour, and beside the caps, for this long after it. */
const ANSWER_WINDOW: Duration = 15 * MINUTE;

/**
 * Whether a mail that goes out at `t` still answers what the customer has just done; later it is one like any other.
 *
 * @param moment of the message: the act
 */
export function isAnswer({ answersAct }: Step, moment: Instant, t: Instant): boolean {
  return answersAct === true && t <= moment + ANSWER_WINDOW;
}

/**
 * Until when a message of this step has to wait for the end of quiet hours; undefined when it may go out at `t`.
 *
 * @param moment of the message
 */
export function heldOverNight(
  customer: Living,
  step: Step,
  moment: Instant,
  playbook: Playbook,
  t: Instant,
): Instant | undefined {
  if (step.class === 'service' || isAnswer(step, moment, t)) return undefined;
  const { timeZone } = personOf(customer.facts.person);
  return quietUntil(t, timeZone, playbook.quietHours, customer.customerId);
}
