/**
 * Loops that end soon for every reader, so that whether a template can be sent depends on neither the reader nor the machine: over
 * lists of the view alone, never one within another, and few of them. A list of the view has at most some ten elements, which the
 * view and the schemas of the content see to; so one part goes through at most some hundreds. Build time and pages only.
 */
import { TagToken, Tokenizer } from 'liquidjs';

/** What a loop may go through. */
const LISTS: readonly string[] = [
  'order.items',
  'cart.items',
  'improvements',
  'question.answers',
  'content',
  'options',
];
/** In one part; the mail with most of them has eight. */
const MOST_LOOPS = 40;

const TEXTS = /'[^']*'|"[^"]*"/gu;
/** Two full stops stand nowhere else, once the texts are left out. */
const RANGE = /\([^()]*\.\.[^()]*\)|\.\./u;
/** Without either nothing is repeated. */
const REPEATS = /\{%-?\s*for\b|\.\./u;
const OVER_A_LIST = /^\{%-?\s*for\s+\w+\s+in\s+([\w.]+)/u;

interface LoopProblem {
  /** 1-based. */
  readonly line: number;
  readonly problem: string;
  readonly advice: string;
}

/** @param liquid that parses */
export function loopProblems(liquid: string): readonly LoopProblem[] {
  if (!REPEATS.test(liquid)) return [];
  const problems: LoopProblem[] = [];
  let depth = 0;
  let loops = 0;
  for (const token of new Tokenizer(liquid).readTopLevelTokens()) {
    if ('getContent' in token) continue;
    const [line] = token.getPosition();
    const source = token.getText();
    const report = (problem: string, advice: string) => problems.push({ line: line ?? 1, problem, advice });
    const name = token instanceof TagToken ? token.name : '';
    const [range] = RANGE.exec(source.replaceAll(TEXTS, "''")) ?? [];
    if (range !== undefined) {
      report(`it counts through a range: ${range}`, `loop over one of ${LISTS.join(', ')}, or write each out`);
    } else if (name === 'for') {
      const list = OVER_A_LIST.exec(source)?.[1] ?? '';
      if (!LISTS.includes(list)) report(`it loops over no list: ${source}`, `loop over one of ${LISTS.join(', ')}`);
    }
    if (name === 'endfor') depth -= 1;
    if (name !== 'for') continue;
    if (depth > 0) report(`a loop within a loop: ${source}`, 'end the one before the other begins');
    depth += 1;
    loops += 1;
    if (loops === MOST_LOOPS + 1) report(`it has more than ${MOST_LOOPS} loops`, 'leave some of them out');
  }
  return problems;
}
