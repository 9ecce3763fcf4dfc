import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { PortInUse } from '../../infra/local/errors.ts';
import type { Played } from '../../infra/local/player/play.ts';
import { type Pages, startPages } from '../../infra/local/web/pages.ts';
import { NOTHING_COUNTED } from '../../shared/lifecycle/census/count.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { reserve, stop } from '../../shared/lifecycle/lane.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { mail, NOW, openTwin, refusedLetter, type ShopTwin } from './fixture.ts';

const SCRIPT = '<script>alert("1")</script>';
const ESCAPED = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;';

let twin: ShopTwin;
let pages: Pages;

beforeAll(async () => {
  twin = await openTwin();
  pages = await startPages(twin, 0);
});

afterAll(async () => {
  await pages.close();
  await twin.close();
});

beforeEach(() => {
  twin.letters.length = 0;
});

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function get(path: string): Promise<Got> {
  const answer = await fetch(`${pages.url}${path}`);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const listed = z.array(
  z.strictObject({
    id: z.string(),
    to: z.string(),
    subject: z.string(),
    sentAt: z.string(),
    customer: z.string().nullable(),
    programme: z.string().nullable(),
    step: z.string().nullable(),
  }),
);

async function mailbox(path: string) {
  return listed.parse(JSON.parse((await get(path)).text));
}

async function idsTo(search: string) {
  return (await mailbox(`/mailbox.json?to=${search}`)).map(({ id }) => id);
}

it('can be looked at while the past is being played, and change nothing before it is done', async () => {
  const looking = pages;
  let past: Played | undefined = { told: 1_240, total: 2_598, now: NOW - 40 * DAY };
  pages = await startPages(twin, 0, { past: () => past });
  const resume = () =>
    fetch(`${pages.url}/lane`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ act: 'resume', programme: '' }),
      redirect: 'manual',
    });

  expect((await get('/')).text).toMatch(/1,240 of 2,598 events/u);
  const refused = await resume();
  expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining('1,240 of 2,598 events')]);
  expect((await get('/health')).status).toBe(503);

  past = undefined;
  expect((await get('/')).text).not.toContain('of 2,598 events');
  expect((await resume()).status).toBe(303);
  expect((await get('/health')).status).toBe(200);
  await pages.close();
  pages = looking;
});

describe('the mailbox', () => {
  it('says how to get mail as long as there is none', async () => {
    const { status, text } = await get('/');
    expect(status).toBe(200);
    expect(text).toContain('No mail yet');
    expect(text).toContain(`--endpoint-url ${twin.endpoint} --region eu-north-1`);
    expect(text).toContain('data-copy');
  });

  describe('with mails in it', () => {
    beforeAll(async () => {
      twin.mailbox.push(
        await mail({
          id: 'm-1',
          at: NOW - DAY,
          to: 'anna@example.com',
          subject: 'Välkommen, Åsa',
          customer: 'c-1/ä',
          key: '1/onboarding/welcome/1',
        }),
        await mail({ id: 'm-2', to: 'JoAnna@example.com', customer: 'c-2', key: '1/recovery/status.3/k/9' }),
        await mail({
          id: 'm-3',
          to: 'other@shop.example.org',
          subject: SCRIPT,
          html: `${SCRIPT}<p>Hi</p>`,
          text: SCRIPT,
        }),
        await mail({ id: 'm-4', to: 'odd@example.net', customer: 'c-3', key: '1/a/b/%' }),
      );
    });

    it('lists them as JSON, newest first', async () => {
      const all = await mailbox('/mailbox.json');
      expect(all.map(({ id }) => id)).toEqual(['m-4', 'm-3', 'm-2', 'm-1']);
      expect(all[3]).toEqual({
        id: 'm-1',
        to: 'anna@example.com',
        subject: 'Välkommen, Åsa',
        sentAt: '2026-11-21T12:00:00.000Z',
        customer: 'c-1/ä',
        programme: 'onboarding',
        step: 'welcome',
      });
      expect(all[2]).toMatchObject({ customer: 'c-2', programme: 'recovery', step: 'status' });
      expect(all[1]).toMatchObject({ customer: null, programme: null, step: null });
    });

    it('finds a whole address exactly and a part of one everywhere', async () => {
      expect(await idsTo('ANNA@example.com')).toEqual(['m-1']);
      expect(await idsTo('anna')).toEqual(['m-2', 'm-1']);
      expect(await idsTo('nobody')).toEqual([]);
      const page = await get('/?to=anna@example.com');
      expect(page.text).toContain('/mail/m-1');
      expect(page.text).not.toContain('/mail/m-2');
      expect((await get('/?to=nobody')).text).toContain('No mail to “nobody”');
    });

    it('gives the raw message as it was on the wire', async () => {
      const answer = await fetch(`${pages.url}/mailbox/m-1.eml`);
      expect(answer.headers.get('content-type')).toBe('message/rfc822');
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(twin.mailbox[0]?.raw ?? []));
    });

    it('counts mails per programme and step', async () => {
      const { text } = await get('/');
      expect(text).toMatch(/Onboarding\s*<small\s*>\s*welcome 1</u);
      expect(text).toMatch(/Recovery\s*<small\s*>\s*status 1</u);
    });

    it('shows a mail in four ways and lets nothing in it run', async () => {
      const page = await get('/mail/m-3');
      expect(page.text).toContain(`<h1 class="subject">${ESCAPED}</h1>`);
      expect(page.text).toMatch(/<iframe [^>]*sandbox="" src="\/mail\/m-3\/body"/u);
      expect((await get('/mail/m-3?view=text')).text).toContain(ESCAPED);
      expect((await get('/mail/m-3?view=headers')).text).toContain('hello@shop.example.com');
      expect((await get('/mail/m-3?view=source')).text).toContain('MIME-Version');
      for (const view of ['html', 'text', 'headers', 'source']) {
        expect((await get(`/mail/m-3?view=${view}`)).text).not.toContain(SCRIPT);
      }
      const letter = await get('/mail/m-3/body');
      expect(letter.text).toContain('<p>Hi</p>');
      const policy = letter.headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy?.split('; ')).toContain('sandbox');
      expect(policy).not.toContain('script-src');
    });

    it('names step, variant and release and why it was sent', async () => {
      const customerId = 'c-1/ä';
      const sent = {
        customerId,
        outcome: 'sent',
        moment: NOW - DAY,
        decidedAt: NOW - DAY,
        endedAt: NOW - DAY,
        attempt: 1,
      } as const;
      const key = '1/onboarding/welcome/1';
      await twin.put(unknownCustomer(customerId, NOW));
      await twin.store.journal({
        id: 'e-1',
        customerId,
        type: 'Purchase Completed',
        occurredAt: NOW - DAY,
        data: { customerId, orderId: '1', total: 10, currency: 'EUR' },
      });
      const made = { release: 'r-77', template: 'onboarding/welcome@returning', locale: 'en' };
      await twin.store.writeEntry({ ...sent, ...made, key, messageId: 'm-1' });
      const { text } = await get('/mail/m-1');
      expect(text).toContain('Onboarding, welcome');
      expect(text).toContain('The stage was “New”: first order');
      expect(text).toContain('returning, in en');
      expect(text).toContain('r-77');
      expect(text).toContain('href="/customers/c-1%2F%C3%A4"');
    });

    it('leads from page to page', async () => {
      for (let n = 0; n < 30; n += 1) twin.mailbox.push(await mail({ id: `p-${n}`, to: 'paging@example.com' }));
      const first = await get('/?to=paging');
      expect(first.text).toContain('href="/?to=paging&amp;page=2"');
      expect(first.text).toContain('/mail/p-29');
      const second = await get('/?to=paging&page=2');
      expect(second.text).toContain('/mail/p-0"');
      expect(second.text).not.toContain('/mail/p-29"');
      expect((await get('/?to=paging&page=-3')).text).toContain('Page 1 of 2');
    });
  });
});

describe('customers', () => {
  const hostile = `50%/"it's"\\<b>?#`;

  beforeAll(async () => {
    await twin.put({ ...unknownCustomer('c-10', NOW), stage: 'active' });
    await twin.put({
      ...unknownCustomer('c-11', NOW),
      facts: { ...unknownCustomer('c-11', NOW).facts, person: [{ at: 1, id: 'e', email: 'Eva@example.com' }] },
    });
    await twin.put(unknownCustomer(hostile, NOW));
    await twin.put(unknownCustomer('..', NOW));
    await twin.put({ kind: 'erased', customerId: 'c-gone', life: 1, version: 0, erasedAt: NOW });
    // Pages that have counted nobody yet.
    await pages.close();
    pages = await startPages(twin, 0);
  });

  it('are found by id and by address, and listed by stage', async () => {
    expect((await get('/customers?q=eva@EXAMPLE')).text).toContain('href="/customers/c-11"');
    expect((await get('/customers?q=eva@EXAMPLE')).text).not.toContain('href="/customers/c-10"');
    expect((await get('/customers?q=c-10')).text).toContain('href="/customers/c-10"');
    const active = await get('/customers?stage=active');
    expect(active.text).toContain('href="/customers/c-10"');
    expect(active.text).not.toContain('href="/customers/c-11"');
    expect((await get('/customers?q=nothing-like-it')).text).toContain('Nobody found');
  });

  it('are found by their id at once, before the list knows them', async () => {
    await get('/customers');
    await twin.put(unknownCustomer('c-new', NOW));
    expect((await get('/customers?q=c-new')).text).toContain('href="/customers/c-new"');
  });

  it('are counted anew after something has happened', async () => {
    await twin.put({ ...unknownCustomer('c-later', NOW), stage: 'loyal' });
    expect((await get('/customers?stage=loyal')).text).not.toContain('href="/customers/c-later"');
    twin.change();
    await vi.waitFor(
      async () => expect((await get('/customers?stage=loyal')).text).toContain('href="/customers/c-later"'),
      10_000,
    );
  });

  it('may have any characters in their id', async () => {
    const list = await get(`/customers?q=${encodeURIComponent(hostile)}`);
    const path = /href="(\/customers\/50[^"]+)"/u.exec(list.text)?.[1] ?? '';
    expect(path).toBe(`/customers/${encodeURIComponent(hostile).replaceAll("'", '&#39;')}`);
    const page = await get(path.replaceAll('&#39;', "'"));
    expect(page.status).toBe(200);
    expect(page.text).toContain('50%/&quot;it&#39;s&quot;\\&lt;b&gt;?#');
    expect(page.text).not.toContain('<b>');
    const dots = await get('/customers?q=..');
    expect(dots.text).toContain('href="/customers?id=.."');
    expect((await get('/customers?id=..')).text).toContain('<h1 class="id">..</h1>');
  });

  it('that are not known or erased have a page that says so', async () => {
    const unknown = await get('/customers/%3Cb%3E');
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain('&lt;b&gt;');
    expect((await get('/customers/c-gone')).text).toContain('This person was erased');
    expect((await get('/customers?q=c-gone')).text).toContain('Nobody found');
  });
});

describe('refused events', () => {
  it('have an empty state', async () => {
    expect((await get('/refused')).text).toContain('Nothing was refused');
  });

  it('name the field and what was expected, with the original', async () => {
    const original = {
      source: 'shop',
      'detail-type': 'Purchase Completed',
      detail: { data: { customerId: 'c-7', total: SCRIPT } },
    };
    twin.letters.push(refusedLetter('d-1', 'data.total', 'expected an amount', JSON.stringify(original)));
    const { text } = await get('/refused');
    expect(text).toContain('<h2>Purchase Completed</h2>');
    expect(text).toMatch(/<code>data\.total<\/code>:\s+expected an amount/u);
    expect(text).toContain('href="/customers/c-7"');
    expect(text).toContain(ESCAPED.replaceAll('&quot;1&quot;', '\\&quot;1\\&quot;'));
    expect(text).not.toContain(SCRIPT);
    expect(text).toMatch(/<details id="original-d-1">/u);
    const whole = await get('/refused/d-1');
    expect(whole.headers.get('content-type')).toContain('text/plain');
    expect(JSON.parse(whole.text)).toEqual(original);
  });

  it('of 200 KB are cut on the page and whole behind a link', async () => {
    const long = `{"detail":"${'x'.repeat(199_000)}`;
    twin.letters.push(refusedLetter('d-2', 'detail', 'expected an object', long));
    const { text } = await get('/refused');
    expect(text.length).toBeLessThan(50_000);
    expect(text).toContain('href="/refused/d-2"');
    expect((await get('/refused/d-2')).text).toBe(long);
  });

  it('come newest first, and per queue', async () => {
    twin.letters.push(refusedLetter('old', 'a', 'expected a', '{}', NOW - MINUTE), {
      ...refusedLetter('new', 'b', 'expected b', '{}'),
      queue: 'send-dead',
    });
    const all = await get('/refused');
    expect(all.text.indexOf('original-new')).toBeLessThan(all.text.indexOf('original-old'));
    const one = await get('/refused?queue=send-dead');
    expect(one.text).toContain('original-new');
    expect(one.text).not.toContain('original-old');
  });
});

function post(path: string, form: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`${pages.url}${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
}

describe('sending', () => {
  it('is paused and resumed by buttons, and every page says so meanwhile', async () => {
    expect((await get('/')).text).not.toContain('npm run resume');
    const paused = await post('/lane', { act: 'pause', programme: '' });
    expect([paused.status, paused.headers.get('location')]).toEqual([303, '/']);
    expect((await twin.lanes.read()).paused.all).toBe(NOW);
    for (const path of ['/', '/customers', '/refused', '/nothing', '/customers/c-10']) {
      const { text } = await get(path);
      expect(text).toContain('everything since 22 Nov 2026, 12:00 UTC');
      expect(text).toContain(`npm run resume -- --all --endpoint ${twin.endpoint}`);
    }
    await post('/lane', { act: 'resume', programme: '' });
    expect((await get('/')).text).not.toContain('npm run resume');
  });

  it('is paused by programme', async () => {
    await post('/lane', { act: 'pause', programme: 'win-back' });
    expect((await get('/')).text).toContain('win-back since 22 Nov 2026, 12:00 UTC');
    await post('/lane', { act: 'resume', programme: 'win-back' });
    expect((await twin.lanes.read()).paused).toEqual({ programmes: {} });
  });

  it('shows a stop of SES, how much went out and since when', async () => {
    const lane = await twin.lanes.read();
    const { lane: used } = reserve(lane, 7, { perDay: 100, warmUp: { firstDay: 50, factor: 2 } }, 'promotional', NOW);
    await twin.lanes.save({ ...stop(used, 'quota', NOW + MINUTE), version: lane.version + 1 }, lane.version);
    const { text } = await get('/');
    expect(text).toContain('Stopped until 22 Nov 2026, 12:01 UTC: SES takes no mail, for the account’s quota');
    expect(text).toContain('room for 7 mails reserved within the last 24 hours');
    expect(text).toContain('Day 1 of the warm-up began on 22 Nov 2026: 7 mails since then');
    await twin.lanes.save({ ...used, version: lane.version + 2 }, lane.version + 1);
  });

  it.each([
    [{ act: 'pause', programme: 'newsletter' }, 'found "newsletter"'],
    [{ act: 'stop' }, 'act: expected pause or resume'],
    [{ act: 'pause', programme: 'x'.repeat(20_000) }, 'expected a short form'],
  ])('refuses a form it does not know', async (form, message) => {
    const before = await twin.lanes.read();
    const answer = await post('/lane', form);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(message);
    expect(await twin.lanes.read()).toEqual(before);
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
  ])('obeys no form of another site', async (headers) => {
    const before = await twin.lanes.read();
    // The client of the platform sets these headers itself, so one that lets us is used.
    const asked = request(`${pages.url}/lane`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    });
    asked.end('act=pause&programme=');
    const [answer] = await once(asked, 'response');
    answer.resume();
    expect(answer.statusCode).toBe(403);
    expect(await twin.lanes.read()).toEqual(before);
  });

  it('can be troubled, and says by what', async () => {
    expect((await get('/')).text).toContain('SES behaves.');
    const begun = await post('/ses', { trouble: 'hang after accepting', calls: '10' });
    expect(begun.status).toBe(303);
    expect(twin.ses.troubles).toEqual([{ trouble: 'hang after accepting', to: undefined, callsLeft: 10 }]);
    expect((await get('/')).text).toContain('hang after accepting, 10 more calls');
    expect((await post('/ses', { trouble: 'daily quota', calls: '' })).status).toBe(303);
    expect((await get('/')).text).toContain('daily quota, until it is ended');
    expect((await post('/ses', { trouble: 'nonsense', calls: '1' })).status).toBe(400);
    expect((await post('/ses', { trouble: 'rejected', calls: '3' })).status).toBe(400);
    expect((await post('/ses', {})).status).toBe(303);
    expect(twin.ses.troubles).toEqual([]);
  });
});

it('a mail leads to the pages behind its own links', async () => {
  const base = 'https://mail.shop.example.com/';
  twin.mailbox.push(
    await mail({
      id: 'linked',
      text: `Choose what you get: ${base}p/to.ken\nShop: https://shop.example.com/p/other`,
      headers: { 'List-Unsubscribe': `<${base}u/to.ken>, <mailto:hello@shop.example.com>` },
    }),
  );
  const { text } = await get('/mail/linked');
  expect(text).toContain(`href="${base}u/to.ken"`);
  expect(text).toContain(`href="${base}p/to.ken"`);
  expect((await get('/mail/m-1')).text).not.toContain('Its reader can');
});

const asking = (id: string, priority: 'normal' | 'high', at = NOW) => ({
  id: `1/${id}`,
  reason: id,
  priority,
  at,
  cause: 'e-1',
});

describe('people who need a person', () => {
  const handled = [{ at: NOW, id: 'e-2', attentionId: '1/critic' }];

  beforeAll(async () => {
    const known = unknownCustomer('c-calls', NOW);
    const asked = [asking('key-account', 'normal'), asking('critic', 'normal'), asking('severe-complaint', 'high')];
    await twin.put({ ...known, attention: asked, facts: { ...known.facts, handled } });
    twin.change();
  });

  it('stand on the first page, the urgent first, without those somebody has taken care of', async () => {
    // The page counts people anew no more often than it can afford.
    await vi.waitFor(async () => expect((await get('/')).text).toContain('c-calls'), { timeout: 20_000 });
    const { text } = await get('/');
    const panel = /<section[^>]* id="attention".*?<\/section>/su.exec(text)?.[0] ?? '';
    expect(panel).toContain('2 open requests');
    expect(panel.indexOf('A severe complaint is open')).toBeGreaterThan(0);
    expect(panel.indexOf('A severe complaint is open')).toBeLessThan(panel.indexOf('Has become a key account'));
    expect(panel).not.toContain('Has become a critic');
    expect(panel).toContain('value="1/severe-complaint"');
  });

  it('stand on their own page', async () => {
    expect((await get('/customers/c-calls')).text).toContain('A severe complaint is open');
    expect((await get('/customers/c-unhappy')).text).not.toContain('Needs a person');
  });

  it.each([
    ['what is not open', { customer: 'c-calls', attention: '1/critic' }],
    ['a customer nobody knows', { customer: 'c-nobody', attention: '1/critic' }],
    ['nobody', {}],
  ])('cannot be handled when the form names %s', async (_what, form) => {
    const answer = await post('/attention', form);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('expected something that is still open');
  });
});

describe('the last census', () => {
  const people = { lead: 1, new: 0, active: 2, loyal: 0, at_risk: 0, lapsed: 0 };
  const revenue = [
    { currency: 'EUR', customers: 60, discounted: 0.45, topSpend: 123_400, quarterSpend: 30_000, loyalFrom: 20_000 },
    { currency: 'CAD', customers: 2, discounted: 0 },
  ];
  const figures = { at: NOW, people, longOpen: 1, keyAccounts: 2, revenue, tooManyDiscounts: true };

  it('says that there was none, then what it found, with a warning of too many discounts', async () => {
    expect((await get('/')).text).toContain('there was none yet');
    const { at } = figures;
    await twin.census.save({ version: 1, at, phase: 'done', count: NOTHING_COUNTED, changes: 0, figures }, 0);
    const { text } = await get('/');
    expect(text).toContain('45 % of the revenue is discounted.');
    expect(text).toContain('2 key accounts · 1 complaint open for more than 14 days');
    expect(text).toMatch(
      /60 buyers in a year, 45 % of the revenue discounted; the biggest spend from 1,234 EUR a year/u,
    );
    expect(text).toContain('a quarter of them spent 300 EUR or more; loyal are those who spent 200 EUR or more in all');
    expect(text).toContain('nobody becomes loyal by orders in CAD: stages.loyal.spend has no sum for it');
  });
});

it('a dissatisfied customer is seen as such in the list and on the page', async () => {
  const unhappy = unknownCustomer('c-unhappy', NOW);
  const opened = { at: NOW - DAY, id: 'e-k', severity: 'high' } as const;
  const complaints = { known: [{ complaintId: 'k', opened }] };
  await twin.put({ ...unhappy, facts: { ...unhappy.facts, complaints } });
  const list = await get('/customers?q=c-unhappy');
  expect(list.text).toContain('<span class="chip dissatisfied">Dissatisfied</span>');
  expect((await get('/customers?q=c-10')).text).not.toContain('chip dissatisfied');
  expect((await get('/customers/c-unhappy')).text).toContain('Dissatisfied: a complaint is open, until ');
});

describe('the server', () => {
  it.each([
    '/nothing',
    '/mail/none',
    '/mail/none/body',
    '/mailbox/none.eml',
    '/mailbox/m-1',
    '/refused/none',
    '/customers/%E0%A4%A',
    '/mail/m-1/body/x',
    '/assets/style.css',
  ])('answers %s with 404', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it.each([
    ['/customers?stage=nobody', 'stage=nobody: expected one of lead, new, '],
    ['/playbook?stage=nobody', 'stage=nobody: expected one of lead, new, '],
    ['/playbook?trait=nobody', 'trait=nobody: expected one of '],
    ['/refused?queue=nobody', 'queue=nobody: expected one of '],
  ])('answers %s with what there is', async (path, words) => {
    expect(await get(path)).toMatchObject({ status: 400, text: expect.stringContaining(words) });
  });

  it('refuses to list mails by what it does not know', async () => {
    const answer = await get('/mailbox.json?locale=sv');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ error: 'locale: expected no parameter but "to"' });
  });

  it('says how it is', async () => {
    twin.letters.push(refusedLetter('d-9', 'a', 'expected a', '{}'));
    expect(JSON.parse((await get('/health')).text)).toEqual({
      status: 'ok',
      now: '2026-11-22T12:00:00.000Z',
      mails: twin.mailbox.length,
      waiting: 4,
      deadLetters: 1,
    });
  });

  it('loads nothing from elsewhere and runs no inline script', async () => {
    const { headers, text } = await get('/');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//u);
    for (const [, path = ''] of text.matchAll(/(?:src|href)="(\/[a-z-]+\.(?:css|js|svg))"/gu)) {
      expect((await get(path)).status).toBe(200);
    }
  });

  it('only reads', async () => {
    const answer = await fetch(`${pages.url}/`, { method: 'POST' });
    expect(answer.status).toBe(405);
  });

  it('does not answer under a name that is not its own', async () => {
    const asked = request(`${pages.url}/mailbox.json`, { headers: { host: 'evil.example' } });
    asked.end();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(421);
    answer.resume();
  });

  it('tells open pages of a change', async () => {
    const stopping = new AbortController();
    const answer = await fetch(`${pages.url}/changes`, { signal: stopping.signal });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    twin.change();
    const decoder = new TextDecoder();
    let heard = '';
    for await (const chunk of answer.body ?? []) {
      heard += decoder.decode(chunk);
      if (heard.includes('data:')) break;
    }
    stopping.abort();
    expect(heard).toContain('data: change');
  });

  it('rejects a port in use with the error of the command line', async () => {
    const other: Server = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const refused = startPages(twin, port);
    await expect(refused).rejects.toBeInstanceOf(PortInUse);
    await expect(refused).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
    other.close();
  });
});
