/**
 * Everything the store holds about one person, for the person: decoded, complete, and with nobody else's data in it.
 * What the table holds under their key and this module does not know is given as it stands, so nothing can be missing.
 */
import { type AttributeValue, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { BROWSING_KEY } from '../shared/adapters/browsing-item.ts';
import { partitionOf, PROFILE_KEY } from '../shared/adapters/profile-item.ts';
import { TABLE } from '../shared/contracts/table.ts';
import { addressHash } from '../shared/email/address-hash.ts';
import { type Address, othersAt } from '../shared/lifecycle/address.ts';
import type { Living, Profile } from '../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../shared/lifecycle/events/definition.ts';
import { storyOf } from '../shared/lifecycle/explain/story.ts';
import type { Setting } from '../shared/lifecycle/explain/dossier.ts';
import { type Browsing, forgottenAt } from '../shared/lifecycle/facts/looks.ts';
import type { TraitLine } from '../shared/lifecycle/explain/trait-words.ts';
import { readDossier, type Records } from './records.ts';

/** Raised when a reader of the file has to know. */
const SCHEMA_VERSION = 1;

/** Items this module decodes; all others are given as they stand. */
const MESSAGE = 'MESSAGE#';
const DECODED = [PROFILE_KEY, BROWSING_KEY, 'EVENT#', MESSAGE];

/** Undefined for somebody nobody has seen. @throws UnreadableKey when nobody could say what is known of the address */
export async function personalData(records: Records, customerId: string, setting: Setting) {
  const dossier = await readDossier(records, customerId);
  const items = await itemsOf(records, customerId);
  const { browsing } = await records.store.readLooks(customerId);
  if (dossier === undefined && items.length === 0) return undefined;
  const { journal = [], ledger = [], profile } = dossier ?? {};
  const addresses = profile === undefined ? [] : await addressesOf(records, profile, journal);
  const story = dossier && storyOf(dossier, { ...setting, toThePerson: true });
  return {
    header: {
      customerId,
      exportedAt: new Date(setting.now).toISOString(),
      schemaVersion: SCHEMA_VERSION,
      source: records.tableName,
      times: 'numbers are milliseconds since 1970-01-01 UTC',
    },
    ...(story?.kind === 'living' && {
      inWords: {
        stage: { stage: story.stage, reasons: story.reasons, entered: story.entered, dissatisfied: story.dissatisfied },
        traits: story.traits.map(traitForExport),
        standing: story.standing,
        next: story.upcoming,
        messages: story.messages,
      },
    }),
    profile,
    looks: looksForExport(browsing),
    events: journal.toSorted((a, b) => a.occurredAt - b.occurredAt),
    messages: ledger
      .toSorted((a, b) => a.endedAt - b.endedAt)
      .map((entry) => ({ ...entry, lastReport: lastReport(entry.key, items) })),
    addresses,
    timers: timersOf(items),
    other: items.filter((item) => !DECODED.some((known) => String(item[TABLE.sortKey]).startsWith(known))),
  };
}

/** Undefined for who never looked at anything, or so long ago that it is forgotten. */
function looksForExport(browsing: Browsing) {
  const { looks, first, dropped } = browsing;
  const keptUntil = forgottenAt(browsing);
  if (keptUntil === undefined) return undefined;
  // An id is a digest of the event's, by which a repetition is known; nobody else knows the event.
  return { newest: looks.map(({ id: _digest, ...look }) => look), first, ...(dropped && { dropped }), keptUntil };
}

/** An end that only an event brings is left out, for no number stands for it. */
function traitForExport({ until, ...trait }: TraitLine) {
  return { ...trait, ...(Number.isFinite(until) && { until }) };
}

type Plain = Readonly<Record<string, unknown>>;

async function itemsOf({ client, tableName }: Records, customerId: string): Promise<readonly Plain[]> {
  const items: Plain[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
      ExpressionAttributeValues: { ':pk': { S: partitionOf(customerId) } },
    },
  );
  for await (const page of pages) {
    items.push(...(page.Items ?? []).map((item: Record<string, AttributeValue>) => unmarshall(item)));
  }
  return items;
}

/** What SES reported last of how far a mail got; the ledger's `delivery` leaves out that it was only accepted. */
function lastReport(key: string, items: readonly Plain[]): unknown {
  const report = items.find((item) => item[TABLE.sortKey] === MESSAGE + key)?.['delivery'];
  return typeof report === 'string' ? JSON.parse(report) : undefined;
}

/** What only the table knows: when the customer is looked at next, and in which part of the index that is noted. */
function timersOf(items: readonly Plain[]) {
  return items.flatMap(({ dueAt, dueShard, format }) =>
    dueAt === undefined && format === undefined ? [] : [{ dueAt, dueShard, format }],
  );
}

/** Every address the person ever gave, with what is known of it. Who else uses it is told as a number only. */
async function addressesOf(records: Records, profile: Profile, journal: readonly CustomerEvent[]) {
  const emails = emailsOf(profile, journal);
  if (emails.length === 0) return [];
  const key = await records.addressKey();
  const known = await Promise.all(
    emails.map(async (email) => ({ email, address: await records.addresses.read(addressHash(key, email)) })),
  );
  return known.map(({ email, address }) => ({ email, ...(address && ownPart(address, profile.customerId)) }));
}

function ownPart(address: Address, customerId: string) {
  const { holders, claims, ...rest } = address;
  const own = Object.entries(claims ?? {}).filter(([, claim]) => claim.customerId === customerId);
  return {
    ...rest,
    ...(customerId in holders && { mailedSince: holders[customerId] }),
    ...(own.length > 0 && { claims: Object.fromEntries(own) }),
    sharedWith: othersAt(address, customerId).length,
  };
}

function emailsOf(profile: Profile, journal: readonly CustomerEvent[]): readonly string[] {
  const inFacts = profile.kind === 'living' ? inPerson(profile) : [];
  const inEvents = journal.flatMap(({ data }) => {
    const email: unknown = Object(data).email;
    return typeof email === 'string' ? [email] : [];
  });
  const all = [...inFacts, ...inEvents].map((email) => email.trim().toLowerCase());
  return [...new Set(all)];
}

function inPerson({ facts }: Living): readonly string[] {
  return facts.person.flatMap(({ email }) => (email === undefined ? [] : [email]));
}
