/** Requests to the intake, signed as a shop would sign them. */
import { createHmac, randomUUID } from 'node:crypto';

/** 24 bytes, as Standard Webhooks shows them in its own examples. */
export const INTAKE_SECRET = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export interface Signing {
  readonly secret: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly id?: string;
}

/** Headers of a signed request. */
export function signedHeaders(
  body: string | Buffer,
  { secret, at, id = `msg_${randomUUID()}` }: Signing,
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret, 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
