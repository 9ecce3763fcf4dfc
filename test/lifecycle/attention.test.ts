/** Who needs a person: once per cause, while the cause is fresh, until somebody has taken care of it. */
import { describe, expect, it } from 'vitest';
import { openAttention, raise, wantedAttention } from '../../shared/lifecycle/customer/attention.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { openingId } from '../../shared/lifecycle/facts/matters.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { stageOf } from '../../shared/lifecycle/stage.ts';
import { DAY, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { bought, complained, CUSTOMER, day, event, registered, resolved, START } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES, SHIPPED } from '../support/playbooks.ts';

/** The shipped playbook calls for a person when this is the answer to how the start went. */
const CALLS = 'problem';

/** The customer as facts and stage have it at `t`, before anything is raised. */
function at(t: Instant, events: readonly CustomerEvent[], memory: Partial<Living> = {}): Living {
  const facts = factsOf(events);
  const { stage } = stageOf(facts, PLAYBOOK_FOR_RULES.stages, t);
  return { ...unknownCustomer(CUSTOMER, START), facts, stage, stageSince: START, evaluatedAt: t, ...memory };
}

const wanted = (t: Instant, ...events: readonly CustomerEvent[]) =>
  wantedAttention(at(t, events), PLAYBOOK_FOR_RULES, t).map(({ id, reason, priority }) => [id, reason, priority]);

const severe = (t: Instant) => complained(t, 'k-1', 'high');
const nps = (t: Instant, score: number) => event('Nps Answered', t, { score });
const ranked = (t: Instant, keyAccount: boolean) => event('Account Ranked', t, { keyAccount, share: 0.01 }, `r-${t}`);
const answered = (answer: string) =>
  event('Question Answered', day(1), { question: 'start', answer, programme: 'onboarding', step: 'check-in' });
const rated = (t: Instant, reviewId: string, rating = 1) =>
  event('Review Posted', t, { reviewId, rating, channel: 'shop' });
const low = (t: Instant, complaintId: string) => complained(t, complaintId, 'low');
const named = (t: Instant, answer: string, about = 'cart-1') =>
  event('Question Answered', t, { programme: 'nurture', step: 'obstacle', question: 'obstacle', answer, about });
const handled = (t: Instant, attentionId: string) => event('Attention Handled', t, { attentionId });

const reasonsOf = (answer: string) =>
  wantedAttention(at(day(1), [answered(answer)]), SHIPPED, day(1)).map(({ reason, priority }) => [reason, priority]);

/** Loyal by the tests' playbook on day 200. */
const LOYAL = [0, 60, 120, 190].map((days) => bought(day(days), `o-${days}`));

/** As many orders as a key account has at least. */
const BOUGHT = [bought(START - DAY), bought(START)];

describe('a person is asked for', () => {
  it('by a severe complaint that is open, not by a mild one, nor when it is resolved', () => {
    expect(wanted(day(1), severe(day(1)))).toEqual([['1/severe-complaint/k-1', 'severe-complaint', 'high']]);
    expect(wanted(day(1), complained(day(1), 'k-1', 'normal'))).toEqual([]);
    expect(wanted(day(2), severe(day(1)), resolved(day(2)))).toEqual([]);
  });

  it('by a severe complaint that was closed as unknown and is opened again, once', () => {
    const second = `1/severe-complaint/${openingId('k-1', day(60))}`;
    for (const again of [[60], [60, 61], [60, 61, 70]]) {
      const t = day(again.at(-1) ?? 60);
      const said = wanted(t, severe(day(1)), ...again.map((each) => severe(day(each))));
      expect(said).toEqual([[second, 'severe-complaint', 'high']]);
    }
    expect(wanted(day(30), severe(day(1)), severe(day(30)))).toEqual([
      ['1/severe-complaint/k-1', 'severe-complaint', 'high'],
    ]);
  });

  it('by a critic, and more urgently by one who would be loyal but for it', () => {
    const [[id, ...critic] = []] = wanted(day(201), bought(day(190)), nps(day(200), 3));
    expect(critic).toEqual(['critic', 'normal']);
    expect(wanted(day(201), ...LOYAL, nps(day(200), 3))).toEqual([[id, 'loyal-critic', 'high']]);
    expect(wanted(day(201), ...LOYAL, nps(day(200), 7))).toEqual([]);
  });

  it('counts a loyal critic as one also while the ratings that show it keep the stage down', () => {
    const bad = [199, 200].map((days) =>
      event('Review Posted', day(days), { reviewId: `r-${days}`, rating: 1, channel: 'shop' }),
    );
    expect(wanted(day(200), ...LOYAL, ...bad).map(([, reason]) => reason)).toEqual(['loyal-critic']);
  });

  it('once for a critic, though orders make them loyal but for it later', () => {
    const { attention } = raise(at(day(191), [bought(day(0)), nps(day(190), 3)]), PLAYBOOK_FOR_RULES, day(191), 'e');
    const later = at(day(195), [...LOYAL, nps(day(190), 3)], { attention });
    expect(raise(later, PLAYBOOK_FOR_RULES, day(195), 'e-2')).toBe(later);
  });

  it('by a customer who becomes a key account, each time, and not by one who ceases to be', () => {
    const became = ranked(day(1), true);
    expect(wanted(day(1), ...BOUGHT, became)).toEqual([['1/key-account/r-' + day(1), 'key-account', 'normal']]);
    expect(wanted(day(2), ...BOUGHT, became, ranked(day(2), false))).toEqual([]);
  });

  it('by no key account with fewer orders than the trait asks for', () => {
    expect(wanted(day(1), ...BOUGHT.slice(1), ranked(day(1), true))).toEqual([]);
  });

  it('by a key account that is at risk, once for each time', () => {
    const silent = at(day(100), [...BOUGHT, ranked(day(1), true)], { stage: 'at_risk', stageSince: day(90) });
    const asked = wantedAttention(silent, PLAYBOOK_FOR_RULES, day(100));
    expect(asked).toMatchObject([{ reason: 'key-account-at-risk', priority: 'high', at: day(90) }]);
    const again = wantedAttention({ ...silent, stageSince: day(95) }, PLAYBOOK_FOR_RULES, day(100));
    expect(again[0]?.id).not.toBe(asked[0]?.id);
    expect(wantedAttention({ ...silent, stage: 'active' }, PLAYBOOK_FOR_RULES, day(100))).toEqual([]);
  });

  it('by what a key account is offered by its contact and not by mail, once for each mail', () => {
    const t = day(100);
    const withheld = (reason: string) => {
      const end = { moment: t, decidedAt: t, attempt: 1, outcome: 'withheld', reason, closedAt: t } as const;
      const closing = {
        '1/retention/promoter-bonus/1': end,
        '1/retention/check-in/1': end,
        '1/recovery/apology/k': end,
      };
      return at(t, [], { closing });
    };
    const told = raise(withheld('not for key-account'), SHIPPED, t, 'e');
    expect(told.attention).toEqual([
      {
        id: '1/key-account-benefit/retention/promoter-bonus/1',
        reason: 'key-account-benefit',
        priority: 'normal',
        at: t,
        cause: 'e',
      },
    ]);
    expect(raise(told, SHIPPED, t, 'e-2')).toBe(told);
    expect(wantedAttention(withheld('not for critic'), SHIPPED, t)).toEqual([]);
  });

  it('by a change nobody has put a price on, until it has one or is confirmed', () => {
    const change = event('Change Requested', day(1), { changeId: 'ch-1', what: 'The blue glaze' });
    const priced = event('Change Requested', day(2), {
      changeId: 'ch-1',
      what: 'The blue glaze',
      cost: 5,
      currency: 'EUR',
    });
    expect(wanted(day(1), change)).toEqual([['1/change-without-cost/ch-1', 'change-without-cost', 'normal']]);
    expect(wanted(day(2), change, priced)).toEqual([]);
    expect(wanted(day(2), change, event('Change Confirmed', day(2), { changeId: 'ch-1' }))).toEqual([]);
  });

  it('by an answer the playbook wants to be called for, and by no other', () => {
    expect(reasonsOf(CALLS)).toEqual([['answer', 'high']]);
    expect(reasonsOf('questions')).toEqual([['answer', 'high']]);
    expect(reasonsOf('good')).toEqual([]);
  });

  it('by nothing that is older than 14 days', () => {
    expect(wanted(day(15), severe(day(1)))).toHaveLength(1);
    expect(wanted(day(15) + 1, severe(day(1)))).toEqual([]);
  });

  it('under an id that is short enough, however long the id of the cause', () => {
    const ids = ['a', 'b'].map((end) => {
      const complaintId = 'k'.repeat(127) + end;
      const [[id = ''] = []] = wanted(day(1), complained(day(1), complaintId, 'high'));
      return id;
    });
    for (const id of ids) expect(Buffer.byteLength(id)).toBeLessThanOrEqual(128);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

/** Takes in what was said, one after the other, and whatever is raised by it. */
const calledBy = (playbook: Playbook, ...said: readonly CustomerEvent[]) => {
  let attention: Living['attention'] = [];
  let t = START;
  said.forEach(({ occurredAt }, index) => {
    t = Math.max(t, occurredAt);
    attention = raise(at(t, said.slice(0, index + 1), { attention }), playbook, t, `cause-${index}`).attention;
  });
  return attention.map(({ reason }) => reason);
};

describe('attention', () => {
  const EVENTS = [registered(START), complained(day(1), 'k-1', 'high')];
  const called = (t: Instant, events = EVENTS, memory: Partial<Living> = {}) =>
    raise(at(t, events, memory), PLAYBOOK_FOR_RULES, t, `cause-${t}`);
  const greeted = (t: Instant, said: readonly CustomerEvent[], attention: Living['attention']) =>
    called(t, [...BOUGHT, ...said], { attention }).attention;

  it('is raised once for its cause, and keeps the event that led to it', () => {
    const first = called(day(1));
    expect(first.attention).toMatchObject([{ id: '1/severe-complaint/k-1', at: day(1), cause: `cause-${day(1)}` }]);
    const again = raise({ ...first, evaluatedAt: day(2) }, PLAYBOOK_FOR_RULES, day(2), 'other');
    expect(again).toEqual({ ...first, evaluatedAt: day(2) });
  });

  it('is raised once for a critic, though what made them one is said anew, or heard of late', () => {
    const twice = [rated(day(0), 'a'), rated(day(3), 'b')];
    expect(calledBy(PLAYBOOK_FOR_RULES, ...twice)).toEqual(['critic']);
    expect(calledBy(PLAYBOOK_FOR_RULES, ...twice, rated(day(5), 'a', 2))).toEqual(['critic']);
    expect(calledBy(PLAYBOOK_FOR_RULES, ...twice, rated(day(2), 'c'))).toEqual(['critic']);
    const complaints = [low(day(0), 'a'), low(day(3), 'b')];
    expect(calledBy(PLAYBOOK_FOR_RULES, ...complaints, low(day(5), 'a'))).toEqual(['critic']);
    expect(calledBy(PLAYBOOK_FOR_RULES, ...complaints, resolved(day(4), 'a'), low(day(5), 'a'))).toEqual(['critic']);
    // Put right in between, it is another time.
    expect(calledBy(PLAYBOOK_FOR_RULES, ...twice, nps(day(4), 9), nps(day(5), 2))).toEqual(['critic', 'critic']);
  });

  it('is raised once for each answer to one mail, whichever the reader returns to', () => {
    const first = named(day(1), 'fit');
    const second = named(day(1) + MINUTE, 'quality');
    const third = named(day(1) + 2 * MINUTE, 'fit');
    expect(calledBy(SHIPPED, first, second, third)).toEqual(['named-obstacle', 'named-obstacle']);
    expect(calledBy(SHIPPED, first, named(day(1) + MINUTE, 'fit', 'cart-2'))).toHaveLength(2);
    expect(calledBy(SHIPPED, first, named(day(40), 'fit'))).toHaveLength(1);
  });

  it('is raised once for each time of becoming a key account, however often that is said', () => {
    const said = [ranked(day(1), true)];
    const first = greeted(day(1), said, []);
    expect(first).toMatchObject([{ reason: 'key-account', at: day(1) }]);
    expect(greeted(day(2), [...said, ranked(day(2), true)], first)).toEqual(first);
    const former = greeted(day(3), [...said, ranked(day(3), false)], first);
    expect(former).toEqual([]);
    expect(greeted(day(4), [ranked(day(4), true)], former)).toMatchObject([{ at: day(4) }]);
  });

  it('is open until somebody has handled it, and stays remembered', () => {
    const { attention } = called(day(1));
    const elsewhere = at(day(2), [...EVENTS, handled(day(2), '1/severe-complaint/k-2')], { attention });
    expect(openAttention(elsewhere)).toEqual(attention);
    const done = at(day(2), [...EVENTS, handled(day(2), '1/severe-complaint/k-1')], { attention });
    expect(openAttention(done)).toEqual([]);
    expect(raise(done, PLAYBOOK_FOR_RULES, day(2), 'e')).toBe(done);
  });

  it('is forgotten after 200 days, but only with a write that adds some', () => {
    const { attention } = called(day(1));
    const later = day(1) + 200 * DAY;
    expect(called(later, EVENTS, { attention }).attention).toEqual(attention);
    const next = [...EVENTS, complained(later + MINUTE, 'k-9', 'high')];
    expect(called(later, next, { attention }).attention).toHaveLength(2);
    expect(called(later + MINUTE, next, { attention }).attention.map(({ id }) => id)).toEqual([
      '1/severe-complaint/k-9',
    ]);
  });

  it('that is no longer fresh is kept for the twelve newest, and what is fresh in any number', () => {
    const old = Array.from({ length: 20 }, (_, number) => ({
      id: `1/answer/old-${number}`,
      reason: 'answer',
      priority: 'low' as const,
      at: day(number),
      cause: 'e',
    }));
    const events = [complained(day(60), 'k-1', 'high'), complained(day(60), 'k-2', 'high')];
    const ids = called(day(60), events, { attention: old }).attention.map(({ id }) => id);
    expect(ids.slice(0, 12)).toEqual(old.slice(-12).map(({ id }) => id));
    expect(ids.slice(12).toSorted()).toEqual(['1/severe-complaint/k-1', '1/severe-complaint/k-2']);
  });
});
