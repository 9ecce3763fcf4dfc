/** What two states of the facts differ in, in words; never with a value that is a person's own, such as an address. */
import { isDeepStrictEqual } from 'node:util';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';

/** Places within one fact that are named; of a journal that was lost there are hundreds. */
const NAMED = 5;

/** One line per fact that differs: what stands there, and what the journal says. Empty when they are alike. */
export function factDifferences(stored: Facts, rebuilt: Facts): readonly string[] {
  const [before, after] = [plain(stored), plain(rebuilt)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name) => {
    const found = places(before[name], after[name], '');
    if (found.length === 0) return [];
    const more = found.length > NAMED ? [`and ${found.length - NAMED} more`] : [];
    return [`${name}: ${[...found.slice(0, NAMED), ...more].join('; ')}`];
  });
}

type Plain = Readonly<Record<string, unknown>>;

/** As it is stored: what is undefined is not there. */
function plain(facts: Facts): Plain {
  const parsed: Plain = JSON.parse(JSON.stringify(facts));
  return parsed;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function places(before: unknown, after: unknown, path: string): readonly string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isPlain(before) && isPlain(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
    return names.flatMap((name) => places(before[name], after[name], path === '' ? name : `${path}.${name}`));
  }
  const where = path === '' ? '' : `${path} `;
  if (before === undefined) return [`${where}is missing, the journal tells of ${sizeOf(after)}`];
  if (after === undefined) return [`${where}is not in the journal, stored is ${sizeOf(before)}`];
  if (Array.isArray(before) && Array.isArray(after)) return [`${where}${listWords(before, after)}`];
  return [`${where}is ${valueOf(before)}, by the journal ${valueOf(after)}`];
}

function listWords(before: readonly unknown[], after: readonly unknown[]): string {
  const missing = after.filter((each) => !before.some((other) => isDeepStrictEqual(each, other))).length;
  const strange = before.filter((each) => !after.some((other) => isDeepStrictEqual(each, other))).length;
  if (missing === 0 && strange === 0) return 'is in another order';
  return [
    ...(missing === 0 ? [] : [`lacks ${missing} of the ${after.length} the journal tells of`]),
    ...(strange === 0 ? [] : [`holds ${strange} that the journal does not know as they are`]),
  ].join(', ');
}

function sizeOf(value: unknown): string {
  if (Array.isArray(value)) return `${value.length}`;
  return isPlain(value) ? 'it' : valueOf(value);
}

/** Numbers and marks as they are; a text may be a name, an address or what somebody wrote. */
function valueOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? 'a text' : 'something';
}
