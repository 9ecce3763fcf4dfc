/** What a request to our pages asks for. Nothing in here trusts the sender. */
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import type { Answer } from './document.ts';
import { type Link, LINK_KINDS, LINK_PATH } from '../../shared/email/links.ts';

/** Bytes of a body that are read. A form of ours has a few hundred, a one-click request in `multipart` not many more. */
const LARGEST_BODY = 8 * 1024;

export interface PageRequest {
  readonly method: 'GET' | 'POST';
  /** HEAD is GET without its body. */
  readonly bodyless: boolean;
  /** What the path says the link is; the signature decides whether it is that. */
  readonly kind: Link['kind'];
  readonly token: string;
  /** The fields of a form of ours; of any other body nothing anybody may rely on. */
  readonly form: URLSearchParams;
  /** Header Accept-Language. */
  readonly languages: string | undefined;
}

export type Refused = 'method' | 'path' | 'size';

/** The request, or why it is none that our pages answer. */
export function requestFrom(event: LambdaFunctionURLEvent): PageRequest | Refused {
  const { method } = event.requestContext.http;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 'method';
  const body = event.body ?? '';
  // Four characters of base64 are three bytes.
  const bytes = event.isBase64Encoded ? body.length * 0.75 : Buffer.byteLength(body);
  if (bytes > LARGEST_BODY) return 'size';
  // Whatever stands before: a domain of the shop's own may lead here from below a path.
  const [, first, token] = /\/([a-z])\/([^/]+)\/?$/u.exec(event.rawPath) ?? [];
  const kind = LINK_KINDS.find((each) => LINK_PATH[each] === first);
  if (kind === undefined || token === undefined) return 'path';
  return {
    method: method === 'POST' ? 'POST' : 'GET',
    bodyless: method === 'HEAD',
    kind,
    token,
    form: new URLSearchParams(event.isBase64Encoded ? Buffer.from(body, 'base64').toString() : body),
    languages: languagesOf(event),
  };
}

/** What browsers and robots ask every server for, whether anybody linked to it or not. */
export function fileAt({ rawPath }: LambdaFunctionURLEvent): Answer | undefined {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  if (rawPath.endsWith('/robots.txt')) return { statusCode: 200, headers, body: 'User-agent: *\nDisallow: /\n' };
  if (rawPath.endsWith('/favicon.ico')) return { statusCode: 404, headers, body: '' };
  return undefined;
}

export function languagesOf({ headers }: LambdaFunctionURLEvent): string | undefined {
  return headers['accept-language'];
}
