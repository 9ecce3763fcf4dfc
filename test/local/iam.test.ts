import { describe, expect, test } from 'vitest';
import { type AccessRequest, decide, readPolicy } from '../../infra/local/iam.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/customers';
const policy = (...Statement: unknown[]) => readPolicy({ Version: '2012-10-17', Statement }, 'policy');
const verdict = (statement: object, request: Partial<AccessRequest> = {}) =>
  decide(policy({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE, ...statement }), {
    action: 'dynamodb:GetItem',
    resource: TABLE,
    ...request,
  });

describe('actions and resources', () => {
  test.each([
    ['the action and the resource', {}, {}, 'allowed'],
    ['another action', {}, { action: 'dynamodb:PutItem' }, 'not allowed'],
    ['another resource', {}, { resource: `${TABLE}2` }, 'not allowed'],
    ['an action in another case', { Action: 'DYNAMODB:getitem' }, {}, 'allowed'],
    ['one of several actions', { Action: ['dynamodb:Query', 'dynamodb:GetItem'] }, {}, 'allowed'],
    ['a star in the action', { Action: 'dynamodb:Get*' }, {}, 'allowed'],
    ['a star in the resource', { Resource: `${TABLE}/index/*` }, { resource: `${TABLE}/index/due` }, 'allowed'],
    ['an index without a grant', {}, { resource: `${TABLE}/index/due` }, 'not allowed'],
    ['a question mark', { Resource: 'arn:aws:s?s:x' }, { resource: 'arn:aws:sqs:x' }, 'allowed'],
    ['a dot is a dot', { Resource: 'a.c' }, { resource: 'abc' }, 'not allowed'],
  ])('%s', (_name, statement, request, expected) => {
    expect(verdict(statement, request)).toBe(expected);
  });

  test('an explicit deny beats every allow', () => {
    const statements = policy(
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 'dynamodb:DeleteItem', Resource: '*' },
      { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' },
    );
    expect(decide(statements, { action: 'dynamodb:DeleteItem', resource: TABLE })).toBe('denied explicitly');
    expect(decide(statements, { action: 'dynamodb:PutItem', resource: TABLE })).toBe('allowed');
  });
});

const from = (address: string) => ({ context: { 'ses:FromAddress': address } });

const to = (...recipients: string[]) => ({ context: { 'ses:Recipients': recipients } });

describe('conditions', () => {
  test.each([
    ['StringEquals', { StringEquals: { 'ses:FromAddress': 'a@x' } }, from('a@x'), 'allowed'],
    ['StringEquals, other value', { StringEquals: { 'ses:FromAddress': 'a@x' } }, from('b@x'), 'not allowed'],
    ['StringEquals, key in another case', { StringEquals: { 'SES:fromaddress': 'a@x' } }, from('a@x'), 'allowed'],
    ['StringEquals, no value', { StringEquals: { 'ses:FromAddress': 'a@x' } }, {}, 'not allowed'],
    ['StringEqualsIfExists, no value', { StringEqualsIfExists: { 'ses:FromAddress': 'a@x' } }, {}, 'allowed'],
    ['StringNotEquals', { StringNotEquals: { 'ses:FromAddress': ['a@x', 'b@x'] } }, from('b@x'), 'not allowed'],
    ['StringNotEquals, other value', { StringNotEquals: { 'ses:FromAddress': ['a@x'] } }, from('c@x'), 'allowed'],
    ['StringLike', { StringLike: { 'ses:FromAddress': '*@x' } }, from('b@x'), 'allowed'],
    ['StringLike takes dots as dots', { StringLike: { 'ses:FromAddress': '*@x.y' } }, from('b@xzy'), 'not allowed'],
    [
      'ArnLike',
      { ArnLike: { 'aws:SourceArn': 'arn:*:rule/x' } },
      { context: { 'aws:SourceArn': 'arn:aws:rule/x' } },
      'allowed',
    ],
    [
      'Bool from a boolean',
      { Bool: { 'aws:SecureTransport': false } },
      { context: { 'aws:SecureTransport': 'true' } },
      'not allowed',
    ],
    ['ForAllValues, all', { 'ForAllValues:StringEquals': { 'ses:Recipients': ['a', 'b'] } }, to('a', 'b'), 'allowed'],
    [
      'ForAllValues, one is not',
      { 'ForAllValues:StringEquals': { 'ses:Recipients': ['a', 'b'] } },
      to('a', 'c'),
      'not allowed',
    ],
    [
      'ForAllValues on the keys of a table',
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['ADDRESS#*'] } },
      { context: { 'dynamodb:LeadingKeys': ['CUSTOMER#1'] } },
      'not allowed',
    ],
    ['ForAnyValue, one is', { 'ForAnyValue:StringLike': { 'ses:Recipients': ['a*'] } }, to('c', 'ab'), 'allowed'],
    ['ForAnyValue, none is', { 'ForAnyValue:StringLike': { 'ses:Recipients': ['a*'] } }, to('c'), 'not allowed'],
    [
      'two conditions, one fails',
      { StringEquals: { 'ses:FromAddress': 'a@x' }, Bool: { 'aws:SecureTransport': 'true' } },
      from('a@x'),
      'not allowed',
    ],
  ])('%s', (_name, Condition, request, expected) => {
    expect(verdict({ Condition }, request)).toBe(expected);
  });
});

const admitting = (Principal: unknown) =>
  policy({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'q', Principal });

describe('principals of a resource policy', () => {
  const events = { kind: 'Service', name: 'events.amazonaws.com' } as const;
  const request = { action: 'sqs:SendMessage', resource: 'q' };
  test('the named service and everybody are admitted, others are not', () => {
    expect(decide(admitting({ Service: 'events.amazonaws.com' }), request, events)).toBe('allowed');
    expect(decide(admitting('*'), request, events)).toBe('allowed');
    expect(decide(admitting({ Service: 'sns.amazonaws.com' }), request, events)).toBe('not allowed');
    expect(decide(admitting({ AWS: '*' }), request, events)).toBe('not allowed');
  });
});

describe('refused when the policy is read', () => {
  test.each([
    ['an operator', { Condition: { NumericEquals: { 'aws:SourceArn': '1' } } }, 'NumericEquals'],
    ['a quantified operator', { Condition: { 'ForAllValues:DateEquals': { 'aws:SourceArn': '1' } } }, 'DateEquals'],
    ['a condition key', { Condition: { StringEquals: { 'aws:username': 'x' } } }, 'aws:username'],
    ['an element', { NotAction: 'x' }, 'NotAction'],
  ])('%s that is not emulated', (_name, statement, named) => {
    expect(() => verdict(statement)).toThrow(named);
  });
});
