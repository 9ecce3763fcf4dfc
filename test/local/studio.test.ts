import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Pages, startPages } from '../../infra/local/web/pages.ts';
import { type ContentPages, openContentPages } from '../support/content-pages.ts';
import type { Shop } from '../support/shop.ts';

const STEP = '/templates/onboarding/welcome';

let opened: ContentPages;
let shop: Shop;
let content: string;
let pages: Pages;

beforeAll(async () => {
  opened = await openContentPages();
  ({ shop, content, pages } = opened);
  await shop.register('c-1', { email: 'anna@example.com', name: 'Anna Lind', locale: 'en-GB' });
  await shop.buy('c-1', 'o-1', 42.5);
});

afterAll(() => opened.close());

const file = () => path.join(content, 'templates/onboarding/welcome/en.json');
const texts = async () => JSON.parse(await readFile(file(), 'utf8'));

async function get(address: string) {
  const answer = await fetch(`${pages.url}${address}`);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

function post(address: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(fields);
  return fetch(`${pages.url}${address}`, { method: 'POST', body, headers, redirect: 'manual' });
}

const hidden = (text: string, name: string) =>
  new RegExp(`name="${name}"[^>]*? value="([^"]*)"`, 'u').exec(text)?.[1] ?? '';
const frameOf = (text: string) => /<iframe[^>]* src="([^"]+)"/u.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? '';

it('the matrix leads to every mail, and a mail to its rendering in a frame that can do nothing', async () => {
  const { text } = await get('/templates?programme=onboarding');
  expect(text).toContain(`href="${STEP}"`);
  expect(text).not.toContain('href="/templates/recovery/');
  const mail = await get(STEP);
  expect(mail.text).toMatch(/<iframe\s+class="letter"\s+sandbox=""/u);
  const letter = await get(frameOf(mail.text));
  expect(letter.text).toContain('Your order has reached us');
  const policy = letter.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^sandbox; default-src 'none'/u);
  expect(policy).not.toContain('script');
});

it('a customer of the twin is shown what the sender would send them, of the draft', async () => {
  const before = await readFile(file(), 'utf8');
  const draft = { ...(await texts()), intro: 'Only in the draft.' };
  await writeFile(file(), `${JSON.stringify(draft, undefined, 2)}\n`);
  const page = await get(`${STEP}?reader=customer:c-1`);
  expect(page.text).toContain('Made like the one they were last decided to get.');
  const { text } = await get(frameOf(page.text));
  await writeFile(file(), before);
  expect(text).toContain('Only in the draft.');
  expect(text).toContain('o-1');
  expect(text).toContain('Dear <bdi>Anna</bdi>');
});

it('what no customer has had is made up of what is known of them, and says so where that is too little', async () => {
  const offered = await get('/templates/win-back/offer?reader=customer:c-1');
  expect(offered.text).toContain('They have had none');
  expect((await get(frameOf(offered.text))).text).toContain('YOUR-CODE');
  const { text } = await get('/templates/onboarding/welcome?reader=customer:nobody');
  expect(text).toContain('Nobody with the id “nobody” is a customer.');
});

it('a text that is saved is in the file and in the mail, and what was seen before is not written over it', async () => {
  const before = await readFile(file(), 'utf8');
  const seen = hidden((await get(STEP)).text, 'seen');
  const saved = await post(STEP, { act: 'save', kind: 'own', seen, 'text.intro': 'Saved on the page.' });
  expect([saved.status, saved.headers.get('location')]).toEqual([303, `${STEP}?saved=own#saved-own`]);
  expect(await texts()).toEqual({ ...JSON.parse(before), intro: 'Saved on the page.' });

  const late = await post(STEP, { act: 'save', kind: 'own', seen, 'text.intro': 'Too late.' });
  expect(late.status).toBe(409);
  const told = await late.text();
  expect(told).toContain('Too late.');
  expect(told).toContain('Saved on the page.');
  expect(await texts()).toMatchObject({ intro: 'Saved on the page.' });
  await writeFile(file(), before);
});

it('what is typed is shown and not saved', async () => {
  const before = await readFile(file(), 'utf8');
  const seen = hidden((await get(STEP)).text, 'seen');
  const shown = await (await post(STEP, { act: 'preview', kind: 'own', seen, 'text.intro': 'Just typed.' })).text();
  expect((await get(frameOf(shown))).text).toContain('Just typed.');
  expect(shown).toContain('it is not saved yet');
  expect(hidden(shown, 'seen')).toBe(seen);
  expect(await readFile(file(), 'utf8')).toBe(before);
});

it('what is shown is sent to the mailbox, and no ledger hears of it', async () => {
  const ledger = await shop.store.readLedger('c-1');
  const page = await get(`${STEP}?reader=customer:c-1`);
  expect(page.text).toContain('value="anna@example.com"');
  const draft = hidden(page.text, 'draft');
  const sent = await post(`${STEP}?reader=customer:c-1`, { act: 'send', draft, to: 'me@example.com' });
  const mail = shop.twin.mailbox.at(-1);
  expect(sent.headers.get('location')).toBe(`/mail/${mail?.id}`);
  expect(mail).toMatchObject({ to: ['me@example.com'], tags: {}, configurationSet: undefined });
  const { subject, html } = await simpleParser(Buffer.from(mail?.raw ?? []));
  expect(subject).toBe('Thank you, Anna. Your order is with us');
  expect(html).toContain('o-1');
  await shop.twin.advanceTo(shop.twin.now());
  expect(await shop.store.readLedger('c-1')).toEqual(ledger);

  const count = shop.twin.mailbox.length;
  const refused = await post(STEP, { act: 'send', draft: '', to: 'me@example.com>, <you@example.com' });
  expect(refused.status).toBe(400);
  expect(shop.twin.mailbox).toHaveLength(count);
});

it('only forms of the pages are obeyed, and only for mails that there are', async () => {
  const before = await readFile(file(), 'utf8');
  const seen = hidden((await get(STEP)).text, 'seen');
  const fields = { act: 'save', kind: 'own', seen, 'text.intro': 'From elsewhere.' };
  expect((await post(STEP, fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await post(STEP, fields, { origin: 'https://evil.example' })).status).toBe(403);
  for (const address of ['/templates/onboarding/nothing', '/templates/..%2F..%2Fetc/welcome']) {
    expect((await post(address, { ...fields, seen: 'absent' })).status).toBe(404);
    expect((await get(address)).status).toBe(404);
  }
  for (const address of [`${STEP}?locale=..%2Fen`, `${STEP}?locale=xx`, `${STEP}?variant=nobody`]) {
    expect((await post(address, { ...fields, seen: 'absent' })).status).toBe(400);
  }
  expect(await readFile(file(), 'utf8')).toBe(before);
});

it.each([
  ['locale=xx', 'locale=xx: expected one of en, sv'],
  ['locale=..%2Fen', 'locale=../en: expected one of en, sv'],
  ['variant=nobody', 'variant=nobody: expected one of '],
  ['reader=nobody', 'reader=nobody: expected one of known, unknown, '],
  ['form=long', 'form=long: expected one of full, reasons, brief, both'],
  ['view=watch', 'view=watch: expected one of desktop, phone, text'],
  ['scheme=pink', 'scheme=pink: expected one of light, dark'],
])('of a mail asked for with %s the page says what there is instead of showing another one', async (query, words) => {
  const page = await get(`${STEP}?${query}`);
  expect(page).toMatchObject({ status: 400, text: expect.stringContaining(words) });
  expect(page.text).not.toContain('<iframe');
  expect(await get(`${STEP}/letter?${query}`)).toMatchObject({ status: 400, text: expect.stringContaining(words) });
});

it('of a programme that there is not the matrix says which there are', async () => {
  const page = await get('/templates?programme=nobody');
  expect(page).toMatchObject({ status: 400, text: expect.stringContaining('expected one of ') });
});

it('says so where there is no content', async () => {
  const empty = await startPages(shop.twin, 0, {
    playbookFile: path.join(content, 'playbook.json'),
    contentDirectory: path.join(content, 'none'),
  });
  const answer = await fetch(`${empty.url}/templates`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain('There is no content here.');
  await empty.close();
});
