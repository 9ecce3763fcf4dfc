/**
 * What lies in a dead-letter queue, and why, and where it can go back to. Four shapes arrive: events that were refused,
 * announced with their reason; messages that failed as often as their queue allows; events that EventBridge could not
 * deliver; and what Lambda says of an invocation that failed for good.
 */
import { z } from 'zod';
import { ANNOUNCED, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

/** A message as SQS has it. */
export interface DeadMessage {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** When it came into its first queue. */
  readonly sentAt: Instant;
}

/** What of an event the shop wrote: what can be mended and put on the bus. */
export const eventSchema = z.object({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() });
export type WrittenEvent = z.infer<typeof eventSchema>;

type WayBack =
  | { readonly kind: 'queue'; readonly queue: string }
  /** It stays where it is, or is discarded. */
  | { readonly kind: 'none'; readonly why: string };

export interface DeadLetter extends DeadMessage {
  readonly kind: 'refused' | 'failed' | 'undelivered' | 'invocation';
  /** The detail-type, or the function of an invocation. */
  readonly type: string;
  readonly customerId?: string;
  readonly reason: string;
  /** Undefined where none can be read. */
  readonly event?: WrittenEvent;
  readonly wayBack: WayBack;
}

const refusal = z.object({
  source: z.literal(OWN_SOURCE),
  'detail-type': z.literal(ANNOUNCED.eventRefused),
  detail: z.object({
    data: z.object({
      reason: z.string(),
      original: z.string(),
      /** Absent in refusals of earlier releases. */
      type: z.string().optional(),
      customerId: z.string().optional(),
    }),
  }),
});
const undeliverable = z.object({
  ERROR_CODE: z.string(),
  ERROR_MESSAGE: z.string().optional(),
  RULE_ARN: z.string(),
  TARGET_ARN: z.string(),
});
const invocation = z.object({
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
  responsePayload: z.object({ errorType: z.string().optional(), errorMessage: z.string().optional() }).optional(),
});
const naming = z.object({ data: z.object({ customerId: z.string() }) });

const DEAD = '-dead';
const NOT_AN_EVENT = 'not an event';
const CUT_OFF = 'an event that was cut off';
const AGAIN_BY_ITSELF = 'the function runs again by itself, and catches up';

/** @param queue the name of the dead-letter queue it lies in */
export function readDeadLetter(queue: string, message: DeadMessage): DeadLetter {
  const body = jsonOf(message.body);
  const undelivered = undeliverable.safeParse(message.attributes);
  if (undelivered.success) return { ...message, ...readUndelivered(undelivered.data, body) };
  const refused = refusal.safeParse(body);
  if (refused.success) return { ...message, ...readRefused(queue, refused.data.detail.data) };
  const failed = invocation.safeParse(body);
  if (failed.success) return { ...message, ...readInvocation(failed.data) };
  const wayBack = sourceOf(queue);
  return { ...message, kind: 'failed', reason: failureOf(body, wayBack), wayBack, ...about(body) };
}

/** The same however often somebody has looked: that counts as a delivery, too. */
function failureOf(body: unknown, wayBack: WayBack): string {
  if (body === undefined) return 'it is not JSON, which nothing can take in';
  if (!eventSchema.safeParse(body).success) return 'it is no event of EventBridge, which nothing can take in';
  return wayBack.kind === 'queue' ? `${wayBack.queue} failed on it every time` : 'it failed every time';
}

type Read = Omit<DeadLetter, keyof DeadMessage>;

function readRefused(
  queue: string,
  { reason, original, type = CUT_OFF, customerId }: z.infer<typeof refusal>['detail']['data'],
): Read {
  const whole = about(jsonOf(original));
  if (whole.event !== undefined) return { kind: 'refused', reason, wayBack: sourceOf(queue), ...whole };
  const wayBack = { kind: 'none', why: 'it was too long to be kept whole' } as const;
  return { kind: 'refused', type, reason, wayBack, ...(customerId !== undefined && { customerId }) };
}

function readUndelivered(
  { ERROR_CODE: code, ERROR_MESSAGE: message, RULE_ARN: rule, TARGET_ARN: target }: z.infer<typeof undeliverable>,
  body: unknown,
): Read {
  const [, , service, , , name = ''] = target.split(':');
  const wayBack: WayBack = service === 'sqs' ? { kind: 'queue', queue: name } : { kind: 'none', why: AGAIN_BY_ITSELF };
  const words = message === undefined ? code : `${code}: ${message}`;
  return {
    kind: 'undelivered',
    reason: `${words} (rule ${lastOf(rule)}, target ${lastOf(target)})`,
    wayBack,
    ...about(body),
  };
}

function readInvocation({ requestContext, responsePayload }: z.infer<typeof invocation>): Read {
  const { errorType, errorMessage } = responsePayload ?? {};
  const said = [errorType, errorMessage].filter((each) => each !== undefined).join(': ');
  const reason = said === '' ? requestContext.condition : `${requestContext.condition}: ${said}`;
  const type = lastOf(requestContext.functionArn.replace(/:\$LATEST$/u, ''));
  return { kind: 'invocation', type, reason, wayBack: { kind: 'none', why: AGAIN_BY_ITSELF } };
}

function about(body: unknown): Pick<DeadLetter, 'type' | 'customerId' | 'event'> {
  const { data: event } = eventSchema.safeParse(body);
  if (event === undefined) return { type: NOT_AN_EVENT };
  const customerId = naming.safeParse(event.detail).data?.data.customerId;
  return { type: event['detail-type'], event, ...(customerId !== undefined && { customerId }) };
}

/** Queues are named so: `perennial-prod-record-dead` takes what failed in `perennial-prod-record`. */
function sourceOf(queue: string): WayBack {
  if (queue.endsWith(DEAD)) return { kind: 'queue', queue: queue.slice(0, -DEAD.length) };
  return { kind: 'none', why: 'nobody can say which queue it comes from' };
}

function lastOf(arn: string): string {
  return arn.split(/[:/]/u).at(-1) ?? arn;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Text that is no JSON, also because it was cut off, is no event.
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
