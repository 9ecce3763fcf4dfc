/** The marketers' guide adds a step with no code: its own snippets, put where it says, and the mail that comes of them. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../../infra/cache.ts';
import { lintContent, type LintFinding } from '../../../shared/email/lint-content.ts';
import { speakOnly } from '../../support/content.ts';
import { letterTo } from '../../support/letter.ts';
import { OPENING, openShop, type Shop } from '../../support/shop.ts';

const playbookFile = z.looseObject({
  programmes: z.array(
    z.looseObject({ id: z.string(), series: z.array(z.looseObject({ id: z.string(), steps: z.array(z.unknown()) })) }),
  ),
});
const stepOf = z.looseObject({ id: z.string() });
const textsOf = z.record(z.string(), z.string());

/** The fenced blocks of a section of the guide, without their indentation. */
async function snippets(section: string): Promise<readonly string[]> {
  const guide = await readFile(path.join(PROJECT, 'docs/marketers-guide.md'), 'utf8');
  const [, text = ''] = guide.split(`\n## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(/^( *)```(?:json|mjml)\n(.*?)^ *```$/gmsu)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gmu'), ''),
  );
}

let shop: Shop;
let found: readonly LintFinding[];
let texts: z.output<typeof textsOf>;

beforeAll(async () => {
  const [step = '', layout = '', words = ''] = await snippets('Add a step');
  texts = textsOf.parse(JSON.parse(words));
  const { id } = stepOf.parse(JSON.parse(step));
  const content = await mkdtemp(path.join(tmpdir(), 'own-content-'));
  try {
    await cp(path.join(PROJECT, 'shared/content'), content, { recursive: true });
    const file = path.join(content, 'playbook.json');
    const playbook = playbookFile.parse(JSON.parse(await readFile(file, 'utf8')));
    const series = playbook.programmes.flatMap((each) => each.series).find((each) => each.id === 'first-steps');
    series?.steps.push(JSON.parse(step));
    await writeFile(file, JSON.stringify(playbook));
    const folder = path.join(content, 'templates/onboarding', id);
    await mkdir(folder);
    await writeFile(path.join(folder, 'layout.mjml'), layout);
    await writeFile(path.join(folder, 'en.json'), words);
    found = await lintContent(content, (mail) => mail.step === id);
    await speakOnly(content, 'en', 'sv');
    shop = await openShop(OPENING, { contentDirectory: content });
  } finally {
    await rm(content, { recursive: true });
  }
});
afterAll(() => shop.close());

it('is complained of in nothing but the languages it is not written in yet', () => {
  expect(found.map(({ file, problem }) => `${file}: ${problem}`).toSorted()).toEqual(
    ['de', 'fa', 'ru', 'sv'].map((each) => `templates/onboarding/care/${each}.json: there is no such file in ${each}`),
  );
});

it('is mailed at its moment, in the frame of all mails, and in English for want of another language', async () => {
  await shop.register('anna');
  await shop.register('astrid', { locale: 'sv-SE' });
  for (const customerId of ['anna', 'astrid']) {
    await shop.emit('Purchase Completed', { customerId, orderId: `of-${customerId}`, total: 8, currency: 'EUR' });
  }
  await shop.pass(39);
  expect(shop.mailsTo('anna')).not.toContain('onboarding/care');
  await shop.pass(2);
  for (const customerId of ['anna', 'astrid']) {
    const letter = await letterTo(shop, customerId, 'care');
    expect(letter.subject).toBe(texts['subject']);
    expect(letter.text).toContain(texts['intro']);
    expect(letter.text).toContain('Unsubscribe');
  }
});
