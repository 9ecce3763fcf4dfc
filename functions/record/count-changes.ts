/** What one write made of a customer, counted once it is stored. */
import { isDeepStrictEqual } from 'node:util';
import type { Meter } from '../../shared/adapters/meter.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { readySince } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { type Living, NO_MEMORY, type Profile } from '../../shared/lifecycle/customer/profile.ts';
import { DAY, type Duration, type Instant, SECOND } from '../../shared/lifecycle/time.ts';

/** Counts stages and traits that began, people asked for, and attempts that are repeated for nobody knows their outcome. */
export function countChanges(meter: Meter, before: Profile | undefined, stored: Living): void {
  const { customerId, lastChanges } = stored;
  const known = before?.kind === 'living' ? before : undefined;
  const { attention, traits, flight } = known ?? NO_MEMORY;
  const isChanged = lastChanges !== undefined && !isDeepStrictEqual(lastChanges, known?.lastChanges);
  // Whoever is seen for the first time, and has not gone further at once, enters the stage of a lead.
  const entered = isChanged ? lastChanges.changes.map(({ to }) => to) : known === undefined ? [stored.stage] : [];
  for (const stage of entered) meter.count(METRIC.stageEntered, { stage, customerId });
  const had = new Set<string>(traits);
  for (const trait of stored.traits) if (!had.has(trait)) meter.note(NOTE.traitBegan, { trait });
  const called = new Set<string>(attention.map(({ id }) => id));
  for (const { id, reason, priority } of stored.attention) {
    if (!called.has(id)) meter.note(NOTE.attentionNeeded, { reason, priority });
  }
  for (const [key, { attempt }] of Object.entries(flight)) {
    const again = stored.pending[key];
    if (again !== undefined && again.attempt > attempt) meter.count(METRIC.outcomesUnknown, { customerId, key });
  }
}

/** Tells how long the messages have been waiting that could go and were known before: nobody has sent them yet. */
export function measureWaiting(meter: Meter, before: Profile | undefined, t: Instant): void {
  if (before?.kind !== 'living') return;
  const waits = Object.values(before.pending).map((message) => t - readySince(message));
  const longest = Math.max(...waits);
  if (longest >= 0) meter.count(METRIC.oldestSendable, {}, longest / SECOND);
}

/** A purchase so soon after a mail may have to do with it, or not: it correlates. */
const SOON_AFTER: Duration = 7 * DAY;

/** Counts a purchase at `at`, by whether the customer had got a mail in the days before, and the last one's programme. */
export function countPurchase(meter: Meter, customer: Profile | undefined, at: Instant): void {
  const mails = customer?.kind === 'living' ? customer.recent : [];
  const last = mails.findLast((each) => each.shadow !== true && each.at <= at && each.at > at - SOON_AFTER);
  const programme = last && parseKey(last.key)?.programme;
  if (programme === undefined) meter.count(METRIC.boughtAfterMail, {}, 0);
  else meter.count(METRIC.boughtAfterMail, { programme });
}
