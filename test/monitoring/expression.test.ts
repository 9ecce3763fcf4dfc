import { describe, expect, test } from 'vitest';
import { readExpression } from '../../infra/local/monitoring/expression.ts';

/** Values by id, the latest first. */
type Given = Readonly<Record<string, readonly (number | undefined)[]>>;

function valuesOf(text: string, given: Given, range = 3) {
  const expression = readExpression(text, 'alarm');
  const lookup = (id: string, age: number) => given[id]?.[age];
  return Array.from({ length: range }, (_none, age) => expression.at(age, lookup, range));
}

describe('metric math', () => {
  test.each<[string, Given, readonly (number | undefined)[]]>([
    ['a + b * 2', { a: [1, 2, 3], b: [10, 10, 10] }, [21, 22, 23]],
    ['(a + b) * 2', { a: [1, 2, 3], b: [10, 10, 10] }, [22, 24, 26]],
    ['a - b - 1', { a: [9, 9, 9], b: [1, 2, 3] }, [7, 6, 5]],
    ['-a', { a: [1, undefined, 3] }, [-1, undefined, -3]],
    ['100 * a / b', { a: [1, 1, 0], b: [4, 0, 5] }, [25, undefined, 0]],
    ['a + b', { a: [1, undefined, 3], b: [1, 2, undefined] }, [2, undefined, undefined]],
    ['FILL(a, 0) + FILL(b, 0)', { a: [1, undefined, 3], b: [] }, [1, 0, 3]],
    ['FILL(a, REPEAT)', { a: [undefined, 2, undefined] }, [2, 2, undefined]],
    ['IF(a > 1, b, 0)', { a: [1, 2, undefined], b: [7, 8, 9] }, [0, 8, undefined]],
    ['IF(a >= 2 AND b != 8, a)', { a: [2, 2, 1], b: [7, 8, 9] }, [2, undefined, undefined]],
    ['a == 1 OR b <= 7', { a: [1, 2, 2], b: [9, 7, 8] }, [1, 1, 0]],
    ['a < 2 || b', { a: [1, 2, 2], b: [0, 1, 0] }, [1, 1, 0]],
    ['MAX([a, b])', { a: [1, undefined, undefined], b: [3, 4, undefined] }, [3, 4, undefined]],
    ['SUM([a, b])', { a: [1, undefined, 2], b: [3, 4, 5] }, [4, 4, 7]],
    ['ABS(a - 2)', { a: [1, 2, 5] }, [1, 0, 3]],
  ])('%s', (text, given, expected) => {
    expect(valuesOf(text, given)).toEqual(expected);
  });

  test('names what it refers to', () => {
    expect(readExpression('IF(sends > 200, bounces / sends, 0)', 'alarm').ids).toEqual(['sends', 'bounces']);
  });

  test.each([
    ["SEARCH('{AWS/SQS}', 'Sum')", 'SEARCH'],
    ['RATE(a)', 'RATE'],
    ['MAX(a)', 'a'],
    ['a ^ 2', '^ in'],
    ['a +', 'its end'],
    ['a b', 'b in'],
    ['FILL(a, LINEAR)', 'LINEAR'],
  ])('%s is refused by name', (text, named) => {
    expect(() => readExpression(text, 'Stack/Alarm')).toThrow(/^Stack\/Alarm: /u);
    expect(() => readExpression(text, 'Stack/Alarm')).toThrow(named);
  });
});
