/**
 * Lambda function URLs: turns an HTTP request into an event of payload format 2.0 and the function's answer into an
 * HTTP response, as Lambda does. Whether anybody may call is the function's own policy to say.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Statement } from './iam.ts';
import type { Rights } from './rights.ts';
import type { Outcome } from './runtime.ts';

/** Under which path of the twin's port all function URLs lie. */
export const URL_ROOT = '/url/';

/** Lambda's limit on the event as well as on the answer, in bytes. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** Bodies of these types arrive as text, all others in base64: form fields too, and whatever names no type. */
const TEXT_TYPES = /^(?:text\/|application\/(?:json|javascript|xml)$)/;
/** Headers that belong to the connection, and the cookies, which have a field of their own. */
const LEFT_OUT: ReadonlySet<string> = new Set(['connection', 'cookie', 'keep-alive', 'transfer-encoding', 'upgrade']);
/** Anybody at all, as a function's policy sees it. */
const ANYBODY = { kind: 'AWS', name: '*' } as const;
const TROUBLESHOOTING = 'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

export interface UrlDefinition {
  readonly functionName: string;
  readonly functionArn: string;
  /** Requests at once from which on Lambda throttles the function; undefined for what the account has, which is not emulated. */
  readonly reservedConcurrency: number | undefined;
  /** Who may invoke the function. */
  readonly policy: readonly Statement[];
}

export interface UrlRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly sourceIp: string;
  readonly body: Buffer;
  readonly requestId: string;
}

export interface UrlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** An answer with a status code is a response; anything else is the body of one. */
const responseSchema = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});
const hasStatusCode = z.object({ statusCode: z.unknown().refine((value) => value !== undefined) });

export class FunctionUrls {
  readonly #urls: ReadonlyMap<string, UrlDefinition>;
  readonly #clock: Clock;
  /** Requests under way by function. */
  readonly #visits = new Map<string, number>();
  readonly #invoke: (functionName: string, event: string) => Promise<Outcome>;
  readonly #answered: (functionName: string, status: number) => void;
  readonly #rights: Rights;

  /**
   * @param invoke runs the function at the present instant, also while virtual time stands
   * @param answered hears of every answer of a function
   */
  constructor(
    urls: readonly UrlDefinition[],
    clock: Clock,
    invoke: (functionName: string, event: string) => Promise<Outcome>,
    answered: (functionName: string, status: number) => void,
    rights: Rights,
  ) {
    this.#rights = rights;
    this.#urls = new Map(urls.map((url) => [url.functionName, url]));
    this.#clock = clock;
    this.#invoke = invoke;
    this.#answered = answered;
  }

  async answer(request: UrlRequest): Promise<UrlAnswer> {
    const [, name = '', path = '/', query = ''] = /^\/url\/([^/?]*)(\/[^?]*)?(?:\?(.*))?$/su.exec(request.target) ?? [];
    const url = this.#urls.get(name);
    if (url === undefined) return problem(404, null, 'ResourceNotFoundException');
    if (!this.#admitted(url))
      return problem(
        403,
        `Forbidden. For troubleshooting Function URL authorization issues, see: ${TROUBLESHOOTING}`,
        'AccessDeniedException',
      );
    const event = JSON.stringify(this.#event(request, name, path, query));
    if (Buffer.byteLength(event) > MAX_PAYLOAD_BYTES)
      return problem(
        413,
        `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`,
        'RequestTooLargeException',
      );
    const answer = responseOf(await this.#admit(url, event));
    this.#answered(name, answer.status);
    return answer;
  }

  /** Lambda lets no more requests in at once than are set apart for the function; the others do not wait. */
  async #admit({ functionName, reservedConcurrency = Infinity }: UrlDefinition, event: string): Promise<Outcome> {
    const visits = this.#visits.get(functionName) ?? 0;
    if (visits >= reservedConcurrency) return { kind: 'throttled' };
    this.#visits.set(functionName, visits + 1);
    try {
      return await this.#invoke(functionName, event);
    } finally {
      this.#visits.set(functionName, (this.#visits.get(functionName) ?? 1) - 1);
    }
  }

  /** A URL without authorization needs both: leave to use the URL, and leave to invoke the function through it. */
  #admitted({ functionArn: resource, policy }: UrlDefinition): boolean {
    const requests = [
      { action: 'lambda:InvokeFunctionUrl', resource, context: { 'lambda:FunctionUrlAuthType': 'NONE' } },
      { action: 'lambda:InvokeFunction', resource, context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    ];
    return requests.every((request) => this.#rights.decide(policy, request, ANYBODY) === 'allowed');
  }

  #event(request: UrlRequest, name: string, path: string, query: string): Readonly<Record<string, unknown>> {
    const { method, headers, sourceIp, body, requestId } = request;
    const now = this.#clock.now();
    const host = headers.host ?? '';
    const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    const text = TEXT_TYPES.test(type);
    const parameters = new URLSearchParams(query);
    const cookies = headers.cookie?.split(/;\s*/u).filter((cookie) => cookie !== '');
    const passed = Object.entries(headers).flatMap(([header, value]): [string, string][] =>
      value === undefined || LEFT_OUT.has(header) ? [] : [[header, String(value)]],
    );
    return {
      version: '2.0',
      routeKey: '$default',
      rawPath: path,
      rawQueryString: query,
      ...(cookies !== undefined && { cookies }),
      headers: {
        ...Object.fromEntries(passed),
        'x-amzn-trace-id': `Root=1-00000000-${requestId.replaceAll('-', '').slice(0, 24)}`,
        'x-forwarded-for': sourceIp,
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
      ...(query !== '' && {
        queryStringParameters: Object.fromEntries(
          [...new Set(parameters.keys())].map((key) => [key, parameters.getAll(key).join(',')]),
        ),
      }),
      requestContext: {
        accountId: 'anonymous',
        apiId: name,
        domainName: host,
        domainPrefix: name,
        http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
        requestId,
        routeKey: '$default',
        stage: '$default',
        time: commonLogTime(now),
        timeEpoch: now,
      },
      ...(body.length > 0 && { body: body.toString(text ? 'utf8' : 'base64') }),
      isBase64Encoded: body.length > 0 && !text,
    };
  }
}

function responseOf(outcome: Outcome): UrlAnswer {
  if (outcome.kind === 'throttled') return problem(429, 'Rate Exceeded.', 'TooManyRequestsException');
  if (outcome.kind === 'error' || Buffer.byteLength(outcome.payload) > MAX_PAYLOAD_BYTES) return BAD_GATEWAY;
  const payload: unknown = JSON.parse(outcome.payload);
  const json = { 'content-type': 'application/json' };
  if (!hasStatusCode.safeParse(payload).success)
    return { status: 200, headers: json, body: Buffer.from(outcome.payload) };
  const read = responseSchema.safeParse(payload);
  if (!read.success) return BAD_GATEWAY;
  const { statusCode, headers, cookies, body, isBase64Encoded } = read.data;
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    status: statusCode,
    headers: {
      ...json,
      ...Object.fromEntries(named),
      ...(cookies && cookies.length > 0 && { 'set-cookie': cookies }),
    },
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** What a caller learns of a function that failed, or that answered with something Lambda cannot read. */
const BAD_GATEWAY: UrlAnswer = {
  status: 502,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'InternalServerErrorException' },
  body: Buffer.from('Internal Server Error'),
};

function problem(status: number, message: string | null, type: string): UrlAnswer {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': type };
  return { status, headers, body: Buffer.from(JSON.stringify({ Message: message })) };
}

/** As web servers log it: 01/Mar/2026:12:00:00 +0000 */
function commonLogTime(instant: number): string {
  const [, day, month, year, time] = new Date(instant).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
