/** I2 to I6 over the functions' own code, in memory: whatever happens to a customer, and whatever goes wrong. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import { beginsAnew } from '../../shared/lifecycle/customer/acquaintance.ts';
import { cooldownOf } from '../../shared/lifecycle/customer/cooldown.ts';
import { parseKey, placedOf, sameStep } from '../../shared/lifecycle/customer/message-key.ts';
import { makesUp } from '../../shared/lifecycle/customer/occurrences.ts';
import { pausedUntil, pausesOf } from '../../shared/lifecycle/customer/pauses.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { dissatisfiedSpans, stageOf } from '../../shared/lifecycle/stage.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { CUSTOMER, registered, START } from '../support/events.ts';
import { historyOf, ORDINARY } from '../support/histories.ts';
import { type Accepted, Pipeline, type SesAnswer } from '../support/pipeline.ts';
import { PLAYBOOK_FOR_RULES, SHIPPED } from '../support/playbooks.ts';
import { assert, same } from '../support/property.ts';
import { stagesByTimers } from '../support/stages-by-timers.ts';

const playbooks: readonly (readonly [string, Playbook])[] = [
  ['the shipped playbook', SHIPPED],
  ['the playbook of the rules', PLAYBOOK_FOR_RULES],
];

/** A year of a reachable customer: registered with consent, then anything. */
const lives = (most = 20) =>
  historyOf({ ...ORDINARY, most }).map((events) => [registered(START - HOUR), ...events] as const);

const LONG_AFTER = 200 * DAY;

/** The facts the history tells: not what was looked at, which is not in the journal, nor what we asked the shop for. */
function told({ interest: _looks, firstSeenAt: _look, confirmed: _answers, ...facts }: Facts) {
  return facts;
}

const lastOf = (history: readonly CustomerEvent[]): Instant => history.at(-1)?.occurredAt ?? START;

async function played(playbook: Playbook, history: readonly CustomerEvent[], after: number): Promise<Pipeline> {
  const pipeline = new Pipeline(playbook, history[0]?.occurredAt ?? START);
  await pipeline.play(history);
  await pipeline.waitUntil(lastOf(history) + after);
  return pipeline;
}

describe('I2: the pipeline announces the stages of every instant', () => {
  it.each(playbooks)('under %s', async (_name, playbook) => {
    await assert(
      fc.asyncProperty(lives(), async (history) => {
        const pipeline = await played(playbook, history, LONG_AFTER);
        same(pipeline.entered, stagesByTimers(history, playbook.stages, lastOf(history) + LONG_AFTER));
        const { facts } = await pipeline.customer();
        same(told(facts), told(factsOf(history)));
      }),
      60,
    );
  });
});

const complaintOf = ({ data }: CustomerEvent) => JSON.stringify(data).replace(/,"channel.*/u, '');

describe('I6: what is recorded already', () => {
  it.each(playbooks)(
    'changes nothing when it is delivered again, at once or later, under %s',
    async (_name, playbook) => {
      const later = fc.constantFrom(0, 1, HOUR, 10 * DAY, 31 * DAY, 61 * DAY, LONG_AFTER);
      await assert(
        fc.asyncProperty(lives(), later, fc.nat(), async (history, after, pick) => {
          // A complaint opened once more may be due for what was said about it long ago: that is time, not repetition.
          const openings = history.filter((each) => each.type === 'Complaint Opened');
          fc.pre(new Set(openings.map(complaintOf)).size === openings.length);
          const pipeline = await played(playbook, history, after);
          // What fell due by now is done when a few sweeps have passed: a mail may ask for its offer first.
          await pipeline.waitUntil(pipeline.now + 5 * MINUTE);
          const before = await pipeline.store.load(CUSTOMER);
          const mails = pipeline.mailer.accepted.length;
          pipeline.announced.splice(0);
          // What is announced again must not be acted upon before it has been compared.
          pipeline.senderStopped = true;
          await pipeline.deliver(...history.toSpliced(0, pick % history.length));
          await pipeline.deliver(...history.toReversed());
          same(await pipeline.store.load(CUSTOMER), before);
          const { pending } = await pipeline.customer();
          const due = pipeline.announced.filter((each) => each.detailType === ANNOUNCED.messageDue);
          expect(Object.keys(pending)).toStrictEqual(
            expect.arrayContaining(due.map((each) => String(each.data['key']))),
          );
          expect(pipeline.mailer.accepted).toHaveLength(mails);
        }),
        60,
      );
    },
  );
});

describe('I6: old events that were never recorded', () => {
  it.each(playbooks)('count for stages at once, and no stale mail follows, under %s', async (_name, playbook) => {
    await assert(
      fc.asyncProperty(lives(), fc.nat(), async (history, pick) => {
        const late = history.filter((_each, index) => index > 0 && (index + pick) % 3 === 0);
        const pipeline = await played(
          playbook,
          history.filter((each) => !late.includes(each)),
          30 * DAY,
        );
        await pipeline.deliver(...late);
        same(told((await pipeline.customer()).facts), told(factsOf(history)));
        await pipeline.waitUntil(lastOf(history) + LONG_AFTER);
        const ledger = await pipeline.store.readLedger(CUSTOMER);
        const stale = ledger.filter(
          ({ outcome, moment, endedAt, key }) => outcome === 'sent' && endedAt - moment > freshnessOf(playbook, key),
        );
        expect(stale).toStrictEqual([]);
      }),
      50,
    );
  });
});

function freshnessOf(playbook: Playbook, key: string): number {
  const [, programme, step = ''] = key.split('/');
  const steps = playbook.programmes
    .filter((each) => each.id === programme)
    .flatMap((each) => each.series.flatMap((series) => series.steps.map(({ id, fresh }) => ({ id, fresh }))));
  return steps.find((each) => each.id === step.replace(/\.\d+$/u, ''))?.fresh ?? 0;
}

const answers = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constant<SesAnswer>('accepted') },
      { weight: 4, arbitrary: fc.constantFrom<SesAnswer>('rejected', 'rate', 'quota', 'vanished', 'swallowed') },
    ),
    { maxLength: 12 },
  )
  .map((each): SesAnswer[] => [...each, 'accepted']);
const ordinals = (most: number) =>
  fc.array(fc.integer({ min: 1, max: most }), { maxLength: 12 }).map((each) => new Set(each));

describe('I3, I4, I5 and the caps, whatever SES answers and wherever a function dies', () => {
  it.each(playbooks)('under %s', async (_name, playbook) => {
    await assert(
      fc.asyncProperty(lives(30), answers, ordinals(150), ordinals(60), async (history, ses, deaths, refusals) => {
        const pipeline = new Pipeline(playbook, START - HOUR);
        pipeline.mailer.answers = ses;
        pipeline.store.deaths = deaths;
        pipeline.refusals = refusals;
        pipeline.circumstances = {
          ...pipeline.circumstances,
          improvements: [{ date: START + 200 * DAY, reason: 'price' }],
        };
        await pipeline.play(history);
        await pipeline.waitUntil(lastOf(history) + LONG_AFTER);
        await everythingEnded(pipeline);
        await nothingTwice(pipeline, ses.includes('swallowed') || deaths.size > 0);
        capsHold(pipeline);
        nothingPromotionalWhileUnhappy(pipeline);
      }),
      120,
    );
  });
});

describe('a new playbook between two events', () => {
  it('is applied to everybody at the next look: nothing is lost, nothing goes out twice', async () => {
    await assert(
      fc.asyncProperty(lives(), fc.nat(), async (history, pick) => {
        const change = pick % history.length;
        const pipeline = new Pipeline(PLAYBOOK_FOR_RULES, START - HOUR);
        await pipeline.play(history.slice(0, change));
        pipeline.playbook = SHIPPED;
        await pipeline.play(history.slice(change));
        await pipeline.waitUntil(lastOf(history) + LONG_AFTER);
        await everythingEnded(pipeline);
        await nothingTwice(pipeline, false);
        nothingPromotionalWhileUnhappy(pipeline);
        const { facts, stage } = await pipeline.customer();
        same(told(facts), told(factsOf(history)));
        expect(stage).toBe(stageOf(facts, SHIPPED.stages, pipeline.now).stage);
      }),
      50,
    );
  });
});

/** I3 */
async function everythingEnded(pipeline: Pipeline): Promise<void> {
  const { pending, flight, closing } = await pipeline.customer();
  // What is decided every few weeks may be waiting this very night.
  const waiting = Object.values(pending).filter((each) => pipeline.now - each.decidedAt > DAY);
  expect({ waiting, flight, closing }).toStrictEqual({ waiting: [], flight: {}, closing: {} });
  const ledger = await pipeline.store.readLedger(CUSTOMER);
  expect(ledger.filter(({ outcome, reason }) => outcome !== 'sent' && !reason)).toStrictEqual([]);
}

/** I4 */
async function nothingTwice(pipeline: Pipeline, outcomesUnknown: boolean): Promise<void> {
  const { accepted } = pipeline.mailer;
  const repeated = accepted.filter((each, index) => accepted.findIndex(({ key }) => key === each.key) !== index);
  // Only a programme that chose to repeat, only once, and only after an outcome that stayed unknown.
  const unlicensed = repeated.filter(
    ({ key }) => !outcomesUnknown || placedOf(key, pipeline.playbook)?.programme.afterUnknown !== 'repeat once',
  );
  expect(unlicensed).toStrictEqual([]);
  expect(new Set(repeated.map((each) => each.key)).size).toBe(repeated.length);
  const promotional = promotionalOf(pipeline);
  const tooSoon = promotional.filter(
    (each, index) =>
      !isForReturn(pipeline, each) &&
      promotional.some(
        ({ key, at }, other) => other < index && sameStep(key, each.key) && each.at - at < cooldown(pipeline, each.key),
      ),
  );
  expect(tooSoon).toStrictEqual([]);
  const ledger = await pipeline.store.readLedger(CUSTOMER);
  expect(new Set(ledger.map((each) => each.key)).size).toBe(ledger.length);
}

/** Whoever comes back is made the acquaintance of anew, however soon. */
function isForReturn({ playbook }: Pipeline, { key, customer }: Accepted): boolean {
  const placed = placedOf(key, playbook);
  return placed !== undefined && customer?.kind === 'living' && beginsAnew(customer.facts, placed, playbook);
}

function cooldown({ playbook }: Pipeline, key: string): number {
  const step = placedOf(key, playbook)?.step;
  return step === undefined ? playbook.cooldown : cooldownOf(step, playbook);
}

function promotionalOf(pipeline: Pipeline): readonly Accepted[] {
  return pipeline.mailer.accepted.filter((each) => pipeline.isPromotional(each.key));
}

/** A quarter of an hour, and a request that takes as long as any. */
const OWN_ACT = 17 * MINUTE;

/** Whether a mail was taken as the answer to what the customer had just done; it has to be one then. */
function isAnswer(pipeline: Pipeline, { key, at, customer }: Accepted): boolean {
  const flight = customer?.kind === 'living' ? customer.flight[key] : undefined;
  if (flight?.answer !== true) return false;
  expect(placedOf(key, pipeline.playbook)?.step.answersAct).toBe(true);
  expect(at - flight.moment).toBeLessThanOrEqual(OWN_ACT);
  return true;
}

function capsHold(pipeline: Pipeline): void {
  const { perDay, perWeek, per30Days } = pipeline.playbook.caps;
  const promotional = promotionalOf(pipeline).filter((each) => !isAnswer(pipeline, each));
  for (const [window, cap] of [
    [DAY, perDay],
    [7 * DAY, perWeek],
    [30 * DAY, per30Days],
  ] as const) {
    for (const { at } of promotional) {
      const inWindow = promotional.filter((each) => each.at > at - window && each.at <= at);
      expect(inWindow.length).toBeLessThanOrEqual(cap);
    }
  }
}

/** I5 */
function nothingPromotionalWhileUnhappy(pipeline: Pipeline): void {
  for (const { key, at, customer } of promotionalOf(pipeline)) {
    if (customer?.kind !== 'living') throw new Error('mail to somebody erased');
    const { playbook } = pipeline;
    const step = placedOf(key, playbook)?.step;
    // What a trouble held back is made up for as soon as that is over, without the rest that follows.
    const isMadeUp = step !== undefined && makesUp(step, parseKey(key)?.round ?? 0);
    const { facts } = customer;
    const rest = isMadeUp ? dissatisfiedSpans(facts, playbook.stages) : pausesOf(facts, playbook.stages);
    expect(pausedUntil(rest, at)).toBeUndefined();
  }
}
