/** What `npm run deploy` says and writes down after the CDK has ended well: what CloudFormation has, and nothing else. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PROJECT } from '../../infra/cache.ts';
import { deployCommand, isPreparation } from '../../infra/commands/deploy.ts';
import { compileEdition } from '../../infra/publishing/edition.ts';
import { scratchDirectory } from './templates.ts';

const SETTINGS = { sender: { name: 'Shop', address: 'hello@shop.test' }, replyTo: 'hello@shop.test' };
/** Nobody listens there, so that what is written down fails, and says so. */
const NOWHERE = 'http://127.0.0.1:1';

let directory: string;
let releaseId: string;
/** What the command has said before its end. */
let said: string[] = [];

beforeAll(async () => {
  directory = scratchDirectory();
  await mkdir(path.join(directory, 'bin'));
  await writeFile(path.join(directory, 'stages.json'), JSON.stringify({ shop: SETTINGS }));
  releaseId = (await compileEdition(path.join(PROJECT, 'shared/content'))).id;
});
afterEach(() => {
  said = [];
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Deploys with a CDK that ends well, after CloudFormation has told it of these outputs. */
async function deploying(outputs: unknown, ...options: readonly string[]): Promise<string> {
  const cdk = path.join(directory, 'bin/npx');
  await writeFile(cdk, `#!/bin/sh\nfor last; do :; done\ncat >"$last" <<'END'\n${JSON.stringify(outputs)}\nEND\n`);
  await chmod(cdk, 0o755);
  const settings = {
    PERENNIAL_CONFIG: path.join(directory, 'stages.json'),
    PATH: `${path.join(directory, 'bin')}:${process.env['PATH'] ?? ''}`,
    AWS_ENDPOINT_URL: NOWHERE,
    AWS_REGION: 'eu-north-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_MAX_ATTEMPTS: '1',
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const { text, exitCode } = await deployCommand(options);
  expect(exitCode).toBe(0);
  return text;
}

const having = (id: string) => ({ 'PerennialPipeline-shop': { IntakeUrl: 'https://x.test/', Release: id } });

describe('what a deployment brought', () => {
  it('is written down when CloudFormation has it', async () => {
    expect(await deploying(having(releaseId))).toMatch(/^Deployed\.\nWhat was deployed could not be written down/u);
    expect(said.join('')).toContain(
      'Whether this brings other rules for the stages than those that are live could not be told',
    );
  });

  it.each([
    ['another release is there', having('r-before'), 'has the release r-before and not'],
    ['nothing is there yet', {}, 'has no release and not'],
  ])('is not written down when %s', async (_what, outputs, expected) => {
    const text = await deploying(outputs);
    expect(text).toContain(expected);
    expect(text).toContain('nothing was written down');
    expect(text).not.toContain('Deployed');
  });

  it('is nothing when it was only prepared, be its content there already', async () => {
    const text = await deploying(having(releaseId), '--method=prepare-change-set');
    expect(text).toBe('Prepared: nothing runs that did not run before.');
  });
});

it.each([
  [['--method=prepare-change-set'], true],
  [['--verbose', '--method', 'prepare-change-set'], true],
  [['-m', 'prepare-change-set'], true],
  [['--no-execute'], true],
  [['--execute=false'], true],
  [['--method=change-set'], false],
  [['--parameters', 'x=prepare-change-set'], false],
  [[], false],
])('%j only prepares a change: %s', (options, expected) => {
  expect(isPreparation(options)).toBe(expected);
});
