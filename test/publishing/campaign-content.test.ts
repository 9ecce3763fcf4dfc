import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { liveContent } from '../../infra/campaigns/live-content.ts';
import { orderFrom } from '../../infra/campaigns/order.ts';
import { unpublishedSteps } from '../../infra/campaigns/unpublished.ts';
import { compiledRelease } from '../../infra/build.ts';
import { besides, type Outline, readEdition } from '../../infra/publishing/edition.ts';
import { MemoryReleaseStore } from '../../shared/adapters/memory-release-store.ts';
import { MANIFEST_FILE } from '../../shared/email/release.ts';
import { temporaryDirectory } from '../email/content-copy.ts';
import { START } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { SHIPPED_CONTENT, SHIPPED_PLAYBOOK } from './shipped.ts';

const HOLDOUT = { share: 0, salt: 's' };
const TEXTS = 'templates/campaign/new-harvest/en.json';
const FIELDS = { name: 'Name', audience: 'Audience', template: 'Mail', at: 'Time' };

it('a campaign counts with the content that is live, and not with that of the files', async () => {
  const edition = await readEdition(await compiledRelease(SHIPPED_CONTENT), SHIPPED_PLAYBOOK, SHIPPED_CONTENT);
  const texts = { ...JSON.parse(edition.sources[TEXTS] ?? '{}'), subject: 'Tea of the checkout before' };
  const live: Outline = {
    ...edition,
    sources: { ...edition.sources, [TEXTS]: JSON.stringify(texts) },
    manifest: { ...edition.manifest, benefits: [], library: { ...edition.manifest.library, categories: {} } },
  };
  const store = new MemoryReleaseStore();
  const { sources, summary } = besides(live, START, 'anna');
  const parts = [...edition.parts, [MANIFEST_FILE, JSON.stringify(live.manifest)] as const, sources, summary];
  for (const [name, text] of new Map(parts)) await store.writePart(live.id, name, text);
  await store.setDeployed({ releaseId: live.id, at: START });

  const content = await liveContent(store, HOLDOUT, SHIPPED_CONTENT);
  expect(await content.subjectOf('campaign', 'new-harvest')).toBe('Tea of the checkout before');
  expect(await content.subjectOf('campaign', 'none')).toBeUndefined();
  expect(content.circumstances.benefits).toEqual([]);
  expect(content.categories).toEqual([]);
  expect(content.playbook?.programmes).toEqual(edition.playbook.programmes);
});

it('a campaign counts with the files where nobody wrote down what was deployed', async () => {
  const content = await liveContent(new MemoryReleaseStore(), HOLDOUT, SHIPPED_CONTENT);
  expect(content.playbook).toBeUndefined();
  expect(await content.subjectOf('campaign', 'new-harvest')).toBe('The new harvest is here');
  expect(content.circumstances.benefits).not.toEqual([]);
  expect(content.categories).not.toEqual([]);
});

it('a step that is written and not published is said to be so', async () => {
  const directory = await temporaryDirectory();
  expect(await unpublishedSteps(directory, SHIPPED)).toEqual([]);
  const source = await readFile(SHIPPED_PLAYBOOK, 'utf8');
  await writeFile(`${directory}/playbook.json`, source.replace('"id": "new-harvest"', '"id": "spring-teas"'));
  const unpublished = await unpublishedSteps(directory, SHIPPED);
  expect(unpublished).toEqual(['spring-teas']);
  const ordered = (template: string) =>
    orderFrom({ name: 'spring', audience: 'stage=new', template, at: 'now' }, [], SHIPPED, START, FIELDS, unpublished);
  const problem = 'is in your files but not published: npm run publish';
  expect(() => ordered('spring-teas')).toThrow(`Mail: "spring-teas" ${problem}`);
  expect(() => ordered('campaign/spring-teas')).toThrow(problem);
  expect(() => ordered('summer')).toThrow('expected one of new-harvest');
  await writeFile(`${directory}/playbook.json`, '{ half');
  expect(await unpublishedSteps(directory, SHIPPED)).toEqual([]);
});
