/**
 * Who a request comes from: whoever holds a key of the intake. The scheme is that of Standard Webhooks, with a shared
 * secret: HMAC-SHA256 over id, time and body, joined by full stops, so that none of the three can be exchanged.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKeys } from '../../shared/adapters/secrets.ts';

/** What a signature is made over. */
export interface SignedContent {
  /** Header webhook-id. It holds no full stop, or it could borrow from the time. */
  readonly id: string;
  /** Header webhook-timestamp as it was sent: seconds since 1970. */
  readonly timestamp: string;
  readonly body: Buffer;
}

/** The secret is no key: it holds other characters than base64, or too few of them. Nothing can be verified. */
export class UnusableKey extends Error {
  override readonly name = 'UnusableKey';
}

/** What libraries put before a secret so that people recognise it; the key is what follows. */
const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/u;
/** 192 bits are the least a secret of Standard Webhooks has. */
const SHORTEST_KEY_BYTES = 24;
const SIGNATURE_BYTES = 32;
/** Signatures in one header that are looked at: a sender in the middle of a rotation has two. */
const MOST_SIGNATURES = 4;

/** The key that a secret stands for, if it stands for one. */
function keyOf(secret: string): Buffer | undefined {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const key = Buffer.from(text, 'base64');
  return BASE64.test(text) && key.length >= SHORTEST_KEY_BYTES ? key : undefined;
}

/**
 * A signature that fits neither key was forged only if both are keys.
 *
 * @throws UnusableKey
 */
export function checkUsable({ current, previous }: SigningKeys): void {
  for (const secret of [current, previous]) {
    if (secret === undefined || keyOf(secret) !== undefined) continue;
    throw new UnusableKey(`a secret of the intake is not base64 of at least ${SHORTEST_KEY_BYTES} bytes`);
  }
}

/** The signatures in a header webhook-signature (`v1,<base64> v1,<base64>`); of other versions we know nothing. */
export function signaturesIn(header: string): readonly Buffer[] {
  return header
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .slice(0, MOST_SIGNATURES)
    .map((each) => Buffer.from(each.slice('v1,'.length), 'base64'))
    .filter((each) => each.length === SIGNATURE_BYTES);
}

/** Whether one of the signatures was made with the current key or the one before it; what is no key signs nothing. */
export function isSigned(
  { id, timestamp, body }: SignedContent,
  signatures: readonly Buffer[],
  { current, previous }: SigningKeys,
): boolean {
  return [current, previous].some((secret) => {
    const key = secret === undefined ? undefined : keyOf(secret);
    if (key === undefined) return false;
    const made = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
    return signatures.some((each) => timingSafeEqual(each, made));
  });
}
