/** Importing a part of a public order log into the twin, killed on the way, with its last three months played live. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importCommand } from '../../infra/commands/import.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { DAY, type Instant } from '../../shared/lifecycle/time.ts';
import { purchase } from '../import/fixture.ts';
import { Pipeline } from '../support/pipeline.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { IS_WHOLE } from '../support/whole.ts';
import { killedAt, run } from './run.ts';

const SAMPLE = path.join(import.meta.dirname, '../../../shared/data/cdnow_sample.csv');
const isThere = existsSync(SAMPLE);
if (!isThere) process.stderr.write(`SKIPPED: importing the public order log, because ${SAMPLE} is not there\n`);

const CUT: Instant = Date.parse('1998-04-01T00:00:00Z');
const END: Instant = Date.parse('1998-07-01T00:00:00Z');
/** Every how many customers. */
const SHARE = IS_WHOLE ? 20 : 60;

interface Line {
  readonly customerId: string;
  readonly at: Instant;
  readonly orderId: string;
  readonly total: number;
}

function someOfThem(): readonly Line[] {
  const [, ...rows] = readFileSync(SAMPLE, 'utf8').trim().split('\n');
  return rows
    .map((row, n): Line => {
      const [customerId = '', date = '', amount = ''] = row.split(',');
      return { customerId, at: Date.parse(date), orderId: `o${n}`, total: Number(amount) };
    })
    .filter(({ customerId }) => Number(customerId) % SHARE === 0)
    .toSorted((a, b) => a.at - b.at);
}

const isoOf = (at: Instant) => new Date(at).toISOString();

// Three months of a part of a shop through a whole stack, beside whatever else runs.
describe.skipIf(!isThere)('npm run import', { timeout: 600_000 }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'import-'));
  const [orders, customers] = [path.join(scratch, 'orders.csv'), path.join(scratch, 'customers.csv')];
  const lines = isThere ? someOfThem() : [];
  const before = lines.filter(({ at }) => at < CUT);
  const ids = [...new Set(before.map(({ customerId }) => customerId))];
  let shop: Shop;

  beforeAll(async () => {
    const told = before.map(({ customerId, at, orderId, total }) => [customerId, isoOf(at), total, orderId].join(','));
    writeFileSync(orders, ['customer_id,date,amount,order_id', ...told].join('\n'));
    const people = ids.map((id) => `${id},c${id}@example.com,yes`);
    writeFileSync(customers, ['customer_id,email,consent', ...people].join('\n'));
    shop = await openShop(CUT, { threads: 2 });
  });

  afterAll(async () => {
    rmSync(scratch, { recursive: true });
    await shop.close();
  });

  const command = () => ['--orders', orders, '--customers', customers, '--endpoint', shop.twin.endpoint];

  it('says what it will take, and writes nothing when it is only to count', async () => {
    const { code, out } = await run('import', ...command(), '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain(`${ids.length} customers`);
    expect(out).toMatch(/at risk or lapsed begin to get mail 200 a day, for 1 day\./u);
    expect(out).toMatch(/about [\d,]+ write units: .* at 200 a second, 0\.00 USD/u);
    expect(out).toMatch(/Nothing was written\.\n$/u);
    const late = await run('import', ...command(), '--starts-at', '1997-01-01T00:00:00Z', '--yes');
    expect(late).toMatchObject({ code: 2, err: expect.stringContaining('--starts-at expects a time to come') });
    expect(await shop.items()).toEqual([]);
  });

  it('killed on the way goes on where it stood, and done again changes nothing', async () => {
    await killedAt(/\d+ of \d+ customers\n/u, 'import', ...command(), '--ramp-per-day', '20');
    const { code, out } = await run('import', ...command());
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('This import was begun on') });
    expect(out).toMatch(/20 a day/u);
    const items = await shop.items();
    const again = await run('import', ...command());
    expect(again.out).toContain('in this run 0 written');
    const sorted = (all: typeof items) => all.map((item) => JSON.stringify(item)).toSorted();
    expect(sorted(await shop.items())).toEqual(sorted(items));
    expect((await run('import', ...command(), '--starts-at', '1998-04-02T00:00:00Z')).err).toContain(
      'leave --starts-at out',
    );
  });

  it('and the rest played live end in the stages of playing it all live, with no mail for before', async () => {
    const after = lines.filter(({ at }) => at >= CUT);
    for (const at of new Set(after.map((line) => line.at))) {
      await shop.twin.advanceTo(Math.max(at, shop.twin.now()));
      for (const { customerId, orderId, total } of after.filter((each) => each.at === at)) {
        const data = { customerId, orderId, total, currency: 'USD' };
        await shop.put({ type: 'Purchase Completed', data, id: `live-${orderId}`, at });
      }
    }
    await shop.twin.advanceTo(END);
    const live = new Pipeline(SHIPPED, (lines[0]?.at ?? CUT) - DAY);
    await live.play(lines.map(purchase));
    await live.waitUntil(END);
    for (const { customerId } of live.store.profiles) {
      expect(`${customerId} ${await shop.stageOf(customerId)}`).toBe(
        `${customerId} ${(await live.customer(customerId)).stage}`,
      );
      const early = (await shop.store.readLedger(customerId)).filter(({ moment }) => moment < CUT);
      expect(early).toEqual([]);
    }
    expect(shop.twin.mailbox.length).toBeGreaterThan(0);
    expect(shop.twin.mailbox.filter(({ at }) => at < CUT)).toEqual([]);
  });

  it('says what it expects instead of what it cannot do', async () => {
    await expect(importCommand([])).rejects.toThrow('expected --orders, --customers or --pinpoint');
    await expect(importCommand(['--orders', orders, '--ramp-per-day', '0'])).rejects.toThrow('a whole number above 0');
    await expect(importCommand(['--orders', orders, '--starts-at', 'now'])).rejects.toThrow(UsageError);
    expect(await importCommand(['--help'])).toContain('npm run import');
  });
});
