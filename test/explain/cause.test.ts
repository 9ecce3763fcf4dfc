import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { causeOf } from '../../shared/lifecycle/explain/cause.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import { bought, complained, day, resolved, START } from '../support/events.ts';

const playbook = parsePlaybook(JSON.parse(readFileSync('shared/content/playbook.json', 'utf8')));

const opened = complained(START, 'k/9');
const settled = resolved(day(12), 'k/9');

function why(key: string, decidedAt = START, cause?: string): string | undefined {
  const journal = [bought(START, '1'), opened, bought(day(10), '2'), settled];
  return causeOf({ key, decidedAt, ...(cause !== undefined && { cause }) }, journal, playbook);
}

it('a mail of a stage was sent for the stage at the moment of the decision, whatever came later', () => {
  expect(why('1/onboarding/welcome/1')).toBe(
    'The stage was “New”: first order; no further order within 60 days so far. ' +
      'It began on 2 Mar 2026, 12:00 UTC with Purchase Completed (order 1, 60 USD).',
  );
  const later = why('1/retention/make-the-most/1', day(11));
  expect(later).toContain('The stage was “Active”: 2 orders');
  expect(later).toContain('It began on 12 Mar 2026, 12:00 UTC with Purchase Completed (order 2, 60 USD).');
});

it('a mail of recovery was sent for its complaint', () => {
  expect(why('1/recovery/apology/k/9', START, opened.id)).toBe('Complaint k/9 was opened on 2 Mar 2026, 12:00 UTC.');
  expect(why('1/recovery/resolved/k/9', day(12), settled.id)).toBe(
    'Complaint k/9 was resolved on 14 Mar 2026, 12:00 UTC.',
  );
  expect(why('1/recovery/apology/k/9')).toBe('Complaint k/9 was opened.');
});

it('a key that is none gives no reason', () => {
  expect(why('nonsense')).toBeUndefined();
});
