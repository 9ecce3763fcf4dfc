/** How long a step leaves a person alone who has got its mail, and a series one who has got another of its programme. */
import type { Placed, Playbook } from '../playbook.ts';
import type { Step } from '../playbook/series.ts';
import type { Duration, Instant } from '../time.ts';
import { placedOf, sameStep } from './message-key.ts';
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

/** Until when a series that keeps apart has to wait for a mail of its programme that went out; undefined when it need not. */
export function keptApartUntil(
  recent: readonly Recent[],
  { programme, series: { apart } }: Placed,
  playbook: Playbook,
  t: Instant,
): Instant | undefined {
  if (apart === undefined) return undefined;
  const near = recent.filter(({ key, at }) => {
    const other = at + apart > t ? placedOf(key, playbook) : undefined;
    return other?.programme.id === programme.id && other.step.class === 'promotional';
  });
  return near.length === 0 ? undefined : Math.max(...near.map(({ at }) => at)) + apart;
}
