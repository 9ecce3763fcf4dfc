/**
 * Queues for rules and functions, with exactly the rights that EventBridge and Lambda need: the CDK's own grants allow more, which nobody uses.
 */
import { Names } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/** What Lambda's poller does with a queue; it hides and returns messages without asking. */
const POLLING = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];

/** Has a function take the messages of a queue in batches. */
export function pollQueue(
  handler: lambda.Function,
  queue: sqs.IQueue,
  options: Omit<lambda.EventSourceMappingOptions, 'eventSourceArn'>,
): void {
  handler.addToRolePolicy(new iam.PolicyStatement({ actions: POLLING, resources: [queue.queueArn] }));
  // Named as the CDK's own event source does it: a second mapping of the same queue and function is refused.
  handler.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
    ...options,
    eventSourceArn: queue.queueArn,
  });
}

/** Where Lambda puts what it knows of an invocation that failed for good. */
export function failuresTo(queue: sqs.IQueue): lambda.IDestination {
  return {
    bind: (_scope, handler) => {
      handler.grantPrincipal.addToPrincipalPolicy(
        new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
      );
      return { destination: queue.queueArn };
    },
  };
}

/** Has a rule put its events into a queue, and those it cannot put there into another one. */
export function ruleTarget(queue: sqs.IQueue, undelivered: sqs.IQueue): events.IRuleTarget {
  return {
    bind: ({ ruleRef: { ruleArn } }) => {
      for (const each of [queue, undelivered]) {
        each.addToResourcePolicy(
          new iam.PolicyStatement({
            principals: [new iam.ServicePrincipal('events.amazonaws.com')],
            actions: ['sqs:SendMessage'],
            resources: [each.queueArn],
            conditions: { ArnEquals: { 'aws:SourceArn': ruleArn } },
          }),
        );
      }
      return { arn: queue.queueArn, deadLetterConfig: { arn: undelivered.queueArn }, targetResource: queue };
    },
  };
}
