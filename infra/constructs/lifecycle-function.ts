/**
 * A function of the pipeline as it runs on Lambda: its bundle, its role, its log group and exactly the environment the
 * contract names. Its role holds no managed policy and starts with nothing but the right to write its own log.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type EnvironmentOf, type FunctionName } from '../../shared/contracts/environment.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';

/**
 * Functions of which Lambda writes no lines of its own at the beginning and end of each invocation: reports of SES come
 * more often than mails, nobody waits for them, and how long they take is among Lambda's metrics.
 */
const QUIET: ReadonlySet<FunctionName> = new Set(['feedback']);

export interface LifecycleFunctionProps<F extends FunctionName> {
  readonly functionName: F;
  /** Physical name, such as perennial-dev-record. */
  readonly physicalName: string;
  readonly description: string;
  /** Directory with index.mjs and what the function reads from disk. */
  readonly assetDirectory: string;
  readonly environment: EnvironmentOf<F>;
  readonly memoryMegabytes: number;
  readonly logRetentionDays: number;
  /** The function's rights beyond its own log. */
  readonly grants: readonly iam.PolicyStatement[];
  /** Invocations at once, set apart from the account's and no more than these; left out, as many as the account has left. */
  readonly reservedConcurrency?: number;
}

export class LifecycleFunction<F extends FunctionName> extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, props: LifecycleFunctionProps<F>) {
    super(scope, id);

    // Logs hold no truth, and a group that outlived its stack would block the next deployment under the same name.
    const logGroup = new logs.LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${props.physicalName}`,
      retention: retentionOf(props.logRetentionDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    for (const grant of props.grants) role.addToPolicy(grant);

    this.function = new lambda.Function(this, 'Function', {
      functionName: props.physicalName,
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      // A fifth cheaper per GB-second than x86 at the same speed.
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(props.assetDirectory),
      handler: 'index.handler',
      timeout: Duration.seconds(FUNCTION_TIMEOUT_SECONDS[props.functionName]),
      memorySize: props.memoryMegabytes,
      environment: props.environment,
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      ...(QUIET.has(props.functionName) && { systemLogLevelV2: lambda.SystemLogLevel.WARN }),
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
  }
}

function retentionOf(days: number): logs.RetentionDays {
  const retention = Object.values(logs.RetentionDays).find((value) => Number(value) === days);
  if (typeof retention !== 'number') throw new RangeError(`CloudWatch Logs cannot keep logs for ${days} days`);
  return retention;
}
