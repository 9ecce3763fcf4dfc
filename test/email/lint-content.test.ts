import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compiledRelease, lintedRelease } from '../../infra/build.ts';
import { PROJECT } from '../../infra/cache.ts';
import { lintContentCommand } from '../../infra/commands/lint-content.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
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

  // Of an earlier run the release would still be there.
  await setText(content, 'heading', `Is it *working* for number ${Date.now()}?`);
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

it('words in a layout are told with their line, for they are in one language; what only programs read is not', async () => {
  const content = await copyContent();
  const layout = await readFile(join(content.contentDirectory, LAYOUT), 'utf8');
  await content.write(
    LAYOUT,
    layout.replace(
      /(?=<mj-text)/u,
      `<!-- no words -->\n<mj-text css-class="plain">{{ customer.firstName | default: 'friend' }}&nbsp;· Kettle &amp; Fern\nDear reader, hello</mj-text>\n`,
    ),
  );
  const found = (await told(content)).filter((each) => each.includes('words of a layout'));
  const line = await lineWith(LAYOUT, 'Dear reader', content);
  expect(found).toEqual([
    expect.stringContaining(
      `layout.mjml:${line - 1}: words that readers of every language would get: friend; set a text`,
    ),
    expect.stringContaining(`layout.mjml:${line}: words that readers of every language would get: Dear reader, hello;`),
  ]);
});

const ran = (content: ContentCopy, path: string) => lintContentCommand(['--content', content.contentDirectory, path]);

describe('the command for some templates', () => {
  it('tells what is wrong with the data that they are made of, and not with other templates', async () => {
    const content = await copyContent();
    await setText(content, 'heading', 'Is it {{ nothere }}?');
    expect(await ran(content, 'onboarding/check-in')).toMatchObject({ exitCode: 1 });
    expect(await ran(content, 'onboarding/guide')).toEqual({ exitCode: 0, text: 'Nothing to complain about.\n' });
    const library = await readFile(join(content.contentDirectory, 'library.json'), 'utf8');
    await content.write('library.json', library.replace(/"url": "[^"]*"/u, '"url": "javascript:alert(1)"'));
    for (const path of ['onboarding/check-in', 'onboarding/guide']) {
      const { text, exitCode } = await ran(content, path);
      expect(exitCode).toBe(1);
      expect(text).toMatch(/library\.json:\d+\n {2}error/u);
    }
    await content.write('library.json', library);
    await content.write('shop.json', '{');
    expect((await ran(content, 'win-back/')).text).toMatch(/shop\.json:1\n {2}error/u);
  });

  it('tells which of their data is missing in a language', async () => {
    const content = await copyContent();
    await content.speak('sv');
    const questions = await readFile(join(content.contentDirectory, 'questions.json'), 'utf8');
    await content.write('questions.json', questions.replace(/,\s*"sv": "[^"]*"/u, ''));
    const { text, exitCode } = await ran(content, 'win-back/');
    expect(text).toMatch(/questions\.json:\d+\n {2}error, translations: .* is missing in sv/u);
    expect(exitCode).toBe(1);
  });

  it('refuses a path that names none', async () => {
    const content = await copyContent();
    await expect(ran(content, 'no/such')).rejects.toThrow(UsageError);
    await expect(
      lintContentCommand(['--content', content.contentDirectory, '--confirm', 'sv', 'no/such']),
    ).rejects.toThrow(UsageError);
  });

  it('says what it cannot parse, and where', async () => {
    const content = await copyContent();
    await content.write(EN, `{\n"intro": "${'word '.repeat(120_000)}"\n}`);
    await content.write('templates/onboarding/guide/layout.mjml', '<div>'.repeat(5_000));
    const { text, exitCode } = await lintContentCommand(['--content', content.contentDirectory]);
    expect(text).toMatch(/check-in\/en\.json:2\n {2}error, compiling: the file has 600\d{3} bytes/u);
    expect(text).toMatch(/guide\/layout\.mjml:1\n {2}error, compiling: it has more than 1000 tags/u);
    expect(exitCode).toBe(1);
  });
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
