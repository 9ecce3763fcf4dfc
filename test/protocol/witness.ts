/**
 * What was seen from outside while functions were interleaved, and what may be held against it: I3, I4, I5, I7, I8 and
 * the caps. It judges by stored profiles, by what SES accepted and by who died, never by what a function believes.
 */
import { isDeepStrictEqual } from 'node:util';
import { SES_TIMEOUT_SECONDS } from '../../shared/contracts/timing.ts';
import type { LedgerEntry } from '../../shared/lifecycle/customer/claim.ts';
import { parseKey } from '../../shared/lifecycle/customer/message-key.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { isOpen } from '../../shared/lifecycle/facts/complaints.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { findStep, type Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Instant, NEVER } from '../../shared/lifecycle/time.ts';

const TAKE_TO_SES = SES_TIMEOUT_SECONDS * 1000;

interface Acceptance {
  readonly key: string;
  readonly at: Instant;
}

export class Witness {
  readonly acceptances: Acceptance[] = [];
  readonly #playbook: Playbook;
  readonly #said = new Set<string>();
  /** Every message that was ever pending in a stored profile, with its moment. */
  readonly #decided = new Map<string, Instant>();
  /** Messages of which an attempt ended so that nobody can say what became of it. */
  readonly #doubted = new Set<string>();
  readonly #rejected = new Set<string>();
  readonly #open = new Set<string>();
  #firstOpened: Instant = NEVER;
  readonly #attempts = new Map<string, Set<number>>();
  readonly #claimedAt = new Map<string, Instant>();

  constructor(playbook: Playbook) {
    this.#playbook = playbook;
  }

  /** Notes a violation. */
  say(violation: string): void {
    this.#said.add(violation);
  }

  /** A sender asks for its claim on a message. */
  claims(key: string, at: Instant): void {
    this.#claimedAt.set(key, at);
  }

  /** A profile was replaced. */
  stored(before: Profile | undefined, after: Profile): void {
    if (after.kind === 'erased') {
      this.#open.clear();
      return;
    }
    for (const [key, { moment, attempt }] of Object.entries({ ...after.pending, ...after.flight, ...after.closing })) {
      this.#decided.set(key, moment);
      if (attempt > 1 && !this.#repeats(key)) this.say(`I4: ${key} is repeated against the programme's policy`);
      if (attempt > 2) this.say(`I4: ${key} is at attempt ${attempt}`);
    }
    const flown = before?.kind === 'living' ? before.flight : {};
    for (const [key, { token }] of Object.entries(after.flight)) {
      const isTaken = flown[key]?.token !== token;
      if (isTaken && this.#open.size > 0 && this.#isPromotional(key)) {
        this.say(`I5: ${key} was taken while a complaint was open`);
      }
    }
    for (const complaint of after.facts.complaints.known) {
      const { complaintId, opened } = complaint;
      if (opened !== undefined) this.#firstOpened = Math.min(this.#firstOpened, opened.at);
      if (isOpen(complaint)) this.#open.add(complaintId);
      else this.#open.delete(complaintId);
    }
  }

  attemptBegins(key: string, attempt: number, at: Instant): void {
    const others = this.#attempts.get(key) ?? new Set<number>();
    if (others.size > 0) this.say(`I4: two attempts at ${key} were in flight at once`);
    this.#attempts.set(key, others.add(attempt));
    if (at > (this.#claimedAt.get(key) ?? 0) + TAKE_TO_SES)
      this.say(`I7: SES was called too late after ${key} was taken`);
  }

  attemptEnds(key: string, attempt: number): void {
    this.#attempts.get(key)?.delete(attempt);
  }

  accepted(key: string, at: Instant): void {
    const before = this.acceptances.filter((each) => each.key === key).length;
    const allowed = this.#repeats(key) && this.#doubted.has(key) ? 2 : 1;
    if (before >= allowed) this.say(`I4: SES accepted ${key} ${before + 1} times`);
    this.acceptances.push({ key, at });
    this.#checkCaps(at);
  }

  rejected(key: string): void {
    this.#rejected.add(key);
  }

  doubts(key: string): void {
    this.#doubted.add(key);
  }

  /** Everything found, after nothing is left to do. */
  violations(
    profile: Profile | undefined,
    ledger: readonly LedgerEntry[],
    journal: readonly CustomerEvent[],
  ): readonly string[] {
    if (profile?.kind === 'living') {
      for (const place of ['pending', 'flight', 'closing'] as const) {
        for (const key of Object.keys(profile[place])) this.say(`I3: ${key} stays in ${place} for ever`);
      }
      if (!isDeepStrictEqual(profile.facts, factsOf(journal))) this.say('I1: the facts are not those of the journal');
    }
    const life = profile?.life ?? 1;
    const isErased = profile?.kind === 'erased';
    if (isErased && journal.length > 0) this.say('an erased person has events in the journal');
    const present = (key: string) => !isErased && parseKey(key)?.life === life;
    for (const { key } of ledger) if (!present(key)) this.say(`${key} of an erased life is in the ledger`);
    for (const [key, moment] of this.#decided) {
      if (!present(key)) continue;
      const entry = ledger.find((each) => each.key === key);
      if (entry === undefined) this.say(`I3: ${key} was decided and has no end`);
      else this.#judge(entry, moment);
    }
    return [...this.#said];
  }

  /** Whether a message ended as it had to, given what happened to it. */
  #judge({ key, outcome, reason, endedAt }: LedgerEntry, moment: Instant): void {
    const wasAccepted = this.acceptances.some((each) => each.key === key);
    const end = reason === undefined ? outcome : `${outcome}: ${reason}`;
    const isUnknown = end === 'failed: outcome unknown';
    if (outcome === 'sent' && !wasAccepted) this.say(`I8: ${key} is called sent, and SES never accepted it`);
    if (wasAccepted && outcome !== 'sent' && !isUnknown) this.say(`I8: ${key} was accepted and is called ${end}`);
    if (isUnknown && !this.#doubted.has(key)) this.say(`I8: ${key} is called ${end}, and nothing about it was unknown`);
    if (outcome !== 'sent' && !isUnknown && !this.#isJustified(key, end, endedAt, moment)) {
      this.say(`I8: ${key} ended as ${end} for no reason`);
    }
  }

  #isJustified(key: string, end: string, at: Instant, moment: Instant): boolean {
    const { programme = '', step = '' } = parseKey(key) ?? {};
    const fresh = findStep(this.#playbook, programme, step)?.step.fresh ?? 0;
    switch (end) {
      case 'failed: rejected: MessageRejected':
        return this.#rejected.has(key);
      case 'withheld: frequency cap':
        return this.#countedAt(at, key) >= this.#playbook.caps.perDay;
      case 'withheld: open complaint':
        return this.#firstOpened <= at;
      case 'withheld: stale':
        return at > moment + fresh;
      default:
        // By a purchase or by the end of a complaint, of which the histories are full.
        return end.startsWith('cancelled: ');
    }
  }

  /** Other promotional mails of the last day that were accepted, or may have been. */
  #countedAt(at: Instant, key: string): number {
    const accepted = this.acceptances.filter((each) => each.at <= at && each.at > at - DAY).map((each) => each.key);
    const counted = new Set(
      [...accepted, ...this.#doubted].filter((each) => each !== key && this.#isPromotional(each)),
    );
    return counted.size;
  }

  #checkCaps(at: Instant): void {
    const keys = this.acceptances.filter((each) => each.at > at - DAY && this.#isPromotional(each.key));
    const people = new Map<number | undefined, Set<string>>();
    for (const { key } of keys) {
      const life = parseKey(key)?.life;
      people.set(life, (people.get(life) ?? new Set()).add(key));
    }
    for (const mails of people.values()) {
      if (mails.size > this.#playbook.caps.perDay) this.say(`caps: ${[...mails].join(' and ')} on one day`);
    }
  }

  #isPromotional(key: string): boolean {
    const { programme = '', step = '' } = parseKey(key) ?? {};
    return findStep(this.#playbook, programme, step)?.step.class === 'promotional';
  }

  #repeats(key: string): boolean {
    const programme = this.#playbook.programmes.find((each) => each.id === parseKey(key)?.programme);
    return programme?.afterUnknown === 'repeat once';
  }
}
