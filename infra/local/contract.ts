/**
 * What the parts of the local twin (gateway and runtime, player, pages, terminal view) agree on.
 * Times are epoch milliseconds on the twin's clock, which may run apart from the wall clock.
 */

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

/** A line a function wrote to its log. */
export interface LogLine {
  readonly functionName: string;
  readonly at: number;
  readonly text: string;
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
  /** Calls `listener` whenever a mail is accepted, a log line is written or a queue changes; returns the off switch. */
  onChange(listener: () => void): () => void;
  /** Stops ports and workers; persists when a data directory was given. */
  close(): Promise<void>;
}
