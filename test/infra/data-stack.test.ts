import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parseConfig, stageConfig } from '../../infra/config.ts';
import { DUE_INDEX, TABLE } from '../../shared/contracts/table.ts';
import { onlyOf, resourceWith, type Templates, templatesOf } from './templates.ts';

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
    ['AWS::SES::EmailIdentity', 'SenderF5F9B8E0'],
    ['AWS::SES::ConfigurationSet', 'ConfigurationSet3DD38186'],
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
  ])('the key %s keeps its logical id, name and value', (name, id) => {
    const secret = (stage: Templates, config: string) =>
      resourceWith(stage.data, 'AWS::SecretsManager::Secret', 'Name', `perennial-${config}-${name}`);

    expect(secret(prod, 'prod')).toMatchObject({ id, fates: ['Retain', 'Retain'] });
    expect(secret(dev, 'dev')).toMatchObject({ id, fates: ['Delete', 'Delete'] });
  });

  it.each(['AWS::Events::EventBus', 'AWS::SES::EmailIdentity'])(
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
      ],
    });
  });
});

it.each(['addresses', 'links'])(
  'the key %s is drawn by AWS, long enough for HMAC-SHA256 and fit for a shell',
  (name) => {
    const { properties } = resourceWith(prod.data, 'AWS::SecretsManager::Secret', 'Name', `perennial-prod-${name}`);

    expect(properties).toMatchObject({ GenerateSecretString: { PasswordLength: 43, ExcludePunctuation: true } });
    // The account's key for Secrets Manager: a key of our own would cost a dollar a month and need grants.
    expect(properties).not.toHaveProperty('KmsKeyId');
    expect(properties).not.toHaveProperty('SecretString');
  },
);

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

    const sesEvents = [
      'send',
      'delivery',
      'deliveryDelay',
      'bounce',
      'complaint',
      'reject',
      'renderingFailure',
      'open',
      'click',
    ];
    const everything = await templatesOf(parseConfig({ ...stageConfig('dev'), sesEvents }));
    expect(reports(everything)).toMatchObject({ EventDestination: { MatchingEventTypes: sesEvents } });
  });
});

it('the bus has the configured name and the identity is the domain of the sender', () => {
  expect(onlyOf(prod.data, 'AWS::Events::EventBus').properties).toMatchObject({ Name: 'customers' });
  expect(onlyOf(prod.data, 'AWS::SES::EmailIdentity').properties).toMatchObject({ EmailIdentity: 'shop.example.com' });
});
