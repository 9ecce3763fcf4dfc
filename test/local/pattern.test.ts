import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../infra/local/pattern.ts';

const matches = (pattern: unknown, event: unknown): boolean => compilePattern(pattern, 'rule')(event);

describe('values', () => {
  const cases: readonly [string, unknown, unknown, boolean][] = [
    ['the same string', { a: ['x'] }, { a: 'x' }, true],
    ['another string', { a: ['x'] }, { a: 'y' }, false],
    ['one of several', { a: ['x', 'y'] }, { a: 'y' }, true],
    ['an absent field', { a: ['x'] }, {}, false],
    ['one of the values of an array', { a: ['x'] }, { a: ['y', 'x'] }, true],
    ['none of the values of an array', { a: ['x'] }, { a: ['y', 'z'] }, false],
    ['a number', { a: [300] }, { a: 300 }, true],
    ['a number as text', { a: [300] }, { a: '300' }, false],
    ['true', { a: [true] }, { a: true }, true],
    ['null', { a: [null] }, { a: null }, true],
    ['null against an absent field', { a: [null] }, {}, false],
    ['a nested field', { a: { b: ['x'] } }, { a: { b: 'x' } }, true],
    ['a nested field of another object', { a: { b: ['x'] } }, { b: 'x' }, false],
    ['a field inside objects of an array', { a: { b: ['x'] } }, { a: [{ b: 'y' }, { b: 'x' }] }, true],
    ['two fields of one array element', { a: { b: [1], c: [2] } }, { a: [{ b: 1 }, { c: 2 }] }, false],
    ['all fields', { a: ['x'], b: ['y'] }, { a: 'x', b: 'y' }, true],
    ['only some of the fields', { a: ['x'], b: ['y'] }, { a: 'x', b: 'z' }, false],
    ['fields the pattern does not name', { a: ['x'] }, { a: 'x', z: 1 }, true],
  ];
  test.each(cases)('%s', (_name, pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });
});

describe('filters', () => {
  const cases: readonly [string, unknown, unknown, boolean][] = [
    ['prefix', { prefix: 'ab' }, 'abc', true],
    ['prefix elsewhere', { prefix: 'bc' }, 'abc', false],
    ['prefix of a number', { prefix: '1' }, 12, false],
    ['prefix ignoring case', { prefix: { 'equals-ignore-case': 'AB' } }, 'abc', true],
    ['suffix', { suffix: 'bc' }, 'abc', true],
    ['suffix elsewhere', { suffix: 'ab' }, 'abc', false],
    ['suffix ignoring case', { suffix: { 'equals-ignore-case': 'BC' } }, 'abc', true],
    ['equals ignoring case', { 'equals-ignore-case': 'ABC' }, 'abC', true],
    ['equals ignoring case, other text', { 'equals-ignore-case': 'ABC' }, 'abd', false],
    ['wildcard', { wildcard: 'a*c' }, 'abbc', true],
    ['wildcard for nothing', { wildcard: 'a*c' }, 'ac', true],
    ['wildcard with a tail', { wildcard: 'a*c' }, 'acd', false],
    ['wildcard across lines', { wildcard: 'a*c' }, 'a\nc', true],
    ['wildcard, dot is a dot', { wildcard: 'a.*' }, 'abc', false],
    ['wildcard, escaped star', { wildcard: String.raw`a\*c` }, 'a*c', true],
    ['wildcard, escaped star is no wildcard', { wildcard: String.raw`a\*c` }, 'abc', false],
    ['anything but one', { 'anything-but': 'x' }, 'y', true],
    ['anything but one, that one', { 'anything-but': 'x' }, 'x', false],
    ['anything but several', { 'anything-but': ['x', 'y'] }, 'y', false],
    ['anything but a number', { 'anything-but': 5 }, 6, true],
    ['anything but a number, that number', { 'anything-but': [5] }, 5, false],
    ['anything but a prefix', { 'anything-but': { prefix: 'ab' } }, 'abc', false],
    ['anything but a prefix, other text', { 'anything-but': { prefix: 'ab' } }, 'xbc', true],
    ['anything but prefixes', { 'anything-but': { prefix: ['ab', 'x'] } }, 'xbc', false],
    ['anything but a suffix', { 'anything-but': { suffix: 'bc' } }, 'abc', false],
    ['anything but a text in any case', { 'anything-but': { 'equals-ignore-case': ['ABC'] } }, 'abc', false],
    ['anything but a wildcard', { 'anything-but': { wildcard: '*b*' } }, 'abc', false],
    ['anything but x, of several values', { 'anything-but': 'x' }, ['x', 'y'], true],
    ['numeric equal', { numeric: ['=', 3] }, 3, true],
    ['numeric range', { numeric: ['>', 0, '<=', 5] }, 5, true],
    ['numeric range, below', { numeric: ['>', 0, '<=', 5] }, 0, false],
    ['numeric range, above', { numeric: ['>', 0, '<', 5] }, 5, false],
    ['numeric at least', { numeric: ['>=', 5] }, 5, true],
    ['numeric of a text', { numeric: ['>', 0] }, '5', false],
    ['exists', { exists: true }, 'x', true],
    ['exists with null', { exists: true }, null, true],
    ['exists with an object, which is no leaf', { exists: true }, { b: 1 }, false],
    ['absent, but it is there', { exists: false }, 'x', false],
    ['absent, an empty array', { exists: false }, [], true],
  ];
  test.each(cases)('%s', (_name, filter, value, expected) => {
    expect(matches({ detail: { a: [filter] } }, { detail: { a: value } })).toBe(expected);
  });

  test('a field that is not there', () => {
    expect(matches({ detail: { a: [{ exists: true }] } }, { detail: {} })).toBe(false);
    expect(matches({ detail: { a: [{ exists: false }] } }, { detail: {} })).toBe(true);
    expect(matches({ detail: { a: [{ exists: false }] } }, {})).toBe(true);
    expect(matches({ detail: { a: [{ 'anything-but': 'x' }] } }, { detail: {} })).toBe(false);
    expect(matches({ detail: { a: ['x', { exists: false }] } }, { detail: {} })).toBe(true);
  });
});

describe('$or', () => {
  const pattern = { source: ['shop'], $or: [{ detail: { a: ['x'] } }, { 'detail-type': [{ prefix: 'P' }] }] };
  test.each([
    [{ source: 'shop', detail: { a: 'x' } }, true],
    [{ source: 'shop', 'detail-type': 'Purchase' }, true],
    [{ source: 'shop', 'detail-type': 'Login' }, false],
    [{ source: 'other', 'detail-type': 'Purchase' }, false],
  ])('%j is %s', (event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  test('below a field', () => {
    const below = { detail: { $or: [{ a: ['x'] }, { b: [{ numeric: ['>', 1] }] }] } };
    expect(matches(below, { detail: { b: 2 } })).toBe(true);
    expect(matches(below, { detail: { b: 1 } })).toBe(false);
  });
});

describe('refused when the rule is read', () => {
  test.each([
    ['no object', ['x'], 'object with fields'],
    ['no field', {}, 'object with fields'],
    ['a value outside an array', { a: 'x' }, 'must be an object or an array'],
    ['an empty array', { a: [] }, 'matches nothing'],
    ['a nested array', { a: [['x']] }, 'nested arrays'],
    ['an operator that is not emulated', { a: [{ cidr: '10.0.0.0/8' }] }, 'cidr is not emulated'],
    ['two operators in one filter', { a: [{ prefix: 'x', suffix: 'y' }] }, 'one operator'],
    ['an empty filter', { a: [{}] }, 'no filter'],
    ['exists with text', { a: [{ exists: 'yes' }] }, 'true or false'],
    ['a numeric comparison with text', { a: [{ numeric: ['>', '1'] }] }, 'compares with numbers'],
    ['an unknown numeric operator', { a: [{ numeric: ['!=', 1] }] }, 'does not know'],
    ['half a numeric comparison', { a: [{ numeric: ['>'] }] }, 'pairs'],
    ['a prefix that is a number', { a: [{ prefix: 1 }] }, 'takes a string'],
    ['an unknown operator in anything-but', { a: [{ 'anything-but': { numeric: [1] } }] }, 'does not take numeric'],
    ['two wildcards in a row', { a: [{ wildcard: 'a**' }] }, 'consecutive'],
    ['$or with one branch', { $or: [{ a: ['x'] }] }, 'at least two'],
  ])('%s', (_name, pattern, reason) => {
    expect(() => compilePattern(pattern, 'intake')).toThrow(reason);
    expect(() => compilePattern(pattern, 'intake')).toThrow('intake');
  });
});
