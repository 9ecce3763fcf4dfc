/**
 * JSON that people write by hand: what is wrong is told with its line, and in words. Build time and pages only; functions read
 * what the build has written.
 */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
  visit,
} from 'jsonc-parser';

/** The text is no JSON. */
export class NoJson extends Error {
  override readonly name = 'NoJson';
  /** 1-based. */
  readonly line: number;

  constructor(problem: string, line: number) {
    super(problem);
    this.line = line;
  }
}

/** By the parser's own names. */
const PROBLEMS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'expected a text in quotation marks, a number, true or false',
  InvalidNumberFormat: 'expected a number',
  PropertyNameExpected: 'expected a name in quotation marks; perhaps the comma before it is too many',
  ValueExpected: 'expected a value; perhaps the comma before it is too many',
  ColonExpected: 'expected a colon',
  CommaExpected: 'expected a comma',
  CloseBraceExpected: 'expected a closing brace }',
  CloseBracketExpected: 'expected a closing bracket ]',
  EndOfFileExpected: 'expected nothing more here',
  InvalidCommentToken: 'expected no comment: JSON has none',
  UnexpectedEndOfComment: 'expected no comment: JSON has none',
  UnexpectedEndOfString: 'expected a quotation mark that closes the text',
  InvalidCharacter: 'expected no line break or control character within a text',
  InvalidEscapeCharacter: 'expected another character after the backslash, such as another backslash',
  InvalidUnicode: 'expected four hexadecimal digits after \\u',
};

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** What ought to stand behind the last thing that is right. */
const MISSING: ReadonlySet<string> = new Set(['CommaExpected', 'CloseBraceExpected', 'CloseBracketExpected']);

/** A comma that is missing belongs to the end of the line before, where people look for it. */
function lineOf(text: string, { error, offset }: ParseError): number {
  const isMissing = MISSING.has(printParseErrorCode(error));
  return lineAt(text, isMissing ? text.slice(0, offset).trimEnd().length : offset);
}

/** The first name that an object has twice: of the two texts only the last would count, and nobody would know. */
function nameTwice(node: Node): Node | undefined {
  const names = new Set<unknown>();
  for (const child of node.children ?? []) {
    const [name] = child.type === 'property' ? (child.children ?? []) : [];
    if (name !== undefined && names.has(name.value)) return name;
    if (name !== undefined) names.add(name.value);
    const within = nameTwice(child);
    if (within !== undefined) return within;
  }
  return undefined;
}

/** Lists and objects within one another; the content has eight at most, and parsers run out of stack at some thousand. */
const DEEPEST = 50;

/** @throws NoJson for what goes deeper, before anything follows it there */
function expectShallow(text: string): void {
  let depth = 0;
  const enter = (_offset: number, _length: number, line: number): void => {
    depth += 1;
    if (depth > DEEPEST) throw new NoJson(`expected at most ${DEEPEST} lists and objects in one another`, line + 1);
  };
  const leave = (): void => {
    depth -= 1;
  };
  visit(text, { onObjectBegin: enter, onArrayBegin: enter, onObjectEnd: leave, onArrayEnd: leave });
}

/** The tree of a text as far as it is JSON; undefined where it is not at all. @throws NoJson when it goes too deep */
export function roughTree(text: string): Node | undefined {
  expectShallow(text);
  return parseTree(text);
}

function treeOf(text: string): Node {
  expectShallow(text);
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first !== undefined)
    throw new NoJson(PROBLEMS[printParseErrorCode(first.error)] ?? 'expected JSON', lineOf(text, first));
  if (tree === undefined) throw new NoJson('expected JSON, and there is nothing', 1);
  const twice = nameTwice(tree);
  if (twice !== undefined) {
    throw new NoJson(`expected each name once, and "${twice.value}" stands here again`, lineAt(text, twice.offset));
  }
  return tree;
}

export interface JsonText {
  readonly value: unknown;
  /** The line, from 1, on which the value at a path begins; of a path that leads nowhere, that of the last part that is there. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** @throws NoJson */
export function readJsonText(source: string): JsonText {
  // Some editors begin a file with a mark of its encoding, which nobody sees.
  const text = source.replace(/^\ufeff/u, '');
  const tree = treeOf(text);
  const value: unknown = getNodeValue(tree);
  return {
    value,
    lineOf: (path) => {
      for (let length = path.length; length >= 0; length -= 1) {
        const node = findNodeAtLocation(tree, path.slice(0, length));
        if (node !== undefined) return lineAt(text, (node.parent?.type === 'property' ? node.parent : node).offset);
      }
      return 1;
    },
  };
}
