/** One article of the runbook, as it is written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const RUNBOOK_FILE = join(import.meta.dirname, '../../../docs/runbook.md');
const HEADING = /^(#+) +(.*)$/u;

/** From its heading to the next one of its rank or above; undefined when no heading has this anchor. */
export function articleOf(anchor: string, runbook = readFileSync(RUNBOOK_FILE, 'utf8')): string | undefined {
  const lines = runbook.split('\n');
  const ranks = ranksOf(lines);
  const first = lines.findIndex(
    (line, index) => ranks[index] !== 0 && anchorOf(HEADING.exec(line)?.[2] ?? '') === anchor,
  );
  const rank = ranks[first];
  if (rank === undefined) return undefined;
  const length = ranks.slice(first + 1).findIndex((each) => each !== 0 && each <= rank);
  return lines
    .slice(first + 1, length === -1 ? undefined : first + 1 + length)
    .join('\n')
    .trim();
}

/** The rank of each line that is a heading, 0 for others: what looks like one within code is a comment. */
function ranksOf(lines: readonly string[]): readonly number[] {
  let code = false;
  return lines.map((line) => {
    if (line.trimStart().startsWith('```')) code = !code;
    return code ? 0 : (HEADING.exec(line)?.[1]?.length ?? 0);
  });
}

/** As GitHub makes anchors of headings. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/gu, '')
    .trim()
    .replaceAll(/\s/gu, '-');
}
