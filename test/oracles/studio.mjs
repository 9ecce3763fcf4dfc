/**
 * What a marketer does on the templates pages, in a real browser: finds a step, changes a sentence and sees it, sees a
 * lint error appear and go, switches reader and language, sends to the mailbox. Then the pages by the rules of axe, light
 * and dark, wide and narrow. Files that it changes are put back.
 *
 *   PLAYWRIGHT=.../playwright-core/index.mjs CHROMIUM=/usr/bin/chromium AXE=.../axe-core/axe.min.js CONTENT=DIR \
 *     node test/oracles/studio.mjs http://127.0.0.1:4581
 *
 * CONTENT is the content directory of the twin: `npm start -- --content DIR`.
 */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

const [, , origin] = process.argv;
const { PLAYWRIGHT, CHROMIUM, AXE, CONTENT = 'shared/content' } = process.env;
const { chromium } = await import(PLAYWRIGHT);
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
/** A machine that is busy with other things needs its time. */
const PATIENCE_MS = 20_000;
const STEP = '/templates/onboarding/welcome';
const FILE = join(CONTENT, 'templates/onboarding/welcome/en.json');
const SWEDISH = join(CONTENT, 'templates/onboarding/welcome/sv.json');
const CONFIRMED = join(CONTENT, 'translated/sv.json');
const originals = new Map();
for (const file of [FILE, SWEDISH, CONFIRMED]) originals.set(file, await readFile(file, 'utf8').catch(() => undefined));

const problems = [];
const notes = [];
const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
context.setDefaultTimeout(PATIENCE_MS);
const page = await context.newPage();
page.on('console', (message) => {
  // A refused save is answered with 409, which the browser calls an error.
  const expected = message.text().includes('409') || page.url().includes('/mail/');
  if (message.type() === 'error' && !expected) problems.push(`console: ${message.text()}`);
});
page.on('pageerror', (error) => problems.push(error.message));
page.on('request', (request) => {
  const { protocol, origin: target } = new URL(request.url());
  // The page of a mail names the pictures that it does not load.
  const ours = target === origin || page.url().includes('/mail/');
  if (protocol.startsWith('http') && !ours) problems.push(`fetches ${request.url()}`);
});

/** The mail that is shown, as the frame has loaded it. */
async function letter() {
  const source = await page.locator('#letter iframe:not(.coming)').last().getAttribute('src');
  return (await page.request.get(origin + source)).text();
}

async function until(what, condition) {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`in vain: ${what}`);
    await page.waitForTimeout(20);
  }
  return Math.round(performance.now() - began);
}

async function step(name, act) {
  try {
    await act();
    console.log(`ok: ${name}`);
  } catch (error) {
    problems.push(`${name}: ${error.message.split('\n', 3).join(' ')}`);
  }
}

const intro = page.locator('#own-intro');
const textsIn = async (file) => JSON.parse(await readFile(file, 'utf8'));

await step('finds a step in the matrix', async () => {
  await page.goto(`${origin}/templates`);
  await page
    .getByRole('navigation', { name: 'Programmes' })
    .getByRole('link', { name: /Onboarding/u })
    .click();
  await page.getByRole('link', { name: /onboarding, welcome, English$/u }).click();
  assert.equal(await page.locator('h1').textContent(), 'Onboarding, welcome');
  assert.match(await letter(), /Your order has reached us/u);
});

await step('changes a sentence, sees it, and saves it', async () => {
  await intro.fill('Your parcel is being packed with care.');
  await until('the preview', async () => (await letter()).includes('packed with care'));
  assert.match(await page.locator('#notices').textContent(), /not saved/u);
  assert.match((await textsIn(FILE)).intro, /has reached us/u);
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.waitForURL(/#texts-title$/u);
  assert.equal((await textsIn(FILE)).intro, 'Your parcel is being packed with care.');
  assert.deepEqual(Object.keys(await textsIn(FILE)), Object.keys(JSON.parse(originals.get(FILE))));
});

await step('sees a lint error appear beside the field, follows it there, and sees it go', async () => {
  await page.goto(origin + STEP);
  const text = await intro.inputValue();
  await intro.fill(`${text} {{ customer.nick }}`);
  const wrong = page.locator('#own-intro-wrong');
  await until('the error', async () => (await wrong.textContent()).includes('there is no variable "customer.nick"'));
  assert.match(await page.locator('#letter').textContent(), /the last one that could be made/u);
  assert.equal(await page.locator('#letter iframe').count(), 1);
  await page.locator('#findings').getByRole('link', { name: 'Edit it here' }).first().focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'own-intro');
  await intro.fill(text);
  await until('the end of it', async () => (await wrong.textContent()).trim() === '');
  await until('the preview', async () => (await page.locator('#letter .why').count()) === 0);
});

await step('sees what is typed as it is typed', async () => {
  await page.goto(origin + STEP);
  const taken = [];
  for (const word of ['one', 'two', 'three', 'four', 'five']) {
    const frame = page.locator('#letter iframe:not(.coming)').last();
    const before = await frame.getAttribute('src');
    await intro.fill(`Kettle ${word}.`);
    taken.push(await until('the preview', async () => (await frame.getAttribute('src')) !== before));
    assert.ok((await letter()).includes(`Kettle ${word}.`));
  }
  notes.push(`keystrokes are shown after ${taken.join(', ')} ms`);
});

await step('is offered variables by the keyboard alone', async () => {
  await page.goto(origin + STEP);
  const heading = page.locator('#own-heading');
  await heading.focus();
  await page.keyboard.press('End');
  await page.keyboard.type(' {{firstN');
  await page.getByRole('listbox').waitFor();
  assert.equal(await heading.getAttribute('aria-activedescendant'), 'offer-0');
  await page.keyboard.press('Enter');
  assert.match(await heading.inputValue(), / \{\{ customer\.firstName \}\}$/u);
  assert.equal(await page.getByRole('listbox').isVisible(), false);
});

await step('switches reader, form, language and appearance', async () => {
  await page.goto(origin + STEP);
  await page.getByLabel('Its reader').selectOption('persian-name');
  await page.getByLabel('wants it').selectOption('brief');
  await page.getByRole('button', { name: 'Show' }).click();
  assert.match(page.url(), /reader=persian-name&form=brief/u);
  assert.doesNotMatch(await letter(), /We pack it/u);
  await page.getByRole('link', { name: /^Swedish/u }).click();
  assert.match(await letter(), /lang="sv"/u);
  await page.getByRole('link', { name: 'Dark' }).click();
  assert.doesNotMatch(await letter(), /prefers-color-scheme/u);
  await page.getByRole('link', { name: 'No pictures' }).click();
  assert.doesNotMatch(await letter(), /<img[^>]*src=/u);
  await page.getByRole('link', { name: 'Text part' }).click();
  assert.ok((await page.locator('pre.letter').textContent()).length > 100);
  await page.goto(`${origin}${STEP}?locale=fa`);
  assert.match(await letter(), /dir="rtl"/u);
});

await step('sees at once what is saved in another editor', async () => {
  await page.goto(origin + STEP);
  await page.waitForTimeout(500);
  const before = await page.locator('#letter iframe').getAttribute('src');
  const texts = { ...(await textsIn(FILE)), intro: 'Written in another editor.' };
  const began = performance.now();
  await writeFile(FILE, `${JSON.stringify(texts, undefined, 2)}\n`);
  await until('the field', async () => (await intro.inputValue()) === 'Written in another editor.');
  const frame = () => page.locator('#letter iframe:not(.coming)').last().getAttribute('src');
  await until('the frame', async () => (await frame()) !== before);
  notes.push(`a file is shown after ${Math.round(performance.now() - began)} ms`);
  assert.match(await letter(), /Written in another editor\./u);
});

await step('is not allowed to write over what somebody else has saved', async () => {
  await page.goto(origin + STEP);
  await intro.fill('What I think.');
  const texts = { ...(await textsIn(FILE)), intro: 'What she thinks.' };
  await writeFile(FILE, `${JSON.stringify(texts, undefined, 2)}\n`);
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.getByRole('alert').waitFor();
  assert.equal((await textsIn(FILE)).intro, 'What she thinks.');
  assert.equal(await intro.inputValue(), 'What I think.');
  assert.match(await page.locator('#own-intro-wrong').textContent(), /What she thinks\./u);
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.waitForURL(/#texts-title$/u);
  assert.equal((await textsIn(FILE)).intro, 'What I think.');
});

await step('marks a translation as current by saving it', async () => {
  await page.goto(`${origin}${STEP}?locale=sv`);
  assert.match(await page.locator('#own-intro-english').textContent(), /What I think/u);
  await intro.fill('Det här är den nya texten.');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.waitForURL(/#texts-title$/u);
  assert.equal((await textsIn(SWEDISH)).intro, 'Det här är den nya texten.');
  assert.doesNotMatch(await page.locator('#findings').textContent(), /"intro" is older/u);
});

await step('sends what is shown to the mailbox', async () => {
  await page.goto(`${origin}${STEP}?reader=persian-name`);
  await page.getByLabel('Address', { exact: true }).fill('marketer@example.com');
  await page.getByRole('button', { name: 'Send to mailbox' }).click();
  await page.waitForURL(/\/mail\//u);
  assert.match(await page.locator('h1').textContent(), /Your order is with us/u);
  assert.match(await page.locator('.facts').textContent(), /marketer@example\.com/u);
  await page.goto(`${origin}/?to=marketer@example.com`);
  await page.getByText('to marketer@example.com').first().waitFor();
});

await step('sees it as a customer of the twin gets it', async () => {
  const mails = await (await fetch(`${origin}/mailbox.json`)).json();
  const { customer } = mails.find((mail) => mail.programme === 'onboarding' && mail.step === 'welcome') ?? {};
  assert.ok(customer, 'nobody was welcomed');
  await page.goto(origin + STEP);
  await page.getByLabel('or a customer, by id or address').fill(customer);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.locator('.matches').getByRole('link', { name: customer, exact: true }).click();
  assert.match(await letter(), /What I think\./u);
  assert.match(await page.getByLabel('Address', { exact: true }).inputValue(), /@/u);
});

await context.close();

const rules = AXE === undefined ? undefined : await readFile(AXE, 'utf8');
if (rules === undefined) notes.push('SKIPPED: axe, for AXE does not name its file');
const paths = ['/templates', STEP, `${STEP}?locale=fa&view=phone`, `${STEP}?view=text&reader=huge-amounts`];
for (const width of [1400, 375]) {
  for (const colorScheme of ['light', 'dark']) {
    // The pages forbid scripts from elsewhere; axe is one.
    const own = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    const shown = await own.newPage();
    for (const path of paths) {
      await shown.goto(origin + path, { waitUntil: 'load' });
      const where = `${path} at ${width} px, ${colorScheme}`;
      const over = await shown.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (over > 0) problems.push(`${where}: ${over} px wider than the screen`);
      if (rules === undefined) continue;
      await shown.evaluate(rules);
      const { violations } = await shown.evaluate(() => globalThis.axe.run({ exclude: [['iframe']] }));
      for (const { id, help, nodes } of violations) {
        problems.push(
          `${where}: ${id}: ${help}: ${nodes
            .map(({ target }) => target.join(' '))
            .slice(0, 3)
            .join(', ')}`,
        );
      }
    }
    await own.close();
  }
}
await browser.close();
for (const [file, source] of originals) {
  if (source === undefined) await rm(file, { force: true });
  else await writeFile(file, source);
}
for (const note of notes) console.log(note);
for (const problem of new Set(problems)) console.log(`PROBLEM: ${problem}`);
console.log(`${paths.length} pages in four ways, ${new Set(problems).size} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
