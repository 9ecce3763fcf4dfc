/**
 * Taking in one report of SES: rule 9 of the sending protocol, then what it means for the address. Reports are best
 * effort, out of order and doubled, so each step is idempotent and none relies on another report.
 */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { Announcer } from '../../shared/adapters/announcer.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { Meter } from '../../shared/adapters/meter.ts';
import { reviseAddress } from '../../shared/adapters/revise.ts';
import { METRIC, programmeValue } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { countTransient, delivered, suppress, type Suppression } from '../../shared/lifecycle/address.ts';
import { entryOf, type LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { DeliveryMark } from '../../shared/lifecycle/customer/delivery.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { addressSuppressed } from '../../shared/lifecycle/events/address-suppressed.ts';
import { mailClicked } from '../../shared/lifecycle/events/mail-clicked.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';
import { countEnd } from '../closings.ts';
import { type Origin, originOf, type SesEvent } from './ses-event.ts';

export interface FeedbackServices {
  readonly store: CustomerStore;
  readonly addresses: AddressBook;
  readonly announcer: Announcer;
  readonly meter: Meter;
  readonly playbook: Pick<Playbook, 'bounces'>;
  /** Keyed hash of an address. */
  readonly hashOf: (address: string) => Promise<string>;
}

/** A reader who takes mail out of the spam folder is reported as a complaint, too. */
const NOT_SPAM = 'not-spam';

/** The kind of a report, where SES names one. */
const because = (detail: string | undefined) => (detail === undefined ? {} : { detail });

/** What a report shows of the mail; undefined when it does not show that SES accepted it. */
function markOf(event: SesEvent): DeliveryMark | undefined {
  const { eventType, mail } = event;
  switch (eventType) {
    case 'Send':
      return { status: 'sent', at: mail.timestamp };
    case 'DeliveryDelay':
      return { status: 'delayed', at: event.deliveryDelay.timestamp, ...because(event.deliveryDelay.delayType) };
    case 'Delivery':
      return { status: 'delivered', at: event.delivery.timestamp };
    case 'Bounce': {
      const { timestamp, bounceType, bounceSubType } = event.bounce;
      const detail = bounceSubType === undefined ? bounceType : `${bounceType}/${bounceSubType}`;
      return { status: 'bounced', at: timestamp, detail };
    }
    case 'Complaint': {
      const { timestamp, complaintFeedbackType: type } = event.complaint;
      if (type === NOT_SPAM) return { status: 'sent', at: mail.timestamp };
      return { status: 'complained', at: timestamp, ...because(type) };
    }
    // SES took the mail, then found a virus in it; it does not say when.
    case 'Reject':
      return { status: 'rejected', at: mail.timestamp, ...because(event.reject.reason) };
    case 'Open':
      return { seen: 'opened', at: event.open.timestamp };
    case 'Click':
      return { seen: 'clicked', at: event.click.timestamp };
    case 'Rendering Failure':
    case 'Subscription':
      return undefined;
    default:
      return eventType satisfies never;
  }
}

/** The customer the mail went to, while the life lasts in which it was sent. */
async function livingOf(store: CustomerStore, { customerId, life }: Origin): Promise<Living | undefined> {
  const profile = await store.load(customerId);
  return profile?.kind === 'living' && profile.life === life ? profile : undefined;
}

/** The entry that the report alone makes, with what is still known of the message. */
function entryFromEvidence(
  { customerId, key, attempt, release, template, locale, insteadOf }: Origin,
  { timestamp, messageId }: SesEvent['mail'],
  known: Pick<LedgerEntry, 'moment' | 'decidedAt' | 'cause'> | undefined,
): LedgerEntry {
  const message = { ...(known ?? { moment: timestamp, decidedAt: timestamp }), attempt };
  return entryOf(customerId, key, message, {
    outcome: 'sent',
    endedAt: timestamp,
    messageId,
    evidence: true,
    ...(release !== undefined && { release }),
    ...(template !== undefined && { template }),
    ...(locale !== undefined && { locale }),
    ...(insteadOf !== undefined && { insteadOf }),
  });
}

/**
 * Rule 9. The usual report finds its message sent, and marks it with one write and no read.
 *
 * @returns false when the customer has been erased since: nothing may be written of that life
 */
async function markSent(
  { store, meter }: FeedbackServices,
  origin: Origin,
  mail: SesEvent['mail'],
  mark: DeliveryMark,
): Promise<boolean> {
  const { customerId, key } = origin;
  const marked = await store.markDelivery(customerId, key, mark);
  if (marked === 'marked' || marked === 'not further') return true;
  const customer = await livingOf(store, origin);
  if (customer === undefined) return false;
  const known =
    marked === 'not sent'
      ? await store.readEntry(customerId, key)
      : (customer.flight[key] ?? customer.pending[key] ?? customer.closing[key]);
  // Only if absent or not sent: what the sender wrote in the meantime knows more, and stays.
  const entry = entryFromEvidence(origin, mail, known);
  if (await store.writeEntry(entry)) countEnd(meter, entry);
  await store.markDelivery(customerId, key, mark);
  return true;
}

interface Suppressing {
  readonly reason: Suppression;
  readonly at: Instant;
  readonly feedbackId: string;
  readonly recipients: readonly { readonly emailAddress: string }[];
}

/** Who must get no mail any more, and why; undefined when the report is no reason for that. */
function suppressionIn(event: SesEvent): Suppressing | undefined {
  if (event.eventType === 'Bounce' && event.bounce.bounceType === 'Permanent') {
    const { timestamp, feedbackId, bouncedRecipients } = event.bounce;
    return { reason: 'hard bounce', at: timestamp, feedbackId, recipients: bouncedRecipients };
  }
  if (event.eventType === 'Complaint' && event.complaint.complaintFeedbackType !== NOT_SPAM) {
    const { timestamp, feedbackId, complainedRecipients } = event.complaint;
    return { reason: 'spam complaint', at: timestamp, feedbackId, recipients: complainedRecipients };
  }
  return undefined;
}

/** Suppresses the addresses whoever uses them. The first reason stays, so doing it again changes nothing. */
async function suppressAddresses(
  { addresses, meter, hashOf }: FeedbackServices,
  { customerId, key, programme }: Origin,
  { reason, at, recipients }: Suppressing,
): Promise<void> {
  for (const { emailAddress } of recipients) {
    let isNew = false;
    await reviseAddress(addresses, await hashOf(emailAddress), (each) => {
      const suppressed = suppress(each, reason, at);
      isNew = suppressed !== each;
      return suppressed;
    });
    if (isNew) {
      const about = { programme: programmeValue(programme), customerId, key, reason };
      meter.count(METRIC.addressesLost, about, reason === 'spam complaint' ? 1 : 0);
    }
  }
}

/** What the report says of the address beyond a suppression: it bounced for now, or it works. */
async function noteAddress(services: FeedbackServices, event: SesEvent): Promise<void> {
  const { addresses, playbook, hashOf } = services;
  if (event.eventType === 'Delivery') {
    const { timestamp } = event.delivery;
    for (const address of event.mail.destination) {
      // Hardly ever is there anything to clear: a read, and no write.
      await reviseAddress(addresses, await hashOf(address), (each) => delivered(each, timestamp));
    }
  }
  if (event.eventType === 'Bounce' && event.bounce.bounceType !== 'Permanent') {
    const { timestamp, feedbackId, bouncedRecipients } = event.bounce;
    for (const { emailAddress } of bouncedRecipients) {
      // Where nobody is mailed any more there is nothing to protect, and the item would outlive its reader's erasure.
      await reviseAddress(addresses, await hashOf(emailAddress), (each) =>
        Object.keys(each.holders).length === 0 ? each : countTransient(each, feedbackId, timestamp, playbook.bounces),
      );
    }
  }
}

/**
 * Takes in one report. May be called any number of times and in any order.
 *
 * @throws TooManyConflicts, AnnouncementFailed, faults of the store: deliver again
 */
export async function recordFeedback(services: FeedbackServices, event: SesEvent): Promise<void> {
  const { store, announcer, meter } = services;
  const { eventType, mail } = event;
  const origin = originOf(mail.tags);
  const mark = markOf(event);
  if (origin === undefined) {
    meter.note(NOTE.reportUnknown, { event: eventType });
    return undefined;
  }
  // SES itself counts what it sent and delivered.
  if (eventType !== 'Send' && eventType !== 'Delivery') {
    const kind = mark !== undefined && 'detail' in mark ? mark.detail : undefined;
    meter.note(NOTE.reported, { event: eventType, programme: origin.programme, ...(kind !== undefined && { kind }) });
  }
  if (mark === undefined) return undefined;

  // First of all, and also for somebody erased: whoever reads mail there is protected from every other customer id.
  const suppression = suppressionIn(event);
  if (suppression !== undefined) await suppressAddresses(services, origin, suppression);
  if (!(await markSent(services, origin, mail, mark))) {
    meter.note(NOTE.reportUnknown, { event: eventType });
    return undefined;
  }
  await noteAddress(services, event);
  if (event.eventType === 'Click') return tellFirstClick(services, origin, event);
  if (suppression === undefined || (await livingOf(store, origin)) === undefined) return undefined;
  const { customerId, programme, step } = origin;
  const { reason, at, feedbackId } = suppression;
  // The id and everything else come from the report: doubled, it is the same event.
  return announcer.announce([
    {
      detailType: addressSuppressed.type,
      id: `suppressed/${feedbackId}`,
      occurredAt: at,
      data: { customerId, reason, programme, step },
    },
  ]);
}

/**
 * The first click in a mail is an event about its reader; later ones are not. Which one was the first is read from what
 * has been marked, so that a report delivered again, because the bus did not answer, says it again under the same id.
 */
async function tellFirstClick(
  { store, announcer }: FeedbackServices,
  { customerId, key }: Origin,
  { click, mail }: Extract<SesEvent, { eventType: 'Click' }>,
): Promise<void> {
  const at = click.timestamp;
  const entry = await store.readEntry(customerId, key);
  if (entry?.delivery?.clickedAt !== at) return;
  await announcer.announce([
    {
      detailType: mailClicked.type,
      id: `clicked/${mail.messageId}/${at}`,
      occurredAt: at,
      data: { customerId, key },
    },
  ]);
}
