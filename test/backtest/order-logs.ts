/** Order logs for tests: from rows, from the public CDNOW sample, and from made-up shops of which the truth is known. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import * as z from 'zod/mini';
import type { OrderLog } from '../../infra/history/order-log.ts';
import { chanceOf } from '../../infra/local/random.ts';
import { DAY } from '../../shared/lifecycle/time.ts';

export interface Row {
  readonly customer: string;
  /** UTC day since 1970-01-01; a fraction is a time of that day. */
  readonly day: number;
  /** Minor units; unknown when omitted. */
  readonly minor?: number;
}

/** The log of a shop with one currency. */
export function logOf(rows: readonly Row[]): OrderLog {
  const byCustomer = new Map<string, Row[]>();
  for (const row of rows) {
    const own = byCustomer.get(row.customer);
    if (own === undefined) byCustomer.set(row.customer, [row]);
    else own.push(row);
  }
  const ordered = [...byCustomer.values()].flatMap((own) => own.toSorted((a, b) => a.day - b.day));
  const starts = [0];
  for (const own of byCustomer.values()) starts.push((starts.at(-1) ?? 0) + own.length);
  return {
    customers: [...byCustomer.keys()],
    starts: Uint32Array.from(starts),
    at: Float64Array.from(ordered, ({ day }) => day * DAY),
    minor: Float64Array.from(ordered, ({ minor = Number.NaN }) => minor),
    currency: new Uint8Array(ordered.length),
    currencies: ['USD'],
    discounted: new Uint8Array(ordered.length),
  };
}

const CDNOW = path.join(import.meta.dirname, '../../../shared/data/cdnow_sample.csv');
const cdnowRow = z.object({ customer_id: z.string(), date: z.string(), amount: z.coerce.number() });

/** The public CDNOW sample, 2,357 people; undefined, and said so, where it is not at hand. */
export function cdnow(): OrderLog | undefined {
  if (!existsSync(CDNOW)) {
    console.warn(`skipped: ${CDNOW} is not there`);
    return undefined;
  }
  const rows = z.array(cdnowRow).parse(parse(readFileSync(CDNOW), { columns: true }));
  return logOf(
    rows.map(({ customer_id: customer, date, amount }) => ({
      customer,
      day: Date.parse(date) / DAY,
      minor: Math.round(amount * 100),
    })),
  );
}

/** How people of a made-up shop buy, drawn anew for each. */
export interface Habit {
  /** Mean days between two orders. */
  readonly gap: number;
  /** How like a clock: each gap is a sum of so many exponential ones. 1, when omitted, is a Poisson process. */
  readonly regularity?: number;
  /** Probability to leave for good after each order, 0 to 1. */
  readonly leaves: number;
}

/**
 * People who come evenly over `days`, buy by their habit, and leave.
 *
 * @param habitOf draws somebody's habit from numbers in [0, 1)
 */
export function shop(seed: string, people: number, days: number, habitOf: (next: () => number) => Habit): OrderLog {
  const rows: Row[] = [];
  const FIRST_DAY = 20_000;
  for (let person = 0; person < people; person += 1) {
    const chance = chanceOf(seed, person);
    const { gap, leaves, regularity = 1 } = habitOf(() => chance.next());
    const customer = String(person).padStart(6, '0');
    let day = chance.next() * days;
    while (day < days) {
      rows.push({ customer, day: FIRST_DAY + day, minor: chance.between(1_000, 9_000) });
      if (chance.happens(leaves)) break;
      for (let part = 0; part < regularity; part += 1) day -= (gap / regularity) * Math.log(1 - chance.next());
    }
  }
  return logOf(rows);
}
