/**
 * The twin's pages in a real browser, wide and narrow, light and dark: no error on the console, nothing fetched from
 * elsewhere, nothing wider than the screen, and each mail of each step shown.
 *
 *   PLAYWRIGHT=.../playwright-core/index.mjs CHROMIUM=/usr/bin/chromium node test/oracles/browser.mjs http://127.0.0.1:4581
 */
import process from 'node:process';

const [, , origin] = process.argv;
const { chromium } = await import(process.env['PLAYWRIGHT']);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'],
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const problems = [];

const mails = await (await fetch(`${origin}/mailbox.json`)).json();
const newest = new Map(mails.toReversed().map((mail) => [`${mail.programme}/${mail.step}`, mail]));
const [someone] = newest.values();
const paths = ['/', '/customers', `/customers/${someone.customer}`, '/refused', '/mailbox-that-is-not-there'];
for (const mail of newest.values()) paths.push(`/mail/${mail.id}`, `/mail/${mail.id}/body`);

for (const width of [1200, 375]) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    let where = '';
    page.on('console', (message) => {
      const expected = where.includes('not-there') && message.text().includes('404');
      if (message.type() === 'error' && !expected) problems.push(`${where}: console: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`${where}: ${error.message}`));
    page.on('request', (request) => {
      const { protocol, origin: target } = new URL(request.url());
      if (protocol.startsWith('http') && target !== origin) problems.push(`${where}: fetches ${request.url()}`);
    });
    for (const path of paths) {
      where = `${path} at ${width} px, ${colorScheme}`;
      await page.goto(origin + path, { waitUntil: 'load' });
      const { over, text } = await page.evaluate(() => ({
        over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        text: document.body.innerText.trim().length,
      }));
      if (over > 0) problems.push(`${where}: ${over} px wider than the screen`);
      if (text < 20) problems.push(`${where}: nothing to read`);
    }
    await context.close();
  }
}
await browser.close();
for (const problem of new Set(problems)) console.log(problem);
console.log(`${paths.length} pages in four ways, ${newest.size} steps, ${new Set(problems).size} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
