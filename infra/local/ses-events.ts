/**
 * The events by which SES reports what became of a mail, in the shape in which it puts them on the default bus. Every
 * tag value is a list, and an event may be late, twice there, or missing: SES promises nothing else.
 */
import type { BusEvent } from './bus.ts';

/** What may become of a mail; recipients are those of the mail, of which there is one. */
export type MailOutcome =
  | { readonly kind: 'send' }
  | { readonly kind: 'delivery' }
  | { readonly kind: 'deliveryDelay' }
  | {
      readonly kind: 'bounce';
      readonly bounceType: 'Permanent' | 'Transient' | 'Undetermined';
      /** Default `General`. */
      readonly bounceSubType?: string;
    }
  | { readonly kind: 'complaint' }
  | { readonly kind: 'reject' }
  | { readonly kind: 'renderingFailure' }
  | { readonly kind: 'open' }
  | { readonly kind: 'click'; readonly link: string }
  | { readonly kind: 'subscription' };

/** As templates name them when they subscribe. */
export const OUTCOME_KINDS = [
  'send',
  'reject',
  'bounce',
  'complaint',
  'delivery',
  'open',
  'click',
  'renderingFailure',
  'deliveryDelay',
  'subscription',
] as const satisfies readonly MailOutcome['kind'][];
export type OutcomeKind = MailOutcome['kind'];

/** What SES knows of a mail it accepted. */
export interface SentMail {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly source: string;
  readonly sourceArn: string;
  readonly account: string;
  readonly destination: readonly string[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** With those that SES adds. */
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSetArn: string;
}

const DETAIL_TYPES: Readonly<Record<OutcomeKind, readonly [detailType: string, eventType: string]>> = {
  send: ['Email Sent', 'Send'],
  delivery: ['Email Delivered', 'Delivery'],
  deliveryDelay: ['Email Delivery Delayed', 'DeliveryDelay'],
  bounce: ['Email Bounced', 'Bounce'],
  complaint: ['Email Complaint Received', 'Complaint'],
  reject: ['Email Rejected', 'Reject'],
  renderingFailure: ['Email Rendering Failed', 'Rendering Failure'],
  open: ['Email Opened', 'Open'],
  click: ['Email Clicked', 'Click'],
  subscription: ['Email Subscribed', 'Subscription'],
};

/** Headers beyond this are cut, and the event says so. */
const MAX_HEADER_BYTES = 10 * 1024;
const REPORTING_MTA = 'a8-21.smtp-out.amazonses.com';
/** SES goes on trying for this long before a delayed mail bounces. */
const DELAY_EXPIRES_MS = 14 * 60 * 60 * 1000;
const DIAGNOSES = {
  Permanent: { action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' },
  Transient: { action: 'failed', status: '4.4.7', diagnosticCode: 'smtp; 421 4.4.7 mailbox not available' },
  // What SES cannot read it passes on without particulars.
  Undetermined: {},
} as const;
const SUPPRESSED =
  'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.';

/** @param at when it came about, epoch milliseconds, not before the mail was accepted */
export function eventOf(mail: SentMail, outcome: MailOutcome, at: number): BusEvent {
  const [detailType, eventType] = DETAIL_TYPES[outcome.kind];
  return {
    source: 'aws.ses',
    detailType,
    resources: [mail.configurationSetArn],
    time: at,
    detail: { eventType, ...particularsOf(mail, outcome, at), mail: mailOf(mail) },
  };
}

function particularsOf(mail: SentMail, outcome: MailOutcome, at: number): Readonly<Record<string, unknown>> {
  const timestamp = new Date(at).toISOString();
  const addresses = mail.destination.map((emailAddress) => ({ emailAddress }));
  const feedbackId = `0100${mail.id.slice(4, 8)}-${mail.id.slice(14, 50)}-000000`;
  const reader = { ipAddress: '192.0.2.1', userAgent: 'Mozilla/5.0', timestamp };
  switch (outcome.kind) {
    case 'send':
      return { send: {} };
    case 'delivery': {
      const processingTimeMillis = at - mail.at;
      const smtpResponse = '250 2.0.0 OK';
      const recipients = mail.destination;
      return { delivery: { timestamp, processingTimeMillis, recipients, smtpResponse, reportingMTA: REPORTING_MTA } };
    }
    case 'deliveryDelay': {
      const trouble = { status: '4.4.1', diagnosticCode: 'smtp; 421 4.4.1 unable to connect to remote host' };
      const delayedRecipients = addresses.map((address) => ({ ...address, ...trouble }));
      const expirationTime = new Date(mail.at + DELAY_EXPIRES_MS).toISOString();
      const delayType = 'TransientCommunicationFailure';
      return {
        deliveryDelay: { timestamp, delayType, expirationTime, delayedRecipients, reportingMTA: REPORTING_MTA },
      };
    }
    case 'bounce': {
      const { bounceType, bounceSubType = 'General' } = outcome;
      const suppressed = bounceSubType === 'Suppressed' && { diagnosticCode: SUPPRESSED };
      const bouncedRecipients = addresses.map((address) => ({ ...address, ...DIAGNOSES[bounceType], ...suppressed }));
      const reportingMTA = `dns; ${REPORTING_MTA}`;
      return { bounce: { feedbackId, bounceType, bounceSubType, bouncedRecipients, timestamp, reportingMTA } };
    }
    case 'complaint':
      return {
        complaint: {
          feedbackId,
          complaintSubType: null,
          complainedRecipients: addresses,
          timestamp,
          userAgent: 'Amazon SES Mailbox Simulator',
          complaintFeedbackType: 'abuse',
          arrivalDate: timestamp,
        },
      };
    case 'reject':
      return { reject: { reason: 'Bad content' } };
    case 'renderingFailure':
      return { failure: { errorMessage: 'Attribute is not present in the rendering data.', templateName: 'none' } };
    case 'open':
      return { open: reader };
    case 'click':
      return { click: { ...reader, link: outcome.link, linkTags: null } };
    case 'subscription': {
      const topics = { unsubscribeAll: true, topicSubscriptionStatus: [] };
      const [before, after] = [{ ...topics, unsubscribeAll: false }, topics];
      const source = 'UnsubscribeHeader';
      return {
        subscription: {
          contactList: 'none',
          timestamp,
          source,
          newTopicPreferences: after,
          oldTopicPreferences: before,
        },
      };
    }
    default:
      return outcome satisfies never;
  }
}

function mailOf(mail: SentMail) {
  const headers: { name: string; value: string }[] = [];
  let bytes = 0;
  for (const [name, value] of mail.headers) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (bytes > MAX_HEADER_BYTES) break;
    headers.push({ name, value });
  }
  const valueOf = (wanted: string): string | undefined =>
    mail.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const [from, to, date, subject] = ['from', 'to', 'date', 'subject'].map(valueOf);
  return {
    timestamp: new Date(mail.at).toISOString(),
    source: mail.source,
    sourceArn: mail.sourceArn,
    sendingAccountId: mail.account,
    messageId: mail.id,
    destination: mail.destination,
    headersTruncated: headers.length < mail.headers.length,
    headers,
    commonHeaders: {
      from: from === undefined ? [] : [from],
      date,
      to: [to ?? mail.destination.join(', ')],
      messageId: mail.id,
      subject,
    },
    tags: Object.fromEntries(Object.entries(mail.tags).map(([name, value]) => [name, [value]])),
  };
}
