/**
 * The attitude of a customer: promoter, neutral or critic (A3 to A5). The latest that speaks wins, and only one holds:
 * an answer beats what was inferred before it, and whoever is a critic is nothing else.
 */
import { npsAnswers } from '../facts/nps.ts';
import { countReferrals, nthReferral } from '../facts/referrals.ts';
import { type Instant, NEVER, utcDay } from '../time.ts';
import { answeredScore, criticSpans } from './critic.ts';
import type { Situation } from './situation.ts';
import { during, NONE, outside, type Reasoned, type Span, until } from './spans.ts';
import { counted } from './words.ts';

/** A5: silent when pleased, loud at small faults. */
export function critic({ facts, playbook }: Situation): readonly Reasoned[] {
  return criticSpans(facts, playbook.stages);
}

/** While a critic, and for some time after nobody asks for praise. */
export function wasCritic(situation: Situation): readonly Reasoned[] {
  const { after } = situation.playbook.stages.critic;
  return critic(situation).map(({ from, to }) => ({
    from,
    to: to + after,
    because: 'is a critic, or was not long ago',
  }));
}

/** A4: recommends us, in words or by what came of it. */
export function promoter(situation: Situation): readonly Reasoned[] {
  const { nps, referrals } = situation.facts;
  if (nps === undefined && referrals === undefined) return NONE;
  const bad = critic(situation);
  return [
    ...causedAt(nps?.at, outside(promoterByScore(situation), bad)),
    ...causedAt(enoughReferrals(situation), outside(promoterByReferrals(situation), bad)),
  ];
}

/** Whoever holds it again, after a time in which something else was truer, has said nothing new. */
function causedAt(cause: Instant | undefined, spans: readonly Reasoned[]): readonly Reasoned[] {
  if (cause === undefined) return spans;
  return spans.map((span) => (span.from === cause ? span : { ...span, cause }));
}

/** When there were enough of them; undefined when there are not. */
function enoughReferrals({ facts, playbook }: Situation): Instant | undefined {
  return nthReferral(facts, playbook.traits.promoter.referrals)?.at;
}

function promoterByScore({ facts: { nps }, playbook }: Situation): readonly Reasoned[] {
  const { score, valid } = playbook.traits.promoter;
  if (nps === undefined || nps.score < score) return NONE;
  return during(nps.at, nps.at + valid, answeredScore(nps.score));
}

/** From the recommendation on that makes them enough, but for the times in which an answer says otherwise. */
function promoterByReferrals(situation: Situation): readonly Reasoned[] {
  const enough = enoughReferrals(situation);
  if (enough === undefined) return NONE;
  const because = `${counted(countReferrals(situation.facts), 'person', 'people')} came by their recommendation`;
  return outside(during(enough, NEVER, because), doubts(situation, enough));
}

/**
 * When a lower answer says more than the recommendations: until the next answer, until one more person comes, for that is
 * newer, and no longer than the answer is valid.
 */
function doubts({ facts: { nps, referrals = [] }, playbook }: Situation, enough: Instant): readonly Span[] {
  if (nps === undefined) return [];
  const { critic: bad } = playbook.stages;
  const { promoter: good, neutral: fair } = playbook.traits;
  return npsAnswers(nps).flatMap(({ at, score }, index, all) => {
    if (score >= good.score) return [];
    const next = all[index + 1]?.at ?? NEVER;
    const oneMore = referrals.find((each) => each.at >= at && each.at >= enough)?.at ?? NEVER;
    const valid = score <= bad.score ? bad.within : fair.valid;
    return [{ from: at, to: Math.min(next, oneMore, at + valid) }];
  });
}

/** A3: neither for nor against us. */
export function neutral(situation: Situation): readonly Reasoned[] {
  const { nps } = situation.facts;
  const { clicksReported } = situation.playbook.traits.neutral;
  if (nps === undefined && !clicksReported) return NONE;
  const unmoved = outside(neutralByHabit(situation), promoter(situation));
  return outside([...neutralByScore(situation), ...unmoved], critic(situation));
}

/** Recommendations that came after the answer say more than it. */
function neutralByScore(situation: Situation): readonly Reasoned[] {
  const { facts, playbook } = situation;
  const { lowest, highest, valid } = playbook.traits.neutral;
  const { nps } = facts;
  if (nps === undefined || nps.score < lowest || nps.score > highest) return NONE;
  const recommended = promoterByReferrals(situation).find(({ to }) => to > nps.at)?.from ?? NEVER;
  return until(during(nps.at, nps.at + valid, answeredScore(nps.score)), recommended);
}

/** Buys now and then, and looks at nothing we write; told only where clicks are reported. */
function neutralByHabit({ facts, playbook, mails }: Situation): readonly Reasoned[] {
  const { orders: least, irregularity, mailsWithoutClick, clicksReported } = playbook.traits.neutral;
  if (!clicksReported) return NONE;
  const unread = mails.filter((each) => each > (facts.clickedAt ?? -Infinity))[mailsWithoutClick - 1];
  const days = facts.orders.ring.filter((each) => each.cancelled !== true).map(({ at }) => at);
  const last = days.at(-1);
  if (unread === undefined || last === undefined || days.length < least) return NONE;
  if (irregularityOf(days) < irregularity) return NONE;
  const orders = `${counted(days.length, 'order')} at irregular intervals`;
  return during(Math.max(unread, last), NEVER, `${orders}, and no click in ${counted(mailsWithoutClick, 'mail')}`);
}

/** Standard deviation of the gaps between days, in parts of their mean; 0 when all fall on one day. */
function irregularityOf(times: readonly Instant[]): number {
  const days = times.map(utcDay);
  const gaps = days.slice(1).map((day, index) => day - (days[index] ?? day));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  if (!(mean > 0)) return 0;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  return Math.sqrt(variance) / mean;
}
