/** A batch of reports of SES: each stands for itself. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { NOTE } from '../../shared/contracts/notes.ts';
import { runBatch } from '../batch.ts';
import { readDelivery } from '../intake.ts';
import { type FeedbackServices, recordFeedback } from './record-feedback.ts';
import { readSesEvent } from './ses-event.ts';

/** Takes in a batch. A type of report nobody here knows is counted; what cannot be read at all is delivered again. */
export function feedbackBatch(
  services: FeedbackServices,
  records: readonly SQSRecord[],
  logger: Logger,
): Promise<SQSBatchResponse> {
  const jobs = records.map((record) => ({
    messageIds: [record.messageId],
    about: record.messageId,
    run: async () => {
      const event = readSesEvent(readDelivery(record).detail);
      if (event !== undefined) return recordFeedback(services, event);
      services.meter.note(NOTE.reportUnknown, { event: 'unknown' });
    },
  }));
  return runBatch(jobs, logger);
}
