/** What offers would cost at worst: every code used, on an order of the size that this customer usually places. */
import type { IssuedOffer } from '../../shared/lifecycle/customer/profile.ts';
import type { OrderLog } from '../history/order-log.ts';

export interface OfferBill {
  /** Name in the playbook. */
  readonly offer: string;
  readonly issued: number;
  /** Minor units by currency. */
  readonly worstCase: Readonly<Record<string, number>>;
  /** Of those issued, for how many nobody knows what an order is worth: the export has no amounts. */
  readonly unknown: number;
}

interface Mean {
  readonly currency: string;
  readonly minor: number;
}

interface Running {
  issued: number;
  unknown: number;
  readonly worstCase: Map<string, number>;
}

export class OfferCosts {
  readonly #log: OrderLog;
  readonly #byOffer = new Map<string, Running>();
  #ofShop: { readonly mean: Mean | undefined } | undefined;

  constructor(log: OrderLog) {
    this.#log = log;
  }

  /** @param weight -1 takes an offer back */
  issue(customer: number, { offer, percent }: Pick<IssuedOffer, 'offer' | 'percent'>, weight: 1 | -1): void {
    const bill = this.#byOffer.get(offer) ?? { issued: 0, unknown: 0, worstCase: new Map<string, number>() };
    this.#byOffer.set(offer, bill);
    bill.issued += weight;
    const mean = this.#meanOf(customer) ?? this.#meanOfShop();
    if (mean === undefined) {
      bill.unknown += weight;
      return;
    }
    const cost = (mean.minor * percent) / 100;
    bill.worstCase.set(mean.currency, (bill.worstCase.get(mean.currency) ?? 0) + weight * cost);
  }

  /** By name. */
  bills(): readonly OfferBill[] {
    return [...this.#byOffer]
      .filter(([, { issued }]) => issued > 0)
      .map(([offer, { issued, unknown, worstCase }]) => ({
        offer,
        issued,
        unknown,
        worstCase: Object.fromEntries(
          [...worstCase].map(([currency, minor]): [string, number] => [currency, Math.round(minor)]),
        ),
      }))
      .toSorted((a, b) => (a.offer < b.offer ? -1 : 1));
  }

  #meanOf(customer: number): Mean | undefined {
    const { starts } = this.#log;
    return meanOf(this.#log, starts[customer] ?? 0, starts[customer + 1] ?? 0);
  }

  #meanOfShop(): Mean | undefined {
    this.#ofShop ??= { mean: meanOf(this.#log, 0, this.#log.at.length) };
    return this.#ofShop.mean;
  }
}

/** The mean of the orders with a known amount, in the currency that most of them have; undefined without one. */
function meanOf({ minor, currency, currencies }: OrderLog, from: number, to: number): Mean | undefined {
  const orders = new Float64Array(currencies.length);
  const sums = new Float64Array(currencies.length);
  for (let order = from; order < to; order += 1) {
    const [amount, code] = [minor[order] ?? Number.NaN, currency[order] ?? 0];
    if (Number.isNaN(amount)) continue;
    orders[code] = (orders[code] ?? 0) + 1;
    sums[code] = (sums[code] ?? 0) + amount;
  }
  const most = orders.indexOf(Math.max(...orders));
  const [count = 0, sum = 0, name] = [orders[most], sums[most], currencies[most]];
  return count === 0 || name === undefined ? undefined : { currency: name, minor: sum / count };
}
