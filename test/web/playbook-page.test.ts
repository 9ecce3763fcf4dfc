import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { misfit } from '../../infra/local/web/playbook/fit.ts';
import { playbookPage } from '../../infra/local/web/playbook/playbook-page.ts';
import { readPlaybookView } from '../../infra/local/web/playbook/reading.ts';
import { findStep } from '../../shared/lifecycle/playbook.ts';
import type { Stage } from '../../shared/lifecycle/stage.ts';
import { TRAITS } from '../../shared/lifecycle/traits/ids.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { SHIPPED_CONTENT } from '../email/content-copy.ts';

const AROUND = {
  now: Date.UTC(2026, 10, 22),
  endpoint: 'http://127.0.0.1:4580',
  region: 'eu-north-1',
  busName: 'customers',
  tableName: 'T',
  deadLetters: 0,
  alarms: 0,
};

const shown = async (query: string, directory = SHIPPED_CONTENT): Promise<string> =>
  playbookPage(await readPlaybookView(directory, new URLSearchParams(query)), AROUND);

function fit(path: string, stage: Stage | undefined, trait: string | undefined): string | undefined {
  const [programme = '', step = ''] = path.split('/');
  const placed = findStep(SHIPPED, programme, step);
  if (placed === undefined) throw new Error(`the playbook has no ${path}`);
  return misfit(placed.series, placed.step, { stage, trait });
}

describe('who gets what', () => {
  it.each([
    ['onboarding/welcome', undefined, undefined, undefined],
    ['onboarding/welcome', 'new', 'researcher', undefined],
    ['onboarding/welcome', 'lead', undefined, 'only for new'],
    ['nurture/knowledge', 'lead', 'researcher', undefined],
    ['nurture/knowledge', 'lead', 'looker', 'only for researcher'],
    ['nurture/sets-apart', 'lead', 'researcher', 'not for researcher'],
    ['retention/reminder', 'at_risk', 'critic', 'not for critic'],
    ['nurture/cart-comparison', 'lead', 'hesitant', 'only for researcher'],
    ['recovery/apology', 'lapsed', 'bargain', undefined],
    ['retention/benefits', 'lapsed', undefined, undefined],
    ['retention/benefits', 'lead', undefined, 'only for new, active, loyal, at_risk, lapsed'],
  ] as const)('%s for %s, %s: %s', (path, stage, trait, reason) => {
    expect(fit(path, stage, trait)).toBe(reason);
  });
});

describe('the page of the playbook', () => {
  it('shows every step once, when it comes, and leads to its mail', async () => {
    const page = await shown('');
    for (const { id, series } of SHIPPED.programmes) {
      for (const step of series.flatMap((each) => each.steps.map((one) => one.id))) {
        expect(page.split(`href="/templates/${id}/${step}"`)).toHaveLength(2);
      }
    }
    expect(page).toContain('2 days after delivery, else after 7 days');
    expect(page).toContain('not between 21:00 and 08:00');
    expect(page).not.toContain('class="reason"');
  });

  it('says of every trait what reveals it', async () => {
    const page = await shown('');
    for (const trait of TRAITS) expect(page).toContain(`trait=${trait}#whom-title`);
    expect(page).not.toContain('<dd></dd>');
    expect(page).toContain('declared a previous supplier');
  });

  it('says of each step why somebody does not get it', async () => {
    const page = await shown('stage=lead&trait=researcher');
    expect(page).toContain('not for researcher');
    expect(page).toContain('only for lapsed');
    expect(page).toMatch(/aria-current="true"[^>]*>\s*<rect\s+class="node lead"/u);
  });

  it('names the path and what was expected where the file cannot be played', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'perennial-playbook-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'playbook.json'), '{ "stages": 1 }');
    expect(await shown('', directory)).toMatch(/<code>line 1: stages: expected/u);
    await writeFile(join(directory, 'playbook.json'), '{ "stages": ');
    expect(await shown('', directory)).toContain('line 1: expected a value');
  });
});
