/** I3, I4, I5, I7, I8 and the caps over interleavings of the functions that send, with everything that can go wrong. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LEASE_SECONDS } from '../../shared/contracts/timing.ts';
import { bought, complained, CUSTOMER, erasureRequested, registered, resolved } from '../support/events.ts';
import { type Case, everyHistory, type Finding, NEIGHBOUR, randomHistory, shrunk, Tally } from './campaign.ts';
import type { Interleaving } from './interleaving.ts';
import type { Delivery } from './invocation.ts';
import {
  APOLOGY,
  atMail,
  complainant,
  leaseEnds,
  newcomer,
  oldNeighbours,
  report,
  send,
  TIP,
  wake,
  WELCOME,
} from './situations.ts';

const FIXED_SEED = 20_261_122;
const seed = Number(process.env['PROTOCOL_SEED'] ?? FIXED_SEED);
/** Before a change lands `.ci/run` plays others; for a night on an idle machine: PROTOCOL_RUNS=100000. */
const runs = Number(process.env['PROTOCOL_RUNS'] ?? 60);
/** Unfavourable turns per history of the exhaustive search. */
const depth = Number(process.env['PROTOCOL_DEPTH'] ?? 1);

vi.setConfig({ testTimeout: 3_600_000 });
// Waiting between two tries takes no time; the interleavings it allows are tried anyway.
beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterAll(() => void vi.useRealTimers());

/** A finding as the test shows it: what is broken, and how it came about. */
function shown({ violations, trace }: Finding): readonly string[] {
  return [...violations, ...trace];
}

describe('random histories', () => {
  it('break no invariant', async () => {
    const tally = new Tally();
    const broken = new Map<string, number>();
    for (let run = 0; run < runs; run += 1) {
      const { violations } = await randomHistory(seed + run, tally);
      for (const violation of violations) broken.set(violation, broken.get(violation) ?? seed + run);
    }
    process.stdout.write(`sending protocol, PROTOCOL_SEED=${seed}: ${tally.toString()}\n`);
    const [first] = broken.values();
    const shortest = first === undefined ? [] : shown(await shrunk(first));
    expect([...[...broken].map(([violation, found]) => `PROTOCOL_SEED=${found}: ${violation}`), ...shortest]).toEqual(
      [],
    );
  });
});

/** A situation in which these deliveries arrive at once. */
function smallCase(
  name: string,
  situation: () => Promise<Interleaving>,
  deliver: (history: Interleaving) => readonly Delivery[],
): Case {
  return {
    name,
    begin: async () => {
      const history = await situation();
      history.queue.length = 0;
      await history.pass(1);
      return { history, deliveries: deliver(history) };
    },
  };
}

/** SES has accepted the apology, nobody knows, and it is to be repeated. */
async function inDoubt(): Promise<Interleaving> {
  const history = await complainant();
  await history.go(await atMail(history, APOLOGY), 'answer lost');
  await leaseEnds(history);
  return history;
}

/** The welcome was sent, and its sender died before it could say so. */
async function unsettled(): Promise<Interleaving> {
  const history = await newcomer();
  await history.go(await atMail(history, WELCOME), 'dies after');
  await history.pass(LEASE_SECONDS * 1000);
  return history;
}

/** The welcome was sent, and everybody knows. */
async function sent(): Promise<Interleaving> {
  const history = await newcomer(0, 2);
  await history.run(send(WELCOME));
  return history;
}

const ADDRESS = 'anna@example.com';

describe('all histories of small cases', () => {
  it.each([
    smallCase('two senders of one promotional message', newcomer, () => [send(WELCOME), send(WELCOME)]),
    smallCase('two senders of competing messages', newcomer, () => [send(WELCOME), send(TIP)]),
    smallCase('a sender of a promotional message that repeats, and a complaint', newcomer, (history) => [
      send(TIP),
      history.recorded([complained(history.now)]),
    ]),
    smallCase('a sender and a purchase that cancels', newcomer, (history) => [
      send(WELCOME),
      history.recorded([bought(history.now + 1, 'second')]),
    ]),
    smallCase('two senders of an apology', complainant, () => [send(APOLOGY), send(APOLOGY)]),
    smallCase('a sender of an apology, and the end of the complaint', complainant, (history) => [
      send(APOLOGY),
      history.recorded([resolved(history.now)]),
    ]),
    smallCase('a sender of an apology, and the erasure', complainant, (history) => [
      send(APOLOGY),
      history.recorded([erasureRequested(history.now)]),
    ]),
    smallCase('a repeat of an apology, and a report of the first attempt', inDoubt, (history) => [
      send(APOLOGY),
      report(history, 'Delivery', APOLOGY),
    ]),
    smallCase('the resolver, and a report', unsettled, (history) => [wake(), report(history, 'Send', WELCOME)]),
    smallCase('two reports', sent, (history) => [
      report(history, 'Delivery', WELCOME),
      report(history, 'soft bounce', WELCOME),
    ]),
    smallCase('a sender, and a report that ends all mail', sent, (history) => [
      send(TIP),
      report(history, 'Complaint', WELCOME),
    ]),
    smallCase('a report, the erasure, and a registration', unsettled, (history) => [
      report(history, 'soft bounce', WELCOME),
      history.recorded([erasureRequested(history.now)]),
      history.recorded([registered(history.now + 1, { email: 'anna@example.net' })]),
    ]),
    smallCase('a sender, and somebody who unsubscribes', newcomer, (history) => [
      send(WELCOME),
      history.unsubscribed(CUSTOMER, 1, ADDRESS),
    ]),
    smallCase('two customers with one mailbox', oldNeighbours, () => [send(WELCOME), send(WELCOME, NEIGHBOUR)]),
    smallCase('two customers with one mailbox, and the erasure of one', oldNeighbours, (history) => [
      send(WELCOME),
      history.recorded([erasureRequested(history.now)]),
      send(WELCOME, NEIGHBOUR),
    ]),
  ])('break no invariant: $name', async (each) => {
    const tally = new Tally();
    const finding = await everyHistory(each, depth, tally);
    process.stdout.write(`sending protocol, all with ${depth} unfavourable turns: ${tally.toString()}\n`);
    expect(finding === undefined ? [] : shown(finding)).toStrictEqual([]);
  });
});
