/**
 * What the parts of the local twin (gateway and runtime, player, pages, terminal view) agree on.
 * Times are epoch milliseconds on the twin's clock, which may run apart from the wall clock.
 */
import type { MailOutcome } from './ses-events.ts';
import type { ActiveTrouble, SesTrouble, TroubleScope } from './ses-trouble.ts';

/** One mail that SES accepted, as SES would put it on the wire. */
export interface AcceptedMail {
  /** SES message id. */
  readonly id: string;
  readonly at: number;
  readonly from: string;
  readonly to: readonly string[];
  /** The tags of the call: `c` customer id and `k` message key (both base64url), `n` attempt. */
  readonly tags: Readonly<Record<string, string>>;
  readonly configurationSet: string | undefined;
  /** Raw message with the Message-ID and Date that SES sets. */
  readonly raw: Uint8Array;
}

export interface QueueState {
  readonly name: string;
  readonly deadLetter: boolean;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** A message in a dead-letter queue. */
export interface DeadLetter {
  readonly queue: string;
  readonly messageId: string;
  readonly at: number;
  readonly receives: number;
  readonly body: string;
}

/** What names a time series of CloudWatch. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** All samples of one metric in one minute. */
export interface MetricPoint {
  /** Beginning of the minute. */
  readonly at: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly samples: number;
}

/** A metric that has been published at least once. */
export interface EmittedMetric extends MetricName {
  /** Functions that wrote it into their log; empty for what AWS publishes itself. */
  readonly functions: readonly string[];
  /** As the log line says, such as Count or Milliseconds; undefined for what AWS publishes itself. */
  readonly unit: string | undefined;
  /** Over everything ever published, also what is no longer kept by the minute. */
  readonly samples: number;
  readonly sum: number;
}

export type AlarmCondition = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmChange {
  readonly at: number;
  readonly state: AlarmCondition;
  /** What the alarm looked at in its latest period; undefined when there was nothing. */
  readonly value: number | undefined;
}

export interface AlarmState {
  readonly name: string;
  /** The word in brackets at the beginning of the description; empty when there is none. */
  readonly severity: string;
  readonly state: AlarmCondition;
  /** When it entered that state. */
  readonly since: number;
  /** Oldest first; the first one leaves INSUFFICIENT_DATA, in which every alarm begins. */
  readonly changes: readonly AlarmChange[];
  /** Without the severity. */
  readonly description: string;
}

/** One line of a graph; periods without a value have no point. */
export interface GraphLine {
  readonly label: string;
  /** `at` is when the period begins. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

export type WidgetState =
  | {
      readonly kind: 'graph';
      readonly title: string;
      /** What the axis counts, such as "mails a day". */
      readonly axis: string;
      /** Lines on top of each other: they are parts of a whole. */
      readonly stacked: boolean;
      readonly marks: readonly { readonly label: string; readonly value: number }[];
      readonly lines: readonly GraphLine[];
    }
  | { readonly kind: 'text'; readonly markdown: string }
  /** The states of all alarms. */
  | { readonly kind: 'alarms' }
  /** A query of Logs Insights, which the twin has none of. */
  | { readonly kind: 'query'; readonly title: string; readonly query: string };

export interface DashboardState {
  readonly name: string;
  /** What its graphs show. */
  readonly from: number;
  readonly to: number;
  readonly widgets: readonly WidgetState[];
}

/** The twin's CloudWatch. Minutes that virtual time skips count as minutes in which the sweep found nothing to do. */
export interface Monitoring {
  /** Alarms of the deployment by name, as of the last full minute. */
  readonly alarms: readonly AlarmState[];
  /** Dashboards of the deployment by name, drawn from what is kept. */
  readonly dashboards: readonly DashboardState[];
  /** By the minute, oldest first; minutes without a sample are missing, and what is older than 15 days is gone. */
  series(metric: MetricName): readonly MetricPoint[];
  emitted(): readonly EmittedMetric[];
}

/** A line a function wrote to its log. */
export interface LogLine {
  readonly functionName: string;
  readonly at: number;
  readonly text: string;
}

export interface SendingQuota {
  /** Mails in any 24 hours; always enforced. */
  readonly max24HourSend: number;
  /** Mails a second, which GetSendQuota answers with. */
  readonly maxSendRate: number;
  /** Throttle what comes faster. Off by default: in virtual time everything happens in the same second. */
  readonly enforceRate: boolean;
}

/**
 * How SES behaves, for tests and pages. Left alone it accepts what AWS would accept and reports, as far as the
 * configuration set subscribes: the send at once, its delivery one to four seconds later, for the simulator addresses
 * (bounce@, complaint@, suppressionlist@, success@, ooto@simulator.amazonses.com, also with +label) what they stand for.
 *
 * @example
 * twin.ses.fail('reset after accepting', { calls: 1 });
 * twin.ses.setFate('jo@example.com', [{ kind: 'bounce', bounceType: 'Transient', bounceSubType: 'MailboxFull' }]);
 */
export interface SesControl {
  /** Calls to send meet this trouble, the oldest that fits first; without a scope all of them until {@link recover}. */
  fail(trouble: SesTrouble, scope?: TroubleScope): void;
  /** Ends one kind of trouble, or all of it. */
  recover(trouble?: SesTrouble): void;
  readonly troubles: readonly ActiveTrouble[];
  readonly quota: SendingQuota;
  setQuota(change: Partial<SendingQuota>): void;
  /** What becomes of mail to an address, in this order, ten seconds apart; undefined gives it back its natural fate. */
  setFate(address: string, fate: readonly MailOutcome[] | undefined): void;
  /**
   * Reports now what became of an accepted mail, as often and in whatever order it is called.
   *
   * @returns id of the event, or undefined when the configuration set does not report such events
   * @throws RangeError when SES accepted no such mail
   */
  report(mailId: string, outcome: MailOutcome): string | undefined;
  /** Puts any event with source `aws.ses` on the default bus; returns its id. */
  emit(detailType: string, detail: unknown): string;
}

export interface Twin {
  /** http://127.0.0.1:PORT, the endpoint for every AWS client. */
  readonly endpoint: string;
  readonly region: string;
  /** Physical names of the deployed resources that clients need. */
  readonly tableName: string;
  readonly busName: string;
  now(): number;
  /**
   * Virtual time only: does all work that falls due up to and including `instant`, in order, then stands at `instant`
   * with nothing left to do there. Resolves when no invocation and no visible message is left.
   */
  advanceTo(instant: number): Promise<void>;
  /** From now on the clock runs with the wall clock, from the wall clock's present. Cannot be undone. */
  goLive(): void;
  /** Accepted mails, oldest first; the array grows as mail arrives. */
  readonly mailbox: readonly AcceptedMail[];
  queues(): readonly QueueState[];
  deadLetters(): readonly DeadLetter[];
  /** Newest log lines of the functions, oldest first, bounded. */
  readonly logs: readonly LogLine[];
  /** Sum per custom metric since the start, keyed `name` or `name{dimension=value,...}`; read from EMF lines. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly monitoring: Monitoring;
  /** Calls `listener` whenever a mail is accepted, a log line is written or a queue changes; returns the off switch. */
  onChange(listener: () => void): () => void;
  /** Stops ports and workers; persists when a data directory was given. */
  close(): Promise<void>;
}
