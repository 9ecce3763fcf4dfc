/** The profile on its way into a table item and back. */
import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOf, WRITE_UNIT } from '../../shared/adapters/item-size.ts';
import { DICTIONARIES } from '../../shared/adapters/profile-dictionaries.ts';
import { fromItem, type Item, shardOf, toItem, UnreadableItem } from '../../shared/adapters/profile-item.ts';
import { DUE_INDEX, DUE_SHARDS } from '../../shared/contracts/table.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { anyProfile, FULL_PROFILE, living } from './profiles.ts';

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
    const item = { ...toItem(unknownCustomer('c-1', 0)), format: { N: '3' } };

    expect(() => fromItem(item)).toThrow(new UnreadableItem('profile of format 3, expected 1 or 2'));
  });
});

/** What reading an item comes to that cannot be read. */
function spoiltBy(item: Item): unknown {
  try {
    return fromItem(item);
  } catch (cause) {
    return cause instanceof UnreadableItem ? { spoilt: cause.spoilt } : cause;
  }
}

/** Facts and memory of a packed item as text. */
function textOf(item: Item): string {
  const dictionary = DICTIONARIES.get(Number(item['dictionary']?.N));
  return inflateRawSync(item['packed']?.B ?? new Uint8Array(), { dictionary }).toString();
}

/** A packed item as it would be if items had no size. */
function readable(item: Item): Item {
  const { packed: _packed, dictionary: _dictionary, ...others } = item;
  const { facts, memory } = JSON.parse(textOf(item));
  return {
    ...others,
    format: { N: '1' },
    facts: { S: JSON.stringify(facts) },
    memory: { S: JSON.stringify(memory) },
  };
}

describe('a profile that would be larger than one write unit', () => {
  it('is packed, with the number of its dictionary, and only then', () => {
    fc.assert(
      fc.property(living, (profile) => {
        const item = toItem(profile);
        const isPacked = item['packed'] !== undefined;
        expect(Object.keys(item).filter((name) => ['facts', 'memory', 'packed', 'dictionary'].includes(name))).toEqual(
          isPacked ? ['dictionary', 'packed'] : ['facts', 'memory'],
        );
        expect(sizeOf(isPacked ? readable(item) : item) > WRITE_UNIT).toBe(isPacked);
      }),
      { seed: 20_261_122, numRuns: 200 },
    );
  });

  it('comes back unchanged in either form, with everything set', () => {
    const packed = toItem(FULL_PROFILE);
    expect(packed['packed']).toBeDefined();
    expect(fromItem(packed)).toStrictEqual(FULL_PROFILE);
    expect(fromItem(readable(packed))).toStrictEqual(FULL_PROFILE);
  });

  it('comes back unchanged, whatever of it has to be packed', () => {
    fc.assert(
      fc.property(living, fc.string({ unit: 'binary', minLength: WRITE_UNIT }), (profile, source) => {
        const large: Living = {
          ...profile,
          facts: { ...profile.facts, consent: { at: 0, id: 'c', marketing: 'opt_in', source } },
        };
        const item = toItem(large);
        expect(item['packed']).toBeDefined();
        expect(fromItem(item)).toStrictEqual(large);
      }),
      { seed: 20_261_122, numRuns: 100 },
    );
  });

  it('is not read without its dictionary, nor when it is damaged', () => {
    const item = toItem(FULL_PROFILE);
    const unknown = () => fromItem({ ...item, dictionary: { N: '9' } });
    expect(unknown).toThrow(new UnreadableItem('profile packed with dictionary 9, which is not known'));
    const damaged = () => fromItem({ ...item, packed: { B: item['packed']?.B?.slice(1) ?? new Uint8Array() } });
    expect(damaged).toThrow(UnreadableItem);
  });

  it('that is spoilt says what it takes to replace it; one of a later format says nothing', () => {
    const { life, version } = FULL_PROFILE;
    const packed = toItem(FULL_PROFILE);
    const plain = toItem(unknownCustomer('c-1', 0));
    expect(spoiltBy({ ...packed, packed: { B: new Uint8Array([1]) } })).toEqual({ spoilt: { life, version } });
    expect(spoiltBy({ ...plain, facts: { S: 'garbage' } })).toEqual({ spoilt: { life: 1, version: 0 } });
    expect(spoiltBy({ ...plain, facts: { S: '{"person":5}' } })).toEqual({ spoilt: { life: 1, version: 0 } });
    expect(spoiltBy({ ...plain, format: { N: '3' } })).toEqual({ spoilt: undefined });
    expect(spoiltBy({ ...packed, dictionary: { N: '9' } })).toEqual({ spoilt: undefined });
  });
});

describe('a dictionary', () => {
  it('is what it was when the first profile was packed with it', () => {
    const prints = [...DICTIONARIES].map(([number, words]) => [
      number,
      createHash('sha256').update(words).digest('hex'),
    ]);
    expect(prints).toEqual([[1, 'b492527c3c9a8b1cd56a56416e41e4f76b7f2ad9f7a69abbab846208cfb7ec9f']]);
  });
});
