/**
 * Histories that broke earlier versions of the sending protocol, each once by hand. After every one of them nothing is
 * left to do, and no invariant is broken.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Duration, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { bought, complained, CUSTOMER, erasureRequested, registered, resolved } from '../support/events.ts';
import { Interleaving, LEASE } from './interleaving.ts';
import { hurried } from './playbook.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterAll(() => void vi.useRealTimers());

const WELCOME = '1/onboarding/welcome/1';
const CHECK_IN = '1/onboarding/check-in/1';
const TIP = '1/tips/tip/1';
const APOLOGY = '1/recovery/apology/k-1';
const RESOLVED = '1/recovery/resolved/k-1';

const send = (key: string) => ({ to: 'send', key }) as const;
const complaint = (t: number) => complained(t);
const resolution = (t: number) => resolved(t);

/** Somebody has just bought for the first time: welcome, tip and check-in are pending, and nobody has been called. */
async function newcomer(slowness?: Duration, perDay = 1): Promise<Interleaving> {
  const history = new Interleaving(hurried(perDay), slowness);
  await history.record((t) => registered(t));
  await history.record((t) => bought(t, 'first'));
  history.queue.length = 0;
  return history;
}

/** Somebody has just complained: the apology is pending, and nobody has been called. */
async function complainant(slowness?: Duration): Promise<Interleaving> {
  const history = new Interleaving(hurried(1), slowness);
  await history.record((t) => registered(t));
  await history.record(complaint);
  history.queue.length = 0;
  return history;
}

/** A sender that has taken the message and is about to hand it to SES. */
async function atMail(history: Interleaving, key: string) {
  const sender = await history.begin(send(key));
  await history.upTo(sender, 'ses');
  return sender;
}

/** The lease of whoever claimed ends, and the sweep finds it; no sender is called yet. */
async function leaseEnds(history: Interleaving): Promise<void> {
  await history.pass(LEASE + 1);
  history.queue.length = 0;
  await history.run({ to: 'record', events: [], wake: 'due' });
  history.queue.length = 0;
}

/** Nothing is left to do and nothing is wrong; how every message ended, and which mails SES accepted. */
async function ended(history: Interleaving) {
  await history.drain();
  const violations = await history.violations();
  expect(violations.length === 0 ? [] : [...violations, ...history.trace]).toStrictEqual([]);
  const accepted = history.witness.acceptances.map((each) => each.key);
  return { accepted, ledger: await history.ledger() };
}

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
    const history = await newcomer(undefined, 3);
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
    await history.pass(MINUTE);
    await history.go(await atMail(history, WELCOME), 'answer lost');
    await history.finish(slow);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
    expect(ledger).toContain(`${WELCOME} failed: outcome unknown`);
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
    expect(await history.store.load(CUSTOMER)).toMatchObject({
      recent: expect.arrayContaining([{ key: TIP, at: expect.any(Number) }]),
    });
  });

  it('the resolver and a slow worker meet at the ledger: what was sent stays sent', async () => {
    const history = await newcomer(HOUR);
    const sender = await atMail(history, WELCOME);
    await history.go(sender);
    await history.go(sender, 'dies, arrives late');
    await history.pass(LEASE + 1);
    const resolver = await history.begin({ to: 'record', events: [], wake: 'due' });
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
    const recorder = await history.begin({ to: 'record', events: [bought(history.now + 1, 'second')] });
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
    const erasure = { to: 'record', events: [erasureRequested(history.now)] } as const;
    await history.run(erasure);
    await history.record((t) => registered(t));
    await history.run(erasure);
    await history.record((t) => bought(t, 'first again'));
    const { accepted } = await ended(history);
    expect(await history.store.load(CUSTOMER)).toMatchObject({ kind: 'living', life: 2 });
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
