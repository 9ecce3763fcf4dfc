/** Our pages on stores in memory, with the shipped words; what they announce is recorded as `record` would do it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import { MemoryAddressBook } from '../../shared/adapters/memory-address-book.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { compilePageTexts } from '../../shared/email/compile-pages.ts';
import { type AnswerLink, type Link, LINK_PATH, type LinkKeys, signLink } from '../../shared/email/links.ts';
import { questionsSchema, shopSchema } from '../../shared/email/shop.ts';
import { type Address, unknownAddress } from '../../shared/lifecycle/address.ts';
import { erase } from '../../shared/lifecycle/customer/erasure.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { EVENT_TYPES } from '../../shared/lifecycle/events/event-types.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { openPages } from '../../functions/preferences/answer-request.ts';
import type { Answer } from '../../functions/preferences/document.ts';
import type { PageServices } from '../../functions/preferences/services.ts';
import { CUSTOMER, registered, START } from '../support/events.ts';
import { CountingMeter } from '../support/counting-meter.ts';

const SHIPPED_CONTENT = fileURLToPath(new URL('../../shared/content', import.meta.url));

const read = (file: string): unknown => JSON.parse(readFileSync(join(SHIPPED_CONTENT, file), 'utf8'));

const CONTENT = {
  playbook: parsePlaybook(read('playbook.json')),
  shop: shopSchema.parse(read('shop.json')),
  questions: questionsSchema.parse(read('questions.json')),
  texts: await compilePageTexts(SHIPPED_CONTENT),
};

export const LOCALES = Object.keys(CONTENT.texts);
export const textsIn = (locale: string) => CONTENT.texts[locale] ?? CONTENT.texts.en;

export const KEYS: LinkKeys = { current: 'a key for tests' };
const ADDRESS_KEY = 'another key for tests';
/** The hash of the address that {@link registered} gives. */
export const ADDRESS = addressHash(ADDRESS_KEY, 'anna@example.com');

const ORIGIN = { customerId: CUSTOMER, life: 1, key: '1/win-back/ask/1', address: ADDRESS, issuedAt: START - DAY };
export const UNSUBSCRIBE: Link = { kind: 'unsubscribe', ...ORIGIN };
export const PREFERENCES: Link = { kind: 'preferences', ...ORIGIN };
export const ANSWER: AnswerLink = { kind: 'answer', ...ORIGIN, question: 'reason', answer: 'price' };

export const linkPath = (link: Link): string => `/${LINK_PATH[link.kind]}/${signLink(KEYS, link)}`;

interface Sent {
  readonly method?: string;
  /** Fields of a form, or a body as it is. */
  readonly body?: Readonly<Record<string, string | readonly string[]>> | string;
  readonly base64?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

function bodyOf(body: NonNullable<Sent['body']>): string {
  if (typeof body === 'string') return body;
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) for (const each of [value].flat()) fields.append(name, each);
  return fields.toString();
}

/** An event of a function URL, payload 2.0, as far as anybody may look at it. */
function urlEvent(
  rawPath: string,
  { method = 'GET', body, base64 = false, headers = {} }: Sent,
): LambdaFunctionURLEvent {
  const text = body === undefined ? undefined : bodyOf(body);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { ...headers },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'url',
      domainName: 'url.lambda-url.eu-north-1.on.aws',
      domainPrefix: 'url',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: '$default',
      stage: '$default',
      time: '02/Mar/2026:12:00:00 +0000',
      timeEpoch: START,
    },
    ...(text !== undefined && { body: base64 ? Buffer.from(text).toString('base64') : text }),
    isBase64Encoded: base64,
  };
}

/** Counts what is written, so that a test can say that nothing was. */
class CountingAddressBook extends MemoryAddressBook {
  writes = 0;
  failing = false;
  override async save(address: Address, expected: number): Promise<boolean> {
    if (this.failing) throw new Error('the table does not answer');
    this.writes += 1;
    return super.save(address, expected);
  }
}

const asksForReason = z.object({ question: z.literal('reason') });

export class PagesBench {
  readonly store = new MemoryStore();
  readonly addresses = new CountingAddressBook();
  /** What was put on the bus, in its order. */
  readonly announced: Announcement[] = [];
  readonly meter = new CountingMeter();
  /** Lines of the log. */
  readonly logged: string[] = [];
  /** The bus takes nothing. */
  busDown = false;
  keys: LinkKeys = KEYS;
  /** What a fresh look at the secret shows. */
  newestKeys: LinkKeys = KEYS;
  now = START;
  #playbook = CONTENT.playbook;
  #answer: ((event: LambdaFunctionURLEvent) => Promise<Answer>) | undefined;

  get services(): PageServices {
    return {
      ...CONTENT,
      playbook: this.#playbook,
      store: this.store,
      addresses: this.addresses,
      announcer: {
        announce: async (each) => {
          if (this.busDown) throw new Error('the bus is down');
          this.announced.push(...each);
        },
      },
      meter: this.meter,
      addressKey: async () => ADDRESS_KEY,
      linkKeys: async (recent) => (recent ? this.newestKeys : this.keys),
      now: () => this.now,
    };
  }

  /** The question for the reason is asked with these answers. */
  offerOnly(...answers: readonly string[]): void {
    const asking = JSON.stringify(read('playbook.json'), (_name, value: unknown) =>
      asksForReason.safeParse(value).success ? { question: 'reason', answers } : value,
    );
    this.#playbook = parsePlaybook(JSON.parse(asking));
  }

  async send(path: string, sent: Sent = {}): Promise<Answer & { readonly body: string }> {
    this.#answer ??= openPages(this.services, this.#logger());
    const answer = await this.#answer(urlEvent(path, sent));
    return { ...answer, body: answer.body ?? '' };
  }

  open(link: Link, sent: Sent = {}) {
    return this.send(linkPath(link), sent);
  }

  post(link: Link, body: NonNullable<Sent['body']>, sent: Sent = {}) {
    return this.send(linkPath(link), { method: 'POST', body, ...sent });
  }

  /** The profile is as these events make it. */
  async know(...events: readonly CustomerEvent[]): Promise<void> {
    const known = await this.store.load(CUSTOMER);
    const before: Living = known?.kind === 'living' ? known : unknownCustomer(CUSTOMER, START);
    const facts = events.reduce((all, event) => {
      const folded = EVENT_TYPES.find(({ type }) => type === event.type)?.fold(all, event);
      if (folded === undefined) throw new Error(`${event.type} needs the whole journal`);
      return folded;
    }, before.facts);
    await this.store.save({ ...before, facts, version: before.version + 1 }, before.version);
  }

  /** A customer who wants mail. */
  registered(data: Readonly<Record<string, unknown>> = {}): Promise<void> {
    return this.know(registered(START - 1000, data));
  }

  /** What was announced arrives at the profile, through the contract of events. */
  async record(): Promise<void> {
    for (const { detailType, id, occurredAt, data } of this.announced) {
      const metadata = { id, version: 1, occurredAt: new Date(occurredAt).toISOString() };
      const parsed = parseEvent({ source: 'perennial.reader', detailType, detail: { metadata, data } }, this.now);
      if (parsed.kind !== 'event') throw new Error(`the pages announced an event that is ${JSON.stringify(parsed)}`);
      await this.know(parsed.event);
    }
  }

  async erased(): Promise<void> {
    const known = await this.store.load(CUSTOMER);
    if (known === undefined) throw new Error('nobody to erase');
    await this.store.save({ ...erase(known, this.now, this.now, []), version: known.version + 1 }, known.version);
  }

  async addressItem(): Promise<Address> {
    return (await this.addresses.read(ADDRESS)) ?? unknownAddress(ADDRESS);
  }

  #logger(): Logger {
    const logger = new Logger({ serviceName: 'preferences' });
    const keep =
      (level: string) =>
      (message: unknown, ...extra: readonly unknown[]) => {
        // As JSON an error would be empty.
        const said = JSON.stringify(extra, (_key, each: unknown) => (each instanceof Error ? String(each) : each));
        this.logged.push(`${level} ${String(message)} ${said}`);
      };
    logger.info = keep('info');
    logger.error = keep('error');
    return logger;
  }
}
