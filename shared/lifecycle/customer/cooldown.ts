/** How long a step leaves a person alone who has got its mail. */
import type { Playbook } from '../playbook.ts';
import type { Step } from '../playbook/series.ts';
import type { Duration, Instant } from '../time.ts';
import { sameStep } from './message-key.ts';
import type { Recent } from './profile.ts';

/** The step's own cooldown, or that of all. */
export function cooldownOf({ cooldown }: Step, playbook: Pick<Playbook, 'cooldown'>): Duration {
  return cooldown ?? playbook.cooldown;
}

/** The mail of the same step that went out so recently that another would be too soon. */
export function recentCopy(
  recent: readonly Recent[],
  key: string,
  step: Step,
  playbook: Pick<Playbook, 'cooldown'>,
  t: Instant,
): Recent | undefined {
  const since = t - cooldownOf(step, playbook);
  return recent.find((each) => each.at > since && sameStep(each.key, key));
}
