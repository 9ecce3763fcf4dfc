import { describe, expect, test } from 'vitest';
import type { Stack, Template } from '../../infra/local/assembly.ts';
import { Resolver, type Surroundings } from '../../infra/local/resolve.ts';

const around = (): Surroundings => ({
  region: 'eu-north-1',
  account: '123456789012',
  endpoint: 'http://127.0.0.1:4580',
  exports: new Map(),
});

function stack(resources: Template['Resources'], outputs: Template['Outputs'] = {}): Stack {
  const Parameters = { BootstrapVersion: { Default: '/cdk/version' }, Needed: {} };
  const template = { Parameters, Resources: resources, Outputs: outputs };
  return { name: 'Shop', template, region: undefined, account: undefined, assets: new Map() };
}

const resources: Template['Resources'] = {
  Queue: {
    Type: 'AWS::SQS::Queue',
    Properties: { QueueName: { 'Fn::Join': ['-', [{ Ref: 'AWS::StackName' }, 'q']] } },
  },
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'customers' } },
  Rule: { Type: 'AWS::Events::Rule', Properties: { EventBusName: { Ref: 'Bus' } } },
  Minute: { Type: 'AWS::Events::Rule', Properties: {} },
  Table: { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} },
};
const resolved = (value: unknown): unknown => new Resolver(stack(resources), around()).resolve(value, 'Test');

describe('intrinsics', () => {
  test.each([
    ['Ref of a region', { Ref: 'AWS::Region' }, 'eu-north-1'],
    ['Ref of an account', { Ref: 'AWS::AccountId' }, '123456789012'],
    ['Ref of a parameter', { Ref: 'BootstrapVersion' }, '/cdk/version'],
    ['Ref of a queue is its URL', { Ref: 'Queue' }, 'http://127.0.0.1:4580/123456789012/Shop-q'],
    ['Ref of a resource without a name', { Ref: 'Table' }, 'Shop-Table'],
    ['GetAtt', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:eu-north-1:123456789012:Shop-q'],
    ['GetAtt with a dot', { 'Fn::GetAtt': 'Queue.QueueName' }, 'Shop-q'],
    [
      'ARN of a rule on a bus',
      { 'Fn::GetAtt': ['Rule', 'Arn'] },
      'arn:aws:events:eu-north-1:123456789012:rule/customers/Shop-Rule',
    ],
    [
      'ARN of a rule on the default bus',
      { 'Fn::GetAtt': ['Minute', 'Arn'] },
      'arn:aws:events:eu-north-1:123456789012:rule/Shop-Minute',
    ],
    ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'AWS::Partition' }]] }, 'a/aws'],
    ['Join of a list from another intrinsic', { 'Fn::Join': ['+', { 'Fn::Split': ['-', 'a-b'] }] }, 'a+b'],
    ['Sub', { 'Fn::Sub': 'x-${AWS::Region}-${Queue.QueueName}-${!kept}' }, 'x-eu-north-1-Shop-q-${kept}'],
    ['Sub with variables', { 'Fn::Sub': ['${A}-${Bus}', { A: { Ref: 'AWS::AccountId' } }] }, '123456789012-customers'],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['NoValue in an object and a list', { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
    ['deep inside', { a: [{ b: { c: { Ref: 'Bus' } } }] }, { a: [{ b: { c: 'customers' } }] }],
  ])('%s', (_name, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  test('a stack imports what an earlier one exports', () => {
    const surroundings = around();
    const outputs = {
      Out: { Value: { 'Fn::GetAtt': ['Bus', 'Arn'] }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Bus' } } },
    };
    new Resolver(stack(resources, outputs), surroundings).exportOutputs();
    const importing = new Resolver(stack({}), surroundings);
    expect(importing.resolve({ 'Fn::ImportValue': 'Shop:Bus' }, 'Test')).toBe(
      'arn:aws:events:eu-north-1:123456789012:event-bus/customers',
    );
  });

  test.each([
    ['an intrinsic', { 'Fn::Cidr': [] }, 'Fn::Cidr'],
    ['a resource', { Ref: 'Nobody' }, 'Nobody'],
    ['an attribute', { 'Fn::GetAtt': ['Queue', 'Colour'] }, 'Queue.Colour'],
    ['an export', { 'Fn::ImportValue': 'Other:Arn' }, 'Other:Arn'],
    ['a parameter without a default', { Ref: 'Needed' }, 'Needed'],
  ])('%s that is not known is named', (_name, value, named) => {
    expect(() => resolved(value)).toThrow(named);
  });
});
