/** What the guide says to type exists, and what it shows is valid. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';
import { isProduction } from '../../infra/config.ts';
import { commandsOfDeployGuide, readDeployGuide, settingsOfDeployGuide } from './deploy.ts';

const guide = await readDeployGuide();
const commands = await commandsOfDeployGuide();
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8')));
const workflow = await readFile(path.join(PROJECT, '.github/workflows/deploy.yml'), 'utf8');

describe('the guide', () => {
  it('names commands of the project that there are', () => {
    const named = commands.flatMap((each) => /^npm run ([a-z:-]+)/u.exec(each)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(10);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  it('names nothing but commands we know, about the stage that was set', () => {
    for (const each of commands) {
      expect(each).toMatch(
        /^(?:npm (?:ci|test|run) ?|npx cdk (?:bootstrap|import) |aws |export [A-Z_]+=|sed |for \w+ in [a-z ]+; do aws )/u,
      );
    }
    const ours = commands.filter((each) => /^npm run (?!doctor -- --stage prod)/u.test(each));
    for (const each of ours) expect(each).toMatch(/--stage (?:"\$STAGE"|dev)/u);
  });

  it('shows settings that are valid, with production marked', async () => {
    const settings = await settingsOfDeployGuide();
    expect(settings.map(({ stage, existing }) => [stage, existing.length])).toEqual([
      ['dev', 0],
      ['dev', 3],
      ['prod', 0],
      ['prod', 3],
    ]);
    expect(settings.filter(isProduction).map(({ stage }) => stage)).toEqual(['prod', 'prod']);
  });

  it('leads to files and headings that there are', async () => {
    const links = [...guide.matchAll(/\]\((?<file>[^)#:]+)(?:#(?<anchor>[^)]+))?\)/gu)];
    expect(links.length).toBeGreaterThan(8);
    for (const { groups } of links) {
      const text = await readFile(path.join(PROJECT, 'docs', groups?.['file'] ?? ''), 'utf8');
      const anchors = [...text.matchAll(/^#+ (.+)$/gmu)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/gu, '')
          .replaceAll(' ', '-'),
      );
      expect([undefined, ...anchors]).toContain(groups?.['anchor']);
    }
  });

  it('is in the shell language throughout', () => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: commands.join('\n') });
    expect(String(stderr)).toBe('');
    expect(status).toBe(0);
  });
});

describe('the workflow', () => {
  it('runs no action that could change under it', () => {
    const actions = [...workflow.matchAll(/uses: (.+)$/gmu)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(3);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/u);
  });

  it('gives its jobs only what they ask for, and a token for AWS to the deployment alone', () => {
    expect(workflow).toMatch(/^permissions: \{\}$/mu);
    const [before = '', deploy = ''] = workflow.split('\n  deploy:\n');
    expect(before).not.toContain('id-token');
    expect(deploy).toContain('id-token: write');
    expect(workflow).not.toMatch(/contents: write|secrets\.|pull_request_target/u);
  });

  it('puts no value from outside into a command', () => {
    for (const [line] of workflow.matchAll(/run: .+$/gmu)) expect(line).not.toContain('${{');
  });

  it('runs commands that there are', () => {
    const named = [...workflow.matchAll(/npm run ([a-z:-]+)/gu)].map(([, name]) => name);
    expect(named).toEqual(['synth', 'synth', 'deploy']);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });
});
