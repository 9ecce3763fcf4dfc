/** What a repair of a deployment works with: its table, its bus, the rules that are live there, and a share of its writes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { EventBridgeAnnouncer } from '../../shared/adapters/announcer.ts';
import { WriteBudget } from '../import/write-budget.ts';
import { UsageError } from '../local/usage-error.ts';
import { configOf, type Target } from '../target.ts';
import type { RepairAllServices } from './repair-all.ts';

/** Write units a second: a fifth of what one partition of the table takes, so that the shop's own events have room. */
export const USUAL_WRITE_UNITS = 200;

export interface Repair {
  readonly services: RepairAllServices;
  readonly bus: EventBridgeClient;
  readonly busName: string;
  /** The records stay open. */
  close(): void;
}

/** @throws UsageError when nobody knows what the bus of the stage is called */
export function openRepair(target: Target, writeUnits: number): Repair {
  const { records, access, playbook } = target;
  const { client, tableName, store, addresses, addressKey, walks } = records;
  const { busName } = configOf(target);
  const bus = new EventBridgeClient(access);
  // The twin's clock may stand apart from that of the wall; it runs beside it.
  const ahead = target.now - Date.now();
  const now = () => Date.now() + ahead;
  const budget = new WriteBudget(writeUnits, now, sleep);
  const announcer = new EventBridgeAnnouncer(bus, busName);
  const services = { client, tableName, store, addresses, addressKey, walks, announcer, budget, playbook, now };
  return { services, bus, busName, close: () => bus.destroy() };
}

/** @throws UsageError */
export function writeUnitsFrom(text: string | undefined): number {
  if (text === undefined) return USUAL_WRITE_UNITS;
  const units = Number(text);
  if (/^\d{1,6}$/u.test(text) && units > 0) return units;
  throw new UsageError(`--write-units expects a whole number above 0, found "${text}"`);
}
