/**
 * The pages behind the links of our mails, in a real browser with JavaScript switched off: what a reader does there
 * (choosing a language, answering, unsubscribing), in every language, wide and as narrow as a phone, light and dark. Each
 * page is in the right language and direction, fits the screen, can be read (contrast as WCAG AA asks), fetches nothing
 * from elsewhere, and every control has a name in the browser's accessibility tree.
 *
 *   PLAYWRIGHT=.../playwright-core/index.mjs CHROMIUM=/usr/bin/chromium node test/oracles/preference-pages.mjs http://127.0.0.1:4581
 */
/* oxlint-disable unicorn/consistent-function-scoping -- what runs in the page can take nothing with it */
import process from 'node:process';

const [, , twin] = process.argv;
const { chromium } = await import(process.env['PLAYWRIGHT']);

const LANGUAGES = { en: 'ltr', sv: 'ltr', de: 'ltr', ru: 'ltr', fa: 'rtl' };
const WIDTHS = [1200, 360];
const SCHEMES = ['light', 'dark'];
const AA_CONTRAST = 4.5;
const NAMED = new Set(['button', 'checkbox', 'radio', 'combobox', 'link', 'group', 'radiogroup']);
/** For a choice to go its way through the bus. */
const PATIENCE_MS = 60_000;
/** Characters: a page with fewer says nothing. */
const LEAST_TEXT = 20;

const problems = new Set();
let looks = 0;

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'],
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});

/** Runs in the page; what is wrong with it to look at. */
function look({ least, leastContrast }) {
  const found = [];
  const { documentElement: root, scripts, title, body } = document;
  const over = root.scrollWidth - root.clientWidth;
  if (over > 0) found.push(`${over} px wider than the screen`);
  if (scripts.length > 0) found.push('holds a script');
  if (title.trim() === '') found.push('has no title');
  if (document.querySelectorAll('h1').length !== 1) found.push('has not exactly one h1');
  if (body.innerText.trim().length < least) found.push('has nothing to read');
  const numbers = (colour) => colour.match(/[\d.]+/gu).map(Number);
  const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
  const opaqueBehind = (element) => {
    for (let each = element; each !== null; each = each.parentElement) {
      const [red, green, blue, alpha = 1] = numbers(getComputedStyle(each).backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || element.getClientRects().length === 0) continue;
    const [dark, light] = [numbers(getComputedStyle(element).color), opaqueBehind(element)]
      .map(luminance)
      .toSorted((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < leastContrast)
      found.push(`"${node.data.trim().slice(0, 30)}" has a contrast of ${contrast.toFixed(2)}`);
  }
  return { found, lang: root.lang, dir: getComputedStyle(body).direction };
}

async function inspect(page, where, locale) {
  looks += 1;
  const { found, lang, dir } = await page.evaluate(look, { least: LEAST_TEXT, leastContrast: AA_CONTRAST });
  for (const each of found) problems.add(`${where}: ${each}`);
  if (lang !== locale) problems.add(`${where}: is in ${lang}, not in ${locale}`);
  if (dir !== LANGUAGES[locale]) problems.add(`${where}: runs ${dir}, not ${LANGUAGES[locale]}`);
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const named = nodes.filter(({ ignored, role }) => !ignored && NAMED.has(role?.value));
  if (!named.some(({ role }) => role.value === 'link')) problems.add(`${where}: no link to the shop`);
  for (const { role, name } of named) {
    if ((name?.value ?? '').trim() === '') problems.add(`${where}: a ${role.value} without a name`);
  }
}

/** A browser as a reader might have it, with JavaScript off. */
async function open(width, colorScheme, locale) {
  const viewport = { width, height: 800 };
  const context = await browser.newContext({ viewport, colorScheme, locale, javaScriptEnabled: false });
  const page = await context.newPage();
  const complain = (what) => problems.add(`${page.url().replace(/[^/]{20,}/u, '…')}: ${what}`);
  // Chromium counts an answer of 404 as an error, which is what a tampered link is to get.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 404/u.test(message.text())) complain(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complain(error.message));
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') complain(`fetches ${request.url()}`);
  });
  return { page, close: () => context.close() };
}

/** The links of a mail to our own pages, by the letter of their path. */
async function linksOf(mail) {
  const { page, close } = await open(1200, 'light', 'en');
  await page.goto(`${twin}/mail/${mail.id}/body`);
  const hrefs = await page.evaluate(() => Array.from(document.links, ({ href }) => href));
  await close();
  const ofKind = (kind) => hrefs.find((href) => new RegExp(`/${kind}/[\\w.-]+$`, 'u').test(href));
  return { unsubscribe: ofKind('u'), preferences: ofKind('p'), answer: ofKind('a') };
}

/** Chooses a language in the preference centre and waits until the reader's other pages follow. */
async function choose(links, locale) {
  const { page, close } = await open(360, 'light', 'en');
  await page.goto(links.preferences);
  await page.selectOption('select[name=language]', locale);
  await page.click('button[value=save]');
  if ((await page.locator('[role=status]').count()) !== 1)
    problems.add(`${locale}: nothing says that the choice is kept`);
  await inspect(page, `preferences, saved in ${locale}`, locale);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    await page.goto(links.unsubscribe);
    if ((await page.evaluate(() => document.documentElement.lang)) === locale) break;
    if (Date.now() > deadline) throw new Error(`the pages are not in ${locale} after ${PATIENCE_MS} ms`);
    await page.waitForTimeout(300);
  }
  await close();
}

/** Every page in every way, and what becomes of a press of the answer's button. */
async function visit(links, locale) {
  for (const width of WIDTHS) {
    for (const scheme of SCHEMES) {
      const how = `${locale}, ${width} px, ${scheme}`;
      const { page, close } = await open(width, scheme, locale);
      for (const [kind, url] of Object.entries(links)) {
        const answer = await page.goto(url);
        if (answer.status() !== 200) problems.add(`${kind}, ${how}: ${answer.status()}`);
        await inspect(page, `${kind}, ${how}`, locale);
        if (kind !== 'answer') continue;
        const picked = page.locator('input[type=radio]:checked');
        if ((await picked.count()) !== 1) problems.add(`${how}: the answer of the link is not picked`);
        await page.click('button');
        if ((await page.locator('[role=status]').count()) !== 1) problems.add(`${how}: nobody says thank you`);
        await inspect(page, `answered, ${how}`, locale);
      }
      await page.goto(links.unsubscribe.slice(0, -1));
      await inspect(page, `a broken link, ${how}`, locale);
      await close();
    }
  }
}

/** Presses the button, in the reader's last language. */
async function unsubscribe(links, locale) {
  for (const width of WIDTHS) {
    for (const scheme of SCHEMES) {
      const how = `${locale}, ${width} px, ${scheme}`;
      const { page, close } = await open(width, scheme, locale);
      await page.goto(links.unsubscribe);
      await page.click('button');
      if ((await page.locator('[role=status]').count()) !== 1) problems.add(`${how}: nobody says that it is done`);
      await inspect(page, `unsubscribed, ${how}`, locale);
      await page.goto(links.preferences);
      const deadline = Date.now() + PATIENCE_MS;
      while ((await page.locator('input[name=programme]:checked').count()) > 0) {
        if (Date.now() > deadline) throw new Error('the preference centre still shows programmes as chosen');
        await page.waitForTimeout(300);
        await page.reload();
      }
      await inspect(page, `preferences after unsubscribing, ${how}`, locale);
      await close();
    }
  }
}

try {
  const mails = await (await fetch(`${twin}/mailbox.json`)).json();
  const mail = mails.find(({ programme, step }) => programme === 'win-back' && step === 'ask');
  if (mail === undefined) throw new Error('no mail in the mailbox asks a question');
  const links = await linksOf(mail);
  for (const [kind, url] of Object.entries(links))
    if (url === undefined) throw new Error(`no link to ${kind} in the mail`);
  for (const locale of Object.keys(LANGUAGES)) {
    await choose(links, locale);
    await visit(links, locale);
  }
  await unsubscribe(links, Object.keys(LANGUAGES).at(-1));
} finally {
  await browser.close();
}
for (const problem of problems) console.log(problem);
console.log(`${looks} looks at pages in ${Object.keys(LANGUAGES).length} languages, ${problems.size} problems`);
process.exitCode = problems.size === 0 ? 0 : 1;
