/**
 * What the facts newly say against promotional mail, however it reached us: chosen on a page or in the shop, reported as
 * spam, or a consent withdrawn. Derived from the facts before and after. One that a later consent has lifted is told all
 * the same: the times decide when mail is claimed, so it makes no difference which of the two arrives first.
 */
import * as z from 'zod/mini';
import type { CustomerEvent } from '../events/definition.ts';
import { consent } from '../events/fields.ts';
import type { Instant } from '../time.ts';
import { choicesOf } from './choices.ts';
import type { Facts } from './facts.ts';
import { personOf } from './person.ts';

export interface OptOut {
  /** Undefined: all promotional mail. */
  readonly programme?: string;
  readonly at: Instant;
}

/** The choices that refuse mail. */
function refusalsIn({ choices }: Facts): readonly OptOut[] {
  const { promotion, programmes } = choicesOf(choices);
  const refusals: OptOut[] = promotion?.value === 'off' ? [{ at: promotion.at }] : [];
  for (const [programme, { value, at }] of Object.entries(programmes)) {
    if (value === 'off') refusals.push({ programme, at });
  }
  return refusals;
}

const withConsent = z.object({ consent });

function isYes(marketing: string | undefined): boolean {
  return marketing === 'opt_in' || marketing === 'soft_opt_in';
}

/**
 * When a consent was taken back. Who never gave one has taken nothing back: a box left empty at the checkout says
 * nothing against the mail somebody else at that address asked for.
 */
function withdrawnAt(before: Facts, after: Facts, events: readonly CustomerEvent[]): Instant | undefined {
  const { consent: standing } = after;
  if (standing?.marketing !== 'none') return undefined;
  // Within one delivery, or with the older one arriving last, the facts never show the consent that was given.
  const given = events.some((event) => {
    const said = withConsent.safeParse(event.data).data?.consent;
    return said !== undefined && isYes(said.marketing) && Date.parse(said.at) <= standing.at;
  });
  return given || isYes(before.consent?.marketing) ? standing.at : undefined;
}

/**
 * The opt-outs in `after` that were not in `before`; all of them when the person's address was not known before.
 *
 * @param events those taken in between the two
 */
export function newOptOuts(before: Facts, after: Facts, events: readonly CustomerEvent[]): readonly OptOut[] {
  const known = personOf(before.person).email === undefined ? [] : refusalsIn(before);
  const refused = refusalsIn(after).filter(
    ({ programme, at }) => !known.some((each) => each.programme === programme && each.at >= at),
  );
  const withdrawn = withdrawnAt(before, after, events);
  return withdrawn === undefined ? refused : [...refused, { at: withdrawn }];
}
