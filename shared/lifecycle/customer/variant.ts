/** Which variant of a step's mail fits a customer, and what the mail is called in the ledger. */
import { choicesOf } from '../facts/choices.ts';
import type { Playbook, Step } from '../playbook.ts';
import { stageOf } from '../stage.ts';
import type { Instant } from '../time.ts';
import { placedOf } from './message-key.ts';
import type { Living } from './profile.ts';

export type Variant = 'returning';

/** The variant of a step; whoever does not want tailored mail gets the general one, which has no name. */
export function variantFor(customer: Living, step: Step, playbook: Playbook, t: Instant): Variant | undefined {
  if (!choicesOf(customer.facts.choices).tailored) return undefined;
  const { returning } = stageOf(customer.facts, playbook.stages, t);
  return step.variants?.find((each) => each === 'returning' && returning);
}

/** `programme/step`, with `@variant` where there is one: what the ledger calls a mail. */
export function mailName(programme: string, step: string, variant: Variant | undefined): string {
  return variant === undefined ? `${programme}/${step}` : `${programme}/${step}@${variant}`;
}

/** What the mail of a message would have been called at `t`; undefined for a step that left the playbook. */
export function intendedMail(customer: Living, key: string, playbook: Playbook, t: Instant): string | undefined {
  const placed = placedOf(key, playbook);
  return placed && mailName(placed.programme.id, placed.step.id, variantFor(customer, placed.step, playbook, t));
}
