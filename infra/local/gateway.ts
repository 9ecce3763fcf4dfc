/**
 * One port on 127.0.0.1 that speaks the AWS wire protocols. A request's access key says who calls: a function, whose
 * role is checked as IAM would, or the account's administrator. Answers carry the twin's time, or the AWS clients
 * would correct their signing clocks against the wrong one.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import type { Tables } from './dynamodb.ts';
import { PortInUse, ServiceError, Unanswered } from './errors.ts';
import type { EventBridge } from './eventbridge.ts';
import type { Faults } from './faults.ts';
import { type FunctionUrls, URL_ROOT } from './function-url.ts';
import type { AccessRequest } from './iam.ts';
import type { Journal } from './journal.ts';
import type { Rights } from './rights.ts';
import type { Caller, FunctionDefinition } from './runtime.ts';
import type { Secrets } from './secrets.ts';
import { isSignedWith } from './signature.ts';
import type { Ses } from './ses.ts';
import type { Sqs } from './sqs.ts';

export interface Services {
  readonly tables: Tables;
  readonly events: EventBridge;
  readonly sqs: Sqs;
  readonly ses: Ses;
  readonly secrets: Secrets;
  readonly urls: FunctionUrls;
  readonly journal: Journal;
  readonly account: string;
  readonly faults: Faults;
  readonly rights: Rights;
  callerOf(accessKeyId: string): Caller;
  /** Something went wrong in the twin itself; the caller gets an internal failure and may try again. */
  faulted(error: unknown): void;
  /** A function was refused; the developer should see it in its log. */
  denied(functionName: string, message: string): void;
  /** DynamoDB answered a request with this error. */
  tableRefused(code: string, operation: string, body: string): void;
}

const HOST = '127.0.0.1';
const CREDENTIAL = /Credential=([^/\s,]+)\/[^/]+\/[^/]+\/([^/]+)\//;
const SES_NAMESPACE = 'http://ses.amazonaws.com/doc/2010-12-01/';
const SECOND = 1000;

type Protocol = 'dynamodb' | 'events' | 'secretsmanager' | 'sqs' | 'ses';

const TARGETS: Readonly<Record<string, Protocol>> = {
  DynamoDB_20120810: 'dynamodb',
  AWSEvents: 'events',
  AmazonSQS: 'sqs',
  secretsmanager: 'secretsmanager',
};

/** How each service names a signature that is not the caller's. */
const SIGNATURE_CODES: Readonly<Record<Protocol, string>> = {
  dynamodb: 'InvalidSignatureException',
  events: 'InvalidSignatureException',
  secretsmanager: 'InvalidSignatureException',
  sqs: 'InvalidSignatureException',
  ses: 'SignatureDoesNotMatch',
};

interface Request {
  readonly protocol: Protocol;
  readonly operation: string;
  readonly contentType: string;
  readonly body: string;
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Gateway {
  readonly #clock: Clock;
  readonly #server: Server;
  #services: Services | undefined;
  #reservedFor: string | undefined;
  #dateSecond = -1;
  #dateText = '';

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = createServer((request, response) => this.#accept(request, response));
    // A client with one attempt must not meet a connection that the server is just closing.
    this.#server.keepAliveTimeout = 0;
  }

  /** @returns the port. @throws PortInUse */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? new PortInUse(port, error) : error),
      );
      this.#server.listen(port, HOST, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  serve(services: Services): void {
    this.#services = services;
  }

  /**
   * From now on only this access key and the functions may put events on a bus; everybody else is told to come back.
   * What happens today must not get into a past that is still being played.
   *
   * @returns lets everybody in again
   */
  reserveBuses(accessKeyId: string): () => void {
    this.#reservedFor = accessKeyId;
    return () => (this.#reservedFor = undefined);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #accept(message: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      if (message.url?.startsWith(URL_ROOT) === true) void this.#visit(message, body, response);
      else void this.#answer(message, body.toString('utf8'), response);
    });
    message.on('error', () => response.destroy());
  }

  async #answer(message: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const contentType = message.headers['content-type'] ?? 'application/json';
    let reply: Reply | undefined;
    let protocol: Protocol | undefined;
    let operation = '';
    try {
      const [, accessKeyId, scope] = CREDENTIAL.exec(message.headers.authorization ?? '') ?? [];
      if (accessKeyId === undefined)
        throw new ServiceError(
          403,
          'MissingAuthenticationToken',
          'Request is missing an AWS signature (Authorization header)',
        );
      const [target = '', named = ''] = String(message.headers['x-amz-target'] ?? '').split('.');
      const form = target === '' && scope === 'ses' ? new URLSearchParams(body) : undefined;
      protocol = form === undefined ? TARGETS[target] : 'ses';
      operation = form?.get('Action') ?? named;
      if (protocol === undefined || this.#services === undefined)
        throw new ServiceError(
          400,
          'UnknownOperationException',
          `the local twin does not emulate ${scope ?? 'this service'}`,
        );
      const request = { protocol, operation, contentType, body };
      const services = this.#services;
      const caller = services.callerOf(accessKeyId);
      const { method = '', url = '/', headers } = message;
      if (caller.kind === 'function' && !isSignedWith(caller.secret, { method, target: url, headers, body }))
        throw new ServiceError(
          403,
          SIGNATURE_CODES[protocol],
          'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
        );
      if (
        protocol === 'events' &&
        caller.kind === 'administrator' &&
        (this.#reservedFor ?? accessKeyId) !== accessKeyId
      )
        throw new ServiceError(503, 'ServiceUnavailable', 'The past is still being played; try again when it is over.');
      reply = await services.faults.pass(caller, { service: protocol, operation, body }, () =>
        this.#call(request, form, services, caller, requestId),
      );
    } catch (error) {
      // Whoever was told to hang goes on doing so until the client hangs up; a reset is a missing reply.
      if (error instanceof Unanswered && error.how === 'hang') return;
      const known =
        error instanceof ServiceError ? error : new ServiceError(500, 'InternalFailure', String(error), error);
      if (error instanceof Unanswered) reply = undefined;
      else {
        if (known !== error) this.#services?.faulted(error);
        if (protocol === 'dynamodb') this.#services?.tableRefused(known.code, operation, body);
        reply = failure(known, protocol, requestId);
      }
    }
    if (reply === undefined) response.destroy();
    if (reply === undefined || response.destroyed) return;
    response.sendDate = false;
    response.writeHead(reply.status, {
      ...reply.headers,
      'content-type': protocol === 'ses' ? 'text/xml' : contentType,
      'content-length': Buffer.byteLength(reply.body),
      'x-amzn-requestid': requestId,
      date: this.#date(),
    });
    response.end(reply.body);
  }

  /** A request to a function URL: no signature, and the function answers. */
  async #visit(message: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: target = URL_ROOT, headers } = message;
    const sourceIp = message.socket.remoteAddress ?? HOST;
    const requestId = randomUUID();
    response.sendDate = false;
    try {
      const answer = await this.#services?.urls.answer({ method, target, headers, sourceIp, body, requestId });
      if (answer === undefined || response.destroyed) return void response.destroy();
      for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
      response.writeHead(answer.status, {
        'content-length': answer.body.length,
        'x-amzn-requestid': requestId,
        date: this.#date(),
      });
      response.end(answer.body);
    } catch (error) {
      this.#services?.faulted(error);
      response.destroy();
    }
  }

  async #call(
    { protocol, operation, body }: Request,
    form: URLSearchParams | undefined,
    services: Services,
    caller: Caller,
    requestId: string,
  ): Promise<Reply> {
    if (caller.kind === 'stopped')
      throw new ServiceError(
        403,
        'ExpiredTokenException',
        `the credentials of ${caller.functionName} ended with its execution environment`,
      );
    const { origin } = caller;
    const now = this.#clock.now();
    switch (protocol) {
      case 'dynamodb': {
        const data = parsed(body);
        this.#authorize(caller, services, () => services.tables.accessOf(operation, data));
        const answer = await services.tables.call(operation, data);
        return { status: answer.status, body: JSON.stringify(answer.body) };
      }
      case 'events': {
        const data = parsed(body);
        this.#authorize(caller, services, () => services.events.accessOf(operation, data));
        return await this.#kept(services, services.events.call(operation, data, now, origin));
      }
      case 'secretsmanager': {
        const data = parsed(body);
        this.#authorize(caller, services, () => services.secrets.accessOf(operation, data));
        return await this.#kept(services, services.secrets.call(operation, data, now, origin));
      }
      case 'sqs': {
        const data = parsed(body);
        this.#authorize(caller, services, () => services.sqs.accessOf(operation, data), data);
        return await this.#kept(services, await services.sqs.call(operation, data, origin));
      }
      case 'ses': {
        const fields = form ?? new URLSearchParams(body);
        this.#authorize(caller, services, () => services.ses.accessOf(operation, fields));
        const identity = caller.kind === 'function' ? caller.definition.role.name : 'root';
        const result = services.ses.call(operation, fields, identity, now, origin);
        await services.journal.flush();
        return { status: 200, body: xmlResult(operation, result, requestId) };
      }
      default:
        return protocol satisfies never;
    }
  }

  async #kept(services: Services, result: unknown): Promise<Reply> {
    await services.journal.flush();
    return { status: 200, body: JSON.stringify(result) };
  }

  /** @throws ServiceError in the words of the service when the role of the calling function does not allow the call */
  #authorize(caller: Caller, services: Services, accesses: () => AccessRequest[], queueRequest?: unknown): void {
    if (caller.kind !== 'function') return;
    const { role } = caller.definition;
    const principal = { kind: 'AWS', name: role.arn } as const;
    const resourcePolicy =
      queueRequest === undefined ? [] : (services.sqs.queueOf(queueRequest)?.definition.policy ?? []);
    for (const access of accesses()) {
      const context = { ...access.context, 'aws:SecureTransport': 'true', 'aws:PrincipalArn': role.arn };
      const request = { ...access, context };
      const byResource = services.rights.decide(resourcePolicy, request, principal);
      const byRole = services.rights.decide(role.statements, request);
      if (byRole === 'allowed' && byResource !== 'denied explicitly') continue;
      if (byResource === 'allowed' && byRole !== 'denied explicitly') continue;
      const reason = deniedMessage(
        caller.definition,
        services.account,
        access,
        byRole === 'denied explicitly' || byResource === 'denied explicitly',
      );
      services.denied(caller.definition.name, reason);
      throw new ServiceError(403, 'AccessDenied', reason);
    }
  }

  #date(): string {
    const second = Math.floor(this.#clock.now() / SECOND);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#dateText = new Date(second * SECOND).toUTCString();
    }
    return this.#dateText;
  }
}

function deniedMessage(
  definition: FunctionDefinition,
  account: string,
  access: AccessRequest,
  explicitly: boolean,
): string {
  const user = `arn:aws:sts::${account}:assumed-role/${definition.role.name}/${definition.name}`;
  const because = explicitly
    ? 'with an explicit deny in a policy'
    : `because no identity-based policy allows the ${access.action} action`;
  return `User: ${user} is not authorized to perform: ${access.action} on resource: ${access.resource} ${because}`;
}

/** Renders an error as the service does: XML for SES, JSON with a namespaced type for the others. */
function failure(error: ServiceError, protocol: Protocol | undefined, requestId: string): Reply {
  const { status, code, message } = error;
  switch (protocol) {
    case 'ses': {
      const fields = `<Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${xml(code)}</Code><Message>${xml(message)}</Message>`;
      return {
        status,
        body: `<ErrorResponse xmlns="${SES_NAMESPACE}"><Error>${fields}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      };
    }
    case 'sqs': {
      const legacy = code === 'QueueDoesNotExist' ? 'AWS.SimpleQueueService.NonExistentQueue' : code;
      const headers = { 'x-amzn-query-error': `${legacy};Sender` };
      return { status, headers, body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }) };
    }
    case 'dynamodb':
    case 'events':
    case 'secretsmanager':
    case undefined: {
      const jsonCode = code === 'AccessDenied' ? 'AccessDeniedException' : code;
      const jsonStatus = code === 'AccessDenied' ? 400 : status;
      // Secrets Manager spells the field with a capital, its clients read no other.
      const text = protocol === 'secretsmanager' ? { Message: message } : { message };
      return { status: jsonStatus, body: JSON.stringify({ __type: `com.amazon.coral.service#${jsonCode}`, ...text }) };
    }
    default:
      return protocol satisfies never;
  }
}

function xmlResult(operation: string, fields: Readonly<Record<string, string>>, requestId: string): string {
  const result = Object.entries(fields)
    .map(([name, value]) => `<${name}>${xml(value)}</${name}>`)
    .join('');
  return `<${operation}Response xmlns="${SES_NAMESPACE}"><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ServiceError(400, 'SerializationException', 'the body is no JSON', cause);
  }
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
