import { describe, expect, it } from 'vitest';
import { InvalidConfig, parseConfig, stageConfig } from '../../infra/config.ts';

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
      sending: 'shadow',
      allowList: [],
      holdout: { share: 0.05, salt: 'perennial' },
      quotaShare: 0.5,
      sesEvents: ['send', 'delivery', 'bounce', 'complaint', 'reject'],
      sendConcurrency: 2,
      logRetentionDays: 30,
      removal: 'retain',
      alarms: {},
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

describe('the stages', () => {
  it('mail nobody on a first deployment', () => {
    expect([stageConfig('dev').sending, stageConfig('prod').sending]).toEqual(['shadow', 'shadow']);
  });

  it('keep customers in production only', () => {
    expect([stageConfig('dev').removal, stageConfig('prod').removal]).toEqual(['destroy', 'retain']);
  });

  it('show every mail on a laptop', () => {
    expect(stageConfig('local')).toMatchObject({ sending: 'live', holdout: { share: 0 }, quotaShare: 1 });
  });

  it.each(['staging', 'constructor'])('refuse the unknown name %s and list the known ones', (name) => {
    expect(() => stageConfig(name)).toThrow(`stage: no stage "${name}"; infra/config.ts describes dev, prod, local`);
  });
});
