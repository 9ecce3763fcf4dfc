/**
 * The CDK app. The CDK's command line runs this file to deploy a stage; the local twin calls it in process and runs
 * what would have been deployed. Both get the same stacks under the same feature flags.
 *
 * The CDK takes a second to load, so nothing here imports it before an assembly has to be made.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App, AppProps, Environment } from 'aws-cdk-lib';
import { buildFunctions, type BuildOptions, type BuiltAssets } from './build.ts';
import { cached, hashOf, PROJECT } from './cache.ts';
import { defaultStage, type DeploymentConfig, InvalidConfig, stageConfig } from './config.ts';

/** In code rather than in cdk.json, so that a laptop and a deployment cannot drift apart. */
const FEATURE_FLAGS = {
  /** The CDK's own template rules fail the synthesis instead of warning. */
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  '@aws-cdk/core:annotationsInValidationReport': true,
  '@aws-cdk/core:checkSecretUsage': true,
  /** A table or bus that a deployed pipeline uses cannot be deleted under it. */
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/core:explicitStackTags': true,
  '@aws-cdk/core:includePrefixInUniqueNameGeneration': true,
  '@aws-cdk/core:target-partitions': ['aws', 'aws-cn'],
  '@aws-cdk/aws-events:eventsTargetQueueSameAccount': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/aws-dynamodb:retainTableReplica': true,
};

export interface AssemblyOptions {
  /** Where the assembly is written. */
  readonly outdir: string;
  readonly build: BuiltAssets;
}

/** Synthesizes a deployment without checking its rules, for running it here; returns the assembly's directory. */
export async function synthesize(config: DeploymentConfig, { outdir, build }: AssemblyOptions): Promise<string> {
  const app = await deploymentApp(config, build, { outdir, analyticsReporting: false });
  const before = process.env['CDK_VALIDATION'];
  // The rules take three seconds; tests and every deployment run them.
  process.env['CDK_VALIDATION'] = 'false';
  try {
    return app.synth().directory;
  } finally {
    if (before === undefined) delete process.env['CDK_VALIDATION'];
    else process.env['CDK_VALIDATION'] = before;
  }
}

/**
 * The assembly of a deployment, built and synthesized only when something that shapes it has changed.
 *
 * @example const directory = await cachedAssembly(stageConfig('local'));
 */
export async function cachedAssembly(config: DeploymentConfig, options: BuildOptions = {}): Promise<string> {
  const build = await buildFunctions(options);
  const shape = ['app.ts', 'stacks', 'constructs', '../shared/contracts', '../package-lock.json'];
  const hash = await hashOf(
    shape.map((name) => path.join(PROJECT, 'infra', name)),
    build.hash,
    JSON.stringify(config),
  );
  return cached('assemblies', hash, async (outdir) => {
    await synthesize(config, { outdir, build });
  });
}

/** An app with both stacks of a deployment, not yet synthesized. */
export async function deploymentApp(config: DeploymentConfig, build: BuiltAssets, props: AppProps): Promise<App> {
  const app = await emptyApp(props);
  await addStacks(app, config, build);
  return app;
}

async function emptyApp(props: AppProps = {}): Promise<App> {
  const { App: CdkApp } = await import('aws-cdk-lib');
  return new CdkApp({ ...props, context: FEATURE_FLAGS });
}

/** Makes the synthesis of an app fail on every finding of the AWS Solutions rules that nobody acknowledged. */
export async function checkSolutionRules(app: App): Promise<void> {
  const [{ Validations }, { AwsSolutionsChecks }] = await Promise.all([import('aws-cdk-lib'), import('cdk-nag')]);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
}

async function addStacks(app: App, config: DeploymentConfig, build: BuiltAssets): Promise<void> {
  const [{ DataStack }, { PipelineStack }] = await Promise.all([
    import('./stacks/data-stack.ts'),
    import('./stacks/pipeline-stack.ts'),
  ]);
  const env: Environment = {
    ...(config.account !== undefined && { account: config.account }),
    ...(config.region !== undefined && { region: config.region }),
  };
  const tags = { application: 'perennial', stage: config.stage };
  const data = new DataStack(app, `PerennialData-${config.stage}`, { env, tags, config });
  new PipelineStack(app, `PerennialPipeline-${config.stage}`, {
    env,
    tags,
    config,
    data,
    assetDirectories: build.directories,
    releaseId: build.releaseId,
  });
}

/** What the CDK's command line asks for: the stage named by `-c stage=...`, or the one there is, held to every rule. */
async function synthesizeForCommandLine(): Promise<void> {
  const app = await emptyApp();
  const stage: unknown = app.node.tryGetContext('stage') ?? defaultStage();
  await addStacks(app, stageConfig(String(stage)), await buildFunctions());
  await checkSolutionRules(app);
  app.synth();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await synthesizeForCommandLine();
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
