import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileContent } from '../../shared/email/compile.ts';
import { render } from '../../shared/email/render.ts';
import { openPageTexts } from '../../shared/email/page-texts.ts';
import { fullSample } from '../../shared/email/sample.ts';
import { toneSchema } from '../../shared/email/tone.ts';
import { viewOf } from '../../shared/email/view.ts';
import { copyContent, SHIPPED_CONTENT, temporaryDirectory } from './content-copy.ts';

const GUIDE = 'templates/onboarding/guide';
/** On the third line of its layout. */
const INTRO = '<mj-text>{{ t.intro }}</mj-text>';

/** Too many for the little room that a mail in brief has left. */
const MANY_WORDS = 'and so on '.repeat(9).trim();

async function bytesBelow(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.toSorted().map(async (file) => [file.slice(directory.length), await readFile(file, 'utf8')]);
  return Object.fromEntries(await Promise.all(read));
}

describe('a release', () => {
  it('is the same byte for byte when compiled again', async () => {
    const [one, other] = [await temporaryDirectory(), await temporaryDirectory()];
    const { contentDirectory } = await copyContent();
    await compileContent(contentDirectory, one);
    await compileContent(contentDirectory, other);
    expect(await bytesBelow(one)).toEqual(await bytesBelow(other));
  });

  it('has another id when a single word changed', async () => {
    const content = await copyContent();
    const before = await content.compile();
    await content.change(`${GUIDE}/en.json`, 'Use it this week.', 'Use it this month.');
    const after = await content.compile();
    expect(after.id).not.toBe(before.id);
  });

  it('drops templates whose source is gone', async () => {
    const content = await copyContent();
    await content.compile();
    await rm(join(content.directory, 'content', GUIDE, 'en.returning.json'));
    await content.compile();
    expect(await readdir(join(content.directory, 'release', GUIDE))).toEqual(['en.json', 'en.referred.json']);
  });
});

describe('what is wrong is told with file, line and what to do', () => {
  const cases: [string, string, [file: string, before: string, after: string], RegExp][] = [
    [
      'an unknown text key',
      'layout',
      [`${GUIDE}/layout.mjml`, '{{ t.outro }}', '{{ t.outtro }}'],
      /guide\/layout\.mjml:\d+: there is no text "outtro"; add it to .*en\.json or correct the name/,
    ],
    [
      'an unused text',
      'strings',
      [`${GUIDE}/en.json`, '"outro":', '"spare": "x",\n  "outro":'],
      /guide\/en\.json:\d+: the text "spare" is not used; set it in the layout or remove it/,
    ],
    [
      'an unused shared text',
      'strings',
      ['templates/_shared/en.json', '"greeting":', '"spare": "x",\n  "greeting":'],
      /_shared\/en\.json:3: the text "spare" is not used/,
    ],
    [
      'broken Liquid in a layout',
      'layout',
      ['templates/_shared/opening.mjml', '{% endif %}', '{% endfi %}'],
      /_shared\/opening\.mjml:\d+: tag "endfi" not found; use one of if, /,
    ],
    [
      'broken Liquid in a text',
      'strings',
      [`${GUIDE}/en.json`, 'Use it this week.', 'Use it, {{ customer.firstName'],
      /guide\/en\.json:10: output .* not closed; close it with \}\}/,
    ],
    [
      'an unknown variable in a text',
      'strings',
      [`${GUIDE}/en.json`, 'Use it this week.', 'Use it, {{ customer.frstName }}.'],
      /guide\/en\.json:10: there is no variable "customer\.frstName"; use one of .*customer\.firstName/,
    ],
    [
      'an unknown variable in a shared piece',
      'layout',
      ['templates/_shared/footer.mjml', '{{ shop.postalAddress }}', '{{ shop.address }}'],
      /_shared\/footer\.mjml:\d+: there is no variable "shop\.address"/,
    ],
    [
      'an unknown property of a loop variable',
      'layout',
      ['templates/_shared/order.mjml', '{{ item.quantity }}', '{{ item.prize }}'],
      /_shared\/order\.mjml:\d+: there is no variable "item\.prize"/,
    ],
    [
      'an unknown filter',
      'strings',
      [`${GUIDE}/en.json`, 'Use it this week.', '{{ shop.name | raw }}'],
      /guide\/en\.json:10: undefined filter: raw/,
    ],
    [
      'a tag that reaches files',
      'layout',
      [`${GUIDE}/layout.mjml`, INTRO, `<mj-raw>{% render 'x' %}</mj-raw>\n${INTRO}`],
      /guide\/layout\.mjml:3: tag "render" not found/,
    ],
    [
      'an MJML attribute that does not exist',
      'layout',
      ['templates/_shared/footer.mjml', '<mj-column>', '<mj-column wdith="1px">'],
      /_shared\/footer\.mjml:2: Attribute wdith is illegal; correct the MJML/,
    ],
    [
      'an include that does not exist',
      'layout',
      ['templates/_shared/frame.mjml', './header.mjml', './haeder.mjml'],
      /_shared\/frame\.mjml:4: .*haeder\.mjml cannot be read/,
    ],
    [
      'an include from outside the content',
      'layout',
      ['templates/_shared/frame.mjml', './header.mjml', '../../../../etc/passwd'],
      /_shared\/frame\.mjml:4: .*lies outside the content/,
    ],
    [
      'an include for mails that cannot be told apart',
      'layout',
      ['templates/_shared/frame.mjml', 'when="asks"', 'when="bonus"'],
      /_shared\/frame\.mjml:\d+: no mail is known to have "bonus"; use one of .*offer/,
    ],
    [
      'a layout that brings a frame of its own',
      'layout',
      [`${GUIDE}/layout.mjml`, INTRO, `<mj-body>${INTRO}</mj-body>`],
      /guide\/layout\.mjml:3: the layout holds what the frame holds; leave only the sections of the body/,
    ],
    [
      'a reason that is missing',
      'strings',
      [`${GUIDE}/en.json`, '"reasonTwo"', '"reasonToo"'],
      /_shared\/reasons\.mjml:\d+: there is no text "reasonTwo"; add it to .*guide\/en\.json/,
    ],
    [
      'a summary that is missing',
      'strings',
      [`${GUIDE}/en.json`, '"summary"', '"sumary"'],
      /_shared\/frame\.mjml:\d+: there is no text "summary"/,
    ],
    [
      'words of tone that are no list',
      'tone',
      ['tone.json', '"apology": [', '"apology": [], "regret": ['],
      /tone\.json:\d+: en\.apology: expected at least one word/,
    ],
    [
      'a value printed without asking whether it is there',
      'strings',
      [`${GUIDE}/en.json`, 'Use it this week.', 'Use it, {{ customer.firstName }}.'],
      /guide\/en\.json:10: it does not render for a customer we know nothing about: there is no customer\.firstName; ask before printing .* \{% if customer\.firstName %\}/,
    ],
    [
      'a double quote inside a placeholder',
      'strings',
      [`${GUIDE}/en.json`, 'Use it this week.', String.raw`{{ customer.firstName | default: \"you\" }}`],
      /guide\/en\.json:10: a double quote inside a placeholder; use single quotes/,
    ],
    [
      'an unreadable colour',
      'shop',
      ['shop.json', '"#655d50"', '"#b8b0a0"'],
      /shop\.json:\d+: colours\.light\.muted: contrast with "card" is 2\.\d+, readable text needs 4\.5/,
    ],
    [
      'an http address of the shop',
      'shop',
      ['shop.json', '"https://shop.example.com/"', '"http://shop.example.com/"'],
      /shop\.json:4: url: Invalid URL/,
    ],
    [
      'an improvement without a date',
      'improvements',
      ['improvements.json', '"2026-06-15"', '"last summer"'],
      /improvements\.json:\d+: \d\.date: Invalid ISO date/,
    ],
    [
      'an improvement for a reason that nobody can give',
      'improvements',
      ['improvements.json', '"2026-10-26",\n    "reason": "other-shop"', '"2026-10-26",\n    "reason": "colour"'],
      /improvements\.json: "colour" of 2026-\d\d-\d\d is no answer to the question "reason"; use one of price, /,
    ],
    [
      'an objection that the playbook answers with nothing',
      'objections',
      ['playbook.json', '"objection-quality"', '"objection-qualty"'],
      /playbook\.json:\d+: there is no answer to the objection "qualty"; write it in objections\.json, or use one of price, /,
    ],
    [
      'an answer to an objection that reaches nobody',
      'objections',
      ['objections.json', '"effort":', '"delivery":'],
      /objections\.json:\d+: no step answers the objection "delivery"; add "objection-delivery" to what answer-objection is about/,
    ],
    [
      'an option that takes too many words in brief',
      'library',
      ['library.json', '"Jasmine Pearls, 80 g"', `"Jasmine Pearls, ${MANY_WORDS}"`],
      /nurture\/recommendation\/en\.json: in brief it has \d+ words, and 120 are the most/,
    ],
    [
      'the exact terms of an offer that take too many words in brief',
      'playbook',
      [
        'playbook.json',
        'not combined with other codes. Value,',
        `not combined with other codes, ${MANY_WORDS}. Value,`,
      ],
      /nurture\/best-price\/en\.json: in brief it has \d+ words, and 120 are the most/,
    ],
    [
      'JSON that is none',
      'shop',
      ['shop.json', '{\n  "name"', '{\n  name'],
      /shop\.json:2: expected a text in quotation marks/,
    ],
  ];

  it.each(cases)('%s (%s)', async (_what, _where, [file, before, after], complaint) => {
    const content = await copyContent();
    await content.change(file, before, after);
    expect(await content.complaint()).toMatch(complaint);
  });

  it('a variant without the text it overrides, and a file without a meaning', async () => {
    const content = await copyContent();
    await content.write(`${GUIDE}/sv.returning.json`, '{}');
    await content.write(`${GUIDE}/notes.txt`, 'x');
    const complaint = await content.complaint();
    expect(complaint).toMatch(/sv\.returning\.json: a variant of nothing; add sv\.json/);
    expect(complaint).toMatch(/notes\.txt: this file has no meaning here/);
  });

  it('templates and steps that do not belong together', async () => {
    const content = await copyContent();
    await content.write(`${GUIDE}/en.promoter.json`, '{ "subject": "x" }');
    await rename(
      join(content.directory, 'content/templates/win-back/ask'),
      join(content.directory, 'content/templates/win-back/aks'),
    );
    expect(await content.complaint()).toMatch(
      /en\.promoter\.json: the playbook has no variant "promoter" of this step; it has returning, referred/,
    );
    expect(await content.complaint()).toMatch(/win-back\/aks: the playbook has no such step; add it there, or remove/);
    await rm(join(content.directory, 'content', GUIDE, 'en.promoter.json'));
    await rm(join(content.directory, 'content/templates/win-back/aks'), { recursive: true });
    expect(await content.complaint()).toMatch(
      /win-back\/ask: the step has no template; write it, or take the step out/,
    );
  });

  it('a playbook that is none', async () => {
    const content = await copyContent();
    await content.change('playbook.json', '"repeatAfter": "60 days"', '"repeatAfter": "sixty days"');
    expect(await content.complaint()).toMatch(/playbook\.json:\d+: repeatAfter: expected a duration/);
  });

  it('everything at once, and nothing is written', async () => {
    const content = await copyContent();
    await content.change(`${GUIDE}/en.json`, 'Use it this week.', '{{ nobody }}');
    await content.change('templates/win-back/ask/en.json', '"intro": "', '"intro": "{{ nothing }}');
    const complaint = await content.complaint();
    expect(complaint).toMatch(/guide\/en\.json:10: there is no variable "nobody"/);
    expect(complaint).toMatch(/ask\/en\.json:\d+: there is no variable "nothing"/);
    expect(await readdir(content.directory)).toEqual(['content']);
  });
});

async function englishTone(): Promise<unknown> {
  const tone: unknown = JSON.parse(await readFile(join(SHIPPED_CONTENT, 'tone.json'), 'utf8'));
  return toneSchema.parse(tone)['en'];
}

/** Not a translation: the English texts under a right-to-left locale, with one Persian sentence. */
async function persian(): Promise<string> {
  const content = await copyContent();
  await content.speak('fa');
  const copy = async (directory: string): Promise<void> => {
    const english = await readFile(join(SHIPPED_CONTENT, directory, 'en.json'), 'utf8');
    await content.write(`${directory}/fa.json`, english.replace('Is it working for you?', 'راضی هستید؟'));
  };
  await content.change('tone.json', '"en": {', `"fa": ${JSON.stringify(await englishTone())},\n  "en": {`);
  await copy('templates/_shared');
  await copy('templates/onboarding/check-in');
  const release = await content.compile();
  const template = release.template('onboarding', 'check-in', 'fa-IR', 'returning');
  expect(template).toMatchObject({ locale: 'fa', formatting: 'fa-IR', variant: undefined });
  const mail = render(template, viewOf(fullSample(release), template.formatting));
  expect(mail.subject).toBe('راضی هستید؟');
  return mail.html;
}

describe('another language', () => {
  it('that runs from right to left does so everywhere', async () => {
    const html = await persian();
    expect(html).toMatch(/<html[^>]* lang="fa"[^>]* dir="rtl"|<html[^>]* dir="rtl"[^>]* lang="fa"/);
    expect(html).not.toMatch(/direction:\s*ltr|(?:text-align:\s*|align=")left/);
    expect(html).toContain('<bdi>Anna</bdi>');
  });

  it('needs its words of tone, or nobody could say whether it apologises', async () => {
    const content = await copyContent();
    await content.speak('sv');
    for (const directory of ['templates/_shared', 'templates/recovery/status']) {
      await content.write(`${directory}/sv.json`, await readFile(join(SHIPPED_CONTENT, directory, 'en.json'), 'utf8'));
    }
    expect(await content.complaint()).toMatch(/tone\.json: there are no words for "sv"; add them/);
  });

  it('is left alone until the shop lists it', async () => {
    const content = await copyContent();
    await content.write('templates/onboarding/check-in/sv.json', '{ "subject": "{{ nothing }}" }');
    expect((await content.compile()).templates.map(({ locale }) => locale)).not.toContain('sv');
  });

  it('needs the pages that its mails lead to, and they offer no other', async () => {
    const content = await copyContent();
    await content.speak('nl');
    expect(await content.complaint()).toMatch(/preferences\/nl\.json: there is no such file; add it, or take/);
    const english = await copyContent();
    await english.compile();
    expect(Object.keys(openPageTexts(join(english.directory, 'release')))).toEqual(['en']);
  });

  it('needs the shared texts too', async () => {
    const content = await copyContent();
    await content.speak('sv');
    await content.write('templates/onboarding/check-in/sv.json', '{ "subject": "Hej", "preheader": "Hej" }');
    expect(await content.complaint()).toMatch(
      /_shared\/opening\.mjml:\d+: there is no text "greeting"; add it to .*sv\.json/,
    );
  });
});
