/**
 * What was seen from outside of mail addresses, whichever customers use them: suppression and opt-outs at the claim
 * (I7), the same mail twice in one mailbox (I4), and what is left of somebody who was erased.
 */
import { FUNCTION_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import { addressHash } from '../../shared/email/address-hash.ts';
import { type Address, blockedAt, isNamed, optedOutAt } from '../../shared/lifecycle/address.ts';
import { parseKey, placedOf, sameStep } from '../../shared/lifecycle/customer/message-key.ts';
import type { Living, Profile } from '../../shared/lifecycle/customer/profile.ts';
import { optedOut } from '../../shared/lifecycle/facts/choices.ts';
import type { Facts } from '../../shared/lifecycle/facts/facts.ts';
import { personOf } from '../../shared/lifecycle/facts/person.ts';
import { findStep, type Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Duration, type Instant } from '../../shared/lifecycle/time.ts';

export const ADDRESS_KEY = 'address key';

export function hashOf(email: string): string {
  return addressHash(ADDRESS_KEY, email);
}

/** How long after it began a sender may still look at what became of other copies. */
const LOOKED_AROUND: Duration = FUNCTION_TIMEOUT_SECONDS.send * 1000;

/** A mail that reached an address, or may have. */
interface Copy {
  readonly customerId: string;
  readonly key: string;
  readonly hash: string;
  readonly at: Instant;
  readonly isCertain: boolean;
  /** Whoever got it was erased since, or reads mail elsewhere: nobody can know of it any more. */
  isForgotten: boolean;
}

/** What was known of an address when a sender began to look: it may act on that, and not on less. */
export interface Sighting {
  readonly at: Instant;
  readonly address: Address | undefined;
}

export class AddressWitness {
  readonly #playbook: Playbook;
  readonly #items = new Map<string, Address>();
  /** Everything that ever stood in the way of mail to an address. */
  readonly #obstacles = new Map<string, Set<string>>();
  /** Where each customer reads mail, and in which life; nobody who was erased. */
  readonly #present = new Map<string, { readonly life: number; readonly hash: string }>();
  /** By customer and life. */
  readonly #ever = new Map<string, Map<number, Set<string>>>();
  /** What each customer has said, as last stored. */
  readonly #facts = new Map<string, Facts>();
  readonly #copies: Copy[] = [];
  readonly #must: { readonly hash: string; readonly be: 'suppressed' | 'optOut' }[] = [];
  readonly #said = new Set<string>();

  constructor(playbook: Playbook) {
    this.#playbook = playbook;
  }

  /** An item was stored. */
  saved(address: Address): void {
    this.#items.set(address.hash, address);
    const obstacles = this.#obstacles.get(address.hash) ?? new Set();
    this.#obstacles.set(address.hash, obstacles);
    if (address.suppressed !== undefined) obstacles.add(address.suppressed.reason);
    if (address.optOut !== undefined) obstacles.add('unsubscribed');
    if (address.restsUntil !== undefined) obstacles.add('bouncing');
  }

  removed(hash: string): void {
    this.#items.delete(hash);
  }

  /** A profile was stored. */
  stored(profile: Profile): void {
    const { customerId, life } = profile;
    const { email } = profile.kind === 'living' ? personOf(profile.facts.person) : {};
    const hash = email === undefined ? undefined : hashOf(email);
    if (hash === undefined) this.#present.delete(customerId);
    else {
      this.#present.set(customerId, { life, hash });
      this.#everAt(customerId, life).add(hash);
    }
    this.#heard(profile, hash);
    for (const copy of this.#copies) copy.isForgotten ||= copy.customerId === customerId && !this.#isKnown(copy);
  }

  /** Who says "no more", or takes a consent back, says it for the mailbox: there it is known before the profile knows. */
  #heard(profile: Profile, hash: string | undefined): void {
    const before = this.#facts.get(profile.customerId);
    this.#facts.delete(profile.customerId);
    if (profile.kind !== 'living') return;
    const { facts, customerId } = profile;
    this.#facts.set(customerId, facts);
    if (hash === undefined) return;
    const hasWithdrawn = facts.consent?.marketing === 'none' && before?.consent?.marketing === 'opt_in';
    for (const { id } of this.#playbook.programmes) {
      const isNew = optedOut(facts, id) && !(before && optedOut(before, id));
      if ((isNew || hasWithdrawn) && optedOutAt(this.#items.get(hash), id) === undefined) {
        this.#said.add(`I7: the mailbox of ${customerId} was not told that they want no more mail of ${id}`);
      }
    }
  }

  /** What can be known now of the address a customer reads mail at. */
  seen(profile: Profile | undefined, at: Instant): Sighting {
    const { email } = profile?.kind === 'living' ? personOf(profile.facts.person) : {};
    return { at, address: email === undefined ? undefined : this.#items.get(hashOf(email)) };
  }

  /** A message was taken by somebody who had seen this before. */
  taken({ facts }: Living, key: string, { at, address }: Sighting): void {
    const blocked = this.#isPromotional(key) ? blockedAt(address, at) : address?.suppressed?.reason;
    if (blocked !== undefined) this.#said.add(`I7: ${key} was taken in spite of: ${blocked}`);
    const saidAt = optedOutAt(address, parseKey(key)?.programme ?? '');
    const optedInAt = facts.consent?.marketing === 'opt_in' ? facts.consent.at : -Infinity;
    if (this.#isPromotional(key) && saidAt !== undefined && optedInAt <= saidAt) {
      this.#said.add(`I7: ${key} was taken in spite of an opt-out at the address`);
    }
  }

  accepted(customerId: string, key: string, to: string, at: Instant): void {
    const mail = { customerId, key, hash: hashOf(to) };
    const copy = { ...mail, at, isCertain: true, isForgotten: !this.#isKnown(mail) };
    const other = this.#copies.find((each) => !each.isForgotten && each.isCertain && this.#isSecondCopy(each, copy));
    // A mail that was in the air while its reader was erased is known to nobody, whichever of the two came first.
    if (other !== undefined && !copy.isForgotten && this.#isPromotional(key)) {
      this.#said.add(`I4: one mailbox got ${other.key} of ${other.customerId} and ${key} of ${customerId}`);
    }
    this.#copies.push(copy);
    const { perDay, perWeek, per30Days } = this.#playbook.caps;
    if (!copy.isForgotten && this.#usedUp(new Set([copy.hash]), at, [perDay + 1, perWeek + 1, per30Days + 1])) {
      this.#said.add(`caps: one mailbox got ${key} of ${customerId} when its readers had used them up`);
    }
  }

  doubts(customerId: string, key: string, at: Instant): void {
    const hash = this.#present.get(customerId)?.hash;
    if (hash !== undefined) {
      this.#copies.push({ customerId, key, hash, at, isCertain: false, isForgotten: false });
    }
  }

  /** From here on the address has to stay suppressed, or opted out. */
  musts(hash: string, be: 'suppressed' | 'optOut'): void {
    this.#must.push({ hash, be });
  }

  /** Whether something about an address of the customer's explains why a message was withheld. */
  explains(customerId: string, key: string, reason: string, at: Instant): boolean {
    const addresses = this.#addressesOf(customerId);
    if (reason === 'frequency cap') {
      const { perDay, perWeek, per30Days } = this.#playbook.caps.lessOften;
      // Wherever those mails went: whoever got them reads mail here, too.
      const around = [...this.#ever.keys()]
        .map((each) => this.#addressesOf(each))
        .filter((theirs) => theirs.some((hash) => addresses.includes(hash)))
        .flat();
      return this.#usedUp(new Set(around), at + LOOKED_AROUND, [perDay, perWeek, per30Days], true);
    }
    if (reason !== 'same mailbox') return addresses.some((hash) => this.#obstacles.get(hash)?.has(reason));
    // Wherever the other copy went: whoever got it reads mail here, too.
    return this.#copies.some(
      (each) =>
        each.customerId !== customerId &&
        this.#addressesOf(each.customerId).some((hash) => addresses.includes(hash)) &&
        each.at <= at + LOOKED_AROUND &&
        sameStep(each.key, key),
    );
  }

  /** Everything found, after nothing is left to do. */
  violations(profiles: ReadonlyMap<string, Profile>): readonly string[] {
    for (const { hash, be } of this.#must) {
      if (this.#items.get(hash)?.[be] === undefined) this.#said.add(`I7: an address is not ${be} any more`);
    }
    for (const [customerId, profile] of profiles) {
      const own = profile.kind === 'living' ? this.#everAt(customerId, profile.life) : new Set();
      for (const address of this.#items.values()) {
        if (own.has(address.hash) || !isNamed(address, customerId)) continue;
        this.#said.add(`erasure: ${customerId} stands at an address of a life that has ended`);
      }
    }
    for (const { holders, claims, suppressed, optOut } of this.#items.values()) {
      const isOfUse =
        Object.keys({ ...holders, ...claims }).length > 0 || suppressed !== undefined || optOut !== undefined;
      if (!isOfUse) this.#said.add('erasure: an address is kept that nobody needs');
    }
    return [...this.#said];
  }

  #addressesOf(customerId: string): readonly string[] {
    return [...(this.#ever.get(customerId)?.values() ?? [])].flatMap((each) => [...each]);
  }

  #everAt(customerId: string, life: number): Set<string> {
    const lives = this.#ever.get(customerId) ?? new Map<number, Set<string>>();
    const addresses = lives.get(life) ?? new Set();
    this.#ever.set(customerId, lives.set(life, addresses));
    return addresses;
  }

  /** Whether a mail is remembered: by somebody who lives, and still reads mail where it went. */
  #isKnown({ customerId, key, hash }: Pick<Copy, 'customerId' | 'key' | 'hash'>): boolean {
    const present = this.#present.get(customerId);
    return present !== undefined && present.hash === hash && present.life === parseKey(key)?.life;
  }

  #cooldownOf(key: string): Duration {
    return placedOf(key, this.#playbook)?.step.cooldown ?? this.#playbook.cooldown;
  }

  #isSecondCopy(a: Copy, b: Copy): boolean {
    return (
      a.customerId !== b.customerId &&
      a.hash === b.hash &&
      a.at > b.at - this.#cooldownOf(a.key) &&
      sameStep(a.key, b.key)
    );
  }

  /**
   * Whether promotional mail of that number reached these mailboxes by `at`, within a day, a week or thirty days.
   *
   * @param perhaps counts what may have arrived as well, and what nobody can know of any more
   */
  #usedUp(
    hashes: ReadonlySet<string>,
    at: Instant,
    numbers: readonly [number, number, number],
    perhaps = false,
  ): boolean {
    return [DAY, 7 * DAY, 30 * DAY].some((window, index) => {
      const copies = this.#copies.filter(
        (each) =>
          hashes.has(each.hash) &&
          each.at > at - window - (perhaps ? LOOKED_AROUND : 0) &&
          each.at <= at &&
          (perhaps || (each.isCertain && !each.isForgotten)) &&
          this.#isPromotional(each.key),
      );
      return new Set(copies.map((each) => `${each.customerId} ${each.key}`)).size >= (numbers[index] ?? Infinity);
    });
  }

  #isPromotional(key: string): boolean {
    const { programme = '', step = '' } = parseKey(key) ?? {};
    return findStep(this.#playbook, programme, step)?.step.class === 'promotional';
  }
}
