/**
 * What becomes of accepted mail: each address has its fate (delivered, unless it is one of SES's simulator addresses or
 * was given another), and every outcome the configuration set subscribes to is put on the default bus when it comes
 * about. Outcomes that are still to come survive a restart with the mails they belong to.
 */
import { z } from 'zod';
import type { BusEvent, EventRouter } from './bus.ts';
import type { Clock } from './clock.ts';
import { DueHeap } from './heap.ts';
import type { Journal } from './journal.ts';
import type { Origin } from './origin.ts';
import type { Job, WorkSource } from './pace.ts';
import { chanceOf } from './random.ts';
import { eventOf, type MailOutcome, OUTCOME_KINDS, type OutcomeKind, type SentMail } from './ses-events.ts';

/** Which outcomes a configuration set reports. */
export interface Subscription {
  readonly configurationSet: string;
  readonly kinds: ReadonlySet<OutcomeKind>;
}

/** The first news of a mail comes after one to four seconds, the next each this much later. */
const FIRST_NEWS_MS = { least: 1_000, most: 4_000 } as const;
const NEXT_NEWS_MS = 10_000;

const SIMULATOR = /^([a-z]+)(?:\+[^@]*)?@simulator\.amazonses\.com$/;
const DELIVERED: readonly MailOutcome[] = [{ kind: 'delivery' }];
const SIMULATED: Readonly<Record<string, readonly MailOutcome[]>> = {
  success: DELIVERED,
  // The automatic answer goes to the return path, which is SES's own, and nobody else hears of it.
  ooto: DELIVERED,
  bounce: [{ kind: 'bounce', bounceType: 'Permanent' }],
  suppressionlist: [{ kind: 'bounce', bounceType: 'Permanent', bounceSubType: 'Suppressed' }],
  complaint: [{ kind: 'delivery' }, { kind: 'complaint' }],
};

const eventSchema = z.object({
  source: z.string(),
  detailType: z.string(),
  detail: z.unknown(),
  resources: z.array(z.string()),
  time: z.number(),
});
/** What happened to a mail, and whether a bounce of it was a hard one. */
const newsSchema = z.object({ kind: z.enum(OUTCOME_KINDS), hard: z.boolean() });
type News = z.infer<typeof newsSchema>;
const keptSchema = z.object({ at: z.number(), event: eventSchema, news: newsSchema.optional() });

interface Pending {
  readonly key: string;
  readonly event: BusEvent;
  /** Absent in data of an earlier version. */
  readonly news: News | undefined;
}

/** Keys of pending events sort as numbers do up to 10^12 of them. */
const KEY_DIGITS = 12;
const JOURNAL_PREFIX = 'ses/event/';
const DEFAULT_BUS = 'default';

export class SesFeedback implements WorkSource {
  readonly #subscriptions: readonly Subscription[];
  readonly #router: EventRouter;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #added: () => void;
  readonly #reported: (news: News) => void;
  readonly #pending = new DueHeap<Pending>();
  readonly #fates = new Map<string, readonly MailOutcome[]>();
  #scheduled = 0;

  constructor(parts: {
    subscriptions: readonly Subscription[];
    router: EventRouter;
    clock: Clock;
    journal: Journal;
    added: () => void;
    /** Hears of every outcome when it is put on the bus. */
    reported: (news: News) => void;
  }) {
    this.#subscriptions = parts.subscriptions;
    this.#router = parts.router;
    this.#clock = parts.clock;
    this.#journal = parts.journal;
    this.#added = parts.added;
    this.#reported = parts.reported;
  }

  async restore(): Promise<void> {
    for (const [key, kept] of await this.#journal.read(JOURNAL_PREFIX)) {
      const { at, event, news } = keptSchema.parse(kept);
      this.#scheduled = Math.max(this.#scheduled, Number(key));
      this.#pending.push(at, { key, event, news });
    }
  }

  /** Mail to this address has this fate from now on; without one, its natural fate again. */
  setFate(address: string, fate: readonly MailOutcome[] | undefined): void {
    if (fate === undefined) this.#fates.delete(address.toLowerCase());
    else this.#fates.set(address.toLowerCase(), fate);
  }

  accepted(mail: SentMail, configurationSet: string | undefined, origin: Origin): void {
    const [address = ''] = mail.destination;
    const first = chanceOf('news', mail.id).between(FIRST_NEWS_MS.least, FIRST_NEWS_MS.most);
    const news = this.#fateOf(address.toLowerCase()).map((outcome, index): readonly [MailOutcome, number] => [
      outcome,
      first + index * NEXT_NEWS_MS,
    ]);
    for (const [outcome, after] of [[{ kind: 'send' }, 0] as const, ...news]) {
      if (!this.#subscribes(configurationSet, outcome.kind)) continue;
      const at = mail.at + after;
      this.#schedule(at, eventOf(mail, outcome, at), newsOf(outcome), origin);
    }
  }

  /** Puts an event about a mail on the bus now, if its configuration set reports such events; returns its id. */
  report(
    mail: SentMail,
    configurationSet: string | undefined,
    outcome: MailOutcome,
    origin: Origin,
  ): string | undefined {
    if (!this.#subscribes(configurationSet, outcome.kind)) return undefined;
    this.#reported(newsOf(outcome));
    return this.#router.put(DEFAULT_BUS, eventOf(mail, outcome, this.#clock.now()), origin);
  }

  /** Puts any event of SES on the default bus now; returns its id. */
  emit(detailType: string, detail: unknown, origin: Origin): string {
    const event = { source: 'aws.ses', detailType, detail, resources: [], time: this.#clock.now() };
    return this.#router.put(DEFAULT_BUS, event, origin);
  }

  next(): number | undefined {
    return this.#pending.first()?.at;
  }

  take(): Job | undefined {
    const due: Pending[] = [];
    const now = this.#clock.now();
    for (let first = this.#pending.first(); first !== undefined && first.at <= now; first = this.#pending.first()) {
      due.push(first.value);
      this.#pending.pop();
    }
    if (due.length === 0) return undefined;
    return (origin) => {
      for (const { key, event, news } of due) {
        if (news !== undefined) this.#reported(news);
        this.#router.put(DEFAULT_BUS, event, origin);
        this.#journal.delete(JOURNAL_PREFIX + key);
      }
      return Promise.resolve();
    };
  }

  #schedule(at: number, event: BusEvent, news: News, origin: Origin): void {
    this.#scheduled += 1;
    const key = String(this.#scheduled).padStart(KEY_DIGITS, '0');
    this.#journal.put(JOURNAL_PREFIX + key, { at, event, news });
    origin.effect(() => {
      this.#pending.push(at, { key, event, news });
      this.#added();
    });
  }

  #subscribes(configurationSet: string | undefined, kind: OutcomeKind): boolean {
    return this.#subscriptions.some((one) => one.configurationSet === configurationSet && one.kinds.has(kind));
  }

  #fateOf(address: string): readonly MailOutcome[] {
    const simulated = SIMULATED[SIMULATOR.exec(address)?.[1] ?? ''];
    return this.#fates.get(address) ?? simulated ?? DELIVERED;
  }
}

function newsOf(outcome: MailOutcome): News {
  return { kind: outcome.kind, hard: outcome.kind === 'bounce' && outcome.bounceType === 'Permanent' };
}
