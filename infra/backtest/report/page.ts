/** The report as one page that needs nothing beside itself: no script, no font, no request. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { html, Html } from '../../../shared/html.ts';
import { dateOf } from '../../../shared/lifecycle/explain/when.ts';
import { examplesSection, limitsSection, proposalSection } from './closing-sections.ts';
import { firstScreen } from './first-screen.ts';
import { mailsSection, offersSection, stagesSection, withheldSection } from './play-sections.ts';
import { MADE, type Report } from './report.ts';
import { alarmsSection, scoringSection } from './scoring-sections.ts';

/** The pages of the twin begin with the first of them, too. */
const STYLES = ['../../local/web/assets/base.css', 'report.css'].map((file) => path.join(import.meta.dirname, file));

/** Nothing is fetched from anywhere, whatever stands in a customer's id. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export async function pageOf(report: Report): Promise<string> {
  const style = (await Promise.all(STYLES.map((file) => readFile(file, 'utf8')))).join('\n');
  const { shop } = report;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="${MADE}" />
        <meta name="referrer" content="no-referrer" />
        <link rel="icon" href="data:," />
        <title>Backtest: ${shop.name}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="brand">Perennial</p>
            <h1>Backtest: ${shop.name}</h1>
            <p class="intro">
              What would have happened from ${dateOf(Date.parse(shop.from))} to ${dateOf(Date.parse(shop.to))}, and
              which rule of silence fits this shop.
            </p>
          </header>
          ${firstScreen(report)} ${stagesSection(report)} ${mailsSection(report)} ${withheldSection(report)}
          ${offersSection(report)} ${scoringSection(report)} ${alarmsSection(report)} ${examplesSection(report)}
          ${limitsSection(report)} ${proposalSection(report)}
        </main>
      </body>
    </html>`;
  return `${page.text.trimStart()}\n`;
}
