import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDeployedRelease } from '../../infra/local/deployed-release.ts';
import { MINUTE } from '../../shared/lifecycle/time.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { killedAt, run } from './run.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'activation-'));
const content = path.join(scratch, 'content');
let shop: Shop;

beforeAll(async () => {
  cpSync(path.join(import.meta.dirname, '../../shared/content'), content, { recursive: true });
  const file = path.join(content, 'playbook.json');
  const playbook = readFileSync(file, 'utf8');
  // Everybody is at risk after two weeks without an order, and new for one.
  const sooner = playbook
    .replace(/"onboardingWindow": "[^"]*"/u, '"onboardingWindow": "7 days"')
    .replace(
      /"cadence": \{[^}]*\}/u,
      '"cadence": { "rule": "fixed", "atRiskAfter": "14 days", "lapsedAfter": "200 days" }',
    );
  if (sooner === playbook) throw new Error('the playbook has changed: nothing was replaced');
  writeFileSync(file, sooner);
  shop = await openShop();
  await writeDeployedRelease(shop.twin);
  for (const name of ['anna', 'bo']) {
    await shop.register(name);
    await shop.buy(name, `${name}-1`);
  }
  await shop.pass(20);
  await shop.register('cleo');
  await shop.buy('cleo', 'cleo-1');
});

afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await shop.close();
});

const at = () => ['--endpoint', shop.twin.endpoint];

// Each goes on from what the one before has done.
// The content is compiled first.
describe('other rules for the stages', { timeout: 600_000 }, () => {
  it('are shown with whom they move, and an activation that dies is found unfinished', async () => {
    expect(await shop.stageOf('anna')).toBe('new');
    const out = await killedAt(/Waiting until all functions/u, 'publish', '--content', content, '--yes', ...at());
    expect(out).toContain(
      'The rules for the stages are others: 2 people of 3 would change stage.\n  new → at_risk: 2\n',
    );
    expect(out).toMatch(/at most \d+ read units/u);
    expect(out).toContain('Published to the local twin: number 1');
    const listed = await run('releases', ...at());
    expect(listed.out).toMatch(/Unfinished: number 1, .* brought other rules for the stages, and 0 people/u);
    expect((await run('publish', '--content', content, ...at())).out).toContain('--resume-activation goes on');
  });

  it('reach everybody once it is resumed, and send nothing that was meant for before', async () => {
    const before = shop.twin.mailbox.length;
    await shop.wait(2 * MINUTE);
    const resumed = await run('publish', '--resume-activation', ...at());
    expect(resumed).toMatchObject({ code: 0, out: expect.stringContaining('3 people') });
    await shop.wait(MINUTE);
    expect(await Promise.all(['anna', 'bo', 'cleo'].map((name) => shop.stageOf(name)))).toEqual([
      'at_risk',
      'at_risk',
      'new',
    ]);
    expect(shop.twin.mailbox.length).toBe(before);
    expect((await run('releases', ...at())).out).not.toContain('Unfinished');
    expect((await run('publish', '--resume-activation', ...at())).out).toContain('Nothing to go on with');
  });
});
