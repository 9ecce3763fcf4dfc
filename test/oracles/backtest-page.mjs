/**
 * The page of a backtest in a real browser, wide and narrow, light and dark, everything unfolded: nothing fetched, nothing wider
 * than the screen, no error, and no violation that axe finds.
 *
 *   PLAYWRIGHT=... CHROMIUM=... AXE=.../axe.min.js node test/oracles/backtest-page.mjs report.html
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [, , file = ''] = process.argv;
const address = pathToFileURL(path.resolve(file)).href;
const { chromium } = await import(process.env['PLAYWRIGHT']);
const axe = await readFile(process.env['AXE'], 'utf8');
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'],
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const problems = [];

for (const width of [1200, 375]) {
  for (const colorScheme of ['light', 'dark']) {
    const where = `${width} px, ${colorScheme}`;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    page.on('pageerror', (error) => problems.push(`${where}: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== address) problems.push(`${where}: fetches ${request.url()}`);
    });
    await page.goto(address, { waitUntil: 'load' });
    const over = await page.evaluate(() => {
      for (const each of document.querySelectorAll('details')) each.open = true;
      return document.documentElement.scrollWidth - document.documentElement.clientWidth;
    });
    if (over > 0) problems.push(`${where}: ${over} px wider than the screen`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, nodes } of violations) problems.push(`${where}: ${id}: ${nodes[0]?.html.slice(0, 120)}`);
    await context.close();
  }
}
await browser.close();

for (const problem of new Set(problems)) console.log(problem);
console.log(`${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
