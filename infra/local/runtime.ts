/**
 * Lambda: each function runs its real bundle in worker threads with the template's environment. A thread serves one
 * invocation at a time and has credentials of its own, which are refused from the moment the thread is stopped.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import type { BootstrapData, FromWorker, FunctionFault, Invoke } from './bootstrap.ts';
import type { Clock } from './clock.ts';
import type { Statement } from './iam.ts';
import { Origin } from './origin.ts';

export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  /** Directory of the bundle. */
  readonly taskRoot: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly role: Role;
  /** Invocations at once that are set apart for it, and no more than these. */
  readonly reservedConcurrency: number | undefined;
}

export interface Role {
  readonly name: string;
  readonly arn: string;
  readonly statements: readonly Statement[];
}

export type Outcome =
  | { readonly kind: 'ok'; readonly payload: string }
  | { readonly kind: 'error'; readonly type: string; readonly message: string }
  /** There was no concurrency left; the function has not run. */
  | { readonly kind: 'throttled' };

/** Who a request comes from, by its access key. */
export type Caller =
  | { readonly kind: 'administrator'; readonly origin: Origin }
  | {
      readonly kind: 'function';
      readonly definition: FunctionDefinition;
      readonly origin: Origin;
      /** What its requests have to be signed with. */
      readonly secret: string;
      readonly stop: () => void;
    }
  | { readonly kind: 'stopped'; readonly functionName: string };

/** Threads per function: more do not help on two cores, and two find the races. */
export const THREADS_PER_FUNCTION = 2;
/** As long as AWS's. */
const SECRET_BYTES = 30;
/** Lambda gives a function this long to load. */
const INIT_TIMEOUT_MS = 10_000;
const SECOND = 1000;

let compiledBootstrap: string | undefined;

/** Worker threads of Node 20 read no TypeScript. */
function bootstrapCode(): string {
  compiledBootstrap ??= transformSync(readFileSync(new URL('./bootstrap.ts', import.meta.url), 'utf8'), {
    loader: 'ts',
    format: 'cjs',
    target: 'node20',
    supported: { 'dynamic-import': true },
  }).code;
  return compiledBootstrap;
}

interface Host {
  readonly clock: Clock;
  readonly endpoint: string;
  readonly region: string;
  readonly log: (functionName: string, text: string) => void;
  /** An invocation has ended, after so much real time. */
  readonly ended: (functionName: string, outcome: Outcome, milliseconds: number) => void;
  /** Whether an invocation is turned away on purpose, as Lambda does when its concurrency is used up. */
  readonly throttles: (functionName: string) => boolean;
  /** Most threads of a function. */
  readonly threads: number;
}

interface Running {
  readonly requestId: string;
  readonly origin: Origin;
  readonly finish: (outcome: Outcome) => void;
}

/** One thread with a loaded bundle, what Lambda calls an execution environment. */
class Thread {
  readonly accessKeyId: string;
  readonly secretAccessKey = randomBytes(SECRET_BYTES).toString('base64');
  readonly definition: FunctionDefinition;
  /** Settles when the bundle is loaded; false when it could not be. */
  readonly ready: Promise<boolean>;
  /** For what the bundle does while it loads, and after its answer. */
  readonly idle: Origin;
  stopped = false;
  running: Running | undefined;
  readonly #worker: Worker;
  readonly #host: Host;
  #fault: FunctionFault | undefined;
  #readied: (loaded: boolean) => void = () => undefined;

  constructor(definition: FunctionDefinition, host: Host, accessKeyId: string) {
    this.definition = definition;
    this.accessKeyId = accessKeyId;
    this.idle = new Origin(accessKeyId, false);
    this.#host = host;
    this.ready = new Promise((resolve) => {
      this.#readied = resolve;
    });
    const data: BootstrapData = {
      clock: host.clock.shared,
      taskRoot: definition.taskRoot,
      handler: definition.handler,
      functionArn: definition.arn,
    };
    this.#worker = new Worker(bootstrapCode(), {
      eval: true,
      execArgv: [],
      env: environmentOf(definition, host, this),
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: definition.memoryMb },
    });
    const initTimer = setTimeout(
      () => this.stop('Runtime.InitError', `Init phase timed out after ${INIT_TIMEOUT_MS} ms`),
      INIT_TIMEOUT_MS,
    );
    void this.ready.then(() => clearTimeout(initTimer));
    this.#worker.on('message', (message: FromWorker) => this.#hear(message));
    this.#worker.on('error', (error: Error) => {
      this.#fault ??= { type: error.name, message: error.message, trace: error.stack ?? '' };
    });
    this.#worker.on('exit', (code) => this.#end('Runtime.ExitError', `Runtime exited with code ${code}`));
  }

  /** @throws nothing: whatever goes wrong is the invocation's outcome */
  async invoke(event: string, origin: Origin): Promise<Outcome> {
    const requestId = randomUUID();
    const outcome = new Promise<Outcome>((finish) => {
      this.running = { requestId, origin, finish };
    });
    if (!(await this.ready)) {
      const fault = this.#fault ?? { type: 'Runtime.InitError', message: 'the bundle did not load', trace: '' };
      this.stop(fault.type, fault.message);
    }
    const timeoutMs = this.definition.timeoutSeconds * SECOND;
    const timer = setTimeout(() => {
      const message = `${requestId} Task timed out after ${this.definition.timeoutSeconds.toFixed(2)} seconds`;
      this.stop('Sandbox.Timedout', message);
    }, timeoutMs);
    const invoke: Invoke = { requestId, event, timeoutMs };
    if (!this.stopped) this.#worker.postMessage(invoke, []);
    const result = await outcome;
    clearTimeout(timer);
    this.running = undefined;
    if (result.kind === 'error') this.#host.log(this.definition.name, `ERROR ${result.type}: ${result.message}`);
    return result;
  }

  /** Kills the thread; its credentials are dead from here on. */
  stop(type: string, message: string): void {
    this.#end(type, message);
    void this.#worker.terminate();
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.#readied(true);
        return;
      case 'init failed':
        this.#fault = message.fault;
        this.#host.log(this.definition.name, message.fault.trace);
        this.#readied(false);
        return;
      case 'log':
        this.#host.log(this.definition.name, message.text);
        return;
      case 'done':
        if (message.requestId === this.running?.requestId)
          this.running.finish({ kind: 'ok', payload: message.payload });
        return;
      case 'failed':
        if (message.requestId !== this.running?.requestId) return;
        this.#host.log(this.definition.name, message.fault.trace);
        this.running.finish({ kind: 'error', type: message.fault.type, message: message.fault.message });
        return;
      default:
        message satisfies never;
    }
  }

  #end(type: string, message: string): void {
    this.stopped = true;
    this.#fault ??= { type, message, trace: '' };
    this.#readied(false);
    this.running?.finish({ kind: 'error', type: this.#fault.type, message: this.#fault.message });
  }
}

export class Runtime {
  readonly #definitions: ReadonlyMap<string, FunctionDefinition>;
  readonly #host: Host;
  readonly #threads = new Map<string, Thread[]>();
  readonly #byKey = new Map<string, Thread>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #generation = 0;

  constructor(definitions: ReadonlyMap<string, FunctionDefinition>, host: Host) {
    this.#definitions = definitions;
    this.#host = host;
  }

  /** Runs a function; waits while all of its threads are busy. */
  async invoke(functionName: string, event: string, origin: Origin): Promise<Outcome> {
    const began = performance.now();
    const outcome = this.#host.throttles(functionName)
      ? ({ kind: 'throttled' } as const)
      : await this.#run(functionName, event, origin);
    this.#host.ended(functionName, outcome, performance.now() - began);
    return outcome;
  }

  async #run(functionName: string, event: string, origin: Origin): Promise<Outcome> {
    let thread = this.#free(functionName);
    while (thread === undefined) {
      await new Promise<void>((resolve) => {
        this.#waiting.set(functionName, [...(this.#waiting.get(functionName) ?? []), resolve]);
      });
      thread = this.#free(functionName);
    }
    const outcome = await thread.invoke(event, origin);
    this.#waiting.get(functionName)?.shift()?.();
    return outcome;
  }

  callerOf(accessKeyId: string): Caller | undefined {
    const thread = this.#byKey.get(accessKeyId);
    if (thread === undefined) return undefined;
    if (thread.stopped) return { kind: 'stopped', functionName: thread.definition.name };
    const { definition, running, idle, secretAccessKey } = thread;
    const stop = (): void => thread.stop('Runtime.ExitError', 'Runtime was stopped by a planned fault');
    return { kind: 'function', definition, origin: running?.origin ?? idle, secret: secretAccessKey, stop };
  }

  close(): void {
    for (const thread of this.#byKey.values())
      if (!thread.stopped) thread.stop('Runtime.Closed', 'the twin was closed');
  }

  /** A thread that is free, or a new one while there may be more; it is taken by invoking it at once. */
  #free(functionName: string): Thread | undefined {
    const definition = this.#definitions.get(functionName);
    if (definition === undefined) throw new Error(`no function ${functionName}`);
    const threads = (this.#threads.get(functionName) ?? []).filter((thread) => !thread.stopped);
    const free = threads.find((thread) => thread.running === undefined);
    if (free !== undefined || threads.length >= this.#host.threads) return free;
    this.#generation += 1;
    const started = new Thread(definition, this.#host, `ASIATWIN${String(this.#generation).padStart(12, '0')}`);
    this.#threads.set(functionName, [...threads, started]);
    this.#byKey.set(started.accessKeyId, started);
    return started;
  }
}

function environmentOf(
  definition: FunctionDefinition,
  host: Host,
  { accessKeyId, secretAccessKey }: Pick<Thread, 'accessKeyId' | 'secretAccessKey'>,
): Record<string, string> {
  return {
    ...definition.environment,
    _HANDLER: definition.handler,
    _X_AMZN_TRACE_ID: '',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_DEFAULT_REGION: host.region,
    AWS_ENDPOINT_URL: host.endpoint,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: accessKeyId,
    AWS_REGION: host.region,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: accessKeyId,
    LAMBDA_TASK_ROOT: definition.taskRoot,
    TZ: ':UTC',
  };
}
