/**
 * Checks that a request was signed with a secret, as AWS does (Signature Version 4, in the Authorization header). Only the
 * root path and requests without a query are met here: all emulated services are called like that.
 */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^/\s,]+\/(?<date>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request,\s*SignedHeaders=(?<names>[^,\s]+),\s*Signature=(?<signature>[0-9a-f]+)$/u;

export interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Whether the holder of this secret has signed the request as it arrived. */
export function isSignedWith(secret: string, { method, target, headers, body }: SignedRequest): boolean {
  const { date, region, service, names, signature } = AUTHORIZATION.exec(headers.authorization ?? '')?.groups ?? {};
  if (date === undefined || region === undefined || service === undefined || names === undefined) return false;
  const [path = '/', query = ''] = target.split('?');
  const signed = names.split(';').map((name) => `${name}:${valueOf(headers[name])}\n`);
  const canonical = [method, path, query, signed.join(''), names, sha256(body)].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = [ALGORITHM, valueOf(headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  return (
    createHmac('sha256', keyOf(secret, date, region, service))
      .update(text)
      .digest('hex') === signature
  );
}

function valueOf(value: string | readonly string[] | undefined): string {
  return String(value ?? '')
    .trim()
    .replaceAll(/ +/gu, ' ');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Signing keys hold for a day and are asked for with every call. */
const keys = new Map<string, Buffer>();
/** Threads come and go, and each has a secret of its own. */
const MOST_KEYS = 1_000;

function keyOf(secret: string, ...scope: readonly string[]): Buffer {
  const name = [secret, ...scope].join('/');
  const known = keys.get(name);
  if (known !== undefined) return known;
  const seed: Buffer = Buffer.from(`AWS4${secret}`);
  const key = [...scope, 'aws4_request'].reduce((step, part) => createHmac('sha256', step).update(part).digest(), seed);
  if (keys.size >= MOST_KEYS) keys.clear();
  keys.set(name, key);
  return key;
}
