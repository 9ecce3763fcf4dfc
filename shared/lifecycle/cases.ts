/**
 * Cases: whatever opened, ends, and belongs to one customer, in one shape, so that mail about a complaint, a late order
 * or a cart follows the same rules. A pure function of what is known; nothing of it is remembered.
 */
import type { CaseKind } from './case-kinds.ts';
import type { Attention, Living } from './customer/profile.ts';
import { mailOf, standingAnswers } from './facts/answers.ts';
import { clearedAfter } from './facts/basket.ts';
import { complaintOpenedAs, isOpen, openSince } from './facts/complaints.ts';
import { fitting, inShort } from './facts/digest.ts';
import type { Facts } from './facts/facts.ts';
import {
  CHANGE_LASTS,
  firstOpeningId,
  isStillOpen,
  type Matter,
  matterIdOf,
  type Matters,
  openedAs,
  openingId,
} from './facts/matters.ts';
import { type Objection, OBJECTION } from './facts/objections.ts';
import type { Stamp } from './facts/order-by-time.ts';
import { badReviews } from './facts/reviews.ts';
import { agreedFor, asAgreed } from './facts/promises.ts';
import { wasGivenBack } from './facts/returns.ts';
import type { Order } from './facts/orders.ts';
import type { Placed, Playbook } from './playbook.ts';
import { DAY, type Duration, type Instant, NEVER } from './time.ts';

export interface Case {
  readonly kind: CaseKind;
  /** Unique among the cases of its kind; the episode of its messages. */
  readonly id: string;
  /** The id of what it is a case of, where that is not its own: of a complaint, say, that was opened again. */
  readonly matter?: string;
  /** May lie in the future: an order is late from the promised time on. */
  readonly opened: Stamp;
  /** When it was opened first, where that was said again since. */
  readonly since?: Instant;
  readonly closed?: Stamp;
  /** Over by itself from then on, whether anybody closed it or not. */
  readonly endsAt: Instant;
  /** What steps can be limited to: a severity, a channel, an answer, a kind, a reason. */
  readonly about?: string;
}

type Subject = Pick<Living, 'facts' | 'attention'>;
type Policies = Pick<Playbook, 'stages' | 'traits'>;

/** Nobody needs to hear of an order two weeks late that it is late. */
export const LATE_FOR: Duration = 14 * DAY;
/** Whoever answered days ago has found their way without us. */
const ANSWER_LASTS: Duration = 3 * DAY;
/** Thanks that come later than this are odd. */
const REFERRAL_LASTS: Duration = 30 * DAY;
/** What nobody has taken care of in this time nobody will. */
const ATTENTION_LASTS: Duration = 30 * DAY;

/** Most customers have no case of most kinds: always the same list. */
const NONE: readonly Case[] = [];

/** Whether a case is neither closed nor over at `t`. One that is only to come is alive, too. */
export function isAlive({ closed, endsAt }: Case, t: Instant): boolean {
  return closed === undefined && t < endsAt;
}

/** The cases of one kind that the facts still know, alive or not. */
export function casesOf({ facts, attention }: Subject, playbook: Policies, kind: CaseKind): readonly Case[] {
  switch (kind) {
    case 'complaint':
      return complaints(facts, playbook);
    case 'rating':
      return badRatings(facts, playbook);
    case 'renewal':
      return matters(kind, facts.subscriptions, ({ endsAt }) => ({ endsAt }));
    case 'change':
      return matters(kind, facts.changes, ({ at, priced }) => ({
        endsAt: at + CHANGE_LASTS,
        about: priced ? 'priced' : 'unpriced',
      }));
    case 'late-order':
      return lateOrders(facts);
    case 'order':
      return counting(facts).map((order) => ({ kind, id: order.orderId, opened: stampOf(order), endsAt: NEVER }));
    case 'checkout':
      return checkouts(facts, playbook);
    case 'cart':
      return carts(facts, playbook);
    case 'answer':
      return answers(facts);
    case 'referral':
      return referrals(facts);
    case 'attention':
      return attention.length === 0 ? NONE : attention.map((each) => asked(each, facts));
    default:
      return kind satisfies never;
  }
}

/** The case a message is about, by the episode of its key; undefined where its series follows none. */
export function caseOf(
  subject: Subject,
  { series }: Pick<Placed, 'series'>,
  episode: string | undefined,
  playbook: Policies,
): Case | undefined {
  return series.trigger === 'case' ? casesOf(subject, playbook, series.of).find(({ id }) => id === episode) : undefined;
}

/**
 * The id of what a message is about, by the episode of its key: of the complaint, say, that was opened for the second
 * time; the episode itself where its series follows no case.
 */
export function matterOf(
  subject: Subject,
  placed: Pick<Placed, 'series'>,
  episode: string,
  playbook: Policies,
): string {
  if (placed.series.trigger !== 'case') return episode;
  const about = caseOf(subject, placed, episode, playbook);
  // One that is no longer known, or has been opened anew since.
  return about === undefined ? matterIdOf(episode) : (about.matter ?? about.id);
}

/** Whether what a case is about was opened anew since, by the episode of a message about it. */
export function isOpenedAnew(
  subject: Subject,
  { series }: Pick<Placed, 'series'>,
  episode: string,
  playbook: Policies,
): boolean {
  if (series.trigger !== 'case') return false;
  const matter = matterIdOf(episode);
  return casesOf(subject, playbook, series.of).some((each) => each.matter === matter && each.id !== episode);
}

/** What a case goes by, and what it is a case of where that goes by something else. */
function named(matter: string, id: string): Pick<Case, 'id' | 'matter'> {
  return id === matter ? { id } : { id, matter };
}

const stampOf = ({ at, id }: Stamp): Stamp => ({ at, id });

/** When something was opened, and since when where that was said again. */
function openedAt(opened: Stamp, since = opened.at): Pick<Case, 'opened' | 'since'> {
  return { opened: stampOf(opened), ...(since < opened.at && { since }) };
}

function complaints({ complaints: { known } }: Facts, { stages }: Policies): readonly Case[] {
  if (known.length === 0) return NONE;
  return known.flatMap((complaint): Case[] => {
    const { complaintId, opened, resolved } = complaint;
    if (opened === undefined) return [];
    const { maximumAge } = stages.dissatisfied;
    const closed = isOpen(complaint) ? undefined : resolved;
    const since = openSince(complaint, maximumAge);
    return [
      {
        kind: 'complaint',
        ...named(complaintId, complaintOpenedAs(complaint, maximumAge)),
        ...openedAt(opened, since),
        ...(closed && { closed }),
        endsAt: opened.at + maximumAge,
        about: opened.severity,
      },
    ];
  });
}

function badRatings({ reviews }: Facts, { stages }: Policies): readonly Case[] {
  if (reviews === undefined) return NONE;
  const { rating } = stages.dissatisfied;
  const bad = badReviews(reviews, rating);
  return bad.flatMap(({ review, ended: better, restated }, index): Case[] => {
    const { reviewId, at, channel } = review;
    // What is bad still, and said anew, is one case as it was said last.
    if (restated) return [];
    const before = bad.slice(0, index).filter((each) => each.review.reviewId === reviewId);
    const ended = before.findLastIndex((each) => !each.restated);
    const begun = before[ended + 1]?.review.at ?? at;
    return [
      {
        kind: 'rating',
        ...named(reviewId, ended < 0 ? firstOpeningId(reviewId) : openingId(reviewId, begun)),
        ...openedAt(review, begun),
        ...(better && { closed: stampOf(better) }),
        endsAt: at + rating.lasts,
        // As names are written in playbooks.
        about: channel.replaceAll('_', '-'),
      },
    ];
  });
}

/** Stopped and resumed, requested and confirmed: what was opened later than closed is open. */
function matters<Opened extends object>(
  kind: CaseKind,
  all: Matters<Opened> | undefined,
  more: (opened: Stamp & Opened) => Pick<Case, 'endsAt' | 'about'>,
): readonly Case[] {
  if (all === undefined) return NONE;
  return all.known.flatMap((matter: Matter<Opened>): Case[] => {
    const { id, opened, closed, since } = matter;
    if (opened === undefined) return [];
    const settled = isStillOpen(opened, closed) ? undefined : closed;
    const names = named(id, openedAs(matter));
    const ends = { ...openedAt(opened, since), ...(settled && { closed: stampOf(settled) }), ...more(opened) };
    return [{ kind, ...names, ...ends }];
  });
}

function counting({ orders }: Facts): readonly Order[] {
  return orders.ring.filter((each) => !each.cancelled);
}

function lateOrders(facts: Facts): readonly Case[] {
  const { agreed: moved, orders } = facts;
  if (moved === undefined && !orders.ring.some(({ promisedBy }) => promisedBy !== undefined)) return NONE;
  return counting(facts).flatMap((order): Case[] => {
    const { orderId, id, promisedBy, deliveredAt } = asAgreed(facts, order);
    const isPunctual = deliveredAt !== undefined && promisedBy !== undefined && deliveredAt <= promisedBy;
    // Nobody waits for what they have given back.
    if (promisedBy === undefined || isPunctual || wasGivenBack(facts, order)) return [];
    const closed = deliveredAt === undefined ? undefined : { at: deliveredAt, id };
    // Every promise can be missed: a date that was agreed on is another one than that of the order.
    const agreed = agreedFor(facts, order);
    return [
      {
        kind: 'late-order',
        ...named(orderId, agreed === undefined ? orderId : openingId(orderId, agreed)),
        opened: { at: promisedBy, id },
        ...(closed && { closed }),
        endsAt: promisedBy + LATE_FOR,
      },
    ];
  });
}

/** The first order of those still known that came with or after something else: cancelled since it was finished, too. */
function orderSince({ orders }: Facts, then: Stamp): Stamp | undefined {
  return orders.ring.find(({ at }) => at >= then.at);
}

function checkouts(facts: Facts, { traits }: Policies): readonly Case[] {
  const { basket = {} } = facts;
  const { checkout } = basket;
  if (checkout === undefined) return NONE;
  const closed = earlier(orderSince(facts, checkout), clearedAfter(basket, checkout));
  return [
    {
      kind: 'checkout',
      id: checkout.id,
      opened: stampOf(checkout),
      ...(closed && { closed: stampOf(closed) }),
      endsAt: checkout.at + traits.ready.lasts,
    },
  ];
}

/** A cart somebody has left: with the checkout begins a case of its own. */
function carts(facts: Facts, { traits }: Policies): readonly Case[] {
  const { checkout, cart } = facts.basket ?? {};
  if (cart === undefined || cart.items === 0) return NONE;
  const taken = checkout !== undefined && checkout.at >= cart.at ? checkout : undefined;
  const closed = earlier(orderSince(facts, cart), taken);
  return [
    {
      kind: 'cart',
      id: cart.id,
      opened: stampOf(cart),
      ...(closed && { closed: stampOf(closed) }),
      endsAt: cart.at + traits.hesitant.undecided + traits.hesitant.lasts,
    },
  ];
}

function earlier(a: Stamp | undefined, b: Stamp | undefined): Stamp | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.at < a.at ? b : a;
}

/** What a case of an objection is about, as playbooks name it. */
export function objectionNamed(name: string): string {
  return `${OBJECTION}-${name}`;
}

/** Said again it is the same case; said anew, when the answer was long ago, another one. */
function doubt(objection: Objection): Case {
  const { at, value } = objection;
  const time = `.${at.toString(36)}`;
  return {
    kind: 'answer',
    id: `${OBJECTION}.${fitting(value, OBJECTION.length + 1 + time.length)}${time}`,
    opened: stampOf(objection),
    endsAt: at + ANSWER_LASTS,
    about: objectionNamed(value),
  };
}

function answers({ answers: all, objections }: Facts): readonly Case[] {
  if (all === undefined && objections === undefined) return NONE;
  // Whoever comes back to an answer they gave to the same mail has been answered.
  const given = standingAnswers(all).flatMap(({ said, answer, from, id, isFirst }): readonly Case[] =>
    isFirst
      ? [
          {
            kind: 'answer',
            id: `${said.question}.${inShort(JSON.stringify([mailOf(said), answer]))}`,
            opened: { at: from, id },
            endsAt: from + ANSWER_LASTS,
            about: `${said.question}-${answer}`,
          },
        ]
      : NONE,
  );
  return [...(objections ?? []).map(doubt), ...given];
}

/** The links of the thanks carry the case, so it must not name the friend. */
function referrals({ referrals: all }: Facts): readonly Case[] {
  if (all === undefined) return NONE;
  return all.map((referral) => ({
    kind: 'referral',
    id: inShort(referral.friendId),
    opened: stampOf(referral),
    endsAt: referral.at + REFERRAL_LASTS,
    about: referral.kind,
  }));
}

function asked({ id, reason, at, cause }: Attention, { handled = [] }: Facts): Case {
  const taken = handled.find(({ attentionId }) => attentionId === id);
  return {
    kind: 'attention',
    id: fitting(id),
    opened: { at, id: cause },
    ...(taken && { closed: stampOf(taken) }),
    endsAt: at + ATTENTION_LASTS,
    about: reason,
  };
}
