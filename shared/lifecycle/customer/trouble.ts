/** What came of a dissatisfaction that held something back. */
import type { CaseKind } from '../case-kinds.ts';
import { casesOf } from '../cases.ts';
import type { Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';
import type { Living } from './profile.ts';

/** Cases that make a customer dissatisfied while they last. */
const TROUBLE = ['complaint', 'rating', 'renewal'] as const satisfies readonly CaseKind[];

/**
 * When the dissatisfaction ended that fell into the time between `from` and `to`, together with whatever came before it
 * was over; undefined when there was none, while it lasts, and when nobody settled it and it only faded.
 */
export function troubleEnd(
  customer: Pick<Living, 'facts' | 'attention'>,
  playbook: Playbook,
  from: Instant,
  to: Instant,
): Instant | undefined {
  const spans = TROUBLE.flatMap((kind) => casesOf(customer, playbook, kind))
    .map(({ opened, since = opened.at, closed, endsAt }) => {
      const settledAt = closed !== undefined && closed.at <= endsAt ? closed.at : undefined;
      return { from: since, to: settledAt ?? endsAt, isSettled: settledAt !== undefined };
    })
    .toSorted((a, b) => a.from - b.from);
  let last: (typeof spans)[number] | undefined;
  for (const span of spans) {
    const belongs = last === undefined ? span.from <= to && span.to > from : span.from <= last.to;
    if (belongs && span.to >= (last?.to ?? span.to)) last = span;
  }
  return last?.isSettled ? last.to : undefined;
}
