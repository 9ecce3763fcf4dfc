/**
 * The short version of `npm run faults`: every scenario, a fixed sample of its crash points, some random histories, and
 * each rule taken away once. The whole of it takes minutes and runs before a release.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundleInMemory } from './bundle.ts';
import { MUTANTS } from './mutants.ts';
import { type Progress, type Task, work } from './part.ts';

const SEED = 20_261_122;
/** A dozen crash points and some histories; the command plays all of them. */
const EVERY_NTH_POINT = 97;
const HISTORIES = 3;

// Thread after thread is started in here: a hang is told from a busy machine by minutes.
vi.setConfig({ testTimeout: 600_000 });

/** Each is caught by one of the first two dozen histories. */
const MUTANT_HISTORIES = 500;

async function findingsOf(task: Task) {
  const heard: Progress[] = [];
  await work(task, (progress) => void heard.push(progress));
  const findings = heard.flatMap((each) => each.findings);
  return findings.flatMap(({ about, violations, trace }) => [about, ...violations, ...trace]);
}

describe('the real bundles', () => {
  it('break no invariant when they are stopped or cut off at any call', async () => {
    const task = { kind: 'sweep', remainder: 5, divisor: EVERY_NTH_POINT, about: '' } as const;
    expect(await findingsOf(task)).toStrictEqual([]);
  });

  it('break no invariant in random histories full of faults', async () => {
    expect(await findingsOf({ kind: 'histories', seed: SEED, from: 0, to: HISTORIES })).toStrictEqual([]);
  });
});

describe('in memory', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'mutants-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(MUTANTS)('harness catches: $name', async (mutant) => {
    const bundle = path.join(directory, `${MUTANTS.indexOf(mutant)}.mjs`);
    await bundleInMemory(bundle, mutant);
    const options = [bundle, String(SEED), String(MUTANT_HISTORIES), 'first'];
    const { stdout } = await promisify(execFile)(process.execPath, options);
    expect(JSON.parse(stdout)).toMatchObject({ violations: expect.arrayContaining([expect.any(String)]) });
  });
});
