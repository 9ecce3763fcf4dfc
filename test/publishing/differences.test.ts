import { describe, expect, it } from 'vitest';
import { differenceLines } from '../../infra/publishing/difference-lines.ts';
import { changesBetween, differencesBetween, isNothing } from '../../infra/publishing/differences.ts';
import { marked, PLAIN_MARKS, toldWords } from '../../infra/publishing/word-marks.ts';

const WELCOME = 'templates/onboarding/welcome';

const before = {
  [`${WELCOME}/layout.mjml`]: '<mj-text>{{ t.lead }}</mj-text>\n',
  [`${WELCOME}/en.json`]: JSON.stringify({ subject: 'Welcome to the shop', lead: 'Your kettle is on its way to you.' }),
  [`${WELCOME}/en.returning.json`]: JSON.stringify({ lead: 'Good to see you again' }),
  'templates/_shared/en.json': JSON.stringify({ hello: 'Dear reader' }),
  'preferences/sv.json': JSON.stringify({ centre: { title: 'Dina val om brev' } }),
  'playbook.json': JSON.stringify({
    caps: { perDay: 1 },
    programmes: [
      {
        id: 'onboarding',
        series: [
          {
            id: 'welcome',
            trigger: 'stage',
            steps: [
              { id: 'welcome', after: '0 days' },
              { id: 'guide', after: '3 days' },
            ],
          },
        ],
      },
    ],
  }),
  'improvements.json': JSON.stringify([
    { date: '2026-10-01', reason: 'price', text: { en: 'Prices are shown at once' } },
  ]),
};

const linesFor = (changed: Readonly<Record<string, string | undefined>>) => {
  const after = Object.fromEntries(
    Object.entries({ ...before, ...changed }).flatMap(([file, text]) => (text === undefined ? [] : [[file, text]])),
  );
  return differenceLines(differencesBetween(before, after), PLAIN_MARKS);
};

const withLayout = (layout: string) => linesFor({ [`${WELCOME}/layout.mjml`]: layout });

describe('what has changed between two releases', () => {
  it('is nothing when only the way a file is written has', () => {
    const spaced = JSON.stringify(JSON.parse(before[`${WELCOME}/en.json`] ?? ''), undefined, 4);
    expect(isNothing(differencesBetween(before, { ...before, [`${WELCOME}/en.json`]: spaced }))).toBe(true);
    expect(linesFor({})).toEqual([]);
  });

  it('is told text by text, in words, by mail, language and variant', () => {
    expect(
      linesFor({
        [`${WELCOME}/en.json`]: JSON.stringify({
          subject: 'Welcome to our shop',
          lead: 'Your kettle is on its way to you.',
        }),
        [`${WELCOME}/en.returning.json`]: JSON.stringify({ lead: 'Good to see you', note: 'P.S.' }),
        'templates/_shared/en.json': JSON.stringify({ hello: 'Dear valued reader' }),
        'preferences/sv.json': JSON.stringify({ centre: { title: 'Dina val om e-post' } }),
      }),
    ).toEqual([
      'Texts',
      '  the pages behind links, sv',
      '    centre.title: Dina val om [-brev-] {+e-post+}',
      '  what all mails share, en',
      '    hello: Dear {+valued+} reader',
      '  onboarding/welcome, en',
      '    subject: Welcome to [-the-] {+our+} shop',
      '  onboarding/welcome, en, variant returning',
      '    lead: Good to see you [-again-]',
      '    note: {+P.S.+}',
      '',
    ]);
  });

  it('is told of mails that are new or gone, and of layouts by their lines', () => {
    expect(
      linesFor({
        'templates/onboarding/later/layout.mjml': '<mj-text>{{ t.lead }}</mj-text>\n<mj-divider />\n',
        'templates/onboarding/later/en.json': JSON.stringify({ subject: 'Later' }),
      }),
    ).toEqual([
      'Mails',
      '  {+onboarding/later is new+}',
      '',
      'Texts',
      '  onboarding/later, en',
      '    subject: {+Later+}',
      '',
      'Layouts',
      '  templates/onboarding/later/layout.mjml: 2 lines added, 0 removed',
      '',
    ]);
    const gone = { [`${WELCOME}/layout.mjml`]: undefined, [`${WELCOME}/en.json`]: undefined };
    expect(linesFor({ ...gone, [`${WELCOME}/en.returning.json`]: undefined })).toContain(
      '  [-onboarding/welcome is gone-]',
    );
  });

  it('shows the lines of a layout that were changed, however they are indented', () => {
    expect(withLayout('  <mj-text>Dear customer, {{ t.lead }}</mj-text>\n<mj-divider />\n<mj-divider />\n')).toEqual([
      'Layouts',
      '  templates/onboarding/welcome/layout.mjml: 3 lines added, 1 removed',
      '    [-<mj-text>{{ t.lead }}</mj-text>-]',
      '    {+<mj-text>Dear customer, {{ t.lead }}</mj-text>+}',
      '    {+<mj-divider />+}',
      '    {+<mj-divider />+}',
      '',
    ]);
    expect(withLayout('  <mj-text>{{ t.lead }}</mj-text>\n')).toEqual([
      'Layouts',
      '  templates/onboarding/welcome/layout.mjml: lines moved or spaced otherwise',
      '',
    ]);
  });

  it('shows all of a text that is new or gone', () => {
    const long = 'A kettle is a friend. '.repeat(30).trim();
    const texts = JSON.parse(before[`${WELCOME}/en.json`] ?? '{}');
    expect(linesFor({ [`${WELCOME}/en.json`]: JSON.stringify({ ...texts, long }) })).toContain(`    long: {+${long}+}`);
  });

  it('is told of the playbook by step and field', () => {
    const playbook = {
      caps: { perDay: 2 },
      programmes: [
        {
          id: 'onboarding',
          startsAt: '2026-12-01',
          series: [
            {
              id: 'welcome',
              trigger: 'stage',
              steps: [
                { id: 'guide', after: '4 days' },
                { id: 'later', after: '9 days' },
              ],
            },
          ],
        },
      ],
    };
    expect(linesFor({ 'playbook.json': JSON.stringify(playbook) })).toEqual([
      'Playbook',
      '  caps › perDay: 1 → 2',
      '  step onboarding/welcome: [-{"id":"welcome","after":"0 days"}-]',
      '  step onboarding/guide, after: 3 days → 4 days',
      '  step onboarding/later: {+{"id":"later","after":"9 days"}+}',
      '  programme onboarding, startsAt: {+2026-12-01+}',
      '',
    ]);
  });

  it('is told of data by file and path, where parts of a list go by their names', () => {
    const [first] = JSON.parse(before['improvements.json'] ?? '[]');
    const later = { ...first, date: '2026-11-01', text: { en: 'Tea arrives sooner' } };
    const told = { ...first, text: { en: 'All prices are shown at once' } };
    expect(linesFor({ 'improvements.json': JSON.stringify([later, told]) })).toEqual([
      'Data',
      '  improvements.json',
      '    2026-10-01 › text › en: [-Prices-] {+All prices+} are shown at once',
      '    2026-11-01: {+{"date":"2026-11-01","reason":"price","text":{"en":"Tea arrives sooner"}}+}',
      '',
    ]);
  });
});

describe('a list', () => {
  it('says when what stays stands in another order', () => {
    expect(changesBetween([{ id: 'a' }, { id: 'b' }], [{ id: 'b' }, { id: 'a' }])).toEqual([
      { path: ['order'], before: ['a', 'b'], after: ['b', 'a'] },
    ]);
    expect(changesBetween([{ id: 'a' }, { id: 'b' }], [{ id: 'c' }, { id: 'a' }, { id: 'b' }])).toEqual([
      { path: ['c'], after: { id: 'c' } },
    ]);
  });

  it('of plain words changes as a whole', () => {
    expect(changesBetween(['a', 'b'], ['a'])).toEqual([{ path: [], before: ['a', 'b'], after: ['a'] }]);
  });
});

describe('marked words', () => {
  it('show what went and what came between what stays', () => {
    expect(marked(toldWords('one two three', 'one three four'), PLAIN_MARKS)).toBe('one [-two-] three {+four+}');
    expect(marked(toldWords('same words', 'same words'), PLAIN_MARKS)).toBe('same words');
    expect(marked(toldWords('', 'new'), PLAIN_MARKS)).toBe('{+new+}');
  });

  it('are two sentences where hardly any word stays', () => {
    const told = toldWords('We have got your order and pack it', 'Tea and cups are on their way');
    expect(marked(told, PLAIN_MARKS)).toBe('[-We have got your order and pack it-] {+Tea and cups are on their way+}');
  });

  it('leave out what is far from every change', () => {
    const words = Array.from({ length: 40 }, (_, index) => `w${index}`);
    const after = words.with(20, 'changed');
    expect(marked(toldWords(words.join(' '), after.join(' ')), PLAIN_MARKS)).toBe(
      '… w12 w13 w14 w15 w16 w17 w18 w19 [-w20-] {+changed+} w21 w22 w23 w24 w25 w26 w27 w28 …',
    );
  });
});
