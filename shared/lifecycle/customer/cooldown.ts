/** How long a step leaves a person alone who has got its mail, and a series one who has got others of its programme. */
import { canReach, type Placed, type Playbook } from '../playbook.ts';
import type { Series, Step } from '../playbook/series.ts';
import type { Stage } from '../stage.ts';
import { type Duration, type Instant, NEVER } from '../time.ts';
import { situationOf } from '../traits/situation.ts';
import { at as spanAt } from '../traits/spans.ts';
import { spansOf } from '../traits/traits.ts';
import { placedOf, sameStep } from './message-key.ts';
import type { Living, Recent } from './profile.ts';

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

/** From when on no mail of the same step went out so recently that another would be too soon; long ago where none did. */
export function cooledDownFrom(
  recent: readonly Recent[],
  key: string,
  step: Step,
  playbook: Pick<Playbook, 'cooldown'>,
): Instant {
  if (step.class === 'service') return -NEVER;
  const copies = recent.filter((each) => sameStep(each.key, key));
  return Math.max(-NEVER, ...copies.map(({ at }) => at + cooldownOf(step, playbook)));
}

/** The mails of all series of a programme that keep apart, as far as they went out after `since`. */
function mailsApart(
  recent: readonly Recent[],
  { programme }: Placed,
  playbook: Playbook,
  since: Instant,
): readonly Recent[] {
  return recent.filter(({ key, at }) => {
    const other = at > since ? placedOf(key, playbook) : undefined;
    return (
      other?.programme.id === programme.id && other.series.apart !== undefined && other.step.class === 'promotional'
    );
  });
}

/**
 * Since when the mails of a series count while a customer has the trait it names; undefined: not now. A trait that ended
 * and began again does not begin the count anew: whoever was told that a mail was the last one is to be believed.
 */
export function countedSince(
  customer: Pick<Living, 'facts' | 'recent'>,
  { apart }: Series,
  playbook: Playbook,
  t: Instant,
): Instant | undefined {
  if (apart === undefined) return undefined;
  const span = spanAt(spansOf(situationOf(customer, playbook), apart.while), t);
  return span && Math.min(span.from, t - (apart.atLeast ?? 0));
}

/**
 * Whether a mail went out lately after which no campaign is to come. Whoever has left the stages it was for, as with a
 * first order, is somebody else to us.
 */
export function isLeftInPeace(
  { recent }: Pick<Living, 'recent'>,
  stage: Stage,
  playbook: Playbook,
  t: Instant,
): boolean {
  return recent.some(({ key, at }) => {
    const placed = placedOf(key, playbook);
    return placed !== undefined && t < at + (placed.step.thenQuiet ?? 0) && canReach(placed.series, stage);
  });
}

/** Whether a series that keeps apart has had as many mails as there may be while its trait lasts, however long that is. */
export function hadEnough(customer: Living, placed: Placed, playbook: Playbook, t: Instant): boolean {
  const { series } = placed;
  const since = countedSince(customer, series, playbook, t);
  if (series.apart === undefined || since === undefined) return false;
  return mailsApart(customer.recent, placed, playbook, since).length >= series.apart.most;
}

/** Until when a series that keeps apart has to wait for a mail that went out; undefined when it need not. */
export function keptApartUntil(
  recent: readonly Recent[],
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): Instant | undefined {
  const { apart } = placed.series;
  if (apart === undefined) return undefined;
  const near = mailsApart(recent, placed, playbook, t - apart.every);
  return near.length === 0 ? undefined : Math.max(...near.map(({ at }) => at)) + apart.every;
}
