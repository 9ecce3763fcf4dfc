/** The contract of the custom metrics, and how the meter writes them down. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../../infra/cache.ts';
import { EmfMeter } from '../../shared/adapters/meter.ts';
import { countHeld } from '../../functions/send/lane.ts';
import { HELD, METRIC, MOST_COMBINATIONS, metricsNamespace, programmeValue } from '../../shared/contracts/metrics.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import { STAGES } from '../../shared/lifecycle/stage.ts';
import { SHIPPED } from '../support/playbooks.ts';

describe('the custom metrics', () => {
  it('are no more combinations of name and dimension than they may be: each is billed', () => {
    const combinations = Object.values(METRIC).map((metric) => ('by' in metric ? metric.by.values.length : 1));
    expect(combinations.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(MOST_COMBINATIONS);
    expect(MOST_COMBINATIONS).toBe(40);
  });

  it('each has a name of its own', () => {
    const names = Object.values(METRIC).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('know every stage there is, and no programme that is not shipped', () => {
    expect(METRIC.stageEntered.by.values).toEqual(STAGES);
    const shipped = SHIPPED.programmes.map(({ id }) => id);
    const told = METRIC.messagesSent.by.values.filter((each) => each !== 'other');
    expect(told.filter((each) => !shipped.includes(each))).toEqual([]);
  });

  it('count a programme of the shop’s own as other', () => {
    expect(['win-back', 'campaign', 'birthday', undefined].map(programmeValue)).toEqual([
      'win-back',
      'campaign',
      'other',
      'other',
    ]);
  });

  it('of two stages are two', () => {
    expect(metricsNamespace('dev')).not.toBe(metricsNamespace('prod'));
  });
});

describe('the table of metrics in docs/architecture.md', () => {
  it('lists what there is, with unit, dimension and values', () => {
    const page = readFileSync(path.join(PROJECT, 'docs/architecture.md'), 'utf8');
    const rows = page.matchAll(/^\| `(?<name>[A-Z]\w+)` +\| (?<unit>\w+) +\| (?<by>[^|]+?) +\|/gmu);
    const written = [...rows].map(({ groups }) => ({ ...groups }));
    const declared = Object.values(METRIC).map((metric) => ({
      name: metric.name,
      unit: metric.unit.toLowerCase(),
      by: 'by' in metric ? `\`${metric.by.dimension}\`: ${metric.by.values.join(', ')}` : '-',
    }));
    expect(written).toEqual(declared);
  });
});

const emf = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.tuple([
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
      }),
    ]),
  }),
});

describe('the meter', () => {
  let written: string[];
  let noted: unknown[];
  let meter: EmfMeter;

  beforeEach(() => {
    written = [];
    noted = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    meter = new EmfMeter('Perennial/test', { info: (...line) => void noted.push(line) });
  });
  afterEach(() => vi.restoreAllMocks());

  /** What is flushed: the fields of each line, its dimensions, and what it says are metrics. */
  function flushed() {
    meter.flush();
    return written.splice(0).map((line) => {
      const { _aws: about, ...fields } = emf.parse(JSON.parse(line));
      const [{ Namespace, Dimensions, Metrics }] = about.CloudWatchMetrics;
      expect(Namespace).toBe('Perennial/test');
      return { fields, dimensions: Dimensions, metrics: Metrics.map(({ Name, Unit }) => `${Name} ${Unit}`) };
    });
  }

  it('writes one line for all that has neither dimension nor fields', () => {
    meter.count(METRIC.mailsRejected);
    meter.count(METRIC.mailsRejected);
    meter.count(METRIC.openComplaintsOld, {}, 7);
    expect(flushed()).toEqual([
      {
        fields: { MailsRejected: 2, OpenComplaintsOld: 7 },
        // A set without dimensions; no set at all would be no metric.
        dimensions: [[]],
        metrics: ['MailsRejected Count', 'OpenComplaintsOld Count'],
      },
    ]);
  });

  it('makes a dimension of nothing but what the contract names', () => {
    meter.count(METRIC.messagesSent, { programme: 'win-back', customerId: 'c-1', key: '1/win-back/ask/1' });
    expect(flushed()).toEqual([
      {
        fields: { programme: 'win-back', customerId: 'c-1', key: '1/win-back/ask/1', MessagesSent: 1 },
        dimensions: [['programme']],
        metrics: ['MessagesSent Count'],
      },
    ]);
  });

  it('adds up what has the same fields, and keeps apart what has not', () => {
    for (const type of ['Login Succeeded', 'Purchase Completed', 'Login Succeeded'])
      meter.count(METRIC.eventsTaken, { type });
    expect(flushed().map(({ fields }) => fields)).toEqual([
      { type: 'Login Succeeded', EventsTaken: 2 },
      { type: 'Purchase Completed', EventsTaken: 1 },
    ]);
  });

  it('does not set off what SES holds back against what we hold back ourselves', () => {
    const bySes = ['rate', 'quota', 'paused', 'misconfigured', 'unreachable', 'unknown', 'quota unknown'];
    const byUs = ['paused', 'daily share', 'warm-up'];
    for (const why of bySes) countHeld(meter, `stopped: ${why}`);
    for (const why of byUs) countHeld(meter, why, why === 'paused');
    const values = flushed().map(({ fields: { LaneStopped } }) => LaneStopped);
    expect(values.filter((each) => each === HELD.bySes)).toHaveLength(bySes.length - 1);
    expect(values.filter((each) => each === HELD.byUs)).toHaveLength(byUs.length - 1);
    expect(values).toHaveLength(bySes.length + byUs.length - 2);
  });

  it('keeps every value where their distribution counts, and the largest where that is what is meant', () => {
    for (const value of [30, 1200, 40]) {
      meter.count(METRIC.eventToSes, {}, value);
      meter.count(METRIC.oldestSendable, {}, value);
    }
    meter.count(METRIC.addressesLost, { programme: 'nurture' }, 0);
    meter.count(METRIC.addressesLost, { programme: 'nurture' }, 1);
    expect(flushed().map(({ fields }) => fields)).toEqual([
      { EventToSes: [30, 1200, 40], OldestSendable: 1200 },
      { programme: 'nurture', AddressesLost: [0, 1] },
    ]);
  });

  it('notes what has no metric once per invocation, with how often it was so', () => {
    meter.note(NOTE.traitBegan, { trait: 'bargain' });
    meter.note(NOTE.traitBegan, { trait: 'bargain' });
    meter.note(NOTE.rebuilt);
    expect(flushed()).toEqual([]);
    expect(noted).toEqual([
      ['trait began', { trait: 'bargain', times: 2 }],
      ['facts rebuilt', { times: 1 }],
    ]);
  });

  it('forgets what it has written', () => {
    meter.count(METRIC.cannotBeMade);
    meter.note(NOTE.rebuilt);
    meter.flush();
    written.length = 0;
    noted.length = 0;
    expect(flushed()).toEqual([]);
    expect(noted).toEqual([]);
  });
});
