/**
 * What the system asks of AWS for each thing that happens, as a test has counted it in the twin. The file is written by that
 * test and checked by it; nothing here is estimated.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FUNCTION_NAMES } from '../../shared/contracts/environment.ts';

const number = z.number().min(0);

const use = z.strictObject({
  invocations: number,
  /** Requests of the function by service. */
  requests: z.strictObject({ dynamodb: number, events: number, ses: number }),
  readUnits: number,
  /** Of the table itself. */
  writeUnits: number,
  /** Of its index: one for each entry that is put in or taken out. */
  indexUnits: number,
  /** Entries on the bus, whoever put them there: the shop's event itself is one. */
  busEvents: number,
  /** Messages that a rule put into the function's queue. */
  queueMessages: number,
  /** Bytes and lines that the function wrote into its log; what Lambda adds is not among them. */
  logBytes: number,
  logLines: number,
});

/** What one of something costs, on average. */
export type Use = z.output<typeof use>;

const counted = z.strictObject({
  /** Of `record`, for one event that arrives alone, by its type. */
  events: z.record(z.string(), use.extend({ busBytes: number, journalBytes: number })),
  /** Of `record`, for one customer whose timer has passed, announced alone. */
  timer: use,
  /** Of `send`, for one mail that goes out alone. */
  mail: use,
  /** Of `feedback`, for one report of SES that arrives alone. */
  report: use,
  /** Of `sweep`, for one minute. */
  minute: use,
  timersPerMail: number,
  /** Reports of SES for one delivered mail, by what they tell. */
  reportsPerMail: z.record(z.string(), number),
  /** Of `census`, for each customer there is, in one night; of the index of profiles pages are read, and so its bytes. */
  nightOfACustomer: z.strictObject({ readUnits: number, indexBytes: number }),
  /** Bytes by DynamoDB's rules: of what lies there once per customer, in the table and in its indexes, and of one mail's entry. */
  stored: z.strictObject({ customerBytes: number, indexBytes: number, mailBytes: number }),
  /** What the templates of stage prod create. */
  deployed: z.strictObject({
    alarmMetrics: number,
    /** Of them, those of our own namespace. */
    ownAlarmMetrics: number,
    dashboards: number,
    secrets: number,
    polledQueues: number,
    /** Whether Lambda itself writes lines about the function. */
    platformLog: z.record(z.enum(FUNCTION_NAMES), z.boolean()),
    /** Of those that are fed from queues: how many records may share an invocation, and how long the first waits for others. */
    batches: z.partialRecord(z.enum(FUNCTION_NAMES), z.strictObject({ size: number, windowSeconds: number })),
    memoryMegabytes: z.record(z.enum(FUNCTION_NAMES), number),
  }),
});

/** Bytes that DynamoDB adds to each item it stores. */
export const ITEM_OVERHEAD_BYTES = 100;

export type Counted = z.output<typeof counted>;

export const COUNTED_FILE = join(import.meta.dirname, 'counted.json');

/** @throws ZodError when the file is not what the counting test writes */
export function readCounted(): Counted {
  return counted.parse(JSON.parse(readFileSync(COUNTED_FILE, 'utf8')));
}
