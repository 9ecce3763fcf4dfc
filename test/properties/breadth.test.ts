/** What the generated histories hold: a rule nobody's history ever reaches is a rule the properties say nothing about. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { EVENT_TYPES } from '../../shared/lifecycle/events/event-types.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { TRAITS } from '../../shared/lifecycle/traits/ids.ts';
import type { History } from '../faults/proving-ground.ts';
import { randomHistory } from '../faults/random-history.ts';
import { event, START } from '../support/events.ts';
import { type Breadth, CROWDED, historyOf, LOOKING, ORDINARY } from '../support/histories.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { traitsByTimers } from '../support/stages-by-timers.ts';

const SEED = 20_261_122;
/** Histories of each breadth. */
const SAMPLE = 60;
/** As many as go through the real bundles before a release. */
const RANDOM_HISTORIES = 2000;
const LONG_AFTER = 300 * DAY;

const sampleOf = (breadth: Breadth) => fc.sample(historyOf(breadth), { seed: SEED, numRuns: SAMPLE });

const SAMPLES = [ORDINARY, CROWDED, LOOKING].flatMap(sampleOf);

/** It ends a life, so that facts made of the whole history would be those of two people; see the fault harness below. */
const ENDS_A_LIFE = 'Customer Erasure Requested';

const ALL_TYPES = EVENT_TYPES.map(({ type }) => type);

describe('the generated histories', () => {
  it('hold every event type', () => {
    const told = new Set(SAMPLES.flatMap((history) => history.map(({ type }) => type)));
    const missing = ALL_TYPES.filter((type) => type !== ENDS_A_LIFE && !told.has(type));
    expect(missing).toStrictEqual([]);
  });

  it('make every trait held at some time', () => {
    const held = new Set(
      SAMPLES.flatMap((history) =>
        traitsByTimers(history, SHIPPED, [], (history.at(-1)?.occurredAt ?? 0) + LONG_AFTER).flatMap(({ ids }) => ids),
      ),
    );
    expect(TRAITS.filter((id) => !held.has(id))).toStrictEqual([]);
  });
});

const handles = ({ handled = [] }: Facts, id: string) => handled.some(({ attentionId }) => attentionId === id);

describe('what is handled in the generated histories', () => {
  const known = SAMPLES.map((history) => factsOf(history));

  it('is a severe complaint that somebody was called for, now and then', () => {
    const severe = known.filter((facts) =>
      facts.complaints.known.some(
        ({ complaintId, opened }) => opened?.severity === 'high' && handles(facts, `1/severe-complaint/${complaintId}`),
      ),
    );
    expect(severe).not.toHaveLength(0);
  });

  it('is a change without a cost, now and then', () => {
    const unpriced = known.filter((facts) =>
      (facts.changes?.known ?? []).some(
        ({ id, opened }) => opened?.priced === false && handles(facts, `1/change-without-cost/${id}`),
      ),
    );
    expect(unpriced).not.toHaveLength(0);
  });
});

/** What the shop tells in the first life of a customer of the fault harness, as far as anything goes through. */
function toldIn({ acts }: History): readonly CustomerEvent[] {
  const told: CustomerEvent[] = [];
  for (const [index, act] of acts.entries()) {
    if (!('emits' in act)) continue;
    if (act.emits === ENDS_A_LIFE) break;
    const { after, emits, data = {}, ago = 0 } = act;
    const person = emits === 'Customer Registered' ? { email: 'anna@example.com', timeZone: 'Europe/Stockholm' } : {};
    told.push(event(emits, START + after - ago, { ...person, ...data }, `e-${index}`));
  }
  return told.toSorted((a, b) => a.occurredAt - b.occurredAt);
}

describe('the random histories of the fault harness', () => {
  const histories = Array.from({ length: RANDOM_HISTORIES }, (_none, index) => randomHistory(SEED, index));

  it('hold every event type', () => {
    const told = new Set(histories.flatMap(({ acts }) => acts.flatMap((act) => ('emits' in act ? [act.emits] : []))));
    expect(ALL_TYPES.filter((type) => !told.has(type))).toStrictEqual([]);
  });

  it('make every trait held at some time', () => {
    const missing = new Set<string>(TRAITS);
    for (const history of histories) {
      const told = toldIn(history);
      const until = START + (history.acts.at(-1)?.after ?? 0) + DAY;
      if (missing.size === 0) break;
      for (const { ids } of traitsByTimers(told, SHIPPED, [], until)) for (const id of ids) missing.delete(id);
    }
    expect([...missing]).toStrictEqual([]);
  });
});
