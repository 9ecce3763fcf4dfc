/**
 * The playbook as marketers write it. What is wrong is told by the line and by the names of programme, series and step, not by
 * their numbers. Build time and pages only.
 */
import { InvalidPlaybook, parsePlaybook } from '../lifecycle/playbook/parse-playbook.ts';
import type { Playbook } from '../lifecycle/playbook.ts';
import { type JsonText, NoJson, readJsonText } from './json-text.ts';

/** Something that is wrong in a playbook. */
export interface PlaybookProblem {
  /** 1-based. */
  readonly line: number;
  /** What is wrong where, and what was expected. */
  readonly problem: string;
}

/** The text is no playbook that can be played. The message has a line per problem. */
export class UnreadablePlaybook extends Error {
  override readonly name = 'UnreadablePlaybook';
  readonly problems: readonly PlaybookProblem[];

  constructor(problems: readonly PlaybookProblem[], options?: ErrorOptions) {
    super(problems.map(({ line, problem }) => `line ${line}: ${problem}`).join('\n'), options);
    this.problems = problems;
  }
}

type Path = readonly (string | number)[];

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Names the parts of a path by the ids of what they are in: "retention › in-touch › after". */
function named(value: unknown, path: Path): string {
  const words: (string | number)[] = [];
  let at = value;
  for (const part of path) {
    const inside: unknown = isObject(at) ? new Map(Object.entries(at)).get(String(part)) : undefined;
    // The list that a named thing is in says nothing more than its name.
    if (typeof part === 'number' && isObject(inside) && 'id' in inside) words.splice(-1, 1, String(inside.id));
    else words.push(part);
    at = inside;
  }
  return words.length === 0 ? 'the playbook' : words.join(' › ');
}

const NUMBER = /^\d+$/u;

/** A line of {@link InvalidPlaybook} begins with a path, its parts joined by dots. */
function problemOf(finding: string, { value, lineOf }: JsonText): PlaybookProblem {
  const [where = '', ...rest] = finding.split(': ');
  const path = where === 'playbook' ? [] : where.split('.').map((part) => (NUMBER.test(part) ? Number(part) : part));
  return { line: lineOf(path), problem: `${named(value, path)}: ${rest.join(': ')}` };
}

/** @throws UnreadablePlaybook naming everything that is wrong */
export function readPlaybookText(text: string): Playbook {
  let json: JsonText;
  try {
    json = readJsonText(text);
  } catch (cause) {
    if (!(cause instanceof NoJson)) throw cause;
    throw new UnreadablePlaybook([{ line: cause.line, problem: cause.message }], { cause });
  }
  try {
    return parsePlaybook(json.value);
  } catch (cause) {
    if (!(cause instanceof InvalidPlaybook)) throw cause;
    throw new UnreadablePlaybook(
      cause.message.split('\n').map((finding) => problemOf(finding, json)),
      { cause },
    );
  }
}
