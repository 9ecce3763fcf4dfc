import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compilePageTexts } from '../../shared/email/compile-pages.ts';
import { type PageTextsByLocale, partsOf, plural } from '../../shared/email/page-texts.ts';
import { questionsSchema } from '../../shared/email/shop.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { copyContent, SHIPPED_CONTENT } from './content-copy.ts';

const json = (file: string): unknown => JSON.parse(readFileSync(join(SHIPPED_CONTENT, file), 'utf8'));

const LOCALES = ['en', 'sv', 'de', 'ru', 'fa'];

/** All texts by their path. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(Object(value)).flatMap(([key, child]) => leaves(child, `${path}.${key}`));
}

function placeholders(text: string): string[] {
  return partsOf(text)
    .filter((_part, index) => index % 2 === 1)
    .toSorted();
}

let shipped: PageTextsByLocale;
beforeAll(async () => {
  shipped = await compilePageTexts(SHIPPED_CONTENT);
});

describe('the words of the pages', () => {
  it('exist in every language we ship', () => {
    expect(Object.keys(shipped).toSorted()).toEqual(LOCALES.toSorted());
  });

  it.each(LOCALES)('in %s say the same things with the same placeholders as in English', (locale) => {
    const english = new Map(leaves({ ...shipped.en, paceText: {} }));
    const own = leaves({ ...shipped[locale], paceText: {} });
    expect(own.map(([path]) => path)).toEqual([...english.keys()]);
    for (const [path, text] of own) {
      expect({ path, names: placeholders(text) }).toEqual({ path, names: placeholders(english.get(path) ?? '') });
    }
  });

  it.each(LOCALES.filter((each) => each !== 'en'))('in %s are not left in English', (locale) => {
    const english = new Set(leaves(shipped.en).map(([, text]) => text));
    expect(leaves(shipped[locale]).filter(([, text]) => english.has(text))).toEqual([]);
  });

  it.each(LOCALES)('in %s name every programme that sends promotional mail, and every answer we ask for', (locale) => {
    const { programmes } = parsePlaybook(json('playbook.json'));
    const questions = questionsSchema.parse(json('questions.json'));
    const stepsOf = ({ series }: (typeof programmes)[number]) => series.flatMap((each) => each.steps);
    const promotional = programmes.filter((each) => stepsOf(each).some((step) => step.class === 'promotional'));
    expect(Object.keys(shipped[locale]?.programmes ?? {})).toEqual(
      expect.arrayContaining(promotional.map(({ id }) => id)),
    );
    const asked = programmes.flatMap(stepsOf).flatMap(({ asks }) => asks ?? []);
    expect(asked).not.toEqual([]);
    for (const { question, answers } of asked) {
      // A question that is not translated yet is asked in English, and then wholly so.
      if (locale !== 'en' && questions[question]?.text[locale] === undefined) continue;
      expect(questions[question]?.text).toHaveProperty(locale);
      for (const answer of answers) expect(questions[question]?.answers[answer]).toHaveProperty(locale);
    }
  });

  it.each([
    ['en', 1, 'At most one email in 30 days.'],
    ['en', 2, 'At most 2 emails in 30 days.'],
    ['ru', 1, 'Не больше 1 письма за 30 дней.'],
    ['ru', 3, 'Не больше 3 писем за 30 дней.'],
    ['ru', 21, 'Не больше 21 письма за 30 дней.'],
    ['fa', 2, 'حداکثر ۲ ایمیل در ۳۰ روز.'],
  ])('in %s count %i', (locale, count, expected) => {
    expect(plural(shipped[locale]?.paceText ?? {}, count, locale)).toBe(expected);
  });
});

describe('what is wrong with them is told with file and what to do', () => {
  it.each([
    ['a missing text', '"save": "Spara mina val",', '', /preferences\/sv\.json.*centre/su],
    ['a text nobody shows', '"save":', '"spare": "x", "save":', /preferences\/sv\.json.*centre/su],
    ['a placeholder nobody fills', 'Spara mina val', 'Spara {{ customer.name }}', /sv\.json.*placeholders/su],
    ['a plural form too few', '"one": "Högst ett mejl på 30 dagar.",', '', /sv\.json.*forms other.*needs one, other/su],
    ['a programme without a name', '"win-back"', '"other"', /sv\.json.*"win-back" has no name here/su],
  ])('%s', async (_what, before, after, complaint) => {
    const content = await copyContent();
    await content.change('preferences/sv.json', before, after);
    expect(await content.complaint()).toMatch(complaint);
  });

  it('a file without a meaning', async () => {
    const content = await copyContent();
    await content.write('preferences/notes.txt', 'x');
    expect(await content.complaint()).toContain('this file has no meaning here');
  });

  it('a question with a single answer', async () => {
    const content = await copyContent();
    await content.write(
      'questions.json',
      '{ "reason": { "text": { "en": "Why?" }, "answers": { "a": { "en": "A" } } } }',
    );
    expect(await content.complaint()).toContain('expected at least two answers');
  });
});

it('a release has another id when a word of a page or of a question changed', async () => {
  const content = await copyContent();
  const { id } = await content.compile();
  await content.change('preferences/en.json', 'Save my choices', 'Save');
  const second = await content.compile();
  await content.change('questions.json', 'It was too expensive', 'Too expensive');
  expect(new Set([id, second.id, (await content.compile()).id]).size).toBe(3);
});
