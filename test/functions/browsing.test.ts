/** What customers look at, through the functions' own code: kept beside the journal, summed up in the profile. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { beforeEach, describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { interestOf } from '../../shared/lifecycle/facts/interest.ts';
import { LOOKS_LAST } from '../../shared/lifecycle/facts/looks.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { bought, CUSTOMER, downloaded, erasureRequested, registered, START, viewed } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';
import { Bench, Died } from './bench.ts';
import { METRIC } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

/** Events arrive as they happen. */
async function live(...events: readonly CustomerEvent[]): Promise<void> {
  for (const each of events) {
    bench.now = each.occurredAt;
    await bench.record(each);
  }
}

const looks = async () => (await bench.store.readLooks(CUSTOMER)).browsing.looks;
const interest = async () => (await bench.customer()).facts.interest;
/** A visit of so many different pages, a minute each. */
const visit = (at: number, pages: number) =>
  Array.from({ length: pages }, (_, index) => viewed(at + index * MINUTE, { sku: `pot-${index}` }));

describe('a look', () => {
  it('makes a lead of somebody nobody has seen, and is not journalled', async () => {
    await live(viewed(START, { category: 'pots' }));
    expect(await bench.customer()).toMatchObject({
      stage: 'lead',
      facts: { firstSeenAt: START, interest: { first: { at: START, views: [START] }, sku: 'pot-1', category: 'pots' } },
    });
    expect(await bench.store.readJournal(CUSTOMER)).toEqual([]);
    expect(bench.meter.counted(METRIC.eventsTaken)).toBe(1);
  });

  it('counts once, however often it arrives', async () => {
    const seen = visit(START, 2);
    await live(...seen);
    const before = await bench.store.load(CUSTOMER);
    const kept = await bench.store.readLooks(CUSTOMER);
    await bench.record(...seen.toReversed());
    await bench.record(...seen);
    expect(await bench.store.load(CUSTOMER)).toEqual(before);
    expect(await bench.store.readLooks(CUSTOMER)).toEqual(kept);
    expect(bench.meter.counted(METRIC.eventsSetAside, { fate: 'repeated' })).toBe(4);
  });

  it('that says nothing new leaves the profile alone', async () => {
    const seen = visit(START, 6);
    await live(...seen.slice(0, 5));
    const before = await bench.store.load(CUSTOMER);
    await live(...seen.slice(5));
    expect(await bench.store.load(CUSTOMER)).toEqual(before);
    expect(await looks()).toHaveLength(6);
  });

  it('is summed up alike, one by one or in a batch, with what is journalled', async () => {
    const events = [...visit(START, 3), downloaded(START + HOUR), bought(START + 2 * HOUR), ...visit(START + DAY, 2)];
    await live(registered(START - DAY), ...events);
    const { facts } = await bench.customer();
    bench = new Bench();
    bench.now = START + 2 * DAY;
    await bench.record(...events.toReversed(), registered(START - DAY));
    expect((await bench.customer()).facts).toEqual(facts);
    expect(facts.interest?.studied?.by).toBe('download');
  });

  it('is not lost when the function dies before the profile is written', async () => {
    bench.now = START;
    bench.store.next('save', 'dies before');
    await expect(bench.record(viewed(START))).rejects.toThrow(Died);
    await bench.record(viewed(START));
    expect(await interest()).toMatchObject({ first: { views: [START] } });
  });

  it('counts beside one that another function takes in at the same time', async () => {
    await live(registered(START - HOUR));
    const [one, other] = visit(START, 2);
    if (one === undefined || other === undefined) throw new Error('a visit of two pages');
    bench.now = START + MINUTE;
    bench.store.before('save', () => bench.record(other));
    await bench.record(one);
    const { browsing } = await bench.store.readLooks(CUSTOMER);
    expect(browsing.looks).toHaveLength(2);
    expect(await interest()).toEqual(interestOf(browsing, PLAYBOOK_FOR_RULES.traits));
    expect(await interest()).toMatchObject({ looked: { views: 2 } });
  });

  it('survives a rebuild from the journal, which knows nothing of it', async () => {
    const orders = Array.from({ length: 9 }, (_, index) => bought(START + index * DAY, `o${index}`));
    const late = bought(START + HOUR, 'late');
    await live(viewed(START - HOUR), ...orders, late);
    expect(bench.meter.counted(NOTE.rebuilt)).toBe(1);
    const { facts } = await bench.customer();
    expect(facts.interest?.first.at).toBe(START - HOUR);
    expect(facts).toEqual(factsOf([...orders, late], facts.interest));
  });

  it('is forgotten after some months without one, but for its being the first', async () => {
    await live(...visit(START, 4), viewed(START + LOOKS_LAST + HOUR));
    expect(await looks()).toHaveLength(1);
    expect(await interest()).toMatchObject({ looked: { views: 1 }, first: { at: START } });
  });

  it('of long ago is of no interest', async () => {
    await live(registered(START));
    bench.now = START + LOOKS_LAST;
    await bench.record(viewed(START), viewed(START + MINUTE));
    expect(await looks()).toHaveLength(1);
    expect(bench.meter.counted(METRIC.eventsSetAside, { fate: 'repeated' })).toBe(1);
  });
});

describe('what an erased customer looked at', () => {
  const erasedAt = START + HOUR;
  const erase = async () => {
    bench.now = erasedAt;
    await bench.record(erasureRequested(erasedAt));
  };
  const registersAnew = async () => {
    bench.now = erasedAt + MINUTE;
    await bench.record(registered(bench.now));
  };

  beforeEach(() => live(registered(START - DAY), ...visit(START, 3)));

  it('is deleted, and what comes later is dropped and counted', async () => {
    await erase();
    expect(await looks()).toEqual([]);
    bench.now = erasedAt + MINUTE;
    await bench.record(viewed(START + MINUTE), viewed(erasedAt + MINUTE));
    expect(await looks()).toEqual([]);
    expect(bench.meter.counted(METRIC.eventsSetAside, { fate: 'dropped' })).toBe(2);
    expect(await bench.store.load(CUSTOMER)).toMatchObject({ kind: 'erased' });
  });

  it('is deleted, too, when it was on its way while that happened', async () => {
    bench.now = START + 30 * MINUTE;
    bench.store.before('save', erase);
    await bench.record(viewed(START + 30 * MINUTE, { category: 'tea' }));
    expect(await bench.store.load(CUSTOMER)).toMatchObject({ kind: 'erased' });
    expect(await looks()).toEqual([]);
    expect(bench.meter.counted(METRIC.eventsSetAside, { fate: 'dropped' })).toBe(1);
  });

  it('is deleted once more when a slow function has written it meanwhile', async () => {
    const { browsing } = await bench.store.readLooks(CUSTOMER);
    await erase();
    await bench.store.saveLooks(CUSTOMER, { browsing, version: 7 }, 0);
    bench.now = erasedAt + HOUR;
    await bench.wake();
    expect(await looks()).toEqual([]);
  });

  it('stays out of a new life, which keeps its own', async () => {
    const { browsing } = await bench.store.readLooks(CUSTOMER);
    await erase();
    await bench.store.saveLooks(CUSTOMER, { browsing, version: 7 }, 0);
    await registersAnew();
    const own = viewed(bench.now + MINUTE, { sku: 'cup-1' });
    bench.now += HOUR;
    await bench.record(viewed(START + 2 * MINUTE), own);
    expect(await looks()).toMatchObject([{ sku: 'cup-1' }]);
    expect(await interest()).toMatchObject({ first: { views: [own.occurredAt] }, sku: 'cup-1' });
  });
});
