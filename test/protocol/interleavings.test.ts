/** I3, I4, I5, I7, I8 and the caps over interleavings of the functions that send, with everything that can go wrong. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bought, complained, erasureRequested, registered, resolved } from '../support/events.ts';
import { type Case, everyHistory, type Finding, randomHistory, Tally } from './campaign.ts';
import { type Delivery, Interleaving } from './interleaving.ts';
import { hurried } from './playbook.ts';

const FIXED_SEED = 20_261_122;
const seed = Number(process.env['PROTOCOL_SEED'] ?? FIXED_SEED);
/** For a night on an idle machine: PROTOCOL_RUNS=100000. */
const runs = Number(process.env['PROTOCOL_RUNS'] ?? 2000);
/** Unfavourable turns per history of the exhaustive search. */
const depth = Number(process.env['PROTOCOL_DEPTH'] ?? 1);

vi.setConfig({ testTimeout: 3_600_000 });
// Waiting between two tries takes no time; the interleavings it allows are tried anyway.
beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterAll(() => void vi.useRealTimers());

/** A finding as the test shows it: what is broken, and how it came about. */
function report({ violations, trace }: Finding): readonly string[] {
  return [...violations, ...trace];
}

describe('random histories', () => {
  it('break no invariant', async () => {
    const tally = new Tally();
    const found: Finding[] = [];
    for (let run = 0; run < runs; run += 1) {
      const finding = await randomHistory(seed + run, tally);
      if (finding.violations.length > 0) found.push(finding);
    }
    process.stdout.write(`sending protocol, PROTOCOL_SEED=${seed}: ${tally.toString()}\n`);
    const [shortest] = found.toSorted((a, b) => a.trace.length - b.trace.length);
    const broken = new Set(found.flatMap((each) => each.violations));
    const shown = shortest === undefined ? [] : [`${found.length} histories`, ...broken, '', ...report(shortest)];
    expect(shown).toStrictEqual([]);
  });
});

/** Somebody who has just bought and then perhaps complained, with these deliveries at once. */
function smallCase(name: string, complains: boolean, deliver: (now: number) => readonly Delivery[]): Case {
  return {
    name,
    begin: async () => {
      const history = new Interleaving(hurried(1));
      await history.record((t) => registered(t));
      await history.record((t) => (complains ? complained(t) : bought(t, 'first')));
      history.queue.length = 0;
      await history.pass(1);
      return { history, deliveries: deliver(history.now) };
    },
  };
}

const send = (key: string): Delivery => ({ to: 'send', key });
const WELCOME = send('1/onboarding/welcome/1');
const TIP = send('1/tips/tip/1');
const APOLOGY = send('1/recovery/apology/k-1');

describe('all histories of small cases', () => {
  it.each([
    smallCase('two senders of one promotional message', false, () => [WELCOME, WELCOME]),
    smallCase('two senders of competing messages', false, () => [WELCOME, TIP]),
    smallCase('a sender of a promotional message that repeats, and a complaint', false, (now) => [
      TIP,
      { to: 'record', events: [complained(now)] },
    ]),
    smallCase('a sender and a purchase that cancels', false, (now) => [
      WELCOME,
      { to: 'record', events: [bought(now + 1, 'second')] },
    ]),
    smallCase('two senders of an apology', true, () => [APOLOGY, APOLOGY]),
    smallCase('a sender of an apology, and the end of the complaint', true, (now) => [
      APOLOGY,
      { to: 'record', events: [resolved(now)] },
    ]),
    smallCase('a sender of an apology, and the erasure', true, (now) => [
      APOLOGY,
      { to: 'record', events: [erasureRequested(now)] },
    ]),
  ])('break no invariant: $name', async (each) => {
    const tally = new Tally();
    const finding = await everyHistory(each, depth, tally);
    process.stdout.write(`sending protocol, all with ${depth} unfavourable turns: ${tally.toString()}\n`);
    expect(finding === undefined ? [] : report(finding)).toStrictEqual([]);
  });
});
