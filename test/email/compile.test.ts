import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileContent } from '../../shared/email/compile.ts';
import { render } from '../../shared/email/render.ts';
import { fullSample } from '../../shared/email/sample.ts';
import { viewOf } from '../../shared/email/view.ts';
import { copyContent, SHIPPED_CONTENT, temporaryDirectory } from './content-copy.ts';

const GUIDE = 'templates/onboarding/guide';

async function bytesBelow(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.toSorted().map(async (file) => [file.slice(directory.length), await readFile(file, 'utf8')]);
  return Object.fromEntries(await Promise.all(read));
}

describe('a release', () => {
  it('is the same byte for byte when compiled again', async () => {
    const [one, other] = [await temporaryDirectory(), await temporaryDirectory()];
    await compileContent(SHIPPED_CONTENT, one);
    await compileContent(SHIPPED_CONTENT, other);
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
    expect(await readdir(join(content.directory, 'release', GUIDE))).toEqual(['en.json']);
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
      /guide\/en\.json:14: the text "spare" is not used; set it in the layout or remove it/,
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
      /_shared\/opening\.mjml:\d+: tag "endfi" not found; correct the Liquid/,
    ],
    [
      'broken Liquid in a text',
      'strings',
      [`${GUIDE}/en.json`, 'Use it this week.', 'Use it, {{ customer.firstName'],
      /guide\/en\.json:10: output .* not closed; correct the Liquid/,
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
      ['templates/_shared/order.mjml', '{{ item.quantity }}', '{{ item.price }}'],
      /_shared\/order\.mjml:\d+: there is no variable "item\.price"/,
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
      [`${GUIDE}/layout.mjml`, '<mj-body', "<mj-raw>{% render 'x' %}</mj-raw>\n<mj-body"],
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
      [`${GUIDE}/layout.mjml`, '_shared/header.mjml', '_shared/haeder.mjml'],
      /guide\/layout\.mjml:4: .*haeder\.mjml cannot be read/,
    ],
    [
      'an include from outside the content',
      'layout',
      [`${GUIDE}/layout.mjml`, '../../_shared/header.mjml', '../../../../../etc/passwd'],
      /guide\/layout\.mjml:4: .*lies outside the content/,
    ],
    [
      'a value printed without asking whether it is there',
      'strings',
      [`${GUIDE}/en.json`, 'Use it this week.', 'Use it, {{ customer.firstName }}.'],
      /guide\/en\.json: it does not render for a customer we know nothing about: .*customer\.firstName/,
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
      /shop\.json:21: colours\.light\.muted: contrast with "card" is 2\.\d+, readable text needs 4\.5/,
    ],
    [
      'an http address of the shop',
      'shop',
      ['shop.json', '"https://shop.example.com/"', '"http://shop.example.com/"'],
      /shop\.json:3: url: Invalid URL/,
    ],
    [
      'an improvement without a date',
      'improvements',
      ['improvements.json', '"2026-06-15"', '"last summer"'],
      /improvements\.json:3: 0\.date: Invalid ISO date/,
    ],
    ['JSON that is none', 'shop', ['shop.json', '{\n  "name"', '{\n  name'], /shop\.json: .*JSON/],
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

  it('everything at once, and nothing is written', async () => {
    const content = await copyContent();
    await content.change(`${GUIDE}/en.json`, 'Use it this week.', '{{ nobody }}');
    await content.change('templates/win-back/ask/en.json', 'Pick what fits best.', '{{ nothing }}');
    const complaint = await content.complaint();
    expect(complaint).toMatch(/guide\/en\.json:10: there is no variable "nobody"/);
    expect(complaint).toMatch(/ask\/en\.json:\d+: there is no variable "nothing"/);
    expect(await readdir(content.directory)).toEqual(['content']);
  });
});

/** Not a translation: the English texts under a right-to-left locale, with one Persian sentence. */
async function persian(): Promise<string> {
  const content = await copyContent();
  const copy = async (directory: string): Promise<void> => {
    const english = await readFile(join(SHIPPED_CONTENT, directory, 'en.json'), 'utf8');
    await content.write(`${directory}/fa.json`, english.replace('Is it working for you?', 'راضی هستید؟'));
  };
  await copy('templates/_shared');
  await copy('templates/onboarding/check-in');
  const release = await content.compile();
  const template = release.template('onboarding', 'check-in', 'fa-IR', 'returning');
  expect(template).toMatchObject({ locale: 'fa', formatting: 'fa-IR', variant: undefined });
  const mail = render(template, viewOf(fullSample(release.shop, release.improvements), template.formatting));
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

  it('needs the shared texts too', async () => {
    const content = await copyContent();
    await content.write('templates/onboarding/check-in/sv.json', '{ "subject": "Hej", "preheader": "Hej" }');
    expect(await content.complaint()).toMatch(
      /_shared\/opening\.mjml:\d+: there is no text "greeting"; add it to .*sv\.json/,
    );
  });
});
