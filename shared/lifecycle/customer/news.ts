/** What the shop has mended for a customer: only what is news to them, and only what they minded. */
import { type Answer, latestAnswer } from '../facts/answers.ts';
import { lastOrder } from '../facts/orders.ts';
import type { Facts } from '../facts/facts.ts';
import { findStep, type Placed, type Playbook } from '../playbook.ts';
import type { Instant } from '../time.ts';
import type { TraitId } from '../traits/ids.ts';
import type { Living } from './profile.ts';

/** Something the shop has improved. */
export interface Improved {
  readonly date: Instant;
  /** The answer it answers. */
  readonly reason: string;
}

/** The question whose answers are reasons to leave, and what improvements are for. */
export const REASON_QUESTION = 'reason';
/** The answer of those who left with a complaint and said nothing. */
const EXPERIENCE = 'experience';

const BAD_EXPERIENCE: TraitId = 'bad-experience';

/** Whether an answer was given to a mail of this time of leaving, and not to one from before they came back. */
function isOfThisTime({ episodes }: Living, { programme, step, about }: Answer, playbook: Playbook): boolean {
  const series = findStep(playbook, programme, step)?.series;
  const present = series && episodes[series.id];
  return about === undefined || present === undefined || about === String(present.n);
}

/**
 * Why the customer left, as far as we were told: by their answer, or by a complaint that is still remembered, whichever
 * came last. Whoever has bought since they answered did not leave for that.
 */
function reasonToLeave(customer: Living, playbook: Playbook, lastHere: Instant, t: Instant): string | undefined {
  const { facts } = customer;
  const { traits } = playbook;
  const said = latestAnswer(
    facts.answers,
    REASON_QUESTION,
    (each) => each.at >= lastHere && isOfThisTime(customer, each, playbook),
  );
  const since = Math.max(t - traits.badExperience.lasts, said?.at ?? -Infinity);
  const complained = facts.complaints.known.some(({ opened }) => opened !== undefined && opened.at > since);
  return complained ? EXPERIENCE : said?.answer;
}

/** When something last went wrong: nothing that was mended before it is an answer to it. */
function lastTrouble({ complaints, reviews }: Facts, { stages }: Playbook): Instant {
  const { atMost } = stages.dissatisfied.rating;
  const complained = complaints.known.flatMap(({ opened }) => (opened === undefined ? [] : [opened.at]));
  const rated = (reviews ?? []).flatMap(({ at, rating }) => (rating <= atMost ? [at] : []));
  return Math.max(-Infinity, ...complained, ...rated);
}

/** Whether a mail speaks of what the customer went through with us, whatever they may have left for. */
function isAboutExperience({ series }: Pick<Placed, 'series'>): boolean {
  return series.trigger === 'trait' && series.trait === BAD_EXPERIENCE;
}

/**
 * The improvements that a mail may tell the customer of: dated, no promise, an answer to their reason, and news. Mail
 * about a bad experience speaks of that alone, and of what came after it; other mail of what came since they were here.
 */
export function newsFor<I extends Improved>(
  improvements: readonly I[],
  customer: Living,
  placed: Pick<Placed, 'series'>,
  playbook: Playbook,
  t: Instant,
): readonly I[] {
  const { facts } = customer;
  const isAbout = isAboutExperience(placed);
  const lastHere = isAbout ? -Infinity : (lastOrder(facts.orders)?.at ?? 0);
  const told = isAbout ? EXPERIENCE : reasonToLeave(customer, playbook, lastHere, t);
  const since = told === EXPERIENCE ? Math.max(lastHere, lastTrouble(facts, playbook)) : lastHere;
  return improvements.filter(({ date, reason }) => reason === told && date > since && date <= t);
}
