import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintContent } from '../../shared/email/lint-content.ts';
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

/** Findings after one text of the check-in has become another. */
async function withText(key: string, text: string): Promise<readonly string[]> {
  const content = await copyContent();
  await content.change(EN, `"${key}": ${JSON.stringify(await textOf(key))}`, `"${key}": ${JSON.stringify(text)}`);
  return told(content);
}

/** Findings after a piece has been put into the layout of the check-in. */
async function withPiece(piece: string): Promise<readonly string[]> {
  const content = await copyContent();
  const layout = await readFile(join(content.contentDirectory, LAYOUT), 'utf8');
  await content.write(LAYOUT, `<mj-section><mj-column>${piece}</mj-column></mj-section>\n${layout}`);
  return told(content);
}

it('the shipped content has nothing to complain about', async () => {
  expect(await lintContent(SHIPPED_CONTENT)).toEqual([]);
});

it('a copy in one language has nothing to complain about', async () => {
  expect(await told(await copyContent())).toEqual([]);
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
    ['heading', 'Look [here](http://shop.example.com/x)', /shows "\]\("; close what was opened, link https only/u],
    ['heading', 'Look [here](javascript:alert)', /shows "\]\("/u],
    [
      'heading',
      'Look [here](https://localhost:8080/x)',
      /the link https:\/\/localhost:8080\/x leads to a private machine/u,
    ],
    ['heading', 'Look [here](https://192.168.0.7/x)', /leads to a private machine/u],
    ['heading', 'Is it **working?', /shows "\*\*"/u],
  ])('%s “%s” is found', async (key, text, finding) => {
    expect(await withText(key, text)).toEqual([expect.stringMatching(finding)]);
  });
});

describe('a hostile template', () => {
  it.each([
    [
      'a loop without end',
      '<mj-text>{% for i in (1..1000000000) %}x{% endfor %}</mj-text>',
      /does not render for|variable/u,
    ],
    [
      'loops within loops',
      `<mj-text>${'{% for item in order.items %}'.repeat(7)}x${'{% endfor %}'.repeat(7)}</mj-text>`,
      /does not render for|bytes of HTML/u,
    ],
    [
      'huge output',
      `<mj-text>{% for item in order.items %}${'x'.repeat(20_000)}{% endfor %}</mj-text>`,
      /bytes of HTML/u,
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
      /holds <a [^;]*onclick/u,
    ],
    ['a link that runs', '<mj-text><a href="javascript:alert(1)">x</a></mj-text>', /javascript:/u],
    ['a link with data', '<mj-text><a href="data:text/html,x">x</a></mj-text>', /data:/u],
    ['a link without encryption', '<mj-text><a href="http://shop.example.com/">x</a></mj-text>', /is not https/u],
    [
      'a picture that watches',
      '<mj-image src="https://t.example/p.gif" alt="x" width="1px" />',
      /too small to be seen/u,
    ],
    [
      'a hidden picture',
      '<mj-text><img src="https://t.example/p.gif" alt="x" style="display:none" /></mj-text>',
      /too small to be seen/u,
    ],
    [
      'a picture without words',
      '<mj-image src="https://shop.example.com/p.png" width="100px" />',
      /no text that stands for it/u,
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
      /holds url\(/u,
    ],
    [
      'a way elsewhere',
      '<mj-raw><meta http-equiv="refresh" content="0;url=https://t.example/" /></mj-raw>',
      /http-equiv="refresh"/u,
    ],
    [
      'a piece from outside',
      '</mj-column></mj-section>\n<mj-include path="../../../../package.json" />\n<mj-section><mj-column>',
      /lies outside the content|cannot be read/u,
    ],
    ['an attribute MJML does not know', '<mj-text colour="red">x</mj-text>', /Attribute colour is illegal/u],
    ['a side written out', '<mj-text align="left">x</mj-text>', /align="left" is written out, and wrong in half/u],
    ['room on one side', '<mj-text><span style="margin-left:8px">x</span></mj-text>', /margin-left is written out/u],
    ['a colour of its own', '<mj-text color="#ff0000">x</mj-text>', /the colour #ff0000 is written out/u],
    [
      'a colour that stays in the dark',
      '<mj-text><span style="color:{{ colours.light.muted }}">x</span></mj-text>',
      /keeps its colour in the dark/u,
    ],
  ])('with %s is refused', async (_what, piece, finding) => {
    expect(await withPiece(piece)).toContainEqual(expect.stringMatching(finding));
  });
});

describe('another language', () => {
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
    const older = async () => (await ofCheckIn(content)).filter((each) => each.startsWith('warning'));
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
