/**
 * Which orders a file of cancellations calls off, asked row by row while the orders are read; and which it names in vain.
 * Kept as two hashes of 53 bits each, of order and customer, in some 20 bytes: a wrong order would have to share both.
 */
import { plural } from '../../shared/lifecycle/explain/when.ts';
import type { Cancellation } from './cancellations.ts';
import { hashedId } from './customer-index.ts';
import { hashOf } from './order-ids.ts';

function at(hashes: Float64Array, place: number): number {
  return hashes[place] ?? 0;
}

export class CancelledOrders {
  /** Hashes of the ids of orders, ascending. */
  readonly #orders: Float64Array;
  /** Hashes of the ids of their customers. */
  readonly #customers: Float64Array;
  /** 1 where a row was of that order. */
  readonly #found: Uint8Array;
  readonly #hashIds: boolean;

  /** @param hashIds whether the customers of the orders are named by addresses, and those of the cancellations by their hash */
  constructor(cancellations: readonly Pick<Cancellation, 'customerId' | 'orderId'>[], hashIds: boolean) {
    const orders = Float64Array.from(cancellations, ({ orderId }) => hashOf(orderId));
    const customers = Float64Array.from(cancellations, ({ customerId }) => hashOf(customerId));
    const places = Uint32Array.from(orders.keys()).toSorted(
      (a, b) => at(orders, a) - at(orders, b) || at(customers, a) - at(customers, b),
    );
    // A cancellation that is told twice is one.
    const once = places.filter(
      (place, index) =>
        index === 0 ||
        at(orders, place) !== at(orders, places[index - 1] ?? 0) ||
        at(customers, place) !== at(customers, places[index - 1] ?? 0),
    );
    this.#orders = Float64Array.from(once, (place) => at(orders, place));
    this.#customers = Float64Array.from(once, (place) => at(customers, place));
    this.#found = new Uint8Array(once.length);
    this.#hashIds = hashIds;
  }

  /**
   * Whether an order was called off. It counts as found from then on.
   *
   * @param customer as the file of orders names them
   */
  has(customer: string, orderId: string): boolean {
    const order = hashOf(orderId);
    let place = this.#firstOf(order);
    if (this.#orders[place] !== order) return false;
    const customerHash = hashOf(this.#hashIds ? hashedId(customer) : customer);
    for (; this.#orders[place] === order; place += 1) {
      if (this.#customers[place] !== customerHash) continue;
      this.#found[place] = 1;
      return true;
    }
    return false;
  }

  /**
   * What whoever reads the files should know once the orders have been read: whole sentences.
   *
   * @param hasIds whether the orders have ids at all
   */
  notes(ordersFile: string, hasIds: boolean): readonly string[] {
    const { length } = this.#orders;
    if (length === 0) return [];
    const all = plural(length, 'cancellation');
    if (!hasIds) {
      return [
        `No order was called off by ${length === 1 ? 'this' : 'these'} ${all}: ${ordersFile} has no column with the ids of orders. --column order_id=NAME names it, and that column must have this name in both files.`,
      ];
    }
    const unfound = length - this.#found.reduce((sum, each) => sum + each, 0);
    if (unfound === 0) return [];
    return [
      `${unfound.toLocaleString('en')} of ${all} ${unfound === 1 ? 'is' : 'are'} of no order in ${ordersFile}: no line there has that customer and order id.`,
    ];
  }

  /** The place of the first hash that is not below this one. */
  #firstOf(order: number): number {
    let [from, to] = [0, this.#orders.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#orders[middle] ?? 0) < order) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
