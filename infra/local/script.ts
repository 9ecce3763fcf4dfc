/** What a command plays: the past of the simulated shop, or a shop's own export. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import type { Delivery } from './delivery.ts';
import type { ExportFiles } from './options.ts';
import { disordered } from './player/disorder.ts';
import { type BadRow, readComplaints, readLogins, readOrders } from './player/rows.ts';
import { timelineOf } from './player/timeline.ts';
import { shopPast } from './shop/past.ts';
import { trickle } from './shop/trickle.ts';
import { UsageError } from './usage-error.ts';

/** What counts as an event of a shop; the rest says more about one of them, or about the person. */
const COUNTED: ReadonlySet<string> = new Set(['Purchase Completed', 'Login Succeeded', 'Complaint Opened']);

export interface Script {
  /** Two scripts of the same name play the same. */
  readonly name: string;
  readonly deliveries: readonly Delivery[];
  /** Distinct orders, logins and complaints that the pipeline accepts. */
  readonly events: number;
  /** Epoch milliseconds at which the clock starts. */
  readonly start: number;
  /** Epoch milliseconds at which it stands when the play is over; the past of the simulated shop ends at the present. */
  readonly end: () => number;
  /** What goes on after the play, for ever; absent when the clock stands still. */
  readonly live?: (from: number) => Iterable<Delivery>;
}

/** @param made epoch milliseconds: the present of the shop's past */
export function simulation(seed: number, made: number): Script {
  const { deliveries, people } = shopPast(seed, made);
  return {
    name: `simulated shop, seed ${seed}`,
    deliveries,
    events: deliveries.filter(({ event }) => COUNTED.has(event.detailType) && parseEvent(event, made).kind === 'event')
      .length,
    start: deliveries[0]?.at ?? made,
    end: Date.now,
    live: (from) => trickle(seed, from, people),
  };
}

export interface Exported {
  readonly script: Script;
  readonly bad: readonly BadRow[];
  /** What was found out about how the files are written, where it could have been otherwise. */
  readonly notes: readonly string[];
  /** Rows after the end of the play. */
  readonly leftOut: number;
}

/** @throws UsageError when a file cannot be read, or no row of the files can be played */
export async function exported(files: ExportFiles, seed: number): Promise<Exported> {
  const nothing = { rows: [], bad: [], notes: [] };
  const orders = await readOrders(files.orders, files.reading);
  const logins = files.logins === undefined ? nothing : await readLogins(files.logins, files.reading);
  const complaints = files.complaints === undefined ? nothing : await readComplaints(files.complaints, files.reading);
  const notes = [...orders.notes, ...logins.notes, ...complaints.notes];
  const bad = [...orders.bad, ...logins.bad, ...complaints.bad];
  const rows = { orders: orders.rows, logins: logins.rows, complaints: complaints.rows };
  const timeline = timelineOf(rows, files.until);
  if (timeline === undefined) {
    const why = bad.length > 0 ? `; ${bad.length} bad rows, the first on line ${bad[0]?.line}: ${bad[0]?.reason}` : '';
    throw new UsageError(`${path.basename(files.orders)}: no row that can be played${why}`);
  }

  const { events, leftOut, start, end } = timeline;
  const { disorderDays: days } = files;
  const deliveries = days > 0 ? disordered(timeline.deliveries, { days, seed, end }) : timeline.deliveries;
  const name = `export ${fingerprint(deliveries, end)}`;
  return { script: { name, deliveries, events, start, end: () => end }, bad, notes, leftOut };
}

function fingerprint(deliveries: readonly Delivery[], end: number): string {
  const hash = createHash('sha256');
  for (const { at, event } of deliveries) hash.update(`${at} ${event.detail.metadata.id}\n`);
  return hash.update(String(end)).digest('hex');
}
