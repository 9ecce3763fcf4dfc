/** Every type of customer, every practice and every pair has a scenario of its name, and every scenario is of one. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUYER_TYPES, LEAD_TYPES, PAIRS, PRACTICES, STAGE_TYPES } from '../../../infra/customer-types.ts';
import { SHIPPED } from '../../support/playbooks.ts';

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

  it('have what each pair is about in the playbook', () => {
    const mails = SHIPPED.programmes.flatMap(({ id, series }) =>
      series.flatMap(({ steps }) => steps.map((step) => `${id}/${step.id}`)),
    );
    const types = [...STAGE_TYPES, ...LEAD_TYPES, ...BUYER_TYPES].map(({ id }) => id);
    for (const { id, types: met, steps } of PAIRS) {
      expect.soft([id, met.filter((each) => !types.includes(each))]).toEqual([id, []]);
      expect.soft([id, steps === 'all' ? [] : steps.filter((each) => !mails.includes(each))]).toEqual([id, []]);
      expect.soft([id, met.length > 0, steps.length > 0]).toEqual([id, true, true]);
    }
  });

  it.each(IDS)('%s plays events through the twin and reads the mail', async (id) => {
    const source = await readFile(path.join(HERE, `${id}.test.ts`), 'utf8');
    expect(source).toMatch(/openShop\(/u);
    expect(source).toMatch(/letterOf\(|letterTo\(|mailsTo\(/u);
    expect(source).not.toMatch(/\b(?:it|describe|test)\.(?:skip|todo|only)\b/u);
  });
});
