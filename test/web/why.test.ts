import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { whyOf } from '../../infra/local/web/why.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { parsePlaybook } from '../../shared/lifecycle/playbook.ts';
import { bought, complained, CUSTOMER, day, START } from '../support/events.ts';

const playbook = parsePlaybook(JSON.parse(readFileSync('shared/content/playbook.json', 'utf8')));

function why(key: string, more: Partial<LedgerEntry> = {}): string | undefined {
  const times = { moment: START, decidedAt: START, endedAt: START, attempt: 1 };
  const entry: LedgerEntry = { customerId: CUSTOMER, key, outcome: 'sent', ...times, ...more };
  const journal = [bought(START), complained(START, 'k/9'), bought(day(10))];
  return whyOf(entry, journal, playbook).find(({ term }) => term === 'Why')?.text;
}

it('a mail of a stage was sent for the stage at the moment of the decision, whatever came later', () => {
  expect(why('1/onboarding/welcome/1')).toBe(
    'The stage was “New”: first order; no further order within 60 days so far',
  );
  expect(why('1/retention/make-the-most/1', { decidedAt: day(11) })).toContain('The stage was “Active”: 2 orders');
});

it('a mail of recovery was sent for its complaint', () => {
  expect(why('1/recovery/apology/k/9')).toBe('Complaint k/9 was opened');
  expect(why('1/recovery/resolved/k/9')).toBe('Complaint k/9 was resolved');
});

it('a key that is none gives no reason', () => {
  expect(why('nonsense')).toBeUndefined();
});
