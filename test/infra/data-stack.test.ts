import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parseConfig, SES_EVENTS, stageConfig } from '../../infra/config.ts';
import { DUE_INDEX, PROFILES_INDEX, TABLE } from '../../shared/contracts/table.ts';
import { onlyOf, resourcesOf, resourceWith, statementsOf, type Templates, templatesOf } from './templates.ts';

vi.stubEnv('CDK_VALIDATION', 'false');

let prod: Templates;
let dev: Templates;

beforeAll(async () => {
  [prod, dev] = await Promise.all([templatesOf(stageConfig('prod')), templatesOf(stageConfig('dev'))]);
});

const tableOf = ({ data }: Templates, name: string) =>
  resourceWith(data, 'AWS::DynamoDB::GlobalTable', 'TableName', `perennial-${name}`);

describe('what survives deployments', () => {
  it.each([
    ['AWS::Events::EventBus', 'BusEA82B648'],
    ['AWS::Events::Archive', 'Archive4DBC1EC9'],
    ['AWS::SES::EmailIdentity', 'SenderF5F9B8E0'],
    ['AWS::SES::ConfigurationSet', 'ConfigurationSet3DD38186'],
    ['AWS::SES::ConfigurationSetEventDestination', 'ConfigurationSetReportsC1FF26B4'],
  ])('%s keeps its logical id, because another one would replace it', (type, id) => {
    expect(onlyOf(prod.data, type).id).toBe(id);
  });

  it.each([
    ['customers', 'Customers6955EA0A'],
    ['content', 'Content88381566'],
  ])('the table %s keeps its logical id, and outlives its stack in production', (name, id) => {
    expect(tableOf(prod, `prod-${name}`)).toMatchObject({ id, fates: ['Retain', 'Retain'] });
    expect(tableOf(dev, `dev-${name}`)).toMatchObject({ id, fates: ['Delete', 'Delete'] });
  });

  it.each([
    ['addresses', 'AddressSecret5538F211'],
    ['links', 'LinkSecret6774D112'],
    ['intake', 'IntakeSecret072F311E'],
  ])('the key %s keeps its logical id, name and value', (name, id) => {
    const secret = (stage: Templates, config: string) =>
      resourceWith(stage.data, 'AWS::SecretsManager::Secret', 'Name', `perennial-${config}-${name}`);

    expect(secret(prod, 'prod')).toMatchObject({ id, fates: ['Retain', 'Retain'] });
    expect(secret(dev, 'dev')).toMatchObject({ id, fates: ['Delete', 'Delete'] });
  });

  it.each(['AWS::Events::EventBus', 'AWS::Events::Archive', 'AWS::SES::EmailIdentity'])(
    '%s outlives its stack in production and goes with it in development',
    (type) => {
      expect(onlyOf(prod.data, type).fates).toEqual(['Retain', 'Retain']);
      expect(onlyOf(dev.data, type).fates).toEqual(['Delete', 'Delete']);
    },
  );
});

describe.each(['customers', 'content'])('the table of the %s', (name) => {
  it.each([
    ['production', true],
    ['development', false],
  ])('can be restored to any second; in %s, protected from deletion is %s', (stage, protectedFromDeletion) => {
    const table = stage === 'production' ? tableOf(prod, `prod-${name}`) : tableOf(dev, `dev-${name}`);
    expect(table.properties).toMatchObject({
      Replicas: [
        {
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: protectedFromDeletion,
        },
      ],
    });
  });

  it('costs nothing while nobody asks it, and has the keys the functions read and write', () => {
    expect(tableOf(prod, `prod-${name}`).properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: TABLE.partitionKey, KeyType: 'HASH' },
        { AttributeName: TABLE.sortKey, KeyType: 'RANGE' },
      ],
    });
  });
});

describe('the customers table', () => {
  it('is encrypted with a key whose use shows in the trail', () => {
    expect(tableOf(prod, 'prod-customers').properties).toMatchObject({
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    });
  });

  it('has the layout the functions read and write', () => {
    expect(tableOf(prod, 'prod-customers').properties).toMatchObject({
      TableName: 'perennial-prod-customers',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: TABLE.partitionKey, KeyType: 'HASH' },
        { AttributeName: TABLE.sortKey, KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: TABLE.partitionKey, AttributeType: 'S' },
        { AttributeName: TABLE.sortKey, AttributeType: 'S' },
        { AttributeName: DUE_INDEX.partitionKey, AttributeType: 'N' },
        { AttributeName: DUE_INDEX.sortKey, AttributeType: 'N' },
        { AttributeName: PROFILES_INDEX.partitionKey, AttributeType: 'S' },
      ],
      TimeToLiveSpecification: { AttributeName: TABLE.expiresAt, Enabled: true },
      GlobalSecondaryIndexes: [
        {
          IndexName: DUE_INDEX.name,
          KeySchema: [
            { AttributeName: DUE_INDEX.partitionKey, KeyType: 'HASH' },
            { AttributeName: DUE_INDEX.sortKey, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        {
          IndexName: PROFILES_INDEX.name,
          KeySchema: [
            { AttributeName: PROFILES_INDEX.partitionKey, KeyType: 'HASH' },
            { AttributeName: PROFILES_INDEX.sortKey, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
  });
});

it.each([
  ['addresses', 43],
  ['links', 43],
  // In fours they are base64, too.
  ['intake', 44],
])('the key %s is drawn by AWS, long enough for HMAC-SHA256 and fit for a shell', (name, PasswordLength) => {
  const { properties } = resourceWith(prod.data, 'AWS::SecretsManager::Secret', 'Name', `perennial-prod-${name}`);

  expect(properties).toMatchObject({ GenerateSecretString: { PasswordLength, ExcludePunctuation: true } });
  // The account's key for Secrets Manager: a key of our own would cost a dollar a month and need grants.
  expect(properties).not.toHaveProperty('KmsKeyId');
  expect(properties).not.toHaveProperty('SecretString');
});

const reports = ({ data }: Templates) => onlyOf(data, 'AWS::SES::ConfigurationSetEventDestination').properties;

describe('what SES reports', () => {
  it('goes to the default bus of the account, from our configuration set', () => {
    expect(reports(prod)).toMatchObject({
      ConfigurationSetName: { Ref: 'ConfigurationSet3DD38186' },
      EventDestination: { Enabled: true },
    });
    expect(JSON.stringify(reports(prod)['EventDestination'])).toMatch(/:event-bus\/default"/);
  });

  it('is neither opening nor clicking, unless the config asks for it', async () => {
    expect(reports(prod)).toMatchObject({
      EventDestination: { MatchingEventTypes: ['send', 'delivery', 'bounce', 'complaint', 'reject'] },
    });

    const everything = await templatesOf(parseConfig({ ...stageConfig('dev'), sesEvents: SES_EVENTS }));
    expect(reports(everything)).toMatchObject({ EventDestination: { MatchingEventTypes: SES_EVENTS } });
  });
});

it('the archive keeps for 30 days what the intake takes in, and nothing of what we concluded', () => {
  expect(onlyOf(prod.data, 'AWS::Events::Archive').properties).toMatchObject({
    ArchiveName: 'perennial-prod-events',
    EventPattern: { source: [{ 'anything-but': ['perennial'] }] },
    RetentionDays: 30,
  });
});

describe('what is there already', () => {
  const existing = ['bus', 'identity', 'configurationSet'];
  let used: Templates;

  beforeAll(async () => {
    const configurationSet = 'all-mail';
    used = await templatesOf(parseConfig({ ...stageConfig('prod'), busName: 'shop', configurationSet, existing }));
  });

  it('is neither made nor deleted', () => {
    for (const type of ['AWS::Events::EventBus', 'AWS::SES::EmailIdentity', 'AWS::SES::ConfigurationSet'])
      expect(resourcesOf(used.data, type)).toEqual([]);
  });

  it('is used by its name', () => {
    const rules = resourcesOf(used.pipeline, 'AWS::Events::Rule').map(({ properties }) => properties['EventBusName']);
    expect(rules).toContain('shop');
    expect(JSON.stringify(statementsOf(used.pipeline, 'perennial-prod-record'))).toContain(':event-bus/shop"');
    const { properties: send } = resourceWith(
      used.pipeline,
      'AWS::Lambda::Function',
      'FunctionName',
      'perennial-prod-send',
    );
    expect(send).toMatchObject({ Environment: { Variables: { CONFIGURATION_SET: 'all-mail' } } });
  });

  it('still reports to us, and its events are archived', () => {
    expect(reports(used)).toMatchObject({ ConfigurationSetName: 'all-mail' });
    expect(reports(used)['EventDestination']).toMatchObject({
      Name: 'perennial-prod',
      MatchingEventTypes: ['send', 'delivery', 'bounce', 'complaint', 'reject'],
    });
    expect(JSON.stringify(onlyOf(used.data, 'AWS::Events::Archive').properties['SourceArn'])).toContain(
      ':event-bus/shop"',
    );
  });
});

it('bounces return to a domain of the shop, and mail goes out even while its records are missing', () => {
  expect(onlyOf(prod.data, 'AWS::SES::EmailIdentity').properties).toMatchObject({
    MailFromAttributes: { MailFromDomain: 'bounces.shop.example.com', BehaviorOnMxFailure: 'USE_DEFAULT_VALUE' },
  });
});

it('the bus has the configured name and the identity is the domain of the sender', () => {
  expect(onlyOf(prod.data, 'AWS::Events::EventBus').properties).toMatchObject({ Name: 'customers' });
  expect(onlyOf(prod.data, 'AWS::SES::EmailIdentity').properties).toMatchObject({ EmailIdentity: 'shop.example.com' });
});
