/**
 * Runs inside a worker thread: what the Lambda service does around a function's own code. It is compiled on its own,
 * without imports from the rest of the twin. Date is replaced before the function's bundle is loaded.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

export interface BootstrapData {
  /** One float64: the instant at which time stands, or NaN for the wall clock. */
  readonly clock: SharedArrayBuffer;
  readonly taskRoot: string;
  /** `file.export` as the template names it. */
  readonly handler: string;
  readonly functionArn: string;
}

export interface Invoke {
  readonly requestId: string;
  readonly event: string;
  readonly timeoutMs: number;
}

export interface FunctionFault {
  readonly type: string;
  readonly message: string;
  readonly trace: string;
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init failed'; readonly fault: FunctionFault }
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'done'; readonly requestId: string; readonly payload: string }
  | { readonly kind: 'failed'; readonly requestId: string; readonly fault: FunctionFault };

type Handler = (event: unknown, context: unknown) => unknown;

function post(message: FromWorker): void {
  parentPort?.postMessage(message, []);
}

/** Every way to ask for the present answers with the twin's clock; timers and performance.now stay real. */
function replaceDate(clock: SharedArrayBuffer): void {
  const standing = new Float64Array(clock);
  const RealDate = Date;
  const now = (): number => {
    const instant = standing[0] ?? Number.NaN;
    return Number.isNaN(instant) ? RealDate.now() : instant;
  };
  const TwinDate: DateConstructor = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (_target, parts: unknown[], newTarget): Date =>
      Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, newTarget === TwinDate ? RealDate : newTarget),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  RealDate.prototype.constructor = TwinDate;
  globalThis.Date = TwinDate;
}

/** Sends whole lines over the port, in order with the answers, instead of through the stream of the main thread. */
function captureOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    let rest = '';
    const write = (chunk: string | Uint8Array, ...more: readonly unknown[]): boolean => {
      const lines = (rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) if (text.trim() !== '') post({ kind: 'log', text });
      const done = more.at(-1);
      if (typeof done === 'function') done();
      return true;
    };
    Object.defineProperty(stream, 'write', { value: write });
  }
  // Lambda runs a newer Node than the laptop may have; the SDK's advice to upgrade is not the function's doing.
  const warn: (...parts: never[]) => void = process.emitWarning.bind(process);
  const filtered = (...parts: never[]): void => {
    if (!String(parts[0]).startsWith('NodeVersionSupportWarning')) warn(...parts);
  };
  Object.defineProperty(process, 'emitWarning', { value: filtered });
}

async function load(taskRoot: string, handler: string): Promise<Handler> {
  const dot = handler.lastIndexOf('.');
  const name = handler.slice(dot + 1);
  const file = ['.js', '.mjs', '.cjs'].map((end) => join(taskRoot, handler.slice(0, dot) + end)).find(existsSync);
  if (file === undefined)
    throw new Error(`Runtime.ImportModuleError: no module for the handler ${handler} in ${taskRoot}`);
  const loaded: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
  const found = loaded[name] ?? Reflect.get(Object(loaded['default']), name);
  if (typeof found !== 'function') throw new Error(`Runtime.HandlerNotFound: ${handler} is undefined or not exported`);
  return (event, context) => found(event, context);
}

function faultOf(error: unknown): FunctionFault {
  if (error instanceof Error) return { type: error.name, message: error.message, trace: error.stack ?? '' };
  return { type: typeof error, message: String(error), trace: '' };
}

async function serve({ clock, taskRoot, handler, functionArn }: BootstrapData): Promise<void> {
  replaceDate(clock);
  captureOutput();
  let handle: Handler;
  try {
    handle = await load(taskRoot, handler);
  } catch (error) {
    post({ kind: 'init failed', fault: faultOf(error) });
    return;
  }
  parentPort?.on('message', ({ requestId, event, timeoutMs }: Invoke) => {
    const deadline = performance.now() + timeoutMs;
    process.env['_X_AMZN_TRACE_ID'] = `Root=1-00000000-${requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`;
    const context = {
      awsRequestId: requestId,
      functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
      functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
      invokedFunctionArn: functionArn,
      memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
      logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
      logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
    };
    Promise.resolve(JSON.parse(event))
      .then((parsed: unknown) => handle(parsed, context))
      .then(
        (result) => post({ kind: 'done', requestId, payload: JSON.stringify(result) ?? 'null' }),
        (error: unknown) => post({ kind: 'failed', requestId, fault: faultOf(error) }),
      );
  });
  post({ kind: 'ready' });
}

const data: BootstrapData = workerData;
void serve(data);
