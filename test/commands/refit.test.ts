/** `npm run refit`: tells what the census proposes, and writes nothing else than that, nowhere else than asked. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT } from '../../infra/cache.ts';
import { refitCommand } from '../../infra/commands/refit.ts';
import { DynamoDBCensus } from '../../shared/adapters/dynamodb-census.ts';
import { readPlaybookText } from '../../shared/email/playbook-text.ts';
import { NOTHING_COUNTED } from '../../shared/lifecycle/census/count.ts';
import type { Proposal } from '../../shared/lifecycle/census/proposal.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { OPENING, openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
let client: DynamoDBClient;
let content: string;
let version = 0;

beforeAll(async () => {
  shop = await openShop(OPENING);
  client = new DynamoDBClient({
    endpoint: shop.twin.endpoint,
    region: shop.twin.region,
    credentials: { accessKeyId: 'shop', secretAccessKey: 'shop' },
  });
  content = await mkdtemp(path.join(tmpdir(), 'refit-'));
});

afterAll(async () => {
  client.destroy();
  await rm(content, { recursive: true });
  await shop.close();
});

const run = (...args: readonly string[]) =>
  refitCommand(['--endpoint', shop.twin.endpoint, '--content', content, ...args]);
const LIVE = SHIPPED.stages.cadence;
const occasion = { at: OPENING, live: LIVE, customers: 4000 };

async function propose(proposal: Proposal): Promise<void> {
  await copyFile(path.join(PROJECT, 'shared/content/playbook.json'), path.join(content, 'playbook.json'));
  const figures = {
    at: OPENING,
    people: NOTHING_COUNTED.people,
    longOpen: 0,
    keyAccounts: 0,
    revenue: [],
    tooManyDiscounts: false,
    proposal,
  };
  const census = new DynamoDBCensus(client, shop.twin.tableName);
  version += 1;
  await census.save({ version, at: OPENING, phase: 'done', count: NOTHING_COUNTED, changes: 0, figures }, version - 1);
}

const written = async () => readPlaybookText(await readFile(path.join(content, 'playbook.json'), 'utf8'));

describe('refit', () => {
  if (LIVE.rule !== 'ownGap') throw new Error('expected the rule the project ships to go by the own gap');
  const proposed = { ...LIVE, populationGap: 31 * DAY };

  it('says that no census has fitted anything', async () => {
    expect(await run()).toContain('No census has fitted the rule of silence yet');
    await expect(run('--apply')).rejects.toThrow('There is nothing to apply.');
  });

  it('tells what would change and whom it would move, and writes only when told to', async () => {
    await propose({ ...occasion, verdict: 'proposed', proposed, moves: { 'active>at_risk': 12 } });
    const said = await run();
    expect(said).toContain('stages.cadence.populationGap: 45 days → 31 days');
    expect(said).toContain('12 people would change stage:\n  Active → At risk: 12');
    expect(await written()).toEqual(SHIPPED);

    expect(await run('--apply')).toContain('npm run publish makes it live');
    expect(await written()).toEqual({ ...SHIPPED, stages: { ...SHIPPED.stages, cadence: proposed } });
  });

  it('writes nothing over another rule than the one that was fitted', async () => {
    await propose({ ...occasion, verdict: 'proposed', proposed, moves: {} });
    const file = path.join(content, 'playbook.json');
    const edited = (await readFile(file, 'utf8')).replace('"populationGap": "45 days"', '"populationGap": "50 days"');
    await writeFile(file, edited);
    await expect(run('--apply')).rejects.toThrow('is not the rule that was in force when it was fitted');
    expect(await readFile(file, 'utf8')).toBe(edited);
  });

  it.each(['not enough data', 'dropout not identified', 'at its bounds', 'nothing to fit'] as const)(
    'applies nothing of "%s"',
    async (verdict) => {
      await propose({ ...occasion, verdict });
      await expect(run('--apply')).rejects.toThrow('There is nothing to apply.');
      expect(await written()).toEqual(SHIPPED);
    },
  );

  it('explains itself', async () => {
    expect(await run('--help')).toContain('npm run refit');
    await expect(run('all')).rejects.toThrow('expected options only');
  });
});
