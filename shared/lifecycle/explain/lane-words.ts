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

/** Senders reserve room in blocks, so this is at least what went out. */
export function usageInWords(lane: Lane, t: Instant): string {
  return `room for ${plural(usedWithinADay(lane, t), 'mail')} reserved within the last 24 hours`;
}

/** How far the warm-up has come; undefined before its first mail. What it allows a day is in the configuration. */
export function warmUpInWords({ warmUp }: Lane): string | undefined {
  return (
    warmUp &&
    `Day ${warmUp.day} of the warm-up began on ${dateOf(warmUp.since)}: ${plural(warmUp.used, 'mail')} since then`
  );
}
