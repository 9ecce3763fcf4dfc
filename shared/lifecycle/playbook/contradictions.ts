/**
 * What no single field of a playbook can tell: names that mean nothing, numbers that contradict each other, mail that
 * could never be sent. Each finding begins with the path of what is wrong, in words for the marketer who edits it.
 */
import type { CadencePolicy } from '../cadence/cadence.ts';
import type { CaseKind } from '../case-kinds.ts';
import { CAMPAIGN_LASTS } from '../facts/campaigns.ts';
import { SEVERITIES } from '../facts/complaints.ts';
import { OBJECTION } from '../facts/objections.ts';
import { REFERRER_KINDS } from '../facts/referrals.ts';
import { REVIEW_CHANNELS } from '../facts/reviews.ts';
import { inDays } from '../time.ts';
import { isTrait, TRAITS } from '../traits/ids.ts';
import { isKnownFact, KNOWN_FACTS } from '../traits/known-facts.ts';
import { canReach, caseStepOf, type Playbook } from '../playbook.ts';
import type { Series, Step } from './series.ts';

interface PlacedSeries {
  readonly path: string;
  readonly series: Series;
}

interface PlacedStep extends PlacedSeries {
  readonly step: Step;
}

function seriesIn({ programmes }: Playbook): readonly PlacedSeries[] {
  return programmes.flatMap((programme, at) =>
    programme.series.map((series, index) => ({ path: `programmes.${at}.series.${index}`, series })),
  );
}

function stepsIn(playbook: Playbook): readonly PlacedStep[] {
  return seriesIn(playbook).flatMap(({ path, series }) =>
    series.steps.map((step, index) => ({ path: `${path}.steps.${index}`, series, step })),
  );
}

/** Everything that is wrong; empty for a playbook that can be played. */
export function contradictionsIn(playbook: Playbook): string[] {
  const steps = stepsIn(playbook);
  return [
    ...duplicates(playbook),
    ...numbers(playbook),
    ...reminders(playbook),
    ...seriesIn(playbook).flatMap((each) => audience(playbook, each)),
    ...steps.flatMap((each) => [
      ...audienceOfStep(playbook, each),
      ...questions(each),
      ...cases(playbook, each),
      ...variants(playbook, each),
      ...needs(each),
      ...offerOf(playbook, each),
      ...cooldown(playbook, each),
      ...follows(each),
      ...campaign(each),
    ]),
    ...facts(playbook),
    ...offers(playbook),
    ...loyalty(playbook),
  ];
}

interface Named {
  readonly path: string;
  readonly id: string;
}

function twice(names: readonly Named[]): string[] {
  const known = new Map<string, string>();
  return names.flatMap(({ path, id }) => {
    const first = known.get(id);
    if (first !== undefined) return [`${path}.id: expected a name that occurs once, and "${id}" is that of ${first}`];
    known.set(id, path);
    return [];
  });
}

/** Ids have to be unique where keys are made of them. */
function duplicates(playbook: Playbook): string[] {
  const { programmes, traits } = playbook;
  const named = programmes.flatMap(({ series }, index) =>
    series.map((each, place) => ({ path: `programmes.${index}.series.${place}`, series: each })),
  );
  return [
    ...twice(programmes.map(({ id }, index) => ({ path: `programmes.${index}`, id }))),
    ...twice(named.map(({ path, series: { id } }) => ({ path, id }))),
    ...programmes.flatMap((_programme, index) =>
      twice(named.filter(({ path }) => path.startsWith(`programmes.${index}.`)).flatMap(stepNames)),
    ),
    // What addresses a customer names the step alone.
    ...twice(named.filter(({ series }) => series.trigger === 'campaign').flatMap(stepNames)),
    ...traits.own.flatMap(({ id }, index) => {
      if (isTrait(id)) return [`traits.own.${index}.id: expected a name of its own, for "${id}" is one of ours`];
      const isKnown = traits.own.findIndex((each) => each.id === id) < index;
      return isKnown ? [`traits.own.${index}.id: expected a name that occurs once, not "${id}" again`] : [];
    }),
  ];
}

function stepNames({ path, series: { steps } }: { readonly path: string; readonly series: Series }): readonly Named[] {
  return steps.map(({ id }, index) => ({ path: `${path}.steps.${index}`, id }));
}

function numbers({ stages, quietHours, caps }: Playbook): string[] {
  const findings: string[] = [];
  if (!isInOrder(stages.cadence)) findings.push('stages.cadence: expected lapsed to come later than at risk');
  const { atMost, endedBy } = stages.dissatisfied.rating;
  if (endedBy <= atMost) findings.push(`stages.dissatisfied.rating.endedBy: expected more than atMost, ${atMost}`);
  if (!isTimeZone(quietHours.withoutZone.timeZone)) {
    findings.push(`quietHours.withoutZone.timeZone: expected an IANA time zone such as "Europe/Berlin"`);
  }
  for (const window of ['perDay', 'perWeek', 'per30Days'] as const) {
    if (caps.lessOften[window] > caps[window]) {
      findings.push(`caps.lessOften.${window}: expected at most caps.${window}, ${caps[window]}`);
    }
  }
  return findings;
}

/** A reminder that comes less often than silence may last keeps nobody from it. */
function reminders(playbook: Playbook): string[] {
  const { longestSilence } = playbook;
  return seriesIn(playbook).flatMap(({ path, series }) =>
    series.trigger === 'interval' && series.since === 'any mail' && series.every > longestSilence
      ? [`${path}.every: expected at most longestSilence, ${inDays(longestSilence)}`]
      : [],
  );
}

/** Whether silence makes a customer at risk first, and lapsed later. */
function isInOrder(cadence: CadencePolicy): boolean {
  switch (cadence.rule) {
    case 'fixed':
      return cadence.atRiskAfter < cadence.lapsedAfter;
    case 'ownGap':
      return cadence.atRiskGaps < cadence.lapsedGaps;
    case 'mbg':
      return cadence.atRiskNotBefore < cadence.lapsedNotBefore;
    default:
      return cadence satisfies never;
  }
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return false;
  }
}

function isNamed({ traits }: Playbook, id: string): boolean {
  return isTrait(id) || traits.own.some((each) => each.id === id);
}

function unknownTraits(playbook: Playbook, path: string, names: readonly string[] = []): string[] {
  const known = () => [...TRAITS, ...playbook.traits.own.map(({ id }) => id)].join(', ');
  return names
    .filter((each) => !isNamed(playbook, each))
    .map((each) => `${path}: expected a trait, not "${each}": one of ${known()}`);
}

/** Whom a series is for, and whom not: nobody is left when the same trait is asked for and barred. */
function audience(playbook: Playbook, { path, series }: PlacedSeries): string[] {
  const asked = [...(series.if ?? []), ...(series.trigger === 'trait' ? [series.trait] : [])];
  return [
    ...unknownTraits(playbook, `${path}.if`, series.if),
    ...unknownTraits(playbook, `${path}.unless`, series.unless),
    ...unknownTraits(playbook, `${path}.waitsFor`, series.waitsFor),
    ...(series.trigger === 'trait' ? unknownTraits(playbook, `${path}.trait`, [series.trait]) : []),
    ...unknownTraits(playbook, `${path}.apart.while`, series.apart === undefined ? [] : [series.apart.while]),
    ...barred(`${path}.unless`, asked, series.unless),
  ];
}

function audienceOfStep(playbook: Playbook, { path, series, step }: PlacedStep): string[] {
  const asked = [...(step.if ?? []), ...(series.trigger === 'trait' ? [series.trait] : [])];
  return [
    ...unknownTraits(playbook, `${path}.if`, step.if),
    ...unknownTraits(playbook, `${path}.unless`, step.unless),
    ...barred(`${path}.unless`, asked, step.unless),
  ];
}

function barred(path: string, asked: readonly string[], unless: readonly string[] = []): string[] {
  return unless
    .filter((each) => asked.includes(each))
    .map((each) => `${path}: expected another trait than "${each}", which it is for`);
}

function questions({ path, series, step: { class: kind, asks } }: PlacedStep): string[] {
  if (asks === undefined) return [];
  const { answers, stops = [], calls = [], informs = [] } = asks;
  const ofComplaint = series.trigger === 'case' && series.of === 'complaint';
  const unknown = (list: readonly string[], field: string) =>
    list
      .filter((each) => !answers.includes(each))
      .map((each) => `${path}.asks.${field}: expected one of its answers, not "${each}"`);
  return [
    ...(kind === 'service' && !ofComplaint
      ? [`${path}.asks: expected no question in a service step, for a survey is promotional`]
      : []),
    ...(new Set(answers).size < answers.length ? [`${path}.asks.answers: expected each answer once`] : []),
    ...unknown(stops, 'stops'),
    ...unknown(calls, 'calls'),
    ...unknown(informs, 'informs'),
    ...informs
      .filter((each) => calls.includes(each))
      .map((each) => `${path}.asks.informs: expected another answer than "${each}", which calls`),
    ...(series.trigger === 'interval' && stops.length > 0
      ? [`${path}.asks.stops: expected none in a series at intervals, which has no rest to stop`]
      : []),
  ];
}

/** Cases that end by themselves only, or never. */
const NEVER_CLOSED: ReadonlySet<CaseKind> = new Set<CaseKind>(['answer', 'referral', 'order']);

/** What cases of a kind can be about. */
function subjectsOf(kind: CaseKind, playbook: Playbook): readonly string[] {
  switch (kind) {
    case 'complaint':
      return SEVERITIES;
    case 'rating':
      return REVIEW_CHANNELS.map((channel) => channel.replaceAll('_', '-'));
    case 'change':
      return ['priced', 'unpriced'];
    case 'referral':
      return REFERRER_KINDS;
    case 'attention':
      return Object.keys(playbook.attention);
    case 'answer':
      return stepsIn(playbook).flatMap(
        ({ step: { asks } }) => asks?.answers.map((answer) => `${asks.question}-${answer}`) ?? [],
      );
    case 'renewal':
    case 'late-order':
    case 'checkout':
    case 'cart':
    case 'order':
      return [];
    default:
      return kind satisfies never;
  }
}

function cases(playbook: Playbook, { path, series, step }: PlacedStep): string[] {
  if (series.trigger !== 'case') return [];
  const {
    about = [],
    from,
    every,
    times,
    notWith,
    saidBy,
    throughTrouble,
    hadFor,
  } = caseStepOf({ series, step }) ?? {};
  const subjects = subjectsOf(series.of, playbook);
  const expected = subjects.length === 0 ? `nothing, for a ${series.of} is just that` : `one of ${subjects.join(', ')}`;
  return [
    ...about
      .filter((each) => !subjects.includes(each) && !(series.of === 'answer' && each.startsWith(`${OBJECTION}-`)))
      .map((each) => `${path}.about: expected ${expected}, not "${each}"`),
    ...(from === 'closed' && NEVER_CLOSED.has(series.of)
      ? [`${path}.from: expected "opened", for nobody closes a case of this kind`]
      : []),
    ...(from === 'ended' && series.of === 'order'
      ? [`${path}.from: expected "opened", for a case of this kind never ends`]
      : []),
    ...(hadFor !== undefined && series.of !== 'order'
      ? [`${path}.hadFor: expected only where the case is an order`]
      : []),
    ...(times !== undefined && every === undefined
      ? [`${path}.every: expected an interval, for the step comes so many times`]
      : []),
    ...(notWith === undefined ||
    series.steps.some((each) => each.id === notWith && each.id !== step.id && each.from === from)
      ? []
      : [`${path}.notWith: expected another step of the series that follows the same end of the case`]),
    ...(saidBy === undefined || stepsIn(playbook).some((other) => other.step.id === saidBy && other.step !== step)
      ? []
      : [`${path}.saidBy: expected another step of the playbook`]),
    ...(throughTrouble !== undefined && (every !== undefined || from !== 'opened' || step.class === 'service')
      ? [`${path}.throughTrouble: expected only in a promotional step that follows an opening, once`]
      : []),
  ];
}

function variants(playbook: Playbook, { path, series, step }: PlacedStep): string[] {
  const subjects = series.trigger === 'case' ? subjectsOf(series.of, playbook) : [];
  return (step.variants ?? [])
    .filter((each) => !isNamed(playbook, each) && !subjects.includes(each))
    .map((each) => `${path}.variants: expected a trait or what the case can be about, not "${each}"`);
}

function needs({ path, step }: PlacedStep): string[] {
  const isEmpty = step.needs?.includes('content') === true && (step.content ?? []).length === 0;
  return isEmpty ? [`${path}.content: expected at least one kind of link, for the step needs content`] : [];
}

function offerOf({ offers: { byName } }: Playbook, { path, step }: PlacedStep): string[] {
  const { offer } = step;
  if (offer === undefined) return [];
  return [
    ...(Object.hasOwn(byName, offer) ? [] : [`${path}.offer: expected one of ${Object.keys(byName).join(', ')}`]),
    ...(step.class === 'service' ? [`${path}.offer: expected no offer in a service step`] : []),
  ];
}

/** A series at intervals that comes round to a step too soon would have it withheld for ever. */
function cooldown(playbook: Playbook, { path, series, step }: PlacedStep): string[] {
  if (series.trigger !== 'interval' || step.class === 'service') return [];
  const round = series.every * series.steps.length;
  return (step.cooldown ?? playbook.cooldown) <= round
    ? []
    : [`${path}.cooldown: expected at most ${inDays(round)}, after which the series comes round to the step`];
}

/** What a step follows comes before it in the same series; at intervals every mail stands alone. */
function follows({ path, series, step }: PlacedStep): string[] {
  if (step.follows === undefined) return [];
  const { follows: followed } = step;
  if (series.trigger === 'interval') return [`${path}.follows: expected none in a series at intervals`];
  if (series.trigger === 'campaign') return [`${path}.follows: expected none, for a campaign is one mail`];
  const ids = series.steps.map(({ id }) => id);
  const isEarlier = ids.slice(0, ids.indexOf(step.id)).includes(followed);
  return isEarlier ? [] : [`${path}.follows: expected an earlier step of the series, not "${followed}"`];
}

const OWN_AUDIENCE = 'for a campaign is started with its own audience';

/** Whom a campaign is for and when it goes is said when it is started; the playbook says only what it can send. */
function campaign({ path, series, step }: PlacedStep): string[] {
  if (series.trigger !== 'campaign') return [];
  return [
    ...(step.class === 'service'
      ? [`${path}.class: expected "promotional", for a campaign answers nobody’s case`]
      : []),
    ...(step.fresh > CAMPAIGN_LASTS ? [`${path}.fresh: expected at most ${inDays(CAMPAIGN_LASTS)}`] : []),
    ...(step.if === undefined && series.if === undefined ? [] : [`${path}: expected no if, ${OWN_AUDIENCE}`]),
    ...(step.asks?.stops === undefined ? [] : [`${path}.asks.stops: expected none, for a campaign is one mail`]),
    ...(series.waitsFor === undefined ? [] : [`${path}: expected no waitsFor, ${OWN_AUDIENCE}`]),
  ];
}

function facts({ traits, offers: { byName } }: Playbook): string[] {
  const named = [
    ...traits.own.map(({ fact }, index) => ({ path: `traits.own.${index}.fact`, fact })),
    ...Object.entries(byName).flatMap(([id, { worth }]) =>
      worth.flatMap(({ if: test }, index) =>
        test === undefined ? [] : [{ path: `offers.byName.${id}.worth.${index}.if.fact`, fact: test.fact }],
      ),
    ),
  ];
  return named
    .filter(({ fact }) => !isKnownFact(fact))
    .map(({ path }) => `${path}: expected one of ${Object.keys(KNOWN_FACTS).join(', ')}`);
}

function offers({ offers: { byName } }: Playbook): string[] {
  return Object.entries(byName).flatMap(([id, { notBelow }]) =>
    notBelow === undefined || (notBelow !== id && Object.hasOwn(byName, notBelow))
      ? []
      : [`offers.byName.${id}.notBelow: expected another offer`],
  );
}

/** Loyalty is not punished: whatever may be offered to the loyal is worth no less than what those who left are offered. */
function loyalty(playbook: Playbook): string[] {
  const { byName } = playbook.offers;
  const made = (isMeant: (series: Series) => boolean) =>
    new Set(stepsIn(playbook).flatMap(({ series, step: { offer = '' } }) => (isMeant(series) ? [offer] : [])));
  const back = [...made((series) => series.trigger === 'stage' && series.stage === 'lapsed')].filter((id) =>
    Object.hasOwn(byName, id),
  );
  if (back.length === 0) return [];
  const toTheLoyal = made((series) => canReach(series, 'loyal'));
  return Object.entries(byName)
    .filter(([id, { notBelow = '' }]) => toTheLoyal.has(id) && !back.includes(id) && !back.includes(notBelow))
    .map(([id]) => `offers.byName.${id}.notBelow: expected "${back.join('" or "')}", for it can reach the loyal`);
}
