/** Layout of the customers table. One partition per customer; both indexes are sparse and keys-only. */

export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Time to live in epoch seconds; it only cleans up, expiry is checked in code. */
  expiresAt: 'ttl',
} as const;

/** Partition of what is known of one mail address: `ADDRESS#<keyed hash>`, so that no address is a key. */
export const ADDRESS_PARTITION = 'ADDRESS#';
/** Partition of the one item that says how much mail may leave: pauses, stops, what of the quota is used. */
export const LANE_PARTITION = 'LANE';

/** Partition of the one item that holds how far a census has come, and what the last one found. */
export const CENSUS_PARTITION = 'CENSUS';
/** Partition of all campaigns, one item each, by its name: a shop has tens of them. */
export const CAMPAIGNS_PARTITION = 'CAMPAIGNS';
/** Partition of what goes over all customers and how far it has come, one item each: an import, an activation. */
export const WALKS_PARTITION = 'WALKS';
/** Partition of what was issued of one offer, one item per period of its budget: `OFFER#<name>`. */
export const OFFER_PARTITION = 'OFFER#';
/** Partition of the codes a shop has given us for one offer: `CODES#<name>`. */
export const CODES_PARTITION = 'CODES#';
/** Partition of one request to the intake that was taken, by its id: `INTAKE#<id>`. */
export const INTAKE_PARTITION = 'INTAKE#';
/** What stands for an id in the partition that counts requests; no id of a request holds a full stop. */
export const INTAKE_WINDOW = 'let.in';

export const DUE_INDEX = {
  name: 'due',
  /** Number, 0 to DUE_SHARDS - 1. */
  partitionKey: 'dueShard',
  /** Number, epoch milliseconds. */
  sortKey: 'dueAt',
} as const;

/**
 * Everybody whose profile is kept, by key: whoever looks at all customers need not read their events and mails as well. Its
 * keys change only when somebody comes or is erased, so that no other write of a profile costs anything here.
 */
export const PROFILES_INDEX = {
  name: 'profiles',
  /** Text, `living` or `erased`; only profiles have it. */
  partitionKey: 'kind',
  sortKey: TABLE.partitionKey,
} as const;

/**
 * Shards of the due index. One index partition takes 1,000 write units a second and a mail costs two, so two shards
 * carry 1,000 mails a second, ten times the SES rate of a large account; each shard is a query a minute.
 */
export const DUE_SHARDS = 2;
