/**
 * Budgets of offers for customers who are played one after the other, while a shop spends a budget in the order of time.
 * So everybody first gets what they ask for; then the earliest asks of each period keep theirs, and whoever asked later
 * is played again without it, until nobody's answer changes any more.
 */
import type { IssuedOffer } from '../../shared/lifecycle/customer/profile.ts';
import { periodAt } from '../../shared/lifecycle/offers/budget.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

type Asked = Pick<IssuedOffer, 'offer' | 'issuedAt'>;

interface Ask {
  readonly at: Instant;
  readonly customer: number;
}

/** The last ask of a period that its budget has room for, by offer and period. */
type Limits = ReadonlyMap<string, Ask>;

/** An answer that changes may lead to another ask somewhat later; a chain of them is soon over. */
const MOST_ROUNDS = 8;

const byTime = (a: Ask, b: Ask): number => a.at - b.at || a.customer - b.customer;

export class Budgets {
  readonly #playbook: Playbook;
  /** Of each period of each offer. */
  readonly #asks = new Map<string, Ask[]>();
  #before: Limits = new Map();
  #limits: Limits = new Map();
  #rounds = 0;

  constructor(playbook: Playbook) {
    this.#playbook = playbook;
  }

  /** Asks for an offer. @returns whether there is room, as far as is known */
  ask(customer: number, asked: Asked): boolean {
    const period = this.#periodOf(asked);
    const ask = { at: asked.issuedAt, customer };
    const asks = this.#asks.get(period);
    if (asks === undefined) this.#asks.set(period, [ask]);
    else asks.push(ask);
    return hasRoom(this.#limits, period, ask);
  }

  /** What the answer is, or was before the last {@link settle}; nothing is asked for. */
  answer(customer: number, asked: Asked, when: 'now' | 'before'): boolean {
    const limits = when === 'now' ? this.#limits : this.#before;
    return hasRoom(limits, this.#periodOf(asked), { at: asked.issuedAt, customer });
  }

  /**
   * Draws the limits anew from what was asked.
   *
   * @returns the customers who would be answered otherwise now, ascending; what they asked for is forgotten
   */
  settle(): readonly number[] {
    this.#rounds += 1;
    if (this.#rounds > MOST_ROUNDS) return [];
    const limits = new Map<string, Ask>();
    const affected = new Set<number>();
    for (const [period, asks] of this.#asks) {
      const last = this.#lastWithRoom(period, asks);
      if (last !== undefined) limits.set(period, last);
      for (const ask of asks) {
        if (hasRoom(limits, period, ask) !== hasRoom(this.#limits, period, ask)) affected.add(ask.customer);
      }
    }
    this.#before = this.#limits;
    this.#limits = limits;
    if (affected.size === 0) return [];
    for (const [period, asks] of this.#asks) {
      this.#asks.set(
        period,
        asks.filter(({ customer }) => !affected.has(customer)),
      );
    }
    return [...affected].toSorted((a, b) => a - b);
  }

  #lastWithRoom(period: string, asks: readonly Ask[]): Ask | undefined {
    const offer = period.slice(0, period.lastIndexOf('/'));
    const room = this.#playbook.offers.byName[offer]?.budget.offers ?? 0;
    return asks.length <= room ? undefined : (asks.toSorted(byTime)[room - 1] ?? { at: -Infinity, customer: 0 });
  }

  #periodOf({ offer, issuedAt }: Asked): string {
    const terms = this.#playbook.offers.byName[offer];
    return terms === undefined ? `${offer}/` : `${offer}/${periodAt(offer, terms, issuedAt).number}`;
  }
}

function hasRoom(limits: Limits, period: string, ask: Ask): boolean {
  const last = limits.get(period);
  return last === undefined || byTime(ask, last) <= 0;
}
