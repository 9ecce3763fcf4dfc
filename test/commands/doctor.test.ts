/** The commands around a deployment, typed as the guide has them: looking, the smoke test, and what is refused. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SECOND } from '../../shared/lifecycle/time.ts';
import { commandsOfDeployGuide } from '../docs/deploy.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { type Ran, run, runWith } from './run.ts';

/** Between two leaps of the clock: some requests of a command. */
const TURN_MS = 100;

let shop: Shop;
let directory: string;

beforeAll(async () => {
  shop = await openShop();
  directory = await mkdtemp(path.join(tmpdir(), 'doctor-'));
});
afterAll(async () => {
  await shop.close();
  await rm(directory, { recursive: true });
});

const twin = () => `--endpoint=${shop.twin.endpoint}`;
const findingsIn = (text: string) =>
  z.array(z.looseObject({ about: z.string(), verdict: z.string(), found: z.string() })).parse(JSON.parse(text));

/** Runs the smoke test while the shop's clock goes on. */
async function smoke(): Promise<Ran> {
  const ran = run('smoke', twin());
  const over = ran.then(() => true);
  do await shop.wait(SECOND);
  while (
    // The clock of the shop leaps; the command needs its turn to be answered.
    !(await Promise.race([over, sleep(TURN_MS, false)]))
  );
  return ran;
}

describe('the smoke test', () => {
  it('sends three customers the whole way, and leaves none', async () => {
    const { code, out, err } = await smoke();

    expect([code, err]).toEqual([0, expect.stringContaining('3 of 3 customers through')]);
    for (const [mailbox, fate] of [
      ['success', 'delivered'],
      ['bounce', 'bounced'],
      ['complaint', 'complained'],
    ] as const)
      expect(out).toMatch(new RegExp(`^ok +${mailbox} +stage lead, message sent, ${fate} `, 'mu'));
    expect(out).toContain('The customers are erased.');
    const kept = (await shop.items()).filter((item) => JSON.stringify(item).includes('simulator.amazonses.com'));
    expect(kept).toEqual([]);
  });
});

describe('the doctor', () => {
  it('finds a twin that runs in order', async () => {
    const { code, out } = await run('doctor', twin(), '--json');

    expect(code).toBe(0);
    expect(findingsIn(out).map(({ about, verdict }) => `${verdict} ${about}`)).toEqual([
      'ok twin',
      'ok tables',
      'ok bus',
      'ok SES',
    ]);
  });

  it('says without credentials what can be said without them', async () => {
    const nobody = {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_PROFILE: '',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: 'eu-north-1',
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    };
    const { code, out } = await runWith(nobody, 'doctor', '--stage', 'prod');

    expect(code).toBe(1);
    expect(out).toMatch(/^problem +sender /mu);
    expect(out).toMatch(/^problem +credentials /mu);
    const records = await runWith(nobody, 'doctor', '--stage', 'prod', '--records');
    expect(records.code).toBe(0);
    expect(records.out).toMatch(/^_dmarc\.shop\.example\.com\. \d+ IN TXT "v=DMARC1;/mu);
    const nowhere = await runWith({ ...nobody, AWS_REGION: '' }, 'doctor', '--stage', 'prod', '--records');
    expect([nowhere.code, nowhere.out]).toEqual([2, '']);
    expect(nowhere.err).toContain('set prod.region in perennial.config.json, or AWS_REGION');
  });

  it.each([
    [['--records'], /--records expects --stage/],
    [['--stage', 'nowhere'], /no stage "nowhere"; perennial\.config\.json describes dev, prod/],
    [['prod'], /expected options only, found "prod"/],
  ])('refuses %j', async (args, expected) => {
    const { code, err } = await run('doctor', ...args);
    expect(code).toBe(2);
    expect(err).toMatch(expected);
  });
});

describe('deploying', () => {
  const settings = { sender: { name: 'Shop', address: 'hello@shop.test' }, replyTo: 'hello@shop.test' };

  it.each([
    [['--stage', 'dev'], /dev\.sender\.address: hello@shop\.example\.com belongs to nobody/],
    [['-c', 'stage=prod'], /prod\.sender\.address: /],
    [['--context=stage=nowhere'], /no stage "nowhere"/],
    [['--stage=local'], /npm start runs it/],
    [['--stage'], /expected a value after --stage/],
  ])('is refused before anything is built with %j', async (args, expected) => {
    const { code, out, err } = await run('deploy', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(expected);
  });

  it('names what is wrong in the settings', async () => {
    const file = path.join(directory, 'stages.json');
    await writeFile(file, JSON.stringify({ dev: { ...settings, sending: 'on' } }));
    const { code, err } = await runWith({ PERENNIAL_CONFIG: file }, 'deploy', '--stage', 'dev');
    expect(code).toBe(2);
    expect(err).toContain('stages.json: dev.sending: ');
  });
});

const hasAws = spawnSync('aws', ['--version']).status === 0;
if (!hasAws) process.stderr.write('SKIPPED: the commands of AWS, because aws is not installed\n');
/** A loop holds several commands; its body is what is tried. Waiting has no dry run. */
const ofAws = (await commandsOfDeployGuide())
  .map((each) => /do (aws .*); done$/u.exec(each)?.[1] ?? each)
  .filter((each) => each.startsWith('aws ') && !each.includes(' wait '));

describe.skipIf(!hasAws)("the guide's commands of AWS (skipped where aws is not installed)", () => {
  // Without calling anybody, the command line checks name and options; what is asked comes back as a form.
  it.each(ofAws)('%s', (command) => {
    const given = command.replaceAll('$(cat use-case.txt)', 'because').replaceAll(/file:\/\/\S+/gu, '{}');
    const { status, stderr } = spawnSync('bash', ['-c', `${given} --generate-cli-skeleton input`], {
      env: {
        ...process.env,
        STAGE: 'prod',
        ACCOUNT: '222222222222',
        AWS_DEFAULT_REGION: 'eu-north-1',
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'any',
        AWS_PAGER: '',
        table: 'content',
        secret: 'links',
      },
    });
    expect([status, String(stderr)]).toEqual([0, '']);
  });
});
