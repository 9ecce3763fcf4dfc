/**
 * Who of those that were silent when an import began gets mail when: each a day of their own, in an order that has
 * nothing to do with who they are, so that the first wave is as small as every other one.
 */
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { type Stage, stageNameOf, type StagePolicy } from '../../shared/lifecycle/stage.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Past } from './past.ts';

export interface Survey {
  readonly events: number;
  /** Customers by the stage they were in when mail begins, as far as the files tell. */
  readonly stages: ReadonlyMap<Stage, number>;
  /** Those who were at risk or lapsed then. */
  readonly silent: ReadonlySet<string>;
}

const SILENT: ReadonlySet<Stage> = new Set(['at_risk', 'lapsed']);

/** @param told how many customers have been looked at */
export function surveyOf(
  past: Past,
  policy: StagePolicy,
  startsAt: Instant,
  told: (customers: number) => void = () => undefined,
): Survey {
  const stages = new Map<Stage, number>();
  const silent = new Set<string>();
  let events = 0;
  for (const [index, customerId] of past.customers.entries()) {
    const all = past.eventsOf(customerId);
    events += all.length;
    const known = all.filter(({ occurredAt }) => occurredAt <= startsAt);
    const stage = stageNameOf(factsOf(known), policy, startsAt);
    stages.set(stage, (stages.get(stage) ?? 0) + 1);
    if (SILENT.has(stage)) silent.add(customerId);
    told(index + 1);
  }
  return { events, stages, silent };
}

/** The order in which customers are imported, and the silent among them take their places. */
export function inOrder(customers: readonly string[]): readonly string[] {
  return customers
    .map((customerId) => ({ customerId, hash: hash32(customerId) }))
    .toSorted((a, b) => a.hash - b.hash || (a.customerId < b.customerId ? -1 : 1))
    .map(({ customerId }) => customerId);
}

/**
 * Whether a customer needs a place in the row. One that lies ahead when their mail begins is kept. One before it is over,
 * and what was to follow it would never be sent: unless they could be written to for so long since that what they got may
 * be repeated.
 *
 * @param isSilent whether they are by what the files tell
 */
export function needsPlace(
  profile: Profile | undefined,
  isSilent: boolean,
  startsAt: Instant,
  { repeatAfter }: Pick<Playbook, 'repeatAfter'>,
): boolean {
  if (profile?.kind === 'erased') return false;
  const waveAt = profile?.waveAt;
  if (profile === undefined || waveAt === undefined) return isSilent;
  const from = Math.max(startsAt, profile.startsAt ?? startsAt);
  if (waveAt >= from || !(isSilent || SILENT.has(profile.stage))) return false;
  const couldBeWrittenTo = profile.facts.person.some(({ email }) => email !== undefined);
  return !couldBeWrittenTo || waveAt + repeatAfter > from;
}
