/** What customers declare about themselves: L7, A8, A9. Declared beats inferred. */
import { NEVER } from '../time.ts';
import { firstOrderAt } from './before-purchase.ts';
import type { Situation } from './situation.ts';
import { during, NONE, type Reasoned, until } from './spans.ts';

/** L7: has told us where they bought before. */
export function switcher(situation: Situation): readonly Reasoned[] {
  const { facts, playbook } = situation;
  const supplier = facts.declared?.previousSupplier;
  if (supplier === undefined) return NONE;
  const { at, value } = supplier;
  return until(during(at, at + playbook.traits.switcher.lasts, `bought from ${value} before`), firstOrderAt(situation));
}

/** A8: short, and to the point. */
export function efficient({ facts }: Situation): readonly Reasoned[] {
  const style = facts.declared?.style;
  if (style?.value !== 'efficient' && style?.value !== 'both') return NONE;
  return during(style.at, NEVER, 'asked for short, factual mail');
}

/** A9: with reasons and benefits. */
export function traditional({ facts }: Situation): readonly Reasoned[] {
  const style = facts.declared?.style;
  if (style?.value !== 'traditional' && style?.value !== 'both') return NONE;
  return during(style.at, NEVER, 'asked for the reasons behind what we offer');
}
