/** `npm run faults`: everything that can go wrong, tried; see {@link HELP}. */
import { execFile, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { cachedAssembly } from '../../infra/app.ts';
import { stageConfig } from '../../infra/config.ts';
import { bundleInMemory } from './bundle.ts';
import type { InMemoryReport } from './in-memory.ts';
import { MUTANTS } from './mutants.ts';
import type { Progress, Task } from './part.ts';
import { CHUNK } from './random-history.ts';
import type { Finding } from './sweep.ts';

const FIXED_SEED = 20_261_122;
const HISTORIES = 2000;
const IN_MEMORY = 100_000;
const QUICK = 40;
/** Histories in memory per process: some seconds each, so that the machine is used to the end. */
const MEMORY_CHUNK = 5000;
/** A mutant that survives this many histories is not caught. */
const MUTANT_HISTORIES = 2000;
/** Parts of the sweep: a handful per processor, since some scenarios take longer than others. */
const SWEEP_PARTS = 6;
const TELL_EVERY_MS = 10_000;
/** Histories shown in full; the others are named. */
const SHOWN = 3;

const HELP = `npm run faults [-- options]

Tries everything that can go wrong, for about a quarter of an hour: each AWS call of each function killed before or after
it, or its answer lost; random histories full of faults, through the real bundles and in memory; and whether taking a
rule away is noticed. Exit code 1 when an invariant broke or a rule could be taken away and nobody noticed.

  --seed N        of the random histories; printed, so that a finding can be repeated
  --histories N   through the real bundles, ${HISTORIES} by default
  --memory N      interleavings in memory, ${IN_MEMORY} by default
  --quick         a fortieth of everything
  --history N     only this history of the seed
  --point TEXT    only crash points in whose description the text occurs
`;

function refuse(message: string): never {
  console.error(`${message}; --help explains the options`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', default: false },
        seed: { type: 'string', default: String(FIXED_SEED) },
        histories: { type: 'string' },
        memory: { type: 'string' },
        quick: { type: 'boolean', default: false },
        history: { type: 'string' },
        point: { type: 'string' },
      },
    });
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : String(cause));
  }
}

const { values } = options();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
for (const name of ['seed', 'histories', 'memory', 'history'] as const) {
  const given = values[name];
  if (given !== undefined && !/^\d{1,9}$/u.test(given)) refuse(`--${name}: expected a whole number, found "${given}"`);
}
const seed = Number(values.seed);
const share = values.quick ? QUICK : 1;
const isWhole = values.history === undefined && values.point === undefined;
const histories = Number(values.histories ?? HISTORIES / share);
const inMemory = Number(values.memory ?? IN_MEMORY / share);

const points = new Map<string, number>();
const findings: Finding[] = [];
const memory = { histories: 0, interleavings: 0, crashPoints: 0 };
let played = 0;
let faults = 0;
let mishaps = 0;

function found(finding: Finding): void {
  findings.push(finding);
  console.log(`\nVIOLATION in ${finding.about}\n  ${finding.violations.join('\n  ')}`);
  if (findings.length <= SHOWN) console.log(`  ${finding.trace.join('\n  ')}\n`);
}

function heard(progress: Progress): void {
  for (const [name, count] of Object.entries(progress.points)) points.set(name, (points.get(name) ?? 0) + count);
  played += progress.histories;
  faults += progress.faults;
  mishaps += progress.mishaps;
  for (const finding of progress.findings) found(finding);
}

/** One process of the real bundles. */
function play(task: Task): Promise<void> {
  return new Promise((resolve, reject) => {
    const part = fork(fileURLToPath(new URL('part.ts', import.meta.url)), [JSON.stringify(task)], {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    });
    // The other end is this project's own code, started a line above.
    part.on('message', (progress: Progress) => heard(progress));
    part.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${JSON.stringify(task)} ended with ${code}`)),
    );
  });
}

async function interleave(bundle: string, from: number, count: number, mode = 'all'): Promise<InMemoryReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [bundle, String(from), String(count), mode]);
  const report: InMemoryReport = JSON.parse(stdout);
  return report;
}

async function mutate(directory: string): Promise<number> {
  let caught = 0;
  for (const [index, mutant] of MUTANTS.entries()) {
    const bundle = path.join(directory, `mutant-${index}.mjs`);
    await bundleInMemory(bundle, mutant);
    const { histories: needed, violations } = await interleave(bundle, seed, MUTANT_HISTORIES, 'first');
    if (violations.length > 0) caught += 1;
    const verdict = violations.length > 0 ? `caught by history ${needed}` : 'NOT CAUGHT';
    console.log(`mutant: ${mutant.name}: ${verdict}`);
    for (const violation of violations) console.log(`    ${violation}`);
  }
  return caught;
}

/** Everything there is to do, the longest first. */
function jobs(bundle: string): (() => Promise<void>)[] {
  if (values.history !== undefined) {
    const from = Number(values.history);
    return [() => play({ kind: 'histories', seed, from, to: from + 1 })];
  }
  const about = values.point ?? '';
  const sweeps = Array.from({ length: SWEEP_PARTS }, (_none, remainder) => async () => {
    await play({ kind: 'sweep', remainder: remainder * share, divisor: SWEEP_PARTS * share, about });
  });
  if (values.point !== undefined) return sweeps;
  const random = chunks(histories, CHUNK).map(
    ({ from, to }) =>
      () =>
        play({ kind: 'histories', seed, from, to }),
  );
  const interleaved = chunks(inMemory, MEMORY_CHUNK).map(({ from, to }) => async () => {
    const report = await interleave(bundle, seed + from, to - from);
    memory.histories += report.histories;
    memory.interleavings += report.interleavings;
    memory.crashPoints = Math.max(memory.crashPoints, report.crashPoints);
    if (report.violations.length > 0) found({ about: 'an interleaving in memory', ...report });
  });
  return [...random, ...sweeps, ...interleaved];
}

function chunks(count: number, size: number): { readonly from: number; readonly to: number }[] {
  return Array.from({ length: Math.ceil(count / size) }, (_none, index) => ({
    from: index * size,
    to: Math.min(count, (index + 1) * size),
  }));
}

function swept(): number {
  return [...points.values()].reduce((sum, count) => sum + count, 0);
}

function tell(): void {
  const inMemoryCount = memory.histories.toLocaleString('en');
  console.log(`  ${swept()} crash points, ${played} histories, ${inMemoryCount} interleavings in memory`);
}

const directory = mkdtempSync(path.join(tmpdir(), 'faults-'));
const teller = setInterval(tell, TELL_EVERY_MS);
try {
  console.log(`faults: seed ${seed}`);
  // Built once, before the parts race for it.
  await cachedAssembly(stageConfig('local'));
  const bundle = path.join(directory, 'in-memory.mjs');
  await bundleInMemory(bundle);
  const left = jobs(bundle);
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await job();
  });
  await Promise.all(workers);
  const caught = isWhole ? await mutate(directory) : MUTANTS.length;
  const byFunction = [...points].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  console.log(`
crash points swept   ${swept()} (${byFunction.join(', ')})
random histories     ${played} through the real bundles, with ${faults} faults of calls and ${mishaps} of queue messages
in memory            ${memory.histories} histories, ${memory.interleavings} different interleavings
violations           ${findings.length}
mutants              ${isWhole ? `${caught} of ${MUTANTS.length} caught` : 'not tried'}`);
  if (points.size + played + memory.histories === 0) refuse('nothing was tried: no crash point and no history fits');
  if (findings.length > 0 || caught < MUTANTS.length) process.exitCode = 1;
} finally {
  clearInterval(teller);
  rmSync(directory, { recursive: true, force: true });
}
