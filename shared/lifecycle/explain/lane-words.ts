/** Pauses and stops in words. */
import { type Lane, stoppedUntil, usedWithinADay } from '../lane.ts';
import type { Instant } from '../time.ts';
import { stopInWords } from './reason-words.ts';
import { absolute, dateOf, plural } from './when.ts';

/** "everything since 2 Mar 2026, 12:04 UTC"; a programme beside it is only named when it is paused for itself. */
export function pausesInWords({ paused }: Lane): readonly string[] {
  const { all, programmes } = paused;
  const single = Object.entries(programmes).map(([id, since]) => `${id} since ${absolute(since)}`);
  return all === undefined ? single : [`everything since ${absolute(all)}`, ...single];
}

/** "Stopped until ...: SES ..."; undefined while SES takes mail. */
export function stopOfLane(lane: Lane, t: Instant): string | undefined {
  const stop = stoppedUntil(lane, t);
  return stop && `Stopped until ${absolute(stop.until)}: SES takes no mail, for ${stopInWords(stop.why)}`;
}

export function usageInWords(lane: Lane, t: Instant): string {
  return `${plural(usedWithinADay(lane, t), 'mail')} within the last 24 hours`;
}

/** Since when the sender counts the days of its warm-up; undefined before the first mail. */
export function sendingSince({ warmUpSince }: Lane): string | undefined {
  return warmUpSince === undefined ? undefined : `First mail on ${dateOf(warmUpSince)}; a warm-up counts from then`;
}
