/** What SES may report of a mail, as it reports it: with the tags the mail was sent with. */
import type { SesEvent } from '../../functions/feedback/ses-event.ts';
import type { DeliveryMark } from '../../shared/lifecycle/customer/delivery.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

/** A mail SES has accepted. */
export interface Accepted {
  readonly customerId: string;
  readonly key: string;
  readonly to: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly at: Instant;
}

export const REPORTS = [
  'Send',
  'Delivery',
  'DeliveryDelay',
  'hard bounce',
  'soft bounce',
  'Complaint',
  'not spam',
  'Reject',
  'Open',
  'Click',
] as const;

export type ReportKind = (typeof REPORTS)[number];

/** One report, and what it says of the mail. */
export interface Report {
  readonly kind: ReportKind;
  readonly event: SesEvent;
  readonly mark: DeliveryMark;
}

/** @param id of the report; the same one again is a copy of it */
export function reportOf(kind: ReportKind, { to, tags, at }: Accepted, id: string, timestamp: Instant): Report {
  const mail = {
    timestamp: at,
    messageId: `ses-${at}`,
    destination: [to],
    tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
  };
  const recipients = [{ emailAddress: to }];
  switch (kind) {
    case 'Send':
      return { kind, event: { eventType: kind, mail }, mark: { status: 'sent', at } };
    case 'Delivery':
      return {
        kind,
        event: { eventType: kind, mail, delivery: { timestamp } },
        mark: { status: 'delivered', at: timestamp },
      };
    case 'DeliveryDelay': {
      const deliveryDelay = { timestamp, delayType: 'MailboxFull' };
      const mark = { status: 'delayed', at: timestamp, detail: 'MailboxFull' } as const;
      return { kind, event: { eventType: kind, mail, deliveryDelay }, mark };
    }
    case 'hard bounce':
    case 'soft bounce': {
      const bounceType: 'Permanent' | 'Transient' = kind === 'hard bounce' ? 'Permanent' : 'Transient';
      const bounce = { timestamp, feedbackId: id, bounceType, bounceSubType: 'General', bouncedRecipients: recipients };
      const mark = { status: 'bounced', at: timestamp, detail: `${bounceType}/General` } as const;
      return { kind, event: { eventType: 'Bounce', mail, bounce } as const, mark };
    }
    case 'Complaint':
    case 'not spam': {
      const isSpam = kind === 'Complaint';
      const type = isSpam ? 'abuse' : 'not-spam';
      const complaint = { timestamp, feedbackId: id, complaintFeedbackType: type, complainedRecipients: recipients };
      const event = { eventType: 'Complaint', mail, complaint } as const;
      const complained = { status: 'complained', at: timestamp, detail: type } as const;
      return { kind, event, mark: isSpam ? complained : { status: 'sent', at } };
    }
    case 'Reject':
      return {
        kind,
        event: { eventType: kind, mail, reject: { reason: 'Bad content' } },
        mark: { status: 'rejected', at, detail: 'Bad content' },
      };
    case 'Open':
      return { kind, event: { eventType: kind, mail, open: { timestamp } }, mark: { seen: 'opened', at: timestamp } };
    case 'Click':
      return { kind, event: { eventType: kind, mail, click: { timestamp } }, mark: { seen: 'clicked', at: timestamp } };
    default:
      return kind satisfies never;
  }
}
