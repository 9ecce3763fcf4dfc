/** The adapters of one invocation: each call of theirs waits until somebody says what becomes of it. */
import type { AddressBook } from '../../shared/adapters/address-book.ts';
import type { CustomerStore } from '../../shared/adapters/customer-store.ts';
import type { LaneStore } from '../../shared/adapters/lane-store.ts';
import type { Invocation } from './invocation.ts';
import type { Operation } from './fates.ts';
import type { Seen, World } from './world.ts';

/** Asks for something and waits for the answer. */
export type Ask = <T>(operation: Operation, perform: () => Promise<T>) => Promise<T>;

export function storeOf(
  world: World,
  { delivery }: Invocation,
  ask: Ask,
  claims: (key: string) => void,
): CustomerStore {
  const { store } = world;
  let seen: Seen | undefined;
  return {
    load: (id) =>
      ask('load', async () => {
        const loaded = await world.load(id);
        if (id === delivery.customerId) ({ seen } = loaded);
        return loaded.profile;
      }),
    save: (profile, expected) => {
      const isTake = delivery.to === 'send' && profile.kind === 'living' && delivery.key in profile.flight;
      if (isTake) claims(delivery.key);
      const sight = seen;
      return ask('save', () => world.save(profile, expected, isTake ? sight : undefined));
    },
    journal: (event) => ask('journal', () => store.journal(event)),
    readEvent: (id, eventId) => ask('readEvent', () => store.readEvent(id, eventId)),
    readJournal: (id) => ask('readJournal', () => store.readJournal(id)),
    unjournal: (id, eventId) => ask('unjournal', () => store.unjournal(id, eventId)),
    readEntry: (id, key) => ask('readEntry', () => store.readEntry(id, key)),
    writeEntry: (entry) => {
      const found = delivery.to === 'feedback' ? { life: seen?.life } : undefined;
      return ask('writeEntry', () => world.writeEntry(entry, found));
    },
    readLedger: (id) => ask('readLedger', () => store.readLedger(id)),
    removeEntry: (id, key) => ask('removeEntry', () => world.removeEntry(id, key)),
    markDelivery: (id, key, mark) => ask('markDelivery', () => world.markDelivery(id, key, mark)),
    readLooks: (id) => ask('readLooks', () => store.readLooks(id)),
    saveLooks: (id, looks, expected) => ask('saveLooks', () => store.saveLooks(id, looks, expected)),
    removeLooks: (id, expected) => ask('removeLooks', () => store.removeLooks(id, expected)),
  };
}

export function bookOf(world: World, ask: Ask): AddressBook {
  return {
    read: (hash) => ask('readAddress', () => world.book.read(hash)),
    save: (address, expected) => ask('saveAddress', () => world.saveAddress(address, expected)),
    remove: (hash, expected) => ask('removeAddress', () => world.removeAddress(hash, expected)),
  };
}

export function laneStoreOf(world: World, ask: Ask): LaneStore {
  return {
    read: () => ask('readLane', () => world.lanes.read()),
    save: (lane, expected) => ask('saveLane', () => world.saveLane(lane, expected)),
  };
}
