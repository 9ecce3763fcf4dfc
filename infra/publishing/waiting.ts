/** Which waiting messages another release changes: by the very template each would be made of, and by what the playbook says of its step. */
import { isDeepStrictEqual } from 'node:util';
import type { CensusStore } from '../../shared/adapters/census-store.ts';
import { findTemplate, UnknownTemplate } from '../../shared/email/release.ts';
import { parseKey, placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { variantFor } from '../../shared/lifecycle/customer/variant.ts';
import { localeOf } from '../../shared/lifecycle/facts/choices.ts';
import type { Placed } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import type { Outline } from './edition.ts';

export interface Waiting {
  readonly customers: number;
  /** Messages that wait. */
  readonly messages: number;
  /** Those of them that the release changes, by `programme/step`. */
  readonly touched: Readonly<Record<string, number>>;
}

/** The file of the template a message would be made of; undefined when the release has none. */
function templateOf({ manifest, playbook }: Outline, customer: Living, key: string, placed: Placed, t: Instant) {
  const variant = variantFor(customer, key, placed, playbook, t);
  try {
    return findTemplate(manifest, placed.programme.id, placed.step.id, localeOf(customer.facts), variant).file;
  } catch (error) {
    if (!(error instanceof UnknownTemplate)) throw error;
    return undefined;
  }
}

/** What the playbook says of a step, without the steps around it. */
function rulesOf({ programme, series, step }: Placed) {
  const { series: _all, ...ofProgramme } = programme;
  const { steps: _others, ...ofSeries } = series;
  return { ofProgramme, ofSeries, step };
}

/** Whether a waiting message becomes another one, or none, by the release. */
export function isTouched(before: Outline, after: Outline, customer: Living, key: string, t: Instant): boolean {
  const [left, right] = [placedOf(key, before.playbook), placedOf(key, after.playbook)];
  if (left === undefined || right === undefined) return left !== right;
  if (!isDeepStrictEqual(rulesOf(left), rulesOf(right))) return true;
  const [old, next] = [templateOf(before, customer, key, left, t), templateOf(after, customer, key, right, t)];
  return digestIn(before, old) !== digestIn(after, next);
}

function digestIn({ templates }: Outline, file: string | undefined): string | undefined {
  return file === undefined ? undefined : templates[file];
}

/**
 * Looks at everybody, page after page.
 *
 * @param told how many customers have been looked at
 */
export async function countWaiting(
  store: Pick<CensusStore, 'page'>,
  before: Outline,
  after: Outline,
  t: Instant,
  told: (customers: number) => void,
): Promise<Waiting> {
  let [customers, messages] = [0, 0];
  const touched = new Map<string, number>();
  let next: string | undefined;
  do {
    const page = await store.page(next);
    for (const customer of page.customers) {
      customers += 1;
      for (const key of Object.keys(customer.pending)) {
        messages += 1;
        if (!isTouched(before, after, customer, key, t)) continue;
        const { programme = '', step = '' } = parseKey(key) ?? {};
        const name = `${programme}/${step}`;
        touched.set(name, (touched.get(name) ?? 0) + 1);
      }
    }
    told(customers);
    ({ next } = page);
  } while (next !== undefined);
  const most = [...touched].toSorted(([, left], [, right]) => right - left);
  return { customers, messages, touched: Object.fromEntries(most) };
}
