/**
 * Reads an MJML layout with its shared pieces in place, and still knows which file and line each line came from, so
 * that whatever is found wrong later can be told where it was written.
 */
import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { ContentError } from './content-error.ts';
import { readContent } from './content-file.ts';

export interface Origin {
  /** Relative to the content directory. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

export interface Layout {
  /** Relative to the content directory. */
  readonly file: string;
  readonly source: string;
  /** Where each line of `source` was written; index 0 is line 1. */
  readonly origins: readonly Origin[];
}

/** MJML's own include tag, alone on its line; ours adds for which mails it is meant. */
const INCLUDE = /^\s*<mj-include\s+path="([^"]+)"(?:\s+(when|unless)="([^"]+)")?\s*\/>\s*$/;

/** What a frame includes where the layout of the step goes. */
const BODY = 'body';

/** Pieces inside pieces; a circle would go on for ever. */
const DEEPEST_INCLUDE = 5;
/** Characters of a layout with all its pieces, five times the longest: pieces that repeat pieces grow without end. */
const LONGEST_LAYOUT = 100_000;

/** What a piece can be meant for: aspects of a mail, by name, and whether this one has them. */
export type Aspects = Readonly<Record<string, boolean>>;

export interface Framed {
  /** Relative to the content directory, like the body. */
  readonly frame: string;
  readonly body: string;
  readonly aspects: Aspects;
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way.split(sep)[0] !== '..' && !isAbsolute(way);
}

/** @throws ContentError when a piece cannot be read, lies outside the content directory, or is for an unknown aspect */
export async function readLayout(contentDirectory: string, { frame, body, aspects }: Framed): Promise<Layout> {
  const root = resolve(contentDirectory);
  const realRoot = await realpath(root);
  const lines: { readonly text: string; readonly origin: Origin }[] = [];

  let length = 0;

  async function append(path: string, depth: number): Promise<void> {
    const name = relative(root, path);
    const source = await readContent(root, name);
    for (const [index, text] of source.replace(/\n$/, '').split(/\r?\n/).entries()) {
      const origin = { file: name, line: index + 1 };
      const [, included, condition, aspect] = INCLUDE.exec(text) ?? [];
      if (included === undefined) {
        length += text.length;
        if (length > LONGEST_LAYOUT) {
          const problem = `the layout has more than ${LONGEST_LAYOUT} characters with the pieces it includes`;
          throw new ContentError([{ file: body, problem, advice: 'shorten it, or include less' }]);
        }
        lines.push({ text, origin });
        continue;
      }
      if (aspect !== undefined) {
        if (!Object.hasOwn(aspects, aspect)) {
          const advice = `use one of ${Object.keys(aspects).join(', ')}`;
          throw new ContentError([{ ...origin, problem: `no mail is known to have "${aspect}"`, advice }]);
        }
        if (aspects[aspect] !== (condition === 'when')) continue;
      }
      const target = included === BODY && name === frame ? resolve(root, body) : resolve(dirname(path), included);
      const refuse = (problem: string, cause?: unknown): ContentError =>
        new ContentError([{ ...origin, problem, advice: 'include a file below templates/_shared' }], { cause });
      if (depth === DEEPEST_INCLUDE) throw refuse(`${included} is included more than ${DEEPEST_INCLUDE} levels deep`);
      try {
        // A symbolic link may lead anywhere.
        if (!isBelow(root, target) || !isBelow(realRoot, await realpath(target))) {
          throw refuse(`${included} lies outside the content`);
        }
        await append(target, depth + 1);
      } catch (cause) {
        throw cause instanceof ContentError ? cause : refuse(`${included} cannot be read`, cause);
      }
    }
  }

  await append(resolve(root, frame), 0);
  return { file: body, source: lines.map(({ text }) => text).join('\n'), origins: lines.map(({ origin }) => origin) };
}
