import { describe, expect, it } from 'vitest';
import { sampleOf, scaledTo } from '../../infra/backtest/sample.ts';
import { simulate } from '../../infra/backtest/simulation.ts';
import { OPEN } from '../support/circumstances.ts';
import { SHIPPED } from '../support/playbooks.ts';
import { shop } from './order-logs.ts';

describe('a sample of an export', () => {
  const log = shop('sample', 400, 120, () => ({ gap: 40, leaves: 0.2 }));

  it('is everybody where they are few', () => {
    expect(sampleOf(log, 400).log).toBe(log);
  });

  it('has the orders of those who are in it, whoever else is there', () => {
    const { log: some, originals } = sampleOf(log, 100);
    expect(some.customers.length).toBeGreaterThan(60);
    expect(some.customers.length).toBeLessThan(140);
    for (const [index, id] of some.customers.entries()) {
      const original = originals[index] ?? -1;
      expect(log.customers[original]).toBe(id);
      const [from = 0, to = 0] = [log.starts[original], log.starts[original + 1]];
      expect(some.at.subarray(some.starts[index], some.starts[index + 1])).toEqual(log.at.subarray(from, to));
    }
  });

  it('is counted as if it were everybody', () => {
    const { log: some } = sampleOf(log, 100);
    const input = { playbook: SHIPPED, circumstances: OPEN };
    const counted = simulate({ log: some, ...input });
    const scaled = scaledTo(log, counted);
    const factor = log.customers.length / some.customers.length;
    expect(scaled.customers).toBe(400);
    expect(scaled.sent).toBe(Math.round(counted.sent * factor));
    const people = Object.values(scaled.stagesAtEnd).reduce((sum, each) => sum + each, 0);
    expect(Math.abs(people - 400)).toBeLessThan(6);
  });
});
