/** Importing a shop's past: nothing is sent for it, it meets what is live, and it ends the same however often it dies. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Person } from '../../infra/history/customers.ts';
import { type Files, pastFrom, strayInWords } from '../../infra/import/past.ts';
import { WalkOvertaken } from '../../infra/walking.ts';
import { surveyOf } from '../../infra/import/waves.ts';
import { WriteBudget } from '../../infra/import/write-budget.ts';
import { MemoryWalkBook } from '../../shared/adapters/memory-walk-book.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { absolute, relative } from '../../shared/lifecycle/explain/when.ts';
import { mayPromote } from '../../shared/lifecycle/facts/consent.ts';
import { DAY, HOUR, type Instant } from '../../shared/lifecycle/time.ts';
import { day, erasureRequested, event } from '../support/events.ts';
import { Pipeline } from '../support/pipeline.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';
import { assert } from '../support/property.ts';
import { importInto, orderLog, type OrderSaid, purchase, type Setting } from './fixture.ts';

const EMAIL = 'anna@example.com';
const consented = (customerId: string) => ({
  customerId,
  email: `${customerId}@example.com`,
  marketing: 'opt_in' as const,
});

/** Six people: one who has just bought, two regulars, one at risk, two lapsed. */
const ORDERS: readonly OrderSaid[] = [
  { customerId: 'new', at: day(395), orderId: 'n1', total: 10 },
  ...[300, 340, 380].map((days, n) => ({ customerId: 'regular', at: day(days), orderId: `r${n}`, total: 20 })),
  ...[310, 350, 390].map((days, n) => ({ customerId: 'steady', at: day(days), orderId: `s${n}`, total: 20 })),
  ...[200, 290].map((days, n) => ({ customerId: 'risky', at: day(days), orderId: `k${n}`, total: 20 })),
  { customerId: 'gone', at: day(10), orderId: 'g1', total: 10 },
  { customerId: 'lost', at: day(100), orderId: 'l1' },
];
const NAMES = ['gone', 'lost', 'new', 'regular', 'risky', 'steady'];
const FILES: Files = { orders: orderLog(ORDERS), people: NAMES.map(consented) };
const NOW = day(400);

function setting(more: Partial<Setting> = {}): Setting {
  const pipeline = new Pipeline(PLAYBOOK_FOR_RULES, NOW);
  return { pipeline, walks: new MemoryWalkBook(), startsAt: NOW, ...more };
}

const momentsIn = async ({ pipeline }: Setting) =>
  (await Promise.all(NAMES.map((name) => pipeline.store.readLedger(name)))).flat();

type SaidOfConsent = Omit<Person, 'customerId'>;

const on = (consentAt?: Instant) => (consentAt === undefined ? {} : { consentAt });
/** Lines that tell of a refusal, and of a consent. */
const out = (at?: Instant) => ({ marketing: 'none' as const, consentSource: 'out', ...on(at) });
const yes = (at?: Instant) => ({ marketing: 'opt_in' as const, consentWording: 'v2', ...on(at) });
/** What has to come of either. */
const objected = (at: Instant) => ({ marketing: 'none', source: 'out', ...dated(at + 1) });
const agreed = (at: Instant) => ({ marketing: 'opt_in', source: 'import', wording: 'v2', ...dated(at) });

/** What the past tells of the consent of somebody of whom these lines tell. */
function consentIn(lines: readonly SaidOfConsent[]): unknown {
  const people = lines.map((line) => ({ customerId: 'regular', email: EMAIL, ...line }));
  const [first] = pastFrom({ ...FILES, people }, NOW).eventsOf('regular');
  const data: object = first?.data ?? {};
  return 'consent' in data ? data.consent : undefined;
}

const dated = (instant: Instant) => ({ at: new Date(instant).toISOString() });

/** People who bought once, long ago. */
const silentFiles = (ids: readonly string[]): Files => ({
  orders: orderLog(ids.map((customerId) => ({ customerId, at: day(10), total: 10 }))),
  people: ids.map(consented),
});
const wavesIn = ({ pipeline }: Setting, ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await pipeline.customer(id)).waveAt ?? 0));

const journals = ({ pipeline }: Setting) => Promise.all(NAMES.map((name) => pipeline.store.readJournal(name)));
const profiles = ({ pipeline }: Setting) =>
  pipeline.store.profiles.toSorted((a, b) => (a.customerId < b.customerId ? -1 : 1));

const calledOff = (customerId: string) => ({ customerId, orderId: 'k1', at: day(291) });

describe('the past of a shop', () => {
  it('is told in events that the contract takes, the same whenever it is read', () => {
    const files = {
      ...FILES,
      logins: { customers: ['new'], starts: Uint32Array.of(0, 3), at: Float64Array.of(day(1), day(1) + HOUR, day(2)) },
      complaints: [{ customerId: 'gone', openedAt: day(11), resolvedAt: day(12) }],
      cancellations: [{ customerId: 'risky', orderId: 'k1', at: day(291) }],
    };
    const past = pastFrom(files, NOW);
    expect(past.customers).toEqual(NAMES);
    for (const customerId of past.customers) {
      const events = past.eventsOf(customerId);
      expect(pastFrom(files, NOW).eventsOf(customerId)).toEqual(events);
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      expect(events.map(({ occurredAt }) => occurredAt)).toEqual(
        events.map(({ occurredAt }) => occurredAt).toSorted((a, b) => a - b),
      );
      for (const { id, type, occurredAt, data } of events) {
        const detail = { metadata: { id, version: 1, occurredAt: new Date(occurredAt).toISOString() }, data };
        expect(parseEvent({ source: 'import', detailType: type, detail }, NOW)).toMatchObject({ kind: 'event' });
      }
    }
    const types = past.eventsOf('gone').map(({ type }) => type);
    expect(types).toEqual(['Customer Registered', 'Purchase Completed', 'Complaint Opened', 'Complaint Resolved']);
    // One login a day is all that is kept.
    expect(past.eventsOf('new').filter(({ type }) => type === 'Login Succeeded')).toHaveLength(2);
  });

  it('counts the cancellations of customers of whom no other file tells, and leaves them out', () => {
    const past = pastFrom({ ...FILES, cancellations: ['risky', 'nobody', 'nobody'].map(calledOff) }, NOW);
    expect(past.customers).toEqual(NAMES);
    expect(strayInWords(past)).toEqual([
      '2 cancellations are left out: their customers are in no other of these files.',
    ]);
    expect(strayInWords(pastFrom({ ...FILES, cancellations: [calledOff('risky')] }, NOW))).toEqual([]);
  });

  it('counts orders that nothing tells apart as many', () => {
    const twice = { customerId: 'c', at: day(0), total: 10 };
    const told = pastFrom({ orders: orderLog([twice, twice]) }, NOW).eventsOf('c');
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
    expect(new Set(told.map(({ data }) => JSON.stringify(data))).size).toBe(2);
  });

  it('dates a consent that has no date so that it undoes nothing the person said since', () => {
    const said = (marketing: 'opt_in' | 'soft_opt_in' | 'none', consentAt?: Instant) =>
      consentIn([{ marketing, ...on(consentAt) }]);
    expect(said('opt_in')).toMatchObject(dated(day(300)));
    expect(said('soft_opt_in')).toMatchObject(dated(day(380)));
    expect(said('none')).toMatchObject(dated(NOW + 1));
    expect(said('opt_in', day(350))).toMatchObject(dated(day(350)));
    expect(consentIn([{}])).toBeUndefined();
  });

  it('takes the word of one line on consent, the last one, and an objection before what has no date', () => {
    // The second line counts for the person; neither counts twice, nor lends the other its date or its source.
    for (const turned of [false, true]) {
      const both = (...lines: readonly SaidOfConsent[]) => consentIn(turned ? lines.toReversed() : lines);
      expect(both(out(day(320)), yes())).toEqual(objected(day(320)));
      expect(both(out(day(320)), yes(day(310)))).toEqual(objected(day(320)));
      expect(both(out(day(320)), yes(day(330)))).toEqual(agreed(day(330)));
      expect(both(out(day(320)), yes(day(320)))).toEqual(objected(day(320)));
      expect(both(out(), yes(day(330)))).toEqual(objected(NOW));
      expect(both(out(), yes())).toEqual(objected(NOW));
      expect(both(out(day(320)), { consentAt: day(390), consentSource: 'a line that says neither' })).toEqual(
        objected(day(320)),
      );
    }
  });
});

describe('an import', () => {
  it('puts everybody into the stage of their past and sends nothing for it', async () => {
    const given = setting();
    expect(await importInto(given, FILES)).toMatchObject({ written: 6, unchanged: 0, erased: 0 });
    const { pipeline } = given;
    const stages = Object.fromEntries(
      await Promise.all(NAMES.map(async (name) => [name, (await pipeline.customer(name)).stage] as const)),
    );
    expect(stages).toEqual({
      gone: 'lapsed',
      lost: 'lapsed',
      new: 'new',
      regular: 'active',
      risky: 'at_risk',
      steady: 'active',
    });
    expect(pipeline.announced).toEqual([]);
    expect((await pipeline.customer('new')).lastChanges).toBeUndefined();
    await pipeline.waitUntil(day(700));
    const entries = await momentsIn(given);
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter(({ moment }) => moment < NOW)).toEqual([]);
    expect(pipeline.announced.filter(({ occurredAt }) => occurredAt < NOW)).toEqual([]);
  });

  it('lets whoever was silent begin on a day of their own, so many a day', async () => {
    const given = setting({ rampPerDay: 1 });
    await importInto(given, FILES);
    await given.pipeline.waitUntil(day(403.5));
    const begun = new Map<string, number>();
    for (const { customerId, key, moment } of await momentsIn(given)) {
      if (/win-back|at-risk|wavering|retention/u.test(key) && ['gone', 'lost', 'risky'].includes(customerId)) {
        begun.set(customerId, Math.min(begun.get(customerId) ?? Infinity, moment));
      }
    }
    const days = [...begun.values()].map((at) => Math.floor((at - NOW) / DAY));
    expect(days.length).toBeGreaterThanOrEqual(2);
    expect(new Set(days).size).toBe(days.length);
  });

  it('spreads the silent over days in an order of its own: at most so many in any 24 hours', async () => {
    const ids = Array.from({ length: 250 }, (_, n) => `c-${n}`);
    const files = silentFiles(ids);
    const { silent, stages } = surveyOf(pastFrom(files, NOW), PLAYBOOK_FOR_RULES.stages, NOW);
    expect(stages).toEqual(new Map([['lapsed', 250]]));
    expect(silent).toEqual(new Set(ids));
    const given = setting({ rampPerDay: 70 });
    await importInto(given, files);
    const waves = await wavesIn(given, ids);
    expect(new Set(waves).size).toBe(250);
    expect(waves).not.toEqual(waves.toSorted((a, b) => a - b));
    for (const wave of waves) {
      expect(waves.filter((each) => each >= wave && each < wave + DAY).length).toBeLessThanOrEqual(70);
    }
    expect([Math.min(...waves) - NOW, (Math.max(...waves) - NOW) / DAY]).toEqual([0, expect.closeTo(249 / 70)]);
  });

  describe('two imports of the same people', () => {
    const ids = Array.from({ length: 40 }, (_, n) => `c-${n}`);
    const both = silentFiles(ids);
    const { orders = orderLog([]), people = [] } = both;
    it.each<readonly [string, Files, Files, number, number]>([
      ['orders first, and customers three days later', { orders }, both, 3, 3],
      ['orders first, and customers alone three days later', { orders }, { people }, 3, 3],
      ['both files, and both again three days later', both, both, 3, 3],
      ['both files, and both again with a later beginning', both, both, 0, 30],
    ])('%s: all the silent are written to, on a day of their own', async (_what, one, two, later, startsIn) => {
      const given = setting({ rampPerDay: 10 });
      await importInto({ ...given, name: 'import/one' }, one);
      await given.pipeline.waitUntil(NOW + later * DAY);
      const startsAt = NOW + startsIn * DAY;
      await importInto({ ...given, name: 'import/two', startsAt }, two);
      await given.pipeline.waitUntil(NOW + 60 * DAY);
      const sent = given.pipeline.mailer.accepted.filter(({ key }) => key.includes('/win-back/ask/'));
      expect(sent.map(({ customerId }) => customerId).toSorted()).toEqual(ids.toSorted());
      const waves = await wavesIn(given, ids);
      for (const wave of waves) {
        expect(waves.filter((each) => each >= wave && each < wave + DAY).length).toBeLessThanOrEqual(10);
      }
      // Places that lie ahead are kept, and only as many are taken as are needed.
      expect(Math.max(...waves)).toBeLessThan(Math.max(startsAt, NOW + 4 * DAY) + 4 * DAY);
    });
  });

  it('an import that begins much later leaves the days before to others', async () => {
    const given = setting({ rampPerDay: 10 });
    const late = Array.from({ length: 10 }, (_, n) => `late-${n}`);
    await importInto({ ...given, name: 'import/one', startsAt: NOW + 2 * DAY }, silentFiles(late));
    const ids = Array.from({ length: 35 }, (_, n) => `c-${n}`);
    await importInto({ ...given, name: 'import/two' }, silentFiles(ids));
    const waves = await wavesIn(given, [...late, ...ids]);
    expect([Math.min(...waves), Math.max(...waves)].map((at) => (at - NOW) / DAY)).toEqual([0, expect.closeTo(4.4)]);
    for (const wave of waves) {
      expect(waves.filter((each) => each >= wave && each < wave + DAY).length).toBeLessThanOrEqual(10);
    }
  });

  it('gone on with under other thresholds, it gives no place away twice', async () => {
    const given = setting({ rampPerDay: 10 });
    const ids = Array.from({ length: 30 }, (_, n) => `c-${n}`);
    const files = {
      orders: orderLog(ids.map((customerId, n) => ({ customerId, at: day(n % 2 === 0 ? 10 : 330), total: 10 }))),
      people: ids.map(consented),
    };
    given.pipeline.store.deaths = new Set([60]);
    await expect(importInto(given, files)).rejects.toThrow(/^call /u);
    const { stages } = given.pipeline.playbook;
    given.pipeline.playbook = {
      ...given.pipeline.playbook,
      stages: { ...stages, cadence: { rule: 'fixed', atRiskAfter: 60 * DAY, lapsedAfter: 120 * DAY } },
    };
    await importInto(given, files);
    const waves = (await wavesIn(given, ids)).filter((wave) => wave > 0);
    // Those who were written by the first thresholds, too.
    expect(waves.length).toBeGreaterThan(20);
    for (const wave of waves) {
      expect(waves.filter((each) => each >= wave && each < wave + DAY).length).toBeLessThanOrEqual(10);
    }
  });

  it('killed and gone on with late, however often, writes to no more people a day than it said', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `c-${n}`);
    const files = silentFiles(ids);
    const given = setting({ rampPerDay: 10 });
    const { pipeline } = given;
    for (const [late, call] of [
      [0, 50],
      [3, 150],
      [9.5, 260],
    ] as const) {
      pipeline.now = NOW + late * DAY;
      pipeline.store.deaths = new Set([call]);
      await expect(importInto(given, files)).rejects.toThrow(/^call /u);
    }
    pipeline.now = NOW + 9.6 * DAY;
    const stored = await Promise.all(ids.map((id) => pipeline.store.load(id)));
    const { written, unchanged } = await importInto(given, files);
    expect([written > 10, written + unchanged]).toEqual([true, 60]);
    const waves = await wavesIn(given, ids);
    for (const wave of waves) {
      expect(waves.filter((each) => each >= wave && each < wave + DAY).length).toBeLessThanOrEqual(10);
    }
    expect(new Set(waves).size).toBe(ids.length);
    // Whoever is written late gets no day that is over, by which their first mail would be missed.
    const late = waves.filter((_, n) => stored[n] === undefined);
    expect(late.length).toBeGreaterThan(10);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(pipeline.now);
  });

  it('begun after the time from which mail counts keeps to as many people a day', async () => {
    const given = setting({ rampPerDay: 5 });
    given.pipeline.now = NOW + 20 * DAY;
    const ids = Array.from({ length: 50 }, (_, n) => `c-${n}`);
    await importInto(given, silentFiles(ids));
    const days = (await wavesIn(given, ids)).map((wave) => (wave - NOW) / DAY);
    expect([Math.min(...days), Math.max(...days)]).toEqual([20, expect.closeTo(29.8)]);
    expect(new Set(days).size).toBe(50);
  });

  it('somebody of whom nothing has a date is told to have been known before records began', async () => {
    const given = setting();
    await importInto(given, { people: [{ customerId: 'lost', email: EMAIL }] });
    const { stage, stageSince } = await given.pipeline.customer('lost');
    expect([stage, absolute(stageSince), relative(stageSince, NOW)]).toEqual([
      'lead',
      'before records began',
      'date unknown',
    ]);
  });

  it('two imports, one after the other or at once, write to no more people a day than one', async () => {
    const names = ['import/one', 'import/two', 'import/three'];
    const groups = names.map((_, group) => Array.from({ length: 15 }, (__, n) => `g${group}-${n}`));
    const given = setting({ rampPerDay: 10 });
    const [one, ...others] = groups.map(
      (ids, group) => () => importInto({ ...given, name: names[group] }, silentFiles(ids)),
    );
    await one?.();
    await Promise.all(others.map((each) => each()));
    const waves = (await wavesIn(given, groups.flat())).toSorted((a, b) => a - b);
    for (const wave of waves) {
      expect(waves.filter((each) => each >= wave && each < wave + DAY).length).toBeLessThanOrEqual(10);
    }
    // And no day is given away for nothing.
    expect(waves.at(-1)).toBeLessThan(NOW + 4.5 * DAY);
  });

  it('killed once its days are taken, and before anybody has one, it has those days', async () => {
    const given = setting({ rampPerDay: 10 });
    const ids = Array.from({ length: 15 }, (_, n) => `c-${n}`);
    given.pipeline.store.deaths = new Set([1]);
    await expect(importInto(given, silentFiles(ids))).rejects.toThrow(/^call /u);
    await importInto(given, silentFiles(ids));
    expect(Math.max(...(await wavesIn(given, ids)))).toBeLessThan(NOW + 1.5 * DAY);
  });

  it('done again changes nothing', async () => {
    const given = setting();
    await importInto(given, FILES);
    const before = given.pipeline.store.profiles;
    expect(await importInto({ ...given, walks: new MemoryWalkBook() }, FILES)).toMatchObject({
      written: 0,
      unchanged: 6,
    });
    expect(given.pipeline.store.profiles).toEqual(before);
  });

  it('keeps its beginning when it is done again later', async () => {
    const given = setting();
    await importInto(given, FILES);
    given.pipeline.now = day(410);
    await importInto({ ...given, startsAt: day(410) }, FILES);
    expect((await given.pipeline.customer('gone')).startsAt).toBe(NOW);
  });

  it('killed anywhere and begun again ends the same', async () => {
    const whole = setting();
    await importInto(whole, FILES);
    let dies = 1;
    for (; ; dies += 1) {
      const given = setting();
      given.pipeline.store.deaths = new Set([dies]);
      const end = await importInto(given, FILES).catch((error: unknown) => error);
      if (!(end instanceof Error)) break;
      given.pipeline.store.deaths = new Set();
      await importInto(given, FILES);
      expect(profiles(given)).toEqual(profiles(whole));
      expect((await journals(given)).map((all) => all.length)).toEqual(
        (await journals(whole)).map((all) => all.length),
      );
      expect((await given.walks.read('import/test'))?.status).toBe('done');
    }
    expect(dies).toBeGreaterThan(ORDERS.length + NAMES.length);
  });

  it('goes on where it stood, when the place cannot be written down either', async () => {
    const given = setting();
    const book = {
      read: (name: string) => given.walks.read(name),
      save: async (walk: Parameters<MemoryWalkBook['save']>[0], expected: number) => {
        if (walk.done > 0) throw new Error('away');
        return given.walks.save(walk, expected);
      },
    };
    await expect(importInto({ ...given, book }, FILES)).rejects.toThrow('away');
    expect(await importInto(given, FILES)).toMatchObject({ unchanged: 6 });
  });

  it('leaves it to one of two who do it at once', async () => {
    const given = setting();
    const both = await Promise.allSettled([importInto(given, FILES), importInto(given, FILES)]);
    const failed = both.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toBeInstanceOf(WalkOvertaken);
  });

  it('and an order that comes live with an id of the files count once', async () => {
    const given = setting();
    await importInto(given, FILES);
    const [order] = ORDERS;
    if (order === undefined) throw new Error('no order');
    const { facts } = await given.pipeline.customer(order.customerId);
    await given.pipeline.deliver(purchase({ ...order, at: order.at + HOUR }));
    expect((await given.pipeline.customer(order.customerId)).facts.orders).toEqual(facts.orders);
    expect(given.pipeline.sent).toEqual([]);
  });

  it('meets whoever is live already: their own mail goes on, and their past is added', async () => {
    const given = setting();
    const { pipeline } = given;
    const registered = event('Customer Registered', NOW, {
      customerId: 'gone',
      email: EMAIL,
      consent: { marketing: 'opt_in', source: 'shop', at: new Date(NOW).toISOString() },
    });
    pipeline.senderStopped = true;
    await pipeline.deliver(registered, purchase({ customerId: 'gone', at: NOW, orderId: 'now', total: 5 }));
    const before = await pipeline.customer('gone');
    expect(Object.keys(before.pending)).toContain('1/onboarding/welcome/1');
    await importInto(given, FILES);
    const after = await pipeline.customer('gone');
    expect(after.facts.orders.ring.map(({ orderId }) => orderId)).toEqual(['g1', 'now']);
    expect(after.facts.person.at(-1)?.email).toBe(EMAIL);
    expect(after.stage).toBe('new');
    expect(after.lastChanges).toEqual(before.lastChanges);
  });

  it('and an event that is faster are merged', async () => {
    const given = setting();
    const { pipeline } = given;
    let isFirst = true;
    const store = {
      load: (id: string) => pipeline.store.load(id),
      journal: (each: CustomerEvent) => pipeline.store.journal(each),
      unjournal: (id: string, eventId: string) => pipeline.store.unjournal(id, eventId),
      readJournal: (id: string) => pipeline.store.readJournal(id),
      save: async (...[profile, expected]: Parameters<typeof pipeline.store.save>) => {
        if (isFirst && profile.customerId === 'lost') {
          isFirst = false;
          await pipeline.deliver(purchase({ customerId: 'lost', at: NOW, orderId: 'live', total: 5 }));
        }
        return pipeline.store.save(profile, expected);
      },
    };
    await importInto({ ...given, store }, FILES);
    const { facts, stage } = await pipeline.customer('lost');
    expect(facts.orders.ring.map(({ orderId }) => orderId)).toEqual(['l1', 'live']);
    expect(stage).toBe('new');
  });

  it('takes in nothing of whoever had asked to be erased', async () => {
    const given = setting();
    const { pipeline } = given;
    await pipeline.deliver(purchase({ customerId: 'gone', at: day(10), orderId: 'g1', total: 10 }));
    await pipeline.deliver({
      ...erasureRequested(NOW),
      customerId: 'gone',
      data: { customerId: 'gone', requestId: 'q' },
    });
    expect(await importInto(given, FILES)).toMatchObject({ erased: 1, written: 5 });
    expect(await pipeline.store.readJournal('gone')).toEqual([]);
    expect((await pipeline.store.load('gone'))?.kind).toBe('erased');
  });

  it('brings objections with it: whoever objected gets no promotion', async () => {
    const given = setting();
    const people = [{ customerId: 'regular', email: EMAIL, marketing: 'none' as const }];
    await importInto(given, { ...FILES, people });
    await given.pipeline.waitUntil(day(600));
    const ends = (await momentsIn(given)).filter(({ customerId }) => customerId === 'regular');
    expect(ends.length).toBeGreaterThan(0);
    expect(ends.filter(({ outcome, reason }) => outcome === 'sent' || reason !== 'no consent')).toEqual([]);
  });

  it('of a corrected list that says no is heeded, whatever the ids of its events are', async () => {
    const ids = Array.from({ length: 30 }, (_, n) => `c-${n}`);
    const lists = (at?: Instant) =>
      (['opt_in', 'none'] as const).map((marketing) => ({
        orders: orderLog(ids.map((customerId) => ({ customerId, at: day(380), orderId: customerId, total: 10 }))),
        people: ids.map((customerId) => ({
          customerId,
          email: `${customerId}@example.com`,
          marketing,
          ...on(at),
        })),
      }));
    // Undated, and both on the same day, which is all that many lists tell.
    for (const files of [lists(), lists(day(390))]) {
      const given = setting();
      for (const file of files) await importInto({ ...given, walks: new MemoryWalkBook() }, file);
      const customers = await Promise.all(ids.map((id) => given.pipeline.customer(id)));
      expect(customers.filter(({ facts }) => mayPromote(facts.consent, NOW))).toEqual([]);
    }
  });

  it('and live events after it end in the same stages and facts as playing it all live', async () => {
    const orders = fc.array(
      fc.record({
        customer: fc.nat({ max: 3 }),
        days: fc.integer({ min: 0, max: 400 }),
        total: fc.integer({ min: 1, max: 99 }),
      }),
      { minLength: 1, maxLength: 25 },
    );
    await assert(
      fc.asyncProperty(orders, fc.integer({ min: 0, max: 400 }), async (rows, cut) => {
        const said = rows
          .map(({ customer, days, total }, n) => ({
            customerId: `c-${customer}`,
            at: day(days),
            orderId: `o${n}`,
            total,
          }))
          .toSorted((a, b) => a.at - b.at);
        const live = new Pipeline(PLAYBOOK_FOR_RULES, day(0));
        await live.play(said.map(purchase));
        await live.waitUntil(day(450));

        const pipeline = new Pipeline(PLAYBOOK_FOR_RULES, day(cut));
        const given: Setting = { pipeline, walks: new MemoryWalkBook(), startsAt: day(cut) };
        const before = said.filter(({ at }) => at <= day(cut));
        if (before.length > 0) await importInto(given, { orders: orderLog(before) });
        await pipeline.play(said.filter(({ at }) => at > day(cut)).map(purchase));
        await pipeline.waitUntil(day(450));
        for (const { customerId } of live.store.profiles) {
          const [one, other] = [await live.customer(customerId), await pipeline.customer(customerId)];
          expect(other.stage).toBe(one.stage);
          expect(other.traits).toEqual(one.traits);
          expect(other.facts.orders.ring.map(({ orderId, at }) => [orderId, at])).toEqual(
            one.facts.orders.ring.map(({ orderId, at }) => [orderId, at]),
          );
        }
        for (const { customerId } of pipeline.store.profiles) {
          const early = (await pipeline.store.readLedger(customerId)).filter(({ moment }) => moment < day(cut));
          expect(early).toEqual([]);
        }
      }),
      40,
    );
  });
});

describe('a write budget', () => {
  it('lets so many units pass in a second, and no more', async () => {
    let now = 0;
    const budget = new WriteBudget(
      10,
      () => now,
      async (duration) => (now += duration),
    );
    for (let n = 0; n < 20; n += 1) await budget.take(5);
    expect(budget.spent).toBe(100);
    expect(now).toBe(9500);
  });
});
