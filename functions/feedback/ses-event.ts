/**
 * What SES reports about a mail, as far as we read it. Addresses are read where one has to be suppressed, and texts of
 * mail servers nowhere, for they quote addresses.
 */
import * as z from 'zod/mini';
import { type MessageKey, parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

const instant = z.pipe(
  z.iso.datetime({ offset: true }),
  z.transform((text: string): Instant => Date.parse(text)),
);
const recipients = z.array(z.object({ emailAddress: z.string() }));

/** A kind as SES names it, such as `MailboxFull` or `not-spam`. Some come from other people's mail servers. */
const KIND = /^[A-Za-z][A-Za-z -]{0,39}$/u;
const kind = z.optional(
  z.pipe(
    z.unknown(),
    z.transform((text) => (typeof text === 'string' && KIND.test(text) ? text : undefined)),
  ),
);

const mail = z.object({
  timestamp: instant,
  messageId: z.string(),
  destination: z.array(z.string()),
  tags: z.optional(z.record(z.string(), z.array(z.string()))),
});

const sesEvent = z.discriminatedUnion('eventType', [
  z.object({ eventType: z.literal('Send'), mail }),
  z.object({ eventType: z.literal('Delivery'), mail, delivery: z.object({ timestamp: instant }) }),
  z.object({
    eventType: z.literal('DeliveryDelay'),
    mail,
    deliveryDelay: z.object({ timestamp: instant, delayType: kind }),
  }),
  z.object({
    eventType: z.literal('Bounce'),
    mail,
    bounce: z.object({
      timestamp: instant,
      feedbackId: z.string(),
      bounceType: z.enum(['Permanent', 'Transient', 'Undetermined']),
      bounceSubType: kind,
      bouncedRecipients: recipients,
    }),
  }),
  z.object({
    eventType: z.literal('Complaint'),
    mail,
    complaint: z.object({
      timestamp: instant,
      feedbackId: z.string(),
      complaintFeedbackType: kind,
      complainedRecipients: recipients,
    }),
  }),
  z.object({ eventType: z.literal('Reject'), mail, reject: z.object({ reason: kind }) }),
  z.object({ eventType: z.literal('Open'), mail, open: z.object({ timestamp: instant }) }),
  z.object({ eventType: z.literal('Click'), mail, click: z.object({ timestamp: instant }) }),
  z.object({ eventType: z.literal('Rendering Failure'), mail }),
  z.object({ eventType: z.literal('Subscription'), mail }),
]);

export type SesEvent = z.output<typeof sesEvent>;

const EVENT_TYPES: ReadonlySet<string> = new Set<SesEvent['eventType']>([
  'Send',
  'Delivery',
  'DeliveryDelay',
  'Bounce',
  'Complaint',
  'Reject',
  'Open',
  'Click',
  'Rendering Failure',
  'Subscription',
]);

/**
 * Reads the detail of an event of SES.
 *
 * @returns undefined for a type nobody here knows
 * @throws ZodError when it is not what SES documents
 */
export function readSesEvent(detail: unknown): SesEvent | undefined {
  const { eventType } = z.object({ eventType: z.string() }).parse(detail);
  return EVENT_TYPES.has(eventType) ? sesEvent.parse(detail) : undefined;
}

/** Which of our messages a mail was, from the tags it was sent with. They suffice for an entry of the ledger. */
export interface Origin extends MessageKey {
  readonly customerId: string;
  readonly key: string;
  readonly attempt: number;
  readonly release?: string;
  readonly template?: string;
  readonly locale?: string;
  readonly insteadOf?: string;
}

/** Text from base64url; undefined when that is not how the tag was written. */
function decoded(tag: string | undefined): string | undefined {
  const bytes = Buffer.from(tag ?? '', 'base64url');
  const text = bytes.toString('utf8');
  return text !== '' && Buffer.from(text).toString('base64url') === tag ? text : undefined;
}

/** `template:locale`, where the template may name its variant; and the reader's own language where there was none of it. */
const MADE_OF = /^(?<template>[^:]+):(?<locale>[^:]+)(?::(?<insteadOf>[^:]+))?$/su;

const ATTEMPT = /^[1-9]\d{0,2}$/u;

/** The message behind a mail; undefined for a mail that is not ours. Tags of release and template may be missing. */
export function originOf(tags: SesEvent['mail']['tags']): Origin | undefined {
  const [customerId, key, madeOf] = ['c', 'k', 'v'].map((name) => decoded(tags?.[name]?.[0]));
  const [attempt = '', release] = ['n', 'r'].map((name) => tags?.[name]?.[0]);
  const parts = key === undefined ? undefined : parseKey(key);
  if (customerId === undefined || key === undefined || parts === undefined || !ATTEMPT.test(attempt)) return undefined;
  const { template, locale, insteadOf } = MADE_OF.exec(madeOf ?? '')?.groups ?? {};
  return {
    ...parts,
    customerId,
    key,
    attempt: Number(attempt),
    ...(release !== undefined && { release }),
    ...(template !== undefined && { template }),
    ...(locale !== undefined && { locale }),
    ...(insteadOf !== undefined && { insteadOf }),
  };
}
