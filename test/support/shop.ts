/** A running twin with a shop beside it: real bundles, real wire, virtual time. For scenarios. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type AttributeValue, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { simpleParser } from 'mailparser';
import { z } from 'zod';
import { cachedAssembly } from '../../infra/app.ts';
import { PROJECT } from '../../infra/cache.ts';
import { type DeploymentConfig, parseConfig, stageConfig } from '../../infra/config.ts';
import type { AcceptedMail, LogLine } from '../../infra/local/contract.ts';
import type { BusEvent } from '../../infra/local/bus.ts';
import { openBus } from '../../infra/local/player/tell.ts';
import { openPlatform } from '../../infra/local/shop/platform.ts';
import { createTwin, type RunningTwin } from '../../infra/local/twin.ts';
import { ALL, changePause, type PauseAct } from '../../infra/pauses.ts';
import { DynamoDBLaneStore } from '../../shared/adapters/dynamodb-lane-store.ts';
import { DynamoDBOfferBook } from '../../shared/adapters/dynamodb-offer-book.ts';
import { DynamoDBStore } from '../../shared/adapters/dynamodb-store.ts';
import type { OfferBook } from '../../shared/adapters/offer-book.ts';
import { OWN_SOURCE } from '../../shared/contracts/bus.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import type { Pending } from '../../shared/lifecycle/customer/profile.ts';
import type { Lane } from '../../shared/lifecycle/lane.ts';
import type { Stage } from '../../shared/lifecycle/stage.ts';
import { DAY, type Duration, type Instant } from '../../shared/lifecycle/time.ts';
import { LogBook } from './log-book.ts';
import { SHIPPED } from './playbooks.ts';

/** A Monday at noon, UTC. */
export const OPENING: Instant = Date.parse('2026-03-02T12:00:00Z');

/** No scenario goes on until then. */
const NEVER_HERE: Instant = Date.parse('2999-01-01T00:00:00Z');

/** What differs from the stage `local` and the playbook the project ships. */
interface Deployment {
  readonly config?: Partial<DeploymentConfig>;
  /** The whole playbook, as JSON. */
  readonly playbook?: unknown;
  /** What marketers edit, instead of the project's own; {@link Deployment.playbook} goes before its playbook. */
  readonly contentDirectory?: string;
}

export interface ShopOptions extends Deployment {
  /** A synthesized assembly, instead of {@link Deployment}. */
  readonly assembly?: string;
  /** The shop may be deployed again: what it holds survives that. */
  readonly lasting?: boolean;
  /** Whether the shop's platform confirms the offers it is asked for; it does unless this is false. */
  readonly confirms?: boolean;
  /** Whether the census runs every night; most scenarios have no use for it, and it takes its time. */
  readonly nightly?: boolean;
  /** Invocations of a function side by side; one unless this says more, for each more loads and warms its bundle anew. */
  readonly threads?: number;
}

interface Happening {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly at?: Instant;
  readonly version?: number;
}

export interface Shop {
  readonly twin: RunningTwin;
  readonly store: DynamoDBStore;
  readonly offers: OfferBook;
  /** Puts an event on the bus, as of `at` (now if left out), and lets everything it leads to happen. */
  emit(
    type: string,
    data: Readonly<Record<string, unknown>>,
    about?: { id?: string; at?: Instant; version?: number },
  ): Promise<void>;
  /** Puts events on the bus together, so that they arrive as one batch; nothing happens before the clock is advanced. */
  put(...happenings: readonly Happening[]): Promise<void>;
  /** Registers a person who wants mail. */
  register(customerId: string, more?: Readonly<Record<string, unknown>>): Promise<void>;
  buy(customerId: string, orderId: string, total?: number): Promise<void>;
  /** Registers a person who wants mail, and tells together of their orders so many days ago. */
  boughtBefore(customerId: string, daysAgo: readonly number[], total?: number): Promise<void>;
  complain(customerId: string, complaintId: string): Promise<void>;
  resolve(customerId: string, complaintId: string): Promise<void>;
  /** Lets so many days pass. */
  pass(days: number): Promise<void>;
  wait(duration: Duration): Promise<void>;
  /** Lets time pass until this hour, UTC, comes next. */
  waitUntil(hour: number): Promise<void>;
  /** `programme/step` of every mail to a customer, oldest first. */
  mailsTo(customerId: string): string[];
  /** The same with the day each went out, counted from the opening of the shop: `7.5 onboarding/guide`. */
  calendarOf(customerId: string): string[];
  /** The stage a customer was last seen in. */
  stageOf(customerId: string): Promise<Stage | undefined>;
  /** The last mail to a customer. */
  lastMail(customerId: string): AcceptedMail;
  entry(customerId: string, key: string): Promise<LedgerEntry | undefined>;
  /** The ends of a customer's messages: outcome and reason by key. */
  ends(customerId: string): Promise<Readonly<Record<string, string>>>;
  pending(customerId: string, key: string): Promise<Pending | undefined>;
  lane(): Promise<Lane>;
  /** What the commands of the same names do; everything when no programme is named. */
  pause(programme?: string): Promise<void>;
  resume(programme?: string): Promise<void>;
  /** The data of what was announced under this name, oldest first, as often as it was told. */
  announced(detailType: string, customerId: string): readonly Readonly<Record<string, unknown>>[];
  /** What the functions wrote into their logs, as far as {@link emit} or {@link wait} led to it. */
  readonly logs: LogBook;
  /** How often functions have counted or noted something, where these fields are among what they said of it. */
  counted: LogBook['counted'];
  /** Every item of the table. */
  items(): Promise<readonly Record<string, AttributeValue>[]>;
  /** Deploys again, to the same tables and queues, after {@link ShopOptions.lasting}; this shop is closed then. */
  redeploy(deployment: Deployment): Promise<Shop>;
  close(): Promise<void>;
}

const announcement = z.object({ data: z.looseObject({ customerId: z.string() }) });

const decodeTag = (mail: AcceptedMail, tag: 'c' | 'k'): string =>
  Buffer.from(mail.tags[tag] ?? '', 'base64url').toString();

/** `programme/step` of a mail. */
const nameOf = (mail: AcceptedMail): string => decodeTag(mail, 'k').split('/').slice(1, 3).join('/');

/** The links of a mail: as its headers have them, and those in its text. */
export async function linksIn({ raw }: Pick<AcceptedMail, 'raw'>): Promise<{
  readonly oneClick: string;
  readonly preferences: string;
  readonly answers: readonly string[];
}> {
  const source = Buffer.from(raw);
  const mail = await simpleParser(source);
  const { text = '' } = mail;
  const header = mail.headerLines.find(({ key }) => key === 'list-unsubscribe')?.line.replaceAll(/\r?\n[ \t]+/gu, ' ');
  const all = text.match(/https?:\/\/[^\s>)]+/gu) ?? [];
  return {
    oneClick: /<(https?:[^>]+)>/u.exec(header ?? '')?.[1] ?? '',
    preferences: all.find((each) => each.includes('/p/')) ?? '',
    answers: all.filter((each) => each.includes('/a/')),
  };
}

/** What a form sends by POST. */
export function send(url: string, ...fields: readonly (readonly [string, string])[]): Promise<Response> {
  const body = new URLSearchParams();
  for (const [name, value] of fields) body.append(name, value);
  return fetch(url, { method: 'POST', body, redirect: 'manual' });
}

const runFile = promisify(execFile);

/** Finding the assembly of the project as it is means to hash it whole; it does not change while tests run. */
const shipped = new Map<string, Promise<string>>();

async function assemblyOf({ config, playbook, contentDirectory }: Deployment): Promise<string> {
  const settings = parseConfig({ ...stageConfig('local'), ...config });
  const content = contentDirectory === undefined ? {} : { contentDirectory };
  if (playbook === undefined && contentDirectory === undefined) {
    const key = JSON.stringify(settings);
    const assembly = shipped.get(key) ?? cachedAssembly(settings);
    shipped.set(key, assembly);
    return assembly;
  }
  if (contentDirectory !== undefined) {
    // Tests of whole stacks run unoptimised, in which compiling hundreds of templates takes half a minute.
    await runFile(process.execPath, ['--import', 'tsx', path.join(PROJECT, 'infra/build.ts'), contentDirectory]);
  }
  if (playbook === undefined) return cachedAssembly(settings, content);
  const directory = await mkdtemp(path.join(tmpdir(), 'playbook-'));
  const playbookFile = path.join(directory, 'playbook.json');
  try {
    await writeFile(playbookFile, JSON.stringify(playbook));
    return await cachedAssembly(settings, { ...content, playbookFile });
  } finally {
    await rm(directory, { recursive: true });
  }
}

const OUR_OWN = parseConfig(stageConfig('local'));
const OUR_ADDRESSES: ReadonlySet<string> = new Set([OUR_OWN.sender.address, OUR_OWN.replyTo]);
const ANY_ADDRESS = /[\w.+%-]+@[\w-]+(?:\.[\w-]+)+/gu;

/** Whatever a scenario plays, no log may tell of anybody's address but the shop's own. */
function expectNobodyLogged(logs: readonly LogLine[]): void {
  const telling = logs.filter(({ text }) => (text.match(ANY_ADDRESS) ?? []).some((each) => !OUR_ADDRESSES.has(each)));
  if (telling.length === 0) return;
  const lines = telling.map(({ functionName, text }) => `  ${functionName}: ${text}`);
  throw new Error(`a log holds an e-mail address\n${lines.join('\n')}`);
}

/** Opens a shop at `start`; close it when done. */
export async function openShop(
  start: Instant = OPENING,
  { assembly, lasting = false, confirms = true, nightly = false, threads = 1, ...deployment }: ShopOptions = {},
): Promise<Shop> {
  const dataDirectory = lasting ? await mkdtemp(path.join(tmpdir(), 'shop-')) : undefined;
  return run(start, assembly ?? (await assemblyOf(deployment)), dataDirectory, { confirms, nightly, threads });
}

async function run(
  start: Instant,
  assembly: string,
  dataDirectory: string | undefined,
  { confirms, nightly, threads }: Required<Pick<ShopOptions, 'confirms' | 'nightly' | 'threads'>>,
): Promise<Shop> {
  const twin = await createTwin({
    assembly,
    port: 0,
    clock: { mode: 'virtual', start },
    seed: 'shop',
    threadsPerFunction: threads,
    ...(!nightly && { dailyFrom: NEVER_HERE }),
    ...(dataDirectory !== undefined && { dataDirectory }),
  });
  const access = {
    endpoint: twin.endpoint,
    region: twin.region,
    credentials: { accessKeyId: 'shop', secretAccessKey: 'shop' },
  };
  const bus = new EventBridgeClient(access);
  const table = new DynamoDBClient(access);
  const store = new DynamoDBStore(table, twin.tableName);
  const lanes = new DynamoDBLaneStore(table, twin.tableName);
  const platform = openBus(twin);
  if (confirms) openPlatform(twin, platform);
  const logs = new LogBook(() => twin.logs);
  const told: BusEvent[] = [];
  twin.subscribe(async (event) => {
    if (event.source === OWN_SOURCE) told.push(event);
  });
  let count = 0;
  const put: Shop['put'] = async (...happenings) => {
    const Entries = happenings.map(({ type, data, id, at, version = 1 }) => {
      count += 1;
      const occurredAt = new Date(at ?? twin.now()).toISOString();
      const metadata = { id: id ?? `event-${twin.now()}-${count}`, version, occurredAt };
      return {
        EventBusName: twin.busName,
        Source: 'shop',
        DetailType: type,
        Detail: JSON.stringify({ metadata, data }),
      };
    });
    const answer = await bus.send(new PutEventsCommand({ Entries }));
    if (answer.FailedEntryCount !== 0) throw new Error(`the bus refused ${happenings.map(({ type }) => type).join()}`);
  };
  const register: Shop['register'] = (customerId, more = {}) => {
    const at = new Date(twin.now()).toISOString();
    const consent = { marketing: 'opt_in', source: 'test', at };
    const email = `${customerId}@example.com`;
    return emit('Customer Registered', { customerId, email, timeZone: 'Europe/Stockholm', consent, ...more });
  };
  const emit: Shop['emit'] = async (type, data, about = {}) => {
    await put({ type, data, ...about });
    await wait(0);
  };
  const wait = async (duration: Duration) => {
    await twin.advanceTo(twin.now() + duration);
    logs.read();
  };
  const mails = (customerId: string) => twin.mailbox.filter((mail) => decodeTag(mail, 'c') === customerId);
  const changeLane = async (act: PauseAct, programme: string | undefined) => {
    await changePause(lanes, act, programme === undefined ? ALL : { programme }, SHIPPED, twin.now());
  };
  const shut = async () => {
    await platform.close();
    bus.destroy();
    table.destroy();
    await twin.close();
    expectNobodyLogged(twin.logs);
  };
  return {
    twin,
    store,
    offers: new DynamoDBOfferBook(table, twin.tableName),
    emit,
    put,
    register,
    buy: (customerId, orderId, total = 40) =>
      emit('Purchase Completed', { customerId, orderId, total, currency: 'EUR' }),
    boughtBefore: async (customerId, daysAgo, total = 20) => {
      await register(customerId);
      const orders = daysAgo.map((days) => ({
        type: 'Purchase Completed',
        data: { customerId, orderId: `${customerId}-${days}`, total, currency: 'EUR' },
        at: twin.now() - days * DAY,
      }));
      await put(...orders);
      await wait(0);
    },
    complain: (customerId, complaintId) =>
      emit('Complaint Opened', { customerId, complaintId, channel: 'email', severity: 'normal' }),
    resolve: (customerId, complaintId) =>
      emit('Complaint Resolved', { customerId, complaintId, outcome: 'A new pot is on its way' }),
    pass: (days) => wait(days * DAY),
    wait,
    waitUntil: (hour) => {
      const [today, now] = [Math.floor(twin.now() / DAY) * DAY, twin.now()];
      const then = today + (hour / 24) * DAY;
      return twin.advanceTo(then > now ? then : then + DAY);
    },
    mailsTo: (customerId) => mails(customerId).map(nameOf),
    calendarOf: (customerId) =>
      mails(customerId).map((mail) => `${Number(((mail.at - start) / DAY).toFixed(2))} ${nameOf(mail)}`),
    stageOf: async (customerId) => {
      const profile = await store.load(customerId);
      return profile?.kind === 'living' ? profile.stage : undefined;
    },
    lastMail: (customerId) => {
      const mail = mails(customerId).at(-1);
      if (mail === undefined) throw new Error(`${customerId} got no mail`);
      return mail;
    },
    entry: (customerId, key) => store.readEntry(customerId, key),
    ends: async (customerId) =>
      Object.fromEntries(
        (await store.readLedger(customerId)).map(({ key, outcome, reason }) => [
          key,
          reason === undefined ? outcome : `${outcome}: ${reason}`,
        ]),
      ),
    pending: async (customerId, key) => {
      const profile = await store.load(customerId);
      return profile?.kind === 'living' ? profile.pending[key] : undefined;
    },
    lane: () => lanes.read(),
    pause: (programme) => changeLane('pause', programme),
    resume: (programme) => changeLane('resume', programme),
    announced: (detailType, customerId) =>
      told
        .filter((each) => each.detailType === detailType)
        .map(({ detail }) => announcement.parse(detail).data)
        .filter((data) => data.customerId === customerId),
    logs,
    counted: (...what) => {
      logs.read();
      return logs.counted(...what);
    },
    items: async () => {
      const items: Record<string, AttributeValue>[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        const page = await table.send(new ScanCommand({ TableName: twin.tableName, ExclusiveStartKey: from }));
        items.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return items;
    },
    redeploy: async (deployment) => {
      const [next] = await Promise.all([assemblyOf(deployment), shut()]);
      return run(start, next, dataDirectory, { confirms, nightly, threads });
    },
    close: async () => {
      try {
        await shut();
      } finally {
        if (dataDirectory !== undefined) await rm(dataDirectory, { recursive: true, force: true });
      }
    },
  };
}
