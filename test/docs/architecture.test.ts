/** What README and docs claim can be found: every test a table names, every file, link and command, and every reason. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';

const DECISIONS = 'docs/adr';
const ARCHITECTURE = 'docs/architecture.md';

const read = (file: string) => readFile(path.join(PROJECT, file), 'utf8');

const decisions = (await readdir(path.join(PROJECT, DECISIONS))).toSorted();
const pages = ['README.md', ARCHITECTURE, 'docs/runbook.md', ...decisions.map((name) => `${DECISIONS}/${name}`)];
const texts = new Map(await Promise.all(pages.map(async (page) => [page, await read(page)] as const)));
const architecture = texts.get(ARCHITECTURE) ?? '';

/** What a regular expression's only group finds in a text. */
function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, group]) => group ?? []);
}

/** A test as the tables name it: its file, and as much of its title as stands in the source. */
const NAMED_TEST = /`(?<file>test\/[\w/.-]+\.test\.ts)`: _(?<title>.+?)_(?=$|\s*\||<br>)/gmu;

const namedTests = [...architecture.matchAll(NAMED_TEST)].flatMap(({ groups }) =>
  groups?.['file'] === undefined || groups['title'] === undefined ? [] : [[groups['file'], groups['title']] as const],
);

/** Whether a source has a test, or a group or a row of tests, of that title. */
function hasTitle(source: string, title: string): boolean {
  return [`'${title}'`, `'${title.replaceAll("'", String.raw`\'`)}'`, `"${title}"`, `\`${title}\``].some((quoted) =>
    source.includes(quoted),
  );
}

/** The rows of the tables under a heading, without those that name the columns. */
function rowsUnder(heading: string): string[] {
  const [, section = ''] = architecture.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  const lines = own.split('\n').filter((line) => line.startsWith('|'));
  return lines.filter((line, index) => !line.startsWith('| ---') && !(lines[index + 1] ?? '').startsWith('| ---'));
}

describe('what happens when something dies', () => {
  const rows = rowsUnder('If X dies here, then ...');

  it('is told in rows that each name a test', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((row) => !/`test\/[\w/.-]+\.test\.ts`: _.+_/u.test(row))).toEqual([]);
  });

  it('names tests in a form this test can read', () => {
    const named = rows.flatMap((row) => found(row, /`(test\/[^`]+)`: _/gu));
    const readable = namedTests.map(([file]) => file);
    expect(named.toSorted()).toEqual(readable.toSorted());
  });

  it.each(namedTests)('%s has: %s', async (file, title) => {
    const source = await read(file);
    expect(hasTitle(source, title), `${file} has no test "${title}"`).toBe(true);
  });
});

describe('every reason in the code', async () => {
  const reasons = found(await read('shared/lifecycle/customer/reasons.ts'), /'([^']+)'/gu);

  it('stands in the architecture', () => {
    expect(reasons.length).toBeGreaterThan(20);
    expect(reasons.filter((reason) => !architecture.includes(`\`${reason}\``))).toEqual([]);
  });
});

describe('every decision', () => {
  const numbered = decisions.filter((name) => /^\d{4}-/u.test(name));

  it('stands in the list, with its number and its title', () => {
    const list = texts.get(`${DECISIONS}/README.md`) ?? '';
    const missing = numbered.filter((name) => {
      const [, number = '', title = ''] = /^# (\d+)\. (.+)$/mu.exec(texts.get(`${DECISIONS}/${name}`) ?? '') ?? [];
      const row = list.split('\n').find((line) => line.includes(`| [${number}](${name})`));
      return Number(name.slice(0, 4)) !== Number(number) || !(row ?? '').includes(`| ${title} `);
    });
    expect(missing).toEqual([]);
  });
});

/** The name a heading is linked by. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

const isThere = (file: string) => existsSync(path.join(PROJECT, file));

describe.each(pages)('%s', (page) => {
  const text = texts.get(page) ?? '';

  it('links to what is there', async () => {
    const broken: string[] = [];
    for (const link of found(text, /\]\(([^)\s]+)\)/gu)) {
      if (/^https?:/u.test(link)) continue;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : path.join(path.dirname(page), file);
      const there = isThere(target);
      const headings = there && anchor !== undefined ? found(await read(target), /^#+ (.+)$/gmu).map(anchorOf) : [];
      if (!there || (anchor !== undefined && !headings.includes(anchor))) broken.push(link);
    }
    expect(broken).toEqual([]);
  });

  it('names files that are there', () => {
    const named = found(text, /`((?:test|shared|functions|infra|docs|\.ci)\/[\w/.-]+\.(?:ts|json|py|md))`/gu);
    expect(named.filter((file) => !isThere(file))).toEqual([]);
  });

  it('names commands that are there', async () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await read('package.json')));
    const named = found(text, /npm run (?:-s )?([a-z][\w:-]*)/gu);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});
