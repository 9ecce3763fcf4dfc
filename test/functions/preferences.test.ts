import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTE } from '../../shared/contracts/notes.ts';
import { type Link, openLink, signLink } from '../../shared/email/links.ts';
import { optOut, optedOutAt, suppress, unknownAddress, withHolder } from '../../shared/lifecycle/address.ts';
import { choicesOf, optedOut } from '../../shared/lifecycle/facts/choices.ts';
import { isOpen } from '../../shared/lifecycle/facts/complaints.ts';
import { openingId } from '../../shared/lifecycle/facts/matters.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { complained, event, registered, resolved, START } from '../support/events.ts';
import { assert, same } from '../support/property.ts';
import {
  ADDRESS,
  ANSWER,
  KEYS,
  linkPath,
  LOCALES,
  PagesBench,
  PREFERENCES,
  textsIn,
  UNSUBSCRIBE,
} from './preferences-bench.ts';

const ONE_CLICK = 'List-Unsubscribe=One-Click';
const MULTIPART = [
  '--b1',
  'Content-Disposition: form-data; name="List-Unsubscribe"',
  '',
  'One-Click',
  '--b1--',
  '',
].join('\r\n');

interface Chosen {
  readonly programme: readonly string[];
  readonly language?: string;
  readonly lessOften?: boolean;
  readonly tailored?: boolean;
}

/** The form of the centre as a browser sends it: how the page was, and how the reader left it. */
function form(chosen: Chosen, was: Chosen = { programme: ALL }, act = 'save') {
  const fields = ({ programme, language = 'en', lessOften = false, tailored = true }: Chosen, prefix: string) => ({
    [`${prefix}programme`]: programme,
    [`${prefix}language`]: language,
    ...(lessOften && { [`${prefix}lessOften`]: 'yes' }),
    ...(tailored && { [`${prefix}tailored`]: 'yes' }),
  });
  return { ...fields(was, 'was-'), ...fields(chosen, ''), act };
}
const ALL = ['onboarding', 'win-back', 'retention', 'nurture', 'campaign'];

/** Something a reader, or time, or a fault does. */
interface Act {
  readonly kind: 'save' | 'stop' | 'one-click' | 'old consent';
  readonly wanted: readonly string[];
  /** The reader opens the page anew, rather than going on with the one in front of them. */
  readonly fromMail: boolean;
  readonly busDown: boolean;
  readonly recorded: boolean;
  readonly later: number;
}

/** Name and value of every ticked box. */
const checked = (body: string) =>
  [...body.matchAll(/<input\s[^>]*type="checkbox"[^>]*>/gu)]
    .map(([tag]) => tag)
    .filter((tag) => /\bchecked\b/u.test(tag))
    .map((tag) => /name="([^"]*)"\s+value="([^"]*)"/u.exec(tag)?.slice(1).join(' '));

const languageOf = async (pages: PagesBench, accept?: string) => {
  const { headers } = await pages.open(
    UNSUBSCRIBE,
    accept === undefined ? {} : { headers: { 'accept-language': accept } },
  );
  return headers?.['content-language'];
};

async function bench(data: Readonly<Record<string, unknown>> = {}): Promise<PagesBench> {
  const pages = new PagesBench();
  await pages.registered(data);
  return pages;
}

/** The links of the bench are 90 days old by then. */
async function inOldAge(): Promise<PagesBench> {
  const pages = await bench();
  pages.now = START + 90 * DAY - DAY;
  return pages;
}

/** The person has another address than that of the links. */
async function moved(): Promise<PagesBench> {
  const pages = await bench();
  await pages.know(event('Profile Updated', START - 500, { email: 'berta@example.org' }));
  return pages;
}

async function factsOf(pages: PagesBench) {
  const profile = await pages.store.load('c-1');
  if (profile?.kind !== 'living') throw new Error('the customer is gone');
  return profile.facts;
}

describe('a page that is opened', () => {
  it.each([UNSUBSCRIBE, PREFERENCES, ANSWER])('of kind $kind changes nothing, by GET or HEAD', async (link) => {
    const pages = await bench();
    const before = await pages.store.load('c-1');
    for (const method of ['GET', 'HEAD']) {
      const { statusCode, body } = await pages.open(link, { method });
      expect(statusCode).toBe(200);
      expect(body === '').toBe(method === 'HEAD');
    }
    expect(pages.announced).toEqual([]);
    expect(pages.addresses.writes).toBe(0);
    expect(pages.meter.names).toEqual([]);
    expect(pages.logged).toEqual([]);
    expect(await pages.store.load('c-1')).toEqual(before);
  });

  it('opens below a path of the shop, too', async () => {
    expect((await (await bench()).send(`/mail/${linkPath(UNSUBSCRIBE)}/`)).statusCode).toBe(200);
  });

  it('has the button that does what the link says', async () => {
    const pages = await bench();
    const { body } = await pages.open(UNSUBSCRIBE);
    expect(body).toMatch(/<form method="post"[^>]*>[^]*<button type="submit"/u);
  });
});

describe('every answer', () => {
  it.each([
    ['a page', linkPath(UNSUBSCRIBE), 'GET'],
    ['a one-click request', linkPath(UNSUBSCRIBE), 'POST'],
    ['the preference centre', linkPath(PREFERENCES), 'GET'],
    ['a question', linkPath(ANSWER), 'GET'],
    ['a refusal', '/u/xyz', 'GET'],
    ['an unknown path', '/wp-login.php', 'GET'],
    ['a method that is not ours', '/', 'DELETE'],
  ])('to %s keeps out third parties, indexes, caches and cookies', async (_kind, path, method) => {
    const pages = await bench();
    const { headers, cookies, body } = await pages.send(path, { method });
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': expect.stringContaining('noindex'),
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.toHaveProperty('location');
    expect(headers).not.toHaveProperty('set-cookie');
    expect(cookies).toBeUndefined();
    const policy = String(headers?.['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/u);
    expect(body).not.toMatch(/<script|<img|@import|url\(| style="/u);
  });

  it('allows exactly the style it carries', async () => {
    const { headers, body } = await (await bench()).open(UNSUBSCRIBE);
    const style = /<style>([^]*)<\/style>/u.exec(body)?.[1] ?? '';
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
    expect(headers?.['content-security-policy']).toContain(`'sha256-${Buffer.from(digest).toString('base64')}'`);
  });

  it('escapes what comes from outside', async () => {
    const pages = await bench();
    const { body } = await pages.open(ANSWER, { method: 'POST', body: { answer: '"><script>alert(1)</script>' } });
    expect(body).not.toContain('<script');
  });
});

describe('a one-click request', () => {
  it.each([
    ['as RFC 8058 asks', { body: ONE_CLICK, headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['in base64', { body: ONE_CLICK, base64: true }],
    [
      'in multipart',
      { body: MULTIPART, base64: true, headers: { 'content-type': 'multipart/form-data; boundary=b1' } },
    ],
    ['without a type', { body: ONE_CLICK }],
    ['with an empty body', { body: '' }],
  ])('%s stops all promotional mail at once', async (_kind, sent) => {
    const pages = await bench();
    const { statusCode, headers } = await pages.open(UNSUBSCRIBE, { method: 'POST', ...sent });
    expect(statusCode).toBe(200);
    expect(headers).not.toHaveProperty('location');
    expect((await pages.addressItem()).optOut?.all).toBe(START);
    expect(pages.announced).toHaveLength(1);
    expect(pages.announced[0]).toMatchObject({
      detailType: 'Preferences Changed',
      occurredAt: START,
      data: { customerId: 'c-1', promotion: 'off', how: 'one-click' },
    });
    await pages.record();
    expect(optedOut(await factsOf(pages), 'win-back')).toBe(true);
  });

  it.each([ONE_CLICK, 'by=button'])('said again within the minute (%s) changes nothing', async (body) => {
    const pages = await bench();
    pages.now += 1;
    await pages.post(UNSUBSCRIBE, body);
    await pages.record();
    const after = await pages.addressItem();
    for (let press = 0; press < 50; press += 1) {
      pages.now += 1000;
      expect((await pages.post(UNSUBSCRIBE, body)).statusCode).toBe(200);
    }
    expect(await pages.addressItem()).toEqual(after);
    expect(pages.announced).toHaveLength(1);
  });

  it('pressed fifty times before the journal has heard is one event', async () => {
    const pages = await bench();
    for (let press = 0; press < 50; press += 1) {
      pages.now += 1000;
      await pages.post(UNSUBSCRIBE, { by: 'button' });
    }
    expect(new Set(pages.announced.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it('reaches the journal after an earlier one, where an opt-in from between may be on its way', async () => {
    const pages = await bench();
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    await pages.record();
    pages.now += DAY;
    const consent = { marketing: 'opt_in', source: 'shop', at: new Date(pages.now + 5000).toISOString() };
    const onItsWay = event('Profile Updated', pages.now + 5000, { consent });
    pages.now += 10_000;
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    await pages.know(onItsWay);
    await pages.record();
    expect(optedOut(await factsOf(pages), 'win-back')).toBe(true);
  });

  it('outlasts an opt-in on our pages in the same minute that no profile has heard of', async () => {
    const pages = await bench();
    pages.now += 1000;
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    pages.now += 1000;
    await pages.post(PREFERENCES, form({ programme: ['retention'] }, { programme: [] }));
    pages.now += 1000;
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    await pages.record();
    const facts = await factsOf(pages);
    expect(ALL.filter((each) => !optedOut(facts, each))).toEqual([]);
    expect(new Set(pages.announced.map(({ id }) => id)).size).toBe(3);
  });

  it('twice at once says the same event twice, which the journal takes as one', async () => {
    const pages = await bench();
    pages.now += 1;
    await Promise.all([pages.post(UNSUBSCRIBE, ONE_CLICK), pages.post(UNSUBSCRIBE, ONE_CLICK)]);
    pages.now += 20;
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    expect(new Set(pages.announced.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it('that could not reach the journal is answered with an error, and finished by the next one', async () => {
    const pages = await bench();
    pages.busDown = true;
    pages.now += 1;
    const { statusCode, body } = await pages.post(UNSUBSCRIBE, ONE_CLICK);
    expect(statusCode).toBe(500);
    expect(body).toContain(textsIn('en').notices.failedTitle);
    expect((await pages.addressItem()).optOut?.all).toBe(START + MINUTE);
    pages.busDown = false;
    pages.now += MINUTE / 2;
    expect((await pages.post(UNSUBSCRIBE, ONE_CLICK)).statusCode).toBe(200);
    expect(pages.announced).toMatchObject([{ occurredAt: START + MINUTE, data: { promotion: 'off' } }]);
  });

  it('that could not reach the table is answered with an error', async () => {
    const pages = await bench();
    pages.addresses.failing = true;
    expect((await pages.post(UNSUBSCRIBE, ONE_CLICK)).statusCode).toBe(500);
    expect(pages.announced).toEqual([]);
  });

  it('that failed over something unreadable logs that it failed, and nothing of what was read', async () => {
    const pages = await bench();
    pages.addresses.read = async () => JSON.parse('{"email": anna@example.com}');
    expect((await pages.post(PREFERENCES, ONE_CLICK)).statusCode).toBe(500);
    const told = pages.logged.join('\n');
    expect(told).toContain('a page failed');
    expect(told).toContain('SyntaxError');
    expect(told).not.toContain('anna');
  });

  it('counts anew after the person has opted in again', async () => {
    const pages = await bench();
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    await pages.record();
    pages.now += MINUTE / 4;
    const at = new Date(pages.now).toISOString();
    await pages.know(event('Profile Updated', pages.now, { consent: { marketing: 'opt_in', source: 'shop', at } }));
    pages.now += MINUTE / 4;
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    expect((await pages.addressItem()).optOut?.all).toBe(START + MINUTE);
    expect(pages.announced).toHaveLength(2);
    await pages.record();
    expect(optedOut(await factsOf(pages), 'win-back')).toBe(true);
  });

  it('outlives a consent whose clock was ahead of ours', async () => {
    const pages = new PagesBench();
    const at = new Date(START + 2 * MINUTE).toISOString();
    await pages.know(registered(START + 2 * MINUTE, { consent: { marketing: 'opt_in', source: 'shop', at } }));
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    expect((await pages.addressItem()).optOut?.all).toBe(START + 2 * MINUTE + 1);
    await pages.record();
    expect(optedOut(await factsOf(pages), 'win-back')).toBe(true);
  });

  it('a while later counts anew at the address, where somebody else may have opted in', async () => {
    const pages = await bench();
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    pages.now += 2 * HOUR;
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    expect((await pages.addressItem()).optOut?.all).toBe(pages.now);
  });

  it('keeps what else is known of the address', async () => {
    const pages = await bench();
    const known = withHolder(unknownAddress(ADDRESS), 'c-2', START);
    await pages.addresses.save({ ...known, version: 1 }, 0);
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    expect((await pages.addressItem()).holders).toEqual({ 'c-2': START });
  });

  it.each(['erased', 'of another life', 'unknown'])('of somebody %s is said by the address alone', async (who) => {
    const pages = new PagesBench();
    const link: Link = who === 'of another life' ? { ...UNSUBSCRIBE, life: 2 } : UNSUBSCRIBE;
    if (who !== 'unknown') await pages.registered();
    if (who === 'erased') await pages.erased();
    const { statusCode, body } = await pages.post(link, ONE_CLICK);
    expect(statusCode).toBe(200);
    expect(body).not.toContain('href="../p/');
    expect((await pages.addressItem()).optOut?.all).toBe(START);
    expect(pages.announced).toEqual([]);
  });

  it('is told from a press of the button', async () => {
    const pages = await bench();
    await pages.post(UNSUBSCRIBE, { by: 'button' });
    expect(pages.announced[0]?.data).toMatchObject({ how: 'page', promotion: 'off' });
  });
});

describe('unsubscribing from a mail about a case', () => {
  const fromRecovery: Link = { ...UNSUBSCRIBE, key: '1/recovery/apology/k-1' };
  const goesOn = textsIn('en').unsubscribe.case;

  it('says before and after that the open case goes on, and ends promotion only', async () => {
    const pages = await bench();
    await pages.know(complained(START - HOUR));
    expect((await pages.open(fromRecovery)).body).toContain(goesOn);
    expect((await pages.post(fromRecovery, { by: 'button' })).body).toContain(goesOn);
    expect(pages.announced[0]?.data).toEqual({ customerId: 'c-1', how: 'page', promotion: 'off' });
  });

  it('says nothing of a case that is settled, or of another mail', async () => {
    const pages = await bench();
    await pages.know(complained(START - HOUR));
    expect((await pages.open({ ...UNSUBSCRIBE, key: '1/win-back/ask/k-1' })).body).not.toContain(goesOn);
    await pages.know(resolved(START - MINUTE));
    expect((await pages.open(fromRecovery)).body).not.toContain(goesOn);
  });
});

describe('the preference centre', () => {
  it('shows what a customer gets who never chose', async () => {
    const { body } = await (await bench()).open(PREFERENCES);
    expect(checked(body)).toEqual([...ALL.map((id) => `programme ${id}`), 'tailored yes']);
    expect(body).toContain('At most 2 emails in 30 days.');
    expect(body).not.toContain('recovery');
  });

  it('shows what was chosen, by the person and at the address', async () => {
    const pages = await bench();
    await pages.know(
      event('Preferences Changed', START - 500, {
        how: 'page',
        programmes: { retention: 'off' },
        pace: 'less',
        tailored: false,
      }),
    );
    await pages.addresses.save({ ...optOut(unknownAddress(ADDRESS), 'win-back', START), version: 1 }, 0);
    expect(checked((await pages.open(PREFERENCES)).body)).toEqual([
      'programme onboarding',
      'programme nurture',
      'programme campaign',
      'lessOften yes',
    ]);
  });

  it.each([
    ['nobody asked', {}],
    ['the person said no', { consent: { marketing: 'none', source: 'shop', at: '2026-01-01T00:00:00Z' } }],
  ])('ticks nothing when %s', async (_why, data) => {
    const pages = new PagesBench();
    await pages.know(event('Customer Registered', START - 1000, { email: 'a@example.com', ...data }));
    const { body } = await pages.open(PREFERENCES);
    expect(checked(body)).toEqual(['tailored yes']);
    expect(body).toContain(textsIn('en').centre.none);
  });

  it('says when no mail of ours reaches the address any more', async () => {
    const pages = await bench();
    await pages.addresses.save({ ...suppress(unknownAddress(ADDRESS), 'hard bounce', START), version: 1 }, 0);
    expect((await pages.open(PREFERENCES)).body).toContain('We have stopped writing to this address');
  });

  it('sent as it was says and writes nothing', async () => {
    const pages = await bench();
    const { statusCode, body } = await pages.post(PREFERENCES, form({ programme: ALL }));
    expect(statusCode).toBe(200);
    expect(body).toContain(textsIn('en').centre.unchanged);
    expect(pages.announced).toEqual([]);
    expect(pages.addresses.writes).toBe(0);
  });

  it('turns off a programme, at the address and in the journal', async () => {
    const pages = await bench();
    const { body } = await pages.post(
      PREFERENCES,
      form({ programme: ['onboarding', 'retention', 'nurture', 'campaign'] }),
    );
    expect(body).toMatch(/role="status"[^>]*>Your choices are saved\./u);
    expect(checked(body)).toEqual([
      'programme onboarding',
      'programme retention',
      'programme nurture',
      'programme campaign',
      'tailored yes',
    ]);
    expect(pages.announced.map(({ data }) => data)).toEqual([
      { customerId: 'c-1', how: 'page', programmes: { 'win-back': 'off' } },
    ]);
    const address = await pages.addressItem();
    expect(optedOutAt(address, 'win-back')).toBe(START);
    expect(optedOutAt(address, 'retention')).toBeUndefined();
    await pages.record();
    expect(checked((await pages.open(PREFERENCES)).body)).toEqual(checked(body));
  });

  it.each([
    ['unticking everything and saving', form({ programme: [] })],
    ['the button that stops all', form({ programme: ALL }, { programme: ALL }, 'stop')],
  ])('ends all promotional mail by %s', async (_how, sent) => {
    const pages = await bench();
    const { body } = await pages.post(PREFERENCES, sent);
    expect(checked(body)).toEqual(['tailored yes']);
    expect((await pages.addressItem()).optOut).toEqual({ all: START });
    expect(pages.announced.map(({ data }) => data)).toEqual([{ customerId: 'c-1', how: 'page', promotion: 'off' }]);
  });

  it('takes mail up again only with an explicit consent, and only what was ticked', async () => {
    const pages = await bench();
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    await pages.record();
    pages.now += DAY;
    const { body } = await pages.post(PREFERENCES, form({ programme: ['retention'] }, { programme: [] }));
    const at = new Date(pages.now).toISOString();
    expect(pages.announced[1]?.data).toMatchObject({
      promotion: 'on',
      programmes: { onboarding: 'off', 'win-back': 'off', retention: 'on' },
      consent: { marketing: 'opt_in', source: 'preference centre', at },
    });
    expect(pages.announced[1]?.data['consent']).toHaveProperty('wording', expect.stringMatching(/ en [0-9a-f]{8}$/u));
    await pages.record();
    const facts = await factsOf(pages);
    expect(ALL.filter((each) => optedOut(facts, each))).toEqual(['onboarding', 'win-back', 'nurture', 'campaign']);
    expect(checked((await pages.open(PREFERENCES)).body)).toEqual(checked(body));
    // The consent is of this customer only: at the address, what is refused holds for everybody.
    const address = await pages.addressItem();
    expect(optedOutAt(address, 'win-back')).toBe(pages.now);
  });

  it('stays off for an old consent that arrives later', async () => {
    const pages = await bench();
    await pages.post(PREFERENCES, form({ programme: [] }));
    await pages.record();
    const consent = { marketing: 'opt_in', source: 'checkout', at: new Date(START - DAY).toISOString() };
    await pages.know(event('Profile Updated', START + DAY, { consent }));
    expect(checked((await pages.open(PREFERENCES)).body)).toEqual(['tailored yes']);
  });

  it('takes language, pace and tailoring, each only when it is another one', async () => {
    const pages = await bench();
    const { body, headers } = await pages.post(
      PREFERENCES,
      form({ programme: ALL, language: 'fa', lessOften: true, tailored: false }),
    );
    expect(pages.announced.map(({ data }) => data)).toEqual([
      { customerId: 'c-1', how: 'page', language: 'fa', pace: 'less', tailored: false },
    ]);
    expect(headers?.['content-language']).toBe('fa');
    expect(body).toContain('dir="rtl"');
    await pages.record();
    expect(choicesOf((await factsOf(pages)).choices)).toMatchObject({ language: 'fa', pace: 'less', tailored: false });
    await pages.post(
      PREFERENCES,
      form({ programme: ALL, language: 'fa' }, { programme: ALL, language: 'fa', lessOften: true, tailored: false }),
    );
    expect(pages.announced[1]?.data).toEqual({ customerId: 'c-1', how: 'page', pace: 'usual', tailored: true });
  });

  it.each(['xx', '__proto__', 'constructor', ''])(
    'does not take %j for a language, nor unknown programmes',
    async (language) => {
      const pages = await bench();
      await pages.post(PREFERENCES, form({ programme: [...ALL, 'recovery', 'nonsense', '__proto__'], language }));
      expect(pages.announced).toEqual([]);
    },
  );

  it('tells what the reader changed from what they left, whatever the profile has heard meanwhile', async () => {
    const pages = await bench();
    await pages.post(PREFERENCES, form({ programme: [] }));
    await pages.record();
    pages.now += DAY;
    await pages.post(PREFERENCES, form({ programme: ['retention'] }, { programme: [] }));
    // Not recorded yet: the profile still says that nothing is wanted.
    pages.now += MINUTE;
    await pages.post(PREFERENCES, form({ programme: [] }, { programme: ['retention'] }));
    await pages.record();
    expect(checked((await pages.open(PREFERENCES)).body)).toEqual(['tailored yes']);
  });

  it.each(['save', 'stop'])(
    'does not take a page left open from before an unsubscribe for a consent (%s)',
    async (act) => {
      const pages = await bench();
      await pages.post(UNSUBSCRIBE, ONE_CLICK);
      await pages.record();
      pages.now += DAY;
      await pages.post(PREFERENCES, form({ programme: ALL, language: 'sv' }, { programme: ALL }, act));
      for (const { data } of pages.announced) expect(data).not.toHaveProperty('consent');
      await pages.record();
      expect(checked((await pages.open(PREFERENCES)).body)).toEqual(['tailored yes']);
    },
  );

  it('stops for the journal, too, what it has not heard to have begun', async () => {
    const pages = await bench();
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    await pages.record();
    pages.now += 1000;
    await pages.post(PREFERENCES, form({ programme: ['retention'] }, { programme: [] }));
    pages.now += 1000;
    await pages.post(PREFERENCES, form({ programme: ['retention'] }, { programme: ['retention'] }, 'stop'));
    await pages.record();
    const facts = await factsOf(pages);
    expect(ALL.filter((each) => !optedOut(facts, each))).toEqual([]);
  });

  it('stops by its button even when the page in hand is older than the last choice', async () => {
    const pages = await bench();
    await pages.post(PREFERENCES, form({ programme: [] }));
    pages.now += 1000;
    await pages.post(PREFERENCES, form({ programme: ['retention'] }, { programme: [] }));
    pages.now += 1000;
    await pages.post(PREFERENCES, form({ programme: [] }, { programme: [] }, 'stop'));
    await pages.record();
    expect(checked((await pages.open(PREFERENCES)).body)).toEqual(['tailored yes']);
  });

  it('carries how it was shown', async () => {
    const pages = await bench();
    await pages.know(event('Preferences Changed', START - 500, { how: 'page', programmes: { retention: 'off' } }));
    const { body } = await pages.open(PREFERENCES);
    const hidden = [...body.matchAll(/type="hidden"\s+name="([^"]*)"\s+value="([^"]*)"/gu)];
    expect(hidden.map((each) => each.slice(1).join(' '))).toEqual([
      'was-programme onboarding',
      'was-programme win-back',
      'was-programme nurture',
      'was-programme campaign',
      'was-language en',
      'was-tailored yes',
    ]);
  });

  it('opts in even after a refusal whose clock was ahead of ours', async () => {
    const pages = await bench();
    const ahead = START + 2 * MINUTE;
    await pages.know(event('Preferences Changed', ahead, { how: 'shop', promotion: 'off' }));
    await pages.post(PREFERENCES, form({ programme: ['retention'] }, { programme: [] }));
    await pages.record();
    expect(checked((await pages.open(PREFERENCES)).body)).toEqual(['programme retention', 'tailored yes']);
  });

  it('refuses even after a consent whose clock was ahead of ours', async () => {
    const pages = new PagesBench();
    const at = new Date(START + 2 * MINUTE).toISOString();
    await pages.know(registered(START + 2 * MINUTE, { consent: { marketing: 'opt_in', source: 'shop', at } }));
    await pages.post(PREFERENCES, form({ programme: ['retention'] }));
    await pages.record();
    expect(checked((await pages.open(PREFERENCES)).body)).toEqual(['programme retention', 'tailored yes']);
  });

  it('ends, after any sequence of acts and failures, as the reader left it', async () => {
    const act: fc.Arbitrary<Act> = fc.record({
      kind: fc.constantFrom('save', 'save', 'save', 'stop', 'one-click', 'old consent'),
      wanted: fc.subarray(ALL),
      fromMail: fc.boolean(),
      busDown: fc.boolean(),
      recorded: fc.boolean(),
      later: fc.constantFrom(1, MINUTE, 2 * HOUR, 40 * DAY),
    });
    const outcome = async (acts: readonly Act[]) => {
      const pages = await bench();
      // From a mail that came just now: a link of long ago chooses nothing.
      const centre = (): Link => ({ ...PREFERENCES, issuedAt: pages.now });
      let shown: readonly string[] = ALL;
      let gets: readonly string[] = ALL;
      for (const { kind, wanted, fromMail, busDown, recorded, later } of acts) {
        pages.now += later;
        if (recorded) await pages.record();
        if (fromMail) {
          shown = checked((await pages.open(centre())).body).flatMap((each) => each?.split(' ')[1] ?? []);
          shown = shown.filter((each) => ALL.includes(each));
        }
        if (kind === 'old consent') {
          const consent = { marketing: 'opt_in', source: 'shop', at: new Date(START - DAY).toISOString() };
          await pages.know(event('Profile Updated', pages.now, { consent }));
          continue;
        }
        const before = shown;
        const send = () =>
          kind === 'one-click'
            ? pages.post(UNSUBSCRIBE, ONE_CLICK)
            : pages.post(centre(), form({ programme: wanted }, { programme: before }, kind));
        if (busDown) {
          pages.busDown = true;
          await send();
          pages.busDown = false;
          pages.now += 1;
        }
        same((await send()).statusCode, 200);
        if (kind === 'one-click') gets = [];
        else {
          const left = kind === 'stop' ? [] : wanted;
          const ticked = left.some((each) => !before.includes(each));
          const unticked = before.filter((each) => !left.includes(each));
          if (kind === 'stop' || ticked) gets = left;
          else if (left.length === 0 && unticked.length > 0) gets = [];
          else gets = gets.filter((each) => !unticked.includes(each));
          shown = left;
        }
      }
      await pages.record();
      const { body } = await pages.open(centre());
      return {
        gets: ALL.filter((each) => gets.includes(each)),
        shown: ALL.filter((each) => checked(body).includes(`programme ${each}`)),
      };
    };
    await assert(
      fc.asyncProperty(fc.array(act, { maxLength: 7 }), async (acts) => {
        const { gets, shown } = await outcome(acts);
        same(shown, gets);
      }),
      300,
    );
  });

  it('finishes on the second try what could not reach the journal', async () => {
    const pages = await bench();
    pages.busDown = true;
    expect((await pages.post(PREFERENCES, form({ programme: ['retention'] }))).statusCode).toBe(500);
    pages.busDown = false;
    pages.now += MINUTE;
    expect((await pages.post(PREFERENCES, form({ programme: ['retention'] }))).statusCode).toBe(200);
    expect(pages.announced.map(({ data }) => data)).toMatchObject([
      { programmes: { onboarding: 'off', 'win-back': 'off' } },
    ]);
  });

  it('does not take a body that is no form of ours', async () => {
    const pages = await bench();
    const { statusCode } = await pages.post(PREFERENCES, ONE_CLICK);
    expect(statusCode).toBe(400);
    expect(pages.announced).toEqual([]);
  });

  it('offers the one thing that is left to somebody whose data we no longer hold', async () => {
    const pages = await bench();
    await pages.erased();
    for (const sent of [{}, { method: 'POST', body: form({ programme: [] }) }]) {
      const { body } = await pages.open(PREFERENCES, sent);
      expect(body).toContain(textsIn('en').unsubscribe.title);
      expect(body).toContain('<form method="post">');
    }
    expect(pages.announced).toEqual([]);
    expect(pages.addresses.writes).toBe(0);
    expect((await pages.post(PREFERENCES, { by: 'button' })).body).toContain(textsIn('en').unsubscribe.doneTitle);
    expect((await pages.addressItem()).optOut?.all).toBe(START);
  });
});

describe('a link of 90 days ago', () => {
  it('still unsubscribes, and leads to no choice', async () => {
    const pages = await inOldAge();
    const { body } = await pages.open(UNSUBSCRIBE);
    expect(body).not.toContain('../p/');
    expect(body).toContain('This link is too old');
    expect((await pages.post(UNSUBSCRIBE, ONE_CLICK)).body).toContain(textsIn('en').unsubscribe.doneTitle);
    expect(pages.announced).toHaveLength(1);
  });

  it('chooses nothing: the centre offers to unsubscribe and says where a new link is', async () => {
    const pages = await inOldAge();
    for (const sent of [{}, { method: 'POST', body: form({ programme: ALL }, { programme: [] }) }]) {
      const { body, statusCode } = await pages.open(PREFERENCES, sent);
      expect(statusCode).toBe(200);
      expect(body).toContain(textsIn('en').unsubscribe.title);
      expect(body).toContain('Our newer emails have a fresh one');
      expect(checked(body)).toEqual([]);
    }
    expect(pages.announced).toEqual([]);
    expect(pages.addresses.writes).toBe(0);
  });

  it.each([{ by: 'button' }, form({ programme: ALL }, { programme: ALL }, 'stop')])(
    'stops the mail by the button of the centre (%j)',
    async (body) => {
      const pages = await inOldAge();
      expect((await pages.post(PREFERENCES, body)).body).toContain(textsIn('en').unsubscribe.doneTitle);
      expect(pages.announced.map(({ data }) => data)).toEqual([{ customerId: 'c-1', how: 'page', promotion: 'off' }]);
      expect((await pages.addressItem()).optOut?.all).toBe(pages.now);
    },
  );

  it('answers nothing, with thanks', async () => {
    const pages = await inOldAge();
    for (const sent of [{}, { method: 'POST', body: { answer: 'price' } }]) {
      const { body, statusCode } = await pages.open(ANSWER, sent);
      expect(statusCode).toBe(410);
      expect(body).toContain(textsIn('en').notices.lateTitle);
    }
    expect(pages.announced).toEqual([]);
  });
});

describe('a link to an address that the person has no longer', () => {
  it('gives no consent, and takes nothing back', async () => {
    const pages = await moved();
    const less = { programme: [], language: 'en', lessOften: true, tailored: false };
    const { body } = await pages.post(PREFERENCES, form({ programme: ALL, language: 'sv' }, less));
    expect(body).toContain('Here you can only choose to get less');
    expect(body).toContain(textsIn('en').centre.unchanged);
    expect(pages.announced).toEqual([]);
  });

  it('says less', async () => {
    const pages = await moved();
    const chosen = { programme: ['retention'], lessOften: true, tailored: false };
    await pages.post(PREFERENCES, form(chosen, { programme: ['retention', 'win-back'] }));
    expect(pages.announced.map(({ data }) => data)).toEqual([
      { customerId: 'c-1', how: 'page', programmes: { 'win-back': 'off' }, pace: 'less', tailored: false },
    ]);
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    expect(pages.announced).toHaveLength(2);
  });

  it('is told by nothing but its address', async () => {
    expect((await (await bench()).open(PREFERENCES)).body).not.toContain('Here you can only choose to get less');
    const pages = new PagesBench();
    await pages.know(complained(START - HOUR));
    expect((await pages.open(PREFERENCES)).body).toContain('Here you can only choose to get less');
  });
});

describe('a question', () => {
  it('is shown with the answer of the link, and counts when the button is pressed', async () => {
    const pages = await bench();
    const { body } = await pages.open(ANSWER);
    expect(body).toMatch(/value="price"\s+checked/u);
    expect(body.match(/\bchecked\b/gu)).toHaveLength(1);
    const answered = await pages.post(ANSWER, { answer: 'price' });
    expect(answered.body).toContain(textsIn('en').question.thanksTitle);
    const asked = { programme: 'win-back', step: 'ask', question: 'reason', about: '1' };
    const said = { customerId: 'c-1', ...asked, answer: 'price' };
    expect(pages.announced).toMatchObject([{ detailType: 'Question Answered', data: said }]);
  });

  it('takes another of its answers, and no other', async () => {
    const pages = await bench();
    await pages.post(ANSWER, { answer: 'other' });
    expect(pages.announced[0]?.data).toMatchObject({ answer: 'other' });
    for (const answer of ['free text', '__proto__', '']) {
      expect((await pages.post(ANSWER, { answer })).statusCode).toBe(400);
    }
    expect(pages.announced).toHaveLength(1);
  });

  it('answered twice is answered once', async () => {
    const pages = await bench();
    await pages.post(ANSWER, { answer: 'price' });
    pages.now += 400;
    await pages.post(ANSWER, { answer: 'price' });
    expect(new Set(pages.announced.map((each) => JSON.stringify(each))).size).toBe(1);
    await pages.record();
    pages.announced.length = 0;
    pages.now += HOUR;
    expect((await pages.post(ANSWER, { answer: 'price' })).body).toContain(textsIn('en').question.thanksTitle);
    expect(pages.announced).toEqual([]);
  });

  it('is of each complaint for itself: two may be settled on one day', async () => {
    const pages = await bench();
    const asked = { ...ANSWER, question: 'solved', answer: 'yes' } as const;
    for (const id of ['k-1', 'k-2']) {
      await pages.know(complained(pages.now - 31 * DAY, id));
      await pages.post({ ...asked, key: `1/recovery/still-open/${id}` }, { answer: 'yes' });
      await pages.record();
      pages.now += 1000;
    }
    expect(pages.announced.map(({ data }) => data['about'])).toStrictEqual(['k-1', 'k-2']);
    const { complaints } = await factsOf(pages);
    expect(complaints.known.filter(isOpen)).toStrictEqual([]);
  });

  it('is of the complaint itself, whatever the shop calls it, and however often it was opened', async () => {
    const pages = await bench();
    const asked = { ...ANSWER, question: 'solved', answer: 'yes' } as const;
    for (const id of ['order~20260302', 'k'.repeat(128)]) {
      const opened = pages.now - 40 * DAY;
      await pages.know(complained(opened, id), resolved(opened + DAY, id), complained(opened + 2 * DAY, id));
      await pages.post(
        { ...asked, key: `1/recovery/still-open/${openingId(id, opened + 2 * DAY)}` },
        { answer: 'yes' },
      );
      await pages.record();
      pages.now += 1000;
    }
    await pages.know(complained(pages.now - 31 * DAY, 'first~20260302'));
    await pages.post({ ...asked, key: '1/recovery/still-open/first~20260302~' }, { answer: 'yes' });
    await pages.record();
    expect(pages.announced.map(({ data }) => data['about'])).toStrictEqual([
      'order~20260302',
      'k'.repeat(128),
      'first~20260302',
    ]);
    const { complaints } = await factsOf(pages);
    expect(complaints.known.filter(isOpen)).toStrictEqual([]);
  });

  it('answered otherwise, or in another mail a year later, is answered anew', async () => {
    const pages = await bench();
    await pages.post(ANSWER, { answer: 'price' });
    pages.now += HOUR;
    await pages.post(ANSWER, { answer: 'no-need' });
    await pages.record();
    expect((await factsOf(pages)).answers).toMatchObject([{ question: 'reason', answer: 'no-need' }]);
    pages.now += 365 * DAY;
    await pages.post({ ...ANSWER, key: '1/win-back/ask/2', issuedAt: pages.now - DAY }, { answer: 'no-need' });
    expect(pages.announced).toHaveLength(3);
  });

  it('is answered with what its mail offered, and by a mail that asked it', async () => {
    const pages = await bench();
    pages.offerOnly('price', 'other');
    const { body } = await pages.open(ANSWER);
    expect([...body.matchAll(/type="radio"[^>]*value="([^"]*)"/gu)].map(([, id]) => id)).toEqual(['price', 'other']);
    expect((await pages.post(ANSWER, { answer: 'no-need' })).statusCode).toBe(400);
    for (const key of ['1/win-back/improved/1', '1/onboarding/welcome/1', 'nonsense']) {
      expect((await pages.post({ ...ANSWER, key }, { answer: 'price' })).statusCode).toBe(410);
    }
    expect(pages.announced).toEqual([]);
  });

  it('that nobody asks any more, or of somebody who is gone, changes nothing', async () => {
    const pages = await bench();
    for (const question of ['unheard-of', 'constructor']) {
      expect((await pages.post({ ...ANSWER, question }, { answer: 'price' })).statusCode).toBe(410);
    }
    await pages.erased();
    expect((await pages.post(ANSWER, { answer: 'price' })).statusCode).toBe(410);
    expect(pages.announced).toEqual([]);
  });
});

describe('a link that is not ours', () => {
  const token = signLink(KEYS, UNSUBSCRIBE);
  const foreign = signLink({ current: 'the key of somebody else' }, UNSUBSCRIBE);

  it.each([
    ['tampered with', `/u/${token.slice(0, 10)}A${token.slice(11)}`],
    ['cut short', `/u/${token.slice(0, -5)}`],
    ['signed by somebody else', `/u/${foreign}`],
    ['of another kind', `/p/${token}`],
    ['percent-encoded', `/u/%2e%2e%2f${token}`],
  ])('%s opens a friendly page, changes nothing and is counted', async (_kind, path) => {
    for (const method of ['GET', 'POST']) {
      const pages = await bench();
      const { statusCode, body } = await pages.send(path, { method, body: ONE_CLICK });
      expect(statusCode).toBe(404);
      expect(body).toContain(textsIn('en').notices.refusedTitle);
      expect(pages.meter.names).toEqual([NOTE.linkRefused]);
      expect(pages.announced).toEqual([]);
      expect(pages.addresses.writes).toBe(0);
      expect(pages.logged).toEqual([]);
    }
  });

  it.each([
    ['of no kind', `/x/${token}`],
    ['empty', '/u/'],
    ['no path of ours', '/.env'],
    ['nothing', '/'],
  ])('%s, whom anybody may ask for, opens the same page uncounted', async (_kind, path) => {
    const pages = await bench();
    const { statusCode, body } = await pages.send(path);
    expect(statusCode).toBe(404);
    expect(body).toContain(textsIn('en').notices.refusedTitle);
    expect(pages.meter.names).toEqual([]);
  });

  it.each([
    ['/robots.txt', 200, 'User-agent: *\nDisallow: /\n'],
    ['/mail/favicon.ico', 404, ''],
  ])('of %s is answered plainly and not counted', async (path, status, text) => {
    const pages = await bench();
    const { statusCode, body, headers } = await pages.send(path);
    expect({ statusCode, body }).toEqual({ statusCode: status, body: text });
    expect(headers?.['content-type']).toContain('text/plain');
    expect(pages.meter.names).toEqual([]);
  });

  it('leads on, when a key before signed it, to links that end with that key', async () => {
    const pages = await bench();
    pages.keys = { current: 'a new key', previous: KEYS.current };
    const { body } = await pages.open(UNSUBSCRIBE);
    const [, onward = ''] = /href="\.\.\/p\/([^"]+)"/u.exec(body) ?? [];
    expect(openLink(KEYS, onward)).toEqual(PREFERENCES);
    expect(openLink({ current: 'a new key' }, onward)).toBeUndefined();
    expect(body).not.toContain('action=');
  });

  it('of before a rotation still opens', async () => {
    const pages = await bench();
    pages.keys = { current: 'a new key', previous: KEYS.current };
    expect((await pages.post(UNSUBSCRIBE, ONE_CLICK)).statusCode).toBe(200);
    expect(pages.announced).toHaveLength(1);
  });

  it('signed with a key that was rotated in a moment ago opens', async () => {
    const pages = await bench();
    pages.keys = { current: 'the key before' };
    expect((await pages.post(UNSUBSCRIBE, ONE_CLICK)).statusCode).toBe(200);
    expect(pages.announced).toHaveLength(1);
  });
});

describe('a request that is none of ours', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('by %s is refused', async (method) => {
    const pages = await bench();
    const { statusCode, headers } = await pages.open(UNSUBSCRIBE, { method, body: ONE_CLICK });
    expect(statusCode).toBe(405);
    expect(headers?.['allow']).toBe('GET, HEAD, POST');
    expect(pages.announced).toEqual([]);
  });

  it.each([false, true])('is refused when it is too large (base64: %s)', async (base64) => {
    const pages = await bench();
    const body = `${ONE_CLICK}&more=${'x'.repeat(9000)}`;
    expect((await pages.open(UNSUBSCRIBE, { method: 'POST', body, base64 })).statusCode).toBe(413);
    expect(pages.addresses.writes).toBe(0);
    const usual = `${ONE_CLICK}&more=${'x'.repeat(5000)}`;
    expect((await pages.open(UNSUBSCRIBE, { method: 'POST', body: usual, base64 })).statusCode).toBe(200);
  });
});

describe('the language of a page', () => {
  it('is the one the reader chose, then that of the profile, then that of the browser', async () => {
    const pages = await bench({ locale: 'de-AT' });
    expect(await languageOf(pages, 'ru')).toBe('de');
    await pages.know(event('Preferences Changed', START - 500, { how: 'page', language: 'sv' }));
    expect(await languageOf(pages, 'ru')).toBe('sv');
    const unknown = await bench();
    expect(await languageOf(unknown, 'ja, fa-IR;q=0.4, ru-RU;q=0.8, *;q=0.1')).toBe('ru');
    expect(await languageOf(await bench({ locale: 'ja' }), 'sv')).toBe('sv');
    expect(await languageOf(unknown)).toBe('en');
    expect(await languageOf(unknown, 'sv;q=0')).toBe('en');
    expect(await languageOf(unknown, 'xx;q=x,,;;=,en-GB;q=0, \u0000')).toBe('en');
  });

  it('of a refusal is that of the browser', async () => {
    const { headers, body } = await new PagesBench().send('/u/x', { headers: { 'accept-language': 'fa' } });
    expect(headers?.['content-language']).toBe('fa');
    expect(body).toContain('<html lang="fa" dir="rtl">');
  });

  it.each(LOCALES)('%s is spoken by every page, whole and in its own direction', async (locale) => {
    for (const link of [UNSUBSCRIBE, PREFERENCES, ANSWER]) {
      const pages = await bench({ locale });
      await pages.know(complained(START - HOUR));
      for (const sent of [{}, { method: 'POST', body: { act: 'save', answer: 'price' } }]) {
        const { body } = await pages.open(link, sent);
        expect(body).toContain(`<html lang="${locale}" dir="${locale === 'fa' ? 'rtl' : 'ltr'}">`);
        expect(body).not.toMatch(/undefined|\[object|\{\{|NaN|false/u);
        expect(body).toContain('<bdi>Kettle &amp; Fern</bdi>');
      }
    }
  });
});

describe('the log', () => {
  it('names customer and message, never a token, an address or a body', async () => {
    const pages = await bench();
    await pages.post(UNSUBSCRIBE, ONE_CLICK);
    await pages.post(PREFERENCES, form({ programme: ['retention'] }));
    pages.busDown = true;
    await pages.post(ANSWER, { answer: 'price' });
    const log = pages.logged.join('\n');
    expect(log).toContain('c-1');
    expect(log).toContain('error');
    for (const link of [UNSUBSCRIBE, PREFERENCES, ANSWER]) expect(log).not.toContain(signLink(KEYS, link).slice(0, 30));
    expect(log).not.toMatch(/example\.com|One-Click|programme=|192\.0\.2\.1/u);
    expect(log).not.toContain(ADDRESS);
  });
});
