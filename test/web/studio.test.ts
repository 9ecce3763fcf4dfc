import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { withAppearance } from '../../infra/local/web/studio/appearance.ts';
import { coverageOf, languagesOf } from '../../infra/local/web/studio/coverage.ts';
import { Drafts } from '../../infra/local/web/studio/drafts.ts';
import { fitting } from '../../infra/local/web/studio/inbox-line.ts';
import { fileOf, type Place, placeOf } from '../../infra/local/web/studio/place.ts';
import { Review } from '../../infra/local/web/studio/review.ts';
import { ABSENT, NotOurFile, readTexts, saveTexts } from '../../infra/local/web/studio/texts-file.ts';
import { textsOf } from '../../infra/local/web/studio/texts-view.ts';
import { ContentWatch } from '../../infra/local/web/studio/watch.ts';
import { copyContent } from '../email/content-copy.ts';

const WELCOME: Place = { programme: 'onboarding', step: 'welcome', locale: 'en', variant: undefined };
const FILE = fileOf(WELCOME);

let content: string;

/** Each test that needs it has a copy of its own, in English alone. */
async function useContent(): Promise<void> {
  content = (await copyContent()).contentDirectory;
}

const source = (file: string) => readFile(path.join(content, file), 'utf8');
const write = (file: string, texts: object) =>
  writeFile(path.join(content, file), `${JSON.stringify(texts, undefined, 2)}\n`);

describe('a file of texts', () => {
  beforeEach(useContent);
  const SMALL = 'templates/onboarding/welcome/xx.json';

  it('is written in its own order, new texts behind the others, formatted as it is kept', async () => {
    await write(SMALL, { heading: 'H', subject: 'S', odd: 'O' });
    const { seen } = await readTexts(content, SMALL);
    const texts = new Map([
      ['summary', 'New, too'],
      ['intro', 'New'],
      ['subject', 'Changed'],
    ]);
    const saved = await saveTexts(content, SMALL, texts, seen, ['subject', 'heading', 'intro', 'summary']);
    expect(saved).toEqual({ kind: 'saved', changed: new Set(['summary', 'intro', 'subject']) });
    expect(await source(SMALL)).toBe(
      '{\n  "heading": "H",\n  "subject": "Changed",\n  "odd": "O",\n  "intro": "New",\n  "summary": "New, too"\n}\n',
    );
  });

  it('loses a text that is emptied, and begins with the first one', async () => {
    const texts = new Map([['subject', 'S']]);
    await saveTexts(content, SMALL, texts, ABSENT, []);
    const { seen } = await readTexts(content, SMALL);
    const emptied = new Map([
      ['subject', ''],
      ['heading', 'H'],
    ]);
    await saveTexts(content, SMALL, emptied, seen, []);
    expect(await source(SMALL)).toBe('{\n  "heading": "H"\n}\n');
  });

  it('is not written over what somebody else has saved meanwhile', async () => {
    const { seen } = await readTexts(content, FILE);
    await write(FILE, { subject: 'Theirs' });
    const saved = await saveTexts(content, FILE, new Map([['subject', 'Mine']]), seen, []);
    expect(saved).toMatchObject({ kind: 'overtaken', now: { texts: new Map([['subject', 'Theirs']]) } });
    expect(JSON.parse(await source(FILE))).toEqual({ subject: 'Theirs' });
  });

  it('is never outside of the content, whatever the path says and wherever links lead', async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'outside-'));
    try {
      await symlink(outside, path.join(content, 'templates/onboarding/elsewhere'));
      await writeFile(path.join(outside, 'victim.json'), '{}\n');
      await symlink(path.join(outside, 'victim.json'), path.join(content, 'templates/onboarding/welcome/yy.json'));
      await mkdir(path.join(content, 'templates/onboarding/welcome/zz.json'));
      const files = [
        '../victim.json',
        `../${path.basename(outside)}/victim.json`,
        path.join(outside, 'victim.json'),
        'templates/onboarding/elsewhere/victim.json',
        'templates/onboarding/nowhere/victim.json',
      ];
      for (const file of files) {
        const saving = saveTexts(content, file, new Map([['subject', 'S']]), ABSENT, []);
        await expect(saving).rejects.toThrow(NotOurFile);
      }
      for (const name of ['yy.json', 'zz.json']) {
        const saving = saveTexts(content, `templates/onboarding/welcome/${name}`, new Map([['a', 'b']]), ABSENT, []);
        await expect(saving).rejects.toThrow(NotOurFile);
      }
      expect(await readFile(path.join(outside, 'victim.json'), 'utf8')).toBe('{}\n');
    } finally {
      await rm(outside, { recursive: true });
    }
  });
});

describe('an address', () => {
  it.each([
    ['..', 'welcome', 'en', null],
    ['onboarding', '_shared', 'en', null],
    ['onboarding', 'a/b', 'en', null],
    ['onboarding', 'welcome', '../en', null],
    ['onboarding', 'welcome', 'en', '../returning'],
    ['onboarding', 'welcome', 'en', 'Returning'],
  ])('names no mail with %s/%s in %s, %s', (programme, step, locale, variant) => {
    expect(placeOf(programme, step, locale, variant)).toBeUndefined();
  });

  it('names a mail in a language and a variant', () => {
    expect(placeOf('win-back', 'offer', 'pt-BR', 'new-one')).toEqual({
      programme: 'win-back',
      step: 'offer',
      locale: 'pt-BR',
      variant: 'new-one',
    });
    expect(placeOf('win-back', 'offer', null, '')).toMatchObject({ locale: 'en', variant: undefined });
  });
});

describe('a draft', () => {
  let drafts: Drafts;
  beforeEach(async () => {
    await useContent();
    drafts = new Drafts(content);
  });
  const draft = async (place: Place) => drafts.draft(await drafts.tree(), place);

  it('is made once of the same files, and anew of files that have changed', async () => {
    const first = await draft(WELCOME);
    expect(first.findings).toEqual([]);
    expect(await draft(WELCOME)).toBe(first);
    await write(FILE, { ...JSON.parse(await source(FILE)), intro: 'Written in an editor.' });
    const second = await draft(WELCOME);
    expect(second.template?.parts.html).toContain('Written in an editor.');
    expect(second.id).not.toBe(first.id);
  });

  it('shows what is typed without saving it, and tells the line of what is wrong', async () => {
    const before = await source(FILE);
    const { seen } = await readTexts(content, FILE);
    const texts = new Map([
      ['intro', 'Typed {{ customer.nick }}'],
      ['heading', 'Typed'],
    ]);
    const typed = await drafts.draft(await drafts.tree(), WELCOME, { file: FILE, texts, seen });
    expect(await source(FILE)).toBe(before);
    const line = before.split('\n').findIndex((each) => each.includes('"intro"')) + 1;
    expect(typed.findings[0]).toMatchObject({ file: FILE, line, severity: 'error' });
    expect(typed.findings[0]?.problem).toContain('there is no variable "customer.nick"');
    const [own] = await textsOf(drafts, typed, { file: FILE, texts, seen }, false);
    const field = own?.fields.find(({ key }) => key === 'intro');
    expect(field).toMatchObject({ value: 'Typed {{ customer.nick }}', findings: [typed.findings[0]] });
  });

  it.each([
    ['<a href="https://localhost:3000/x">x</a>', 'the link https://localhost:3000/x leads to a private machine'],
    ['<a href="javascript:alert(1)">x</a>', 'the link javascript:alert(1) is not https'],
    [
      '<img src="https://evil.example/p.gif" alt="x" width="1" />',
      'the picture https://evil.example/p.gif is not one of the shop',
    ],
    ['<p style="display:none">x</p>', '<p> hides what it holds: display:none'],
    ['{% for i in (1..450000) %}{% endfor %}', 'it counts through a range: (1..450000)'],
  ])('of a layout with %s is not shown, and says where that stands', async (piece, problem) => {
    const layout = 'templates/onboarding/welcome/layout.mjml';
    const before = await source(layout);
    await writeFile(
      path.join(content, layout),
      `<mj-section><mj-column><mj-text>${piece}</mj-text></mj-column></mj-section>\n${before}`,
    );
    const unsafe = await draft(WELCOME);
    expect(unsafe.template).toBeUndefined();
    expect(unsafe.findings).toContainEqual(
      expect.objectContaining({ file: layout, line: 1, severity: 'error', problem }),
    );
  });

  it.each([
    ['{{ customer.firstName', 'output "{{ customer.firstName" not closed', 'close it with }}'],
    ['{% if customer.firstName %}Hello', 'tag {% if customer.firstName %} not closed', 'write {% endif %} behind'],
    [
      '{{ customer.firstName }}, hello',
      'it does not render for a customer we know nothing about: there is no customer.firstName',
      '{% if customer.firstName %}',
    ],
  ])('tells one mistake once, where it was made: %s', async (text, problem, advice) => {
    await write(FILE, { ...JSON.parse(await source(FILE)), intro: text });
    const line = (await source(FILE)).split('\n').findIndex((each) => each.includes('"intro"')) + 1;
    expect((await draft(WELCOME)).findings).toEqual([
      expect.objectContaining({ file: FILE, line, problem, advice: expect.stringContaining(advice) }),
    ]);
  });

  it('in a language that nobody has begun lacks one file, and no texts', async () => {
    const shop = await source('shop.json');
    await writeFile(path.join(content, 'shop.json'), shop.replace('"locales": ["en"]', '"locales": ["en", "sv"]'));
    await write('preferences/sv.json', JSON.parse(await source('preferences/en.json')));
    await write('templates/_shared/sv.json', JSON.parse(await source('templates/_shared/en.json')));
    const swedish: Place = { ...WELCOME, locale: 'sv' };
    const { findings, template } = await draft(swedish);
    const about = findings.filter(({ file }) => !file.startsWith('templates/_shared/'));
    expect(about).toEqual([expect.objectContaining({ file: fileOf(swedish), problem: 'there is no such file in sv' })]);
    expect(template?.parts.html).toContain('Your order has reached us');
  });

  it('says what is wrong with the playbook instead of failing', async () => {
    await writeFile(path.join(content, 'playbook.json'), '{}');
    const broken = await draft(WELCOME);
    expect(broken.template).toBeUndefined();
    expect(broken.findings[0]).toMatchObject({ file: 'playbook.json', severity: 'error' });
  });

  it('says what is missing from a translation, and shows the English text in its place', async () => {
    const swedish: Place = { ...WELCOME, locale: 'sv' };
    const { intro: _intro, ...rest } = JSON.parse(await source(FILE));
    await write(fileOf(swedish), { ...rest, heading: 'Tack så mycket.' });
    const partly = await draft(swedish);
    const missing = partly.findings.filter(({ problem }) => problem.includes('"intro"'));
    expect(missing).not.toEqual([]);
    expect(partly.template?.parts.html).toContain('Tack så mycket.');
    expect(partly.template?.parts.html).toContain('Your order has reached us');
  });

  it('in a variant that a language does not have is the plain mail of that language', async () => {
    const swedish: Place = { ...WELCOME, locale: 'sv', variant: 'returning' };
    const plain = { ...JSON.parse(await source(FILE)), heading: 'Tack så mycket.' };
    await write(fileOf({ ...swedish, variant: undefined }), plain);
    const { heading } = JSON.parse(await source(fileOf({ ...swedish, locale: 'en' })));
    const shown = await draft(swedish);
    expect(shown.template?.parts.html).toContain('Tack så mycket.');
    expect(shown.template?.parts.html).not.toContain(heading);
  });
});

async function problems(): Promise<readonly string[]> {
  const drafts = new Drafts(content);
  const { findings } = await drafts.draft(await drafts.tree(), WELCOME);
  return findings.map(({ file, line, problem }) => `${file}:${line}: ${problem}`);
}

async function seenAll(review: Review, places: readonly Place[]): Promise<void> {
  review.want(places);
  await vi.waitFor(() => expect(places.map((each) => review.countOf(each))).not.toContain(undefined), 30_000);
}

describe('a hostile file', () => {
  beforeEach(useContent);
  const LAYOUT = 'templates/onboarding/welcome/layout.mjml';
  it.each([
    [FILE, `{"intro": "${'word '.repeat(120_000)}"}`, /en\.json:1: the file has 6\d{5} bytes/u],
    [FILE, `{"intro": ${'['.repeat(90_000)}`, /en\.json:1: expected at most 50 lists/u],
    [LAYOUT, '{% if order %}a{% endif %}'.repeat(20_000), /layout\.mjml:1: the file has 5\d{5} bytes/u],
    [LAYOUT, '<div>'.repeat(5_000), /layout\.mjml:1: it has more than 1000 tags/u],
  ])('%s is a finding of the mail', async (file, text, finding) => {
    await writeFile(path.join(content, file), text);
    expect(await problems()).toContainEqual(expect.stringMatching(finding));
  });

  it('is one in a language, too, and of what was confirmed in it', async () => {
    const drafts = new Drafts(content);
    const swedish = { ...WELCOME, locale: 'sv' };
    await mkdir(path.join(content, 'translated'), { recursive: true });
    for (const [file, text] of [
      ['translated/sv.json', 'no JSON'],
      [fileOf(swedish), '['.repeat(90_000)],
    ] as const) {
      await writeFile(path.join(content, file), text);
      const { findings } = await drafts.draft(await drafts.tree(), swedish);
      expect(findings).toContainEqual(expect.objectContaining({ severity: 'error', file }));
      await rm(path.join(content, file));
    }
  });

  it('is not made into a mail when it is only typed', async () => {
    const drafts = new Drafts(content);
    const { seen } = await readTexts(content, FILE);
    const typed = { file: FILE, seen, texts: new Map([['intro', '['.repeat(100_000)]]) };
    const { findings, template } = await drafts.draft(await drafts.tree(), WELCOME, typed);
    expect(template?.parts.html).not.toContain('[[[');
    expect(findings).toContainEqual(
      expect.objectContaining({ file: FILE, problem: 'intro: expected at most 4000 characters' }),
    );
  });

  it('keeps nobody from looking through all mails, and neither does a directory that is none', async () => {
    await writeFile(path.join(content, LAYOUT), '<div>'.repeat(5_000));
    const review = new Review(new Drafts(content), () => undefined);
    const other = { ...WELCOME, step: 'check-in' };
    await seenAll(review, [WELCOME, other]);
    expect([WELCOME, other].map((each) => review.countOf(each))).toEqual([1, 0]);
    review.close();

    const nowhere = new Review(new Drafts(path.join(content, FILE)), () => undefined);
    nowhere.want([WELCOME]);
    // Whatever it is rejected with and nobody hears of ends the run of the tests.
    await sleep(100);
    nowhere.close();
  });
});

describe('the matrix', () => {
  beforeEach(useContent);
  const files = [
    'templates/onboarding/welcome/layout.mjml',
    'templates/onboarding/welcome/en.json',
    'templates/onboarding/welcome/en.returning.json',
    'templates/onboarding/welcome/sv.json',
    'templates/onboarding/welcome/fi.json',
    'templates/left/over/en.json',
    'templates/_shared/en.json',
    'preferences/de.json',
  ];
  const tree = new Map(files.map((file) => [file, '1']));

  it('has the languages of the shop, and behind them those that somebody has begun', () => {
    expect(languagesOf(tree, ['en', 'sv'])).toEqual([
      { locale: 'en', inPreparation: false },
      { locale: 'sv', inPreparation: false },
      { locale: 'fi', inPreparation: true },
    ]);
  });

  it('says of every mail whether it is there, missing, in preparation, older than its source, or wrong', async () => {
    const { house } = await new Drafts(content).house(new Map());
    if (house === undefined) throw new Error('the content is broken');
    const carried = { ...house.carried, shop: { ...house.carried.shop, locales: ['en', 'sv'] } };
    const older = { file: 'templates/onboarding/welcome/sv.json', locale: 'sv', problem: 'older', advice: '' };
    const found = [
      { ...older, severity: 'warning' as const },
      { ...older, severity: 'error' as const },
    ];
    const { rows } = coverageOf(tree, { ...house, carried }, found, ({ locale }) => (locale === 'fi' ? 2 : undefined));
    const told = (programme: string, step: string, variant?: string) =>
      rows
        .find((row) => row.programme === programme && row.step === step && row.variant === variant)
        ?.cells.map(({ state, older: texts, findings }) => [state, texts, findings]);
    expect(told('onboarding', 'welcome')).toEqual([
      ['there', 0, undefined],
      ['there', 1, undefined],
      ['in preparation', 0, 2],
    ]);
    expect(told('onboarding', 'welcome', 'returning')?.map(([state]) => state)).toEqual([
      'there',
      'missing',
      'missing',
    ]);
    expect(told('onboarding', 'guide')?.map(([state]) => state)).toEqual(['missing', 'missing', 'missing']);
    const unplaced = rows.filter((row) => row.unplaced).map(({ step }) => step);
    expect(unplaced).toEqual(['over']);
  });
});

describe('the appearance of a mail', () => {
  const mail =
    '<meta name="color-scheme" content="light dark" /><style>:root { color-scheme: light dark; } @media (prefers-color-scheme: dark) { a {} }</style><img alt="Tea" src="https://shop.example.com/tea.jpg">';

  it('is dark or light whatever the screen is', () => {
    expect(withAppearance(mail, { scheme: 'dark', pictures: true })).toContain('@media all { a {} }');
    expect(withAppearance(mail, { scheme: 'dark', pictures: true })).toContain('content="dark"');
    expect(withAppearance(mail, { scheme: 'light', pictures: true })).toContain('@media not all { a {} }');
    expect(withAppearance(mail, { scheme: 'light', pictures: true })).toContain('color-scheme: light;');
  });

  it('never has a picture from elsewhere', () => {
    expect(withAppearance(mail, { scheme: 'light', pictures: true })).toMatch(/<img alt="Tea" src="data:image/u);
    expect(withAppearance(mail, { scheme: 'light', pictures: false })).toContain('<img alt="Tea" >');
  });
});

describe('the line in the inbox', () => {
  it('is cut between signs, and only when it is too long', () => {
    expect(fitting('12345', 5)).toEqual({ shown: '12345', cut: false });
    expect(fitting('12345 7', 6)).toEqual({ shown: '12345', cut: true });
    expect(fitting('👩‍👧👩‍👧👩‍👧', 2)).toEqual({ shown: '👩‍👧👩‍👧', cut: true });
  });
});

describe('watching', () => {
  beforeEach(useContent);
  it('tells of a change anywhere below the content, until nobody listens', async () => {
    const watch = new ContentWatch(content);
    const heard = new EventTarget();
    let count = 0;
    const off = watch.listen(() => {
      count += 1;
      heard.dispatchEvent(new Event('edit'));
    });
    const edit = once(heard, 'edit');
    await write('templates/onboarding/welcome/en.json', { subject: 'S' });
    await edit;
    expect(count).toBeGreaterThan(0);
    off();
    const before = count;
    watch.tell();
    const last = watch.listen(() => heard.dispatchEvent(new Event('last')));
    const told = once(heard, 'last');
    watch.tell();
    await told;
    last();
    expect(count).toBe(before);
  });

  it('lives on when a folder goes while it is looked at, leads in a circle, or all of it goes', async () => {
    const watch = new ContentWatch(content);
    const heard = new EventTarget();
    let changes = 0;
    const off = watch.listen(() => {
      changes += 1;
      heard.dispatchEvent(new Event('edit'));
    });
    const circle = once(heard, 'edit');
    await symlink('.', path.join(content, 'circle'));
    await circle;
    const gone = once(heard, 'edit');
    await rm(content, { recursive: true });
    await gone;
    const back = once(heard, 'edit');
    await mkdir(content);
    await back;
    off();
    expect(changes).toBeGreaterThanOrEqual(3);
  });
});
