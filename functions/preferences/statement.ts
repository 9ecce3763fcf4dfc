/**
 * What a reader said, as an event for the journal. The id is made of everything the event says, so that saying it twice
 * is one event, and two different ones never share an id.
 */
import { createHash } from 'node:crypto';
import type { Announcement } from '../../shared/adapters/announcer.ts';
import type { Link } from '../../shared/email/links.ts';
import type { Instant } from '../../shared/lifecycle/time.ts';

/** Characters of the hash: 132 bits, so that no two statements ever meet. */
const ID_LENGTH = 22;

export function statement(
  { customerId, key }: Link,
  detailType: string,
  occurredAt: Instant,
  said: Readonly<Record<string, unknown>>,
): Announcement {
  const data = { customerId, ...said };
  const hash = createHash('sha256').update(JSON.stringify([detailType, key, occurredAt, data]));
  return { detailType, id: `reader-${hash.digest('base64url').slice(0, ID_LENGTH)}`, occurredAt, data };
}
