/** The stages this checkout is to deploy, whatever they are called: settings that are valid, and templates that can be made of them. */
import { beforeAll, expect, it, vi } from 'vitest';
import { stageConfig, stageNames } from '../../infra/config.ts';
import { templatesOf } from './templates.ts';

// All other tests have settings of their own.
vi.stubEnv('PERENNIAL_CONFIG', process.env['OWN_PERENNIAL_CONFIG'] ?? '');
vi.stubEnv('CDK_VALIDATION', 'false');

let names: readonly string[] = [];
beforeAll(() => {
  names = stageNames();
});

it('every stage of the settings has its templates', async () => {
  expect(names).not.toEqual([]);
  for (const name of names) {
    const { data, pipeline } = await templatesOf(stageConfig(name));
    expect(data.findParameters('BootstrapVersion')).not.toEqual({});
    pipeline.hasOutput('Release', {});
  }
});
