/**
 * The rules the sending protocol stands on, each taken away in turn. A harness that finds nothing wrong then would
 * find nothing wrong ever.
 */
export interface Mutant {
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  /** Occurs exactly once in the file: a source that has changed must be looked at again. */
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no guard read: the ledger is not asked before the take',
    file: 'functions/send/claim.ts',
    find: 'const ended = await store.readEntry(customerId, key);',
    replace: 'const ended = undefined;',
  },
  {
    name: 'no address read: nobody asks what is known of the address',
    file: 'functions/send/claim.ts',
    find: '(hash === undefined ? undefined : services.addresses.read(hash))',
    replace: 'undefined',
  },
  {
    name: 'no look at the mailbox: the same step goes to everybody who reads it',
    file: 'functions/send/claim.ts',
    find: 'if (objection !== undefined) return refuse',
    replace: 'if (false) return refuse',
  },
  {
    name: 'no token comparison: a sender takes whatever claim it finds for its own',
    file: 'functions/send/claim.ts',
    find: 'customer.flight[key]?.token === token',
    replace: 'key in customer.flight',
  },
  {
    name: 'no closing step: a message is closed before the ledger says why',
    file: 'shared/lifecycle/customer/decide.ts',
    find: 'closing: { ...customer.closing, [key]: { ...kept, ...ended, closedAt: t } },',
    replace: 'closed: [...customer.closed, { key, until: kept.moment + 30 * DAY }],',
  },
  {
    name: 'no version condition: the last writer of a profile wins',
    file: 'shared/adapters/memory-store.ts',
    find: 'if ((this.#profiles.get(profile.customerId)?.version ?? 0) !== expected) return false;',
    replace: '',
  },
  {
    name: 'edge-triggered: something is decided only when the stage changes',
    file: 'shared/lifecycle/customer/react.ts',
    find: 'const decided = decide(raise(observed.customer, playbook, now, cause), playbook, now);',
    replace:
      'const decided = observed.changes.length > 0 ? decide(observed.customer, playbook, now) : observed.customer;',
  },
  {
    name: 'no freshness: a message goes out however old it is',
    file: 'shared/lifecycle/customer/wanted.ts',
    find: 'if (t > keepsUntil(customer, key, placed, moment, playbook, t))',
    replace: 'if (false)',
  },
];
