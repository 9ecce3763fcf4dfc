/**
 * Histories nobody thought of: at every step something is chosen that could happen next, by a seeded die or, for small
 * cases, one choice after the other until all have been tried.
 */
import { createHash } from 'node:crypto';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { type Duration, MINUTE } from '../../shared/lifecycle/time.ts';
import { bought, complained, erasureRequested, registered, resolved } from '../support/events.ts';
import {
  type Delivery,
  type Fate,
  faultsOf,
  isConditional,
  Interleaving,
  type Invocation,
  LEASE,
} from './interleaving.ts';
import { hurried } from './playbook.ts';

const SECOND: Duration = 1000;

/** What was tried in all, for the reader of the test's output. */
export class Tally {
  histories = 0;
  readonly schedules = new Set<string>();
  readonly crashPoints = new Set<string>();

  add(history: Interleaving): void {
    this.histories += 1;
    // A digest: a hundred thousand traces would fill the memory.
    this.schedules.add(createHash('sha1').update(history.trace.join('\n')).digest('base64'));
  }

  toString(): string {
    const { histories, schedules, crashPoints } = this;
    return `${histories} histories, ${schedules.size} different interleavings, ${crashPoints.size} crash points`;
  }
}

/** A history that breaks an invariant. */
export interface Finding {
  readonly violations: readonly string[];
  readonly trace: readonly string[];
}

interface Choice {
  readonly weight: number;
  /** What it takes from the budget of an exhaustive search. */
  readonly cost: number;
  readonly act: () => Promise<void>;
}

/** A generator of numbers in [0, 1): mulberry32. */
function dieOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function faultOf(history: Interleaving, invocation: Invocation, fate: Fate, tally: Tally) {
  return async () => {
    const { delivery, calls, call } = invocation;
    tally.crashPoints.add(`${delivery.to} ${calls} ${call?.operation} ${fate}`);
    await history.go(invocation, fate);
  };
}

type MakeEvent = (t: number) => CustomerEvent;

const EVENTS: readonly MakeEvent[] = [
  complained,
  resolved,
  (t) => complained(t, 'k-2'),
  (t) => resolved(t, 'k-2'),
  (t) => bought(t, 'second'),
  erasureRequested,
  (t) => registered(t),
  (t) => bought(t, `another ${t}`),
];

/** Functions at work at once; more only make the log longer. */
const MOST_RUNNING = 4;
const MOST_STEPS = 400;
const PASSES: readonly Duration[] = [SECOND, 6 * SECOND, 12 * SECOND, MINUTE, LEASE + SECOND, 16 * MINUTE];

/** One history by the die. */
export async function randomHistory(seed: number, tally: Tally): Promise<Finding> {
  const die = dieOf(seed);
  const below = (count: number) => Math.floor(die() * count);
  const history = new Interleaving(hurried(1 + below(2)));
  const events: MakeEvent[] = [
    (t) => registered(t),
    (t) => bought(t, 'first'),
    ...Array.from({ length: below(5) }, () => EVENTS[below(EVENTS.length)] ?? complained),
  ];
  let faults = below(7);
  let copies = below(4);
  let passes = below(10);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const choices: Choice[] = [];
    const may = (weight: number, act: () => Promise<void>) => choices.push({ weight, cost: 0, act });
    for (const invocation of history.running) {
      may(10, () => history.go(invocation));
      if (faults > 0 && invocation.call !== undefined && isConditional(invocation.call.operation)) {
        may(0.25, async () => {
          faults -= 1;
          await history.happens(invocation);
        });
      }
      const fates = invocation.call === undefined || faults === 0 ? [] : faultsOf(invocation.call.operation);
      for (const fate of fates) {
        may(invocation.call?.operation === 'ses' ? 1 : 0.25, async () => {
          faults -= 1;
          await faultOf(history, invocation, fate, tally)();
        });
      }
    }
    for (const [index, delivery] of history.queue.entries()) {
      if (history.running.length >= MOST_RUNNING) break;
      may(4, async () => {
        history.queue.splice(index, 1);
        await history.begin(delivery);
      });
      if (copies > 0) {
        may(1, async () => {
          copies -= 1;
          await history.begin(delivery);
        });
      }
      // The queue gives up on a message after some deliveries; the timer must find it.
      if (delivery.to === 'send') may(0.2, async () => void history.queue.splice(index, 1));
    }
    const [next] = events;
    if (next !== undefined) {
      may(1, async () => {
        events.shift();
        await history.pass(1);
        history.queue.push({ to: 'record', events: [next(history.now)] });
      });
    }
    const isAlive = choices.length > 0;
    for (const [index] of history.travelling.entries()) may(1, () => history.arrive(index));
    if (passes > 0) {
      may(1, async () => {
        passes -= 1;
        await history.pass(PASSES[below(PASSES.length)] ?? SECOND);
      });
      may(1, async () => {
        passes -= 1;
        await history.sweep();
      });
    }
    if (!isAlive && passes === 0) break;
    let point = die() * choices.reduce((sum, each) => sum + each.weight, 0);
    const chosen = choices.find((each) => (point -= each.weight) < 0) ?? choices[0];
    await chosen?.act();
  }
  const { violations, trace } = await concluded(history, tally);
  return { violations, trace: [`PROTOCOL_SEED=${seed} PROTOCOL_RUNS=1`, ...trace] };
}

async function concluded(history: Interleaving, tally: Tally): Promise<Finding> {
  tally.add(history);
  await history.drain();
  const violations = await history.violations();
  return { violations, trace: [...history.trace, ...(await history.ledger())] };
}

/** A small case: how it begins, and what is delivered at once. */
export interface Case {
  readonly name: string;
  readonly begin: () => Promise<{ readonly history: Interleaving; readonly deliveries: readonly Delivery[] }>;
}

/**
 * All histories of a small case with at most `budget` unfavourable turns: a switch away from a function that could go
 * on, a fault, or time that passes.
 *
 * @returns the first history that breaks an invariant
 */
export async function everyHistory({ begin }: Case, budget: number, tally: Tally): Promise<Finding | undefined> {
  // Choices made so far, each with the number there were: the next history differs in the last one that can.
  let path: { readonly chosen: number; readonly of: number }[] = [];
  for (;;) {
    const finding = await alongPath(begin, path, budget, tally);
    if (finding.violations.length > 0) return finding;
    while (path.length > 0) {
      const last = path.at(-1);
      if (last === undefined || last.chosen + 1 < last.of) break;
      path = path.slice(0, -1);
    }
    const last = path.at(-1);
    if (last === undefined) return undefined;
    path = [...path.slice(0, -1), { ...last, chosen: last.chosen + 1 }];
  }
}

async function alongPath(
  begin: Case['begin'],
  path: { readonly chosen: number; readonly of: number }[],
  budget: number,
  tally: Tally,
): Promise<Finding> {
  const { history, deliveries } = await begin();
  const waiting = [...deliveries];
  let left = budget;
  let current: Invocation | undefined;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const choices = smallChoices(history, waiting, current, tally, (invocation) => (current = invocation)).filter(
      (each) => each.cost <= left,
    );
    if (choices.length === 0) break;
    const { chosen } = path[step] ?? { chosen: 0 };
    if (step >= path.length) path.push({ chosen, of: choices.length });
    const choice = choices[chosen];
    if (choice === undefined) throw new Error('the same choices led to another history');
    left -= choice.cost;
    await choice.act();
  }
  return concluded(history, tally);
}

/** What may happen next in a small case; the first choice is that everything goes well. */
function smallChoices(
  history: Interleaving,
  waiting: Delivery[],
  current: Invocation | undefined,
  tally: Tally,
  turnTo: (invocation: Invocation) => void,
): readonly Choice[] {
  const choices: Choice[] = [];
  const may = (cost: number, act: () => Promise<void>) => choices.push({ weight: 1, cost, act });
  const isGoing = current !== undefined && !current.isOver;
  if (isGoing) may(0, () => history.go(current));
  for (const other of history.running) {
    if (other === current) continue;
    may(isGoing ? 1 : 0, async () => {
      turnTo(other);
      await history.go(other);
    });
  }
  const [next] = waiting;
  if (next !== undefined) {
    may(isGoing ? 1 : 0, async () => {
      waiting.shift();
      turnTo(await history.begin(next));
    });
  }
  if (!isGoing) return choices;
  for (const fate of current.call === undefined ? [] : faultsOf(current.call.operation)) {
    may(1, faultOf(history, current, fate, tally));
  }
  may(1, () => history.pass(12 * SECOND));
  may(1, async () => {
    await history.pass(LEASE + SECOND);
    if (await history.sweep()) waiting.push(...history.queue.splice(0));
  });
  return choices;
}
