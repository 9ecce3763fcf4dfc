/**
 * EventBridge event patterns, compiled once into a predicate. Every operator that EventBridge knows and the twin does
 * not is refused when the rule is read, so a pattern is never half understood.
 */
import { DeploymentRefused } from './errors.ts';

type Json = unknown;
type Matcher = (value: Json) => boolean;
export type EventPredicate = (event: Json) => boolean;

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field may hold one value or many; an absent field and an empty array hold none. Objects are not leaves. */
function leavesOf(value: Json): readonly Json[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return isObject(value) ? [] : [value];
}

/** @throws DeploymentRefused naming `where` and the path for a pattern that EventBridge or the twin refuses */
export function compilePattern(pattern: Json, where: string): EventPredicate {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) refuse(where, 'a pattern is an object with fields');
  return fieldsOf(pattern, where);
}

function refuse(where: string, reason: string): never {
  throw new DeploymentRefused(`event pattern of ${where}: ${reason}`);
}

function fieldsOf(pattern: Readonly<Record<string, Json>>, where: string): EventPredicate {
  const fields = Object.entries(pattern).map(([name, expected]): EventPredicate => {
    const path = `${where}.${name}`;
    if (name === '$or') return alternatives(expected, path);
    if (Array.isArray(expected)) return leaf(name, expected, path);
    if (!isObject(expected)) return refuse(path, `${JSON.stringify(expected)} must be an object or an array`);
    const inner = fieldsOf(expected, path);
    return (event) => {
      const found = isObject(event) ? event[name] : undefined;
      return Array.isArray(found) ? found.some(inner) : inner(found);
    };
  });
  return (event) => fields.every((matches) => matches(event));
}

function alternatives(expected: Json, path: string): EventPredicate {
  if (!Array.isArray(expected) || expected.length < 2) return refuse(path, 'needs an array of at least two patterns');
  const branches = expected.map((branch: Json, index) =>
    isObject(branch) ? fieldsOf(branch, `${path}[${index}]`) : refuse(path, 'holds something that is no pattern'),
  );
  return (event) => branches.some((matches) => matches(event));
}

function leaf(name: string, expected: readonly Json[], path: string): EventPredicate {
  if (expected.length === 0) return refuse(path, 'an empty array matches nothing');
  const matchers: Matcher[] = [];
  let whenAbsent = false;
  for (const one of expected) {
    if (isObject(one) && 'exists' in one) {
      if (Object.keys(one).length > 1 || typeof one['exists'] !== 'boolean') refuse(path, 'exists takes true or false');
      if (one['exists']) matchers.push(() => true);
      else whenAbsent = true;
    } else {
      matchers.push(matcherOf(one, path));
    }
  }
  return (event) => {
    const values = leavesOf(isObject(event) ? event[name] : undefined);
    return values.length === 0 ? whenAbsent : values.some((value) => matchers.some((matches) => matches(value)));
  };
}

function matcherOf(expected: Json, path: string): Matcher {
  if (!isObject(expected)) {
    if (Array.isArray(expected)) return refuse(path, 'nested arrays are not allowed');
    return (value) => value === expected;
  }
  const [[operator, operand] = refuse(path, 'an empty object is no filter'), ...more] = Object.entries(expected);
  if (more.length > 0) return refuse(path, 'one operator per filter');
  switch (operator) {
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
    case 'wildcard':
      return textMatcher(operator, operand, path);
    case 'numeric':
      return numericMatcher(operand, path);
    case 'anything-but':
      return anythingBut(operand, path);
    default:
      return refuse(path, `the operator ${operator} is not emulated`);
  }
}

type TextOperator = 'prefix' | 'suffix' | 'equals-ignore-case' | 'wildcard';
const TEXT_OPERATORS: ReadonlySet<string> = new Set<TextOperator>([
  'prefix',
  'suffix',
  'equals-ignore-case',
  'wildcard',
]);
const isTextOperator = (name: string): name is TextOperator => TEXT_OPERATORS.has(name);

function textMatcher(operator: TextOperator, operand: Json, path: string): Matcher {
  if ((operator === 'prefix' || operator === 'suffix') && isObject(operand)) {
    const [key, ...rest] = Object.keys(operand);
    const text = operand['equals-ignore-case'];
    if (key !== 'equals-ignore-case' || rest.length > 0 || typeof text !== 'string')
      return refuse(path, `${operator} takes a string or {"equals-ignore-case": string}`);
    const lower = text.toLowerCase();
    return (value) =>
      typeof value === 'string' &&
      (operator === 'prefix' ? value.toLowerCase().startsWith(lower) : value.toLowerCase().endsWith(lower));
  }
  if (typeof operand !== 'string') return refuse(path, `${operator} takes a string`);
  switch (operator) {
    case 'prefix':
      return (value) => typeof value === 'string' && value.startsWith(operand);
    case 'suffix':
      return (value) => typeof value === 'string' && value.endsWith(operand);
    case 'equals-ignore-case': {
      const lower = operand.toLowerCase();
      return (value) => typeof value === 'string' && value.toLowerCase() === lower;
    }
    case 'wildcard': {
      const expression = wildcard(operand, path);
      return (value) => typeof value === 'string' && expression.test(value);
    }
    default:
      return operator satisfies never;
  }
}

/** `*` stands for any characters; a backslash makes a star or a backslash literal. */
function wildcard(text: string, path: string): RegExp {
  if (/(?<!\\)\*\*/.test(text)) return refuse(path, 'consecutive wildcards are not allowed');
  const source = text.replaceAll(/\\([*\\])|\*|[.+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return found === '*' ? '.*' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 's');
}

function anythingBut(operand: Json, path: string): Matcher {
  if (isObject(operand)) {
    const [[operator, texts] = refuse(path, 'anything-but takes no empty object'), ...more] = Object.entries(operand);
    if (more.length > 0 || !isTextOperator(operator)) return refuse(path, `anything-but does not take ${operator}`);
    const banned = (Array.isArray(texts) ? texts : [texts]).map((text: Json) => textMatcher(operator, text, path));
    return (value) => !banned.some((matches) => matches(value));
  }
  const banned: readonly Json[] = Array.isArray(operand) ? operand : [operand];
  if (banned.length === 0 || banned.some((one) => typeof one !== 'string' && typeof one !== 'number'))
    return refuse(path, 'anything-but takes strings or numbers');
  return (value) => !banned.includes(value);
}

function numericMatcher(operand: Json, path: string): Matcher {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 === 1)
    return refuse(path, 'numeric takes pairs of operator and number');
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const operator: Json = operand[index];
    const bound: Json = operand[index + 1];
    if (typeof bound !== 'number') return refuse(path, 'numeric compares with numbers');
    switch (operator) {
      case '<':
        tests.push((value) => value < bound);
        break;
      case '<=':
        tests.push((value) => value <= bound);
        break;
      case '=':
        tests.push((value) => value === bound);
        break;
      case '>=':
        tests.push((value) => value >= bound);
        break;
      case '>':
        tests.push((value) => value > bound);
        break;
      default:
        return refuse(path, `numeric does not know ${JSON.stringify(operator)}`);
    }
  }
  return (value) => typeof value === 'number' && tests.every((holds) => holds(value));
}
