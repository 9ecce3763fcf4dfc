/**
 * The frame of our pages and what is sent with it: plain HTML without scripts, in the colours of the shop, readable in
 * the dark and from right to left, and closed to everything from outside.
 */
import { createHash } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { directionOf } from '../../shared/email/locale.ts';
import { partsOf } from '../../shared/email/page-texts.ts';
import type { Shop } from '../../shared/email/shop.ts';
import { html, Html } from '../../shared/html.ts';

export interface Page {
  readonly status: number;
  readonly locale: string;
  /** A text with placeholders. */
  readonly title: string;
  readonly content: Html;
}

/** A text with its placeholders set; values are kept apart from the direction of the words around them. */
export function words(text: string, { name, contacts }: Shop): Html {
  const parts = partsOf(text).map((part, index) => {
    if (index % 2 === 0) return part;
    if (part === 'contact') return html`<a href="mailto:${contacts.email}"><bdi dir="ltr">${contacts.email}</bdi></a>`;
    return html`<bdi>${name}</bdi>`;
  });
  return html`${parts}`;
}

function plainWords(text: string, { name, contacts }: Shop): string {
  return partsOf(text)
    .map((part, index) => (index % 2 === 0 ? part : part === 'contact' ? contacts.email : name))
    .join('');
}

type Palette = Shop['colours']['light'];

const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

/** Logical properties throughout, so that a page from right to left needs no rule of its own. */
const RULES = `
*{box-sizing:border-box}
body{margin:0;padding:clamp(1rem,5vw,3rem) 1rem 3rem;background:var(--ground);color:var(--ink);font:1.0625rem/1.6 -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;overflow-wrap:anywhere}
.shop,main,footer{max-inline-size:36rem;margin-inline:auto}
.shop{margin-block:0 1.25rem;padding-inline:clamp(0rem,4vw,2.25rem)}
.shop a{color:var(--ink);text-decoration:none}
.shop a,h1,legend{font-family:'Iowan Old Style','Palatino Linotype',Palatino,Georgia,'Times New Roman',serif}
:lang(fa) .shop a,:lang(fa) h1,:lang(fa) legend,:lang(ru) .shop a{font-family:inherit}
.shop a{font-size:1.3125rem}
main{background:var(--card);border-radius:.875rem;padding:clamp(1.5rem,6vw,2.75rem) clamp(1.25rem,6vw,2.75rem)}
h1{margin:0;font-size:clamp(1.625rem,6vw,2.125rem);font-weight:400;line-height:1.2}
h1::after{content:'';display:block;inline-size:2.75rem;border-block-end:3px solid var(--accent);margin-block:1.125rem}
p{margin-block:0 1.125rem}
a{color:var(--accent);text-underline-offset:.2em}
fieldset{margin:0 0 1.75rem;padding:0;border:0;min-inline-size:0}
legend{padding:0;font-size:1.3125rem;line-height:1.3;margin-block-end:.5rem}
.choice{display:grid;grid-template-columns:auto 1fr;column-gap:.875rem;align-items:start;padding-block:.5rem;border-block-end:1px solid var(--line)}
.choice input{inline-size:1.375rem;block-size:1.375rem;margin:.5625rem 0 0;accent-color:var(--accent)}
.choice label{padding-block:.375rem;cursor:pointer}
.choice .hint{grid-column:2;margin:0 0 .375rem}
.hint,footer{color:var(--muted);font-size:.9375rem;line-height:1.5}
.field{padding-block:.875rem}
select{display:block;inline-size:100%;max-inline-size:18rem;margin-block-start:.375rem;padding:.6875rem .75rem;font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--muted);border-radius:.5rem}
button{font:inherit;font-weight:600;padding:.8125rem 1.5rem;border-radius:.5rem;border:2px solid var(--accent);background:var(--accent);color:var(--onAccent);cursor:pointer}
button.quiet{background:none;color:var(--accent)}
.acts{display:flex;flex-wrap:wrap;gap:.875rem;margin-block:1.75rem 0}
.note{padding:.875rem 1.125rem;border-inline-start:4px solid var(--accent);background:var(--ground);border-radius:.25rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:.25rem}
form{margin-block-end:1.5rem}
main>:last-child,form>:last-child{margin-block-end:0}
footer{margin-block-start:1.5rem;padding-inline:clamp(0rem,4vw,2.25rem)}
@media (forced-colors:active){button,select,main{border:1px solid}}
`;

function styleOf({ light, dark }: Shop['colours']): string {
  return `:root{color-scheme:light dark;${variables(light)}}@media (prefers-color-scheme:dark){:root{${variables(dark)}}}${RULES}`;
}

/** Security headers: nothing is loaded, nobody frames the page or learns its address, no index keeps it. */
function headersOf(style: string): Record<string, string> {
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = [
    `default-src 'none'`,
    `style-src 'sha256-${hash}'`,
    // The empty icon, which keeps browsers from asking for one.
    'img-src data:',
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'x-content-type-options': 'nosniff',
  };
}

export type Answer = APIGatewayProxyStructuredResultV2;

/** Makes whole answers of pages, for one shop. */
export function documents(shop: Shop): (page: Page) => Answer {
  const style = styleOf(shop.colours);
  const headers = headersOf(style);
  // In one piece: a line break more, and the policy above would refuse it.
  const styleElement = new Html(`<style>${style}</style>`);
  return ({ status, locale, title, content }) => ({
    statusCode: status,
    headers: { ...headers, 'content-language': locale },
    body: html`<!doctype html>
      <html lang="${locale}" dir="${directionOf(locale)}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${plainWords(title, shop)}</title>
          <link rel="icon" href="data:," />
          ${styleElement}
        </head>
        <body>
          <p class="shop">
            <a href="${shop.url}"><bdi>${shop.name}</bdi></a>
          </p>
          <main>
            <h1>${words(title, shop)}</h1>
            ${content}
          </main>
          <footer><bdi>${shop.postalAddress.join(', ')}</bdi></footer>
        </body>
      </html>`.text,
  });
}
