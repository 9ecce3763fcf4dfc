/** Recording and sending over the memory store: journal, erasure, redelivery, claims, and what is said on the bus. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { ANNOUNCED } from '../../shared/contracts/bus.ts';
import { NOTE } from '../../shared/contracts/notes.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { hash32 } from '../../shared/lifecycle/facts/digest.ts';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import {
  bought,
  cancelledOrder,
  complained,
  CUSTOMER,
  day,
  delivered,
  erasureRequested,
  event,
  loggedIn,
  registered,
  resolved,
} from '../support/events.ts';
import { Pipeline } from '../support/pipeline.ts';
import { PLAYBOOK_FOR_RULES } from '../support/playbooks.ts';

const WELCOME = '1/onboarding/welcome/1';
const pipelineAt = (now: number) => new Pipeline(PLAYBOOK_FOR_RULES, now);

async function withCustomer(...events: readonly CustomerEvent[]): Promise<Pipeline> {
  const pipeline = pipelineAt(day(0));
  await pipeline.play([registered(day(0)), ...events]);
  return pipeline;
}

describe('a new customer', () => {
  it('is announced and welcomed', async () => {
    const pipeline = await withCustomer(bought(day(0)));
    expect(pipeline.sent).toStrictEqual(['onboarding/welcome']);
    expect(pipeline.announced.map(({ detailType, id }) => [detailType, id])).toStrictEqual([
      [ANNOUNCED.stageChanged, `${CUSTOMER}/1/new/${day(0)}`],
      [ANNOUNCED.messageDue, `${CUSTOMER}/${WELCOME}/1`],
    ]);
    expect(pipeline.announced[0]?.data).toStrictEqual({
      customerId: CUSTOMER,
      from: 'lead',
      to: 'new',
      at: new Date(day(0)).toISOString(),
      reasons: ['first order', 'no further order within 60 days so far'],
    });
    expect(pipeline.announced[1]?.data).toStrictEqual({
      customerId: CUSTOMER,
      key: WELCOME,
      programme: 'onboarding',
      step: 'welcome',
    });
    expect(await pipeline.ledger()).toStrictEqual(['onboarding/welcome/1 sent']);
  });

  it('gets the whole programme in its time', async () => {
    const pipeline = await withCustomer(bought(day(0), 'a'), delivered(day(1), 'a'));
    await pipeline.waitUntil(day(55));
    expect(pipeline.mailer.accepted.map(({ key, at }) => [key, (at - day(0)) / DAY])).toStrictEqual([
      [WELCOME, 0],
      ['1/onboarding/guide/1', 3],
      ['1/onboarding/check-in/1', 21],
    ]);
  });
});

describe('the journal', () => {
  it('an id stands for one content: another one is refused and changes nothing', async () => {
    const pipeline = await withCustomer(
      event('Purchase Completed', day(0), { orderId: 'a', total: 1, currency: 'USD' }, 'e'),
    );
    const before = await pipeline.store.load(CUSTOMER);
    await pipeline.deliver(event('Purchase Completed', day(0), { orderId: 'b', total: 1, currency: 'USD' }, 'e'));
    expect(pipeline.refused).toMatchObject([
      { event: { id: 'e' }, refusal: { detailType: 'Purchase Completed', field: 'metadata.id' } },
    ]);
    expect(await pipeline.store.load(CUSTOMER)).toStrictEqual(before);
  });

  it('a login on a known day is neither journalled nor stored', async () => {
    const pipeline = await withCustomer(loggedIn(day(1)));
    const before = await pipeline.store.load(CUSTOMER);
    await pipeline.deliver(loggedIn(day(1) + HOUR));
    expect(await pipeline.store.load(CUSTOMER)).toStrictEqual(before);
    expect(await pipeline.store.readJournal(CUSTOMER)).toHaveLength(2);
    await pipeline.deliver(loggedIn(day(2)));
    expect(await pipeline.store.readJournal(CUSTOMER)).toHaveLength(3);
  });

  it('rebuilds the facts for an event older than the ring', async () => {
    const many = Array.from({ length: 9 }, (_, index) => bought(day(index), `o${index}`));
    const pipeline = await withCustomer(...many);
    await pipeline.deliver(cancelledOrder(day(9), 'o0'));
    expect((await pipeline.customer()).facts.orders.older).toMatchObject({ cancelled: ['o0'], history: { orders: 2 } });
    expect(pipeline.meter.counted(NOTE.rebuilt)).toBe(1);
  });

  it('an event the profile never took in, because the function died in between, is taken in when it comes again', async () => {
    const pipeline = await withCustomer();
    // Call 1 journals, call 2 stores the profile.
    pipeline.store.deaths = new Set([4]);
    await pipeline.deliver(bought(day(0)));
    expect((await pipeline.customer()).facts.orders.ring).toHaveLength(1);
    await pipeline.waitUntil(day(0) + 10 * MINUTE);
    expect(pipeline.sent).toStrictEqual(['onboarding/welcome']);
  });

  it('nothing for a timer of somebody unknown', async () => {
    const pipeline = pipelineAt(day(0));
    await pipeline.deliver();
    expect(await pipeline.store.load(CUSTOMER)).toBeUndefined();
  });
});

describe('announcing', () => {
  it('is repeated by the redelivery of its cause when the bus refused', async () => {
    const pipeline = await withCustomer();
    pipeline.refusals = new Set([2]);
    await pipeline.deliver(bought(day(0)));
    expect(pipeline.announced).toStrictEqual([]);
    expect(pipeline.sent).toStrictEqual([]);
    await pipeline.waitUntil(day(0) + 5 * MINUTE);
    expect(pipeline.entered).toStrictEqual([{ to: 'new', at: day(0) }]);
    expect(pipeline.sent).toStrictEqual(['onboarding/welcome']);
  });

  it('stage changes of another cause are not repeated', async () => {
    const pipeline = await withCustomer(bought(day(0)));
    pipeline.announced.splice(0);
    await pipeline.deliver(loggedIn(day(0)));
    expect(pipeline.announced).toStrictEqual([]);
  });

  it('waits with a deferred message until its time', async () => {
    const pipeline = pipelineAt(day(0));
    pipeline.sending = 'off';
    await pipeline.play([registered(day(0)), bought(day(0))]);
    const back = (await pipeline.customer()).pending[WELCOME]?.notBefore ?? 0;
    expect(back).toBeGreaterThanOrEqual(day(0) + HOUR);
    expect(back).toBeLessThan(day(0) + 2 * HOUR);
    pipeline.announced.splice(0);
    await pipeline.deliver(loggedIn(day(0) + MINUTE));
    expect(pipeline.announced).toStrictEqual([]);
    pipeline.sending = 'live';
    await pipeline.waitUntil(day(0) + 2 * HOUR);
    expect(pipeline.mailer.accepted.map((each) => each.at)).toStrictEqual([Math.ceil(back / MINUTE) * MINUTE]);
  });
});

describe('a moment that comes while a message is being sent', () => {
  it('is decided at once, not at the next event', async () => {
    const pipeline = await withCustomer();
    pipeline.senderStopped = true;
    await pipeline.deliver(bought(day(0), 'a'));
    // The apology's moment falls between the decision on the welcome and its sending.
    await pipeline.waitUntil(day(2));
    pipeline.now = day(2) + 1;
    pipeline.senderStopped = false;
    await pipeline.send(WELCOME);
    expect(pipeline.sent).toStrictEqual(['onboarding/welcome']);
    await pipeline.waitUntil(day(8));
    expect(pipeline.sent).toStrictEqual(['onboarding/welcome', 'onboarding/guide']);
  });
});

describe('second time round', () => {
  it('a second lapse within repeatAfter gets no second win-back, one after it does', async () => {
    const orders = [bought(day(0), 'a'), bought(day(10), 'b')];
    const pipeline = await withCustomer(...orders);
    await pipeline.waitUntil(day(191));
    expect(pipeline.sent.filter((each) => each === 'win-back/ask')).toHaveLength(1);
    await pipeline.deliver(bought(day(40), 'late'));
    await pipeline.waitUntil(day(240));
    expect(
      pipeline.entered.filter((each) => each.to === 'lapsed').map((each) => (each.at - day(0)) / DAY),
    ).toStrictEqual([190, 220]);
    expect(pipeline.sent.filter((each) => each === 'win-back/ask')).toHaveLength(1);
    await pipeline.deliver(bought(day(240), 'c'));
    await pipeline.waitUntil(day(240 + 181));
    expect(pipeline.mailer.accepted.map((each) => each.key)).toContain('1/win-back/ask/2');
  });

  it('both crossings in one outage are announced, and only fresh mail goes out', async () => {
    const pipeline = await withCustomer(bought(day(0), 'a'), bought(day(10), 'b'));
    pipeline.announced.splice(0);
    const mails = pipeline.mailer.accepted.length;
    pipeline.now = day(195);
    await pipeline.deliver(loggedIn(day(195)));
    expect(pipeline.entered.map(({ to, at }) => [to, (at - day(0)) / DAY])).toStrictEqual([
      ['at_risk', 100],
      ['lapsed', 190],
    ]);
    await pipeline.waitUntil(day(195) + HOUR);
    expect(pipeline.sent.slice(mails)).toStrictEqual(['win-back/ask']);
  });

  it('a first-time customer of an old order gets no stale mail', async () => {
    const pipeline = pipelineAt(day(92));
    await pipeline.deliver(registered(day(0)), bought(day(0), 'a'), bought(day(20), 'b'));
    await pipeline.waitUntil(day(92) + HOUR);
    expect(pipeline.sent).toStrictEqual([]);
    expect(pipeline.entered.map((each) => each.to)).toStrictEqual(['new', 'active']);
  });
});

describe('complaints', () => {
  it('stop promotion at once, are apologised for, kept in view and closed with what was done', async () => {
    const pipeline = await withCustomer(bought(day(0)), complained(day(6.5)), resolved(day(11)));
    await pipeline.waitUntil(day(40));
    expect(pipeline.mailer.accepted.map(({ key, at }) => [key.slice(2), (at - day(0)) / DAY])).toStrictEqual([
      ['onboarding/welcome/1', 0],
      ['recovery/apology/k-1', 6.5],
      ['recovery/status.1/k-1', 9.5],
      ['recovery/resolved/k-1', 11],
      // Half a day of the guide's seven was left, and begins a week after the resolution.
      ['onboarding/guide/1', 18.5],
      ['onboarding/check-in/1', 32.5],
    ]);
  });

  it('withhold what was pending already, with the reason', async () => {
    const pipeline = await withCustomer();
    pipeline.sending = 'off';
    await pipeline.deliver(bought(day(0)));
    await pipeline.deliver(complained(day(0)));
    pipeline.sending = 'live';
    await pipeline.waitUntil(day(1));
    expect(await pipeline.ledger()).toStrictEqual([
      'onboarding/welcome/1 withheld: open complaint',
      'recovery/apology/k-1 sent',
    ]);
  });
});

describe('what SES answers', () => {
  it('rejected: the message has failed, with the code, and is not tried again', async () => {
    const pipeline = pipelineAt(day(0));
    pipeline.mailer.answers = ['rejected'];
    await pipeline.play([registered(day(0)), bought(day(0))]);
    await pipeline.waitUntil(day(2));
    expect(await pipeline.ledger()).toStrictEqual(['onboarding/welcome/1 failed: rejected: MessageRejected']);
  });

  it.each([
    ['rate', MINUTE, MINUTE],
    ['quota', HOUR, HOUR],
  ] as const)(
    'not now (%s): later, as the same attempt, each customer at their own moment',
    async (answer, after, spread) => {
      const wait = after + (hash32(CUSTOMER) % spread);
      const pipeline = pipelineAt(day(0));
      pipeline.mailer.answers = [answer, 'accepted'];
      await pipeline.play([registered(day(0)), bought(day(0))]);
      expect((await pipeline.customer()).pending[WELCOME]).toMatchObject({ attempt: 1, notBefore: day(0) + wait });
      await pipeline.waitUntil(day(1));
      const nextMinute = Math.ceil(wait / MINUTE) * MINUTE;
      expect(pipeline.mailer.accepted.map((each) => each.at)).toStrictEqual([day(0) + nextMinute]);
    },
  );

  it('unknown, for promotion: given up when the lease is over, and remembered', async () => {
    const pipeline = pipelineAt(day(0));
    pipeline.mailer.answers = ['vanished', 'accepted'];
    await pipeline.play([registered(day(0)), bought(day(0))]);
    expect((await pipeline.customer()).flight[WELCOME]).toMatchObject({ lease: day(0) + 2 * MINUTE });
    await pipeline.waitUntil(day(1));
    expect(await pipeline.ledger()).toStrictEqual(['onboarding/welcome/1 failed: outcome unknown']);
    // The claim moved no timer, so it is found by the sweeps that look again at timers of the last minutes.
    expect((await pipeline.customer()).recent).toStrictEqual([{ key: WELCOME, at: day(0) + 2 * MINUTE, answer: true }]);
    expect(pipeline.sent).toStrictEqual([]);
  });

  it('unknown, for recovery: repeated once, and then given up', async () => {
    const pipeline = pipelineAt(day(0));
    pipeline.mailer.answers = ['swallowed', 'accepted'];
    await pipeline.play([registered(day(0)), complained(day(0))]);
    await pipeline.waitUntil(day(1));
    expect(pipeline.sent).toStrictEqual(['recovery/apology', 'recovery/apology']);
    expect(await pipeline.ledger()).toStrictEqual(['recovery/apology/k-1 sent']);

    const unlucky = pipelineAt(day(0));
    unlucky.mailer.answers = ['vanished', 'vanished', 'accepted'];
    await unlucky.play([registered(day(0)), complained(day(0))]);
    await unlucky.waitUntil(day(1));
    expect(await unlucky.ledger()).toStrictEqual(['recovery/apology/k-1 failed: outcome unknown']);
  });

  it('in shadow nothing goes out and the ledger says what would have', async () => {
    const pipeline = pipelineAt(day(0));
    pipeline.sending = 'shadow';
    await pipeline.play([registered(day(0)), bought(day(0))]);
    expect(pipeline.sent).toStrictEqual([]);
    expect(await pipeline.store.readEntry(CUSTOMER, WELCOME)).toMatchObject({ outcome: 'sent', shadow: true });
  });
});

describe('erasure', () => {
  const consent = (at: number) => ({ marketing: 'opt_in', source: 'form', at: new Date(at).toISOString() });

  it('leaves a tombstone, deletes everything, and drops what occurred before it', async () => {
    const pipeline = await withCustomer(bought(day(0)), erasureRequested(day(1)));
    expect(await pipeline.store.load(CUSTOMER)).toMatchObject({ kind: 'erased', erasedAt: day(1), life: 1 });
    expect(await pipeline.store.readJournal(CUSTOMER)).toStrictEqual([]);
    expect(await pipeline.store.readLedger(CUSTOMER)).toStrictEqual([]);
    pipeline.now = day(2);
    await pipeline.deliver(bought(day(0.5), 'late'), erasureRequested(day(1)));
    expect(await pipeline.store.readJournal(CUSTOMER)).toStrictEqual([]);
    expect(await pipeline.store.load(CUSTOMER)).toMatchObject({ kind: 'erased' });
    await pipeline.waitUntil(day(3));
    expect(await pipeline.store.load(CUSTOMER)).not.toHaveProperty('dueAt');
  });

  it('keeps a later event for a day, in case it has overtaken a registration, and deletes it when none comes', async () => {
    const pipeline = await withCustomer(bought(day(0)), erasureRequested(day(1)));
    pipeline.now = day(2);
    await pipeline.deliver(bought(day(2), 'after'));
    expect(await pipeline.store.readJournal(CUSTOMER)).toHaveLength(1);
    await pipeline.waitUntil(day(5));
    expect(await pipeline.store.readJournal(CUSTOMER)).toStrictEqual([]);
    expect(await pipeline.store.load(CUSTOMER)).toMatchObject({ kind: 'erased' });
    expect(await pipeline.store.load(CUSTOMER)).not.toHaveProperty('dueAt');
  });

  it('begins the new life alike, whichever of registration and purchase arrives first', async () => {
    const again = registered(day(3), { consent: consent(day(3)) });
    const order = bought(day(3) + MINUTE, 'new');
    const stages = [];
    for (const events of [
      [again, order],
      [order, again],
    ]) {
      const pipeline = await withCustomer(bought(day(0)), erasureRequested(day(1)));
      pipeline.now = day(3) + 2 * MINUTE;
      for (const each of events) await pipeline.deliver(each);
      const { stage, life, facts } = await pipeline.customer();
      stages.push({ stage, life, orders: facts.orders.ring.map((each) => each.orderId) });
    }
    expect(stages[0]).toStrictEqual({ stage: 'new', life: 2, orders: ['new'] });
    expect(stages[1]).toStrictEqual(stages[0]);
  });

  it('takes a registration that came after the request, even when the request was handled later', async () => {
    const pipeline = await withCustomer(bought(day(0)));
    pipeline.now = day(1) + 10 * MINUTE;
    await pipeline.deliver(erasureRequested(day(1)));
    await pipeline.deliver(registered(day(1) + 5 * MINUTE, { consent: consent(day(1) + 5 * MINUTE) }));
    expect(await pipeline.store.load(CUSTOMER)).toMatchObject({ kind: 'living', life: 2 });
  });

  it('deletes once more when no sender can be writing any more', async () => {
    const pipeline = await withCustomer(bought(day(0)), erasureRequested(day(1)));
    await pipeline.store.writeEntry({
      customerId: CUSTOMER,
      key: WELCOME,
      outcome: 'sent',
      moment: day(0),
      decidedAt: day(0),
      endedAt: day(1),
      attempt: 1,
    });
    await pipeline.waitUntil(day(1) + 2 * MINUTE);
    expect(await pipeline.store.readLedger(CUSTOMER)).toStrictEqual([]);
  });

  it('a registration with a later consent begins a new life, whose keys are new', async () => {
    const pipeline = await withCustomer(bought(day(0)), erasureRequested(day(1)));
    pipeline.now = day(2);
    await pipeline.deliver(registered(day(2), { consent: consent(day(2)) }), bought(day(2), 'again'));
    expect(await pipeline.customer()).toMatchObject({ life: 2, stage: 'new', previousLife: { erasedAt: day(1) } });
    expect(pipeline.mailer.accepted.map((each) => each.key)).toStrictEqual([WELCOME, '2/onboarding/welcome/1']);
    await pipeline.waitUntil(day(3));
    expect((await pipeline.customer()).previousLife).toStrictEqual({ erasedAt: day(1) });
    expect(await pipeline.ledger()).toStrictEqual(['onboarding/welcome/1 sent']);
    // The erasure comes again: it is older than this life.
    await pipeline.deliver(erasureRequested(day(1)));
    expect(await pipeline.customer()).toMatchObject({ life: 2 });
  });

  it('together with other events, in one batch, wins over what came before it', async () => {
    const pipeline = pipelineAt(day(1));
    await pipeline.deliver(registered(day(0)), bought(day(0)), erasureRequested(day(1)));
    expect(await pipeline.store.load(CUSTOMER)).toMatchObject({ kind: 'erased', version: 1 });
    expect(await pipeline.store.readJournal(CUSTOMER)).toStrictEqual([]);
    expect(pipeline.sent).toStrictEqual([]);
  });
});
