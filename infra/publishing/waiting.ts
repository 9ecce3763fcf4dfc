/**
 * Which waiting messages another release changes: by the very template each would be made of, by the data it shows, and by
 * what the playbook says of its step, its offer and everybody. Rather one too many than that it changes none.
 */
import { isDeepStrictEqual } from 'node:util';
import type { CensusStore } from '../../shared/adapters/census-store.ts';
import { findTemplate, UnknownTemplate } from '../../shared/email/release.ts';
import { parseKey, placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { variantFor } from '../../shared/lifecycle/customer/variant.ts';
import { localeOf } from '../../shared/lifecycle/facts/choices.ts';
import type { Placed, Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Offer } from '../../shared/lifecycle/playbook/offers.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { carriedBy } from './carried.ts';
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

/** What the playbook says of a step, and of those around it only what decides on it. */
function rulesOf({ programme, series, step }: Placed) {
  const { series: all, ...ofProgramme } = programme;
  const { steps, ...ofSeries } = series;
  const followed = steps.find(({ id }) => id === step.follows);
  return { ofProgramme, apart: all.map(({ apart }) => apart), ofSeries, followed, step };
}

/** What the playbook says of all steps; how urgently a person is called changes no mail. */
function rulesOfAll(
  { programmes: _steps, offers: _named, attention: _calls, caps, bounces, quietHours, cooldown, ...rest }: Playbook,
  { step }: Placed,
) {
  return step.class === 'service' ? rest : { ...rest, caps, bounces, quietHours, cooldown };
}

/** What the playbook says of the offer a step makes: how long others rest decides on it, too. */
function offerOf({ offers: { byName, ...ofAll } }: Playbook, { step }: Placed) {
  if (step.offer === undefined) return undefined;
  const definitions = new Map<string, Offer | undefined>();
  for (let name: string | undefined = step.offer; name !== undefined && !definitions.has(name);) {
    const offer: Offer | undefined = byName[name];
    definitions.set(name, offer);
    name = offer?.notBelow;
  }
  const rests = Object.entries(byName).map(([name, { restAfter }]) => [name, restAfter]);
  return { ofAll, definitions, rests: Object.fromEntries(rests) };
}

/** All that decides on the mails of a step or shows in them, but their templates. */
function groundsOf({ playbook, manifest, sources }: Outline, placed: Placed) {
  return [
    rulesOf(placed),
    rulesOfAll(playbook, placed),
    offerOf(playbook, placed),
    carriedBy(placed, manifest, sources),
  ];
}

/** Whether a waiting message becomes another one, or none, at `t`. */
type IsTouched = (customer: Living, key: string, t: Instant) => boolean;

/** How a release touches waiting messages; what all messages of a step have in common is compared once. */
export function touchedBy(before: Outline, after: Outline): IsTouched {
  const known = new Map<Placed, boolean>();
  return (customer, key, t) => {
    const [left, right] = [placedOf(key, before.playbook), placedOf(key, after.playbook)];
    if (left === undefined || right === undefined) return left !== right;
    const differs = known.get(right) ?? !isDeepStrictEqual(groundsOf(before, left), groundsOf(after, right));
    known.set(right, differs);
    if (differs) return true;
    const [old, next] = [templateOf(before, customer, key, left, t), templateOf(after, customer, key, right, t)];
    return digestIn(before, old) !== digestIn(after, next);
  };
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
  const isTouched = touchedBy(before, after);
  let next: string | undefined;
  do {
    const page = await store.page(next);
    for (const customer of page.customers) {
      customers += 1;
      for (const key of Object.keys(customer.pending)) {
        messages += 1;
        if (!isTouched(customer, key, t)) continue;
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
