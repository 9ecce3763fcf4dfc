/** A process of its own that plays random interleavings in memory: `SEED COUNT [until the first violation]`. */
// The bundler puts it in vitest's place; named here as well, so that it is known to be used.
// oxlint-disable-next-line import/no-unassigned-import
import './timers.ts';
import { randomHistory, Tally } from '../protocol/campaign.ts';

/** What the process says when it is done, as JSON. */
export interface InMemoryReport {
  readonly histories: number;
  readonly interleavings: number;
  readonly crashPoints: number;
  /** Every violation that was found, once. */
  readonly violations: readonly string[];
  /** How the shortest history that broke something came about. */
  readonly trace: readonly string[];
}

const [seed = '0', count = '0', mode] = process.argv.slice(2);
const tally = new Tally();
const violations = new Set<string>();
let trace: readonly string[] = [];
for (let run = 0; run < Number(count); run += 1) {
  const finding = await randomHistory(Number(seed) + run, tally);
  if (finding.violations.length === 0) continue;
  for (const violation of finding.violations) violations.add(violation);
  if (trace.length === 0 || finding.trace.length < trace.length) trace = finding.trace;
  if (mode === 'first') break;
}
const report: InMemoryReport = {
  histories: tally.histories,
  interleavings: tally.schedules.size,
  crashPoints: tally.crashPoints.size,
  violations: [...violations],
  trace,
};
process.stdout.write(JSON.stringify(report));
