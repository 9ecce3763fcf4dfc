/** What one write announces to people and about other customers, and announces again when it is delivered again. */
import { describe, expect, it } from 'vitest';
import { ANNOUNCED, RECORD_SOURCE } from '../../shared/contracts/bus.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { referralMade } from '../../shared/lifecycle/events/referral-made.ts';
import { complained, CUSTOMER, event, loggedIn, registered, START } from '../support/events.ts';
import { Bench } from './bench.ts';

const SEVERE = complained(START, 'k-1', 'high');
const CALLED = {
  customerId: CUSTOMER,
  attentionId: '1/severe-complaint/k-1',
  reason: 'severe-complaint',
  priority: 'high',
  at: new Date(START).toISOString(),
};

const said = (bench: Bench, detailType: string) =>
  bench.announced.filter((each) => each.detailType === detailType).map(({ data }) => data);

describe('a call for a person', () => {
  it('goes out with the write that raises it, is counted once, and not repeated by what comes later', async () => {
    const bench = new Bench();
    await bench.record(registered(START), SEVERE);
    await bench.record(loggedIn(START));

    expect(said(bench, ANNOUNCED.attentionNeeded)).toEqual([CALLED]);
    expect(bench.meter.counted(NOTE.attentionNeeded)).toBe(1);
    expect((await bench.customer()).attention).toHaveLength(1);
  });

  it('goes out again with the event that led to it, under the same id', async () => {
    const bench = new Bench();
    await bench.record(registered(START), SEVERE);
    await bench.record(SEVERE);

    expect(said(bench, ANNOUNCED.attentionNeeded)).toEqual([CALLED, CALLED]);
    expect(new Set(bench.announced.filter(({ data }) => 'attentionId' in data).map(({ id }) => id)).size).toBe(1);
    expect(bench.meter.counted(NOTE.attentionNeeded)).toBe(1);
  });
});

const came = (data: Readonly<Record<string, unknown>>, type = 'Customer Registered'): CustomerEvent =>
  type === 'Customer Registered' ? registered(START, data) : event(type, START, data);

describe('a referral', () => {
  it.each(['Customer Registered', 'Profile Updated'])(
    'by %s is told to whom it was, as an event of theirs',
    async (type) => {
      const bench = new Bench();
      const friend = came({ referral: { by: 'c-7', recommended: 'the sampler' } }, type);
      await bench.record(friend);
      await bench.record(friend);

      expect(said(bench, referralMade.type)).toEqual(
        Array.from({ length: 2 }, () => ({
          customerId: 'c-7',
          friendId: CUSTOMER,
          kind: 'customer',
        })),
      );
      const told = bench.announced.filter(({ detailType }) => detailType === referralMade.type);
      expect(new Set(told.map(({ id, source, occurredAt }) => `${id} ${source} ${occurredAt}`)).size).toBe(1);
      expect(told[0]).toMatchObject({ source: RECORD_SOURCE, occurredAt: START });
    },
  );

  it('says of which kind the referrer is', async () => {
    const bench = new Bench();
    await bench.record(came({ referral: { by: 'c-7', kind: 'influencer' } }));
    expect(said(bench, referralMade.type)).toMatchObject([{ kind: 'influencer' }]);
  });

  it('by oneself is none', async () => {
    const bench = new Bench();
    await bench.record(came({ referral: { by: CUSTOMER } }));
    expect(said(bench, referralMade.type)).toEqual([]);
  });
});
