/** What a story about a customer is told from: everything stored about them, and the rules they live under. */
import type { Address } from '../address.ts';
import type { LedgerEntry } from '../customer/claim.ts';
import type { Holdout } from '../customer/permit.ts';
import type { Living, Profile } from '../customer/profile.ts';
import type { CustomerEvent } from '../events/definition.ts';
import type { Lane } from '../lane.ts';
import type { Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';

/** What is stored about one customer, and about whatever may hold their mail. */
export interface Dossier<P extends Profile = Profile> {
  readonly profile: P;
  readonly journal: readonly CustomerEvent[];
  readonly ledger: readonly LedgerEntry[];
  /** Of the present address; absent when nothing is stored of it, or it may not be read. */
  readonly address?: Address;
  readonly lane?: Lane;
}

export type LivingDossier = Dossier<Living>;

/** What the functions decide by. */
export interface Setting {
  readonly playbook: Playbook;
  /** Absent when it is not known here. */
  readonly holdout?: Holdout;
  readonly now: Instant;
  /** Told to the person themselves: nobody else is named. */
  readonly toThePerson?: boolean;
}
