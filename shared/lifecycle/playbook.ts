/**
 * The playbook: stages, programmes, steps, caps and hours as data that marketers edit. Parsing turns its durations
 * into milliseconds and its amounts into minor units, so that the rest of the core never sees a unit.
 */
import * as z from 'zod/mini';
import { isCurrency, toMinor } from './facts/money.ts';
import { type StagePolicy, STAGES } from './stage.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE } from './time.ts';

const UNITS: Readonly<Record<string, Duration>> = { minute: MINUTE, hour: HOUR, day: DAY };
const DURATION = /^(\d+(?:\.\d+)?) (minute|hour|day)s?$/u;
const DURATION_EXPECTED = 'expected a duration such as "45 days", "36 hours" or "15 minutes"';

const duration = z.pipe(
  z
    .string({ error: DURATION_EXPECTED })
    .check(z.regex(DURATION, { error: DURATION_EXPECTED }), z.describe('A number of minutes, hours or days.')),
  z.transform((text: string): Duration => {
    const [, amount = '0', unit = 'day'] = DURATION.exec(text) ?? [];
    // 1.1 days would be 95040000.00000001 ms, and an instant made of it no whole number.
    return Math.round(Number(amount) * (UNITS[unit] ?? DAY));
  }),
);

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/u;
const CLOCK_EXPECTED = 'expected a time of day such as "21:00"';
/** Minutes since midnight. */
const timeOfDay = z.pipe(
  z.string({ error: CLOCK_EXPECTED }).check(z.regex(CLOCK, { error: CLOCK_EXPECTED })),
  z.transform((text: string): number => {
    const [, hours = '0', minutes = '0'] = CLOCK.exec(text) ?? [];
    return Number(hours) * 60 + Number(minutes);
  }),
);

const NAME_EXPECTED = 'expected a name of small letters, digits and hyphens';
const name = z.string({ error: NAME_EXPECTED }).check(z.regex(/^[a-z][a-z0-9-]{0,39}$/u, { error: NAME_EXPECTED }));

const POSITIVE = 'expected a number above 0';
const positive = z.number({ error: POSITIVE }).check(z.gt(0, { error: POSITIVE }));
const count = z
  .number({ error: 'expected a whole number above 0' })
  .check(z.int({ error: 'expected a whole number above 0' }), z.gt(0, { error: 'expected a whole number above 0' }));

const moneyByCurrency = z.pipe(
  z
    .record(z.string(), z.number({ error: 'expected an amount in major units' }).check(z.gte(0)))
    .check(
      z.refine((amounts) => Object.keys(amounts).every(isCurrency), { error: 'expected ISO 4217 currency codes' }),
    ),
  z.transform((amounts: Record<string, number>) =>
    Object.fromEntries(Object.entries(amounts).map(([currency, major]) => [currency, toMinor(major, currency)])),
  ),
);

const cadence = z.discriminatedUnion(
  'rule',
  [
    z.strictObject({ rule: z.literal('fixed'), atRiskAfter: duration, lapsedAfter: duration }),
    z.strictObject({
      rule: z.literal('ownGap'),
      populationGap: duration,
      atRiskGaps: positive,
      lapsedGaps: positive,
      atRiskNotBefore: duration,
      lapsedNotBefore: duration,
    }),
  ],
  { error: 'expected a rule, "fixed" or "ownGap"' },
);

const stages = z.strictObject({
  onboardingWindow: duration,
  cadence,
  minimumAtRisk: duration,
  loginHabit: z.strictObject({ loginDays: count, within: duration, atLeast: duration, gaps: positive }),
  loyal: z.strictObject({ orders: count, since: duration, spend: moneyByCurrency }),
  dissatisfied: z.strictObject({ maximumAge: duration, quietAfter: duration }),
});

const stepFields = {
  id: name,
  class: z.enum(['promotional', 'service'], { error: 'expected "promotional" or "service"' }),
  /** Of messages that compete for one person the highest goes first. */
  priority: count,
  /** How long after its moment the message still makes sense. */
  fresh: duration,
  /** The message answers what the customer has just done, so it may go out at night within minutes of it. */
  answersAct: z.optional(z.boolean()),
  /** Wordings of their own for a trait; the first that applies is used. */
  variants: z.optional(z.array(z.enum(['returning'], { error: 'expected "returning"' }))),
  /** What has to exist, or the message is withheld. */
  needs: z.optional(z.enum(['improvement', 'offer'], { error: 'expected "improvement" or "offer"' })),
};

const stageSeries = z.strictObject({
  id: name,
  trigger: z.literal('stage'),
  stage: z.enum(STAGES, { error: `expected one of ${STAGES.join(', ')}` }),
  steps: z.array(
    z.strictObject({
      ...stepFields,
      after: duration,
      /** Counted from the delivery of the order instead, as soon as that is known. */
      afterDelivery: z.optional(duration),
    }),
  ),
});

const intervalSeries = z.strictObject({
  id: name,
  trigger: z.literal('interval'),
  stages: z.array(z.enum(STAGES, { error: `expected one of ${STAGES.join(', ')}` })),
  every: duration,
  /** `any mail`: counted from the last mail of any programme; `own`: from this series' own last, the first at once. */
  since: z.enum(['any mail', 'own'], { error: 'expected "any mail" or "own"' }),
  /** Taken in turn. */
  steps: z.array(z.strictObject(stepFields)).check(z.minLength(1, { error: 'expected at least one step' })),
});

const complaintSeries = z.strictObject({
  id: name,
  trigger: z.literal('complaint'),
  steps: z.array(
    z.strictObject({
      ...stepFields,
      from: z.enum(['opened', 'resolved'], { error: 'expected "opened" or "resolved"' }),
      after: duration,
      /** Repeats at this interval ... */
      every: z.optional(duration),
      /** ... this many times in all. */
      times: z.optional(count),
    }),
  ),
});

const programme = z.strictObject({
  id: name,
  /** What to do when nobody can say whether SES took a message: give it up, or send it once more. */
  afterUnknown: z.enum(['give up', 'repeat once'], { error: 'expected "give up" or "repeat once"' }),
  /** No moment before this is decided. */
  startsAt: z.optional(
    z.pipe(
      z.iso.datetime({ offset: true, error: 'expected an ISO 8601 time with zone' }),
      z.transform((text: string): Instant => Date.parse(text)),
    ),
  ),
  series: z.array(
    z.discriminatedUnion('trigger', [stageSeries, intervalSeries, complaintSeries], {
      error: 'expected a trigger, "stage", "interval" or "complaint"',
    }),
  ),
});

const hours = { from: timeOfDay, to: timeOfDay };

const playbookSchema = z.strictObject({
  $schema: z.optional(z.string()),
  stages,
  caps: z.strictObject({ perDay: count, perWeek: count, per30Days: count }),
  quietHours: z.strictObject({
    ...hours,
    /** Mail held back over night goes out spread over this long. */
    spread: duration,
    /** For people whose time zone nobody knows: a window that is polite in the shop's part of the world. */
    withoutZone: z.strictObject({ ...hours, timeZone: z.string() }),
  }),
  /** A series begins anew, and a step reaches a person again, no sooner than this. */
  repeatAfter: duration,
  offers: z.record(name, z.strictObject({ code: z.string(), value: z.string(), lasts: duration, terms: z.string() })),
  programmes: z.array(programme),
});

type ParsedPlaybook = z.output<typeof playbookSchema>;

export type Programme = ParsedPlaybook['programmes'][number];
export type Series = Programme['series'][number];
export type StageSeries = Extract<Series, { trigger: 'stage' }>;
export type IntervalSeries = Extract<Series, { trigger: 'interval' }>;
export type ComplaintSeries = Extract<Series, { trigger: 'complaint' }>;
export type Step = IntervalSeries['steps'][number];
export type Playbook = Omit<ParsedPlaybook, 'stages' | '$schema'> & { readonly stages: StagePolicy };

/** The playbook is not valid. The message names the path and what was expected, one line per finding. */
export class InvalidPlaybook extends Error {
  override readonly name = 'InvalidPlaybook';
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'playbook' : path.map(String).join('.');
}

/** Ids have to be unique where keys are made of them. */
function duplicates(playbook: ParsedPlaybook): string[] {
  const findings: string[] = [];
  const once = (kind: string, ids: readonly string[]) => {
    for (const id of new Set(ids.filter((each, index) => ids.indexOf(each) !== index))) {
      findings.push(`${kind} "${id}": expected a name that occurs once`);
    }
  };
  once(
    'programmes',
    playbook.programmes.map((each) => each.id),
  );
  once(
    'series',
    playbook.programmes.flatMap((each) => each.series.map((series) => series.id)),
  );
  for (const { id, series } of playbook.programmes) {
    once(
      `programmes ${id}: step`,
      series.flatMap((each) => each.steps.map((step) => step.id)),
    );
  }
  return findings;
}

/**
 * Reads a playbook.
 *
 * @param source the parsed JSON
 * @throws InvalidPlaybook naming every path that is wrong
 */
export function parsePlaybook(source: unknown): Playbook {
  const result = playbookSchema.safeParse(source);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${pathText(issue.path)}: ${issue.message}`);
    throw new InvalidPlaybook(lines.join('\n'));
  }
  const findings = duplicates(result.data);
  if (findings.length > 0) throw new InvalidPlaybook(findings.join('\n'));
  return result.data;
}

/** A step with the series and programme it stands in. */
export interface Placed {
  readonly programme: Programme;
  readonly series: Series;
  readonly step: Step;
}

/** Finds a step by programme and step name; undefined when the playbook no longer has it. */
export function findStep(playbook: Playbook, programmeId: string, stepId: string): Placed | undefined {
  const found = playbook.programmes.find((each) => each.id === programmeId);
  if (found === undefined) return undefined;
  for (const series of found.series) {
    const step = series.steps.find((each) => each.id === stepId);
    if (step !== undefined) return { programme: found, series, step };
  }
  return undefined;
}
