/** A batch from the intake: parse, refuse what can never be taken in, and record the rest customer by customer. */
import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { ANNOUNCED, OWN_SOURCE } from '../../shared/contracts/bus.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { customerId as anyCustomerId, identifier } from '../../shared/lifecycle/events/fields.ts';
import { parseEvent, type Refusal } from '../../shared/lifecycle/events/parse-event.ts';
import { type Job, runBatch } from '../batch.ts';
import { type Delivered, readDelivery } from '../intake.ts';
import { recordCustomer, type RecordServices } from './record-customer.ts';

const customerDue = z.object({
  metadata: z.object({ id: z.string() }),
  data: z.object({ customerIds: z.array(z.string()) }),
});

/** Bytes of JSON. An entry on the bus holds 256 KB; the original of a refused event leaves room for the rest. */
const LONGEST_ORIGINAL = 200_000;
const CUT = 0.8;

/** The beginning of a text, such that it takes at most {@link LONGEST_ORIGINAL} bytes once it is quoted in JSON. */
function fitting(text: string): string {
  let cut = text;
  while (Buffer.byteLength(JSON.stringify(cut)) > LONGEST_ORIGINAL) cut = cut.slice(0, Math.floor(cut.length * CUT));
  return cut;
}

interface Group {
  readonly messageIds: Set<string>;
  readonly originals: Map<CustomerEvent, Delivered>;
  wake?: string;
}

/** Names the event a refusal is about by the id the shop gave it, as far as it gave one. */
const named = z.object({ metadata: z.object({ id: identifier('the event id') }) });
/** Whom it is about, as far as it says so. */
const naming = z.object({ data: z.object({ customerId: anyCustomerId }) });

/** What a refused event looks like when it comes back from the dead-letter queue. */
const refused = z.object({ data: z.object({ original: z.string() }) });
const refusedOriginal = z.object({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() });

/**
 * The event inside a refusal, to be judged again: whoever redrives it has mended something.
 *
 * @throws SyntaxError or ZodError when the original was too large to be kept whole; it stays where it can be looked at
 */
function originalOf({ messageId, detail }: Delivered): Delivered {
  const { original } = refused.parse(detail).data;
  const { source, 'detail-type': detailType, detail: inner } = refusedOriginal.parse(JSON.parse(original));
  return { messageId, source, detailType, detail: inner };
}

async function refuse(
  { announcer, meter, now }: RecordServices,
  { messageId, source, detail }: Delivered,
  refusal: Refusal,
): Promise<void> {
  const { detailType, field, expected } = refusal;
  const result = named.safeParse(detail);
  const eventId = result.success ? result.data.metadata.id : undefined;
  const customerId = naming.safeParse(detail).data?.data.customerId;
  meter.count(METRIC.eventsRefused, {
    type: detailType,
    field,
    expected,
    ...(eventId !== undefined && { eventId }),
  });
  const original = JSON.stringify({ source, 'detail-type': detailType, detail });
  await announcer.announce([
    {
      detailType: ANNOUNCED.eventRefused,
      id: `refused/${messageId}`,
      occurredAt: now(),
      data: {
        reason: `${field}: ${expected}`,
        field,
        expected,
        eventId,
        // Of a long one the original is cut, and nobody could read them there.
        type: detailType,
        customerId,
        original: fitting(original),
      },
    },
  ]);
}

/** Records a batch. What fails is delivered again; what is refused is kept with its reason and acknowledged. */
export async function recordBatch(
  services: RecordServices,
  records: readonly SQSRecord[],
  logger: Logger,
): Promise<SQSBatchResponse> {
  const groups = new Map<string, Group>();
  const jobs: Job[] = [];
  const groupOf = (customerId: string, messageId: string): Group => {
    const group = groups.get(customerId) ?? { messageIds: new Set(), originals: new Map() };
    groups.set(customerId, group);
    group.messageIds.add(messageId);
    return group;
  };
  const sort = (delivered: Delivered): void => {
    const { messageId, source, detailType, detail } = delivered;
    if (source === OWN_SOURCE && detailType === ANNOUNCED.eventRefused) return sort(originalOf(delivered));
    if (source === OWN_SOURCE && detailType === ANNOUNCED.customerDue) {
      const { metadata, data } = customerDue.parse(detail);
      for (const customerId of data.customerIds) groupOf(customerId, messageId).wake = metadata.id;
      return;
    }
    const parsed = parseEvent(delivered, services.now());
    switch (parsed.kind) {
      case 'event':
        groupOf(parsed.event.customerId, messageId).originals.set(parsed.event, delivered);
        break;
      case 'unknown':
        // What nobody knows may say anything, names of people too, and is not logged.
        services.meter.count(METRIC.eventsSetAside, { fate: 'ignored' });
        break;
      case 'anonymous':
        services.meter.count(METRIC.eventsSetAside, { fate: 'anonymous', type: detailType });
        break;
      case 'refused': {
        const { refusal } = parsed;
        const run = () => refuse(services, delivered, refusal);
        jobs.push({ messageIds: [messageId], about: `refused ${detailType}`, run });
        break;
      }
      default:
        parsed satisfies never;
    }
  };
  for (const record of records) {
    try {
      sort(readDelivery(record));
    } catch (cause) {
      jobs.push({ messageIds: [record.messageId], about: record.messageId, run: () => Promise.reject(cause) });
    }
  }
  for (const [customerId, { messageIds, originals, wake }] of groups) {
    const run = async () => {
      const events = [...originals.keys()];
      const arrivals = { customerId, events, ...(wake !== undefined && { wake }) };
      for (const { event, refusal } of await recordCustomer(services, arrivals)) {
        const original = originals.get(event);
        if (original !== undefined) await refuse(services, original, refusal);
      }
    };
    jobs.push({ messageIds: [...messageIds], about: customerId, run });
  }
  return runBatch(jobs, logger);
}
