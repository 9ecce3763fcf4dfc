/** Claims whose lease is over: rule 8 of the sending protocol. Evidence decides, else the programme's policy. */
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { dropEnded, entryOf, OUTCOME_UNKNOWN, repeat } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { intendedMail } from '../../shared/lifecycle/customer/variant.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { countEnd } from '../closings.ts';

interface Services {
  readonly store: CustomerStore;
  readonly meter: Meter;
  readonly playbook: Playbook;
  readonly releaseId: string;
}

function repeats(key: string, playbook: Playbook): boolean {
  const programme = parseKey(key)?.programme;
  return playbook.programmes.find((each) => each.id === programme)?.afterUnknown === 'repeat once';
}

/** The customer without flights whose lease ended; each became pending again, or ended as the ledger says. */
export async function resolveLeases(
  { store, meter, playbook, releaseId }: Services,
  customer: Living,
  t: Instant,
): Promise<Living> {
  let resolved = customer;
  for (const [key, flight] of Object.entries(customer.flight)) {
    if (flight.lease > t) continue;
    const ended = await store.readEntry(customer.customerId, key);
    if (ended === undefined && flight.attempt === 1 && repeats(key, playbook)) {
      resolved = repeat(resolved, key, flight, t);
      continue;
    }
    const template = intendedMail(customer, key, playbook, t);
    const unknown = entryOf(customer.customerId, key, flight, {
      outcome: 'failed',
      reason: OUTCOME_UNKNOWN,
      endedAt: t,
      release: releaseId,
      ...(template !== undefined && { template }),
    });
    // Only if absent: the evidence may have come this very moment, and then it counts.
    if (ended === undefined && (await store.writeEntry(unknown))) {
      countEnd(meter, unknown);
      meter.count(METRIC.outcomesUnknown, { customerId: customer.customerId, key });
    }
    const final = ended ?? (await store.readEntry(customer.customerId, key)) ?? unknown;
    resolved = dropEnded(resolved, key, flight, final, playbook);
  }
  return resolved;
}
