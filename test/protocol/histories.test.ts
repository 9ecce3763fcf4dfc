/**
 * Histories that broke earlier versions of the sending protocol, each once by hand. After every one of them nothing is
 * left to do, and no invariant is broken.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { bought, CUSTOMER, erasureRequested, registered } from '../support/events.ts';
import { LEASE } from './interleaving.ts';
import {
  APOLOGY,
  atMail,
  CHECK_IN,
  complainant,
  complaint,
  ended,
  leaseEnds,
  newcomer,
  report,
  RESOLVED,
  resolution,
  send,
  TIP,
  wake,
  WELCOME,
} from './situations.ts';

const SECOND = 1000;

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterAll(() => void vi.useRealTimers());

describe('taking', () => {
  it('the answer to a take is lost and the SDK asks again: the token tells that the claim is ours', async () => {
    const history = await newcomer();
    const sender = await history.begin(send(WELCOME));
    await history.upTo(sender, 'save');
    await history.go(sender, 'asked twice');
    await history.finish(sender);
    expect(history.witness.acceptances.map((each) => each.key)).toStrictEqual([WELCOME]);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
    expect(ledger).toContain(`${WELCOME} sent`);
  });

  it('the answer to a take is lost for good: nobody sends without knowing that the claim is theirs', async () => {
    const history = await newcomer();
    const sender = await history.begin(send(WELCOME));
    await history.upTo(sender, 'save');
    await history.go(sender, 'answer lost');
    await history.run(send(WELCOME));
    const { accepted, ledger } = await ended(history);
    expect(accepted).not.toContain(WELCOME);
    expect(ledger).toContain(`${WELCOME} failed: outcome unknown`);
  });

  it('a late copy of a take arrives after "not now": it finds another version and changes nothing', async () => {
    const history = await newcomer(0, 3);
    const sender = await history.begin(send(WELCOME));
    await history.upTo(sender, 'save');
    await history.go(sender, 'copied');
    await history.upTo(sender, 'ses');
    await history.go(sender, 'rate');
    await history.finish(sender);
    await history.arrive();
    const { accepted, ledger } = await ended(history);
    expect(accepted.filter((each) => each === WELCOME)).toHaveLength(1);
    expect(ledger).toContain(`${WELCOME} sent`);
  });

  it('a worker outlives its claim and gives back, while another holds one of its own: that one stays', async () => {
    const history = await newcomer(HOUR);
    const slow = await atMail(history, WELCOME);
    await history.go(slow, 'rate');
    await history.happens(slow);
    await history.pass(2 * MINUTE);
    await history.go(await atMail(history, WELCOME), 'answer lost');
    await history.finish(slow);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
    expect(ledger).toContain(`${WELCOME} failed: outcome unknown`);
  });

  it('the take is answered late: SES is not called any more, and the message waits for its next turn', async () => {
    const history = await newcomer();
    const sender = await history.begin(send(WELCOME));
    await history.upTo(sender, 'save');
    await history.pass(11 * SECOND);
    await history.finish(sender);
    expect(history.witness.acceptances).toStrictEqual([]);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toHaveLength(1);
    expect(ledger).not.toContain(`${WELCOME} failed: outcome unknown`);
  });

  it('two senders of one message: one takes it, the other finds it taken', async () => {
    const history = await newcomer();
    const [first, second] = [await history.begin(send(WELCOME)), await history.begin(send(WELCOME))];
    await history.upTo(first, 'save');
    await history.upTo(second, 'save');
    await history.finish(first);
    await history.finish(second);
    const { accepted } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
  });

  it('a complaint opens while a sender decides: the take fails, and the mail is withheld', async () => {
    const history = await newcomer();
    const sender = await history.begin(send(WELCOME));
    await history.upTo(sender, 'save');
    await history.record(complaint);
    await history.finish(sender);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([APOLOGY]);
    expect(ledger).toContain(`${WELCOME} withheld: open complaint`);
  });
});

describe('an outcome nobody knows', () => {
  it('a recovery mail is taken, the worker dies, the complaint is resolved, the lease ends: no repeat', async () => {
    const history = await complainant();
    const sender = await atMail(history, APOLOGY);
    await history.go(sender, 'dies before');
    await history.record(resolution);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([RESOLVED]);
    expect(ledger).toContain(`${APOLOGY} failed: outcome unknown`);
  });

  it('the worker of a recovery mail dies: it is repeated once', async () => {
    const history = await complainant();
    await history.go(await atMail(history, APOLOGY), 'dies after');
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([APOLOGY, APOLOGY]);
    expect(ledger).toStrictEqual([`${APOLOGY} sent`]);
  });

  it('a second unknown outcome gives up, whatever the policy', async () => {
    const history = await complainant();
    await history.go(await atMail(history, APOLOGY), 'vanished');
    await leaseEnds(history);
    await history.go(await atMail(history, APOLOGY), 'vanished');
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([]);
    expect(ledger).toStrictEqual([`${APOLOGY} failed: outcome unknown`]);
  });

  it('a repeat is cancelled after the first attempt was accepted: nobody claims that it was not sent', async () => {
    const history = await complainant();
    await history.go(await atMail(history, APOLOGY), 'answer lost');
    await leaseEnds(history);
    await history.record(resolution);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([APOLOGY, RESOLVED]);
    expect(ledger).toContain(`${APOLOGY} failed: outcome unknown`);
  });

  it('a promotional repeat waits after the first attempt was accepted: the cap counts it already', async () => {
    const history = await newcomer();
    const welcome = await atMail(history, WELCOME);
    await history.go(welcome, 'rate');
    await history.finish(welcome);
    await history.go(await atMail(history, TIP), 'answer lost');
    await leaseEnds(history);
    await history.run(send(WELCOME));
    expect(history.witness.acceptances.map((each) => each.key)).toStrictEqual([TIP]);
    const { accepted } = await ended(history);
    expect(accepted).toStrictEqual([TIP, TIP]);
  });

  it('a promotional repeat is cancelled after the first attempt was accepted: the cap still counts it', async () => {
    const history = await newcomer();
    const welcome = await atMail(history, WELCOME);
    await history.go(welcome, 'rate');
    await history.finish(welcome);
    await history.go(await atMail(history, TIP), 'answer lost');
    await leaseEnds(history);
    await history.record(complaint);
    await history.run(send(TIP));
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([TIP, APOLOGY]);
    expect(ledger).toContain(`${TIP} failed: outcome unknown`);
    expect(await history.world.store.load(CUSTOMER)).toMatchObject({
      recent: expect.arrayContaining([{ key: TIP, at: expect.any(Number) }]),
    });
  });

  it('the resolver and a slow worker meet at the ledger: what was sent stays sent', async () => {
    const history = await newcomer(HOUR);
    const sender = await atMail(history, WELCOME);
    await history.go(sender);
    await history.go(sender, 'dies, arrives late');
    await history.pass(LEASE + 1);
    const resolver = await history.begin(wake());
    await history.upTo(resolver, 'writeEntry');
    await history.arrive();
    await history.finish(resolver);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
    expect(ledger).toContain(`${WELCOME} sent`);
  });

  it('a slow worker says "sent" after the resolver gave up: what was sent is called sent', async () => {
    const history = await newcomer(HOUR);
    const sender = await atMail(history, WELCOME);
    await history.go(sender);
    await history.go(sender, 'dies, arrives late');
    await leaseEnds(history);
    expect(await history.ledger()).toContain(`${WELCOME} failed: outcome unknown`);
    await history.arrive();
    const { ledger } = await ended(history);
    expect(ledger).toContain(`${WELCOME} sent`);
  });

  it('a slow worker says "sent" while a repeat waits: the guard finds it, and nothing is repeated', async () => {
    const history = await complainant(HOUR);
    const sender = await atMail(history, APOLOGY);
    await history.go(sender);
    await history.go(sender, 'dies, arrives late');
    await leaseEnds(history);
    await history.arrive();
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([APOLOGY]);
    expect(ledger).toStrictEqual([`${APOLOGY} sent`]);
  });
});

describe('closing', () => {
  it('the function dies between closing and ledger: whoever comes next writes the ledger', async () => {
    const history = await newcomer();
    const recorder = await history.begin(history.recorded([bought(history.now + 1, 'second')]));
    await history.upTo(recorder, 'writeEntry');
    await history.go(recorder, 'dies before');
    history.queue.length = 0;
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([]);
    expect(ledger).toContain(`${WELCOME} cancelled: stage is active`);
  });

  it('"not now" races with a purchase that cancels: the message is cancelled, and nothing was sent', async () => {
    const history = await newcomer();
    const sender = await atMail(history, WELCOME);
    await history.go(sender, 'rate');
    await history.record((t) => bought(t, 'second'));
    await history.finish(sender);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([]);
    expect(ledger).toContain(`${WELCOME} cancelled: stage is active`);
  });

  it('a competitor is rejected: nobody was withheld for the mail that never went out', async () => {
    const history = await newcomer();
    const winner = await atMail(history, WELCOME);
    await history.run(send(CHECK_IN));
    await history.go(winner, 'rejected');
    await history.finish(winner);
    await history.record((t) => registered(t, { name: 'Anna' }));
    const { accepted, ledger } = await ended(history);
    expect(accepted).toHaveLength(1);
    expect(accepted).not.toContain(WELCOME);
    expect(ledger).toContain(`${WELCOME} failed: rejected: MessageRejected`);
  });
});

describe('erasure', () => {
  it('a ledger entry is put after the erasure: the sender takes it away again', async () => {
    const history = await newcomer();
    const sender = await atMail(history, WELCOME);
    await history.go(sender);
    await history.record((t) => erasureRequested(t));
    await history.go(sender);
    expect(await history.ledger()).toStrictEqual([`${WELCOME} sent`]);
    await history.finish(sender);
    expect(await history.ledger()).toStrictEqual([]);
    await ended(history);
  });

  it('a ledger entry is put after the erasure and its sender dies: the second deletion takes it away', async () => {
    const history = await newcomer();
    const sender = await atMail(history, WELCOME);
    await history.go(sender);
    await history.record((t) => erasureRequested(t));
    await history.go(sender, 'dies after');
    history.queue.length = 0;
    expect(await history.ledger()).toStrictEqual([`${WELCOME} sent`]);
    const { ledger } = await ended(history);
    expect(ledger).toStrictEqual([]);
  });

  it('a registration after the erasure, then the erasure once more: the new life is left alone', async () => {
    const history = await newcomer();
    await history.pass(1);
    const erasure = history.recorded([erasureRequested(history.now)]);
    await history.run(erasure);
    await history.record((t) => registered(t));
    await history.run(erasure);
    await history.record((t) => bought(t, 'first again'));
    const { accepted } = await ended(history);
    expect(await history.world.store.load(CUSTOMER)).toMatchObject({ kind: 'living', life: 2 });
    expect(accepted).toStrictEqual(['2/onboarding/welcome/1']);
  });

  it('a ledger entry of the old life is put after the new one has begun: it does not stay', async () => {
    const history = await newcomer();
    const sender = await atMail(history, WELCOME);
    await history.go(sender);
    await history.record((t) => erasureRequested(t));
    await history.record((t) => registered(t));
    await history.go(sender, 'dies after');
    history.queue.length = 0;
    const { ledger } = await ended(history);
    expect(ledger).toStrictEqual([]);
  });
});

describe('what SES reports', () => {
  it('comes before the ledger entry: it makes one, and the sender leaves it alone', async () => {
    const history = await newcomer();
    const sender = await atMail(history, WELCOME);
    await history.go(sender);
    await history.run(report(history, 'Delivery', WELCOME));
    const [entry] = await history.world.store.readLedger(CUSTOMER);
    expect(entry).toMatchObject({ key: WELCOME, outcome: 'sent', evidence: true, template: 'onboarding/welcome' });
    await history.finish(sender);
    const { ledger } = await ended(history);
    expect(await history.world.store.readEntry(CUSTOMER, WELCOME)).toEqual(entry);
    expect(ledger).toContain(`${WELCOME} sent`);
  });

  it('comes while SES is still answering: the mail is called sent before its sender knows', async () => {
    const history = await newcomer();
    const sender = await atMail(history, WELCOME);
    await history.go(sender, 'answer lost');
    await history.run(report(history, 'Send', WELCOME));
    await leaseEnds(history);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
    expect(ledger).toContain(`${WELCOME} sent`);
  });

  it('comes while a repeat is pending: the guard finds the evidence, and nothing is repeated', async () => {
    const history = await complainant();
    await history.go(await atMail(history, APOLOGY), 'answer lost');
    await leaseEnds(history);
    await history.run(report(history, 'Send', APOLOGY));
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([APOLOGY]);
    expect(ledger).toStrictEqual([`${APOLOGY} sent`]);
  });

  it('comes between the guard and the take of a repeat: the repeat goes out, and the mail is called sent', async () => {
    const history = await complainant();
    await history.go(await atMail(history, APOLOGY), 'answer lost');
    await leaseEnds(history);
    const repeat = await history.begin(send(APOLOGY));
    await history.upTo(repeat, 'save');
    await history.run(report(history, 'Send', APOLOGY));
    await history.finish(repeat);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([APOLOGY, APOLOGY]);
    expect(ledger).toStrictEqual([`${APOLOGY} sent`]);
  });

  it('comes after a repeat was cancelled: the mail is called sent after all', async () => {
    const history = await complainant();
    await history.go(await atMail(history, APOLOGY), 'answer lost');
    await leaseEnds(history);
    await history.record(resolution);
    expect(await history.ledger()).toContain(`${APOLOGY} failed: outcome unknown`);
    await history.run(report(history, 'Delivery', APOLOGY));
    const { ledger } = await ended(history);
    expect(ledger).toContain(`${APOLOGY} sent`);
  });

  it('comes while the resolver gives up: the evidence counts', async () => {
    const history = await newcomer();
    await history.go(await atMail(history, WELCOME), 'answer lost');
    await history.pass(LEASE + 1);
    const resolver = await history.begin(wake());
    await history.upTo(resolver, 'writeEntry');
    await history.run(report(history, 'Send', WELCOME));
    await history.finish(resolver);
    const { ledger } = await ended(history);
    expect(ledger).toContain(`${WELCOME} sent`);
  });

  it('comes out of order and twice: what is known only moves forward', async () => {
    const history = await newcomer();
    await history.finish(await atMail(history, WELCOME));
    const delivery = report(history, 'Delivery', WELCOME);
    const bounce = report(history, 'soft bounce', WELCOME);
    for (const each of [bounce, report(history, 'Open', WELCOME), delivery, bounce]) await history.run(each);
    await ended(history);
    const { delivery: known } = (await history.world.store.readEntry(CUSTOMER, WELCOME)) ?? {};
    expect(known).toMatchObject({ status: 'bounced', openedAt: expect.any(Number) });
  });

  it('comes long after the erasure: it makes nothing, and the suppression holds', async () => {
    const history = await newcomer();
    await history.finish(await atMail(history, WELCOME));
    const late = report(history, 'hard bounce', WELCOME);
    await history.record((t) => erasureRequested(t));
    await history.pass(DAY);
    await history.run(late);
    const { ledger } = await ended(history);
    expect(ledger).toStrictEqual([]);
    await history.record((t) => registered(t));
    await history.record((t) => bought(t, 'first again'));
    const { accepted, ledger: later } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
    expect(later).toContain('2/onboarding/welcome/1 withheld: hard bounce');
  });

  it('comes after the person has registered anew: the mail of the old life makes no entry', async () => {
    const history = await newcomer();
    await history.finish(await atMail(history, WELCOME));
    await history.record((t) => erasureRequested(t));
    await history.record((t) => registered(t));
    await history.run(report(history, 'Delivery', WELCOME));
    expect(await history.ledger()).toStrictEqual([]);
    await ended(history);
  });

  it('has found the customer, who is erased before it writes: the second deletion takes the entry away', async () => {
    const history = await newcomer();
    const sender = await atMail(history, WELCOME);
    await history.go(sender, 'dies after');
    history.queue.length = 0;
    const feedback = await history.begin(report(history, 'soft bounce', WELCOME));
    await history.upTo(feedback, 'writeEntry');
    await history.record((t) => erasureRequested(t));
    await history.finish(feedback);
    expect(await history.ledger()).toStrictEqual([`${WELCOME} sent`]);
    const { ledger } = await ended(history);
    expect(ledger).toStrictEqual([]);
  });

  it('is a bounce that may pass, of somebody who is being erased: the address is not kept for it', async () => {
    const history = await newcomer();
    await history.finish(await atMail(history, WELCOME));
    const feedback = await history.begin(report(history, 'soft bounce', WELCOME));
    await history.upTo(feedback, 'readAddress');
    await history.record((t) => erasureRequested(t));
    await history.finish(feedback);
    const { ledger } = await ended(history);
    expect(ledger).toStrictEqual([]);
  });
});
