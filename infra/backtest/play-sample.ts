/** Plays an export, or of a large one a part that is counted for all, with its part of the budgets of offers. */
import type { Circumstances } from '../../shared/lifecycle/customer/permit.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { JoinedFiles } from './besides.ts';
import type { OrderLog } from '../history/order-log.ts';
import { sampleOf, scaledTo } from './sample.ts';
import { type Simulated, simulate } from './simulation.ts';

export interface Play {
  readonly log: OrderLog;
  readonly besides: JoinedFiles['besides'];
  readonly playbook: Playbook;
  readonly circumstances: Circumstances;
  /** About so many people are played at the most. */
  readonly most: number;
  readonly progress: (done: number, total: number) => void;
}

export interface Played {
  /** As if of everybody. */
  readonly simulated: Simulated;
  /** People who were played. */
  readonly played: number;
}

/** Budgets are those of the whole shop; a part of its people gets that part of them. */
function withBudgetsFor(playbook: Playbook, share: number): Playbook {
  const byName = Object.fromEntries(
    Object.entries(playbook.offers.byName).map(([name, terms]) => {
      const offers = Math.max(1, Math.round(terms.budget.offers * share));
      return [name, { ...terms, budget: { ...terms.budget, offers } }];
    }),
  );
  return { ...playbook, offers: { ...playbook.offers, byName } };
}

export function playSample({ log, besides, playbook, circumstances, most, progress }: Play): Played {
  const { log: some, originals } = sampleOf(log, most);
  const played = some.customers.length;
  const share = played / log.customers.length;
  const simulated = simulate({
    log: some,
    besides: (customer) => besides(originals[customer] ?? customer),
    playbook: share < 1 ? withBudgetsFor(playbook, share) : playbook,
    circumstances,
    progress,
  });
  return { simulated: scaledTo(log, simulated), played };
}
