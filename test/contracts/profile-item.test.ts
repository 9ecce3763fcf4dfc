/** The profile on its way into a table item and back. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromItem, shardOf, toItem, UnreadableItem } from '../../shared/adapters/profile-item.ts';
import { DUE_INDEX, DUE_SHARDS } from '../../shared/contracts/table.ts';
import { unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { anyProfile, FULL_PROFILE } from './profiles.ts';

describe('a profile', () => {
  it('comes back from its item unchanged, with everything set', () => {
    expect(fromItem(toItem(FULL_PROFILE))).toEqual(FULL_PROFILE);
  });

  it('comes back from its item unchanged, whatever is in it', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        expect(fromItem(toItem(profile))).toStrictEqual(profile);
      }),
      { seed: 20_261_122, numRuns: 500 },
    );
  });

  it('is in the due index only with a timer', () => {
    const { dueAt: _dueAt, ...untimed } = FULL_PROFILE;

    expect(toItem(FULL_PROFILE)).toMatchObject({
      [DUE_INDEX.partitionKey]: { N: String(shardOf(FULL_PROFILE.customerId)) },
      [DUE_INDEX.sortKey]: { N: String(FULL_PROFILE.dueAt) },
    });
    expect(Object.keys(toItem(untimed))).not.toContain(DUE_INDEX.partitionKey);
    expect(Object.keys(toItem(untimed))).not.toContain(DUE_INDEX.sortKey);
  });

  it('spreads over all shards', () => {
    const shards = Array.from({ length: 200 }, (_, number) => shardOf(`c-${number}`));

    expect(new Set(shards)).toEqual(new Set(Array.from({ length: DUE_SHARDS }, (_, shard) => shard)));
  });

  it('of a format this code does not know is not read', () => {
    const item = { ...toItem(unknownCustomer('c-1', 0)), format: { N: '2' } };

    expect(() => fromItem(item)).toThrow(new UnreadableItem('profile of format 2, expected 1'));
  });
});
