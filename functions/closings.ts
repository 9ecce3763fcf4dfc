/** The end of a message that is not sent: rule 7 of the sending protocol. Whoever sees `closing` finishes it. */
import type { CustomerStore } from '../shared/adapters/customer-store.ts';
import type { Meter } from '../shared/adapters/meter.ts';
import { revise } from '../shared/adapters/revise.ts';
import { METRIC, programmeValue } from '../shared/contracts/metrics.ts';
import { entryOf, finishClosing, type LedgerEntry } from '../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../shared/lifecycle/customer/message-key.ts';
import type { Living, Profile } from '../shared/lifecycle/customer/profile.ts';
import { readyToStore } from '../shared/lifecycle/customer/react.ts';
import { intendedMail } from '../shared/lifecycle/customer/variant.ts';
import type { Playbook } from '../shared/lifecycle/playbook.ts';
import type { Instant } from '../shared/lifecycle/time.ts';

interface Services {
  readonly store: CustomerStore;
  readonly meter: Meter;
  readonly playbook: Playbook;
  /** The release a mail would have been made from. */
  readonly releaseId: string;
  readonly now: () => Instant;
}

/** Counts the end of a message, once its ledger entry is written. */
export function countEnd(
  meter: Meter,
  { customerId, key, outcome, reason }: Pick<LedgerEntry, 'customerId' | 'key' | 'outcome' | 'reason'>,
): void {
  if (outcome === 'sent') {
    meter.count(METRIC.messagesSent, { programme: programmeValue(parseKey(key)?.programme), customerId, key });
  } else {
    meter.count(METRIC.messagesEnded, { outcome, customerId, key, ...(reason !== undefined && { reason }) });
  }
}

/** Writes the ledger entry of every closing message, then lets go of it. Safe to interrupt and to repeat. */
export async function finishClosings(services: Services, customer: Living): Promise<void> {
  const { store, meter, playbook, releaseId, now } = services;
  const { customerId } = customer;
  const closing = Object.entries(customer.closing);
  if (closing.length === 0) return;
  for (const [key, message] of closing) {
    const { outcome, reason, closedAt } = message;
    const template = intendedMail(customer, key, playbook, closedAt);
    const mail = { release: releaseId, ...(template !== undefined && { template }) };
    const entry = entryOf(customerId, key, message, { outcome, reason, endedAt: closedAt, ...mail });
    if (await store.writeEntry(entry)) countEnd(meter, entry);
  }
  const finished = (profile: Profile | undefined): Living | undefined => {
    if (profile?.kind !== 'living' || profile.life !== customer.life) return undefined;
    const left = closing.filter(([key]) => key in profile.closing);
    if (left.length === 0) return undefined;
    const without = left.reduce((each, [key]) => finishClosing(each, key, playbook), profile);
    return readyToStore(without, playbook, now());
  };
  await revise(store, customerId, customer, finished, () => meter.count(METRIC.versionConflicts, { customerId }));
}
