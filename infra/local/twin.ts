/**
 * The local twin: runs the CloudFormation templates and bundles of a synthesized assembly on this machine, behind the
 * real wire protocols. Nothing in a function knows of it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Archives } from './archive.ts';
import { readAssembly } from './assembly.ts';
import { AsyncInvocations, type AsyncPolicy } from './async-invocation.ts';
import { EventRouter, type Rule, type Target } from './bus.ts';
import { Clock } from './clock.ts';
import type { DeadLetter, EmittedMetric, QueueState, SesControl, Twin } from './contract.ts';
import { type Deployment, readDeployment, type RuleDefinition } from './deployment.ts';
import { Tables } from './dynamodb.ts';
import { DeploymentRefused } from './errors.ts';
import { EventSource } from './event-source.ts';
import { EventBridge } from './eventbridge.ts';
import { Faults } from './faults.ts';
import { FunctionUrls, URL_ROOT } from './function-url.ts';
import { Gateway } from './gateway.ts';
import type { Grant } from './iam.ts';
import { FORGETFUL, type Journal, LevelJournal } from './journal.ts';
import { FunctionLog } from './log.ts';
import { Mailbox } from './mailbox.ts';
import { AwsMetrics, type QueueLevel } from './monitoring/aws-metrics.ts';
import { CloudWatch } from './monitoring/cloudwatch.ts';
import { embeddedMetrics } from './monitoring/embedded-metrics.ts';
import { minuteOf } from './monitoring/metric.ts';
import { Origin } from './origin.ts';
import { Pace } from './pace.ts';
import { Queue } from './queue.ts';
import { Rights } from './rights.ts';
import { type Role, Runtime, THREADS_PER_FUNCTION } from './runtime.ts';
import { Secrets } from './secrets.ts';
import { Ses } from './ses.ts';
import { SesFeedback } from './ses-feedback.ts';
import { Sqs } from './sqs.ts';
import { type Subscriber, Subscribers } from './subscribers.ts';
import { UsageError } from './usage-error.ts';

export interface TwinOptions {
  /** Directory of a synthesized cloud assembly. */
  readonly assembly: string;
  /** 0 takes any free port; default {@link DEFAULT_PORT}. */
  readonly port?: number;
  /** A data directory in which virtual time has begun goes on where it stood, whatever the start. */
  readonly clock: { readonly mode: 'virtual'; readonly start: number } | { readonly mode: 'real' };
  /**
   * Daily rules fire from this instant on; always when left out. A census reads the whole table, and a past of years
   * needs no more than the last one.
   */
  readonly dailyFrom?: number;
  /** Where everything is kept; without it the twin forgets when it is closed. */
  readonly dataDirectory?: string;
  /** Two runs with the same seed and input give the same ids. */
  readonly seed: number | string;
  /** How many invocations of a function run side by side at most; {@link THREADS_PER_FUNCTION} when left out. */
  readonly threadsPerFunction?: number;
}

/** A place for a client to note how far it has come; on disk at the latest with what it puts on the bus next. */
export interface Cursor {
  get(): string | undefined;
  set(value: string): void;
}

export interface RunningTwin extends Twin {
  cursor(name: string): Cursor;
  /** Names of all tables and buses of the deployment. */
  readonly tableNames: readonly string[];
  readonly busNames: readonly string[];
  /** Messages that ever went to each dead-letter queue, also those whose retention has ended since. */
  readonly deadLettered: ReadonlyMap<string, number>;
  /** All that the deployment's roles, queues and functions allow somebody. */
  readonly grants: readonly Grant[];
  /** What goes wrong on purpose: nothing, until its `plan` is set. */
  readonly faults: Faults;
  /** Only this access key may put events until the returned function is called; others hear that they come too early. */
  readonly reserveBuses: (accessKeyId: string) => () => void;
  /** Calls somebody outside of the deployment for every event on a bus; returns the off switch. */
  readonly subscribe: (subscriber: Subscriber) => () => void;
  /** How SES behaves, and what it reports. */
  readonly ses: SesControl;
  /**
   * Function URLs by function name; each ends with a slash. In virtual time a request is served at the present instant,
   * without advancing the clock, and what the function puts on the bus is handled by the next {@link Twin.advanceTo}.
   */
  readonly functionUrls: ReadonlyMap<string, string>;
}

/** What Lambda needs of a function's role to write its log. */
const LOGGING = ['logs:CreateLogStream', 'logs:PutLogEvents'] as const;
const DEFAULT_PORT = 4580;
/** Invocations under way at the end have this long to write down what they did; most take a hundredth of it. */
const CLOSING_GRACE_MS = 5_000;
/** A stack synthesized for no particular place runs here. */
const DEFAULT_REGION = 'us-east-1';
const DEFAULT_ACCOUNT = '000000000000';

/**
 * @throws PortInUse when another process has the port
 * @throws UsageError when another process has the data directory
 * @throws DeploymentRefused when the assembly holds something that AWS would refuse or the twin does not emulate
 */
export async function createTwin(options: TwinOptions): Promise<RunningTwin> {
  const stacks = readAssembly(options.assembly);
  const region = stacks.find((stack) => stack.region !== undefined)?.region ?? DEFAULT_REGION;
  const account = stacks.find((stack) => stack.account !== undefined)?.account ?? DEFAULT_ACCOUNT;
  const { dataDirectory } = options;
  if (dataDirectory !== undefined) mkdirSync(dataDirectory, { recursive: true });
  const tables = new Tables(dataDirectory === undefined ? undefined : join(dataDirectory, 'level'), region, account);
  await openStore(tables, dataDirectory);
  const journal = dataDirectory === undefined ? FORGETFUL : new LevelJournal(tables.store.db);
  const kept = new Kept(journal);
  await kept.restore();

  const clock = new Clock(options.clock.mode === 'real' ? undefined : (kept.clock ?? options.clock.start));
  const gateway = new Gateway(clock);
  try {
    const endpoint = `http://127.0.0.1:${await gateway.listen(options.port ?? DEFAULT_PORT)}`;
    const deployment = readDeployment(stacks, { region, account, endpoint, exports: new Map() });
    return await run({ options, deployment, region, account, endpoint, clock, gateway, tables, journal, kept });
  } catch (error) {
    await gateway.close().catch(() => undefined);
    await tables.close();
    throw error;
  }
}

/** What LevelDB says about a directory that is open elsewhere. */
const locked = z.object({ cause: z.object({ code: z.literal('LEVEL_LOCKED') }) });

async function openStore({ store }: Tables, dataDirectory: string | undefined): Promise<void> {
  try {
    await store.db.open();
  } catch (cause) {
    if (!locked.safeParse(cause).success) throw cause;
    throw new UsageError(`cannot keep data in ${dataDirectory}: another start is using it`, { cause });
  }
}

interface Parts {
  readonly options: TwinOptions;
  readonly deployment: Deployment;
  readonly region: string;
  readonly account: string;
  readonly endpoint: string;
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly tables: Tables;
  readonly journal: Journal;
  readonly kept: Kept;
}

async function run(parts: Parts): Promise<RunningTwin> {
  const { options, deployment, region, account, endpoint, clock, gateway, tables, journal, kept } = parts;
  const name = `${options.seed}/${kept.starts}`;
  const listeners = new Set<() => void>();
  let announced = false;
  /** Listeners hear of many changes at once: a busy second has thousands. */
  const changed = (): void => {
    if (announced || listeners.size === 0) return;
    announced = true;
    setImmediate(() => {
      announced = false;
      for (const listener of listeners) listener();
    });
  };
  const log = new FunctionLog();
  const watch = new CloudWatch({
    alarms: deployment.alarms,
    dashboards: deployment.dashboards,
    clockwork: clockworkOf(deployment),
    now: () => clock.now(),
    changed,
  });
  const published = new AwsMetrics(watch);
  /** Of the twin's own. */
  const note = (functionName: string, text: string): void => {
    log.add({ functionName, at: clock.now(), text });
    changed();
  };

  for (const table of deployment.tables) await tables.create(table);

  // The pace is made last and looks after the queues, which tell it of their changes.
  const later: { pace?: Pace } = {};
  const faults = new Faults(clock, () => later.pace?.nudge());
  const rights = new Rights(() => faults.plan);
  const roleOf = (functionName: string): Role => {
    const role = deployment.functions.get(functionName)?.role;
    if (role === undefined) throw new DeploymentRefused(`no function ${functionName}`);
    return role;
  };
  const mayLog = (functionName: string): boolean => {
    const group = `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/${functionName}:log-stream:twin`;
    return LOGGING.every((action) => rights.allows(roleOf(functionName), action, group));
  };
  const write = (functionName: string, text: string): void => {
    // Lambda writes the log with the function's rights; without them it runs on, unheard.
    if (!mayLog(functionName)) return;
    note(functionName, text);
    for (const embedded of embeddedMetrics(text)) watch.hear(functionName, embedded);
  };
  const queues = deployment.queues.map(
    (definition) =>
      new Queue(
        definition,
        clock,
        journal,
        () => {
          changed();
          later.pace?.nudge();
        },
        (queueName, body) => faults.plan?.message?.(queueName, body),
      ),
  );
  const queueAt = (arn: string, where: string): Queue => {
    const found = queues.find(({ definition }) => definition.arn === arn);
    if (found === undefined) throw new DeploymentRefused(`${where}: no queue ${arn}`);
    return found;
  };
  const deadLetterArns = new Set<string>();
  for (const queue of queues) {
    const target = queue.definition.redrive?.targetArn;
    if (target === undefined) continue;
    deadLetterArns.add(target);
    queue.redriveTo(queueAt(target, queue.definition.name));
  }

  const { threadsPerFunction: threads = THREADS_PER_FUNCTION } = options;
  const runtime = new Runtime(deployment.functions, {
    clock,
    endpoint,
    region,
    log: write,
    ended: (functionName, outcome, milliseconds) => published.invoked(functionName, outcome.kind, milliseconds),
    throttles: (functionName) => faults.plan?.throttles?.(functionName) === true,
    threads,
  });
  const asyncPolicies = new Map<string, AsyncPolicy>();
  for (const [
    functionName,
    { maxRetries, maxAgeSeconds, deadLetterArn, onFailureArn },
  ] of deployment.asyncInvocations) {
    for (const arn of [deadLetterArn, onFailureArn]) if (arn !== undefined) deadLetterArns.add(arn);
    const deadLetterQueue = deadLetterArn === undefined ? undefined : queueAt(deadLetterArn, functionName);
    const onFailure = onFailureArn === undefined ? undefined : queueAt(onFailureArn, functionName);
    const maySendTo = ({ definition: { arn } }: Queue): boolean =>
      rights.allows(roleOf(functionName), 'sqs:SendMessage', arn);
    asyncPolicies.set(functionName, { maxRetries, maxAgeSeconds, deadLetterQueue, onFailure, maySendTo });
  }
  const invocations = new AsyncInvocations(
    asyncPolicies,
    runtime,
    clock,
    () => later.pace?.nudge(),
    (functionName) => published.notPutAside(functionName),
  );
  const rules = deployment.rules.map((rule): Rule => {
    for (const { DeadLetterConfig } of rule.targets)
      if (DeadLetterConfig !== undefined) deadLetterArns.add(DeadLetterConfig.Arn);
    return { ...rule, targets: rule.targets.map((target) => targetOf(target, rule, deployment, queueAt)) };
  });
  const subscribers = new Subscribers(clock, () => later.pace?.nudge());
  const archives = new Archives(deployment.archives, clock, journal);
  await archives.restore();
  const router = new EventRouter({
    buses: deployment.buses,
    rules,
    clock,
    place: { account, region },
    invocations,
    rights,
    failed: (rule, reason, deadLetter) => {
      published.undelivered(rule, deadLetter);
      note(`rule ${rule.name}`, reason);
    },
    heard: (event) => subscribers.hear(event),
    archived: (bus, envelope) => archives.keep(bus, envelope),
  });

  const mailbox = new Mailbox(options.dataDirectory, journal, changed);
  await mailbox.restore();
  const feedback = new SesFeedback({
    subscriptions: deployment.subscriptions,
    router,
    clock,
    journal,
    added: () => later.pace?.nudge(),
    reported: (news) => published.mailReported(news),
  });
  const administrator = { kind: 'administrator', origin: new Origin(`${name}/outside`, false) } as const;
  const { identities, configurationSets } = deployment;
  const ses = new Ses(
    { region, account, identities, configurationSets },
    { mailbox, feedback, journal, outside: administrator.origin },
  );
  await ses.restore();
  const secrets = new Secrets(deployment.secrets, `arn:aws:secretsmanager:${region}:${account}:secret:`, journal);
  await secrets.restore(options.seed, clock.now());
  for (const queue of queues) await queue.restore();
  const eventSources = deployment.eventSources
    .toSorted((a, b) => (a.queueArn < b.queueArn ? -1 : 1))
    .map(
      ({ concurrency, queueArn, ...mapping }) =>
        new EventSource(
          { ...mapping, concurrency: Math.min(concurrency, threads) },
          queueAt(queueArn, mapping.functionName),
          runtime,
          clock,
          region,
          (action) => rights.allows(roleOf(mapping.functionName), action, queueArn),
        ),
    );
  const pace = new Pace({
    clock,
    sources: [invocations, feedback, ...eventSources, subscribers, faults],
    queues,
    minutes: {
      scheduled: router.runsEveryMinute,
      fire: (minute, origin) => {
        watch.tick(minuteOf(minute));
        router.fireMinute(minute, origin);
      },
      smallestDueAfter: (instant) => tables.smallestDueAfter(instant),
    },
    days: {
      next: (after) => router.nextDaily(Math.max(after, (options.dailyFrom ?? 0) - 1)),
      fire: (instant, origin) => router.fireDaily(instant, origin),
    },
    name,
    passing: (instant, skipped) =>
      watch.passTo(instant, skipped, (first, last) => published.levels(queues.map(levelOf), first, last)),
  });
  later.pace = pace;

  gateway.serve({
    tables,
    events: new EventBridge(router, archives, (bus) => `arn:aws:events:${region}:${account}:event-bus/${bus}`),
    sqs: new Sqs(queues, `arn:aws:sqs:${region}:${account}:`),
    ses,
    secrets,
    urls: new FunctionUrls(
      deployment.urls,
      clock,
      (functionName, event) => pace.visit((origin) => runtime.invoke(functionName, event, origin)),
      (functionName, status) => published.urlAnswered(functionName, status),
      rights,
    ),
    journal,
    account,
    faults,
    rights,
    callerOf: (accessKeyId) => runtime.callerOf(accessKeyId) ?? administrator,
    faulted: (error) => note('local twin', error instanceof Error ? (error.stack ?? error.message) : String(error)),
    denied: (functionName, message) => note(functionName, `AccessDenied: ${message}`),
    tableRefused: (code, operation, body) => published.tableRefused(code, tables.placeOf(body), operation),
  });
  pace.nudge();

  const stateOf = (queue: Queue): QueueState => ({
    name: queue.definition.name,
    deadLetter: deadLetterArns.has(queue.definition.arn),
    visible: queue.visible,
    inFlight: queue.inFlight,
    delayed: queue.delayed,
  });
  /** The latest stretch of virtual time; closing the pace ends it after what is running. */
  let stretch: Promise<unknown> = Promise.resolve();
  const close = async (): Promise<void> => {
    pace.close();
    await Promise.race([stretch, sleep(CLOSING_GRACE_MS, undefined, { ref: false })]);
    runtime.close();
    await gateway.close();
    kept.keepClock(clock.now());
    await journal.flush();
    mailbox.close();
    await tables.close();
  };
  let closing: Promise<void> | undefined;
  const [tableName = ''] = deployment.tables.map((table) => table.name);
  const busNames = [...deployment.buses.keys()].filter((bus) => bus !== 'default');
  return {
    endpoint,
    region,
    tableName,
    tableNames: deployment.tables.map((table) => table.name),
    busName: busNames[0] ?? 'default',
    busNames,
    now: () => clock.now(),
    advanceTo: async (instant) => {
      const advance = pace.advanceTo(instant);
      stretch = advance.catch(() => undefined);
      await advance;
      kept.keepClock(clock.now());
    },
    goLive: () => {
      clock.goLive();
      kept.keepClock(clock.now());
      pace.goLive();
    },
    mailbox: mailbox.mails,
    faults,
    grants: grantsOf(deployment),
    reserveBuses: (accessKeyId) => gateway.reserveBuses(accessKeyId),
    subscribe: (subscriber) => subscribers.add(subscriber),
    ses,
    functionUrls: new Map(
      deployment.urls.map(({ functionName }) => [functionName, `${endpoint}${URL_ROOT}${functionName}/`]),
    ),
    queues: () => queues.map(stateOf),
    deadLetters: () =>
      queues
        .filter(({ definition }) => deadLetterArns.has(definition.arn))
        .flatMap((queue) =>
          queue.messages().map((message): DeadLetter => ({
            queue: queue.definition.name,
            messageId: message.id,
            at: message.sentAt,
            receives: message.receives,
            body: message.body,
          })),
        ),
    get deadLettered() {
      const dead = queues.filter(({ definition }) => deadLetterArns.has(definition.arn));
      return new Map(dead.map((queue) => [queue.definition.name, queue.arrivals]));
    },
    get logs() {
      return log.lines;
    },
    monitoring: watch,
    get metrics() {
      return new Map(watch.emitted().filter(isCustom).map(sumOf));
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    cursor: (cursor) => kept.cursor(cursor),
    close: () => (closing ??= close()),
  };
}

/** All that roles, queues and functions allow somebody. */
function grantsOf({ roles, queues, functionPolicies }: Deployment): readonly Grant[] {
  const policies = [
    ...[...roles.values()].map(({ statements }) => statements),
    ...queues.map(({ policy }) => policy),
    ...functionPolicies.values(),
  ];
  return policies.flat().flatMap(({ allow, grants }) => (allow ? grants : []));
}

/** Functions and rules that run every minute. */
function clockworkOf({ rules, functions }: Deployment): ReadonlySet<string> {
  const everyMinute = rules.filter(({ schedule }) => schedule?.kind === 'every minute');
  const arns = new Set(everyMinute.flatMap(({ targets }) => targets.map(({ Arn }) => Arn)));
  const targeted = [...functions.values()].filter(({ arn }) => arns.has(arn));
  return new Set([...everyMinute, ...targeted].map(({ name }) => name));
}

function levelOf(queue: Queue): QueueLevel {
  return { name: queue.definition.name, ...queue.level() };
}

function isCustom({ namespace }: EmittedMetric): boolean {
  return !namespace.startsWith('AWS/');
}

function sumOf({ name, dimensions, sum }: EmittedMetric): readonly [string, number] {
  const inner = Object.entries(dimensions).map(([dimension, value]) => `${dimension}=${value}`);
  return [inner.length === 0 ? name : `${name}{${inner.join(',')}}`, sum];
}

function targetOf(
  target: RuleDefinition['targets'][number],
  rule: RuleDefinition,
  deployment: Deployment,
  queueAt: (arn: string, where: string) => Queue,
): Target {
  const { Id: id, Arn: arn, Input: input, DeadLetterConfig, RoleArn } = target;
  const deadLetterQueue = DeadLetterConfig && queueAt(DeadLetterConfig.Arn, rule.name);
  const [, , service = '', , , ...path] = arn.split(':');
  const name = path.at(-1) ?? '';
  switch (service) {
    case 'sqs':
      return { id, input, deadLetterQueue, destination: { kind: 'queue', queue: queueAt(arn, rule.name) } };
    case 'lambda': {
      if (!deployment.functions.has(name)) throw new DeploymentRefused(`${rule.name}: no function ${arn}`);
      const policy = deployment.functionPolicies.get(name) ?? [];
      return { id, input, deadLetterQueue, destination: { kind: 'function', name, arn, policy } };
    }
    case 'events': {
      const bus = name.replace('event-bus/', '');
      const role = RoleArn === undefined ? undefined : deployment.roles.get(RoleArn);
      if (!deployment.buses.has(bus) || role === undefined)
        throw new DeploymentRefused(`${rule.name}: the target ${arn} needs a bus and a role of this deployment`);
      return { id, input, deadLetterQueue, destination: { kind: 'bus', name: bus, arn, role: role.statements } };
    }
    default:
      throw new DeploymentRefused(`${rule.name}: targets of ${service} are not emulated`);
  }
}

/** Small values that survive: how often the twin was started, where virtual time stood, and the clients' cursors. */
class Kept {
  readonly #journal: Journal;
  readonly #cursors = new Map<string, string>();
  starts = 0;
  /** Epoch milliseconds; undefined before the first start. */
  clock: number | undefined;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async restore(): Promise<void> {
    const values = new Map(await this.#journal.read('kept/'));
    this.starts = z.number().default(0).parse(values.get('starts')) + 1;
    this.clock = z.number().optional().parse(values.get('clock'));
    this.#journal.put('kept/starts', this.starts);
    for (const [cursor, value] of await this.#journal.read('cursor/'))
      this.#cursors.set(cursor, z.string().parse(value));
  }

  keepClock(instant: number): void {
    this.#journal.put('kept/clock', instant);
  }

  cursor(name: string): Cursor {
    return {
      get: () => this.#cursors.get(name),
      set: (value) => {
        this.#cursors.set(name, value);
        this.#journal.put(`cursor/${name}`, value);
      },
    };
  }
}
