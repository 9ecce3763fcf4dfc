import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { PortInUse } from '../../infra/local/errors.ts';
import { type Pages, startPages } from '../../infra/local/web/pages.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
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
