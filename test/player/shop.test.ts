import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../infra/local/delivery.ts';
import { chanceOf } from '../../infra/local/random.ts';
import { shopPast } from '../../infra/local/shop/past.ts';
import { personNumber } from '../../infra/local/shop/people.ts';
import { trickle } from '../../infra/local/shop/trickle.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { stageOf, STAGES } from '../../shared/lifecycle/stage.ts';
import { DAY, MINUTE } from '../../shared/lifecycle/time.ts';

const NOW = Date.UTC(2026, 10, 22, 0, 3);

/** What the simulated shop says beyond orders, logins and trouble. */
const REVEALING = [
  'Product Viewed',
  'Content Downloaded',
  'Cart Updated',
  'Checkout Started',
  'Coupon Applied',
  'Review Posted',
  'Nps Answered',
  'Preference Declared',
  'Subscription Renewal Stopped',
  'Subscription Renewal Resumed',
  'Change Requested',
  'Change Confirmed',
  'Return Requested',
];
const OF_THE_PAST: ReadonlySet<string> = new Set(['Content Downloaded', 'Return Requested']);

let playbook: Playbook;
beforeAll(async () => {
  const text = await readFile(new URL('../../shared/content/playbook.json', import.meta.url), 'utf8');
  playbook = parsePlaybook(JSON.parse(text));
});

function journals(deliveries: readonly Delivery[]): Map<string, CustomerEvent[]> {
  const found = new Map<string, CustomerEvent[]>();
  for (const { at, event } of deliveries) {
    const parsed = parseEvent(event, at);
    if (parsed.kind === 'event') found.set(event.customerId, [...(found.get(event.customerId) ?? []), parsed.event]);
  }
  return found;
}

describe('the past of the simulated shop', () => {
  const { deliveries, people } = shopPast(1, NOW);

  it('is the same for the same seed and present, and another for another seed', () => {
    expect(shopPast(1, NOW)).toEqual({ deliveries, people });
    expect(shopPast(2, NOW).deliveries).not.toEqual(deliveries);
  });

  it.each([1, 2, 3, 20])('shows people in every stage, with seed %i', (seed) => {
    const counts = Object.fromEntries(STAGES.map((stage) => [stage, 0]));
    for (const journal of journals(shopPast(seed, NOW).deliveries).values()) {
      const { stage } = stageOf(factsOf(journal), playbook.stages, NOW);
      counts[stage] = (counts[stage] ?? 0) + 1;
    }
    expect(STAGES.filter((stage) => (counts[stage] ?? 0) < 4)).toEqual([]);
  });

  it('holds a return, open and solved complaints, refunds, a cancellation, deliveries, logins, and people without consent', () => {
    const all = [...journals(deliveries).values()];
    expect(all.some((journal) => stageOf(factsOf(journal), playbook.stages, NOW).returning)).toBe(true);
    const opened = deliveries.filter((each) => each.event.detailType === 'Complaint Opened').length;
    const resolved = deliveries.filter((each) => each.event.detailType === 'Complaint Resolved').length;
    expect(resolved).toBeGreaterThan(0);
    expect(opened).toBeGreaterThan(resolved);
    const kinds = new Set(deliveries.map((each) => each.event.detailType));
    for (const kind of ['Purchase Refunded', 'Order Cancelled', 'Order Delivered', 'Login Succeeded']) {
      expect(kinds).toContain(kind);
    }
    const consents = all.map((journal) => factsOf(journal).consent?.marketing);
    expect(consents).toContain('none');
    expect(consents).toContain('soft_opt_in');
  });

  it('holds what reveals every trait', () => {
    const kinds = new Set(deliveries.map((each) => each.event.detailType));
    for (const kind of REVEALING) expect(kinds).toContain(kind);
    const orders = deliveries.filter(({ event }) => event.detailType === 'Purchase Completed');
    for (const field of ['coupon', 'discount', 'promisedBy']) {
      expect(orders.some(({ event }) => field in event.detail.data)).toBe(true);
    }
  });

  it('makes three mistakes, which the contract refuses, and no more', () => {
    const kinds = deliveries.map(({ at, event }) => parseEvent(event, at).kind);
    expect(kinds.filter((kind) => kind !== 'event')).toEqual(['refused', 'refused', 'refused']);
  });

  it('lies before the present, within fifteen months, in order, under distinct event ids', () => {
    const instants = deliveries.map((each) => each.at);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(Math.max(...instants)).toBeLessThan(NOW);
    expect(Math.min(...instants)).toBeGreaterThan(NOW - 456 * DAY);
    expect(new Set(deliveries.map((each) => each.event.detail.metadata.id)).size).toBe(deliveries.length);
  });

  it('registers everybody before anything else happens to them', () => {
    const first = new Map(deliveries.toReversed().map(({ event }) => [event.customerId, event.detailType]));
    const started = people.map((person) => first.get(person.customerId));
    expect(new Set(started)).toEqual(new Set(['Customer Registered']));
    expect(people.length).toBeGreaterThanOrEqual(60);
    expect(people.length).toBeLessThanOrEqual(120);
  });
});

describe('people', () => {
  it('have distinct names and addresses for as long as names last, and distinct addresses after that', () => {
    const many = Array.from({ length: 400 }, (_, number) => personNumber(number, `c-${number}`));
    expect(new Set(many.slice(0, 80).map((person) => person.name)).size).toBe(80);
    expect(new Set(many.map((person) => person.email)).size).toBe(400);
    for (const { email } of many) expect(email).toMatch(/@example\.(?:com|org|net)$/);
  });
});

function live(seed: number, count: number): Delivery[] {
  const events = trickle(seed, NOW, shopPast(1, NOW).people);
  return Array.from({ length: count }, () => events.next().value);
}

describe('live events', () => {
  it('begin with a newcomer who buys within half a minute, so that a mail is soon to be seen', () => {
    const [first, ...rest] = live(1, 12);
    expect(first?.event.detailType).toBe('Customer Registered');
    expect(first?.event.detail.data).toMatchObject({ consent: { marketing: 'opt_in' } });
    const bought = rest.find(
      ({ event }) => event.detailType === 'Purchase Completed' && event.customerId === first?.event.customerId,
    );
    expect((bought?.at ?? Infinity) - NOW).toBeLessThan(MINUTE / 2);
  });

  it('are the same for the same seed, in order, distinct, and go on with every kind of event', () => {
    const events = live(3, 600);
    expect(live(3, 600)).toEqual(events);
    const instants = events.map((each) => each.at);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(new Set(events.map((each) => each.event.detail.metadata.id)).size).toBe(600);
    const kinds = new Set(events.map(({ at, event }) => parseEvent(event, at).kind));
    // Whoever tries an event of their own finds what was refused of it, and nothing else.
    expect(kinds).toEqual(new Set(['event']));
    const types = new Set(events.map((each) => each.event.detailType));
    for (const type of [
      'Customer Registered',
      'Purchase Completed',
      'Login Succeeded',
      'Complaint Opened',
      'Complaint Resolved',
      ...REVEALING.filter((each) => !OF_THE_PAST.has(each)),
    ]) {
      expect(types).toContain(type);
    }
  });
});

describe('seeded chance', () => {
  it('is uniform enough and stays within its bounds', () => {
    const chance = chanceOf('test');
    const draws = Array.from({ length: 20_000 }, () => chance.next());
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(0.5, 1);
    const dice = new Set(Array.from({ length: 500 }, () => chance.between(1, 6)));
    expect([...dice].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => chance.pick([])).toThrow(RangeError);
  });

  it('gives every label a stream of its own', () => {
    expect(chanceOf('a', 1).next()).not.toBe(chanceOf('a', 2).next());
    expect(chanceOf('a', 1).next()).toBe(chanceOf('a', 1).next());
  });
});
