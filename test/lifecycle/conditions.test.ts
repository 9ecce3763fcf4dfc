/** Whom series and steps are for, what they wait for, and what ends them: by traits, cases, answers and cooldowns. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { casesOf } from '../../shared/lifecycle/cases.ts';
import { decide, forget } from '../../shared/lifecycle/customer/decide.ts';
import { nextDue } from '../../shared/lifecycle/customer/due.ts';
import { permit } from '../../shared/lifecycle/customer/permit.ts';
import { type Attention, type Living, type Pending, withoutShadow } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import type { Interest } from '../../shared/lifecycle/facts/interest.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import type { CaseSeries, Series, StageSeries, Step, TraitSeries } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { OPEN } from '../support/circumstances.ts';
import { customerAfter, type Memory, reacted } from '../support/customers.ts';
import {
  answered,
  bought,
  cancelledOrder,
  checkedOut,
  complained,
  day,
  delivered,
  event,
  filledCart,
  resolved,
  resumedRenewal,
  reviewed,
  scored,
  stoppedRenewal,
} from '../support/events.ts';
import { playing, SHIPPED, step } from '../support/playbooks.ts';

const NOT_YET = 'not decided';

/** How the message ended, what it waits for, or what the rules at the claim say of it. */
function fateOf(customer: Living, key: string, playbook: Playbook, t: Instant): string {
  const closing = customer.closing[key];
  if (closing !== undefined) return `${closing.outcome}: ${closing.reason}`;
  const message = customer.pending[key];
  if (message === undefined) return NOT_YET;
  const verdict = permit(customer, key, message, playbook, t, OPEN, undefined);
  return verdict.kind === 'send' ? 'send' : verdict.reason;
}

/** Given these events, looked at whenever something is due, when it is `t`, then this is the fate of the message. */
function fate(series: Series, events: readonly CustomerEvent[], key: string, t: Instant): string {
  const playbook = playing(series);
  return fateOf(customerAfter(events, t, {}, playbook), `1/tests/${key}`, playbook, t);
}

/** The same when the message was decided at `decidedAt`, before the rest of the events. */
function fateAfter(
  series: Series,
  before: readonly CustomerEvent[],
  after: readonly CustomerEvent[],
  key: string,
  decidedAt: Instant,
  t: Instant,
): string {
  const playbook = playing(series);
  const decided = customerAfter(before, decidedAt, {}, playbook);
  expect(decided.pending).toHaveProperty([`1/tests/${key}`]);
  return fateOf(reacted(decided, after, t, playbook).customer, `1/tests/${key}`, playbook, t);
}

const newcomers = (fields: Partial<StageSeries> = {}, more: Partial<Step> = {}): StageSeries => ({
  id: 'newcomers',
  trigger: 'stage',
  stage: 'new',
  steps: [{ ...step('hello', 5, more), after: DAY }],
  ...fields,
});
const order = bought(day(0), 'o');
const PROMOTER = scored(day(0.5), 10);
const CRITIC = scored(day(0.5), 2);

describe('if', () => {
  it('of series and step: not decided without one of the traits, and cancelled when it ends', () => {
    for (const series of [newcomers({ if: ['promoter', 'neutral'] }), newcomers({}, { if: ['promoter', 'neutral'] })]) {
      expect(fate(series, [order], 'hello/1', day(1))).toBe(NOT_YET);
      expect(fate(series, [order, PROMOTER], 'hello/1', day(1))).toBe('send');
      const worse = scored(day(1) + 1, 0);
      const ended = fateAfter(series, [order, PROMOTER], [worse], 'hello/1', day(1), day(1) + 1);
      expect(ended).toBe('cancelled: no longer fits');
    }
    const both = newcomers({ if: ['promoter'] }, { if: ['efficient'] });
    expect(fate(both, [order, PROMOTER], 'hello/1', day(1))).toBe(NOT_YET);
  });

  it('that comes to hold while the message is fresh: it is decided then', () => {
    const series = newcomers({ if: ['promoter'] });
    expect(fate(series, [order, scored(day(8), 10)], 'hello/1', day(8))).toBe('send');
    expect(fate(series, [order, scored(day(8) + 1, 10)], 'hello/1', day(8) + 1)).toBe(NOT_YET);
  });
});

describe('unless', () => {
  it('of series and step: decided and withheld in one write, with the trait', () => {
    for (const series of [newcomers({ unless: ['critic'] }), newcomers({}, { unless: ['critic'] })]) {
      expect(fate(series, [order], 'hello/1', day(1))).toBe('send');
      expect(fate(series, [order, CRITIC], 'hello/1', day(1))).toBe('withheld: not for critic');
    }
  });

  it('that comes to hold later withholds what is waiting', () => {
    const series = newcomers({ unless: ['was-critic', 'critic'] });
    const late = scored(day(1) + 1, 2);
    expect(fateAfter(series, [order], [late], 'hello/1', day(1), day(1) + 1)).toBe('withheld: not for was-critic');
  });

  it('is asked at the claim, too', () => {
    const playbook = playing(newcomers({ unless: ['critic'] }));
    const unaware = customerAfter([order], day(1), {}, playbook);
    const aware = customerAfter(
      [order, scored(day(1), 2)],
      day(1),
      { pending: unaware.pending, closing: {} },
      playbook,
    );
    expect(fateOf(aware, '1/tests/hello/1', playbook, day(1))).toBe('not for critic');
  });

  it('uses up the turn of a series at intervals', () => {
    const series: Series = {
      id: 'often',
      trigger: 'interval',
      stages: ['new'],
      every: 2 * DAY,
      since: 'own',
      unless: ['critic'],
      steps: [step('often', 5, { fresh: DAY })],
    };
    const playbook = playing(series);
    const { episodes, closing } = customerAfter([scored(day(0), 2), order], day(0), {}, playbook);
    expect(episodes).toMatchObject({ often: { n: 1, beganAt: day(0) } });
    expect(closing['1/tests/often/1']).toMatchObject({ reason: 'not for critic' });
  });
});

describe('follows', () => {
  const following: StageSeries = {
    ...newcomers(),
    steps: [
      { ...step('hello', 6), after: 0 },
      { ...step('again', 5, { follows: 'hello' }), after: 14 * DAY },
    ],
  };
  const playbook = playing(following);
  const AGAIN = '1/tests/again/1';
  /** What becomes of the second when this is remembered of the first. */
  const fateWith = (memory: Memory) => {
    const customer = customerAfter([order], day(13), { pending: {}, ...memory }, playbook);
    return fateOf(reacted(customer, [], day(14), playbook).customer, AGAIN, playbook, day(14));
  };
  const sent = (key: string, shadow?: true) => ({ recent: [{ key, at: day(0), ...(shadow && { shadow }) }] });

  it('a mail that was sent: it is decided as ever', () => {
    expect(fateWith(sent('1/tests/hello/1'))).toBe('send');
  });

  it('a mail that was sent late: it keeps the distance the two have in the playbook', () => {
    const late = { recent: [{ key: '1/tests/hello/1', at: day(3) }] };
    expect(fateWith(late)).toBe(NOT_YET);
    const customer = customerAfter([order], day(13), { pending: {}, ...late }, playbook);
    const at = (t: Instant) => fateOf(reacted(customer, [], t, playbook).customer, AGAIN, playbook, t);
    expect(at(day(17) - 1)).toBe(NOT_YET);
    expect(at(day(17))).toBe('send');
    expect(nextDue(customer, playbook, day(13))).toBe(day(17));
  });

  it('a mail that was shown in shadow: the series goes on, live as well', () => {
    const shown = customerAfter([order], day(13), { pending: {}, ...sent('1/tests/hello/1', true) }, playbook);
    const decided = reacted(shown, [], day(14), playbook).customer;
    expect(fateOf(withoutShadow(decided), AGAIN, playbook, day(14))).toBe('send');
  });

  it('nothing: it is decided and withheld in one write', () => {
    const why = 'withheld: nothing to follow';
    expect(fateWith({})).toBe(why);
    expect(fateWith({ closed: [{ key: '1/tests/hello/1', until: day(99) }] })).toBe(why);
    // Of another episode, another life, another programme.
    for (const key of ['1/tests/hello/0', '2/tests/hello/1', '1/others/hello/1']) expect(fateWith(sent(key))).toBe(why);
  });

  it('is remembered for as long as it may be followed', () => {
    const late: StageSeries = {
      ...following,
      steps: following.steps.map((each) => (each.follows ? { ...each, after: 58 * DAY } : { ...each, cooldown: DAY })),
    };
    const quick = { ...playing(late), repeatAfter: DAY, cooldown: DAY };
    const key = '1/tests/hello/1';
    const last = { key: '1/gone/last/0', at: day(1) };
    const customer = customerAfter([order], day(1), { pending: {}, recent: [{ key, at: day(0) }, last] }, quick);
    const remembered = (t: Instant) => forget(customer, quick, t).recent.map((each) => each.key);
    expect(remembered(day(58))).toStrictEqual([key, last.key]);
    expect(remembered(day(65))).toStrictEqual([last.key]);
  });
});

describe('stages of series of traits and cases', () => {
  const checkout: CaseSeries = {
    id: 'ready',
    trigger: 'case',
    of: 'checkout',
    stages: ['lead'],
    steps: [{ ...step('resume', 5), from: 'opened', after: HOUR }],
  };
  const promoters: TraitSeries = {
    id: 'promoters',
    trigger: 'trait',
    trait: 'promoter',
    stages: ['lead'],
    steps: [{ ...step('thanks', 5), after: HOUR }],
  };

  it('are the only ones it is meant in', () => {
    const started = checkedOut(day(0));
    expect(fate(checkout, [started], `resume/${started.id}`, day(0) + HOUR)).toBe('send');
    expect(fate(checkout, [bought(day(-1)), started], `resume/${started.id}`, day(0) + HOUR)).toBe(NOT_YET);
    expect(fate(promoters, [scored(day(0), 9)], 'thanks/1', day(0) + HOUR)).toBe('send');
    const buys = bought(day(0) + 2 * HOUR);
    expect(fateAfter(promoters, [scored(day(0), 9)], [buys], 'thanks/1', day(0) + HOUR, day(0) + 2 * HOUR)).toBe(
      'cancelled: stage is new',
    );
  });
});

describe('a series of a trait', () => {
  const series: TraitSeries = {
    id: 'promoters',
    trigger: 'trait',
    trait: 'promoter',
    steps: [
      { ...step('bonus', 6), after: HOUR },
      { ...step('recommend', 5), after: 14 * DAY },
    ],
  };
  const becomes = scored(day(0), 9);

  it('counts from the beginning of the trait', () => {
    expect(fate(series, [becomes], 'bonus/1', day(0) + HOUR - 1)).toBe(NOT_YET);
    expect(fate(series, [becomes], 'bonus/1', day(0) + HOUR)).toBe('send');
    expect(fate(series, [becomes], 'recommend/1', day(14))).toBe('send');
    const playbook = playing(series);
    expect(nextDue(customerAfter([becomes], day(0), {}, playbook), playbook, day(0))).toBe(day(0) + HOUR);
  });

  it('is over with the trait', () => {
    const changed = scored(day(0) + 2 * HOUR, 7);
    expect(fateAfter(series, [becomes], [changed], 'bonus/1', day(0) + HOUR, day(0) + 2 * HOUR)).toBe(
      'cancelled: trait is over',
    );
    expect(fate(series, [becomes, changed], 'recommend/1', day(14))).toBe(NOT_YET);
  });

  it('goes on where it was when the trait comes back soon, and begins anew when it comes back late', () => {
    const over = scored(day(1), 7);
    expect(fate(series, [becomes, over, scored(day(10), 9)], 'recommend/1', day(14))).toBe('send');
    expect(fate(series, [becomes, over, scored(day(61), 9)], 'bonus/2', day(61) + HOUR)).toBe('send');
  });

  it('names the cart where the trait is about it, else the last order, as the cause', () => {
    const causeOf = (trait: string, events: readonly CustomerEvent[], t: Instant) => {
      const only: TraitSeries = { id: 'x', trigger: 'trait', trait, steps: [{ ...step('x', 5), after: 0 }] };
      return customerAfter(events, t, {}, playing(only)).pending['1/tests/x/1']?.cause;
    };
    const cart = filledCart(day(0));
    expect(causeOf('hesitant', [cart], day(1))).toBe(cart.id);
    expect(causeOf('promoter', [order, becomes], day(0))).toBe(order.id);
    expect(causeOf('promoter', [becomes], day(0))).toBeUndefined();
  });
});

describe('an offer', () => {
  const interest: Interest = {
    latest: day(0),
    studied: { since: day(0), until: day(30), by: 'specification', count: 3, days: 1 },
    first: { at: day(0), views: [] },
  };
  const offering = SHIPPED.programmes.flatMap(({ series }) =>
    series.flatMap((each) => each.steps.filter(({ offer }) => offer !== undefined)),
  );

  it('is in the shipped playbook', () => {
    expect(offering.map(({ id }) => id)).toContain('promoter-bonus');
  });

  it.each(offering.map(({ id, offer = '' }) => ({ id, offer })))(
    'reaches nobody who studies a problem, though $id says nothing of it',
    ({ id, offer }) => {
      const series: TraitSeries = {
        id: 'kind',
        trigger: 'trait',
        trait: 'promoter',
        steps: [{ ...step(id, 5, { offer }), after: 0 }],
      };
      const playbook = { ...playing(series), offers: SHIPPED.offers };
      const becoming = customerAfter([], day(0), {}, playbook);
      const { facts } = becoming;
      const key = `1/tests/${id}/1`;
      const decidedFor = (customer: Living) =>
        fateOf(reacted(customer, [scored(day(0), 9)], day(0), playbook).customer, key, playbook, day(0));
      expect(decidedFor({ ...becoming, facts: { ...facts, interest } })).toBe('withheld: not for researcher');
      expect(decidedFor(becoming)).toBe('send');
    },
  );
});

describe('a series of a case', () => {
  const late: CaseSeries = {
    id: 'late',
    trigger: 'case',
    of: 'late-order',
    steps: [
      { ...step('sorry', 5, { class: 'service' }), from: 'opened', after: 0 },
      { ...step('here', 4, { class: 'service' }), from: 'closed', after: 0 },
    ],
  };
  const promised = bought(day(0), 'o', { promisedBy: new Date(day(4)).toISOString() });

  it('follows an opening that is to come: the timer knows', () => {
    const playbook = playing(late);
    expect(nextDue(customerAfter([promised], day(1), {}, playbook), playbook, day(1))).toBe(day(4));
    expect(fate(late, [promised], 'sorry/o', day(4) - 1)).toBe(NOT_YET);
    expect(fate(late, [promised], 'sorry/o', day(4))).toBe('send');
  });

  it('is over with the case, whoever or whatever ends it', () => {
    const after = (end: CustomerEvent) => fateAfter(late, [promised], [end], 'sorry/o', day(4), day(5));
    expect(after(delivered(day(5), 'o'))).toBe('cancelled: case is over');
    expect(after(cancelledOrder(day(5), 'o'))).toBe('cancelled: case is over');
    const long: CaseSeries = {
      ...late,
      steps: [{ ...step('sorry', 5, { fresh: 30 * DAY }), from: 'opened', after: 0 }],
    };
    expect(fateAfter(long, [promised], [], 'sorry/o', day(4), day(18) - 1)).toBe('send');
    expect(fateAfter(long, [promised], [], 'sorry/o', day(4), day(18))).toBe('cancelled: case is over');
  });

  it('follows the end that nobody made, and no other', () => {
    const given: CaseSeries = {
      ...late,
      steps: [{ ...step('gone', 5, { class: 'service' }), from: 'ended', after: 0 }],
    };
    const playbook = playing(given);
    // Fourteen days after the promise nobody is told any more that an order is late.
    expect(nextDue(customerAfter([promised], day(1), {}, playbook), playbook, day(1))).toBe(day(18));
    expect(fate(given, [promised], 'gone/o', day(18) - 1)).toBe(NOT_YET);
    expect(fate(given, [promised], 'gone/o', day(18))).toBe('send');
    expect(fate(given, [promised, delivered(day(5), 'o')], 'gone/o', day(18))).toBe(NOT_YET);
    expect(fateAfter(given, [promised], [delivered(day(19), 'o')], 'gone/o', day(18), day(19))).toBe(
      'cancelled: case is over',
    );
  });

  it('follows the closing, and not if the case is open again', () => {
    expect(fate(late, [promised, delivered(day(5), 'o')], 'here/o', day(5))).toBe('send');
    expect(fate(late, [promised, delivered(day(3), 'o')], 'here/o', day(5))).toBe(NOT_YET);
    const changes: CaseSeries = {
      id: 'change',
      trigger: 'case',
      of: 'change',
      steps: [{ ...step('done', 5, { class: 'service' }), from: 'closed', after: 0 }],
    };
    const ask = (at: Instant) => event('Change Requested', at, { changeId: 'c', what: 'a date' });
    const confirmed = event('Change Confirmed', day(1), { changeId: 'c' });
    expect(fateAfter(changes, [ask(day(0)), confirmed], [ask(day(2))], 'done/c', day(1), day(2))).toBe(
      'cancelled: case is open again',
    );
  });

  it('is for what the case is about', () => {
    const answers: CaseSeries = {
      id: 'answers',
      trigger: 'case',
      of: 'answer',
      steps: [
        { ...step('fit', 5, { class: 'service' }), from: 'opened', after: 0, about: ['obstacle-fit'] },
        { ...step('other', 4, { class: 'service' }), from: 'opened', after: 0, about: ['obstacle-company'] },
      ],
    };
    const said = (answer: string, at: Instant) => answered(at, answer, 'obstacle');
    const [{ id } = { id: '' }] = casesOf(customerAfter([said('fit', day(0))], day(0)), SHIPPED, 'answer');
    expect(fate(answers, [said('fit', day(0))], `fit/${id}`, day(0))).toBe('send');
    expect(fate(answers, [said('fit', day(0))], `other/${id}`, day(0))).toBe(NOT_YET);
    // They thought better of it: what they said first is answered all the same.
    const changed = [said('company', day(0) + 1)];
    expect(fateAfter(answers, [said('fit', day(0))], changed, `fit/${id}`, day(0), day(0) + 1)).toBe('send');
  });

  it('that changes what it is about is another one', () => {
    const changes: CaseSeries = {
      id: 'change',
      trigger: 'case',
      of: 'change',
      steps: [{ ...step('terms', 5, { class: 'service' }), from: 'opened', after: 0, about: ['priced'] }],
    };
    const ask = (at: Instant, cost?: number) =>
      event('Change Requested', at, {
        changeId: 'c',
        what: 'a date',
        ...(cost !== undefined && { cost, currency: 'EUR' }),
      });
    expect(fateAfter(changes, [ask(day(0), 5)], [ask(day(1))], 'terms/c', day(0), day(1))).toBe(
      'cancelled: case is over',
    );
    // Said again, the same terms are the same request.
    expect(fateAfter(changes, [ask(day(0), 5)], [ask(day(1), 5)], 'terms/c', day(0), day(1))).toBe('send');
  });

  it('pauses while the customer is dissatisfied, if it is promotional', () => {
    const asks: CaseSeries = {
      id: 'nps',
      trigger: 'case',
      of: 'order',
      steps: [{ ...step('nps', 5), from: 'opened', after: 30 * DAY }],
    };
    expect(fate(asks, [order], 'nps/o', day(30))).toBe('send');
    const trouble = [order, complained(day(10)), resolved(day(12))];
    expect(fate(asks, trouble, 'nps/o', day(39) - 1)).toBe(NOT_YET);
    expect(fate(asks, trouble, 'nps/o', day(39))).toBe('send');
  });

  it('of attention waits for somebody to take care, and is over when they have', () => {
    const asked: CaseSeries = {
      id: 'asked',
      trigger: 'case',
      of: 'attention',
      steps: [{ ...step('letter', 5), from: 'opened', after: 3 * DAY, about: ['critic'] }],
    };
    const playbook = playing(asked);
    const raised: Attention = { id: '1/critic/e', reason: 'critic', priority: 'normal', at: day(0), cause: 'e' };
    const known = { ...customerAfter([], day(0), {}, playbook), attention: [raised] };
    const key = '1/tests/letter/1/critic/e';
    expect(nextDue(known, playbook, day(0))).toBe(day(3));
    const decided = decide(known, playbook, day(3));
    expect(fateOf(decided, key, playbook, day(3))).toBe('send');
    const handled = event('Attention Handled', day(3) + 1, { attentionId: raised.id });
    const after = reacted(decided, [handled], day(3) + 1, playbook).customer;
    expect(fateOf(after, key, playbook, day(3) + 1)).toBe('cancelled: case is over');
  });
});

describe('an answer that stops', () => {
  const asks = { question: 'reason', answers: ['price', 'no-need'], stops: ['no-need'] };
  const series = newcomers({
    steps: [
      { ...step('ask', 6, { asks, fresh: HOUR }), after: 0 },
      { ...step('again', 5), after: 5 * DAY },
    ],
  });

  it('ends the rest of the episode: nothing further is decided, and what waits is cancelled', () => {
    expect(fate(series, [order, answered(day(1), 'price')], 'again/1', day(5))).toBe('send');
    expect(fate(series, [order, answered(day(1), 'no-need')], 'again/1', day(5))).toBe(NOT_YET);
    expect(fateAfter(series, [order], [answered(day(6), 'no-need')], 'again/1', day(5), day(6))).toBe(
      'cancelled: answered: no-need',
    );
  });

  it('counts from the beginning of the episode on, and a later answer takes it back', () => {
    expect(fate(series, [answered(day(-1), 'no-need'), order], 'again/1', day(5))).toBe('send');
    expect(fate(series, [order, answered(day(0), 'no-need')], 'again/1', day(5))).toBe(NOT_YET);
    expect(fate(series, [order, answered(day(1), 'no-need'), answered(day(2), 'price')], 'again/1', day(5))).toBe(
      'send',
    );
    expect(fate(series, [order, answered(day(1), 'no-need', 'start')], 'again/1', day(5))).toBe('send');
  });

  it('ends the rest of a case and of a trait, too', () => {
    const trait: TraitSeries = {
      id: 'promoters',
      trigger: 'trait',
      trait: 'promoter',
      steps: [{ ...step('again', 5, { asks }), after: DAY }],
    };
    const said = answered(day(0.5), 'no-need');
    expect(fate(trait, [scored(day(0), 9), said], 'again/1', day(1))).toBe(NOT_YET);
    const ofCase: CaseSeries = {
      id: 'orders',
      trigger: 'case',
      of: 'order',
      steps: [{ ...step('again', 5, { asks }), from: 'opened', after: DAY }],
    };
    expect(fate(ofCase, [order, said], 'again/o', day(1))).toBe(NOT_YET);
    expect(fate(ofCase, [order], 'again/o', day(1))).toBe('send');
  });
});

describe('a series that waits for a trait', () => {
  const series = newcomers({ waitsFor: ['interested'] });
  const quick = newcomers({
    waitsFor: ['interested'],
    steps: [{ ...step('hello', 5, { fresh: 2 * DAY }), after: DAY }],
  });

  it('counts only the time outside of it', () => {
    const looks = checkedOut(day(0.5));
    expect(fate(series, [order, looks], 'hello/1', day(1))).toBe(NOT_YET);
    expect(fate(series, [order, looks], 'hello/1', day(8) - 1)).toBe(NOT_YET);
    expect(fate(series, [order, looks], 'hello/1', day(8))).toBe('send');
    const playbook = playing(series);
    expect(nextDue(customerAfter([order, looks], day(2), {}, playbook), playbook, day(2))).toBe(day(7.5));
  });

  it('defers what is pending to the end, and what waits does not age', () => {
    const looks = checkedOut(day(1) + HOUR);
    const at = (t: Instant) => fateAfter(quick, [order], [looks], 'hello/1', day(1), t);
    expect(at(day(1) + HOUR)).toBe('interest comes first');
    expect(at(day(8) + HOUR - 1)).toBe('interest comes first');
    expect(at(day(8) + HOUR)).toBe('send');
    expect(at(day(10))).toBe('send');
    expect(at(day(10) + 1)).toBe('withheld: stale');
  });

  it('defers by the claim until the end of the interest', () => {
    const playbook = playing(quick);
    const decided = customerAfter([order], day(1), {}, playbook);
    const { customer } = reacted(decided, [checkedOut(day(1) + HOUR)], day(1) + HOUR, playbook);
    const message: Pending = { moment: day(1), decidedAt: day(1), attempt: 1 };
    const verdict = permit(customer, '1/tests/hello/1', message, playbook, day(1) + HOUR, OPEN, undefined);
    expect(verdict).toStrictEqual({ kind: 'defer', until: day(8) + HOUR, reason: 'interest comes first' });
    // The timer waits as long.
    const waiting = { ...customer, pending: { '1/tests/hello/1': { ...message, notBefore: day(8) + HOUR } } };
    expect(nextDue({ ...waiting, evaluatedAt: day(8) }, playbook, day(8))).toBe(day(8) + HOUR);
  });

  it('is held from the start when it is decided in the middle of it', () => {
    const playbook = playing(quick);
    const unseen = customerAfter([order, checkedOut(day(1) + HOUR)], day(1) + HOUR, {}, playbook);
    expect(unseen.pending['1/tests/hello/1']).toMatchObject({
      notBefore: day(8) + HOUR,
      heldBy: 'interest comes first',
    });
  });
});

describe('a step that goes through trouble', () => {
  const ready: CaseSeries = {
    id: 'ready',
    trigger: 'case',
    of: 'checkout',
    steps: [
      { ...step('resume', 5, { fresh: DAY, cooldown: 7 * DAY }), from: 'opened', after: HOUR, throughTrouble: 3 * DAY },
    ],
  };
  const playbook = playing(ready);
  const started = checkedOut(day(0));
  const first = `resume/${started.id}`;
  const second = `resume.1/${started.id}`;
  const fates = (events: readonly CustomerEvent[], t: Instant) =>
    [first, second].map((key) => fate(ready, [started, ...events], key, t));

  it('comes once, when nothing is wrong', () => {
    expect(fates([], day(0) + HOUR)).toStrictEqual(['send', NOT_YET]);
  });

  it('is withheld at its moment while something is wrong', () => {
    for (const trouble of [complained(day(-1)), reviewed(day(-1), 1), stoppedRenewal(day(-1), day(30))]) {
      expect(fates([trouble], day(0) + HOUR)).toStrictEqual(['open complaint', NOT_YET]);
    }
  });

  it('is made up for when that is settled in time, without the rest that follows', () => {
    const settled = (at: Instant): readonly (readonly CustomerEvent[])[] => [
      [complained(day(-1)), resolved(at)],
      [reviewed(day(-1), 1), reviewed(at, 5)],
      [stoppedRenewal(day(-1), day(30)), resumedRenewal(at)],
    ];
    for (const events of settled(day(2))) expect(fates(events, day(2))).toStrictEqual([NOT_YET, 'send']);
    for (const events of settled(day(3))) expect(fates(events, day(3))[1]).toBe('send');
    for (const events of settled(day(3) + 1)) expect(fates(events, day(3) + 1)[1]).toBe(NOT_YET);
    expect(fates([complained(day(-1)), resolved(day(2))], day(3) + 1)[1]).toBe(NOT_YET);
  });

  it('is not made up for when nobody settled it, when another trouble lasts, or when the case was closed', () => {
    const faded = [complained(day(2) - 45 * DAY)];
    expect(fates(faded, day(2))).toStrictEqual([NOT_YET, NOT_YET]);
    const another = [complained(day(-1)), complained(day(-1), 'k-2'), resolved(day(2))];
    expect(fates(another, day(2))[1]).toBe(NOT_YET);
    expect(fates([...another, resolved(day(2.5), 'k-2')], day(2.5))[1]).toBe('send');
    const settled = [complained(day(-1)), resolved(day(2))];
    expect(fates([...settled, bought(day(1))], day(2))[1]).toBe(NOT_YET);
    expect(fates([...settled, filledCart(day(1), 0)], day(2))[1]).toBe(NOT_YET);
    // What was over before is no reason.
    expect(fates([complained(day(-3)), resolved(day(-1))], day(0) + HOUR)).toStrictEqual(['open complaint', NOT_YET]);
  });

  it('comes no earlier than its moment when all is well before that', () => {
    const soon = [complained(day(-1)), resolved(day(0) + 10 * MINUTE)];
    expect(fates(soon, day(0) + HOUR - 1)).toStrictEqual([NOT_YET, NOT_YET]);
    expect(fates(soon, day(0) + HOUR)[1]).toBe('send');
  });

  it('made up for, it is cancelled by an order, and withheld when something is wrong again', () => {
    const settled = [started, complained(day(-1)), resolved(day(2))];
    const after = (...events: readonly CustomerEvent[]) =>
      fateAfter(ready, settled, events, second, day(2), day(2) + 1);
    expect(after(bought(day(2) + 1))).toBe('cancelled: case is over');
    expect(after(complained(day(2) + 1, 'k-2'))).toBe('open complaint');
  });

  it('is the same mail for the cooldown, whether made up for or not', () => {
    const earlier = (at: Instant) => {
      const recent = [{ key: '1/tests/resume/another', at }];
      const customer = { ...customerAfter([started], day(0) + HOUR, {}, playbook), recent };
      return fateOf(customer, `1/tests/${first}`, playbook, day(0) + HOUR);
    };
    expect(earlier(day(-7) + HOUR + 1)).toBe('same step recently');
    expect(earlier(day(-7) + HOUR)).toBe('send');
    const madeUp = customerAfter([started, complained(day(-1)), resolved(day(2))], day(2), {}, playbook);
    const recent = [{ key: '1/tests/resume/another', at: day(-4) }];
    expect(fateOf({ ...madeUp, recent }, `1/tests/${second}`, playbook, day(2))).toBe('same step recently');
  });
});

describe('the cooldown', () => {
  const own = newcomers({}, { cooldown: 5 * DAY });
  const sent = (series: Series, ago: number, key = '1/tests/hello/0') => {
    const playbook = playing(series);
    const customer = { ...customerAfter([order], day(1), {}, playbook), recent: [{ key, at: day(1) - ago }] };
    return fateOf(customer, '1/tests/hello/1', playbook, day(1));
  };

  it('is that of the step, or else that of the playbook', () => {
    expect([sent(own, 5 * DAY - 1), sent(own, 5 * DAY)]).toStrictEqual(['same step recently', 'send']);
    expect([sent(newcomers(), 60 * DAY - 1), sent(newcomers(), 60 * DAY)]).toStrictEqual([
      'same step recently',
      'send',
    ]);
    expect(sent(own, 2 * DAY, '1/tests/other/0')).toBe('send');
  });

  it('keeps a mail in mind for as long as its step needs', () => {
    const long = playing(newcomers({}, { cooldown: 200 * DAY }));
    const known = customerAfter([order], day(1), {}, long);
    const recent = [
      { key: '1/tests/hello/0', at: day(200) - 200 * DAY + 1 },
      { key: '1/gone/step/0', at: day(200) - 91 * DAY },
      { key: '1/gone/step/1', at: day(200) - 90 * DAY },
    ];
    const [needed, , last] = recent;
    expect(decide({ ...known, recent }, long, day(200)).recent).toStrictEqual([needed, last]);
    expect(decide({ ...known, recent }, long, day(200) + 1).recent).toStrictEqual([last]);
  });

  it('keeps the last mail in mind, however old: it says since when somebody has heard nothing', () => {
    const plain = playing(newcomers());
    const known = customerAfter([order], day(1), {}, plain);
    const settledLate = [3, 9, 6].map((each) => ({ key: `1/gone/step-${each}/0`, at: day(each) }));
    expect(forget({ ...known, recent: settledLate }, plain, day(900)).recent).toStrictEqual([settledLate[1]]);
  });

  it('keeps as many mails as somebody has to leave unclicked, however old', () => {
    const counting = playing(newcomers());
    const { neutral } = counting.traits;
    const clicks: Playbook = {
      ...counting,
      traits: { ...counting.traits, neutral: { ...neutral, clicksReported: true, mailsWithoutClick: 2 } },
    };
    const known = customerAfter([order], day(1), {}, clicks);
    const recent = [1, 2, 3].map((each) => ({ key: `1/gone/step-${each}/0`, at: day(each) }));
    expect(decide({ ...known, recent }, clicks, day(300)).recent).toStrictEqual(recent.slice(1));
    expect(decide({ ...known, recent }, counting, day(300)).recent).toStrictEqual(recent.slice(-1));
  });
});
