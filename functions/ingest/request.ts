/** What a request to the intake is, before anything is looked up: an unsigned one costs no key and no hash. */
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { type Duration, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import type { Refusal } from './refusal.ts';
import { type SignedContent, signaturesIn } from './signature.ts';

/** Bytes of a body: what the bus takes at once, and a hundred events of the usual size several times over. */
export const LARGEST_BODY = 256 * 1024;

/** How far the time of a signature may lie from ours, either way, as Standard Webhooks has it. */
export const TOLERANCE: Duration = 5 * MINUTE;

const SECOND: Duration = 1000;
const ID = /^[A-Za-z0-9_-]{1,128}$/u;
/** Enough digits to recognise milliseconds as what they are: times far ahead. */
const TIMESTAMP = /^\d{1,15}$/u;

/** Stands where something could not be read as UTF-8. */
const REPLACEMENT = '\uFFFD';

export interface IntakeRequest extends SignedContent {
  readonly signedAt: Instant;
  readonly signatures: readonly Buffer[];
  /** Lambda hands JSON on as text: what is no UTF-8 it has replaced, before anybody could compare it with its signature. */
  readonly isGarbled: boolean;
}

/**
 * The request, or why it is none.
 *
 * @param now the present, against which the time of the signature is judged
 */
export function requestFrom(event: LambdaFunctionURLEvent, now: Instant): IntakeRequest | Refusal {
  const { headers } = event;
  if (event.requestContext.http.method !== 'POST') return { kind: 'method-not-allowed' };
  if (!isJson(headers['content-type'])) return { kind: 'unsupported-type' };
  const id = headers['webhook-id'] ?? '';
  if (!ID.test(id)) return unsigned('webhook-id', '1 to 128 letters, digits, _ and -, the same in every try');
  const timestamp = headers['webhook-timestamp'] ?? '';
  if (!TIMESTAMP.test(timestamp)) return unsigned('webhook-timestamp', 'the seconds since 1970');
  const signatures = signaturesIn(headers['webhook-signature'] ?? '');
  if (signatures.length === 0) return unsigned('webhook-signature', 'v1, a comma and the signature in base64');
  const signedAt = Number(timestamp) * SECOND;
  if (Math.abs(now - signedAt) > TOLERANCE) return { kind: 'expired', toleranceSeconds: TOLERANCE / SECOND };
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length > LARGEST_BODY) return { kind: 'too-large', limit: `${LARGEST_BODY} bytes` };
  const isGarbled = !event.isBase64Encoded && event.body?.includes(REPLACEMENT) === true;
  return { id, timestamp, body, signedAt, signatures, isGarbled };
}

function unsigned(header: string, expected: string): Refusal {
  return { kind: 'unsigned', header, expected };
}

/** JSON is UTF-8, so a charset says nothing new. */
function isJson(type: string | undefined): boolean {
  return type?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}
