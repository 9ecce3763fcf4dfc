import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  configurationSetOf,
  defaultStage,
  identityOf,
  InvalidConfig,
  isSample,
  mailFromOf,
  parseConfig,
  stageConfig,
  stageNames,
} from '../../infra/config.ts';
import { productionConfig } from '../../infra/target.ts';

const minimal = {
  stage: 'trial',
  sender: { name: 'Shop', address: 'hello@shop.example.com' },
  replyTo: 'help@shop.example.com',
};

describe('the deployment config', () => {
  it('sends nothing, leaves half the quota free, holds out a twentieth, tracks nobody and keeps data unless told otherwise', () => {
    expect(parseConfig(minimal)).toEqual({
      ...minimal,
      busName: 'customers',
      existing: [],
      sending: 'shadow',
      allowList: [],
      holdout: { share: 0.05, salt: 'perennial' },
      quotaShare: 0.5,
      sesEvents: ['send', 'delivery', 'bounce', 'complaint', 'reject'],
      sendConcurrency: 2,
      intakeRate: 25,
      logRetentionDays: 30,
      removal: 'retain',
      alarms: {},
      runbookBase: 'docs/runbook.md',
    });
  });

  it('raises a warm-up by half each day unless told otherwise', () => {
    expect(parseConfig({ ...minimal, warmUp: { firstDay: 200 } }).warmUp).toEqual({ firstDay: 200, factor: 1.5 });
  });

  it.each(['https://mail.example.com/', 'https://Shop.example.com:8443/mail/v1/'])(
    'lets links begin with %s',
    (linkBase) => {
      expect(parseConfig({ ...minimal, linkBase }).linkBase).toBe(linkBase);
    },
  );

  it.each<[path: string, settings: Record<string, unknown>]>([
    ['stage', { stage: 'Prod_1' }],
    ['account', { account: '12345' }],
    ['region', { region: 'Stockholm' }],
    ['busName', { busName: 'default' }],
    ['busName', { busName: 'two words' }],
    ['sender', { sender: undefined }],
    ['sender.name', { sender: { ...minimal.sender, name: 'Shop <b@d>' } }],
    ['sender.name', { sender: { ...minimal.sender, name: 'Shop\r\nBcc' } }],
    ['sender.address', { sender: { ...minimal.sender, address: 'hello' } }],
    ['replyTo', { replyTo: 'help' }],
    ['sending', { sending: 'on' }],
    ['allowList', { sending: 'allow-list' }],
    ['allowList.1', { sending: 'allow-list', allowList: ['a@example.com', 'b'] }],
    ['holdout.share', { holdout: { share: 5 } }],
    ['holdout.salt', { holdout: { salt: '' } }],
    ['quotaShare', { quotaShare: 0.01 }],
    ['quotaShare', { quotaShare: 1.1 }],
    ['warmUp.firstDay', { warmUp: { firstDay: 0 } }],
    ['warmUp.firstDay', { warmUp: { factor: 1.5 } }],
    ['warmUp.factor', { warmUp: { firstDay: 100, factor: 1 } }],
    ['warmUp.factor', { warmUp: { firstDay: 100, factor: 3 } }],
    ['linkBase', { linkBase: 'http://mail.example.com/' }],
    ['linkBase', { linkBase: 'https://mail.example.com' }],
    ['linkBase', { linkBase: 'https://mail.example.com/?page=' }],
    ['linkBase', { linkBase: 'https://mail.example.com/ ' }],
    ['linkBase', { linkBase: `https://mail.example.com/${'a'.repeat(100)}/` }],
    ['sesEvents', { sesEvents: ['send', 'bounce'] }],
    ['sesEvents', { sesEvents: ['bounce', 'complaint', 'bounce'] }],
    ['sesEvents.2', { sesEvents: ['bounce', 'complaint', 'sent'] }],
    ['sendConcurrency', { sendConcurrency: 1 }],
    ['pagesConcurrency', { pagesConcurrency: 0 }],
    ['logRetentionDays', { logRetentionDays: 31 }],
    ['removal', { removal: 'keep' }],
    ['alarms.address', { alarms: { address: 'ops' } }],
    ['identity', { identity: 'Shop.example.com' }],
    ['identity', { identity: 'hello@shop.example.com' }],
    ['identity', { identity: 'op.example.com' }],
    ['mailFrom', { mailFrom: 'bounces.shop.example.com' }],
    ['mailFrom', { mailFrom: 'bounces', existing: ['identity'] }],
    ['configurationSet', { configurationSet: 'two words' }],
    ['configurationSet', { existing: ['configurationSet'] }],
    ['existing', { existing: ['bus', 'bus'] }],
    ['existing.0', { existing: ['table'] }],
    ['runbookBase', { runbookBase: 'docs/runbook.md#top' }],
    ['(top level)', { bussName: 'customers' }],
  ])('names the path %s of what is wrong in %j', (path, settings) => {
    const parse = () => parseConfig({ ...minimal, ...settings });

    expect(parse).toThrow(InvalidConfig);
    expect(parse).toThrow(`\n  ${path}: `);
  });

  it.each([
    [{ quotaShare: 0 }, /quotaShare: .*0\.05/],
    [{ linkBase: 'mail.example.com' }, /linkBase: .*https URL that ends with a slash/],
    [{ warmUp: { firstDay: 10, factor: 9 } }, /warmUp\.factor: .*2/],
    [{ sesEvents: ['send'] }, /sesEvents: at least bounce and complaint/],
  ])('says of %j what was expected', (settings, expectation) => {
    expect(() => parseConfig({ ...minimal, ...settings })).toThrow(expectation);
  });
});

describe('what SES knows a deployment by', () => {
  it('is the domain of the sender, and bounces go to a label in front of it', () => {
    const config = parseConfig(minimal);
    expect([identityOf(config), mailFromOf(config), configurationSetOf(config)]).toEqual([
      'shop.example.com',
      'bounces.shop.example.com',
      'perennial-trial',
    ]);
  });

  it('is what the settings name, where they name it', () => {
    const config = parseConfig({
      ...minimal,
      identity: 'example.com',
      mailFrom: 'returns',
      configurationSet: 'all-mail',
    });
    expect([identityOf(config), mailFromOf(config), configurationSetOf(config)]).toEqual([
      'example.com',
      'returns.example.com',
      'all-mail',
    ]);
  });

  it('leaves bounces to whoever made an identity that was there before', () => {
    expect(mailFromOf(parseConfig({ ...minimal, existing: ['identity'] }))).toBeUndefined();
  });
});

it.each([
  ['hello@shop.example.com', true],
  ['example.org', true],
  ['shop.example', true],
  ['hello@kettle.se', false],
  ['myexample.com', false],
])('%s belonging to nobody is %s', (address, sample) => {
  expect(isSample(address)).toBe(sample);
});

describe('the file of the stages', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'perennial-config-'));
    file = join(directory, 'stages.json');
    vi.stubEnv('PERENNIAL_CONFIG', file);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });
  const { stage: _, ...settings } = minimal;
  const holding = (stages: unknown) => writeFile(file, JSON.stringify(stages));

  it('may be another one, with stages of any name', async () => {
    await holding({ trial: settings, 'shop-2': { ...settings, busName: 'shop-2' } });

    expect(stageNames()).toEqual(['trial', 'shop-2']);
    expect(stageConfig('trial')).toEqual(parseConfig(minimal));
    expect(stageConfig('shop-2')).toMatchObject({ stage: 'shop-2', busName: 'shop-2' });
  });

  it('is named by what is wrong in it, with the whole path', async () => {
    await holding({ trial: { ...settings, replyTo: 'help' }, Odd: settings });

    expect(() => stageConfig('trial')).toThrow('\n  stages.json: trial.replyTo: ');
    expect(() => stageConfig('Odd')).toThrow('\n  stages.json: Odd.stage: lower-case');
    expect(() => stageConfig('other')).toThrow('stage: no stage "other"; stages.json describes trial, Odd');
  });

  it('names each stage once', async () => {
    await holding({ trial: minimal });

    expect(() => stageConfig('trial')).toThrow('stages.json: trial.stage: ');
  });

  it('is told from no file, from what is no JSON and from something else', async () => {
    expect(() => stageConfig('trial')).toThrow(/stages\.json cannot be read: ENOENT/);
    await writeFile(file, '{ "trial": ');
    expect(() => stageConfig('trial')).toThrow(/stages\.json cannot be read: .*JSON/);
    await holding({ trial: 'live' });
    expect(() => stageConfig('trial')).toThrow(/stages\.json is to hold an object.*\n {2}trial: /);
    await holding([]);
    expect(() => stageConfig('trial')).toThrow(InvalidConfig);
  });

  it('may leave the stage unsaid where there is one, or one named dev', async () => {
    await holding({ trial: settings });
    expect(defaultStage()).toBe('trial');
    await holding({ trial: settings, dev: settings });
    expect(defaultStage()).toBe('dev');
    await holding({ trial: settings, 'shop-2': settings });
    expect(defaultStage).toThrow('stage: expected the name of one: trial, shop-2');
  });

  it('says behind which stage real people are: the one that is live, unless another is named', async () => {
    await holding({ trial: settings, shop: { ...settings, sending: 'live' } });
    expect(productionConfig().stage).toBe('shop');
    await holding({
      trial: { ...settings, production: true },
      shop: { ...settings, sending: 'live', production: false },
    });
    expect(productionConfig().stage).toBe('trial');
    await holding({ trial: settings, shop: settings });
    expect(productionConfig().stage).toBe('shop');
  });

  it('has no say on a laptop', async () => {
    await holding({ local: { ...settings, sending: 'off' } });

    expect(stageConfig('local').sending).toBe('live');
  });
});

describe('the stages', () => {
  it('show every mail on a laptop', () => {
    expect(stageConfig('local')).toMatchObject({ sending: 'live', holdout: { share: 0 }, quotaShare: 1 });
  });

  it.each(['staging', 'constructor'])('refuse the unknown name %s and list the known ones', (name) => {
    expect(() => stageConfig(name)).toThrow(`stage: no stage "${name}"; perennial.config.json describes dev, prod`);
  });
});
