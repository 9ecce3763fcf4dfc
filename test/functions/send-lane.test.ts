import { beforeEach, describe, expect, it } from 'vitest';
import type { Admission, SendingLane } from '../../functions/send/lane.ts';
import type { SendOutcome, SendQuota } from '../../shared/adapters/mailer.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { MemoryLaneStore } from '../../shared/adapters/memory-lane-store.ts';
import { reviseLane } from '../../shared/adapters/revise.ts';
import { ALL, changePause } from '../../infra/pauses.ts';
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import { type Lane, OPEN_LANE, pause, resume, stop, usedWithinADay } from '../../shared/lifecycle/lane.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { START } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { HandStopwatch, laneInMemory } from '../support/sending-lane.ts';
import { CountingMeter } from '../support/counting-meter.ts';

const SECOND = 1000;
const TAKEN: SendOutcome = { kind: 'accepted', messageId: '' };
const ANN = 'ann';
const BEN = 'ben';
/** Ann's own moment within an hour. */
const OWN = hash32(ANN) % HOUR;

/** Counts what is asked of the item. */
class CountedLanes extends MemoryLaneStore {
  reads = 0;
  writes = 0;
  away = false;
  /** Somebody else is always faster. */
  contended = false;
  override async read() {
    this.reads += 1;
    if (this.away) throw new Error('the table is away');
    return super.read();
  }
  override async save(lane: Lane, expected: number) {
    this.writes += 1;
    if (this.contended) return false;
    return super.save(lane, expected);
  }
}

let lanes: CountedLanes;
let stopwatch: HandStopwatch;
let meter: CountingMeter;
let quota: SendQuota | undefined;
let asked: number;
/** What SES says to a mail to its simulator. */
let answer: SendOutcome;
let asksOfSes: number;
let now: Instant;

beforeEach(() => {
  lanes = new CountedLanes();
  stopwatch = new HandStopwatch();
  meter = new CountingMeter();
  quota = { perDay: 10_000, perSecond: Infinity };
  asked = 0;
  answer = TAKEN;
  asksOfSes = 0;
  now = START;
});

const open = (settings: Parameters<typeof laneInMemory>[2] = {}): SendingLane =>
  laneInMemory(
    () => now,
    {
      lanes,
      stopwatch,
      meter,
      quota: async () => {
        asked += 1;
        if (quota === undefined) throw new Error('SES does not say');
        return quota;
      },
      askSes: async () => {
        asksOfSes += 1;
        return answer;
      },
    },
    settings,
  );

const admit = (lane: SendingLane, kind: 'promotional' | 'service' = 'promotional', programme = 'onboarding') =>
  lane.admit(ANN, programme, kind);

/** Admits until somebody is held; how many were admitted. */
async function admitAll(lane: SendingLane, kind: 'promotional' | 'service', most = 1000): Promise<[number, Admission]> {
  for (let count = 0; ; count += 1) {
    const admission = await admit(lane, kind);
    if (admission.kind === 'held' || count === most) return [count, admission];
  }
}

const held = (until: Instant, reason: string): Admission => ({ kind: 'held', until, reason });

describe('a pause', () => {
  it.each([
    ['promotional', HOUR + OWN],
    ['service', 5 * MINUTE],
  ] as const)('of everything holds %s mail, which looks again in its own time', async (kind, wait) => {
    await reviseLane(lanes, (lane) => pause(lane, undefined, START));
    expect(await admit(open(), kind)).toEqual(held(START + wait, 'paused'));
  });

  it('of a programme holds that one and no other', async () => {
    await reviseLane(lanes, (lane) => pause(lane, 'win-back', START));
    const lane = open();
    expect(await admit(lane, 'promotional', 'win-back')).toMatchObject({ reason: 'paused' });
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it.each([
    ['all mail', undefined],
    ['the programme', 'onboarding'],
  ])('of %s for a day is said to have lasted for long', async (_what, programme) => {
    await reviseLane(lanes, (lane) => pause(lane, programme, START));
    const lane = open();
    now = START + DAY - 1;
    expect(await admit(lane)).not.toHaveProperty('forLong');
    now = START + DAY;
    expect(await admit(lane)).toMatchObject({ reason: 'paused', forLong: true });
  });

  it('is seen within twenty seconds, and so is its end; in between nobody asks', async () => {
    const lane = open({ shadow: true });
    await admit(lane);
    await reviseLane(lanes, (each) => pause(each, undefined, START));
    const { reads } = lanes;
    now = START + 20 * SECOND - 1;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
    expect(lanes.reads).toBe(reads);
    now = START + 20 * SECOND;
    expect(await admit(lane)).toMatchObject({ reason: 'paused' });
    await reviseLane(lanes, (each) => resume(each, undefined));
    now += 20 * SECOND;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it('that cannot be read is not taken for an open lane', async () => {
    const lane = open();
    lanes.away = true;
    await expect(admit(lane)).rejects.toThrow('the table is away');
    lanes.away = false;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });
});

describe('after SES said not now', () => {
  it.each([
    ['quota', HOUR],
    ['paused', 15 * MINUTE],
    ['misconfigured', 15 * MINUTE],
  ] as const)('%s: everybody stops, once, and says so', async (why, wait) => {
    const lane = open();
    await lane.refused(why, ANN);
    await lane.refused(why, BEN);
    now += SECOND;
    await lane.refused(why, ANN);
    expect(meter.names).toEqual([`LaneStopped ${why}`]);
    const everybody = [await admit(lane), await admit(open())];
    expect(everybody).toEqual(Array(2).fill(held(START + wait + OWN, `stopped: ${why}`)));
    expect(await admit(lane, 'service')).toEqual(held(START + wait, `stopped: ${why}`));
    now = START + wait;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it.each([
    ['rate', 3],
    ['unreachable', 3],
  ] as const)('%s: only the %dth time within a minute stops the lane, for a minute', async (why, times) => {
    const lane = open();
    for (let time = 0; time < times; time += 1) {
      stopwatch.now = (time * MINUTE) / (times - 1);
      await lane.refused(why, ANN);
    }
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
    stopwatch.now = 61 * SECOND;
    await lane.refused(why, ANN);
    // A rate that was too high passes, and wakes nobody.
    expect(meter.names).toEqual([why === 'rate' ? 'held back rate' : `LaneStopped ${why}`]);
    expect(await admit(lane, 'service')).toEqual(held(START + MINUTE, `stopped: ${why}`));
  });

  it('unknown for the 5th time within a minute stops the lane, whatever SES took in between', async () => {
    const lane = open();
    for (let time = 0; time < 5; time += 1) {
      stopwatch.now = time * 10 * SECOND;
      expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
      await lane.refused('unknown', ANN);
      await lane.accepted();
    }
    expect(meter.names).toEqual(['LaneStopped unknown']);
    expect(await admit(lane, 'service')).toEqual(held(START + MINUTE, 'stopped: unknown'));
    // SES took mail: no trials are needed afterwards.
    now += MINUTE;
    expect([await admit(lane), await admit(lane)]).toMatchObject([{ kind: 'admitted' }, { kind: 'admitted' }]);
  });

  it.each([
    ['unreachable', 3, 10 * MINUTE, MINUTE],
    ['unreachable', 3, 10 * MINUTE - 1, 2 * MINUTE],
    ['rate', 3, 10 * MINUTE - 1, 2 * MINUTE],
  ] as const)('%s %d times again, %d ms after the stop: stops for %d ms', async (why, times, after, lasts) => {
    const lane = open();
    const refuse = async () => {
      for (let time = 0; time < times; time += 1) await lane.refused(why, ANN);
    };
    await refuse();
    now += MINUTE + after;
    await refuse();
    expect((await lanes.read()).stop).toEqual({ why, since: now, until: now + lasts });
  });

  it('a stop for another reason is not the same outage', async () => {
    await reviseLane(lanes, (lane) => stop(lane, 'unreachable', START, START - 8 * MINUTE));
    const lane = open();
    for (let time = 0; time < 5; time += 1) await lane.refused('unknown', ANN);
    expect((await lanes.read()).stop).toMatchObject({ why: 'unknown', until: START + MINUTE });
  });

  it('an accident of one kind does not add to those of another', async () => {
    const lane = open();
    for (const why of ['rate', 'unknown', 'rate', 'unreachable', 'unknown', 'unreachable'] as const) {
      await lane.refused(why, ANN);
    }
    expect(meter.names).toEqual([]);
  });

  it('misconfigured, about one customer’s mail however often: nobody else is held up', async () => {
    const lane = open();
    for (let time = 0; time < 5; time += 1) await lane.refused('misconfigured', ANN);
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
    await lane.refused('misconfigured', BEN);
    expect(await admit(lane)).toMatchObject({ reason: 'stopped: misconfigured' });
  });

  it('misconfigured is forgotten when SES takes a mail', async () => {
    const lane = open();
    await lane.refused('misconfigured', ANN);
    await lane.accepted();
    await lane.refused('misconfigured', BEN);
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it.each([
    ['paused', 15 * MINUTE, 0],
    ['quota', HOUR, 2 * HOUR],
  ] as const)(
    '%s: mail that leaves says so when it can mean that the stop is over, for a day',
    async (why, wait, more) => {
      const lane = open();
      await lane.refused(why, ANN);
      now = START + wait + more - 1;
      await lane.accepted(true);
      expect(meter.valuesOf(METRIC.laneStopped)).toEqual([1]);
      now += 1;
      await lane.accepted();
      expect(meter.valuesOf(METRIC.laneStopped)).toEqual([1, 0]);
      now = START + wait + DAY;
      await lane.accepted();
      expect(meter.valuesOf(METRIC.laneStopped)).toEqual([1, 0]);
      await lane.accepted(true);
      expect(meter.valuesOf(METRIC.laneStopped)).toEqual([1, 0, 0]);
    },
  );

  it('the first mail that leaves says that the stop is over, however late, and those after it do not', async () => {
    await open().refused('paused', ANN);
    const lane = open();
    now += 30 * DAY;
    for (let mail = 0; mail < 3; mail += 1) {
      await admit(lane);
      await lane.accepted();
    }
    expect(meter.valuesOf(METRIC.laneStopped)).toEqual([1, 0]);
    // Of the next stop it is said again.
    await lane.refused('paused', ANN);
    now += 30 * DAY;
    await admit(lane);
    await lane.accepted();
    expect(meter.valuesOf(METRIC.laneStopped)).toEqual([1, 0, 1, 0]);
  });

  it('a stop that lasts longer is not shortened', async () => {
    await reviseLane(lanes, (lane) => stop(lane, 'quota', START + HOUR));
    const lane = open();
    await lane.refused('paused', ANN);
    expect(await admit(lane, 'service')).toEqual(held(START + HOUR, 'stopped: quota'));
  });
});

const silent = async (lane: SendingLane, times: number) => {
  for (let time = 0; time < times; time += 1) {
    now += 10 * MINUTE;
    stopwatch.now += 10 * MINUTE;
    await lane.refused('unknown', ANN);
  }
};

describe('when SES does not say whether it took mails', () => {
  it('the fifth in a row stops everybody, at whatever pace and in whichever environment', async () => {
    const [one, other] = [open(), open()];
    await silent(one, 2);
    await silent(other, 2);
    expect(meter.names).toEqual([]);
    await silent(one, 1);
    expect(meter.names).toEqual(['LaneStopped unknown']);
    expect(await admit(open(), 'service')).toEqual(held(now + MINUTE, 'stopped: unknown'));
  });

  it('one that is taken begins the count anew; taking mail writes nothing otherwise', async () => {
    const lane = open({ shadow: true });
    await silent(lane, 4);
    await lane.accepted();
    const { writes } = lanes;
    await lane.accepted();
    await admit(lane);
    await lane.accepted();
    expect(lanes.writes).toBe(writes);
    await silent(lane, 4);
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
    await silent(lane, 1);
    expect(await admit(lane)).toMatchObject({ reason: 'stopped: unknown' });
  });

  it('a batch that is left waiting is counted with a write or two, and stops for no longer', async () => {
    const lane = open();
    await Promise.all(Array.from({ length: 10 }, () => lane.refused('unknown', ANN)));
    expect(lanes.writes).toBeLessThanOrEqual(2);
    expect((await lanes.read()).stop).toEqual({ why: 'unknown', since: now, until: now + MINUTE });
  });

  it('after the stop one mail goes on trial, and all others wait for its answer', async () => {
    const [one, other] = [open(), open()];
    await silent(one, 5);
    now += MINUTE;
    const tried = await Promise.all([admit(one, 'service'), admit(one, 'service'), admit(other, 'service')]);
    expect(tried.filter(({ kind }) => kind === 'admitted')).toHaveLength(1);
    expect(tried.filter(({ kind }) => kind === 'held')).toEqual(Array(2).fill(held(now + MINUTE, 'stopped: unknown')));
    await one.accepted();
    // Whoever has read the item before reads it again within so long.
    now += 20 * SECOND;
    expect([await admit(one), await admit(other)]).toMatchObject([{ kind: 'admitted' }, { kind: 'admitted' }]);
    expect((await lanes.read()).unsure).toBeUndefined();
  });

  it('a trial that is taken says that mail leaves again', async () => {
    const lane = open();
    await silent(lane, 5);
    now += MINUTE;
    await admit(lane);
    await lane.accepted();
    expect(meter.valuesOf(METRIC.laneStopped)).toEqual([1, 0]);
  });

  it.each([
    ['rejected', (lane: SendingLane) => lane.answered()],
    ['not now: rate', (lane: SendingLane) => lane.refused('rate', ANN)],
    ['not now: misconfigured', (lane: SendingLane) => lane.refused('misconfigured', ANN)],
  ])('a trial that is %s was answered, too: no more of them are made', async (_what, says) => {
    const lane = open();
    await silent(lane, 5);
    now += MINUTE;
    await admit(lane);
    await says(lane);
    expect(await lanes.read()).toMatchObject({ stop: { until: now } });
    expect((await lanes.read()).unsure).toBeUndefined();
    // It did not leave.
    expect(meter.valuesOf(METRIC.laneStopped)).toEqual([1]);
    // Nor does what comes next count as one.
    await lane.refused('unknown', BEN);
    expect((await lanes.read()).unsure).toBe(1);
  });

  it('a trial that met no connection was not answered', async () => {
    const lane = open();
    await silent(lane, 5);
    now += MINUTE;
    await admit(lane);
    await lane.refused('unreachable', ANN);
    expect((await lanes.read()).unsure).toBe(5);
  });

  it.each([
    ['rate', MINUTE],
    ['quota', HOUR],
    ['paused', 15 * MINUTE],
    ['misconfigured', 15 * MINUTE],
  ] as const)('%s, said to the mail to the simulator, ends the silence and stops for that', async (why, wait) => {
    const lane = open();
    await silent(lane, 5);
    now += MINUTE;
    answer = { kind: 'not now', why };
    expect(await admit(lane, 'service')).toEqual(held(now + wait, `stopped: ${why}`));
    expect((await lanes.read()).unsure).toBeUndefined();
    expect(meter.names.slice(1)).toEqual([why === 'rate' ? 'held back rate' : `LaneStopped ${why}`]);
    now += wait;
    expect([await admit(lane), await admit(open())]).toMatchObject([{ kind: 'admitted' }, { kind: 'admitted' }]);
    expect(asksOfSes).toBe(1);
  });

  it('no connection for the mail to the simulator is no answer: it is asked again in a quarter of an hour', async () => {
    const lane = open();
    await silent(lane, 5);
    now += MINUTE;
    answer = { kind: 'not now', why: 'unreachable' };
    expect(await admit(lane, 'service')).toEqual(held(now + 15 * MINUTE, 'stopped: unreachable'));
    expect((await lanes.read()).unsure).toBe(5);
  });

  it('a mail to the simulator that is refused for good is an answer: one of ours goes on trial', async () => {
    const lane = open();
    await silent(lane, 5);
    now += MINUTE;
    answer = { kind: 'rejected', code: 'MessageRejected' };
    expect([await admit(lane), await admit(lane)]).toMatchObject([{ kind: 'admitted' }, { kind: 'held' }]);
  });

  it('whoever resumes all mail has the next trial made at once, and ends no stop for another reason', async () => {
    const lane = open();
    await silent(lane, 5);
    for (let trial = 0; trial < 8; trial += 1) {
      now = (await lanes.read()).stop?.until ?? NaN;
      await admit(lane);
      await lane.refused('unknown', ANN);
    }
    await changePause(lanes, 'resume', ALL, SHIPPED, now);
    now += 20 * SECOND;
    expect([await admit(lane), await admit(lane)]).toMatchObject([{ kind: 'admitted' }, { kind: 'held' }]);
    await lane.refused('quota', ANN);
    await changePause(lanes, 'resume', ALL, SHIPPED, now);
    expect(await admit(open())).toMatchObject({ reason: 'stopped: quota' });
  });

  it('a trial that fails makes the next one wait twice as long, up to four hours', async () => {
    const lane = open();
    await silent(lane, 5);
    const waits: number[] = [];
    for (let trial = 0; trial < 10; trial += 1) {
      const { until = NaN } = (await lanes.read()).stop ?? {};
      now = until;
      expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
      await lane.refused('unknown', ANN);
      waits.push((((await lanes.read()).stop?.until ?? NaN) - now) / MINUTE);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 240, 240, 240]);
  });

  it('a trial that never was one is made up for by another mail a minute later', async () => {
    const lane = open();
    await silent(lane, 5);
    now += MINUTE;
    const admission = await admit(lane);
    if (admission.kind === 'admitted') admission.unused();
    now += MINUTE - 1;
    expect(await admit(lane)).toMatchObject({ kind: 'held' });
    now += 1;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it('what comes late of the time before the stop does not make it longer', async () => {
    const lane = open();
    await silent(lane, 5);
    const { stop: before } = await lanes.read();
    now += MINUTE / 2;
    for (let late = 0; late < 4; late += 1) await lane.refused('unknown', ANN);
    expect((await lanes.read()).stop).toEqual(before);
  });

  it('no mail is risked while SES does not even take one to its simulator: it is asked each quarter of an hour', async () => {
    answer = { kind: 'unknown', cause: undefined };
    const lane = open();
    await silent(lane, 5);
    for (const end = now + 48 * HOUR; now < end; now += MINUTE) {
      expect(await admit(lane, 'service')).toMatchObject({ kind: 'held' });
    }
    expect(asksOfSes).toBe(192);
    answer = TAKEN;
    now = (await lanes.read()).stop?.until ?? NaN;
    expect(await admit(lane, 'service')).toMatchObject({ kind: 'admitted' });
  });
});

describe('the daily share', () => {
  it('is our part of the account’s quota; a tenth of it is kept for service mail', async () => {
    quota = { perDay: 200, perSecond: Infinity };
    const lane = open({ quotaShare: 0.5 });
    expect(await admitAll(lane, 'promotional')).toEqual([90, held(START + HOUR + OWN, 'daily share')]);
    expect(await admitAll(lane, 'service')).toEqual([10, held(START + HOUR, 'daily share')]);
  });

  it('is one for all environments', async () => {
    quota = { perDay: 100, perSecond: Infinity };
    const [one] = await admitAll(open(), 'promotional', 60);
    const [other] = await admitAll(open(), 'promotional');
    expect(one).toBe(60);
    expect(other).toBeLessThanOrEqual(30);
    expect(other).toBeGreaterThanOrEqual(29);
  });

  it('is reserved in blocks that double, up to a hundredth of the share: five writes for a hundred mails', async () => {
    const lane = open();
    await admitAll(lane, 'promotional', 99);
    expect(lanes.writes).toBe(5);
    quota = { perDay: 400, perSecond: Infinity };
    lanes.writes = 0;
    await admitAll(open(), 'promotional', 7);
    expect(lanes.writes).toBe(4);
  });

  it('a batch that asks at once reserves no more than it needs', async () => {
    const lane = open();
    await Promise.all(Array.from({ length: 10 }, () => admit(lane)));
    expect(usedWithinADay(await lanes.read(), now)).toBe(12);
    expect(lanes.writes).toBe(2);
  });

  it('the first block is so small that a hundredth of the share at most is lost, whoever sends how little', async () => {
    quota = { perDay: 24 * 100 * 20, perSecond: Infinity };
    await admit(open({ senders: 2 }));
    expect(usedWithinADay(await lanes.read(), now)).toBe(10);
    await admit(open({ senders: 20 }));
    expect(usedWithinADay(await lanes.read(), now)).toBe(11);
  });

  it('that too many ask for at once is asked for again in a minute or two', async () => {
    lanes.contended = true;
    expect(await admit(open())).toEqual(held(START + MINUTE + (hash32(ANN) % MINUTE), 'rate'));
  });

  it('places that were not used come back, though another block was reserved meanwhile: an outage uses nothing up', async () => {
    const lane = open();
    const places = [];
    for (let mail = 0; mail < 5; mail += 1) places.push(await admit(lane));
    for (const place of places) if (place.kind === 'admitted') place.unused();
    now = START + HOUR;
    await admit(lane);
    expect(usedWithinADay(await lanes.read(), now)).toBe(4);
  });

  it('what is left of a block when its hour is over goes back with the next reservation', async () => {
    const lane = open();
    await admitAll(lane, 'promotional', 10);
    now = START + HOUR;
    await admit(lane);
    expect(usedWithinADay(await lanes.read(), now)).toBe(12 - 1 + 4);
  });

  it('what is left goes back when several reserve at the turn of the hour, too, and all but one are too late', async () => {
    const senders = [1, 2, 3].map(() => open({ senders: 3 }));
    const hours = 3;
    for (let hour = 0; hour <= hours; hour += 1) {
      now = START + hour * HOUR;
      lanes.writes = 0;
      // In the last hour one mail each: those blocks hold no more.
      const mails = hour === hours ? 1 : 8;
      await Promise.all(
        senders.map(async (lane) => {
          for (let mail = 0; mail < mails; mail += 1) expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
        }),
      );
    }
    // They did meet.
    expect(lanes.writes).toBeGreaterThan(senders.length);
    expect(usedWithinADay(await lanes.read(), now)).toBe(senders.length * (hours * 8 + 1));
  });

  it('a place that was not used serves the next mail', async () => {
    quota = { perDay: 10, perSecond: Infinity };
    const lane = open();
    for (let index = 0; index < 50; index += 1) {
      const admission = await admit(lane);
      if (admission.kind !== 'admitted') throw new Error(`the ${index}th mail was ${admission.kind}`);
      admission.unused();
    }
    expect((await admitAll(lane, 'promotional'))[0]).toBe(9);
  });

  it('once full is not asked for again with every mail', async () => {
    quota = { perDay: 10, perSecond: Infinity };
    const lane = open();
    await admitAll(lane, 'promotional');
    const { reads } = lanes;
    for (let index = 0; index < 5; index += 1) await admit(lane);
    expect(lanes.reads).toBe(reads);
  });

  it('opens again as the day moves on', async () => {
    quota = { perDay: 10, perSecond: Infinity };
    const lane = open();
    await admitAll(lane, 'promotional');
    now = START + 25 * HOUR;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it('has no end when SES sets none', async () => {
    quota = { perDay: Infinity, perSecond: Infinity };
    expect((await admitAll(open(), 'promotional', 500))[0]).toBe(500);
  });
});

describe('warm-up', () => {
  it('lets few mails out on the first day and more on the next, and service mail always', async () => {
    const lane = open({ warmUp: { firstDay: 20, factor: 2 } });
    expect(await admitAll(lane, 'promotional')).toEqual([20, held(START + HOUR + OWN, 'warm-up')]);
    expect((await admitAll(lane, 'service', 30))[0]).toBe(30);
    now = START + 25 * HOUR;
    expect((await admitAll(lane, 'promotional'))[0]).toBe(40);
  });
});

describe('places reserved for service mail', () => {
  it('carry no promotion, whatever is left of them', async () => {
    const lane = open({ warmUp: { firstDay: 300, factor: 2 } });
    await admitAll(lane, 'service', 300);
    expect(usedWithinADay(await lanes.read(), now)).toBe(303);
    expect(await admitAll(lane, 'promotional')).toMatchObject([300, { reason: 'warm-up' }]);
  });

  it('are not needed while promotion has left some of its own', async () => {
    const lane = open();
    await admitAll(lane, 'promotional', 1);
    const { writes } = lanes;
    await admit(lane, 'service');
    expect(lanes.writes).toBe(writes);
  });
});

describe('in shadow', () => {
  it('nothing is reserved, nobody asks SES and nobody waits; a stop holds all the same', async () => {
    const lane = open({ shadow: true });
    for (let index = 0; index < 5; index += 1) await admit(lane);
    expect([lanes.writes, asked, stopwatch.waits]).toEqual([0, 0, []]);
    await lane.refused('quota', ANN);
    expect(await admit(lane)).toMatchObject({ reason: 'stopped: quota' });
    expect(await lanes.read()).not.toEqual(OPEN_LANE);
  });
});

describe('the quota of the account', () => {
  it('is asked for once in fifteen minutes', async () => {
    const lane = open();
    for (const at of [0, 1, 15 * MINUTE - 1]) {
      now = START + at;
      await admit(lane);
    }
    expect(asked).toBe(1);
    now = START + 15 * MINUTE;
    await admit(lane);
    expect(asked).toBe(2);
  });

  it('that cannot be had stays as it was known', async () => {
    const lane = open();
    await admit(lane);
    quota = undefined;
    now = START + HOUR;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it('that was never known lets nothing out; it is asked for again a minute later', async () => {
    const lane = open();
    quota = undefined;
    expect(await admit(lane, 'service')).toEqual(held(START + MINUTE, 'stopped: quota unknown'));
    await admit(lane);
    expect(asked).toBe(1);
    quota = { perDay: 1000, perSecond: Infinity };
    now = START + MINUTE;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
    // Whoever was told of a stop hears of its end, also when the mail that leaves had not waited, and once.
    const before = meter.valuesOf(METRIC.laneStopped);
    await lane.accepted(false);
    await lane.accepted(false);
    expect(meter.valuesOf(METRIC.laneStopped)).toEqual([...before, 0]);
  });
});

/** Four mails a second are ours, of them two this environment's: one each half second. */
const paced = () => {
  quota = { perDay: 10_000, perSecond: 8 };
  return open({ quotaShare: 0.5, senders: 2 });
};

describe('the rate', () => {
  it('is shared evenly: each mail waits for its slot', async () => {
    const lane = paced();
    for (let index = 0; index < 4; index += 1) await admit(lane);
    expect(stopwatch.waits).toEqual([500, 500, 500]);
    stopwatch.now += 10 * SECOND;
    lane.begin();
    await admit(lane);
    expect(stopwatch.waits).toHaveLength(3);
  });

  it('a batch waits five seconds and no longer: who comes later is put off by a minute or two', async () => {
    const lane = paced();
    const [count, last] = await admitAll(lane, 'promotional');
    expect(count).toBe(11);
    expect(last).toEqual(held(START + MINUTE + (hash32(ANN) % MINUTE), 'rate'));
    expect(stopwatch.now).toBe(5 * SECOND);
    lane.begin();
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it('whoever is put off uses up no place of the day', async () => {
    const lane = paced();
    quota = { perDay: 40, perSecond: 8 };
    let admitted = 0;
    for (let batch = 0; batch < 20; batch += 1) {
      lane.begin();
      // In each batch some are put off.
      for (let mail = 0; mail < 15; mail += 1) admitted += (await admit(lane)).kind === 'admitted' ? 1 : 0;
    }
    expect(admitted).toBe(18);
  });

  it('a slot that was not used makes room for the next mail', async () => {
    const lane = paced();
    const first = await admit(lane);
    if (first.kind === 'admitted') first.unused();
    await admit(lane);
    expect(stopwatch.waits).toEqual([]);
    await admit(lane);
    expect(stopwatch.waits).toEqual([500]);
  });

  it('a batch that has taken its time is not put off when its slot is free', async () => {
    const lane = paced();
    stopwatch.now += 20 * SECOND;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
  });

  it('of an account that may send nothing holds everything, until it may', async () => {
    quota = { perDay: 200, perSecond: 0 };
    const lane = open();
    expect(await admit(lane, 'service')).toEqual(held(START + MINUTE, 'rate'));
    quota = { perDay: 200, perSecond: 1 };
    now = START + 15 * MINUTE;
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
    expect(await admit(lane)).toMatchObject({ kind: 'admitted' });
    expect(stopwatch.waits).toEqual([SECOND]);
  });

  it('without a limit nobody waits', async () => {
    const lane = open();
    for (let index = 0; index < 20; index += 1) await admit(lane);
    expect(stopwatch.waits).toEqual([]);
  });
});
