/** Reading what a queue delivers: EventBridge envelopes, each an event of its own. */
import * as z from 'zod/mini';

const envelope = z.object({
  id: z.string(),
  source: z.string(),
  'detail-type': z.string(),
  time: z.optional(z.string()),
  detail: z.unknown(),
});

export interface Delivered {
  readonly messageId: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

/** A queue message that is no EventBridge event: it can only be kept where somebody looks at it. */
class NotAnEvent extends Error {
  override readonly name = 'NotAnEvent';
}

/**
 * Reads one queue message.
 *
 * @throws NotAnEvent when the body is not an EventBridge event; after five deliveries it lies in the dead-letter queue
 */
export function readDelivery(record: { readonly messageId: string; readonly body: string }): Delivered {
  let body: unknown;
  try {
    body = JSON.parse(record.body);
  } catch {
    // Without the cause: it quotes the body, and errors are logged.
    throw new NotAnEvent('the message body is not JSON');
  }
  const result = envelope.safeParse(body);
  if (!result.success) throw new NotAnEvent('the message body is not an EventBridge event', { cause: result.error });
  const { source, detail } = result.data;
  return { messageId: record.messageId, source, detailType: result.data['detail-type'], detail };
}
