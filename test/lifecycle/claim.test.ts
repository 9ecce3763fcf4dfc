/** The transitions of the sending protocol: what moves where, and what is remembered afterwards. */
import { describe, expect, it } from 'vitest';
import {
  defer,
  dropEnded,
  finishClosing,
  giveBack,
  readySince,
  repeat,
  type LedgerEntry,
  OUTCOME_UNKNOWN,
  settleRejected,
  settleSent,
  take,
} from '../../shared/lifecycle/customer/claim.ts';
import type { Closing, Flight, Pending } from '../../shared/lifecycle/customer/profile.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { customerAfter } from '../support/customers.ts';
import { CUSTOMER, day } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';

const KEY = '1/onboarding/welcome/1';
const OTHER = '1/onboarding/guide/1';
const message: Pending = { moment: day(0), decidedAt: day(0), attempt: 1, cause: 'e-1', notBefore: day(0.1) };
const other: Pending = { moment: day(7), decidedAt: day(7), attempt: 1 };
const flight: Flight = { ...message, token: 'mine', lease: day(1) };
const given = (memory: Parameters<typeof customerAfter>[2]) =>
  customerAfter([], day(0), { recent: [{ key: 'x', at: 1 }], closed: [{ key: 'y', until: 2 }], ...memory });

describe('take', () => {
  it('moves pending to flight with token and lease, and nothing else', () => {
    const before = given({ pending: { [KEY]: message, [OTHER]: other } });
    expect(take(before, KEY, message, { token: 'mine', lease: day(1) })).toStrictEqual({
      ...before,
      pending: { [OTHER]: other },
      flight: { [KEY]: flight },
    });
  });
});

describe('settle', () => {
  it('remembers what was sent for the caps', () => {
    const before = given({ flight: { [KEY]: flight, [OTHER]: { ...other, token: 't', lease: 1 } } });
    const after = settleSent(before, KEY, day(0.2));
    expect(Object.keys(after.flight)).toStrictEqual([OTHER]);
    expect(after.recent).toStrictEqual([
      { key: 'x', at: 1 },
      { key: KEY, at: day(0.2) },
    ]);
    expect(after.closed).toStrictEqual(before.closed);
  });

  it('remembers what was rejected until it is no longer fresh', () => {
    const after = settleRejected(given({ flight: { [KEY]: flight } }), KEY, flight, PLAYBOOK_FOR_RULES);
    expect(after.flight).toStrictEqual({});
    expect(after.closed).toStrictEqual([
      { key: 'y', until: 2 },
      { key: KEY, until: day(3) },
    ]);
    expect(after.recent).toHaveLength(1);
  });

  it('remembers a step that left the playbook for longer than anything is fresh', () => {
    const gone = '1/gone/step/1';
    const after = settleRejected(given({ flight: { [gone]: flight } }), gone, flight, PLAYBOOK_FOR_RULES);
    expect(after.closed.at(-1)).toStrictEqual({ key: gone, until: day(30) });
  });
});

describe('giving a claim back', () => {
  it('makes it pending again, without token and lease, the attempt not used up, with the wait and its reason', () => {
    const before = given({ flight: { [KEY]: flight } });
    const after = giveBack(before, KEY, flight, day(0.5), 'rate');
    expect(after.flight).toStrictEqual({});
    const wait = { notBefore: day(0.5), heldBy: 'rate', readySince: message.notBefore };
    expect(after.pending).toStrictEqual({ [KEY]: { ...message, ...wait } });
  });

  it('for a repeat counts the attempt', () => {
    const after = repeat(given({ flight: { [KEY]: flight } }), KEY, flight, day(0.5));
    expect(after.flight).toStrictEqual({});
    expect(after.pending).toStrictEqual({ [KEY]: { ...message, attempt: 2, notBefore: day(0.5) } });
  });

  it('a message that is taken is no longer held by anything', () => {
    const held = { ...message, heldBy: 'rate' };
    const after = take(given({ pending: { [KEY]: held } }), KEY, held, { token: 't', lease: day(1) });
    expect(after.flight[KEY]).toStrictEqual({ ...message, token: 't', lease: day(1) });
  });

  it('deferring only makes a pending message wait', () => {
    const before = given({ pending: { [KEY]: message, [OTHER]: other } });
    expect(defer(before, KEY, message, day(0.5), 'paused')).toStrictEqual({
      ...before,
      pending: { [KEY]: { ...message, notBefore: day(0.5), heldBy: 'paused' }, [OTHER]: other },
    });
  });
});

/** The message after these deferrals. */
const held = (from: Pending, ...waits: readonly (readonly [until: number, heldBy: string])[]) =>
  waits.reduce<Pending>(
    (each, [until, heldBy]) => defer(given({}), KEY, each, until, heldBy).pending[KEY] ?? each,
    from,
  );

describe('since when a message could go', () => {
  it.each<[string, Pending, number]>([
    ['since it was decided', other, day(7)],
    ['since the end of the night', held(other, [day(7.4), 'quiet hours']), day(7.4)],
    [
      'since it was decided, however often the rate put it off',
      held(other, [day(7.1), 'rate'], [day(8), 'rate']),
      day(7),
    ],
    ['since it was decided, while SES is out of order', held(other, [day(7.1), 'stopped: unreachable']), day(7)],
    ['since it was decided, while it cannot be made', held(other, [day(7.1), 'cannot be made']), day(7)],
    ['since the end of the night before the rate', held(other, [day(7.4), 'quiet hours'], [day(8), 'rate']), day(7.4)],
    ['since the end of the night after the rate', held(other, [day(7.1), 'rate'], [day(7.4), 'quiet hours']), day(7.4)],
    ['since the end of the pause', held(other, [day(7.1), 'rate'], [day(9), 'paused']), day(9)],
  ])('%s', (_, waiting, since) => {
    expect(readySince(waiting)).toBe(since);
  });
});

describe('closing', () => {
  const closing: Closing = { ...other, outcome: 'withheld', reason: 'stale', closedAt: day(20) };

  it('is finished into what is remembered until it is no longer fresh', () => {
    const after = finishClosing(given({ closing: { [OTHER]: closing } }), OTHER, PLAYBOOK_FOR_RULES);
    expect(after.closing).toStrictEqual({});
    expect(after.closed.at(-1)).toStrictEqual({ key: OTHER, until: day(14) });
  });

  it('finished by somebody else is left alone', () => {
    const before = given({});
    expect(finishClosing(before, OTHER, PLAYBOOK_FOR_RULES)).toBe(before);
  });
});

describe('a message the ledger knows the end of', () => {
  const entry = (fields: Partial<LedgerEntry>): LedgerEntry => ({
    customerId: CUSTOMER,
    key: KEY,
    outcome: 'withheld',
    moment: day(0),
    decidedAt: day(0),
    endedAt: day(0.3),
    attempt: 1,
    ...fields,
  });
  const before = given({ pending: { [KEY]: message }, flight: { [KEY]: flight } });
  const dropped = (fields: Partial<LedgerEntry>) => dropEnded(before, KEY, message, entry(fields), PLAYBOOK_FOR_RULES);

  it('is dropped, and remembered until it is no longer fresh', () => {
    const after = dropped({});
    expect(after).toMatchObject({ pending: {}, flight: {} });
    expect(after.closed.at(-1)).toStrictEqual({ key: KEY, until: day(3) });
    expect(after.recent).toStrictEqual(before.recent);
  });

  it('counts for the caps from its end when it was, or may have been, sent', () => {
    const counted = { key: KEY, at: day(0.3) };
    expect(dropped({ outcome: 'sent' }).recent.at(-1)).toStrictEqual(counted);
    expect(dropped({ outcome: 'sent', shadow: true }).recent.at(-1)).toStrictEqual({ ...counted, shadow: true });
    expect(dropped({ outcome: 'failed', reason: OUTCOME_UNKNOWN }).recent.at(-1)).toStrictEqual(counted);
    expect(dropped({ outcome: 'failed', reason: 'rejected: MessageRejected' }).recent).toStrictEqual(before.recent);
  });

  it('that ended long ago is not decided anew: both memories hold it', () => {
    const after = dropped({ outcome: 'sent', endedAt: day(-100) });
    expect(after.closed.at(-1)).toStrictEqual({ key: KEY, until: day(3) });
    expect(after.closed.at(-1)?.until).toBe(day(0) + 3 * DAY);
  });
});
