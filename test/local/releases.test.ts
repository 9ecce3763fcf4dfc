/** The page of releases with the twin it publishes to, as somebody without JavaScript uses it. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeDeployedRelease } from '../../infra/local/deployed-release.ts';
import type { Pages } from '../../infra/local/web/pages.ts';
import { MINUTE } from '../../shared/lifecycle/time.ts';
import { type ContentPages, openContentPages } from '../support/content-pages.ts';
import type { Shop } from '../support/shop.ts';

/** Every mail is compiled and read, on a machine that may be busy with other things. */
const COMPARING_MS = 300_000;

let opened: ContentPages;
let shop: Shop;
let content: string;
let pages: Pages;

beforeAll(async () => {
  opened = await openContentPages(({ twin }) => writeDeployedRelease(twin));
  ({ shop, content, pages } = opened);
});

afterAll(() => opened.close());

const WELCOME = 'templates/onboarding/welcome/en.json';

async function write(intro: string) {
  const file = path.join(content, WELCOME);
  const texts = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, `${JSON.stringify({ ...texts, intro }, undefined, 2)}\n`);
}

async function get(address: string) {
  const answer = await fetch(`${pages.url}${address}`);
  return { status: answer.status, text: await answer.text() };
}

function post(fields: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(`${pages.url}/releases`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
    redirect: 'manual',
  });
}

/** Where a form leads to. */
async function follow(fields: Record<string, string>) {
  const answer = await post(fields);
  expect(answer.status).toBe(303);
  const { text } = await get(answer.headers.get('location') ?? '');
  return { text, form: hiddenIn(text) };
}

const hiddenIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/gu)].map(([, name, value]) => [name, value]),
  );

async function introTo(customerId: string) {
  await shop.register(customerId);
  await shop.buy(customerId, `o-${customerId}`);
  return (await simpleParser(Buffer.from(shop.lastMail(customerId).raw))).text;
}

// Each goes on from what the one before has published.
it(
  'what is wrong keeps content from being published, and leads to where it can be mended',
  { timeout: COMPARING_MS },
  async () => {
    await write('Your order is {{ order.colour }}.');
    const { text, form } = await follow({ act: 'compare' });
    expect(text).toContain('This cannot be published yet');
    expect(text).toContain('order.colour');
    expect(text).toContain('<a href="/templates/onboarding/welcome">Edit it');
    expect(form['act']).toBe('compare');
    expect((await get('/releases')).text).toContain('0 moves');
  },
);

it(
  'a sentence that is compared and published is in the next mail, and the old one after going back',
  { timeout: COMPARING_MS },
  async () => {
    await write('Your parcel is packed with care.');
    const { text, form } = await follow({ act: 'compare' });
    expect(text).toMatch(/<ins>[^<]*packed with care/u);
    expect(await introTo('before')).not.toContain('packed with care');

    const answer = await post({ ...form, message: 'Care' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/releases?made=1']);
    expect((await get('/releases?made=1')).text).toContain('Live <small>number 1</small>');
    await shop.wait(MINUTE);
    expect(await introTo('after')).toContain('packed with care');

    const second = await post({ ...form, message: 'Mine' });
    expect(second.status).toBe(409);
    expect(await second.text()).toMatch(/Meanwhile \S+ made release \w+ live as number 1, [^(]+ \(&quot;Care&quot;\)/u);

    const back = await follow({ act: 'look-back', to: 'deployed' });
    expect(back.text).toContain('Back to what was deployed');
    expect(back.text).toMatch(/<del>[^<]*packed with care/u);
    expect((await post(back.form)).headers.get('location')).toBe('/releases?made=2');
    await shop.wait(MINUTE);
    expect(await introTo('again')).not.toContain('packed with care');
  },
);

it('content that changed since it was compared is not published', async () => {
  const { form } = await follow({ act: 'compare' });
  expect(form['seen']).toBe('2');
  await write('Something that nobody was shown.');
  const answer = await post(form);
  expect(answer.status).toBe(409);
  expect(await answer.text()).toContain('The content was changed since it was compared.');
  expect((await get('/releases')).text).toContain('2 moves');
});

it('what is live already is nothing to publish or to go back to', async () => {
  expect((await follow((await follow({ act: 'look-back', to: '1' })).form)).text).toContain('Number 3 is made.');
  expect((await follow({ act: 'look-back', to: '1' })).text).toContain('Nothing to publish');
});

it.each([
  [{ act: 'compare' }, { 'sec-fetch-site': 'cross-site' }, 403, 'Only for forms of these pages'],
  [{ act: 'dance' }, {}, 400, 'act: expected compare, look-back, move or go-on'],
  [{ act: 'look-back', to: '99' }, {}, 400, 'to: expected "deployed" or the number of a move'],
  [{ act: 'move', of: 'none', seen: '3' }, {}, 409, 'Nobody remembers this comparison'],
])('%j with %j answers %d', async (fields, headers, status, words) => {
  const answer = await post(fields, headers);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toContain(words);
});
