/** What somebody meant who wrote a name that there is not. */

/**
 * The name that takes the fewest letters to get to, in capitals or not.
 *
 * @throws TypeError when there are no names
 */
export function nearestOf(names: readonly string[], written: string): string {
  const byDistance = names.map((name) => ({
    name,
    distance: editDistance(written.toLowerCase(), name.toLowerCase()),
  }));
  return byDistance.reduce((nearest, each) => (each.distance < nearest.distance ? each : nearest)).name;
}

/** Levenshtein's distance: letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [line, letter] of from.split('').entries()) {
    const next = [line + 1];
    for (const [column, other] of to.split('').entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
