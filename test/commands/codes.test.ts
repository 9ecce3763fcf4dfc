import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesCommand } from '../../infra/commands/codes.ts';
import { UsageError } from '../../infra/local/usage-error.ts';
import { DynamoDBOfferBook } from '../../shared/adapters/dynamodb-offer-book.ts';
import { playbookJson } from '../support/playbooks.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { run, runWith } from './run.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'codes-'));
let shop: Shop;
let client: DynamoDBClient;
let playbookFile: string;

/** The shipped playbook with two offers whose codes the shop makes. */
function pooled(): object {
  const { offers, ...rest } = playbookJson();
  const given: { byName?: Record<string, object> } = Object(offers);
  const { 'win-back': winBack = {}, 'loyal-bonus': bonus = {}, ...others } = given.byName ?? {};
  const byName = {
    ...others,
    'win-back': { ...winBack, codes: 'pool' },
    'loyal-bonus': { ...bonus, codes: 'pool' },
  };
  return { ...rest, offers: { ...given, byName } };
}

function fileOf(name: string, ...lines: readonly string[]): string {
  const file = path.join(scratch, name);
  writeFileSync(file, lines.join('\n'));
  return file;
}

beforeAll(async () => {
  playbookFile = fileOf('playbook.json', JSON.stringify(pooled()));
  shop = await openShop();
  const { endpoint, region } = shop.twin;
  client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
});

afterAll(async () => {
  client.destroy();
  rmSync(scratch, { recursive: true });
  await shop.close();
});

const codes = (...args: readonly string[]) =>
  codesCommand([...args, '--endpoint', shop.twin.endpoint, '--playbook', playbookFile]);
const pool = (offer: string) => new DynamoDBOfferBook(client, shop.twin.tableName).pool(offer);

describe('npm run codes', () => {
  it('loads the codes of a file once, and names the lines that hold none', async () => {
    const file = fileOf('codes.csv', 'Code,note', 'WARM-1,first', 'WARM-2,', ',none', 'TWO WORDS,x', 'WARM-1,again');
    const said = await codes('win-back', file);
    expect(said.split('\n')).toEqual([
      'Loaded 2 new codes of win-back into the local twin; there already: 0.',
      'Now free: 2; given out: 0.',
      'Left out, for they hold no code: 2 lines.',
      '  codes.csv, line 4: code: missing',
      '  codes.csv, line 5: code: expected at most 64 characters without blanks, found "TWO WORDS"',
    ]);
    expect(await pool('win-back')).toEqual({ free: 2, claimed: 0 });
  });

  it('loads what is new when the file comes again, and leaves what is given out to its customer', async () => {
    const book = new DynamoDBOfferBook(client, shop.twin.tableName);
    await codes('loyal-bonus', fileOf('one.csv', 'code', 'L-1'));
    expect(await book.claimCode('loyal-bonus', 'somebody')).toBe('L-1');
    const said = await codes('loyal-bonus', fileOf('two.csv', 'code', 'L-1', 'L-2'));
    expect(said).toContain('Loaded 1 new code of loyal-bonus into the local twin; there already: 1.');
    expect(await pool('loyal-bonus')).toEqual({ free: 1, claimed: 1 });
  });

  it('says what is left of codes and budgets', async () => {
    const said = await codes();
    expect(said).toMatch(/^Offers in the local twin:$/mu);
    expect(said).toMatch(/^loyal-bonus: 0 of 500 issued in the 30 days until .* UTC; codes free: 1, given out: 1$/mu);
    expect(said).toMatch(/^best-price: 0 of 500 issued in the 30 days until .* UTC$/mu);
  });

  it('changes nothing on a dry run', async () => {
    const before = await pool('win-back');
    const said = await codes('win-back', fileOf('dry.csv', 'code', 'DRY-1', 'DRY-1'), '--dry-run');
    expect(said).toContain('holds 1 code and 1 repetition. Nothing was changed.');
    expect(await pool('win-back')).toEqual(before);
  });

  it.each([
    { args: ['win-back'], why: 'expected OFFER and FILE' },
    { args: ['win-back', 'a.csv', 'b.csv'], why: 'expected OFFER and FILE' },
    { args: ['spring', 'a.csv'], why: 'the playbook has no offer "spring"; those that take codes from a file: ' },
    { args: ['best-price', 'a.csv'], why: '"best-price" announces codes of its own' },
    { args: ['win-back', 'nowhere.csv'], why: 'cannot read nowhere.csv' },
    { args: ['win-back', 'package.json'], why: 'the header lacks code' },
  ])('$args is put right by whoever wrote it', async ({ args, why }) => {
    const error: unknown = await codes(...args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(why);
    expect(String(error)).not.toContain('\n');
  });

  it('explains itself, and notices that npm kept an option for itself', async () => {
    const { code, out, err } = await run('codes', '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('npm run codes -- OFFER FILE');
    const kept = await runWith({ npm_config_dry_run: 'true' }, 'codes', 'win-back', 'a.csv');
    expect(kept).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--dry-run') });
  });
});
