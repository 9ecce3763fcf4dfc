/** A batch of due messages: one customer after another's own order, the most important message first. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { placedOf } from '../../shared/lifecycle/customer/message-key.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { type Job, runBatch } from '../batch.ts';
import { readDelivery } from '../intake.ts';
import { sendMessage } from './send-message.ts';
import type { SendServices } from './send-services.ts';

const messageDue = z.object({ data: z.object({ customerId: z.string(), key: z.string() }) });

interface Due {
  readonly key: string;
  readonly messageId: string;
}

function priorityOf(key: string, playbook: Playbook): number {
  return placedOf(key, playbook)?.step.priority ?? 0;
}

/**
 * Whoever decided a message may have heard of a new release already, up to a minute before we do: a step nobody here
 * knows has left the playbook only when the newest one does not know it either.
 *
 * @throws LiveReleaseUnknown when that cannot be read: deliver again
 */
async function knowing(due: readonly Due[], services: SendServices): Promise<SendServices> {
  const isKnown = due.every(({ key }) => placedOf(key, services.playbook) !== undefined);
  return isKnown || services.newest === undefined ? services : services.newest();
}

/** Sends what is due. Messages of one customer go one after the other, so that they do not race for one profile. */
export async function sendBatch(
  known: SendServices,
  records: readonly SQSRecord[],
  logger: Logger,
): Promise<SQSBatchResponse> {
  known.lane.begin();
  const byCustomer = new Map<string, Due[]>();
  const jobs: Job[] = [];
  for (const record of records) {
    try {
      const { customerId, key } = messageDue.parse(readDelivery(record).detail).data;
      byCustomer.set(customerId, [...(byCustomer.get(customerId) ?? []), { key, messageId: record.messageId }]);
    } catch (cause) {
      jobs.push({ messageIds: [record.messageId], about: record.messageId, run: () => Promise.reject(cause) });
    }
  }
  const services = await knowing([...byCustomer.values()].flat(), known);
  for (const [customerId, due] of byCustomer) {
    const ordered = due.toSorted(
      (a, b) => priorityOf(b.key, services.playbook) - priorityOf(a.key, services.playbook) || (a.key < b.key ? -1 : 1),
    );
    const run = async () => {
      for (const { key } of ordered) await sendMessage(services, customerId, key);
    };
    jobs.push({ messageIds: due.map((each) => each.messageId), about: customerId, run });
  }
  return runBatch(jobs, logger);
}
