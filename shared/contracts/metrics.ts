/**
 * The custom metrics: what functions count and dashboards and alarms look at. CloudWatch bills each combination of a name
 * and a dimension's value, so the values are closed lists and all combinations together stay within
 * {@link MOST_COMBINATIONS}; what is finer is a field of the same log line, read by saved queries.
 */

/** What a month of these may cost at most: $0.30 each, $12 in all. A test adds them up. */
export const MOST_COMBINATIONS = 40;

/** How the values of a minute become the figure that is meant, where nothing else is asked for. */
type Statistic = 'Sum' | 'SampleCount' | 'Maximum' | 'Average' | 'p99';

export interface Metric {
  readonly name: string;
  readonly unit: 'Count' | 'Milliseconds' | 'Seconds' | 'Percent';
  readonly statistic: Statistic;
  /** The one thing it is told apart by. */
  readonly by?: { readonly dimension: string; readonly values: readonly string[] };
}

const BY_STAGE = {
  dimension: 'stage',
  values: ['lead', 'new', 'active', 'loyal', 'at_risk', 'lapsed'],
} as const;

/** Programmes the dashboards tell apart; of all others, the shop's own ones among them, the sum is known. */
const BY_PROGRAMME = {
  dimension: 'programme',
  values: ['nurture', 'onboarding', 'retention', 'win-back', 'recovery', 'campaign', 'other'],
} as const;

type ProgrammeValue = (typeof BY_PROGRAMME.values)[number];

/** The value of the dimension `programme` under which a programme of the playbook is counted. */
export function programmeValue(programme: string | undefined): ProgrammeValue {
  return BY_PROGRAMME.values.find((each) => each === programme) ?? 'other';
}

export const METRIC = {
  /** Events of the shop that were new and are recorded. Fields: `type`. */
  eventsTaken: { name: 'EventsTaken', unit: 'Count', statistic: 'Sum' },
  /** Permanently bad input. Fields: `type`, `field`, `expected`, `eventId`. */
  eventsRefused: { name: 'EventsRefused', unit: 'Count', statistic: 'Sum' },
  /**
   * Events that changed nothing. Fields: `type`, and `fate`: `repeated` was delivered again or is browsing from long ago,
   * `dropped` is of somebody who was erased, `ignored` has a detail-type nobody here knows, `anonymous` names no customer.
   */
  eventsSetAside: { name: 'EventsSetAside', unit: 'Count', statistic: 'Sum' },
  /** Requests to the intake that were refused; not those without a signature, nor repetitions of what was taken. Fields: `why`. */
  intakeRefused: { name: 'IntakeRefused', unit: 'Count', statistic: 'Sum' },
  /** Customers entering a stage. Fields: `customerId`. */
  stageEntered: { name: 'StageEntered', unit: 'Count', statistic: 'Sum', by: BY_STAGE },
  /** Messages that ended as sent; in shadow, too. Fields: `customerId`, `key`. */
  messagesSent: { name: 'MessagesSent', unit: 'Count', statistic: 'Sum', by: BY_PROGRAMME },
  /** Messages that ended otherwise. Fields: `customerId`, `key`, `reason`. */
  messagesEnded: {
    name: 'MessagesEnded',
    unit: 'Count',
    statistic: 'Sum',
    by: { dimension: 'outcome', values: ['withheld', 'cancelled', 'failed'] },
  },
  /**
   * Addresses we may never mail again, by the programme whose mail it was: a value of 1 for a spam complaint, 0 for a hard
   * bounce. So their Sum is the complaints, and SampleCount less Sum the hard bounces: one combination for two figures.
   * Fields: `customerId`, `key`, `reason`.
   */
  addressesLost: { name: 'AddressesLost', unit: 'Count', statistic: 'SampleCount', by: BY_PROGRAMME },
  /**
   * Of each purchase, whether its customer had got a mail within the seven days before: 1 or 0, so that the Average is the
   * share. A correlation: who is mailed and who buys have causes in common. Fields: `programme` of the last such mail.
   */
  boughtAfterMail: { name: 'BoughtAfterMail', unit: 'Count', statistic: 'Average' },
  /**
   * From the write that took an event in and decided a message on it, to SES having accepted that message; only of messages
   * that nothing held up on purpose. Not from when the shop says it happened, for its clock may be wrong.
   */
  eventToSes: { name: 'EventToSes', unit: 'Milliseconds', statistic: 'p99' },
  /** How long the oldest message has been waiting that rules and hours would let go now. */
  oldestSendable: { name: 'OldestSendable', unit: 'Seconds', statistic: 'Maximum' },
  /**
   * Between the oldest due timer and the sweep that announced it, one value each minute: their number is the heartbeat.
   * Fields, if anybody was due: `due`, how many; `oldest`, the customer id.
   */
  sweepLag: { name: 'SweepLag', unit: 'Milliseconds', statistic: 'Maximum' },
  /** Lost races for a profile that were retried. Fields: `customerId`. */
  versionConflicts: { name: 'VersionConflicts', unit: 'Count', statistic: 'Sum' },
  /** Attempts whose claim ended without anybody knowing whether SES took the mail. Fields: `customerId`, `key`. */
  outcomesUnknown: { name: 'OutcomesUnknown', unit: 'Count', statistic: 'Sum' },
  /**
   * Whether mail leaves, by one {@link HELD} value for each message that is held up, or that SES took after it had waited
   * or after a stop. So their Maximum is above 0 where SES took none, their Minimum below 0 where we held some back ourselves, and
   * a 0 alone says that mail leaves again: one combination for all three. Never for the rate. Fields, of those held up: `why`.
   */
  laneStopped: { name: 'LaneStopped', unit: 'Count', statistic: 'Sum' },
  /** Messages SES refused for good; a line of its own tells which, and why. */
  mailsRejected: { name: 'MailsRejected', unit: 'Count', statistic: 'Sum' },
  /** Tries to make a mail that content or customer did not yield; a line of its own tells which. */
  cannotBeMade: { name: 'CannotBeMade', unit: 'Count', statistic: 'Sum' },
  /** Looks at what is published that left everything as it was. Fields: `why`: unread, format or broken. */
  contentKept: { name: 'ContentKept', unit: 'Count', statistic: 'Sum' },
  /** Of the nightly census: customers with a complaint that has been open for more than 14 days. */
  openComplaintsOld: { name: 'OpenComplaintsOld', unit: 'Count', statistic: 'Maximum' },
  /** Of the nightly census: 1 when so much of the revenue is discounted that the shop depends on discounts, else 0. */
  tooManyDiscounts: { name: 'TooManyDiscounts', unit: 'Count', statistic: 'Maximum' },
  /**
   * Of the nightly census: by how many percentage points more people bought again within 90 days who are mailed than who are
   * held out. The two ends of the 95 % interval: Minimum and Maximum. None while there is not enough data.
   */
  holdoutUplift: { name: 'HoldoutUplift', unit: 'Percent', statistic: 'Average' },
} as const satisfies Record<string, Metric>;

/** What {@link METRIC.laneStopped} says of a message. */
export const HELD = {
  /** SES takes none: its quota, its pause, its fault, or something in our set-up. */
  bySes: 1,
  /** Our share of the day is used up, or sending has been paused for so long that it may have been forgotten. */
  byUs: -1,
  /** SES took it, after it had waited or after a stop. */
  notAtAll: 0,
} as const;

export type MetricOf = (typeof METRIC)[keyof typeof METRIC];

/** Two stages may share an account, and neither may count as the other. */
export function metricsNamespace(stage: string): string {
  return `Perennial/${stage}`;
}
