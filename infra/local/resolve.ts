/**
 * Evaluates CloudFormation's intrinsic functions for one stack, with the physical names and ARNs that resources get
 * here. An intrinsic or attribute that is not known throws with its place, so that nothing is resolved by guess.
 */
import { createHash } from 'node:crypto';
import type { Stack } from './assembly.ts';
import { DeploymentRefused } from './errors.ts';
import { URL_ROOT } from './function-url.ts';

export interface Surroundings {
  readonly region: string;
  readonly account: string;
  /** Queue and function URLs begin with it. */
  readonly endpoint: string;
  /** Values that stacks deployed earlier export; this stack's are added. */
  readonly exports: Map<string, unknown>;
}

interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Which property holds the physical name. Types that are not listed are named after their logical id. */
const NAME_PROPERTY: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::Archive': 'ArchiveName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::SES::ConfigurationSet': 'Name',
  'AWS::SES::EmailIdentity': 'EmailIdentity',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
};

export class Resolver {
  readonly #stack: Stack;
  readonly #around: Surroundings;
  readonly #identities = new Map<string, Identity>();

  constructor(stack: Stack, around: Surroundings) {
    this.#stack = stack;
    this.#around = around;
  }

  /** Physical name of a resource. */
  nameOf(logicalId: string): string {
    const resource = this.#resource(logicalId);
    const property = NAME_PROPERTY[resource.Type];
    const given = property === undefined ? undefined : this.resolve(resource.Properties[property], logicalId);
    return typeof given === 'string' ? given : `${this.#stack.name}-${logicalId}`;
  }

  /** The value with all intrinsics evaluated; `where` is named when one is not understood. */
  resolve(value: unknown, where: string): unknown {
    if (Array.isArray(value))
      return value.map((item: unknown) => this.resolve(item, where)).filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [[key, operand] = ['', undefined]] = entries;
    if (entries.length === 1 && (key === 'Ref' || key.startsWith('Fn::'))) return this.#intrinsic(key, operand, where);
    const resolved = entries.map(([name, inner]): [string, unknown] => [name, this.resolve(inner, where)]);
    return Object.fromEntries(resolved.filter(([, inner]) => inner !== undefined));
  }

  /** Publishes this stack's exports for the stacks that follow. */
  exportOutputs(): void {
    for (const [id, output] of Object.entries(this.#stack.template.Outputs)) {
      if (output.Export !== undefined)
        this.#around.exports.set(this.#text(output.Export.Name, id), this.resolve(output.Value, id));
    }
  }

  #intrinsic(name: string, operand: unknown, where: string): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(this.#text(operand, where), where);
      case 'Fn::GetAtt': {
        const [logicalId = '', ...path] = Array.isArray(operand) ? operand.map(String) : String(operand).split('.');
        return this.#attribute(logicalId, path.join('.'), where);
      }
      case 'Fn::Join': {
        const [separator, parts] = this.#list(operand, where);
        return this.#list(parts, where)
          .map((part) => this.#text(part, where))
          .join(this.#text(separator, where));
      }
      case 'Fn::Sub': {
        const [text, variables] = Array.isArray(operand) ? this.#list(operand, where) : [operand, {}];
        return this.#text(text, where).replaceAll(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, path: string) => {
          if (literal !== '') return `\${${path}}`;
          const given: unknown = Reflect.get(Object(variables), path);
          if (given !== undefined) return this.#text(given, where);
          const [logicalId = '', ...attribute] = path.split('.');
          return attribute.length === 0
            ? this.#text(this.#ref(path, where), where)
            : this.#attribute(logicalId, attribute.join('.'), where);
        });
      }
      case 'Fn::Select': {
        const [index, items] = this.#list(operand, where);
        return this.#list(this.resolve(items, where), where)[Number(this.resolve(index, where))];
      }
      case 'Fn::Split': {
        const [separator, text] = this.#list(operand, where);
        return this.#text(text, where).split(this.#text(separator, where));
      }
      case 'Fn::ImportValue': {
        const exported = this.#text(operand, where);
        if (!this.#around.exports.has(exported)) return this.#refuse(where, `no stack exports ${exported}`);
        return this.#around.exports.get(exported);
      }
      default:
        return this.#refuse(where, `the intrinsic ${name} is not emulated`);
    }
  }

  #ref(id: string, where: string): unknown {
    const { region, account } = this.#around;
    switch (id) {
      case 'AWS::Region':
        return region;
      case 'AWS::AccountId':
        return account;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return this.#stack.name;
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${region}:${account}:stack/${this.#stack.name}/twin`;
      case 'AWS::NoValue':
        return undefined;
      default: {
        const parameter = this.#stack.template.Parameters[id];
        if (parameter === undefined) return this.#identity(id).ref;
        return parameter.Default ?? this.#refuse(where, `the parameter ${id} has no default`);
      }
    }
  }

  #attribute(logicalId: string, name: string, where: string): string {
    const found = this.#identity(logicalId).attributes[name];
    return (
      found ??
      this.#refuse(where, `the attribute ${logicalId}.${name} (${this.#resource(logicalId).Type}) is not emulated`)
    );
  }

  #identity(logicalId: string): Identity {
    const known = this.#identities.get(logicalId);
    if (known !== undefined) return known;
    const identity = this.#identify(logicalId);
    this.#identities.set(logicalId, identity);
    return identity;
  }

  #identify(logicalId: string): Identity {
    const { Type: type, Properties: properties } = this.#resource(logicalId);
    const { region, account, endpoint } = this.#around;
    const name = this.nameOf(logicalId);
    const arn = (service: string, rest: string): string => `arn:aws:${service}:${region}:${account}:${rest}`;
    switch (type) {
      case 'AWS::DynamoDB::GlobalTable':
      case 'AWS::DynamoDB::Table':
        return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
      case 'AWS::SQS::Queue': {
        const url = `${endpoint}/${account}/${name}`;
        return { ref: url, attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: url } };
      }
      case 'AWS::Events::Archive':
        return { ref: name, attributes: { Arn: arn('events', `archive/${name}`), ArchiveName: name } };
      case 'AWS::Events::EventBus':
        return { ref: name, attributes: { Arn: arn('events', `event-bus/${name}`), Name: name } };
      case 'AWS::Events::Rule': {
        const bus = this.#text(properties['EventBusName'] ?? 'default', logicalId)
          .split('/')
          .at(-1);
        const path = bus === 'default' ? name : `${bus}/${name}`;
        return { ref: name, attributes: { Arn: arn('events', `rule/${path}`) } };
      }
      case 'AWS::Lambda::Function':
        return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } };
      case 'AWS::Lambda::Url': {
        const functionArn = this.#text(properties['TargetFunctionArn'], logicalId);
        const url = `${endpoint}${URL_ROOT}${functionArn.split(':').at(-1)}/`;
        return { ref: functionArn, attributes: { FunctionArn: functionArn, FunctionUrl: url } };
      }
      case 'AWS::SecretsManager::Secret': {
        const secret = arn('secretsmanager', `secret:${name}-${suffixOf(name)}`);
        return { ref: secret, attributes: { Id: secret } };
      }
      case 'AWS::IAM::Role':
        return { ref: name, attributes: { Arn: `arn:aws:iam::${account}:role/${name}`, RoleId: name } };
      case 'AWS::Logs::LogGroup':
        return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
      case 'AWS::KMS::Key':
        return { ref: name, attributes: { Arn: arn('kms', `key/${name}`), KeyId: name } };
      case 'AWS::SNS::Topic': {
        const topic = arn('sns', name);
        return { ref: topic, attributes: { TopicArn: topic, TopicName: name } };
      }
      case 'AWS::CloudWatch::Alarm':
      case 'AWS::CloudWatch::CompositeAlarm':
        return { ref: name, attributes: { Arn: arn('cloudwatch', `alarm:${name}`) } };
      case 'AWS::SES::EmailIdentity': {
        // The three DKIM records of a domain; placeholders, since nothing here asks a name server.
        const tokens = [1, 2, 3].flatMap((n): [string, string][] => [
          [`DkimDNSTokenName${n}`, `token${n}._domainkey.${name}`],
          [`DkimDNSTokenValue${n}`, `token${n}.dkim.amazonses.com`],
        ]);
        return { ref: name, attributes: Object.fromEntries(tokens) };
      }
      default:
        return { ref: name, attributes: {} };
    }
  }

  #resource(logicalId: string): Stack['template']['Resources'][string] {
    const resource = this.#stack.template.Resources[logicalId];
    return resource ?? this.#refuse(logicalId, 'there is no such resource or parameter');
  }

  #text(value: unknown, where: string): string {
    const resolved = this.resolve(value, where);
    if (typeof resolved === 'string') return resolved;
    if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
    return this.#refuse(where, `${JSON.stringify(value)} is no text`);
  }

  #list(value: unknown, where: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    const resolved = this.resolve(value, where);
    return Array.isArray(resolved) ? resolved : this.#refuse(where, `${JSON.stringify(value)} is no list`);
  }

  #refuse(where: string, reason: string): never {
    throw new DeploymentRefused(`${this.#stack.name}/${where}: ${reason}`);
  }
}

/** The six characters that Secrets Manager adds to a name; there by chance, here the same in every run. */
function suffixOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 6);
}
