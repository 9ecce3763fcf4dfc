/** Steps that were found sound are not made again, and never are those of other files taken for them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSoundSteps } from '../../infra/sound-steps.ts';
import { compileContent, tryCompiling, writeRelease } from '../../shared/email/compile.ts';
import { Findings } from '../../shared/email/findings.ts';
import { type ContentCopy, copyContent } from '../email/content-copy.ts';

const WELCOME = 'templates/onboarding/welcome';
const ASK = 'templates/win-back/ask';

/** A content that nothing is remembered of: its shop has a name that no other has. */
async function unheardOf(): Promise<ContentCopy> {
  const content = await copyContent();
  const shop = await readFile(join(content.contentDirectory, 'shop.json'), 'utf8');
  await content.write('shop.json', shop.replace(/"name": "[^"]*"/u, `"name": "Shop ${process.hrtime.bigint()}"`));
  return content;
}

const open = ({ contentDirectory }: ContentCopy, standard: 'compiled' | 'linted' = 'compiled') =>
  openSoundSteps(contentDirectory, standard);
const compiled = ({ contentDirectory }: ContentCopy) => tryCompiling(contentDirectory, new Findings(), () => true);

const isKnown = async (content: ContentCopy, step: string, standard: 'compiled' | 'linted' = 'compiled') => {
  const [programme = '', name = ''] = step.split('/');
  return (await (await open(content, standard)).find(programme, name)) !== undefined;
};

/** Every file of a release with its text. */
async function filesOf(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [file.slice(directory.length), await readFile(file, 'utf8')] as const)),
  );
}

it('what was found sound is not made again, and makes the same release to the letter', async () => {
  const content = await unheardOf();
  const compilation = await compiled(content);
  const anew = join(content.directory, 'anew');
  await writeRelease(compilation, anew);
  await (await open(content)).keep(compilation.made);

  const known = await open(content);
  const again = await tryCompiling(content.contentDirectory, new Findings(), () => true, known);
  expect(again.made).toEqual([]);
  const release = join(content.directory, 'again');
  await compileContent(content.contentDirectory, release, known);
  expect(await filesOf(release)).toEqual(await filesOf(anew));
});

it('what was compiled has not been held to the rules of the lint; what was linted was compiled, too', async () => {
  const content = await unheardOf();
  const { made } = await compiled(content);
  await (await open(content)).keep(made);
  expect(await isKnown(content, 'onboarding/welcome', 'linted')).toBe(false);
  await (await open(content, 'linted')).keep(made);
  expect(await isKnown(content, 'onboarding/welcome', 'linted')).toBe(true);
  expect(await isKnown(content, 'onboarding/welcome')).toBe(true);
});

it('a change is noticed by every mail that can show it, and by no other', async () => {
  const content = await unheardOf();
  await (await open(content)).keep((await compiled(content)).made);
  const known = async () => ({
    welcome: await isKnown(content, 'onboarding/welcome'),
    ask: await isKnown(content, 'win-back/ask'),
  });
  expect(await known()).toEqual({ welcome: true, ask: true });
  for (const file of [
    'shop.json',
    'playbook.json',
    'tone.json',
    'questions.json',
    'preferences/en.json',
    'templates/_shared/en.json',
    'templates/_shared/frame.mjml',
    `${ASK}/layout.mjml`,
    `${WELCOME}/en.json`,
  ]) {
    const source = await readFile(join(content.contentDirectory, file), 'utf8');
    // Nothing that a reader sees: it need not be understood to be noticed.
    await content.write(file, `${source}\n`);
    expect({ file, ...(await known()) }).toEqual({ file, welcome: false, ask: file === `${WELCOME}/en.json` });
    await content.write(file, source);
  }
});

it('what was made while its files changed belongs to neither state of them', async () => {
  const content = await unheardOf();
  const before = await open(content);
  const { made } = await compiled(content);
  const texts = await readFile(join(content.contentDirectory, ASK, 'en.json'), 'utf8');
  await content.write(`${ASK}/en.json`, `${texts}\n`);
  await before.keep(made);
  expect(await isKnown(content, 'win-back/ask')).toBe(false);
  await content.write(`${ASK}/en.json`, texts);
  expect(await isKnown(content, 'win-back/ask')).toBe(false);
});
