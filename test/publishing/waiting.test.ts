import { beforeAll, describe, expect, it } from 'vitest';
import { compiledRelease } from '../../infra/build.ts';
import { type Edition, readEdition } from '../../infra/publishing/edition.ts';
import { countWaiting, isTouched } from '../../infra/publishing/waiting.ts';
import { MemoryCensus } from '../../shared/adapters/memory-census.ts';
import type { Living, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { Step } from '../../shared/lifecycle/playbook/series.ts';
import { START } from '../support/events.ts';
import { SHIPPED_CONTENT, SHIPPED_PLAYBOOK } from './shipped.ts';

let shipped: Edition;

beforeAll(async () => {
  shipped = await readEdition(await compiledRelease(SHIPPED_CONTENT), SHIPPED_PLAYBOOK, SHIPPED_CONTENT);
});

const WELCOME = '1/onboarding/welcome/1';
const GUIDE = '1/onboarding/guide/1';
const MESSAGE: Pending = { moment: START, decidedAt: START, attempt: 1 };

const waiting = (customerId: string, ...keys: readonly string[]): Living => ({
  ...unknownCustomer(customerId, START),
  pending: Object.fromEntries(keys.map((key) => [key, MESSAGE])),
});

const rewritten = (file: string): Edition => ({ ...shipped, templates: { ...shipped.templates, [file]: 'another' } });

/** The playbook with the steps of onboarding changed. */
function replayed(change: (step: Step) => Step | undefined): Edition {
  const programmes = shipped.playbook.programmes.map((programme) =>
    programme.id === 'onboarding'
      ? {
          ...programme,
          series: programme.series.map((series) => ({
            ...series,
            steps: series.steps.flatMap((step) => change(step) ?? []),
          })),
        }
      : programme,
  );
  // The same series with other steps: what a marketer's edit makes of it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { ...shipped, playbook: { ...shipped.playbook, programmes } as Playbook };
}

const touches = (after: Edition, key: string) => isTouched(shipped, after, waiting('c', key), key, START);

describe('a waiting message', () => {
  it('is touched by another template of its own, and by no other', () => {
    expect(touches(shipped, WELCOME)).toBe(false);
    expect(touches(rewritten('templates/onboarding/welcome/en.json'), WELCOME)).toBe(true);
    expect(touches(rewritten('templates/onboarding/welcome/en.json'), GUIDE)).toBe(false);
    // Nobody here returns, so nobody gets the words for those who do.
    expect(touches(rewritten('templates/onboarding/welcome/en.returning.json'), WELCOME)).toBe(false);
  });

  it('is touched when the playbook says something else of its step, or nothing any more', () => {
    const slower = replayed((step) => (step.id === 'guide' ? { ...step, priority: step.priority + 1 } : step));
    expect(touches(slower, GUIDE)).toBe(true);
    expect(touches(slower, WELCOME)).toBe(false);
    const without = replayed((step) => (step.id === 'guide' ? undefined : step));
    expect(touches(without, GUIDE)).toBe(true);
    expect(touches(without, WELCOME)).toBe(false);
  });

  it('that no release knows is none the worse', () => {
    expect(touches(shipped, '1/onboarding/nothing/1')).toBe(false);
  });
});

describe('what waits', () => {
  it('is counted over all pages, step by step, the most first', async () => {
    const people = [
      ...Array.from({ length: 5 }, (_, index) => waiting(`a-${index}`, GUIDE)),
      ...Array.from({ length: 7 }, (_, index) => waiting(`b-${index}`, WELCOME, GUIDE)),
      waiting('c', '1/recovery/apology/k'),
    ];
    const told: number[] = [];
    const census = new MemoryCensus(() => people, 4);
    const after = {
      ...rewritten('templates/onboarding/guide/en.json'),
      templates: {
        ...shipped.templates,
        'templates/onboarding/guide/en.json': 'another',
        'templates/onboarding/welcome/en.json': 'another',
      },
    };
    const found = await countWaiting(census, shipped, after, START, (count) => told.push(count));
    expect(found).toEqual({
      customers: 13,
      messages: 20,
      touched: { 'onboarding/guide': 12, 'onboarding/welcome': 7 },
    });
    expect(Object.keys(found.touched)).toEqual(['onboarding/guide', 'onboarding/welcome']);
    expect(told).toEqual([4, 8, 12, 13]);
  });
});
