/** Other rules for the stages made live from the page of releases: everybody is looked at again, whoever closes the page meanwhile. */
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withBeginning } from '../../infra/activation/beginning.ts';
import { compiledRelease } from '../../infra/build.ts';
import { writeDeployedRelease } from '../../infra/local/deployed-release.ts';
import { type Pages, startPages } from '../../infra/local/web/pages.ts';
import { digestOf, type Edition, partNames, readEdition } from '../../infra/publishing/edition.ts';
import { publish } from '../../infra/publishing/publish.ts';
import { openRecords } from '../../infra/records.ts';
import { PLAYBOOK_PART } from '../../shared/email/published-playbook.ts';
import { MANIFEST_FILE } from '../../shared/email/release.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';
import { SHIPPED_CONTENT } from '../email/content-copy.ts';
import { openShop, type Shop } from '../support/shop.ts';

const PLAYBOOK_FILE = path.join(SHIPPED_CONTENT, 'playbook.json');

let shop: Shop;
let pages: Pages;

const openPages = () => startPages(shop.twin, 0, { playbookFile: PLAYBOOK_FILE, contentDirectory: SHIPPED_CONTENT });

/** The shipped content with everybody at risk after two weeks, and new for one. */
async function hasty(): Promise<Edition> {
  const edition = await readEdition(await compiledRelease(SHIPPED_CONTENT), PLAYBOOK_FILE, SHIPPED_CONTENT);
  const cadence = { rule: 'fixed', atRiskAfter: 14 * DAY, lapsedAfter: 200 * DAY } as const;
  const stages = { ...edition.playbook.stages, onboardingWindow: 7 * DAY, cadence };
  const playbook = { ...edition.playbook, stages };
  const id = edition.id.replace(/.$/u, (last) => (last === '0' ? '1' : '0'));
  const manifest = { ...edition.manifest, id };
  const parts = new Map(edition.parts)
    .set(MANIFEST_FILE, JSON.stringify(manifest))
    .set(PLAYBOOK_PART, JSON.stringify(playbook));
  return { ...edition, id, manifest, playbook, parts, digest: digestOf(parts, partNames(manifest)) };
}

beforeAll(async () => {
  shop = await openShop();
  await writeDeployedRelease(shop.twin);
  const { endpoint, region, tableName } = shop.twin;
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const records = openRecords({ endpoint, region, credentials }, tableName);
  const at = shop.twin.now();
  await publish(records.releases, withBeginning(await hasty(), at), undefined, { at, by: 'anna' });
  records.close();
  for (const name of ['anna', 'bo']) {
    await shop.register(name);
    await shop.buy(name, `${name}-1`);
  }
  await shop.pass(20);
  pages = await openPages();
});

afterAll(async () => {
  await pages.close();
  await shop.close();
});

const read = async (address: string) => (await fetch(`${pages.url}${address}`)).text();

const post = (fields: Record<string, string>) =>
  fetch(`${pages.url}/releases`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

// Each goes on from what the one before has done.
it('going back to the rules of the deployment begins to look at everybody again, and says so first', async () => {
  expect(await shop.stageOf('anna')).toBe('at_risk');
  const asked = await post({ act: 'look-back', to: 'deployed' });
  const text = await read(asked.headers.get('location') ?? '');
  expect(text).toContain('at_risk → new: 2');
  expect(text).toContain('Afterwards everybody is looked at again, 200 a second');
  const hidden = [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/gu)];
  const form = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]));
  expect((await post(form)).headers.get('location')).toBe('/releases?made=2');
  expect(await read('/releases')).toContain(
    'Number 2 brought them. Everybody is being looked at again: 0 people so far.',
  );
});

it('is found unfinished when the pages are opened anew, and gone on with until everybody was looked at', async () => {
  await pages.close();
  pages = await openPages();
  expect(await read('/releases')).toContain('not everybody has been looked at since: 0 people so far.');
  expect(await shop.stageOf('bo')).toBe('at_risk');
  expect((await post({ act: 'go-on' })).headers.get('location')).toBe('/releases');
  expect(await read('/releases')).toContain('Everybody is being looked at again');
  const before = shop.twin.mailbox.length;
  await shop.wait(2 * MINUTE);
  await expect.poll(() => read('/releases'), { timeout: 30_000 }).not.toContain('Other rules for the stages');
  await shop.wait(MINUTE);
  expect(await Promise.all(['anna', 'bo'].map((name) => shop.stageOf(name)))).toEqual(['new', 'new']);
  expect(shop.twin.mailbox.length).toBe(before);
});
