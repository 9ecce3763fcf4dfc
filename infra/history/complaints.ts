/** Complaints of a shop's export: few beside its orders, so each is an object. */
import { z } from 'zod';
import { SEVERITIES } from '../../shared/lifecycle/facts/complaints.ts';
import { identifier, shortText } from '../../shared/lifecycle/events/fields.ts';
import { checked } from './cell.ts';
import { idOf } from './customer-index.ts';
import type { Reading, ReadingOptions } from './reading.ts';
import { readTable, type Row, type TableShape } from './table.ts';

export interface Complaint {
  readonly customerId: string;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  /** Epoch milliseconds, not before `openedAt`. */
  readonly resolvedAt?: number;
  readonly complaintId?: string;
  readonly channel?: string;
  readonly severity?: (typeof SEVERITIES)[number];
}

export interface ComplaintsReading extends Reading {
  /** In the order of the lines. */
  readonly complaints: readonly Complaint[];
}

const COMPLAINTS: TableShape = {
  fields: ['customer_id', 'email', 'date', 'complaint_id', 'channel', 'severity', 'resolved'],
  required: ['customer_id', 'date'],
  dates: ['date', 'resolved'],
  amounts: [],
};

const severityField = z.enum(SEVERITIES, { error: `expected one of ${SEVERITIES.join(', ')}` });
const complaintField = identifier('the complaint id');
const channelField = shortText('the channel, such as email or phone');

/** @throws UsageError when the file cannot be read or its header lacks a column */
export async function readComplaintLog(file: string, options: ReadingOptions = {}): Promise<ComplaintsReading> {
  let complaints: Complaint[] = [];
  const reading = await readTable(
    file,
    COMPLAINTS,
    options,
    (row) => {
      const complaint = complaintIn(row, options.hashIds === true);
      if (complaint !== undefined) complaints.push(complaint);
    },
    () => {
      complaints = [];
    },
  );
  return { ...reading, complaints };
}

function complaintIn(row: Row, hashIds: boolean): Complaint | undefined {
  const customerId = idOf(row, hashIds);
  const openedAt = row.needed('date');
  const complaintId = checked(row, 'complaint_id', complaintField);
  const channel = checked(row, 'channel', channelField);
  const severity = checked(row, 'severity', severityField, (text) => text.toLowerCase());
  const resolvedAt = row.instant('resolved');
  if (resolvedAt < openedAt) row.refuse({ expected: 'resolved: expected a date that is not before the complaint' });
  if (row.isRefused || customerId === undefined) return undefined;
  return {
    customerId,
    openedAt,
    ...(!Number.isNaN(resolvedAt) && { resolvedAt }),
    ...(complaintId !== undefined && { complaintId }),
    ...(channel !== undefined && { channel }),
    ...(severity !== undefined && { severity }),
  };
}
