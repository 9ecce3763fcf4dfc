/** The mail of a claimed message, from the shipped content: its headers, links, language and tags. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CannotBeMade, composeMail, type ComposeServices } from '../../functions/send/compose.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { compileContent } from '../../shared/email/compile.ts';
import { openLink } from '../../shared/email/links.ts';
import type { Pending } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { SHIPPED_CONTENT } from '../email/content-copy.ts';
import { customerAfter } from '../support/customers.ts';
import { bought, complained, CUSTOMER, day, event } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const KEYS = { current: 'link key' };
const BASE = 'https://mail.shop.example.com/';
const REPLY_TO = 'reply@shop.example.com';
const HASH = 'abcdefghijklmnop';
const MESSAGE: Pending = { moment: day(0), decidedAt: day(0), attempt: 1 };

let services: ComposeServices;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'perennial-compose-'));
  services = {
    store: new MemoryStore(),
    release: await compileContent(SHIPPED_CONTENT, directory),
    playbook: SHIPPED,
    sender: { name: 'Kettle & Fern', address: 'hello@shop.example.com' },
    replyTo: REPLY_TO,
    linkBase: BASE,
    linkKeys: async () => KEYS,
  };
});

afterAll(() => rm(directory, { recursive: true }));

interface Given {
  readonly key?: string;
  readonly events?: readonly CustomerEvent[];
  readonly customerId?: string;
  readonly message?: Pending;
  readonly other?: Partial<ComposeServices>;
}

async function mailOf({
  key = '1/onboarding/welcome/1',
  events = [bought(day(0))],
  customerId = CUSTOMER,
  message = MESSAGE,
  other = {},
}: Given = {}) {
  const customer = { ...customerAfter(events, day(1), {}, SHIPPED), customerId };
  const [, programme = '', step = ''] = key.split('/');
  const placed = findStep(SHIPPED, programme, step);
  if (placed === undefined) throw new Error(`the playbook has no ${key}`);
  const mail = await composeMail({ ...services, ...other }, customer, key, message, placed, HASH, day(1));
  const parsed = await simpleParser(Buffer.from(mail.raw));
  const raw = Buffer.from(mail.raw).toString('latin1');
  return { mail, parsed, head: raw.slice(0, raw.indexOf('\r\n\r\n')), body: `${String(parsed.html)}\n${parsed.text}` };
}

const unfolded = (head: string) => head.replaceAll(/\r\n (?=<)/gu, ' ');
const tokenAt = (text: string, path: string) => new RegExp(`${BASE}${path}/([\\w.-]+)`, 'u').exec(text)?.[1] ?? '';
const decoded = (tag: string | undefined) => Buffer.from(tag ?? '', 'base64url').toString();
const chose = (choice: Readonly<Record<string, unknown>>) =>
  event('Preferences Changed', day(0.5), { ...choice, how: 'page' });
const returned = [bought(day(-300), 'a'), bought(day(0), 'b')];

describe.each([
  ['promotion', '1/onboarding/welcome/1', [bought(day(0))]],
  ['recovery', '1/recovery/apology/k-1', [complained(day(0))]],
] as const)('a mail of %s', (_class, key, events) => {
  it('can be unsubscribed from with one click, by an address that says who and where', async () => {
    const { head } = await mailOf({ key, events });
    const [, https = '', mailto] = /^List-Unsubscribe: <([^>]+)>, <([^>]+)>\r?$/mu.exec(unfolded(head)) ?? [];
    expect(mailto).toBe(`mailto:${REPLY_TO}?subject=unsubscribe%20${tokenAt(https, 'u')}`);
    expect(openLink(KEYS, tokenAt(https, 'u'))).toEqual({
      kind: 'unsubscribe',
      customerId: CUSTOMER,
      life: 1,
      key,
      address: HASH,
      issuedAt: day(1),
    });
    expect(head).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/mu);
  });

  it('links the page that unsubscribes and the one with all choices, in both parts', async () => {
    const { parsed } = await mailOf({ key, events });
    for (const part of [String(parsed.html), parsed.text ?? '']) {
      expect(openLink(KEYS, tokenAt(part, 'u'))).toMatchObject({ kind: 'unsubscribe', key });
      expect(openLink(KEYS, tokenAt(part, 'p'))).toMatchObject({ kind: 'preferences', key });
    }
  });
});

describe('the longest ids there are', () => {
  it('make headers and tags that SES and RFC 5322 allow', async () => {
    const complaintId = 'k'.repeat(128);
    const customerId = 'c'.repeat(128);
    const key = `1/recovery/apology/${complaintId}`;
    const { head, mail } = await mailOf({ key, customerId, events: [complained(day(0), complaintId)] });
    expect(Math.max(...head.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(openLink(KEYS, tokenAt(unfolded(head), 'u'))).toMatchObject({ customerId, key });
    for (const value of Object.values(mail.tags)) expect(value).toMatch(/^[\w-]{1,256}$/u);
  });
});

describe('the tags', () => {
  it('say all a ledger entry needs', async () => {
    const { mail } = await mailOf({ events: returned, message: { ...MESSAGE, attempt: 2 } });
    const { c, k, n, r, v } = mail.tags;
    expect([decoded(c), decoded(k), n, r]).toEqual([CUSTOMER, '1/onboarding/welcome/1', '2', services.release.id]);
    expect(decoded(v)).toBe(`${mail.template}:${mail.locale}`);
    expect(mail.template).toBe('onboarding/welcome@returning');
  });
});

describe('what the reader chose', () => {
  it('mail that is not tailored: the general wording', async () => {
    const { mail } = await mailOf({ events: [...returned, chose({ tailored: false })] });
    expect(mail.template).toBe('onboarding/welcome');
  });

  it('the language, whatever the shop says', async () => {
    const asked: (string | undefined)[] = [];
    const release: ComposeServices['release'] = {
      ...services.release,
      template: (programme, step, locale, variant) => {
        asked.push(locale);
        return services.release.template(programme, step, 'en', variant);
      },
    };
    const customer = customerAfter([bought(day(0)), chose({ language: 'fa' })], day(1), {}, SHIPPED);
    const placed = findStep(SHIPPED, 'onboarding', 'welcome');
    if (placed === undefined) throw new Error('the playbook welcomes nobody');
    await composeMail({ ...services, release }, customer, '1/onboarding/welcome/1', MESSAGE, placed, HASH, day(1));
    expect(asked).toEqual(['fa']);
  });
});

describe('a mail that asks', () => {
  it('has a link for each answer, which says what it answers', async () => {
    const { body } = await mailOf({
      key: '1/win-back/ask/1',
      events: [bought(day(-400), 'a'), bought(day(-390), 'b')],
    });
    const { question, answers } = findStep(SHIPPED, 'win-back', 'ask')?.step.asks ?? { question: '', answers: [] };
    const tokens = [...body.matchAll(new RegExp(`${BASE}a/([\\w.-]+)`, 'gu'))].map(([, token = '']) => token);
    const said = new Set(tokens.map((token) => JSON.stringify(openLink(KEYS, token))));
    expect(answers.length).toBeGreaterThan(1);
    expect([...said].map((each): unknown => JSON.parse(each))).toEqual(
      answers.map((answer) => ({
        kind: 'answer',
        customerId: CUSTOMER,
        life: 1,
        key: '1/win-back/ask/1',
        address: HASH,
        issuedAt: day(1),
        question,
        answer,
      })),
    );
  });
});

const broken = () => {
  throw new RangeError('anna@example.com');
};
const unreadable = () => Promise.reject(new Error('no secrets at present'));

describe('what cannot be made', () => {
  it('for its template is broken says so by the name of the error, and not by its text', async () => {
    const making = mailOf({ other: { release: { ...services.release, template: broken } } });
    await expect(making).rejects.toThrow(CannotBeMade);
    await expect(making).rejects.toMatchObject({ reason: 'RangeError', message: expect.not.stringContaining('@') });
  });

  it('for the event behind it cannot be understood', async () => {
    const key = '1/recovery/apology/k-1';
    const cause = complained(day(0));
    const store = new MemoryStore();
    await store.journal({ ...cause, data: { customerId: CUSTOMER, complaintId: 'k-1', channel: 7 } });
    const making = mailOf({ key, events: [cause], message: { ...MESSAGE, cause: cause.id }, other: { store } });
    await expect(making).rejects.toThrow(CannotBeMade);
  });

  it('is not confused with what cannot be read at the moment', async () => {
    await expect(mailOf({ other: { linkKeys: unreadable } })).rejects.toThrow('no secrets at present');
  });
});
