/** One queue batch: groups of messages that stand or fall together, the others unharmed. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse } from 'aws-lambda';
import { loggable } from './loggable.ts';

/** Work on some messages; when it throws, exactly these are delivered again. */
export interface Job {
  readonly messageIds: readonly string[];
  /** For the log: ids, never an address or a name. */
  readonly about: string;
  readonly run: () => Promise<void>;
}

/** Runs the jobs of a batch side by side and reports the messages whose job failed. */
export async function runBatch(jobs: readonly Job[], logger: Logger): Promise<SQSBatchResponse> {
  const failed = new Set<string>();
  const outcomes = await Promise.allSettled(jobs.map((job) => job.run()));
  for (const [index, outcome] of outcomes.entries()) {
    const job = jobs[index];
    if (outcome.status === 'fulfilled' || job === undefined) continue;
    const error: unknown = outcome.reason;
    logger.error('will be delivered again', {
      about: job.about,
      error: loggable(error),
    });
    for (const id of job.messageIds) failed.add(id);
  }
  return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}
