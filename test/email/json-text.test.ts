import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NoJson, readJsonText } from '../../shared/email/json-text.ts';
import { readPlaybookText, UnreadablePlaybook } from '../../shared/email/playbook-text.ts';

function wrong(text: string): NoJson {
  try {
    readJsonText(text);
  } catch (error) {
    if (error instanceof NoJson) return error;
  }
  throw new Error('this is JSON');
}

describe('JSON written by hand', () => {
  it.each([
    ['{\n  "a": 1\n  "b": 2\n}', 2, 'expected a comma'],
    ['{\n  "a": 1,\n}', 3, 'expected a name in quotation marks'],
    ['{\n  "a": 1', 2, 'expected a closing brace'],
    ['[1,\n2,]', 2, 'expected a value'],
    ['{\n  // why\n  "a": 1\n}', 2, 'no comment'],
    ['{ "a": "one\n}', 1, 'expected a quotation mark'],
    ['', 1, 'expected'],
    ['{\n  "a": 1,\n  "b": { "c": 1,\n "c": 2 }\n}', 4, '"c" stands here again'],
  ])('%j is told by line %i', (text, line, problem) => {
    expect(wrong(text)).toMatchObject({ line, message: expect.stringContaining(problem) });
  });

  it('tells on which line a value begins, and of what is missing where it would be', () => {
    const { value, lineOf } = readJsonText('{\n  "a": {\n    "b": [\n      1,\n      2\n    ]\n  }\n}');
    expect(value).toEqual({ a: { b: [1, 2] } });
    expect(lineOf(['a', 'b', 1])).toBe(5);
    expect(lineOf(['a', 'b'])).toBe(3);
    expect(lineOf(['a', 'c', 'd'])).toBe(2);
  });
});

function problemsOf(text: string): UnreadablePlaybook['problems'] {
  try {
    readPlaybookText(text);
  } catch (error) {
    if (error instanceof UnreadablePlaybook) return error.problems;
  }
  throw new Error('this is a playbook');
}

describe('a file that begins with a mark of its encoding', () => {
  it('is read like any other', () => {
    expect(readJsonText('\uFEFF{\n"a": 1\n}').value).toEqual({ a: 1 });
  });
});

describe('a playbook written by hand', () => {
  it('is told by line and by the names of programme, series and step', () => {
    const text = readFileSync(new URL('../../shared/content/playbook.json', import.meta.url), 'utf8');
    const line = text.split('\n').findIndex((each) => each.includes('"id": "guide"')) + 1;
    expect(problemsOf(text.replace('"id": "guide"', '"id": "guide", "aftr": "2 days"'))).toEqual([
      { line, problem: expect.stringMatching(/^onboarding › first-steps › guide › aftr: /u) },
    ]);
  });

  it('of what is missing the line of what it would stand in is told', () => {
    expect(problemsOf('{\n  "stages": {}\n}')).toContainEqual({
      line: 1,
      problem: expect.stringMatching(/^caps: expected/u),
    });
  });

  it('that is no JSON is told by line', () => {
    expect(problemsOf('{\n"stages": {}\n"caps": {}\n}')).toEqual([{ line: 2, problem: 'expected a comma' }]);
  });
});
