/** The saved queries of the stack are those that the runbook names, each with what it says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';
import { resourcesOf, templatesOf } from './templates.ts';

vi.stubEnv('CDK_VALIDATION', 'false');

it('are named in the runbook, all of them and no others', async () => {
  const { pipeline } = await templatesOf();
  const saved = resourcesOf(pipeline, 'AWS::Logs::QueryDefinition').map(({ properties }) =>
    z.string().parse(properties['Name']).replace('Perennial/dev/', ''),
  );
  const runbook = readFileSync(path.join(PROJECT, 'docs/runbook.md'), 'utf8');
  const [, section = ''] = /^## Saved queries$(.*?)^## /msu.exec(runbook) ?? [];
  const named = [...section.matchAll(/^\| `([^`]+)`\s*\| \S/gmu)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(saved));
  const said = [...runbook.matchAll(/saved query\s+`([^`]+)`/gu)].map(([, name]) => name);
  expect(said.length).toBeGreaterThan(0);
  expect(said.filter((name) => !named.includes(name))).toEqual([]);
});
