/**
 * What a marketer does, in a real browser: finds a step, changes a sentence and sees it, sees a lint error appear and go,
 * switches reader and language, sends to the mailbox, looks at the playbook, publishes and finds the sentence in the next
 * mail, goes back and finds the old one, counts and orders a campaign. Meanwhile the pages by the rules of axe, light and
 * dark, wide and narrow: senders may take most of a minute to follow. Files that it changes are put back; what it
 * publishes is taken back, and its campaign is over.
 *
 *   PLAYWRIGHT=.../playwright-core/index.mjs CHROMIUM=/usr/bin/chromium AXE=.../axe-core/axe.min.js CONTENT=DIR \
 *     node test/oracles/studio.mjs http://127.0.0.1:4581 http://127.0.0.1:4580
 *
 * CONTENT is the content directory of the twin, a copy of shared/content: `npm start -- --content DIR`.
 */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

// The SDK's advice on versions of Node is not about what is checked here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const [, , origin, endpoint] = process.argv;
const { PLAYWRIGHT, CHROMIUM, AXE, CONTENT = 'shared/content' } = process.env;
const { chromium } = await import(PLAYWRIGHT);
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
/** A machine that is busy with other things needs its time. */
const PATIENCE_MS = 60_000;
/** Every mail is compiled and read before it is published. */
const COMPARING_MS = 240_000;
/** Senders take what is live within a minute. */
const FOLLOWED_MS = 180_000;
const BETWEEN_PURCHASES_MS = 2_000;
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

async function until(what, condition, patience = PATIENCE_MS) {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > patience) throw new Error(`in vain: ${what}`);
    await page.waitForTimeout(20);
  }
  return Math.round(performance.now() - began);
}

async function step(name, act) {
  try {
    await act();
    console.log(`ok: ${name}`);
  } catch (error) {
    console.log(`FAILED: ${name}`);
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
  await page.waitForURL(/#saved-own$/u);
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
  await page.waitForURL(/#saved-own$/u);
  assert.equal((await textsIn(FILE)).intro, 'What I think.');
});

await step('marks a translation as current by saving it', async () => {
  await page.goto(`${origin}${STEP}?locale=sv`);
  assert.match(await page.locator('#own-intro-english').textContent(), /What I think/u);
  await intro.fill('Det här är den nya texten.');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await page.waitForURL(/#saved-own$/u);
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

await step('sees in the playbook when it is sent', async () => {
  await page.goto(`${origin}/playbook?stage=new`);
  await page
    .getByRole('region', { name: /^onboarding/u })
    .getByRole('link', { name: /welcome/u })
    .first()
    .waitFor();
});

const rules = AXE === undefined ? undefined : await readFile(AXE, 'utf8');
if (rules === undefined) notes.push('SKIPPED: axe, for AXE does not name its file');
let looks = 0;

/** Pages by the rules of axe, in four ways. */
async function look(paths) {
  for (const width of [1280, 375]) {
    for (const colorScheme of ['light', 'dark']) {
      // The pages forbid scripts from elsewhere; axe is one.
      const own = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
      const shown = await own.newPage();
      for (const path of paths) {
        looks += 1;
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
}

const bus = new EventBridgeClient({
  endpoint,
  region: 'eu-north-1',
  credentials: { accessKeyId: 'marketer', secretAccessKey: 'marketer' },
});

async function emit(type, data) {
  const metadata = { id: crypto.randomUUID(), version: 1, occurredAt: new Date().toISOString() };
  const entry = { EventBusName: 'customers', Source: 'shop', DetailType: type };
  const { FailedEntryCount } = await bus.send(
    new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify({ metadata, data }) }] }),
  );
  assert.equal(FailedEntryCount, 0);
}

/** Somebody who reads English orders for the first time. Some are held out of all mail, so there are several in turn. */
async function purchase(email) {
  const customerId = email.split('@', 1)[0];
  const consent = { marketing: 'opt_in', source: 'checkout', at: new Date().toISOString() };
  await emit('Customer Registered', { customerId, email, name: 'Ada Buyer', locale: 'en-GB', consent });
  await emit('Purchase Completed', { customerId, orderId: `o-${customerId}`, total: 20, currency: 'EUR' });
}

/** Orders until a welcome says the sentence. */
async function welcomed(name, sentence) {
  const seen = new Set();
  let orders = 0;
  const began = performance.now();
  let last = -Infinity;
  await until(
    `a welcome that says “${sentence}”`,
    async () => {
      if (performance.now() - last > BETWEEN_PURCHASES_MS) {
        last = performance.now();
        orders += 1;
        await purchase(`${name}-${orders}@example.com`);
      }
      const mails = await (await fetch(`${origin}/mailbox.json?to=${name}-`)).json();
      for (const { id } of mails.filter((mail) => mail.step === 'welcome' && !seen.has(mail.id))) {
        seen.add(id);
        await page.goto(`${origin}/mail/${id}/body`);
        if ((await page.content()).includes(sentence)) return true;
      }
      return false;
    },
    FOLLOWED_MS,
  );
  notes.push(`“${sentence}” is in the mail ${Math.round((performance.now() - began) / 100) / 10} s later`);
  return [...seen].at(-1);
}

const published = /^Number (\d+) is made\./u;
let comparison;

await step('compares, sees the sentence that goes and the one that comes, and publishes', async () => {
  await page.goto(`${origin}/releases`);
  const began = performance.now();
  page.setDefaultTimeout(COMPARING_MS);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForURL(/\/releases\/comparison\?of=/u);
  notes.push(`comparing takes ${Math.round((performance.now() - began) / 100) / 10} s`);
  comparison = page.url().slice(origin.length);
  const texts = page.getByRole('region', { name: 'Texts' });
  assert.match(
    await texts
      .locator('ins')
      .allTextContents()
      .then((all) => all.join(' ')),
    /What I think\./u,
  );
  assert.match(
    await texts
      .locator('del')
      .allTextContents()
      .then((all) => all.join(' ')),
    /has reached us/u,
  );
  assert.match(await page.getByRole('region', { name: 'Waiting messages' }).textContent(), /messages? that wait/u);
  const other = await context.newPage();
  other.setDefaultTimeout(COMPARING_MS);
  await other.goto(origin + comparison);
  await page.getByLabel('Why').fill('Another sentence');
  await page.getByRole('button', { name: 'Publish' }).click();
  assert.match((await page.getByRole('status').textContent()).trim(), published);
  await other.getByRole('button', { name: 'Publish' }).click();
  assert.match(await other.getByRole('alert').textContent(), /Meanwhile .* made release .*Another sentence/su);
  await other.close();
  page.setDefaultTimeout(PATIENCE_MS);
});

await Promise.all([
  step('finds the published sentence in the next mail', async () => {
    const id = await welcomed('after', 'What I think.');
    await page.goto(`${origin}/mail/${id}`);
    await page.getByRole('heading', { name: /Your order is with us/u }).waitFor();
  }),
  look(['/templates', STEP, `${STEP}?locale=fa&view=phone`, `${STEP}?view=text&reader=huge-amounts`, comparison]),
]);

await step('goes back to what was live before', async () => {
  await page.goto(`${origin}/releases`);
  await page
    .locator('#moves li')
    .nth(1)
    .getByRole('button', { name: /Roll back to this/u })
    .click();
  await page.getByRole('heading', { name: /^Back to/u }).waitFor();
  assert.match(
    await page.getByRole('region', { name: 'Texts' }).locator('del').first().textContent(),
    /What I think\./u,
  );
  await page.getByRole('button', { name: 'Go back' }).click();
  assert.match((await page.getByRole('status').textContent()).trim(), published);
});

const campaign = `round-${Date.now().toString(36)}`;

await step('counts the readers of a campaign, orders it, and sees what becomes of it', async () => {
  await page.goto(`${origin}/campaigns`);
  await page.getByLabel('Name', { exact: true }).fill(campaign);
  await page.getByLabel('Mail', { exact: true }).selectOption('new-harvest');
  await page.getByRole('checkbox', { name: 'Loyal' }).check();
  await page.getByRole('button', { name: 'Count first' }).click();
  await page.getByRole('button', { name: 'Order it' }).click();
  await page.waitForURL(new RegExp(`/campaigns/${campaign}$`, 'u'));
  await until('the end of it', async () => {
    await page.reload();
    return /addressed/u.test(await page.locator('#campaign').textContent());
  });
  assert.match(await page.locator('#campaign').textContent(), /Sent\s*[\d,]+ (?:people|person)/u);
});

await Promise.all([
  step('finds the old sentence in the next mail', () => welcomed('again', 'has reached us')),
  (async () => {
    const [newest] = await (await fetch(`${origin}/mailbox.json`)).json();
    await look(['/playbook', '/releases', '/campaigns', `/campaigns/${campaign}`, `/mail/${newest.id}`]);
  })(),
]);

bus.destroy();
await browser.close();
for (const [file, source] of originals) {
  if (source === undefined) await rm(file, { force: true });
  else await writeFile(file, source);
}
for (const note of notes) console.log(note);
for (const problem of new Set(problems)) console.log(`PROBLEM: ${problem}`);
console.log(`${looks} looks at pages, ${new Set(problems).size} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
