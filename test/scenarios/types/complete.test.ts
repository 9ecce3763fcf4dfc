/** Every type of customer, every practice and every pair has a scenario of its name, and every scenario is of one. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUYER_TYPES, LEAD_TYPES, PAIRS, PRACTICES, STAGE_TYPES } from '../../../infra/customer-types.ts';

const HERE = import.meta.dirname;
const IDS = [...STAGE_TYPES, ...LEAD_TYPES, ...BUYER_TYPES, ...PRACTICES, ...PAIRS].map(({ id }) => id.toLowerCase());

describe('the scenarios', () => {
  it('are one for each row', async () => {
    const files = (await readdir(HERE)).filter((name) => !import.meta.filename.endsWith(name));
    expect(files.toSorted()).toEqual(IDS.map((id) => `${id}.test.ts`).toSorted());
  });

  it('are as many as the documents have rows', () => {
    expect([STAGE_TYPES, LEAD_TYPES, BUYER_TYPES, PRACTICES, PAIRS].map((rows) => rows.length)).toEqual([
      8, 6, 11, 9, 12,
    ]);
  });

  it.each(IDS)('%s plays events through the twin and reads the mail', async (id) => {
    const source = await readFile(path.join(HERE, `${id}.test.ts`), 'utf8');
    expect(source).toMatch(/openShop\(/u);
    expect(source).toMatch(/letterOf\(|letterTo\(|mailsTo\(/u);
    expect(source).not.toMatch(/\b(?:it|describe|test)\.(?:skip|todo|only)\b/u);
  });
});
