import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it, vi } from 'vitest';
import { checkSolutionRules, deploymentApp } from '../../infra/app.ts';
import { parseConfig, stageConfig } from '../../infra/config.ts';
import { settingsOfDeployGuide } from '../docs/deploy.ts';
import { emptyBundles, scratchDirectory } from './templates.ts';

const shownByTheGuide = await settingsOfDeployGuide();

/** Synthesizes as a deployment does, after something was added to the pipeline's stack. */
async function synthesizeWith(add: (stack: Stack) => void, config = stageConfig('prod')): Promise<void> {
  // The report goes to standard error as well; the thrown error says the same.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const app = await deploymentApp(config, emptyBundles(), { outdir: scratchDirectory(), analyticsReporting: false });
  await checkSolutionRules(app);
  add(Stack.of(app.node.findChild(`PerennialPipeline-${config.stage}`)));
  app.synth();
}

// Checking every rule takes seconds on a busy machine.
describe('a deployment', () => {
  it('breaks no rule', async () => {
    const everything = parseConfig({
      ...stageConfig('prod'),
      sending: 'allow-list',
      allowList: ['a@example.com'],
      alarms: { address: 'ops@example.com' },
    });

    await expect(synthesizeWith(() => undefined, everything)).resolves.toBeUndefined();
  });

  it.each(shownByTheGuide)('of $stage breaks none in the account and region the guide names', async (shown) => {
    expect([shown.account, shown.region]).not.toContain(undefined);
    const live = shown.stage === 'prod' && ({ sending: 'live', linkBase: 'https://mail.yourshop.se/' } as const);
    await expect(synthesizeWith(() => undefined, { ...shown, ...live })).resolves.toBeUndefined();
  });

  it('of which only the region is known breaks none', async () => {
    const config = parseConfig({ ...stageConfig('prod'), region: 'eu-north-1' });
    await expect(synthesizeWith(() => undefined, config)).resolves.toBeUndefined();
  });

  it('is not synthesized with a queue that takes plain HTTP and loses what fails', async () => {
    await expect(synthesizeWith((stack) => new sqs.Queue(stack, 'Careless'))).rejects.toThrow(
      /AwsSolutions-SQS3.*AwsSolutions-SQS4/s,
    );
  });

  it('is not synthesized with a right to everything', async () => {
    await expect(
      synthesizeWith((stack) => {
        new iam.Role(stack, 'Mighty', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }).addToPolicy(
          new iam.PolicyStatement({ actions: ['dynamodb:*'], resources: ['*'] }),
        );
      }),
    ).rejects.toThrow('AwsSolutions-IAM5[Action::dynamodb:*]');
  });

  it('is not synthesized with a property CloudFormation would refuse', async () => {
    await expect(
      synthesizeWith((stack) => new sqs.CfnQueue(stack, 'Impossible', { delaySeconds: 100_000 })),
    ).rejects.toThrow('100000 is greater than the maximum of 900');
  });

  it.each([
    ['warns', {}, 1],
    ['does not warn, since they go through a domain of the shop,', { linkBase: 'https://mail.shop.example.com/' }, 0],
    ['does not warn, since nobody gets mail yet,', { sending: 'shadow' }, 0],
  ])('that stays %s that its links die with the stack', async (_what, settings, warnings) => {
    const config = parseConfig({ ...stageConfig('prod'), sending: 'live', ...settings });
    const app = await deploymentApp(config, emptyBundles(), { outdir: scratchDirectory(), analyticsReporting: false });
    const stack = Stack.of(app.node.findChild('PerennialPipeline-prod'));
    const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('set linkBase'));
    expect(found).toHaveLength(warnings);
  });
});
