/**
 * Turns the stacks of an assembly into what the twin has to run. Resource types and properties that could change what
 * a function sees are either understood here or refused by name; the harmless ones are listed.
 */
import { z } from 'zod';
import type { ArchiveDefinition } from './archive.ts';
import type { Stack } from './assembly.ts';
import { DeploymentRefused } from './errors.ts';
import type { EventSourceDefinition } from './event-source.ts';
import type { UrlDefinition } from './function-url.ts';
import { decide, readPolicy, type Statement } from './iam.ts';
import { type AlarmDefinition, alarmProperties, readAlarm } from './monitoring/alarm-definition.ts';
import { compilePattern, type EventPredicate } from './pattern.ts';
import type { QueueDefinition } from './queue.ts';
import { type DashboardDefinition, dashboardProperties, readDashboard } from './monitoring/dashboard-definition.ts';
import { Resolver, type Surroundings } from './resolve.ts';
import type { FunctionDefinition, Role } from './runtime.ts';
import { generateSchema, type SecretDefinition } from './secrets.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { OUTCOME_KINDS } from './ses-events.ts';
import type { Subscription } from './ses-feedback.ts';

/** Resources that change nothing for events, data and mail on a laptop. */
const HARMLESS: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
]);

/** What AWS's own policies allow, as far as the twin has it: traces go nowhere here. */
const MANAGED_POLICIES: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
    ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  ],
  ['arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess', ['xray:PutTraceSegments', 'xray:PutTelemetryRecords']],
]);

/** A property that has no effect here. */
const inert = z.unknown().optional();
const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const tableProperties = z.strictObject({
  TableName: z.string().optional(),
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({ ProjectionType: z.string(), NonKeyAttributes: z.array(z.string()).optional() }),
      }),
    )
    .optional(),
  DeletionProtectionEnabled: inert,
  PointInTimeRecoverySpecification: inert,
  Replicas: z.array(z.unknown()).max(1).optional(),
  SSESpecification: inert,
  TableClass: inert,
  Tags: inert,
  TimeToLiveSpecification: inert,
});
const queueProperties = z.strictObject({
  QueueName: inert,
  VisibilityTimeout: z.number().default(30),
  DelaySeconds: z.number().default(0),
  MessageRetentionPeriod: z.number().default(345_600),
  ReceiveMessageWaitTimeSeconds: z.number().default(0),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() }).optional(),
  RedriveAllowPolicy: inert,
  KmsDataKeyReusePeriodSeconds: inert,
  KmsMasterKeyId: inert,
  SqsManagedSseEnabled: inert,
  Tags: inert,
});
const queuePolicyProperties = z.strictObject({ Queues: z.array(z.string()), PolicyDocument: z.unknown() });
const functionProperties = z.strictObject({
  FunctionName: inert,
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string().startsWith('nodejs'),
  Role: z.string(),
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
  DeadLetterConfig: z.object({ TargetArn: z.string() }).optional(),
  Architectures: inert,
  Description: inert,
  LoggingConfig: inert,
  ReservedConcurrentExecutions: z.number().optional(),
  Tags: inert,
  TracingConfig: inert,
});
const eventSourceProperties = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  BatchSize: z.number().default(10),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  Enabled: z.literal(true).optional(),
  MetricsConfig: inert,
  Tags: inert,
});
const destination = z.object({ Destination: z.string() });
const eventInvokeProperties = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST').optional(),
  MaximumRetryAttempts: z.number().default(2),
  MaximumEventAgeInSeconds: z.number().default(21_600),
  DestinationConfig: z.strictObject({ OnFailure: destination.optional() }).optional(),
});
const permissionProperties = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
  FunctionUrlAuthType: z.enum(['NONE', 'AWS_IAM']).optional(),
  InvokedViaFunctionUrl: z.boolean().optional(),
});
const urlProperties = z.strictObject({
  TargetFunctionArn: z.string(),
  AuthType: z.literal('NONE'),
  InvokeMode: z.literal('BUFFERED').optional(),
});
const secretProperties = z.strictObject({
  Name: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: generateSchema.optional(),
  Description: inert,
  KmsKeyId: z.literal('alias/aws/secretsmanager').optional(),
  Tags: inert,
});
const archiveProperties = z.strictObject({
  ArchiveName: inert,
  Description: inert,
  SourceArn: z.string(),
  EventPattern: z.unknown().optional(),
  RetentionDays: z.number().default(0),
  KmsKeyIdentifier: inert,
});
const busProperties = z.strictObject({ Name: z.string(), Description: inert, LogConfig: inert, Tags: inert });
const ruleProperties = z.strictObject({
  Name: inert,
  Description: inert,
  EventBusName: z.string().default('default'),
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z
    .string()
    .transform((expression, context) => {
      const schedule = parseSchedule(expression);
      if (schedule === undefined) context.addIssue(`the schedule ${expression} is not emulated`);
      return schedule;
    })
    .optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  RoleArn: inert,
  Tags: inert,
  Targets: z
    .array(
      z.strictObject({
        Id: z.string(),
        Arn: z.string(),
        Input: z.string().optional(),
        RoleArn: z.string().optional(),
        DeadLetterConfig: z.object({ Arn: z.string() }).optional(),
        RetryPolicy: inert,
      }),
    )
    .default([]),
});
const roleProperties = z.strictObject({
  RoleName: inert,
  AssumeRolePolicyDocument: z.unknown(),
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(z.object({ PolicyName: z.string(), PolicyDocument: z.unknown() })).default([]),
  Description: inert,
  Tags: inert,
});
const policyProperties = z.strictObject({
  PolicyName: inert,
  ManagedPolicyName: inert,
  Description: inert,
  Path: inert,
  PolicyDocument: z.unknown(),
  Roles: z.array(z.string()).default([]),
});
const identityProperties = z.object({ EmailIdentity: z.string() });
const eventDestinationProperties = z.strictObject({
  ConfigurationSetName: z.string(),
  EventDestination: z.strictObject({
    Name: inert,
    Enabled: z.boolean().default(false),
    MatchingEventTypes: z.array(z.enum(OUTCOME_KINDS)),
    EventBridgeDestination: z.strictObject({ EventBusArn: z.string() }),
  }),
});

export type TableDefinition = Omit<z.infer<typeof tableProperties>, 'TableName'> & { readonly name: string };

export interface RuleDefinition {
  readonly name: string;
  readonly arn: string;
  readonly bus: string;
  readonly matches: EventPredicate | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: z.infer<typeof ruleProperties>['Targets'];
}

interface AsyncDefinition {
  readonly maxRetries: number;
  readonly maxAgeSeconds: number;
  readonly deadLetterArn: string | undefined;
  readonly onFailureArn: string | undefined;
}

export interface Deployment {
  readonly tables: readonly TableDefinition[];
  readonly queues: readonly QueueDefinition[];
  readonly buses: ReadonlyMap<string, { readonly arn: string }>;
  readonly rules: readonly RuleDefinition[];
  readonly archives: readonly ArchiveDefinition[];
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  /** Who may invoke a function, by its name. */
  readonly functionPolicies: ReadonlyMap<string, readonly Statement[]>;
  readonly asyncInvocations: ReadonlyMap<string, AsyncDefinition>;
  readonly eventSources: readonly (EventSourceDefinition & { readonly queueArn: string })[];
  /** Roles by ARN. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Verified domains and addresses. */
  readonly identities: readonly string[];
  readonly configurationSets: readonly string[];
  /** What configuration sets report to the default bus. */
  readonly subscriptions: readonly Subscription[];
  readonly secrets: readonly SecretDefinition[];
  readonly urls: readonly UrlDefinition[];
  readonly alarms: readonly AlarmDefinition[];
  readonly dashboards: readonly DashboardDefinition[];
}

interface Resource {
  readonly where: string;
  readonly type: string;
  readonly name: string;
  readonly arn: () => string;
  readonly ref: () => string;
  readonly properties: unknown;
  readonly stack: Stack;
}

/** @throws DeploymentRefused naming every resource type that is not emulated, or the first thing AWS would refuse */
export function readDeployment(stacks: readonly Stack[], around: Surroundings): Deployment {
  const resources = stacks.flatMap((stack) => resourcesOf(stack, around));
  const unknown = new Set(
    resources.map(({ type }) => type).filter((type) => !HARMLESS.has(type) && !UNDERSTOOD.has(type)),
  );
  if (unknown.size > 0)
    throw new DeploymentRefused(`the local twin does not emulate ${[...unknown].toSorted().join(', ')}`);
  const ofType = <T extends z.ZodType>(types: readonly string[], schema: T): (Resource & { read: z.infer<T> })[] =>
    resources
      .filter(({ type }) => types.includes(type))
      .map((resource) => {
        const read = schema.safeParse(resource.properties);
        if (read.success) return { ...resource, read: read.data };
        const reason = z.prettifyError(read.error);
        throw new DeploymentRefused(`${resource.where} (${resource.type}) is not emulated as it is: ${reason}`);
      });

  const roles = rolesOf(ofType(['AWS::IAM::Role'], roleProperties), ofType(POLICY_TYPES, policyProperties));
  const queuePolicies = ofType(['AWS::SQS::QueuePolicy'], queuePolicyProperties);
  const queues = ofType(['AWS::SQS::Queue'], queueProperties).map(({ name, arn, read }): QueueDefinition => {
    const url = `${around.endpoint}/${around.account}/${name}`;
    const redrive = read.RedrivePolicy;
    return {
      name,
      arn: arn(),
      url,
      visibilitySeconds: read.VisibilityTimeout,
      delaySeconds: read.DelaySeconds,
      retentionSeconds: read.MessageRetentionPeriod,
      receiveWaitSeconds: read.ReceiveMessageWaitTimeSeconds,
      redrive: redrive && { targetArn: redrive.deadLetterTargetArn, maxReceives: redrive.maxReceiveCount },
      policy: queuePolicies
        .filter((policy) => policy.read.Queues.includes(url))
        .flatMap((policy) => readPolicy(policy.read.PolicyDocument, policy.where)),
    };
  });

  const functions = new Map<string, FunctionDefinition>();
  const asyncInvocations = new Map<string, AsyncDefinition>();
  const configured = ofType(['AWS::Lambda::EventInvokeConfig'], eventInvokeProperties);
  for (const { where, name, arn, read, stack } of ofType(['AWS::Lambda::Function'], functionProperties)) {
    const taskRoot = stack.assets.get(read.Code.S3Key);
    if (taskRoot === undefined) throw new DeploymentRefused(`${where}: the assembly has no asset ${read.Code.S3Key}`);
    const role = roles.get(read.Role);
    if (role === undefined) throw new DeploymentRefused(`${where}: the role ${read.Role} is not in the assembly`);
    functions.set(name, {
      name,
      arn: arn(),
      taskRoot,
      handler: read.Handler,
      timeoutSeconds: read.Timeout,
      memoryMb: read.MemorySize,
      environment: read.Environment?.Variables ?? {},
      role,
      reservedConcurrency: read.ReservedConcurrentExecutions,
    });
    const config = configured.find((one) => lastOf(one.read.FunctionName) === name)?.read;
    const deadLetterArn = read.DeadLetterConfig?.TargetArn;
    const onFailureArn = config?.DestinationConfig?.OnFailure?.Destination;
    for (const target of [deadLetterArn, onFailureArn])
      if (target !== undefined) demand(role, 'sqs:SendMessage', target, where);
    asyncInvocations.set(name, {
      maxRetries: config?.MaximumRetryAttempts ?? eventInvokeProperties.shape.MaximumRetryAttempts.parse(undefined),
      maxAgeSeconds:
        config?.MaximumEventAgeInSeconds ?? eventInvokeProperties.shape.MaximumEventAgeInSeconds.parse(undefined),
      deadLetterArn,
      onFailureArn,
    });
  }

  const functionPolicies = new Map<string, readonly Statement[]>();
  for (const { where, read } of ofType(['AWS::Lambda::Permission'], permissionProperties)) {
    const name = lastOf(read.FunctionName);
    const conditions = {
      ...(read.SourceArn !== undefined && { ArnLike: { 'aws:SourceArn': read.SourceArn } }),
      ...((read.SourceAccount !== undefined || read.FunctionUrlAuthType !== undefined) && {
        StringEquals: {
          ...(read.SourceAccount !== undefined && { 'aws:SourceAccount': read.SourceAccount }),
          ...(read.FunctionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': read.FunctionUrlAuthType }),
        },
      }),
      ...(read.InvokedViaFunctionUrl === true && { Bool: { 'lambda:InvokedViaFunctionUrl': true } }),
    };
    const statement = {
      Effect: 'Allow',
      Action: read.Action,
      Principal: principalOf(read.Principal),
      Condition: conditions,
    };
    const policy = readPolicy({ Version: '2012-10-17', Statement: [statement] }, where);
    functionPolicies.set(name, [...(functionPolicies.get(name) ?? []), ...policy]);
  }

  const eventSources = ofType(['AWS::Lambda::EventSourceMapping'], eventSourceProperties).map(({ where, read }) => {
    const consumer = functions.get(lastOf(read.FunctionName));
    const queue = queues.find(({ arn }) => arn === read.EventSourceArn);
    if (consumer === undefined) throw new DeploymentRefused(`${where}: no function ${read.FunctionName}`);
    if (queue === undefined) throw new DeploymentRefused(`${where}: no queue ${read.EventSourceArn}`);
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'])
      demand(consumer.role, action, queue.arn, where);
    if (queue.visibilitySeconds < consumer.timeoutSeconds)
      throw new DeploymentRefused(
        `${where}: the queue's visibility timeout (${queue.visibilitySeconds} s) is less than the function's timeout (${consumer.timeoutSeconds} s)`,
      );
    return {
      functionName: consumer.name,
      queueArn: queue.arn,
      batchSize: read.BatchSize,
      windowSeconds: read.MaximumBatchingWindowInSeconds,
      concurrency: read.ScalingConfig?.MaximumConcurrency ?? Infinity,
      reportsItemFailures: read.FunctionResponseTypes.length > 0,
    };
  });

  const buses = new Map([['default', { arn: `arn:aws:events:${around.region}:${around.account}:event-bus/default` }]]);
  for (const { name, arn } of ofType(['AWS::Events::EventBus'], busProperties)) buses.set(name, { arn: arn() });
  const rules = ofType(['AWS::Events::Rule'], ruleProperties)
    .filter(({ read }) => read.State === 'ENABLED')
    .map(({ where, name, arn, read }): RuleDefinition => {
      const bus = lastOf(read.EventBusName);
      if (!buses.has(bus)) throw new DeploymentRefused(`${where}: no event bus ${bus}`);
      const matches = read.EventPattern === undefined ? undefined : compilePattern(read.EventPattern, where);
      return {
        name,
        arn: arn(),
        bus,
        matches,
        schedule: read.ScheduleExpression,
        targets: read.Targets,
      };
    });

  const archives = ofType(['AWS::Events::Archive'], archiveProperties).map(({ where, name, arn, read }) => {
    const bus = lastOf(read.SourceArn);
    if (!buses.has(bus)) throw new DeploymentRefused(`${where}: no event bus ${bus}`);
    const matches = read.EventPattern === undefined ? undefined : compilePattern(read.EventPattern, where);
    return { name, arn: arn(), busArn: read.SourceArn, bus, matches, retentionDays: read.RetentionDays };
  });

  const urls = ofType(['AWS::Lambda::Url'], urlProperties).map(({ where, read }): UrlDefinition => {
    const target = functions.get(lastOf(read.TargetFunctionArn));
    if (target === undefined) throw new DeploymentRefused(`${where}: no function ${read.TargetFunctionArn}`);
    const { name: functionName, arn: functionArn, reservedConcurrency } = target;
    return { functionName, functionArn, reservedConcurrency, policy: functionPolicies.get(functionName) ?? [] };
  });
  const secrets = ofType(['AWS::SecretsManager::Secret'], secretProperties).map(
    ({ name, ref, read }): SecretDefinition => {
      const value = read.SecretString ?? read.GenerateSecretString ?? generateSchema.parse({});
      return { name, arn: ref(), value };
    },
  );
  const configurationSets = ofType(['AWS::SES::ConfigurationSet'], z.object({})).map(({ name }) => name);
  const subscriptions = ofType(['AWS::SES::ConfigurationSetEventDestination'], eventDestinationProperties)
    .filter(({ read }) => read.EventDestination.Enabled)
    .map(({ where, read }): Subscription => {
      const { EventBridgeDestination, MatchingEventTypes } = read.EventDestination;
      const { EventBusArn } = EventBridgeDestination;
      if (EventBusArn !== buses.get('default')?.arn)
        throw new DeploymentRefused(`${where}: SES reports to the default event bus only, not to ${EventBusArn}`);
      if (!configurationSets.includes(read.ConfigurationSetName))
        throw new DeploymentRefused(`${where}: no configuration set ${read.ConfigurationSetName}`);
      return { configurationSet: read.ConfigurationSetName, kinds: new Set(MatchingEventTypes) };
    });

  return {
    tables: ofType(TABLE_TYPES, tableProperties).map(({ name, read }) => ({ ...read, name })),
    queues,
    buses,
    rules,
    archives,
    functions,
    functionPolicies,
    asyncInvocations,
    eventSources,
    roles,
    identities: ofType(['AWS::SES::EmailIdentity'], identityProperties).map(({ read }) => read.EmailIdentity),
    configurationSets,
    subscriptions,
    secrets,
    urls,
    alarms: ofType(['AWS::CloudWatch::Alarm'], alarmProperties).map(({ where, read }) => readAlarm(read, where)),
    dashboards: ofType(['AWS::CloudWatch::Dashboard'], dashboardProperties).map(({ read }) => readDashboard(read)),
  };
}

const TABLE_TYPES = ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'];
const POLICY_TYPES = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];
const UNDERSTOOD: ReadonlySet<string> = new Set([
  ...TABLE_TYPES,
  ...POLICY_TYPES,
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Archive',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Url',
  'AWS::SES::ConfigurationSet',
  'AWS::SES::ConfigurationSetEventDestination',
  'AWS::SES::EmailIdentity',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SecretsManager::Secret',
]);

function resourcesOf(stack: Stack, around: Surroundings): Resource[] {
  const resolver = new Resolver(stack, around);
  const resources = Object.entries(stack.template.Resources)
    .filter(([, { Type }]) => !HARMLESS.has(Type))
    .map(([logicalId, { Type: type, Condition, Properties }]): Resource => {
      const where = `${stack.name}/${logicalId}`;
      if (Condition !== undefined) throw new DeploymentRefused(`${where}: conditions are not emulated`);
      if (!UNDERSTOOD.has(type)) {
        const itself = (): string => logicalId;
        return { where, type, name: logicalId, arn: itself, ref: itself, properties: {}, stack };
      }
      return {
        where,
        type,
        name: resolver.nameOf(logicalId),
        arn: () => String(resolver.resolve({ 'Fn::GetAtt': [logicalId, 'Arn'] }, logicalId)),
        ref: () => String(resolver.resolve({ Ref: logicalId }, logicalId)),
        properties: resolver.resolve(Properties, logicalId),
        stack,
      };
    });
  resolver.exportOutputs();
  return resources;
}

function rolesOf(
  roles: readonly (Resource & { read: z.infer<typeof roleProperties> })[],
  policies: readonly (Resource & { read: z.infer<typeof policyProperties> })[],
): Map<string, Role> {
  return new Map(
    roles.map(({ where, name, arn, read }) => {
      const managed = read.ManagedPolicyArns.flatMap((policyArn) => {
        const Action = MANAGED_POLICIES.get(policyArn);
        if (Action === undefined)
          throw new DeploymentRefused(`${where}: the managed policy ${policyArn} is not emulated`);
        return readPolicy({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } }, where);
      });
      const statements = [
        ...managed,
        ...read.Policies.flatMap(({ PolicyDocument }) => readPolicy(PolicyDocument, where)),
        ...policies
          .filter((policy) => policy.read.Roles.includes(name))
          .flatMap((policy) => readPolicy(policy.read.PolicyDocument, policy.where)),
      ];
      return [arn(), { name, arn: arn(), statements }];
    }),
  );
}

/** What AWS checks when the resource is deployed, not when it is used. */
function demand(role: Role, action: string, resource: string, where: string): void {
  if (decide(role.statements, { action, resource, context: { 'aws:SecureTransport': 'true' } }) !== 'allowed')
    throw new DeploymentRefused(`${where}: the role ${role.name} does not allow ${action} on ${resource}`);
}

/** Whom a permission is for: everybody, a service, or an account or role. */
function principalOf(name: string): '*' | Readonly<Record<string, string>> {
  if (name === '*') return name;
  return name.endsWith('.amazonaws.com') ? { Service: name } : { AWS: name };
}

/** The name at the end of an ARN, or the name itself. */
function lastOf(nameOrArn: string): string {
  return nameOrArn.split(/[:/]/).at(-1) ?? nameOrArn;
}
