/** Which ids reach the store: those it was tested with do, those that cannot be a key do not. */
import { expect, it } from 'vitest';
import { formatKey, parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { AWKWARD_IDS } from './ids.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');

function complaintBy(id: string) {
  const metadata = { id, version: 1, occurredAt: new Date(NOON).toISOString() };
  const data = { customerId: id, complaintId: id, channel: 'phone', severity: 'low' };
  return parseEvent({ source: 'shop', detailType: 'Complaint Opened', detail: { metadata, data } }, NOON);
}

it.each(AWKWARD_IDS)('taken in, and part of a message key: %s', (id) => {
  const key = { life: 1, programme: 'recovery', step: 'apology', round: 0, episode: id };

  expect(complaintBy(id)).toMatchObject({ kind: 'event', event: { id, customerId: id } });
  expect(parseKey(formatKey(key))).toEqual(key);
});

it.each([
  ['nothing', '', /1 to 128 bytes/u],
  ['129 bytes in 65 characters', `${'é'.repeat(64)}a`, /1 to 128 bytes/u],
  ['a line break', 'a\nb', /without control characters/u],
  ['half a surrogate pair', 'a\u{D83D}', /of whole characters/u],
  ['spaces around it', ' a', /without spaces around it/u],
])('refused: %s', (_what, id, expected) => {
  expect(complaintBy(id)).toMatchObject({
    kind: 'refused',
    refusal: { field: 'metadata.id', expected: expect.stringMatching(expected) },
  });
});
