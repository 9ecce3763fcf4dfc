/** From what arrives on the bus to a validated event, or to a refusal that names the field and what was expected. */
import * as z from 'zod/mini';
import { NAME } from '../name.ts';
import type { Instant } from '../time.ts';
import { MINUTE } from '../time.ts';
import type { CustomerEvent, EventType } from './definition.ts';
import { EVENT_TYPES, eventType } from './event-types.ts';
import { identifier, instant } from './fields.ts';

/** Clocks of honest machines differ; a shop more than this ahead of us has a wrong clock. */
export const FUTURE_TOLERANCE = 5 * MINUTE;
/** The two times that decide anything: a consent from the future would outrank every later withdrawal. */
const withOccurredAt = z.object({ metadata: z.object({ occurredAt: instant }) });
const withConsentAt = z.object({ data: z.object({ consent: z.object({ at: instant }) }) });
const anonymous = z.object({ data: z.object({ customerId: z.optional(z.union([z.null(), z.literal('')])) }) });
/** Web shops are younger than this; an older time is a unit mistake (seconds taken for milliseconds). */
const EARLIEST: Instant = Date.parse('1990-01-01T00:00:00Z');

const MAJOR_VERSION = 1;

/** The part of an EventBridge event that matters here. */
export interface Envelope {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

/** Why an event can never be taken in. `field` is a path below `detail`, or `source`; no value of the event is repeated. */
export interface Refusal {
  readonly detailType: string;
  readonly field: string;
  readonly expected: string;
}

export type Parsed =
  | { readonly kind: 'event'; readonly event: CustomerEvent }
  | { readonly kind: 'unknown'; readonly detailType: string }
  /** Browsing of somebody the shop does not know. */
  | { readonly kind: 'anonymous'; readonly detailType: string }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      /** What is wrong with each field that is wrong; {@link refusal} is the first. */
      readonly all: readonly Refusal[];
    };

const metadata = z.object(
  {
    id: identifier('the event id').check(
      z.describe('The event id. Opaque, 1-128 bytes. A repetition with the same id counts once, so a retry keeps it.'),
    ),
    version: z
      .literal(MAJOR_VERSION, { error: `expected version ${MAJOR_VERSION}, the only one there is` })
      .check(z.describe('The major version of this contract; another one is refused.')),
    occurredAt: instant.check(
      z.describe(
        `When it happened, not when it was sent: an ISO 8601 time with zone, at most ${FUTURE_TOLERANCE / MINUTE} minutes ahead.`,
      ),
    ),
    correlationId: z.optional(identifier('the correlation id')),
  },
  { error: 'expected an object with id, version and occurredAt' },
);

/** The whole `detail` of an event type, of which only `data` differs. */
export const detailSchema = (data: z.ZodMiniType<{ customerId: string }>) =>
  z.object({ metadata, data }, { error: 'expected an object with metadata and data' });

/** Made once: making a schema costs more than using it. */
const detailSchemas = new Map(EVENT_TYPES.map((each: EventType) => [each.type, detailSchema(each.schema)]));

/**
 * Validates one event.
 *
 * @param now the present, against which times in the future are judged
 */
export function parseEvent(envelope: Envelope, now: Instant): Parsed {
  const { detailType } = envelope;
  const schema = detailSchemas.get(detailType);
  if (schema === undefined) return { kind: 'unknown', detailType };
  if (eventType(detailType)?.look !== undefined && anonymous.safeParse(envelope.detail).success) {
    return { kind: 'anonymous', detailType };
  }
  const only = eventType(detailType)?.source;
  if (only !== undefined && envelope.source !== only) {
    const refusal = {
      detailType,
      field: 'source',
      expected: `expected the source ${only}, for nobody else may say so`,
    };
    return { kind: 'refused', refusal, all: [refusal] };
  }
  const result = schema.safeParse(envelope.detail);
  const issues = result.success ? [] : result.error.issues;
  const findings = [...issues.map(findingOf), ...wrongTimes(result.success ? result.data : envelope.detail, now)];
  const all = findings
    .filter(({ field }, index) => findings.findIndex((other) => other.field === field) === index)
    .map((finding): Refusal => ({ detailType, ...finding }));
  if (!result.success || all.length > 0) {
    const [refusal = { detailType, field: 'detail', expected: 'expected something else' }] = all;
    return { kind: 'refused', refusal, all };
  }
  const { metadata: head, data } = result.data;
  const occurredAt = Date.parse(head.occurredAt);
  const { correlationId } = head;
  return {
    kind: 'event',
    event: {
      id: head.id,
      type: detailType,
      customerId: data.customerId,
      occurredAt,
      ...(correlationId !== undefined && { correlationId }),
      data,
    },
  };
}

type Finding = Omit<Refusal, 'detailType'>;

function findingOf({ path, message }: z.core.$ZodIssue): Finding {
  const field = fieldPath(path);
  // The types say what they expect of each field, not of the whole.
  return { field, expected: field === 'data' ? 'expected an object with the data of the event' : message };
}

/** Times no schema can judge, for it does not know the present. */
function wrongTimes(detail: unknown, now: Instant): Finding[] {
  const occurred = withOccurredAt.safeParse(detail).data?.metadata.occurredAt;
  const consented = withConsentAt.safeParse(detail).data?.data.consent.at;
  const ahead = `expected a time no more than ${FUTURE_TOLERANCE / MINUTE} minutes ahead`;
  const isAhead = (time: string | undefined) => time !== undefined && Date.parse(time) > now + FUTURE_TOLERANCE;
  return [
    ...(isAhead(occurred) ? [{ field: 'metadata.occurredAt', expected: ahead }] : []),
    ...(isAhead(consented) ? [{ field: 'data.consent.at', expected: ahead }] : []),
    ...(occurred !== undefined && Date.parse(occurred) < EARLIEST
      ? [{ field: 'metadata.occurredAt', expected: 'expected a time after 1990' }]
      : []),
  ];
}

/** Our own field names, and the names of a playbook. Any other key is the sender's, and may be an address. */
const NO_VALUE = /^[a-z][A-Za-z]{0,39}$/u;
const keyName = (key: string): string => (NO_VALUE.test(key) || NAME.test(key) ? key : '[key]');

/** `data.items[2].price`; the whole detail when the path is empty. A key that is no name reads `[key]`. */
function fieldPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path)
    text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${keyName(String(key))}`;
  return text === '' ? 'detail' : text;
}
