/**
 * Everybody in the customers table, as of a moment ago: one Scan, repeated only after something has happened and no
 * more often than a fraction of the time allows. A single customer is read from the table itself.
 */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { fromItem, PROFILE_KEY } from '../../../shared/adapters/profile-item.ts';
import { TABLE } from '../../../shared/contracts/table.ts';
import { openAttention } from '../../../shared/lifecycle/customer/attention.ts';
import type { Attention, Profile } from '../../../shared/lifecycle/customer/profile.ts';
import { personOf } from '../../../shared/lifecycle/facts/person.ts';
import {
  dissatisfiedSpans,
  dissatisfiedUntil,
  type Stage,
  type StagePolicy,
  STAGES,
} from '../../../shared/lifecycle/stage.ts';
import type { Instant } from '../../../shared/lifecycle/time.ts';
import type { Twin } from '../contract.ts';

export interface Registered {
  readonly customerId: string;
  readonly stage: Stage;
  readonly since: Instant;
  readonly email?: string;
  readonly name?: string;
  /** A complaint is open. */
  readonly dissatisfied: boolean;
  /** Where a person is asked for and nobody has come yet. */
  readonly attention: readonly Attention[];
}

/** A customer as the list shows them; undefined for an erased one, who is nobody's customer any more. */
export function registeredOf(profile: Profile, policy: StagePolicy, now: Instant): Registered | undefined {
  if (profile.kind === 'erased') return undefined;
  const { email, name } = personOf(profile.facts.person);
  const dissatisfied = dissatisfiedUntil(dissatisfiedSpans(profile.facts, policy), now) !== undefined;
  const { customerId, stage, stageSince } = profile;
  return {
    customerId,
    stage,
    since: stageSince,
    dissatisfied,
    attention: openAttention(profile),
    ...(email !== undefined && { email }),
    ...(name && { name }),
  };
}

const SHORTEST_REST_MS = 1_000;
/** A Scan that took a second is followed by at least ten without one. */
const REST_PER_SCAN = 10;

export class Register {
  readonly #client: DynamoDBClient;
  readonly #twin: Pick<Twin, 'tableName' | 'now'>;
  readonly #policy: StagePolicy;
  readonly #off: () => void;
  #scan: Promise<readonly Registered[]> | undefined;
  /** Something happened since the last Scan began. */
  #stale = true;
  #restUntil = 0;

  constructor(client: DynamoDBClient, twin: Pick<Twin, 'tableName' | 'now' | 'onChange'>, policy: StagePolicy) {
    this.#client = client;
    this.#twin = twin;
    this.#policy = policy;
    this.#off = twin.onChange(() => {
      this.#stale = true;
    });
  }

  /** Those whose stage changed last come first. */
  async people(): Promise<readonly Registered[]> {
    if (this.#scan === undefined || (this.#stale && performance.now() >= this.#restUntil)) {
      this.#stale = false;
      // Until it is known how long this one takes, everybody shares it.
      this.#restUntil = Infinity;
      this.#scan = this.#read();
      this.#scan.catch(() => {
        this.#scan = undefined;
      });
    }
    return this.#scan;
  }

  close(): void {
    this.#off();
  }

  async #read(): Promise<readonly Registered[]> {
    const began = performance.now();
    const people: Registered[] = [];
    const pages = paginateScan(
      { client: this.#client },
      {
        TableName: this.#twin.tableName,
        ConsistentRead: true,
        FilterExpression: '#sk = :profile',
        ExpressionAttributeNames: { '#sk': TABLE.sortKey },
        ExpressionAttributeValues: { ':profile': { S: PROFILE_KEY } },
      },
    );
    for await (const page of pages) {
      const now = this.#twin.now();
      people.push(...(page.Items ?? []).flatMap((item) => registeredOf(fromItem(item), this.#policy, now) ?? []));
    }
    const ended = performance.now();
    this.#restUntil = ended + Math.max(SHORTEST_REST_MS, REST_PER_SCAN * (ended - began));
    return people.toSorted((a, b) => b.since - a.since || (a.customerId < b.customerId ? -1 : 1));
  }
}

/** People per stage, in the order of the stages. */
export function perStage(people: readonly Registered[]): readonly { readonly stage: Stage; readonly count: number }[] {
  return STAGES.map((stage) => ({ stage, count: people.filter((each) => each.stage === stage).length }));
}

/** Customers whose id or address contains `search`, in any case; whoever has exactly this id comes first. */
export function findPeople(people: readonly Registered[], search: string, stage?: Stage): readonly Registered[] {
  const wanted = search.trim().toLowerCase();
  const found = people.filter(
    (each) =>
      (stage === undefined || each.stage === stage) &&
      (each.customerId.toLowerCase().includes(wanted) || (each.email ?? '').toLowerCase().includes(wanted)),
  );
  return found.toSorted((a, b) => Number(b.customerId === search.trim()) - Number(a.customerId === search.trim()));
}
