/** Reads docs/runbook.md as somebody on call would: its articles, and the commands they are to type. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT } from '../../infra/cache.ts';

export interface Article {
  /** Heading and anchor, which is the alarm's name without stage. */
  readonly name: string;
  readonly text: string;
}

/** One command, with the lines it is written on joined. */
export interface Command {
  /** The heading it stands under. */
  readonly under: string;
  readonly text: string;
}

export async function readRunbook(): Promise<string> {
  return readFile(path.join(PROJECT, 'docs/runbook.md'), 'utf8');
}

/** Everything below the heading "Alarms", by its headings. */
export async function articlesOfRunbook(): Promise<readonly Article[]> {
  const [, alarms = ''] = (await readRunbook()).split('\n## Alarms\n');
  return alarms
    .split('\n### ')
    .slice(1)
    .map((section) => {
      const [name = '', ...lines] = section.split('\n');
      return { name, text: lines.join('\n') };
    });
}

/** All commands in code blocks, in their order. */
export async function commandsOfRunbook(): Promise<readonly Command[]> {
  const commands: Command[] = [];
  let under = '';
  let block: string[] | undefined;
  for (const line of (await readRunbook()).split('\n')) {
    const text = line.trim();
    if (block === undefined && /^#+ /u.test(text)) under = text.replace(/^#+ /u, '');
    else if (block === undefined && text === '```sh') block = [];
    else if (block !== undefined && text === '```') {
      const joined = block.join('\n').replaceAll(/\s*\\\n\s*/gu, ' ');
      commands.push(...joined.split('\n').map((command) => ({ under, text: command })));
      block = undefined;
    } else block?.push(text);
  }
  return commands;
}
