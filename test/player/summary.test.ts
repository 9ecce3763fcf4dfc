import { describe, expect, it } from 'vitest';
import { summaryLines, summaryOf } from '../../infra/local/summary.ts';

const summary = summaryOf(
  6919,
  {
    customers: 2357,
    stages: { new: 1, lapsed: 2300, active: 56 },
    mails: { 'win-back/ask': 2, 'onboarding/welcome': 2357 },
    withheld: { stale: 3, cap: 1 },
    cancelled: {},
  },
  new Map([
    ['record-dead', 4],
    ['send-dead', 0],
  ]),
  12.3,
);

describe('a summary', () => {
  it('has exactly these keys, and counts whose keys are sorted', () => {
    expect(JSON.stringify(summary)).toBe(
      '{"events":6919,"customers":2357,"stages":{"active":56,"lapsed":2300,"new":1},' +
        '"mails":{"onboarding/welcome":2357,"win-back/ask":2},"withheld":{"cap":1,"stale":3},"cancelled":{},' +
        '"deadLetters":{"record-dead":4},"elapsedSeconds":12.3}',
    );
  });

  it('reads well', () => {
    const text = summaryLines(summary).join('\n');
    expect(text).toContain('6,919 events of 2,357 customers in 12.3 s');
    expect(text).toContain('Customers per stage: 2,357\n  active     56\n  lapsed  2,300\n  new         1\n');
    expect(text).toContain('Cancelled, by reason: none\n');
    expect(text).toContain('Dead-lettered, by queue: 4\n  record-dead  4');
  });
});
