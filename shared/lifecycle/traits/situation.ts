/** What the rules about traits look at. */
import type { Living } from '../customer/profile.ts';
import type { Facts } from '../facts/facts.ts';
import type { Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';

export interface Situation {
  readonly facts: Facts;
  readonly playbook: Playbook;
  /** When the customer got a mail, ascending; empty where no rule asks. */
  readonly mails: readonly Instant[];
}

const NO_MAILS: readonly Instant[] = [];

/** The situation of a customer under a playbook; mail shown in shadow reached nobody. */
export function situationOf({ facts, recent }: Pick<Living, 'facts' | 'recent'>, playbook: Playbook): Situation {
  const mails = playbook.traits.neutral.clicksReported
    ? recent.flatMap(({ at, shadow }) => (shadow ? [] : [at])).toSorted((a, b) => a - b)
    : NO_MAILS;
  return { facts, playbook, mails };
}
