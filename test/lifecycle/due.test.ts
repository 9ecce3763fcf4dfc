/** The one timer of a customer: the earliest instant at which something is to be done, postponed lazily. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { nextDue, timerOf } from '../../shared/lifecycle/customer/due.ts';
import type { IssuedOffer, Living } from '../../shared/lifecycle/customer/profile.ts';
import { readyToStore } from '../../shared/lifecycle/customer/react.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { HOUR, NEVER } from '../../shared/lifecycle/time.ts';
import { customerAfter } from '../support/customers.ts';
import { bought, checkedOut, day } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES as PLAYBOOK, playing } from '../support/playbooks.ts';

const WELCOME = '1/onboarding/welcome/1';
const waiting = { moment: day(0), decidedAt: day(0), attempt: 1 };
/** New since day 0, the welcome sent: the guide comes on day 7. */
const settled = customerAfter([bought(day(0))], day(1), { pending: {}, recent: [{ key: WELCOME, at: day(0) }] });
const active = customerAfter([bought(day(6), 'a'), bought(day(10), 'b')], day(11), { pending: {} });

describe('due', () => {
  it('never, for somebody nothing is going to happen to', () => {
    expect(nextDue(customerAfter([], day(0)), PLAYBOOK, day(0))).toBe(NEVER);
    expect(timerOf(customerAfter([], day(0)), PLAYBOOK, day(0))).toBeUndefined();
  });

  it('at the next moment or the next change of stage, whichever is earlier', () => {
    expect(nextDue(settled, PLAYBOOK, day(1))).toBe(day(7));
    expect(nextDue({ ...settled, evaluatedAt: day(30) }, PLAYBOOK, day(30))).toBe(day(60));
    expect(nextDue({ ...active, evaluatedAt: day(31) }, PLAYBOOK, day(31))).toBe(day(50));
  });

  it('at the next change of a trait', () => {
    const asking = playing({ id: 'interested', trigger: 'trait', trait: 'interested', steps: [] });
    // A checkout is fresh interest for a week.
    expect(nextDue(customerAfter([checkedOut(day(0))], day(2), {}, asking), asking, day(2))).toBe(day(7));
  });

  it('at a change of stage nobody has observed yet, even if it is past', () => {
    expect(nextDue({ ...active, evaluatedAt: day(99) }, PLAYBOOK, day(150))).toBe(day(100));
  });

  it('no earlier than the programme starts', () => {
    const later: Playbook = {
      ...PLAYBOOK,
      programmes: PLAYBOOK.programmes.map((each) => ({ ...each, startsAt: day(9) })),
    };
    expect(nextDue(settled, later, day(1))).toBe(day(9));
  });

  it('now, while a message waits for its turn, is closing, or has come and was not decided', () => {
    expect(nextDue({ ...settled, pending: { [WELCOME]: waiting } }, PLAYBOOK, day(1))).toBe(day(1));
    expect(nextDue({ ...settled, pending: { [WELCOME]: { ...waiting, notBefore: day(1) } } }, PLAYBOOK, day(1))).toBe(
      day(1),
    );
    const closing = { [WELCOME]: { ...waiting, outcome: 'withheld' as const, reason: 'x', closedAt: day(0) } };
    expect(nextDue({ ...settled, closing }, PLAYBOOK, day(1))).toBe(day(1));
    expect(nextDue(settled, PLAYBOOK, day(7.5))).toBe(day(7.5));
  });

  it('at once for a code the shop was not asked for, and an hour later while it has not confirmed it', () => {
    const offer = { key: WELCOME, offer: 'gift', offerId: 'o', percent: 10, code: 'C', issuedAt: day(1) };
    const issued: IssuedOffer = { ...offer, expiresAt: day(9), confirmBy: day(2) };
    const dueWith = (
      made: IssuedOffer,
      pending: Living['pending'] = { [WELCOME]: { ...waiting, notBefore: day(2) } },
    ) => nextDue({ ...settled, pending, offers: [made] }, PLAYBOOK, day(1));
    expect(dueWith(issued)).toBe(day(1));
    expect(dueWith({ ...issued, asked: { at: day(1), cause: 'wake' } })).toBe(day(1) + HOUR);
    // Nobody waits for it.
    expect(dueWith(issued, {})).toBe(day(7));
  });

  it('when a deferred message may go, or goes stale', () => {
    const deferred = (notBefore: number): Living => ({
      ...settled,
      recent: [],
      pending: { [WELCOME]: { ...waiting, notBefore: day(notBefore) } },
    });
    expect(nextDue(deferred(2), PLAYBOOK, day(1))).toBe(day(2));
    expect(nextDue(deferred(6), PLAYBOOK, day(1))).toBe(day(3) + 1);
    const unwanted = { ...deferred(2), pending: { '1/win-back/ask/1': { ...waiting, notBefore: day(2) } } };
    expect(nextDue(unwanted, PLAYBOOK, day(1))).toBe(day(1));
  });

  it('when a claim ends, and when the previous life is to be deleted again', () => {
    const flight = { [WELCOME]: { ...waiting, token: 't', lease: day(1) + HOUR } };
    expect(nextDue({ ...settled, flight }, PLAYBOOK, day(1))).toBe(day(1) + HOUR);
    const previousLife = { erasedAt: day(0), deleteAt: day(1) + 5 };
    expect(nextDue({ ...settled, previousLife }, PLAYBOOK, day(1))).toBe(day(1) + 5);
    expect(nextDue({ ...settled, previousLife: { erasedAt: day(0) } }, PLAYBOOK, day(1))).toBe(day(7));
  });

  it('when an interval that is not to be used is over: nobody is forgotten', () => {
    const later: Playbook = {
      ...PLAYBOOK,
      programmes: PLAYBOOK.programmes.map((each) => ({ ...each, startsAt: day(51) })),
    };
    expect(nextDue({ ...active, evaluatedAt: day(51) }, later, day(51))).toBe(day(57) + 1);
  });
});

describe('the timer', () => {
  const at = (dueAt: number) => timerOf({ ...settled, dueAt: day(dueAt) }, PLAYBOOK, day(1));

  it('is set to what is due', () => {
    expect(timerOf(settled, PLAYBOOK, day(1))).toBe(day(7));
  });

  it('stays when it is earlier than needed but still to come', () => {
    expect(at(5)).toBe(day(5));
    expect(at(7)).toBe(day(7));
  });

  it('moves earlier when it has to, and on when it has fired', () => {
    expect(at(8)).toBe(day(7));
    expect(at(1)).toBe(day(7));
    expect(at(0.5)).toBe(day(7));
  });

  it('that has fired stays while something is still to be done', () => {
    const pending = { [WELCOME]: waiting };
    expect(timerOf({ ...settled, pending, dueAt: day(0) }, PLAYBOOK, day(1))).toBe(day(0));
    expect(timerOf({ ...settled, pending, dueAt: day(1) }, PLAYBOOK, day(1))).toBe(day(1));
  });

  it('is removed when nothing is going to happen any more', () => {
    expect(timerOf({ ...customerAfter([], day(0)), dueAt: day(0) }, PLAYBOOK, day(1))).toBeUndefined();
  });

  it('is stored with the next version', () => {
    expect(readyToStore({ ...settled, version: 4, dueAt: day(0) }, PLAYBOOK, day(1))).toMatchObject({
      version: 5,
      dueAt: day(7),
    });
    expect(readyToStore({ ...customerAfter([], day(0)), dueAt: day(0) }, PLAYBOOK, day(1))).not.toHaveProperty('dueAt');
  });
});
