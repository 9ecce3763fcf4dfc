/** Which messages the playbook means for a customer, each with its moment: the past ones, the next ones, fresh or not. */
import { type Case, casesOf } from '../cases.ts';
import { lastOrder, type Order } from '../facts/orders.ts';
import { asAgreed } from '../facts/promises.ts';
import type { Playbook } from '../playbook.ts';
import type {
  CampaignSeries,
  CaseSeries,
  IntervalSeries,
  Programme,
  Series,
  StageSeries,
  Step,
  TraitSeries,
} from '../playbook/series.ts';
import { type Stage, stageNameOf, STAGES, stageSince } from '../stage.ts';
import type { TraitId } from '../traits/ids.ts';
import { situationOf } from '../traits/situation.ts';
import { merged, type Span } from '../traits/spans.ts';
import { hasTrait } from '../traits/traits.ts';
import { type Duration, type Instant, NEVER } from '../time.ts';
import { goesOnIn, mayGoOnIn } from './acquaintance.ts';
import { isFollowed } from './following.ts';
import { cameAfterAll, isSentBack, receivedAt } from './goods.ts';
import { cooledDownFrom } from './cooldown.ts';
import { formatKey, isPromotional } from './message-key.ts';
import { afterPauses, pausesOf } from './pauses.ts';
import type { Living } from './profile.ts';
import { countedFrom } from './starts.ts';
import { troubleEnd } from './trouble.ts';
import { putOffUntil, unheardSince, waitsOf } from './waits.ts';

export interface Occurrence {
  readonly key: string;
  readonly programme: Programme;
  readonly step: Step;
  readonly moment: Instant;
  readonly cause?: string;
  /** Deciding it uses up the next episode of an interval series. */
  readonly takes?: { readonly series: string; readonly n: number };
  /** It reminds whoever got nothing else: not to be decided while another mail is under way. */
  readonly reminds?: true;
}

/** All of a customer that occurrences depend on; every part is replaced when it changes, never altered. */
type Subject = Pick<
  Living,
  'life' | 'facts' | 'episodes' | 'recent' | 'attention' | 'stageSince' | 'lapsedSince' | 'startsAt' | 'waveAt'
>;

interface Situation {
  readonly customer: Subject;
  readonly playbook: Playbook;
  readonly stage: Stage;
  /** When promotion rests. */
  readonly pauses: readonly Span[];
  readonly t: Instant;
}

/** Where a series stands, and the spans its moments do not count. */
interface Place<S extends Series> {
  readonly programme: Programme;
  readonly series: S;
  readonly waits: readonly Span[];
}

/** Until when a message whose moment was `moment` still makes sense. */
export function freshUntil(step: Step, moment: Instant): Instant {
  return moment + step.fresh;
}

/** Delays count neither the time the series waits nor, for promotion, that of a dissatisfaction and the rest after it. */
function momentOf(
  { customer, playbook, pauses }: Situation,
  waits: readonly Span[],
  step: Step,
  anchor: Instant,
  delay: Duration,
): Instant {
  const rests = step.class === 'service' ? NO_PAUSES : pauses;
  const planned = afterPauses(anchor, delay, rests);
  if (waits.length === 0) return planned;
  return putOffUntil(customer, playbook, planned, afterPauses(anchor, delay, merged([...rests, ...waits])));
}

const NO_PAUSES: readonly Span[] = [];

function keyOf(customer: Subject, programme: Programme, step: Step, round: number, episode: string): string {
  return formatKey({ life: customer.life, programme: programme.id, step: step.id, round, episode });
}

/** A step keeps the distance to the mail it follows that the two have in the playbook, whenever that one went out. */
function apartFrom(
  situation: Situation,
  waits: readonly Span[],
  steps: readonly (Step & { readonly after: Duration })[],
  step: Step & { readonly after: Duration },
  key: string,
): Instant {
  const before = step.follows === undefined ? undefined : steps.find(({ id }) => id === step.follows);
  const sent = before && situation.customer.recent.find((each) => isFollowed(step, key, each.key));
  if (before === undefined || sent === undefined) return -NEVER;
  return momentOf(situation, waits, step, sent.at, step.after - before.after);
}

/** From when on a customer has had an order for as long as a step asks for. */
function hadSince(
  situation: Situation,
  waits: readonly Span[],
  step: Step & { readonly hadFor?: Duration | undefined },
  order: Order | undefined,
): Instant {
  const received = step.hadFor === undefined || order === undefined ? undefined : receivedAt(order);
  return received === undefined ? -NEVER : momentOf(situation, waits, step, received, step.hadFor ?? 0);
}

function ofStage(situation: Situation, { programme, series, waits }: Place<StageSeries>): readonly Occurrence[] {
  const { customer, playbook, stage, t } = situation;
  const episode = customer.episodes[series.id];
  if (episode === undefined || !goesOnIn(series.stage, stage, customer.facts, playbook.stages, t)) return NOTHING;
  const since = countedFrom(customer, series.stage, stageSince(customer.facts, playbook.stages, t));
  const last = lastOrder(customer.facts.orders);
  const order = last && asAgreed(customer.facts, last);
  return series.steps.map((step) => {
    const key = keyOf(customer, programme, step, roundFor(step, order), String(episode.n));
    const received = step.afterDelivery === undefined || order === undefined ? undefined : receivedAt(order);
    const anchor = received === undefined ? since : Math.max(received, since);
    const delay = received === undefined ? step.after : (step.afterDelivery ?? step.after);
    return {
      key,
      programme,
      step,
      moment: Math.max(
        momentOf(situation, waits, step, anchor, delay),
        hadSince(situation, waits, step, order),
        apartFrom(situation, waits, series.steps, step, key),
      ),
      ...(order && { cause: order.id }),
    };
  });
}

interface Turn {
  readonly step: IntervalSeries['steps'][number];
  /** When no mail of the step went out so recently that another would be too soon. */
  readonly free: Instant;
}

/**
 * The step whose turn it is the n-th time. The turns go round all steps, and those are passed over that have nothing to
 * be about, or came round so recently that they would be withheld: where others were passed over, the order shifts.
 *
 * @param order the last one
 * @param meant when the mail is meant to go out
 * @returns undefined when every step would have nothing to be about
 */
function turnOf(
  { customer, playbook, t }: Situation,
  { programme, series: { steps } }: Listed<IntervalSeries>,
  n: number,
  order: Order | undefined,
  meant: Instant,
): Turn | undefined {
  // Nobody is told how to make the most of what they gave back.
  const lacks = order !== undefined && isSentBack(customer.facts, order, t);
  const begin = (n - 1) % steps.length;
  const inTurn = [...steps.slice(begin), ...steps.slice(0, begin)];
  const fit = lacks ? inTurn.filter(({ needs }) => needs?.includes('goods') !== true) : inTurn;
  const turns = fit.map((step) => {
    const key = keyOf(customer, programme, step, 0, String(n));
    return { step, free: cooledDownFrom(customer.recent, key, step, playbook) };
  });
  const soonest = Math.max(meant, Math.min(...turns.map(({ free }) => free)));
  return turns.find(({ free }) => free <= soonest);
}

/**
 * From when an interval is counted that follows no mail: the beginning of the stage. Stages come and go, though: whoever
 * could have heard of us all the while does so before that is too long ago.
 */
function beginOf({ customer, playbook }: Situation, { every }: IntervalSeries): Instant {
  const { stageSince: began } = customer;
  const unheard = unheardSince(customer);
  return unheard === undefined ? began : Math.min(began, unheard + Math.max(0, playbook.longestSilence - every));
}

/** Whether a series has nothing to say any more to somebody who has lapsed: they have heard of us since. */
export function hasHeard(
  { lapsedSince = -NEVER, recent, startsAt }: Pick<Living, 'lapsedSince' | 'recent' | 'startsAt'>,
  { untilHeardOnceLapsed }: IntervalSeries,
  stage: Stage,
  playbook: Playbook,
): boolean {
  if (!untilHeardOnceLapsed || stage !== 'lapsed') return false;
  // Who had lapsed when they were imported has a day of their own, or has long been so.
  return (
    (startsAt !== undefined && lapsedSince <= startsAt) ||
    recent.some(({ at, key }) => at >= lapsedSince && isPromotional(key, playbook))
  );
}

/** When the next mail of a series that counts from any mail is meant, but for pauses. */
function silenceEnds(situation: Situation, series: IntervalSeries): Instant {
  const { customer, playbook, stage } = situation;
  // Whoever is to be won back hears of that, and of us only when nothing comes of it.
  const afterMail = series.untilHeardOnceLapsed && stage === 'lapsed' ? playbook.longestSilence : series.every;
  const ends = customer.recent.map(({ at }) => at + afterMail);
  const episode = customer.episodes[series.id];
  if (episode !== undefined) ends.push(episode.beganAt + series.every);
  return ends.length > 0 ? Math.max(...ends) : beginOf(situation, series) + series.every;
}

function ofInterval(situation: Situation, { programme, series, waits }: Place<IntervalSeries>): readonly Occurrence[] {
  const { customer, playbook, stage, t } = situation;
  // Nobody is kept in touch with whom we have yet to get to know.
  if (stage === 'lead' || hasHeard(customer, series, stage, playbook)) return NOTHING;
  const episode = customer.episodes[series.id];
  const n = (episode?.n ?? 0) + 1;
  const order = lastOrder(customer.facts.orders);
  // Mails only: an order is no mail, and somebody who buys every month must not go without one for a year.
  const [anchor, wait] =
    series.since === 'any mail'
      ? [silenceEnds(situation, series), 0]
      : [episode?.beganAt ?? customer.stageSince, episode === undefined ? (series.first ?? 0) : series.every];
  const turn = turnOf(situation, { programme, series }, n, order, anchor + wait);
  if (turn === undefined) return NOTHING;
  const { step, free } = turn;
  // Whoever hears nothing counts the days as they are: a pause moves the reminder only if it would fall into it.
  const planned = momentOf(situation, waits, step, anchor, wait);
  const first = free > planned ? momentOf(situation, waits, step, free, 0) : planned;
  // A moment that went by while nobody looked is skipped, not made up for: the next one in the same rhythm counts.
  // One that fell into a pause has only gone by when it is stale from the end of the pause on.
  const missed = Math.max(0, Math.ceil((t - freshUntil(step, first)) / series.every));
  const moment = missed === 0 ? first : momentOf(situation, waits, step, first + missed * series.every, 0);
  return [
    {
      key: keyOf(customer, programme, step, 0, String(n)),
      programme,
      step,
      moment,
      takes: { series: series.id, n },
      ...(series.since === 'any mail' && { reminds: true }),
      ...(order && { cause: order.id }),
    },
  ];
}

/** Traits that begin with something in the cart: the mail shows it. */
const ABOUT_THE_CART: ReadonlySet<string> = new Set<TraitId>(['hesitant', 'ready', 'interested']);

/** The event a mail about a trait speaks of. */
function causeOfTrait({ facts }: Subject, trait: string): string | undefined {
  const { cart } = facts.basket ?? {};
  if (ABOUT_THE_CART.has(trait) && cart !== undefined && cart.items > 0) return cart.id;
  return lastOrder(facts.orders)?.id;
}

function ofTrait(situation: Situation, { programme, series, waits }: Place<TraitSeries>): readonly Occurrence[] {
  const { customer, playbook, t } = situation;
  const episode = customer.episodes[series.id];
  if (episode === undefined || !hasTrait(situationOf(customer, playbook), series.trait, t)) return NOTHING;
  const cause = causeOfTrait(customer, series.trait);
  return series.steps.map((step) => {
    const key = keyOf(customer, programme, step, 0, String(episode.n));
    const moment = momentOf(situation, waits, step, episode.beganAt, step.after);
    return {
      key,
      programme,
      step,
      moment: Math.max(moment, apartFrom(situation, waits, series.steps, step, key)),
      ...(cause !== undefined && { cause }),
    };
  });
}

type CaseStep = CaseSeries['steps'][number];

/** Whether the step is for cases like this one. */
export function isAbout({ about: only }: CaseStep, { about = '' }: Case): boolean {
  return only === undefined || only.includes(about);
}

function ofCases(situation: Situation, place: Place<CaseSeries>, cases: readonly Case[]): readonly Occurrence[] {
  const meant: Occurrence[] = [];
  for (const about of cases) {
    for (const step of place.series.steps) {
      if (isAbout(step, about)) meant.push(...ofCase(situation, place, step, about));
    }
  }
  return meant;
}

function ofCase(situation: Situation, place: Place<CaseSeries>, step: CaseStep, about: Case): readonly Occurrence[] {
  const { opened, closed, endsAt } = about;
  if (step.from === 'closed') return closed === undefined ? NOTHING : following(situation, place, step, about, closed);
  if (closed !== undefined) return NOTHING;
  if (step.from === 'ended') {
    return endsAt === NEVER ? NOTHING : following(situation, place, step, about, { ...opened, at: endsAt });
  }
  const intime = following(situation, place, step, about, opened).filter(({ moment }) => moment < endsAt);
  return step.throughTrouble === undefined ? intime : [...intime, ...afterTrouble(situation, place, step, about)];
}

/** The messages of a step that follow one end of the case. */
function following(
  situation: Situation,
  { programme, series, waits }: Place<CaseSeries>,
  step: CaseStep,
  { id, opened, since = opened.at }: Case,
  anchor: Case['opened'],
): readonly Occurrence[] {
  const { customer, t } = situation;
  const { every = 0, throughTrouble } = step;
  // What repeats keeps its rhythm, and what goes through trouble is held back at its moment, not moved.
  const staysPut = every > 0 || throughTrouble !== undefined;
  const other = step.notWith === undefined ? undefined : series.steps.find(({ id: its }) => its === step.notWith);
  const order = step.hadFor === undefined ? undefined : orderWith(customer, id);
  const late = roundFor(step, order);
  // Said again, what repeats keeps its rhythm, and goes on for as long as if that were the beginning.
  const begins = every > 0 && step.from === 'opened' ? since : anchor.at;
  const givesWayAt = other && momentOf(situation, waits, other, anchor.at, other.after);
  const meant: Occurrence[] = [];
  for (const round of roundsOf(step, t - begins, anchor.at - begins)) {
    const delay = step.after + round * every;
    const key = keyOf(customer, programme, step, every > 0 ? round + 1 : late, id);
    const planned = staysPut ? begins + delay : momentOf(situation, waits, step, anchor.at, delay);
    const moment = Math.max(
      planned,
      hadSince(situation, waits, step, order),
      apartFrom(situation, waits, series.steps, step, key),
    );
    // Most cases are long past, such as orders: of them nothing is to be said any more.
    if (t > freshUntil(step, moment) || moment === givesWayAt) continue;
    meant.push({ key, programme, step, moment, cause: anchor.id });
  }
  return meant;
}

/** The order a case is, or is about. */
function orderWith({ facts }: Subject, id: string): Order | undefined {
  const order = facts.orders.ring.find(({ orderId }) => orderId === id);
  return order && asAgreed(facts, order);
}

const ONE_ROUND: readonly number[] = [0];

/**
 * The rounds of a step that matter now, from 0: the latest that has come and the one after it. Earlier rounds are
 * superseded: nobody needs three status mails after an outage.
 *
 * @param elapsed since the first round was counted from
 * @param added to the time in which there are as many as the step says
 */
function roundsOf(step: CaseStep, elapsed: Duration, added: Duration): readonly number[] {
  if (step.every === undefined) return ONE_ROUND;
  const latest = Math.floor((elapsed - step.after) / step.every);
  const most = (step.times ?? NEVER) + Math.floor(added / step.every);
  return [latest, latest + 1].filter((round) => round >= 0 && round < most);
}

/** The round of a message that was held back and is made up for when what held it back is over. */
const MADE_UP_FOR = 1;

/** What waited in vain for goods that then came after all is made up for, and not the message that was given up. */
function roundFor(step: Step, order: Order | undefined): number {
  return order !== undefined && cameAfterAll(step, order) ? MADE_UP_FOR : 0;
}

/** Whether a message makes up for one that was held back: the rest after a dissatisfaction does not bind it. */
export function makesUp(step: Step | CaseStep, round: number): boolean {
  return 'throughTrouble' in step && step.throughTrouble !== undefined && round === MADE_UP_FOR;
}

function afterTrouble(
  { customer, playbook }: Situation,
  { programme }: Place<CaseSeries>,
  step: CaseStep,
  { id, opened, endsAt }: Case,
): Occurrence[] {
  if (step.throughTrouble === undefined) return [];
  const inTime = keyOf(customer, programme, step, 0, id);
  if (customer.recent.some((each) => each.key === inTime)) return [];
  const meant = opened.at + step.after;
  // Night or caps may have held it back until the trouble began: as long as it could go out, that could stop it.
  const end = troubleEnd(customer, playbook, opened.at, Math.min(freshUntil(step, meant), endsAt));
  if (end === undefined || end > opened.at + step.throughTrouble) return [];
  const key = keyOf(customer, programme, step, MADE_UP_FOR, id);
  return [{ key, programme, step, moment: Math.max(end, meant), cause: opened.id }];
}

/** The mail of a campaign is meant for its own moment, whatever else delays: what stands against it then withholds it. */
function ofCampaigns({ customer, t }: Situation, { programme, series }: Listed<CampaignSeries>): readonly Occurrence[] {
  return (customer.facts.campaigns ?? []).flatMap(({ at, id, campaign, step: meant }) => {
    const step = series.steps.find((each) => each.id === meant);
    if (step === undefined || t > freshUntil(step, at)) return [];
    return [{ key: keyOf(customer, programme, step, 0, campaign), programme, step, moment: at, cause: id }];
  });
}

/** Most series mean nothing to most customers: always the same list, and nothing is worked out for it. */
const NOTHING: readonly Occurrence[] = [];

function ofSeries(situation: Situation, { programme, series }: Listed): readonly Occurrence[] {
  const { customer, playbook } = situation;
  switch (series.trigger) {
    case 'stage':
      return ofStage(situation, { programme, series, waits: waitsOf(customer, series, playbook) });
    case 'interval':
      return ofInterval(situation, { programme, series, waits: waitsOf(customer, series, playbook) });
    case 'trait':
      if (customer.episodes[series.id] === undefined) return NOTHING;
      return ofTrait(situation, { programme, series, waits: waitsOf(customer, series, playbook) });
    case 'case': {
      const cases = casesOf(customer, playbook, series.of);
      return cases.length === 0
        ? NOTHING
        : ofCases(situation, { programme, series, waits: waitsOf(customer, series, playbook) }, cases);
    }
    case 'campaign':
      return customer.facts.campaigns === undefined ? NOTHING : ofCampaigns(situation, { programme, series });
    default:
      return series satisfies never;
  }
}

type Listed<S extends Series = Series> = Pick<Place<S>, 'programme' | 'series'>;

const listedByStage = new WeakMap<Playbook, ReadonlyMap<Stage, readonly Listed[]>>();

/** The series that can mean something to customers in a stage, in the order of the playbook. */
function listedIn(stage: Stage, playbook: Playbook): readonly Listed[] {
  let byStage = listedByStage.get(playbook);
  if (byStage === undefined) {
    const all = playbook.programmes.flatMap((programme) => programme.series.map((series) => ({ programme, series })));
    byStage = new Map(STAGES.map((each) => [each, all.filter(({ series }) => canMatter(each, series))]));
    listedByStage.set(playbook, byStage);
  }
  return byStage.get(stage) ?? [];
}

/** Traits and cases may begin in any stage, whomever their mails are for, and a campaign says itself whom it is for. */
function canMatter(stage: Stage, series: Series): boolean {
  switch (series.trigger) {
    case 'stage':
      return mayGoOnIn(series.stage, stage);
    case 'interval':
      return series.stages.includes(stage);
    case 'trait':
    case 'case':
    case 'campaign':
      return true;
    default:
      return series satisfies never;
  }
}

function workOut(customer: Subject, playbook: Playbook, t: Instant): readonly Occurrence[] {
  const stage = stageNameOf(customer.facts, playbook.stages, t);
  const pauses = pausesOf(customer.facts, playbook.stages);
  const situation: Situation = { customer, playbook, stage, pauses, t };
  const meant: Occurrence[] = [];
  for (const listed of listedIn(stage, playbook)) {
    for (const occurrence of ofSeries(situation, listed)) meant.push(occurrence);
  }
  return meant;
}

interface WorkedOut {
  readonly customer: Subject;
  readonly playbook: Playbook;
  readonly t: Instant;
  readonly occurrences: readonly Occurrence[];
}

/** Asked for when deciding, and again when the timer is set, mostly with nothing changed in between: the last is kept. */
let latest: WorkedOut | undefined;

function isSame(a: Subject, b: Subject): boolean {
  return (
    a.facts === b.facts &&
    a.episodes === b.episodes &&
    a.recent === b.recent &&
    a.attention === b.attention &&
    a.stageSince === b.stageSince &&
    a.lapsedSince === b.lapsedSince &&
    a.startsAt === b.startsAt &&
    a.waveAt === b.waveAt &&
    a.life === b.life
  );
}

/**
 * All messages the playbook means for the customer as things stand at `t`. Those of one series are in the order of its
 * steps; some moments are past, some to come; of a case, what is no longer fresh is left out. Whom a series is for is
 * asked when a message is wanted.
 */
export function occurrencesOf(customer: Living, playbook: Playbook, t: Instant): readonly Occurrence[] {
  if (latest?.playbook !== playbook || latest.t !== t || !isSame(latest.customer, customer)) {
    latest = { customer, playbook, t, occurrences: workOut(customer, playbook, t) };
  }
  return latest.occurrences;
}
