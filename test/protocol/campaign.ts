/**
 * Histories nobody thought of: at every step something is chosen that could happen next, by a seeded die or, for small
 * cases, one choice after the other until all have been tried.
 */
import { createHash } from 'node:crypto';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY, type Duration, MINUTE } from '../../shared/lifecycle/time.ts';
import {
  bought,
  checkedOut,
  chose,
  complained,
  consentAt,
  CUSTOMER,
  erasureRequested,
  event,
  filledCart,
  registered,
  resolved,
  reviewed,
  scored,
  START,
} from '../support/events.ts';
import { type Fate, faultsOf, isConditional } from './fates.ts';
import { Interleaving, LEASE } from './interleaving.ts';
import type { Delivery, Invocation } from './invocation.ts';
import { hurried } from './playbook.ts';
import { REPORTS } from './reports.ts';

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

type Die = () => number;

/** A generator of numbers in [0, 1): mulberry32. */
function dieOf(seed: number): Die {
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

/** Reads mail at the same address as the customer most histories are about. */
export const NEIGHBOUR = 'c-2';
const SHARED = 'anna@example.com';
const OTHER = 'anna@example.net';

/** The same event about another customer. */
export function of(customerId: string, about: CustomerEvent): CustomerEvent {
  return { ...about, customerId };
}

/** Something that happens to a customer. */
type Occurrence = (history: Interleaving, customerId: string) => Promise<void> | void;

const says =
  (make: (t: number) => CustomerEvent): Occurrence =>
  (history, customerId) =>
    void history.queue.push(history.recorded([of(customerId, make(history.now))]));

const updates = (make: (t: number) => Readonly<Record<string, unknown>>) =>
  says((t) => event('Profile Updated', t, make(t)));

const presses: Occurrence = async (history, customerId) => {
  const profile = await history.world.store.load(customerId);
  history.queue.push(history.unsubscribed(customerId, profile?.life ?? 1, SHARED));
};

/** The shop has the code of every offer it was asked for. */
const confirms: Occurrence = async (history, customerId) => {
  for (const offerId of history.askedFor(customerId)) {
    history.queue.push(history.recorded([of(customerId, event('Offer Confirmed', history.now, { offerId }))]));
  }
};

const complains = says(complained);
const isHelped = says((t) => resolved(t));
const buysAgain = says((t) => bought(t, 'second'));
const isErased = says(erasureRequested);
const registers = says((t) => registered(t));

/** The more often something stands here, the more often it happens. */
const OCCURRENCES: readonly Occurrence[] = [
  complains,
  complains,
  isHelped,
  isHelped,
  says((t) => complained(t, 'k-2')),
  says((t) => resolved(t, 'k-2')),
  buysAgain,
  buysAgain,
  says((t) => bought(t, `another ${t}`)),
  isErased,
  isErased,
  registers,
  registers,
  presses,
  presses,
  says((t) => chose(t, { how: 'page', promotion: 'on', ...consentAt(t) })),
  says((t) => chose(t, { programmes: { tips: 'off' } })),
  says((t) => chose(t, { pace: 'less' })),
  says((t) => checkedOut(t)),
  says((t) => checkedOut(t)),
  says((t) => filledCart(t, 0)),
  says((t) => reviewed(t, 1, { reviewId: 'v-1' })),
  says((t) => reviewed(t, 5, { reviewId: 'v-2' })),
  says((t) => scored(t, 10)),
  says((t) => scored(t, 10)),
  says((t) => scored(t, 2)),
  confirms,
  confirms,
  updates((t) => consentAt(t, 'none')),
  // What the shop has known all along says nothing new.
  updates(() => consentAt(START)),
  updates(() => ({ email: OTHER })),
  updates(() => ({ email: SHARED })),
];

/** Functions at work at once; more only make the log longer. */
const MOST_RUNNING = 4;
const MOST_STEPS = 500;
const PASSES: readonly Duration[] = [
  SECOND,
  6 * SECOND,
  12 * SECOND,
  MINUTE,
  LEASE + SECOND,
  16 * MINUTE,
  125 * MINUTE,
  25 * 60 * MINUTE,
];

/** One history by the die. */
export async function randomHistory(seed: number, tally: Tally): Promise<Finding> {
  const { violations, trace } = await playedBy(dieOf(seed), tally);
  return { violations, trace: [`PROTOCOL_SEED=${seed} PROTOCOL_RUNS=1`, ...trace] };
}

/** Attempts at making a history shorter. */
const MOST_CUTS = 400;

/** The same violation by as short a history as is found by leaving out what the die said. */
export async function shrunk(seed: number): Promise<Finding> {
  const die = dieOf(seed);
  let rolls: readonly number[] = [];
  const { violations, trace } = await playedBy(() => {
    const roll = die();
    rolls = [...rolls, roll];
    return roll;
  }, new Tally());
  let shortest: Finding = { violations, trace };
  let cuts = 0;
  for (let size = rolls.length >> 1; size > 0; size >>= 1) {
    for (let from = 0; from < rolls.length && cuts < MOST_CUTS; cuts += 1) {
      const left = [...rolls.slice(0, from), ...rolls.slice(from + size)];
      const finding = await playedBy(replayed(left), new Tally());
      const isAsBad = finding.violations.some((each) => violations.includes(each));
      if (isAsBad && finding.trace.length <= shortest.trace.length) {
        shortest = finding;
        rolls = left;
      } else from += size;
    }
  }
  return { violations: shortest.violations, trace: [`shrunk from PROTOCOL_SEED=${seed}`, ...shortest.trace] };
}

/** Says what was noted, and then the least. */
function replayed(rolls: readonly number[]): Die {
  let next = 0;
  return () => {
    next += 1;
    return rolls[next - 1] ?? 0;
  };
}

/** What a history may hold; each bound is drawn anew for each history, so that there are simple ones, too. */
interface Budget {
  faults: number;
  copies: number;
  passes: number;
  reports: number;
  pauses: number;
}

async function playedBy(die: Die, tally: Tally): Promise<Finding> {
  const below = (count: number) => Math.floor(die() * count);
  const oneOf = <T>(choices: readonly T[]) => choices[below(choices.length)];
  const heldLane = below(4) === 1 ? { lane: { perDay: below(4) === 1 ? 2 + below(4) : Infinity } } : {};
  const history = new Interleaving(hurried(1 + below(2)), { ...heldLane, reports: below(2) === 1 });
  const customers = below(3) === 1 ? [CUSTOMER, NEIGHBOUR] : [CUSTOMER];
  const registersFirst = (customerId: string) => (t: number) =>
    of(customerId, registered(t, customerId === NEIGHBOUR ? { email: 'Anna@Example.com' } : {}));
  const knowEachOther = customers.length > 1 && below(2) === 1;
  if (knowEachOther) {
    for (const customerId of customers) await history.record(registersFirst(customerId));
    await history.entered(SHARED, customers, START - DAY);
  }
  if (below(10) === 1) await fallIntoDoubt(history);
  const script = customers.flatMap((customerId): [string, Occurrence | undefined][] => [
    ...(knowEachOther ? [] : [[customerId, says(registersFirst(customerId))] satisfies [string, Occurrence]]),
    [customerId, says((t) => bought(t, 'first'))],
  ]);
  for (let more = below(5); more > 0; more -= 1) script.push([oneOf(customers) ?? CUSTOMER, oneOf(OCCURRENCES)]);
  const budget: Budget = {
    faults: below(7),
    copies: below(4),
    passes: below(10),
    reports: below(5),
    pauses: below(6) === 1 ? 2 : 0,
  };
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const choices: Choice[] = [];
    const may = (weight: number, act: () => Promise<void> | void) =>
      choices.push({ weight, cost: 0, act: async () => act() });
    mayGoOn(history, budget, tally, may);
    mayBeDelivered(history, budget, may);
    const [next] = script;
    if (next !== undefined) {
      may(1, async () => {
        script.shift();
        await history.pass(1);
        await next[1]?.(history, next[0]);
      });
    }
    const { mails } = history.world;
    if (budget.reports > 0 && mails.length > 0) {
      may(1, () => {
        budget.reports -= 1;
        const mail = oneOf(mails);
        const kind = oneOf(REPORTS);
        if (mail !== undefined && kind !== undefined) history.queue.push(history.reported(mail, kind));
      });
    }
    const isAlive = choices.length > 0;
    for (const [index] of history.travelling.entries()) may(1, () => history.arrive(index));
    if (budget.passes > 0) {
      may(1, async () => {
        budget.passes -= 1;
        await history.pass(oneOf(PASSES) ?? SECOND);
      });
      may(1, async () => {
        budget.passes -= 1;
        await history.sweep();
      });
    }
    if (budget.pauses > 0) {
      may(0.2, async () => {
        budget.pauses -= 1;
        await (budget.pauses === 0 ? history.resume() : history.pause(oneOf([undefined, 'onboarding', 'recovery'])));
      });
    }
    if (!isAlive && budget.passes === 0) break;
    let point = die() * choices.reduce((sum, each) => sum + each.weight, 0);
    const chosen = choices.find((each) => (point -= each.weight) < 0) ?? choices[0];
    await chosen?.act();
  }
  return concluded(history, tally);
}

/** SES accepts an apology and nobody hears of it: from here on it may be repeated, unless evidence comes first. */
async function fallIntoDoubt(history: Interleaving): Promise<void> {
  await history.record((t) => registered(t));
  await history.record((t) => complained(t));
  const sender = await history.begin({ to: 'send', customerId: CUSTOMER, key: '1/recovery/apology/k-1' });
  await history.upTo(sender, 'ses');
  await history.go(sender, 'answer lost');
  await history.finish(sender);
  await history.pass(LEASE + SECOND);
  await history.sweep();
}

type May = (weight: number, act: () => Promise<void> | void) => void;

/** What may become of the calls that functions wait for. */
function mayGoOn(history: Interleaving, budget: Budget, tally: Tally, may: May): void {
  for (const invocation of history.running) {
    const { call } = invocation;
    if (call === undefined) continue;
    may(10, () => history.go(invocation));
    if (budget.faults === 0) continue;
    if (isConditional(call.operation)) {
      may(0.25, async () => {
        budget.faults -= 1;
        await history.happens(invocation);
      });
    }
    for (const fate of faultsOf(call.operation)) {
      may(call.operation === 'ses' ? 1 : 0.25, async () => {
        budget.faults -= 1;
        await faultOf(history, invocation, fate, tally)();
      });
    }
  }
}

/** What may become of the messages on queues. */
function mayBeDelivered(history: Interleaving, budget: Budget, may: May): void {
  for (const [index, delivery] of history.queue.entries()) {
    if (history.running.length >= MOST_RUNNING) break;
    may(4, async () => {
      history.queue.splice(index, 1);
      await history.begin(delivery);
    });
    if (budget.copies > 0) {
      may(1, async () => {
        budget.copies -= 1;
        await history.begin(delivery);
      });
    }
    // The queue gives up on a message after some deliveries, reports are best effort, and readers do not insist.
    if (delivery.to !== 'record') may(0.2, () => void history.queue.splice(index, 1));
  }
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
