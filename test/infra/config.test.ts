import { describe, expect, it } from 'vitest';
import { InvalidConfig, parseConfig, stageConfig } from '../../infra/config.ts';

const minimal = {
  stage: 'trial',
  sender: { name: 'Shop', address: 'hello@shop.example.com' },
  replyTo: 'help@shop.example.com',
};

describe('the deployment config', () => {
  it('sends nothing, holds out a twentieth and keeps data unless told otherwise', () => {
    expect(parseConfig(minimal)).toEqual({
      ...minimal,
      busName: 'customers',
      sending: 'shadow',
      allowList: [],
      holdout: { share: 0.05, salt: 'perennial' },
      sendConcurrency: 2,
      logRetentionDays: 30,
      removal: 'retain',
      alarms: {},
    });
  });

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
    ['sendConcurrency', { sendConcurrency: 1 }],
    ['logRetentionDays', { logRetentionDays: 31 }],
    ['removal', { removal: 'keep' }],
    ['alarms.address', { alarms: { address: 'ops' } }],
    ['(top level)', { bussName: 'customers' }],
  ])('names the path %s of what is wrong in %j', (path, settings) => {
    const parse = () => parseConfig({ ...minimal, ...settings });

    expect(parse).toThrow(InvalidConfig);
    expect(parse).toThrow(`\n  ${path}: `);
  });
});

describe('the stages', () => {
  it('mail nobody on a first deployment', () => {
    expect([stageConfig('dev').sending, stageConfig('prod').sending]).toEqual(['shadow', 'shadow']);
  });

  it('keep customers in production only', () => {
    expect([stageConfig('dev').removal, stageConfig('prod').removal]).toEqual(['destroy', 'retain']);
  });

  it('show every mail on a laptop', () => {
    expect(stageConfig('local')).toMatchObject({ sending: 'live', holdout: { share: 0 } });
  });

  it.each(['staging', 'constructor'])('refuse the unknown name %s and list the known ones', (name) => {
    expect(() => stageConfig(name)).toThrow(`stage: no stage "${name}"; infra/config.ts describes dev, prod, local`);
  });
});
