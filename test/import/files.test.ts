/** What an import makes of files that tell of consent in times to come. */
import { expect, it } from 'vitest';
import { readFiles } from '../../infra/import/files.ts';
import { pastFrom } from '../../infra/import/past.ts';
import { DAY, HOUR } from '../../shared/lifecycle/time.ts';
import { filesOfTest } from '../history/write-file.ts';

const write = filesOfTest();
const NOW = Date.parse('2026-03-05T09:00:00Z');

it('a consent that was given in the future refuses its row, with the reason', async () => {
  const customers = await write(
    'customer,email,consent,consent_at\n' +
      'a,a@example.com,yes,2026-03-04\nb,b@example.com,yes,2027-03-04\nc,c@example.com,no,2026-03-05\n',
  );
  const { files, readings } = await readFiles({ customers }, {}, NOW);
  expect(files.people?.map(({ customerId }) => customerId)).toEqual(['a', 'c']);
  expect(readings[0]?.reading.bad.kept).toEqual([
    {
      file: 'export.csv',
      line: 3,
      reason: 'consent_at: expected a date that is not in the future, found "2027-03-04"',
    },
  ]);
});

it('an objection at Pinpoint that bears such a date is heeded as one without', async () => {
  const endpoint = { ChannelType: 'EMAIL', Address: 'a@example.com', OptOut: 'ALL', User: { UserId: 'a' } };
  const lines = ['2026-03-04T00:00:00Z', '2027-03-04T00:00:00Z'].map((EffectiveDate) =>
    JSON.stringify({ ...endpoint, EffectiveDate }),
  );
  const pinpoint = await write(lines.join('\n'), 'endpoints.json');
  const { files } = await readFiles({ pinpoint }, {}, NOW);
  expect(files.people?.map(({ marketing, consentAt }) => [marketing, consentAt])).toEqual([
    ['none', NOW - DAY - 9 * HOUR],
    ['none', undefined],
  ]);
});

it('a consent of later today counts from the beginning of the import', () => {
  const person = { customerId: 'a', email: 'a@example.com', marketing: 'opt_in' as const };
  const [event] = pastFrom({ people: [{ ...person, consentAt: NOW + 3 * HOUR }] }, NOW).eventsOf('a');
  expect(event).toMatchObject({
    occurredAt: NOW,
    data: { consent: { marketing: 'opt_in', at: new Date(NOW).toISOString() } },
  });
});
