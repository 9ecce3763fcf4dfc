/** What the pages answer with. Every answer forbids the browser to guess, to frame it elsewhere and to load from outside. */
import type { ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly policy?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A mail may style itself and show what it carries along; it gets an origin of its own and can do nothing else. */
const LETTER_POLICY = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ');

export function page(text: string, status = 200): Answer {
  return { status, type: 'text/html; charset=utf-8', body: text };
}

export function letter(text: string): Answer {
  return { status: 200, type: 'text/html; charset=utf-8', body: text, policy: LETTER_POLICY };
}

export function json(value: unknown): Answer {
  return { status: 200, type: 'application/json; charset=utf-8', body: `${JSON.stringify(value)}\n` };
}

export function plain(text: string, status = 200): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: text };
}

export function write(response: ServerResponse, answer: Answer, withBody: boolean): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': body.length,
    'content-security-policy': answer.policy ?? POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    ...answer.headers,
  });
  response.end(withBody ? body : undefined);
}
