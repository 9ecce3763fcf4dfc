/**
 * A whole export through the core, customer by customer, counted as it goes: nothing of a customer is kept but what they
 * add to the counts. What two customers share is a budget of offers alone; see {@link Budgets}.
 */
import { type Circumstances, isHeldOut } from '../../shared/lifecycle/customer/permit.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { type LivingStory, storyOf } from '../../shared/lifecycle/explain/story.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import type { OrderLog } from '../history/order-log.ts';
import { Budgets } from './budgets.ts';
import { drive } from './drive.ts';
import { type Chosen, Examples } from './examples.ts';
import { type Besides, eventsOf } from './happenings.ts';
import { OfferCosts, type OfferBill } from './offer-costs.ts';
import { type Counts, Tally } from './tally.ts';

export interface SimulationInput {
  readonly log: OrderLog;
  /** What is known of a customer beside the orders, by number. */
  readonly besides?: (customer: number) => Besides;
  readonly playbook: Playbook;
  readonly circumstances: Circumstances;
  /** The last instant that is played; the end of the day of the last order when left out. */
  readonly to?: Instant;
  /** Called now and then with the number of customers played. */
  readonly progress?: (done: number, total: number) => void;
}

/** One customer told in full. */
export interface Example {
  /** What the customer is an example of, in plain words. */
  readonly shows: string;
  readonly story: LivingStory;
}

export interface Simulated extends Counts {
  readonly customers: number;
  readonly orders: number;
  readonly offers: readonly OfferBill[];
  /** Who gets no promotional mail, so that its effect can be measured, and what they did not get. */
  readonly holdout: { readonly share: number; readonly people: number; readonly mails: number };
  readonly examples: readonly Example[];
}

const nothingBesides = (): Besides => ({});

/** Customers between two words on how far it has come. */
const WORD_EVERY = 256;

function endOf({ at }: OrderLog): Instant {
  let last = 0;
  for (const each of at) if (each > last) last = each;
  return (Math.floor(last / DAY) + 1) * DAY;
}

function beginningOf({ at }: OrderLog): Instant {
  let first = Infinity;
  for (const each of at) if (each < first) first = each;
  return Number.isFinite(first) ? first : 0;
}

/** Plays the export. Nobody is mailed, and nothing is stored. */
export function simulate(input: SimulationInput): Simulated {
  const { log, playbook, circumstances, besides = nothingBesides, progress = () => undefined } = input;
  const { customers } = log;
  const to = input.to ?? endOf(log);
  const tally = new Tally(beginningOf(log), to);
  const budgets = new Budgets(playbook);
  const costs = new OfferCosts(log);
  const examples = new Examples(log);

  const play = (index: number): void => {
    const events = eventsOf(log, index, besides(index));
    const living = drive(events, playbook, circumstances, -Infinity, to, {
      stage: (change) => {
        tally.change(change, 1);
        examples.change(change);
      },
      ended: (entry) => {
        tally.end(entry, 1);
        examples.end(entry);
      },
      offer: (offer) => {
        const hasRoom = budgets.ask(index, offer);
        if (hasRoom) costs.issue(index, offer, 1);
        return hasRoom;
      },
    });
    if (living === undefined) return;
    tally.appear(events[0]?.occurredAt ?? to, 1);
    examples.played(index, living);
  };

  /** Takes back what a customer added when they were played under the limits before the present ones. */
  const takeBack = (index: number): void => {
    const events = eventsOf(log, index, besides(index));
    const living = drive(events, playbook, circumstances, -Infinity, to, {
      stage: (change) => tally.change(change, -1),
      ended: (entry) => tally.end(entry, -1),
      offer: (offer) => {
        const hadRoom = budgets.answer(index, offer, 'before');
        if (hadRoom) costs.issue(index, offer, -1);
        return hadRoom;
      },
    });
    if (living !== undefined) tally.appear(events[0]?.occurredAt ?? to, -1);
  };

  let held = 0;
  for (const [index, customerId] of customers.entries()) {
    play(index);
    if (isHeldOut(customerId, circumstances.holdout)) held += 1;
    if (index % WORD_EVERY === 0) progress(index, customers.length);
  }
  for (let affected = budgets.settle(); affected.length > 0; affected = budgets.settle()) {
    for (const index of affected) {
      takeBack(index);
      play(index);
    }
  }
  progress(customers.length, customers.length);

  const counts = tally.counts();
  return {
    ...counts,
    customers: customers.length,
    orders: log.at.length,
    offers: costs.bills(),
    holdout: { share: circumstances.holdout.share, people: held, mails: counts.withheld['holdout'] ?? 0 },
    examples: examples.chosen().flatMap((chosen) => told(chosen, input, to, budgets) ?? []),
  };
}

/** Plays one customer again, this time to tell of it. */
function told(
  { customer, shows }: Chosen,
  { log, playbook, circumstances, besides = nothingBesides }: SimulationInput,
  to: Instant,
  budgets: Budgets,
): Example | undefined {
  const journal = eventsOf(log, customer, besides(customer)).filter(({ occurredAt }) => occurredAt <= to);
  const ledger: LedgerEntry[] = [];
  const profile = drive(journal, playbook, circumstances, -Infinity, to, {
    stage: () => undefined,
    ended: (entry) => ledger.push(entry),
    offer: (offer) => budgets.answer(customer, offer, 'now'),
  });
  if (profile === undefined) return undefined;
  const { holdout } = circumstances;
  const story = storyOf({ profile, journal, ledger }, { playbook, holdout, now: to });
  return story.kind === 'living' ? { shows, story } : undefined;
}
