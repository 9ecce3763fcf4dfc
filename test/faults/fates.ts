/** The ways in which a call goes wrong, by name. */
import type { Fate } from '../../infra/local/faults.ts';

export type FateName = keyof typeof CALL_FATES;

/** Within the time that a lease allows a request after its function was stopped. */
const LATE_MS = 60_000;

export const CALL_FATES = {
  'dies before': { kind: 'dies', effect: 'before' },
  'dies after': { kind: 'dies', effect: 'after' },
  'answer lost': { kind: 'answer lost' },
  'accepted late': { kind: 'late', milliseconds: LATE_MS, dies: false },
  'dies, arrives late': { kind: 'late', milliseconds: LATE_MS, dies: true },
  vanishes: { kind: 'refused', status: 500, code: 'InternalFailure', message: 'Service unavailable' },
  rate: { kind: 'refused', status: 400, code: 'Throttling', message: 'Maximum sending rate exceeded.' },
  quota: { kind: 'refused', status: 400, code: 'Throttling', message: 'Daily message quota exceeded.' },
  rejected: { kind: 'refused', status: 400, code: 'MessageRejected', message: 'Email address is not verified.' },
} as const satisfies Record<string, Fate>;
