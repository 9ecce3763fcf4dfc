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
    .check(
      z.regex(DURATION, { error: DURATION_EXPECTED }),
      z.describe('A number of minutes, hours or days, such as "15 minutes", "36 hours" or "45 days".'),
    ),
  z.transform((text: string): Duration => {
    const [, amount = '0', unit = 'day'] = DURATION.exec(text) ?? [];
    // 1.1 days would be 95040000.00000001 ms, and an instant made of it no whole number.
    return Math.round(Number(amount) * (UNITS[unit] ?? DAY));
  }),
);

/** A duration, with what it means in its place. */
const lasting = (meaning: string) => duration.check(z.describe(`${meaning} A duration such as "45 days".`));

/** A rhythm: nothing repeats more often than hourly, and nothing at all at no interval. */
const rhythm = (meaning: string) =>
  lasting(meaning).check(z.refine((length) => length >= HOUR, { error: 'expected a duration of at least 1 hour' }));

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/u;
const CLOCK_EXPECTED = 'expected a time of day such as "21:00"';
/** Minutes since midnight. */
const timeOfDay = z.pipe(
  z
    .string({ error: CLOCK_EXPECTED })
    .check(z.regex(CLOCK, { error: CLOCK_EXPECTED }), z.describe('A time of day, 00:00 to 23:59.')),
  z.transform((text: string): number => {
    const [, hours = '0', minutes = '0'] = CLOCK.exec(text) ?? [];
    return Number(hours) * 60 + Number(minutes);
  }),
);

/**
 * Two names, a life, a round and a complaint id of 128 bytes make a message key of at most 190 bytes, which fits, in
 * base64, into the 256 characters of an SES tag.
 */
const NAME_EXPECTED = 'expected a name of at most 24 small letters, digits and hyphens';
const name = z
  .string({ error: NAME_EXPECTED })
  .check(
    z.regex(/^[a-z][a-z0-9-]{0,23}$/u, { error: NAME_EXPECTED }),
    z.describe('Small letters, digits and hyphens. It is part of keys: renaming makes it another one.'),
  );

const POSITIVE = 'expected a number above 0';
const positive = z.number({ error: POSITIVE }).check(z.gt(0, { error: POSITIVE }));
const count = z
  .number({ error: 'expected a whole number above 0' })
  .check(z.int({ error: 'expected a whole number above 0' }), z.gt(0, { error: 'expected a whole number above 0' }));

const moneyByCurrency = z
  .pipe(
    z
      .record(z.string(), z.number({ error: 'expected an amount in major units' }).check(z.gte(0)))
      .check(
        z.refine((amounts) => Object.keys(amounts).every(isCurrency), { error: 'expected ISO 4217 currency codes' }),
      ),
    z.transform((amounts: Record<string, number>) =>
      Object.fromEntries(Object.entries(amounts).map(([currency, major]) => [currency, toMinor(major, currency)])),
    ),
  )
  .check(
    z.describe(
      'Net spend that puts a customer into the top quarter of the shop, per currency, in major units. One of them suffices.',
    ),
  );

const cadence = z
  .discriminatedUnion(
    'rule',
    [
      z
        .strictObject({
          rule: z.literal('fixed'),
          atRiskAfter: lasting('Silence after which everybody is at risk.'),
          lapsedAfter: lasting('Silence after which everybody has lapsed.'),
        })
        .check(z.describe('The same silence for every customer.')),
      z
        .strictObject({
          rule: z.literal('ownGap'),
          populationGap: lasting(
            'The usual gap between two orders in this shop; it stands in for what is not yet known.',
          ),
          atRiskGaps: positive.check(z.describe('At risk after this many of the usual gaps of the customer.')),
          lapsedGaps: positive.check(z.describe('Lapsed after this many of the usual gaps of the customer.')),
          atRiskNotBefore: lasting('Nobody is at risk before this much silence.'),
          lapsedNotBefore: lasting('Nobody has lapsed before this much silence.'),
        })
        .check(z.describe('Silence measured by the gaps between the orders of each customer.')),
    ],
    { error: 'expected a rule, "fixed" or "ownGap"' },
  )
  .check(z.describe('When silence means something.'));

const stages = z
  .strictObject({
    onboardingWindow: lasting('A first-time or returning buyer is new for this long, or until the next order.'),
    cadence,
    minimumAtRisk: lasting('Nobody lapses sooner than this after having become at risk.'),
    loginHabit: z
      .strictObject({
        loginDays: count.check(z.describe('So many days with a login, within the time below, make a habit.')),
        within: lasting('The time within which login days make a habit.'),
        atLeast: lasting('No habit has stopped before this much silence.'),
        gaps: positive.check(
          z.describe('A habit has stopped after this many of the usual gaps between the logins of the customer.'),
        ),
      })
      .check(z.describe('A login habit that stops makes a customer at risk, too.')),
    loyal: z
      .strictObject({
        orders: count.check(z.describe('At least so many orders.')),
        since: lasting('The first order is at least this long ago.'),
        spend: moneyByCurrency,
      })
      .check(z.describe('Who is loyal: orders, time and spend, and satisfied.')),
    dissatisfied: z
      .strictObject({
        maximumAge: lasting('A complaint nobody resolved counts as closed after this.'),
        quietAfter: lasting('No promotional mail for this long after a complaint has ended.'),
      })
      .check(z.describe('While a complaint is open, and some time after, promotional mail is withheld.')),
  })
  .check(z.describe('When a customer is in which stage.'));

const stepFields = {
  id: name.check(z.describe('The name of the step; its templates are in templates/<programme>/<step>/.')),
  class: z
    .enum(['promotional', 'service'], { error: 'expected "promotional" or "service"' })
    .check(
      z.describe(
        'promotional: obeys consent, unsubscribe, caps, quiet hours and open complaints. service: about the own case of the customer, without offer, product push or survey.',
      ),
    ),
  priority: count.check(z.describe('Of messages that compete for one person the highest goes first.')),
  fresh: lasting('How long after its moment the message still makes sense; later it is withheld.'),
  answersAct: z.optional(
    z
      .boolean()
      .check(
        z.describe(
          'The message answers what the customer has just done, so it may go out at night within minutes of it.',
        ),
      ),
  ),
  variants: z.optional(
    z
      .array(z.enum(['returning'], { error: 'expected "returning"' }))
      .check(z.describe('Wordings of their own for a trait; the first that applies is used.')),
  ),
  needs: z.optional(
    z
      .enum(['improvement', 'offer'], { error: 'expected "improvement" or "offer"' })
      .check(z.describe('What has to exist, or the message is withheld: a dated improvement, or the offer.')),
  ),
};

const seriesId = name.check(z.describe('The name of the series, unique in the playbook.'));
const stageName = z.enum(STAGES, { error: `expected one of ${STAGES.join(', ')}` });

const stageSeries = z
  .strictObject({
    id: seriesId,
    trigger: z.literal('stage'),
    stage: stageName.check(z.describe('Entering this stage begins the series.')),
    steps: z
      .array(
        z.strictObject({
          ...stepFields,
          after: lasting('The moment of the step, counted from entering the stage.'),
          afterDelivery: z.optional(
            lasting('Counted from the delivery of the order instead, as soon as that is known.'),
          ),
        }),
      )
      .check(z.describe('The mails of the series.')),
  })
  .check(z.describe('Mails that follow the beginning of a stage.'));

const intervalSeries = z
  .strictObject({
    id: seriesId,
    trigger: z.literal('interval'),
    stages: z.array(stageName).check(z.describe('For customers in one of these stages.')),
    every: rhythm('The time between two mails.'),
    since: z
      .enum(['any mail', 'own'], { error: 'expected "any mail" or "own"' })
      .check(
        z.describe(
          'any mail: counted from the last mail of any programme; own: from the last mail of this series, the first at once.',
        ),
      ),
    steps: z
      .array(z.strictObject(stepFields))
      .check(z.minLength(1, { error: 'expected at least one step' }), z.describe('Taken in turn.')),
  })
  .check(z.describe('Mails at an interval.'));

const complaintSeries = z
  .strictObject({
    id: seriesId,
    trigger: z.literal('complaint'),
    steps: z
      .array(
        z.strictObject({
          ...stepFields,
          from: z
            .enum(['opened', 'resolved'], { error: 'expected "opened" or "resolved"' })
            .check(z.describe('Which end of the complaint the step follows.')),
          after: lasting('The moment of the step, counted from that end.'),
          every: z.optional(rhythm('The step repeats at this interval.')),
          times: z.optional(count.check(z.describe('How many times in all, when the step repeats.'))),
        }),
      )
      .check(z.describe('The mails of the series.')),
  })
  .check(z.describe('Mails that follow the opening or the end of a complaint.'));

const programme = z.strictObject({
  id: name.check(z.describe('The name of the programme, unique in the playbook.')),
  afterUnknown: z
    .enum(['give up', 'repeat once'], { error: 'expected "give up" or "repeat once"' })
    .check(z.describe('What to do when nobody can say whether a message went out: give it up, or send it once more.')),
  startsAt: z.optional(
    z
      .pipe(
        z.iso.datetime({ offset: true, error: 'expected an ISO 8601 time with zone' }),
        z.transform((text: string): Instant => Date.parse(text)),
      )
      .check(z.describe('No moment before this is decided. An ISO 8601 time with zone.')),
  ),
  series: z
    .array(
      z.discriminatedUnion('trigger', [stageSeries, intervalSeries, complaintSeries], {
        error: 'expected a trigger, "stage", "interval" or "complaint"',
      }),
    )
    .check(z.describe('Its steps, grouped by what they follow.')),
});

const hours = {
  from: timeOfDay.check(z.describe('When the quiet begins, such as 21:00.')),
  to: timeOfDay.check(z.describe('When it ends, such as 08:00; it may be on the next day.')),
};

const offer = z.strictObject({
  code: z.string().check(z.describe('A code the shop accepts.')),
  value: z.string().check(z.describe('What it is worth, as the mail says it, such as "10 %".')),
  lasts: lasting('How long it can be used after the mail; the mail names the date.'),
  terms: z.string().check(z.describe('The exact terms, as the mail says them.')),
});

/** What a marketer writes; see {@link parsePlaybook} for what becomes of it. */
export const playbookSchema = z.strictObject({
  $schema: z.optional(z.string().check(z.describe('Where an editor finds this schema.'))),
  stages,
  caps: z
    .strictObject({
      perDay: count.check(z.describe('Promotional mails to one person in 24 hours.')),
      perWeek: count.check(z.describe('Promotional mails to one person in 7 days.')),
      per30Days: count.check(z.describe('Promotional mails to one person in 30 days.')),
    })
    .check(z.describe('How much promotional mail one person gets at most.')),
  quietHours: z
    .strictObject({
      ...hours,
      spread: lasting('Mail held back over night goes out spread over this long.'),
      withoutZone: z
        .strictObject({
          ...hours,
          timeZone: z.string().check(z.describe('The time zone of most customers, such as Europe/Berlin.')),
        })
        .check(
          z.describe(
            'For people whose time zone nobody knows: a window that is polite in the part of the world of the shop.',
          ),
        ),
    })
    .check(z.describe('When promotional mail waits, in the time zone of the customer.')),
  repeatAfter: rhythm('A series begins anew, and a step reaches a person again, no sooner than this.'),
  offers: z.record(name, offer).check(z.describe('The offers, each by the name of the programme that makes it.')),
  programmes: z.array(programme).check(z.describe('What customers are written, and when.')),
});

type ParsedPlaybook = z.output<typeof playbookSchema>;

export type Programme = ParsedPlaybook['programmes'][number];
type Series = Programme['series'][number];
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

/** What no single field can tell. */
function contradictions(playbook: ParsedPlaybook): string[] {
  const findings: string[] = [];
  const rule = playbook.stages.cadence;
  const inOrder = rule.rule === 'fixed' ? rule.atRiskAfter < rule.lapsedAfter : rule.atRiskGaps < rule.lapsedGaps;
  if (!inOrder) findings.push('stages.cadence: expected lapsed to come later than at risk');
  const { timeZone } = playbook.quietHours.withoutZone;
  if (!isTimeZone(timeZone)) {
    findings.push(`quietHours.withoutZone.timeZone: expected an IANA time zone such as "Europe/Berlin"`);
  }
  return findings;
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return false;
  }
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
  const findings = [...duplicates(result.data), ...contradictions(result.data)];
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
