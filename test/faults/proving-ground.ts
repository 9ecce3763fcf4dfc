/**
 * The real bundles in a twin of their own, in virtual time. One history at a time is played, each with a customer and a
 * stretch of time of its own, so that a history ends the same way whichever others were played before it.
 */
import { DeleteItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { cachedAssembly } from '../../infra/app.ts';
import { stageConfig } from '../../infra/config.ts';
import type { BusEvent } from '../../infra/local/bus.ts';
import { confirmationOf } from '../../infra/local/shop/platform.ts';
import { createTwin, type RunningTwin } from '../../infra/local/twin.ts';
import { DynamoDBStore } from '../../shared/adapters/dynamodb-store.ts';
import { partitionOf } from '../../shared/adapters/profile-item.ts';
import { LANE_PARTITION, TABLE } from '../../shared/contracts/table.ts';
import { ANOTHER_OFFER } from '../../shared/lifecycle/customer/offers.ts';
import type { Profile } from '../../shared/lifecycle/customer/profile.ts';
import { eventType } from '../../shared/lifecycle/events/event-types.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { type Mishaps, Observer } from './observer.ts';

/** Something the shop or the reader does, so long after the history began. */
export type Act =
  | {
      readonly after: Duration;
      /** Type of the event the shop emits. */
      readonly emits: string;
      readonly data?: Readonly<Record<string, unknown>>;
      /** How long ago it happened by then. */
      readonly ago?: Duration;
    }
  /** The shop tells again what it told in the act of this number, from 0. */
  | { readonly after: Duration; readonly repeats: number }
  | { readonly after: Duration; readonly reader: 'unsubscribes' };

export interface History {
  readonly name: string;
  readonly customerId: string;
  /** What becomes of mail to the customer: a mailbox of the SES simulator instead of one that takes everything. */
  readonly mailbox?: 'bounce' | 'complaint';
  readonly acts: readonly Act[];
  /** What the platform of the shop does when it is asked for a code; silent unless said. */
  readonly platform?: 'confirms';
  /** Milliseconds after midnight UTC at which it begins. */
  readonly begins: Duration;
  /** How long things may go wrong; what is left then has to end by itself. */
  readonly lasts: Duration;
  /** Reasons for withholding that the history gives. */
  readonly gives?: readonly string[];
}

/** What came of a history. */
export interface Ending {
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** Every call of a function while things could go wrong, as `name #number`. */
  readonly points: readonly string[];
  readonly decided: readonly string[];
  /** How each message ended. */
  readonly ledger: readonly string[];
  readonly faults: number;
  readonly mishaps: number;
}

/** A Monday. */
export const FIRST_DAY: Instant = Date.parse('2026-03-02T00:00:00Z');
/** Where the customers live: a place with daylight-saving time. */
const TIME_ZONE = 'Europe/Stockholm';
/** After this many days without faults whatever has not ended never will. */
const PATIENCE_DAYS = 12;
/** But what waits until another offer has ended, which takes at most so many more. */
const OFFER_DAYS = 90;
/** At noon UTC it is day in the time zone, so nothing waits for the morning. */
const NOON: Duration = 12 * HOUR;
const SHOWN_OF_LETTER = 300;
const MINUTES_PER_HOUR = 60;
/** To the hour: the quiet hours of the playbook are whole ones, and they go over midnight. */
const CLOCK_THERE = new Intl.DateTimeFormat('en-GB', { timeZone: TIME_ZONE, hour: 'numeric', hourCycle: 'h23' });

function nextAt(timeOfDay: Duration, t: Instant): Instant {
  const midnight = Math.floor(t / DAY) * DAY;
  return midnight + timeOfDay > t ? midnight + timeOfDay : midnight + DAY + timeOfDay;
}

export class ProvingGround {
  readonly twin: RunningTwin;
  readonly #playbook: Playbook;
  readonly #bus: EventBridgeClient;
  readonly #table: DynamoDBClient;
  readonly #store: DynamoDBStore;

  private constructor(twin: RunningTwin, playbook: Playbook) {
    this.twin = twin;
    this.#playbook = playbook;
    const { endpoint, region } = twin;
    const access = { endpoint, region, credentials: { accessKeyId: 'shop', secretAccessKey: 'shop' } };
    this.#bus = new EventBridgeClient(access);
    this.#table = new DynamoDBClient(access);
    this.#store = new DynamoDBStore(this.#table, twin.tableName);
  }

  /** @param start when its time begins */
  static async open(playbook: Playbook, start: Instant = FIRST_DAY): Promise<ProvingGround> {
    const assembly = await cachedAssembly(stageConfig('local'));
    const twin = await createTwin({ assembly, port: 0, clock: { mode: 'virtual', start }, seed: 'faults' });
    return new ProvingGround(twin, playbook);
  }

  async close(): Promise<void> {
    this.#bus.destroy();
    this.#table.destroy();
    await this.twin.close();
  }

  /**
   * Plays a history with what goes wrong, to the end of everything it led to.
   *
   * @param from it begins at its time of day the next time after this
   */
  async play(history: History, mishaps: Mishaps = {}, from: Instant = this.twin.now()): Promise<Ending> {
    const { twin } = this;
    const { customerId, acts, platform, begins, lasts, gives = [] } = history;
    const start = nextAt(begins, from);
    await twin.advanceTo(start);
    const observer = new Observer(customerId, mishaps, this.#playbook, () => twin.now(), this.#isNight);
    for (const reason of gives) observer.witness.gives(reason);
    twin.faults.plan = observer;
    const silence = platform === undefined ? undefined : this.twin.subscribe((event) => this.#confirm(event, observer));
    const told: string[] = [];
    for (const [index, act] of acts.entries()) {
      await twin.advanceTo(Math.max(twin.now(), start + act.after));
      told[index] = await this.#perform(history, act, told, observer);
      await twin.advanceTo(twin.now());
    }
    await twin.advanceTo(Math.max(twin.now(), start + lasts));
    const { points } = observer;
    observer.endMishaps();
    await this.#redrive(observer);
    await this.#settle(customerId);
    silence?.();
    const ending = await this.#judged(customerId, observer);
    twin.faults.plan = undefined;
    // The customer would have timers in all histories to come, and each would begin with the lost answers of those before it.
    for (const partition of [partitionOf(customerId), LANE_PARTITION]) await this.#forget(partition);
    return { ...ending, points, faults: observer.faults, mishaps: observer.mishaps };
  }

  readonly #isNight = (t: Instant): boolean => {
    const { from, to } = this.#playbook.quietHours;
    const minute = Number(CLOCK_THERE.format(t)) * MINUTES_PER_HOUR;
    return minute >= from || minute < to;
  };

  /** @returns what the shop told the bus; nothing when it was silent */
  async #perform(history: History, act: Act, told: readonly string[], observer: Observer): Promise<string> {
    if ('reader' in act) {
      await this.#unsubscribe(history.customerId, observer);
      return '';
    }
    const entry = 'repeats' in act ? (told[act.repeats] ?? '') : this.#entryOf(history, act, told.length);
    if (entry === '') return '';
    observer.note(`the shop: ${entry}`);
    const { FailedEntryCount } = await this.#bus.send(new PutEventsCommand({ Entries: [JSON.parse(entry)] }));
    if (FailedEntryCount !== 0) throw new Error(`the bus refused ${entry}`);
    return entry;
  }

  /** Does what the shop's platform does when it hears of an offer: it makes the code valid and says so. */
  async #confirm(event: BusEvent, observer: Observer): Promise<void> {
    const confirmation = confirmationOf(event, this.twin.now());
    if (confirmation === undefined) return;
    const { source, detailType, detail } = confirmation;
    const entry = {
      EventBusName: this.twin.busName,
      Source: source,
      DetailType: detailType,
      Detail: JSON.stringify(detail),
    };
    observer.note(`the platform: ${entry.Detail}`);
    const { FailedEntryCount } = await this.#bus.send(new PutEventsCommand({ Entries: [entry] }));
    if (FailedEntryCount !== 0) throw new Error(`the bus refused ${entry.Detail}`);
  }

  #entryOf(
    { name, customerId, mailbox }: History,
    { emits, data = {}, ago = 0 }: Extract<Act, { emits: string }>,
    number: number,
  ): string {
    const at = new Date(this.twin.now() - ago).toISOString();
    const person =
      emits === 'Customer Registered'
        ? {
            email: mailbox ? `${mailbox}+${customerId}@simulator.amazonses.com` : `${customerId}@example.com`,
            timeZone: TIME_ZONE,
            consent: { marketing: 'opt_in', source: name, at },
          }
        : {};
    const metadata = { id: `${customerId}-${number}`, version: 1, occurredAt: at };
    const detail = { metadata, data: { customerId, ...person, ...data } };
    const EventBusName = this.twin.busName;
    return JSON.stringify({
      EventBusName,
      Source: eventType(emits)?.source ?? 'shop',
      DetailType: emits,
      Detail: JSON.stringify(detail),
    });
  }

  /** Does what a mail program does when somebody presses "unsubscribe": once more if the first time fails. */
  async #unsubscribe(customerId: string, observer: Observer): Promise<void> {
    const mails = this.twin.mailbox.filter(
      (mail) => Buffer.from(mail.tags['c'] ?? '', 'base64url').toString() === customerId,
    );
    const head = Buffer.from(mails.at(-1)?.raw ?? []).toString('latin1');
    const link = /^List-Unsubscribe:\s*<(https?:[^>]+)>/imu.exec(head)?.[1];
    if (link === undefined) return observer.note('the reader has no mail to unsubscribe from');
    for (let attempt = 1; ; attempt += 1) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const { status } = await fetch(link, { method: 'POST', headers, body: 'List-Unsubscribe=One-Click' });
      observer.note(`the reader unsubscribes: ${status}`);
      if (status < 300) observer.witness.gives('unsubscribed');
      if (status < 300 || attempt > 2) return;
      await this.twin.advanceTo(this.twin.now() + MINUTE);
    }
  }

  /** Puts what is in the dead-letter queues back to where it came from, as whoever is on call would. */
  async #redrive({ faults, mishaps, witness, note }: Observer): Promise<void> {
    const dead = this.twin.deadLetters();
    for (const { queue, body, receives } of dead) {
      note(`redriven from ${queue} after ${receives} deliveries: ${body.slice(0, SHOWN_OF_LETTER)}`);
      // A schedule is not repeated, since the next one is a minute away; everything else has five deliveries.
      if (receives > faults + mishaps) witness.say(`I3: ${receives} deliveries failed of ${faults} faults: ${queue}`);
      const source = this.twin.queues().find(({ name }) => `${name}-dead` === queue);
      if (source !== undefined) await this.#sqs('SendMessage', source.name, { MessageBody: body });
    }
    for (const queue of new Set(dead.map((letter) => letter.queue))) await this.#sqs('PurgeQueue', queue, {});
  }

  async #sqs(operation: string, queue: string, body: object): Promise<void> {
    const answer = await fetch(this.twin.endpoint, {
      method: 'POST',
      headers: {
        authorization: 'AWS4-HMAC-SHA256 Credential=shop/20260302/us-east-1/sqs/aws4_request, SignedHeaders=host',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
      },
      body: JSON.stringify({ QueueUrl: `${this.twin.endpoint}/000000000000/${queue}`, ...body }),
    });
    if (!answer.ok) throw new Error(`${operation} of ${queue}: ${await answer.text()}`);
  }

  /** Lets time pass until the customer has nothing waiting, in the air or closing at noon. */
  async #settle(customerId: string): Promise<void> {
    let patience = PATIENCE_DAYS;
    for (let day = 0; day < patience; day += 1) {
      await this.twin.advanceTo(nextAt(NOON, this.twin.now()));
      const profile = await this.#store.load(customerId);
      if (isSettled(profile) && this.#queued() === 0) return;
      const pending = profile?.kind === 'living' ? Object.values(profile.pending) : [];
      if (pending.some(({ heldBy }) => heldBy === ANOTHER_OFFER))
        patience = Math.min(day + PATIENCE_DAYS, PATIENCE_DAYS + OFFER_DAYS);
    }
  }

  #queued(): number {
    const queues = this.twin.queues().filter(({ deadLetter }) => !deadLetter);
    return queues.reduce((sum, { visible, inFlight, delayed }) => sum + visible + inFlight + delayed, 0);
  }

  async #judged(customerId: string, observer: Observer) {
    const { witness, trace } = observer;
    const profile = await this.#store.load(customerId);
    // What SES reported of each mail is not watched here: the reports come from the twin, not from the history.
    const ledger = (await this.#store.readLedger(customerId)).map(({ delivery: _reported, ...entry }) => entry);
    const journal = await this.#store.readJournal(customerId);
    if (this.#queued() > 0) witness.say(`I3: ${this.#queued()} messages stay on queues for ever`);
    for (const { queue } of this.twin.deadLetters()) witness.say(`I3: a redriven message is back in ${queue}`);
    const violations = witness.violations(profile, ledger, journal, this.twin.now());
    const ends = ledger.map(
      ({ key, outcome, reason }) => `${key} ${outcome}${reason === undefined ? '' : `: ${reason}`}`,
    );
    return { violations, trace: [...trace, ...ends], decided: witness.decided, ledger: ends };
  }

  /** Removes all items of a partition. */
  async #forget(partition: string): Promise<void> {
    const { tableName } = this.twin;
    const { Items = [] } = await this.#table.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': TABLE.partitionKey },
        ExpressionAttributeValues: { ':pk': { S: partition } },
      }),
    );
    for (const item of Items) {
      const { [TABLE.partitionKey]: pk = { S: '' }, [TABLE.sortKey]: sk = { S: '' } } = item;
      const Key = { [TABLE.partitionKey]: pk, [TABLE.sortKey]: sk };
      await this.#table.send(new DeleteItemCommand({ TableName: tableName, Key }));
    }
  }
}

function isSettled(profile: Profile | undefined): boolean {
  if (profile?.kind !== 'living') return profile?.dueAt === undefined;
  return [profile.pending, profile.flight, profile.closing].every((each) => Object.keys(each).length === 0);
}
