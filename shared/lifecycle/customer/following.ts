/** Steps that make sense only after another mail of their series: a reminder of something nobody got reminds of nothing. */
import type { Placed } from '../playbook.ts';
import type { Step } from '../playbook/series.ts';
import type { Duration } from '../time.ts';
import { parseKey } from './message-key.ts';
import type { Living } from './profile.ts';

/** Whether `other` is the message that a step follows, in the same episode. */
export function isFollowed({ follows }: Step, key: string, other: string): boolean {
  const [one, earlier] = [parseKey(key), parseKey(other)];
  return (
    one !== undefined &&
    earlier !== undefined &&
    earlier.life === one.life &&
    earlier.programme === one.programme &&
    earlier.episode === one.episode &&
    earlier.step === follows
  );
}

/**
 * Whether a step would follow something nobody got. What was shown in shadow counts: a series begun in shadow goes on.
 *
 * @param customer with all that is remembered, shadow included
 */
export function hasNothingToFollow({ recent }: Pick<Living, 'recent'>, key: string, step: Step): boolean {
  return step.follows !== undefined && !recent.some((each) => isFollowed(step, key, each.key));
}

/** Whether the mail that a step follows is still to go out, or going out: then nobody knows yet what there is to follow. */
export function awaitsFollowed(
  { pending, flight }: Pick<Living, 'pending' | 'flight'>,
  key: string,
  step: Step,
): boolean {
  if (step.follows === undefined) return false;
  return [...Object.keys(pending), ...Object.keys(flight)].some((each) => isFollowed(step, key, each));
}

/** How long after the beginning of its series the last step that follows this one may still come; 0 when none does. */
export function followedFor({ series, step }: Placed): Duration {
  if (series.trigger === 'interval' || series.trigger === 'campaign') return 0;
  const followers = series.steps.filter(({ follows }) => follows === step.id);
  return Math.max(0, ...followers.map(({ after, fresh }) => after + fresh));
}
