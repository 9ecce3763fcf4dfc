/** Which variant of a step's mail fits a customer, and what the mail is called in the ledger. */
import { caseOf } from '../cases.ts';
import { choicesOf } from '../facts/choices.ts';
import type { Placed, Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';
import { situationOf } from '../traits/situation.ts';
import { hasTrait } from '../traits/traits.ts';
import { parseKey, placedOf } from './message-key.ts';
import type { Living } from './profile.ts';

/**
 * The variant of a step: the first of its wordings whose trait the customer has, or that the case is about. Whoever does not want tailored mail gets the general one,
 * which has no name.
 *
 * @param key of the message; its episode names the case
 */
export function variantFor(
  customer: Living,
  key: string,
  placed: Placed,
  playbook: Playbook,
  t: Instant,
): string | undefined {
  const { variants } = placed.step;
  if (variants === undefined || !choicesOf(customer.facts.choices).tailored) return undefined;
  const about = caseOf(customer, placed, parseKey(key)?.episode, playbook)?.about;
  const situation = situationOf(customer, playbook);
  return variants.find((each) => each === about || hasTrait(situation, each, t));
}

/** `programme/step`, with `@variant` where there is one: what the ledger calls a mail. */
export function mailName(programme: string, step: string, variant: string | undefined): string {
  return variant === undefined ? `${programme}/${step}` : `${programme}/${step}@${variant}`;
}

/** What the mail of a message would have been called at `t`; undefined for a step that left the playbook. */
export function intendedMail(customer: Living, key: string, playbook: Playbook, t: Instant): string | undefined {
  const placed = placedOf(key, playbook);
  return placed && mailName(placed.programme.id, placed.step.id, variantFor(customer, key, placed, playbook, t));
}
