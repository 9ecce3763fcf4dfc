/** Rules 5 and 6 of the sending protocol: what SES said goes into the ledger and the profile, as long as the claim is ours. */
import { revise } from '../../shared/adapters/revise.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import {
  entryOf,
  giveBack,
  type LedgerEntry,
  OUTCOME_UNKNOWN,
  settleRejected,
  settleSent,
} from '../../shared/lifecycle/customer/claim.ts';
import type { Flight, Living, Profile } from '../../shared/lifecycle/customer/profile.ts';
import { readyToStore } from '../../shared/lifecycle/customer/react.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { countEnd } from '../closings.ts';
import type { Held } from './claim.ts';
import type { SendServices } from './send-services.ts';

/** Changes the profile as long as the claim is ours; undefined when it no longer is. */
function whileMine(
  { store, playbook, meter, now }: SendServices,
  key: string,
  token: string,
  held: Held,
  change: (customer: Living, flight: Flight) => Living,
): Promise<Living | undefined> {
  const mine = (profile: Profile | undefined): Living | undefined => {
    const flight = profile?.kind === 'living' ? profile.flight[key] : undefined;
    if (profile?.kind !== 'living' || flight?.token !== token) return undefined;
    return readyToStore(change(profile, flight), playbook, now());
  };
  const { customerId } = held.customer;
  return revise(store, customerId, held.customer, mine, () => meter.count(METRIC.versionConflicts, { customerId }));
}

/** Rule 6: SES did not take the message and may take it later. */
export async function putBack(
  services: SendServices,
  key: string,
  token: string,
  held: Held,
  until: Instant,
  heldBy: string,
): Promise<void> {
  await whileMine(services, key, token, held, (customer, flight) => giveBack(customer, key, flight, until, heldBy));
}

/** Rule 5: the message has ended. */
export async function settle(
  services: SendServices,
  key: string,
  token: string,
  held: Held,
  end: Pick<LedgerEntry, 'outcome' | 'reason' | 'messageId' | 'shadow'>,
): Promise<void> {
  const { store, playbook, meter } = services;
  const { customer, flight, mail } = held;
  const { customerId } = customer;
  const t = services.now();
  const { release, template, locale, insteadOf } = mail;
  const made = { release, template, locale, ...(insteadOf !== undefined && { insteadOf }) };
  const entry = entryOf(customerId, key, flight, { endedAt: t, ...made, ...end });
  if (await store.writeEntry(entry)) countEnd(meter, entry);
  const settled = await whileMine(services, key, token, held, (current, claimed) =>
    end.outcome === 'sent' || end.reason === OUTCOME_UNKNOWN
      ? settleSent(current, key, t, end.shadow)
      : settleRejected(current, key, claimed, playbook),
  );
  if (settled !== undefined) return;
  // The person was erased meanwhile: the entry just written must not outlive them.
  const now = await store.load(customerId);
  if (now === undefined || now.kind === 'erased' || now.life !== customer.life)
    await store.removeEntry(customerId, key);
}
