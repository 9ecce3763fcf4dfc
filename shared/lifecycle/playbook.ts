/**
 * The playbook: stages, programmes, steps, caps and hours as data that marketers edit. Parsing turns its durations
 * into milliseconds and its amounts into minor units, so that the rest of the core never sees a unit.
 */
import * as z from 'zod/mini';
import { isCurrency, toMinor } from './facts/money.ts';
import { NAME, NAME_EXPECTED } from './name.ts';
import { type StagePolicy, STAGES } from './stage.ts';
import { DAY, type Duration, HOUR, type Instant, MINUTE } from './time.ts';

/** An object with exactly these fields: a misspelt one would otherwise be ignored in silence. */
function fieldsOf<const Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const names = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) =>
      // The path is that of the field nobody knows; see `parsePlaybook`.
      code === 'unrecognized_keys'
        ? `expected no field of this name, but ${names}`
        : `expected an object with ${names}`,
  });
}

/** A list, with what it consists of. */
const listOf = <Element extends z.ZodMiniType>(element: Element, what: string) =>
  z.array(element, { error: `expected a list of ${what}` });

const words = (meaning: string, example: string) => {
  const expected = `expected text such as ${JSON.stringify(example)}`;
  return z.string({ error: expected }).check(z.minLength(1, { error: expected }), z.describe(meaning));
};

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
const name = z
  .string({ error: NAME_EXPECTED })
  .check(
    z.regex(NAME, { error: NAME_EXPECTED }),
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
      .record(
        z.string(),
        z
          .number({ error: 'expected an amount in major units' })
          .check(z.gte(0, { error: 'expected an amount in major units, 0 or more' })),
        { error: 'expected an amount per currency, such as { "EUR": 200 }' },
      )
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
      fieldsOf({
        rule: z.literal('fixed'),
        atRiskAfter: lasting('Silence after which everybody is at risk.'),
        lapsedAfter: lasting('Silence after which everybody has lapsed.'),
      }).check(z.describe('The same silence for every customer.')),
      fieldsOf({
        rule: z.literal('ownGap'),
        populationGap: lasting(
          'The usual gap between two orders in this shop; it stands in for what is not yet known.',
        ),
        atRiskGaps: positive.check(z.describe('At risk after this many of the usual gaps of the customer.')),
        lapsedGaps: positive.check(z.describe('Lapsed after this many of the usual gaps of the customer.')),
        atRiskNotBefore: lasting('Nobody is at risk before this much silence.'),
        lapsedNotBefore: lasting('Nobody has lapsed before this much silence.'),
      }).check(z.describe('Silence measured by the gaps between the orders of each customer.')),
    ],
    { error: 'expected a rule, "fixed" or "ownGap"' },
  )
  .check(z.describe('When silence means something.'));

const stages = fieldsOf({
  onboardingWindow: lasting('A first-time or returning buyer is new for this long, or until the next order.'),
  cadence,
  minimumAtRisk: lasting('Nobody lapses sooner than this after having become at risk.'),
  loginHabit: fieldsOf({
    loginDays: count.check(z.describe('So many days with a login, within the time below, make a habit.')),
    within: lasting('The time within which login days make a habit.'),
    atLeast: lasting('No habit has stopped before this much silence.'),
    gaps: positive.check(
      z.describe('A habit has stopped after this many of the usual gaps between the logins of the customer.'),
    ),
  }).check(z.describe('A login habit that stops makes a customer at risk, too.')),
  loyal: fieldsOf({
    orders: count.check(z.describe('At least so many orders.')),
    since: lasting('The first order is at least this long ago.'),
    spend: moneyByCurrency,
  }).check(z.describe('Who is loyal: orders, time and spend, and satisfied.')),
  dissatisfied: fieldsOf({
    maximumAge: lasting('A complaint nobody resolved counts as closed after this.'),
    quietAfter: lasting('No promotional mail for this long after a complaint has ended.'),
  }).check(z.describe('While a complaint is open, and some time after, promotional mail is withheld.')),
}).check(z.describe('When a customer is in which stage.'));

const FEWEST_ANSWERS = 2;
/** More links than this is a form, and nobody reads it. */
const MOST_ANSWERS = 8;

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
      .boolean({ error: 'expected true or false' })
      .check(
        z.describe(
          'The message answers what the customer has just done, so it may go out at night within minutes of it.',
        ),
      ),
  ),
  variants: z.optional(
    listOf(z.enum(['returning'], { error: 'expected "returning"' }), 'traits').check(
      z.describe('Wordings of their own for a trait; the first that applies is used.'),
    ),
  ),
  needs: z.optional(
    z
      .enum(['improvement', 'offer'], { error: 'expected "improvement" or "offer"' })
      .check(z.describe('What has to exist, or the message is withheld: a dated improvement, or the offer.')),
  ),
  asks: z.optional(
    fieldsOf({
      question: name.check(z.describe('The name of the question, the same wherever it is asked.')),
      answers: listOf(name, 'names of answers').check(
        z.minLength(FEWEST_ANSWERS, { error: `expected at least ${FEWEST_ANSWERS} answers` }),
        z.maxLength(MOST_ANSWERS, { error: `expected at most ${MOST_ANSWERS} answers` }),
        z.describe('The answers the mail offers, in this order; their texts are in the templates.'),
      ),
    }).check(z.describe('The one question the mail asks. Only promotional steps ask: a survey is no service.')),
  ),
};

const seriesId = name.check(z.describe('The name of the series, unique in the playbook.'));
const stageName = z.enum(STAGES, { error: `expected one of ${STAGES.join(', ')}` });

const stageSeries = fieldsOf({
  id: seriesId,
  trigger: z.literal('stage'),
  stage: stageName.check(z.describe('Entering this stage begins the series.')),
  steps: listOf(
    fieldsOf({
      ...stepFields,
      after: lasting('The moment of the step, counted from entering the stage.'),
      afterDelivery: z.optional(lasting('Counted from the delivery of the order instead, as soon as that is known.')),
    }),
    'steps',
  ).check(z.describe('The mails of the series.')),
}).check(z.describe('Mails that follow the beginning of a stage.'));

const intervalSeries = fieldsOf({
  id: seriesId,
  trigger: z.literal('interval'),
  stages: listOf(stageName, 'stages').check(z.describe('For customers in one of these stages.')),
  every: rhythm('The time between two mails.'),
  since: z
    .enum(['any mail', 'own'], { error: 'expected "any mail" or "own"' })
    .check(
      z.describe(
        'any mail: counted from the last mail of any programme; own: from the last mail of this series, the first at once.',
      ),
    ),
  steps: listOf(fieldsOf(stepFields), 'steps').check(
    z.minLength(1, { error: 'expected at least one step' }),
    z.describe('Taken in turn.'),
  ),
}).check(z.describe('Mails at an interval.'));

const complaintSeries = fieldsOf({
  id: seriesId,
  trigger: z.literal('complaint'),
  steps: listOf(
    fieldsOf({
      ...stepFields,
      from: z
        .enum(['opened', 'resolved'], { error: 'expected "opened" or "resolved"' })
        .check(z.describe('Which end of the complaint the step follows.')),
      after: lasting('The moment of the step, counted from that end.'),
      every: z.optional(rhythm('The step repeats at this interval.')),
      times: z.optional(count.check(z.describe('How many times in all, when the step repeats.'))),
    }),
    'steps',
  ).check(z.describe('The mails of the series.')),
}).check(z.describe('Mails that follow the opening or the end of a complaint.'));

const programme = fieldsOf({
  id: name.check(z.describe('The name of the programme, unique in the playbook.')),
  afterUnknown: z
    .enum(['give up', 'repeat once'], { error: 'expected "give up" or "repeat once"' })
    .check(z.describe('What to do when nobody can say whether a message went out: give it up, or send it once more.')),
  startsAt: z.optional(
    z
      .pipe(
        z.iso
          .datetime({ offset: true, error: 'expected an ISO 8601 time with zone' })
          // 31 February has the right form.
          .check(
            z.refine((text) => Number.isFinite(Date.parse(text)), { error: 'expected an ISO 8601 time with zone' }),
          ),
        z.transform((text: string): Instant => Date.parse(text)),
      )
      .check(z.describe('No moment before this is decided. An ISO 8601 time with zone.')),
  ),
  series: listOf(
    z.discriminatedUnion('trigger', [stageSeries, intervalSeries, complaintSeries], {
      error: 'expected a trigger, "stage", "interval" or "complaint"',
    }),
    'series, each with a trigger',
  ).check(z.describe('Its steps, grouped by what they follow.')),
});

const hours = {
  from: timeOfDay.check(z.describe('When the quiet begins, such as 21:00.')),
  to: timeOfDay.check(z.describe('When it ends, such as 08:00; it may be on the next day.')),
};

const caps = {
  perDay: count.check(z.describe('Promotional mails to one person in 24 hours.')),
  perWeek: count.check(z.describe('Promotional mails to one person in 7 days.')),
  per30Days: count.check(z.describe('Promotional mails to one person in 30 days.')),
};

const offer = fieldsOf({
  code: words('A code the shop accepts.', 'WARM-AGAIN-10'),
  value: words('What it is worth, as the mail says it, such as "10 %".', '10 %'),
  lasts: lasting('How long it can be used after the mail; the mail names the date.'),
  terms: words('The exact terms, as the mail says them.', 'once per person'),
});

/** What a marketer writes; see {@link parsePlaybook} for what becomes of it. */
export const playbookSchema = fieldsOf({
  $schema: z.optional(words('Where an editor finds this schema.', './playbook.schema.json')),
  stages,
  caps: fieldsOf({
    ...caps,
    lessOften: fieldsOf(caps).check(z.describe('The same for people who asked for less mail.')),
  }).check(z.describe('How much promotional mail one person gets at most.')),
  bounces: fieldsOf({
    transient: count.check(
      z.describe('So many bounces that may pass (a full mailbox) within the time below are too many for an address.'),
    ),
    within: rhythm('The time within which such bounces are counted.'),
    rest: rhythm('How long the address gets no mail then. A delivery in the meantime ends it.'),
  }).check(
    z.describe('When an address that keeps bouncing is left alone. Mailboxes that do not exist are so for good.'),
  ),
  quietHours: fieldsOf({
    ...hours,
    spread: lasting('Mail held back over night goes out spread over this long.'),
    withoutZone: fieldsOf({
      ...hours,
      timeZone: words('The time zone of most customers, such as Europe/Berlin.', 'Europe/Berlin'),
    }).check(
      z.describe(
        'For people whose time zone nobody knows: a window that is polite in the part of the world of the shop.',
      ),
    ),
  }).check(z.describe('When promotional mail waits, in the time zone of the customer.')),
  repeatAfter: rhythm('A series begins anew, and a step reaches a person again, no sooner than this.'),
  offers: z
    .record(name, offer, {
      error: ({ code }) => (code === 'invalid_key' ? NAME_EXPECTED : 'expected offers by the name of their programme'),
    })
    .check(z.describe('The offers, each by the name of the programme that makes it.')),
  programmes: listOf(programme, 'programmes').check(z.describe('What customers are written, and when.')),
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
  const { lessOften } = playbook.caps;
  for (const window of ['perDay', 'perWeek', 'per30Days'] as const) {
    if (lessOften[window] > playbook.caps[window]) {
      findings.push(`caps.lessOften.${window}: expected at most caps.${window}, ${playbook.caps[window]}`);
    }
  }
  return [...findings, ...questions(playbook)];
}

/** What is wrong with the questions steps ask. */
function questions(playbook: ParsedPlaybook): string[] {
  return playbook.programmes.flatMap((each, programmeIndex) =>
    each.series.flatMap((series, seriesIndex) =>
      series.steps.flatMap(({ class: kind, asks }, stepIndex) => {
        const path = `programmes.${programmeIndex}.series.${seriesIndex}.steps.${stepIndex}.asks`;
        const answers = asks?.answers ?? [];
        return [
          ...(asks !== undefined && kind === 'service'
            ? [`${path}: expected no question in a service step, for a survey is promotional`]
            : []),
          ...(new Set(answers).size < answers.length ? [`${path}.answers: expected each answer once`] : []),
        ];
      }),
    ),
  );
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
    const lines = result.error.issues.flatMap((issue) => {
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
      return paths.map((path) => `${pathText(path)}: ${issue.message}`);
    });
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
