/** The mail of a claimed message, from the shipped content: its headers, links, language and tags. */
import { simpleParser } from 'mailparser';
import { beforeAll, describe, expect, it } from 'vitest';
import { CannotBeMade, composeMail, type ComposeServices } from '../../functions/send/compose.ts';
import { MemoryStore } from '../../shared/adapters/memory-store.ts';
import { openLink } from '../../shared/email/links.ts';
import { UnreachablePart } from '../../shared/email/unreadable-release.ts';
import { casesOf } from '../../shared/lifecycle/cases.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import { shippedRelease } from '../email/content-copy.ts';
import { customerAfter } from '../support/customers.ts';
import { answered, bought, checkedOut, complained, CUSTOMER, day, event, filledCart } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const KEYS = { current: 'link key' };
const BASE = 'https://mail.shop.example.com/';
const REPLY_TO = 'reply@shop.example.com';
const HASH = 'abcdefghijklmnop';
const MESSAGE: Pending = { moment: day(0), decidedAt: day(0), attempt: 1 };

let services: ComposeServices;

beforeAll(async () => {
  services = {
    store: new MemoryStore(),
    release: await shippedRelease(),
    playbook: SHIPPED,
    sender: { name: 'Kettle & Fern', address: 'hello@shop.example.com' },
    replyTo: REPLY_TO,
    linkBase: BASE,
    linkKeys: async () => KEYS,
  };
});

interface Given {
  readonly key?: string;
  readonly events?: readonly CustomerEvent[];
  readonly customerId?: string;
  readonly message?: Pending;
  readonly other?: Partial<ComposeServices>;
  /** The moment; a day after the start when left out. */
  readonly now?: number;
  readonly offers?: Living['offers'];
}

/** A store that has journalled these events, and counts what is read. */
class Journal extends MemoryStore {
  reads = 0;

  override readEvent(customerId: string, eventId: string) {
    this.reads += 1;
    return super.readEvent(customerId, eventId);
  }
}

async function journalOf(events: readonly CustomerEvent[]): Promise<Journal> {
  const journal = new Journal();
  for (const each of events) await journal.journal(each);
  return journal;
}

async function mailOf({
  key = '1/onboarding/welcome/1',
  events = [bought(day(0))],
  customerId = CUSTOMER,
  message = MESSAGE,
  other = {},
  now = day(1),
  offers = [],
}: Given = {}) {
  const customer = { ...customerAfter(events, now, {}, SHIPPED), customerId, offers };
  const [, programme = '', step = ''] = key.split('/');
  const placed = findStep(SHIPPED, programme, step);
  if (placed === undefined) throw new Error(`the playbook has no ${key}`);
  const mail = await composeMail({ ...services, ...other }, customer, key, message, placed, HASH, now);
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

describe('the way back to an order', () => {
  const begun = checkedOut(day(0.9));
  const key = `1/nurture/resume/${begun.id}`;

  it('is the one of the checkout', async () => {
    const events = [filledCart(day(0.8)), begun];
    const { parsed } = await mailOf({ key, events, other: { store: await journalOf(events) } });
    expect(parsed.html).toContain('href="https://shop.example.com/checkout/1"');
    expect(parsed.text).toContain('Teapot');
  });

  it('is the one of the cart, or the shop itself, when nothing better is known', async () => {
    const events = [filledCart(day(0.8)), begun];
    const ofCart = await mailOf({ key, events, other: { store: await journalOf(events.slice(0, 1)) } });
    expect(ofCart.parsed.html).toContain('href="https://shop.example.com/cart/1"');
    const lost = await mailOf({ key, events });
    expect(lost.parsed.html).toContain(`href="${services.release.shop.url}"`);
  });
});

describe('a mail about what is in the way of an order', () => {
  const items = [{ sku: 'tea-207', category: 'green tea', name: 'Jasmine Pearls, 80 g', quantity: 1, price: 13.9 }];
  const cart = event('Cart Updated', day(0), { items, currency: 'EUR' });
  const named = answered(day(1.5), 'fit', 'obstacle');
  const [{ id } = { id: '' }] = casesOf(customerAfter([cart, named], day(2)), SHIPPED, 'answer');
  const answer = `1/service/answer-fit/${id}`;

  it.each([
    ['the question', '1/nurture/obstacle/1', cart],
    ['the answer', answer, named],
  ])('speaks of what is in the cart, where nothing was looked at: %s', async (_what, key, cause) => {
    const events = [cart, named];
    const message = { ...MESSAGE, cause: cause.id };
    const { parsed } = await mailOf({ key, events, message, other: { store: await journalOf(events) }, now: day(2) });
    expect(parsed.text).toContain('green tea');
  });
});

describe('the journal', () => {
  it('is read for a mail that shows something of it, and for no other', async () => {
    const order = bought(day(0));
    const message = { ...MESSAGE, cause: order.id };
    const store = await journalOf([order]);
    await mailOf({ key: '1/onboarding/check-in/1', events: [order], message, other: { store } });
    expect(store.reads).toBe(0);
    const { parsed } = await mailOf({ events: [order], message, other: { store } });
    expect(store.reads).toBe(1);
    expect(parsed.text).toContain('Total');
  });

  it('is asked what was to be changed, when the change is confirmed', async () => {
    const asked = event('Change Requested', day(0.5), {
      changeId: 'ch-1',
      what: 'The green glaze',
      cost: 45,
      currency: 'EUR',
      newDate: '2026-04-20T12:00:00Z',
    });
    const agreed = event('Change Confirmed', day(0.8), { changeId: 'ch-1' });
    const events = [asked, agreed];
    const message = { ...MESSAGE, cause: agreed.id };
    const other = { store: await journalOf(events) };
    const { parsed } = await mailOf({ key: '1/service/change-confirmed/ch-1', events, message, other });
    expect(parsed.text).toContain('The green glaze');
    expect(parsed.text).toContain('€45.00');
    expect(parsed.text).toContain('20 April 2026');
  });

  it('need not have the order that is late', async () => {
    const order = bought(day(-9), 'A-77', { promisedBy: '2026-03-02T12:00:00Z' });
    const message = { ...MESSAGE, cause: order.id };
    const { parsed } = await mailOf({ key: '1/recovery/late-delivery/A-77', events: [order], message });
    expect(parsed.text).toContain('A-77');
    expect(parsed.text).toContain('2 March 2026');
  });
});

const declared = (style: string) => event('Preference Declared', day(0.2), { style });

describe('the form', () => {
  const long = /We pack it/u;
  const reasons = /Why this is good for you/u;

  it.each([
    ['none', long, undefined],
    ['efficient', undefined, undefined],
    ['traditional', long, reasons],
  ])('of somebody who declared %s', async (style, body, why) => {
    const { parsed } = await mailOf({ events: [bought(day(0)), declared(style)] });
    expect(long.test(parsed.text ?? '')).toBe(body !== undefined);
    expect(reasons.test(parsed.text ?? '')).toBe(why !== undefined);
  });

  it('of somebody who declared both is brief, with the reasons in a line', async () => {
    const { parsed } = await mailOf({ events: [bought(day(0)), declared('both')] });
    expect(parsed.text).not.toMatch(long);
    expect(parsed.text).toMatch(/^Why: /mu);
  });

  it('is the usual one for whoever wants no tailored mail', async () => {
    const { parsed } = await mailOf({ events: [bought(day(0)), declared('both'), chose({ tailored: false })] });
    expect(parsed.text).toMatch(long);
    expect(parsed.text).not.toMatch(/^Why: /mu);
  });
});

describe('a key account', () => {
  const ranked = event('Account Ranked', day(0.5), { share: 0.01, keyAccount: true });
  const orders = [bought(day(-60), 'a'), bought(day(0), 'b')];
  const ruth = event('Profile Updated', day(0.1), {
    accountManager: { name: 'Ruth Berg', email: 'ruth@shop.example.com' },
  });

  it('is written to by its contact, from the address of the shop, and answers that person', async () => {
    const { parsed, head, mail } = await mailOf({ events: [...orders, ruth, ranked] });
    expect(parsed.from?.value).toEqual([{ name: 'Ruth Berg, Kettle & Fern', address: 'hello@shop.example.com' }]);
    expect(parsed.replyTo?.value).toEqual([{ name: '', address: 'ruth@shop.example.com' }]);
    expect(mail.from).toBe('hello@shop.example.com');
    expect(parsed.text).toContain('Ruth Berg');
    // Unsubscribing stays ours to take care of.
    expect(unfolded(head)).toContain(`<mailto:${REPLY_TO}?subject=unsubscribe`);
  });

  it('without a contact of its own has the one of the shop', async () => {
    const { parsed } = await mailOf({ events: [...orders, ranked] });
    const { name, email } = services.release.shop.accountManager;
    expect(parsed.from?.value[0]?.name).toBe(`${name}, Kettle & Fern`);
    expect(parsed.replyTo?.value[0]?.address).toBe(email);
  });

  it('and nobody else: a contact alone makes no key account', async () => {
    const { parsed } = await mailOf({ events: [...orders, ruth] });
    expect(parsed.from?.value[0]?.name).toBe('Kettle & Fern');
    expect(parsed.replyTo?.value[0]?.address).toBe(REPLY_TO);
  });
});

describe('what the mail shows', () => {
  it('is the offer that was issued for this very message', async () => {
    const key = '1/retention/bonus/1';
    const made = { offerId: 'o-1', percent: 10, issuedAt: day(1), expiresAt: day(31), offer: 'loyal-bonus' };
    const offers = [
      { ...made, key: '1/retention/bonus/0', code: 'OTHER' },
      { ...made, key, code: 'MINE-77' },
    ];
    const { parsed } = await mailOf({ key, offers });
    expect(parsed.subject).toContain('10%');
    expect(parsed.text).toContain('MINE-77');
    expect(parsed.text).not.toContain('OTHER');
    expect(parsed.text).toContain(SHIPPED.offers.byName['loyal-bonus']?.terms['en']);
  });

  it('cannot be an offer that was not issued', async () => {
    await expect(mailOf({ key: '1/retention/bonus/1' })).rejects.toThrow(CannotBeMade);
  });

  it('is what the friend recommended, to somebody who was referred', async () => {
    const events = [
      event('Profile Updated', day(0), { referral: { by: 'c-9', recommended: 'the ash-glazed teapot' } }),
      bought(day(0.1)),
    ];
    const { parsed, mail } = await mailOf({ events });
    expect(mail.template).toBe('onboarding/welcome@referred');
    expect(parsed.text).toContain('the ash-glazed teapot');
    expect(parsed.text).not.toContain('c-9');
  });

  it('is what was missing at the supplier before, in whatever spelling it was named', async () => {
    const [name = '', known] = Object.entries(services.release.suppliers)[0] ?? [];
    const events = [event('Preference Declared', day(0.5), { previousSupplier: ` ${name.toUpperCase()} ` })];
    const { parsed } = await mailOf({ key: '1/nurture/sets-apart/1', events });
    expect(parsed.text).toContain(known?.name);
    expect(parsed.text).toContain(known?.gap['en']);
  });

  it('is only what has improved for the reason of this customer since they were here', async () => {
    const key = '1/win-back/improved/1';
    const reasons = services.release.improvements.filter(({ reason }) => reason === 'price');
    const others = services.release.improvements.filter(({ reason }) => reason !== 'price');
    const now = day(400);
    const { parsed } = await mailOf({ key, now, events: [bought(day(0)), answered(day(300), 'price')] });
    expect(reasons).not.toEqual([]);
    for (const { title } of reasons) expect(parsed.text).toContain(title['en']);
    for (const { title } of others) expect(parsed.text).not.toContain(title['en']);
  });

  it('is how many orders are missing to the next benefit', async () => {
    const next = services.release.benefits
      .filter(({ orders }) => orders > 1)
      .toSorted((a, b) => a.orders - b.orders)[0];
    const { parsed } = await mailOf({ key: '1/retention/benefits/1' });
    expect(parsed.text).toContain(next?.name['en']);
  });
});

const broken = () => {
  throw new RangeError('anna@example.com');
};
const outOfReach = () => Promise.reject(new UnreachablePart('templates/onboarding/welcome', { cause: undefined }));
const unreadable = () => Promise.reject(new Error('no secrets at present'));

describe('what cannot be made', () => {
  it('for its template is broken says so by the name of the error, and not by its text', async () => {
    const making = mailOf({ other: { release: { ...services.release, template: broken } } });
    await expect(making).rejects.toThrow(CannotBeMade);
    await expect(making).rejects.toMatchObject({ reason: 'RangeError', message: expect.not.stringContaining('@') });
  });

  it('is not a mail whose template is out of reach at this moment', async () => {
    const making = mailOf({ other: { release: { ...services.release, template: outOfReach } } });
    await expect(making).rejects.toThrow(UnreachablePart);
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
