/** Claims whose lease is over: rule 8 of the sending protocol. Evidence decides, else the programme's policy. */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import { dropEnded, giveBack, type LedgerEntry, OUTCOME_UNKNOWN } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Flight, Living } from '../../shared/lifecycle/customer/profile.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

interface Services {
  readonly store: CustomerStore;
  readonly playbook: Playbook;
}

function repeats(key: string, playbook: Playbook): boolean {
  const programme = parseKey(key)?.programme;
  return playbook.programmes.find((each) => each.id === programme)?.afterUnknown === 'repeat once';
}

function unknownEntry(customerId: string, key: string, flight: Flight, t: Instant): LedgerEntry {
  const { moment, decidedAt, attempt, cause } = flight;
  return {
    customerId,
    key,
    outcome: 'failed',
    reason: OUTCOME_UNKNOWN,
    moment,
    decidedAt,
    endedAt: t,
    attempt,
    ...(cause !== undefined && { cause }),
  };
}

/** The customer without flights whose lease ended; each became pending again, or ended as the ledger says. */
export async function resolveLeases({ store, playbook }: Services, customer: Living, t: Instant): Promise<Living> {
  let resolved = customer;
  for (const [key, flight] of Object.entries(customer.flight)) {
    if (flight.lease > t) continue;
    const ended = await store.readEntry(customer.customerId, key);
    if (ended === undefined && flight.attempt === 1 && repeats(key, playbook)) {
      resolved = giveBack(resolved, key, flight, flight.attempt + 1, t);
      continue;
    }
    const unknown = unknownEntry(customer.customerId, key, flight, t);
    // Only if absent: the evidence may have come this very moment, and then it counts.
    if (ended === undefined) await store.writeEntry(unknown);
    const final = ended ?? (await store.readEntry(customer.customerId, key)) ?? unknown;
    resolved = dropEnded(resolved, key, flight, final, playbook);
  }
  return resolved;
}
