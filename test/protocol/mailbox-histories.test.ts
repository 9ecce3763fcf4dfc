/** Histories of mail addresses: two customers with one mailbox, and whoever says "no more" while mail is on its way. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MINUTE } from '../../shared/lifecycle/time.ts';
import { bought, chose, consentAt, CUSTOMER, erasureRequested, event, registered, START } from '../support/events.ts';
import { NEIGHBOUR, of } from './campaign.ts';
import { LEASE } from './interleaving.ts';
import {
  APOLOGY,
  atMail,
  complainant,
  ended,
  neighbours,
  newcomer,
  oldNeighbours,
  report,
  send,
  TIP,
  WELCOME,
} from './situations.ts';

const ADDRESS = 'anna@example.com';

beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterAll(() => void vi.useRealTimers());

describe('two customers with one mailbox', () => {
  it('are called one after the other: the second copy of a step is withheld', async () => {
    const history = await neighbours();
    await history.run(send(WELCOME));
    const { mails } = await ended(history);
    expect(mails.filter((each) => each.endsWith(WELCOME))).toStrictEqual([`${CUSTOMER} ${WELCOME}`]);
    expect(await history.ledger(NEIGHBOUR)).toContain(`${WELCOME} withheld: same mailbox`);
  });

  it('are called at once, and neither has been entered: the first that is goes first', async () => {
    const history = await neighbours();
    const [one, other] = [await history.begin(send(WELCOME)), await history.begin(send(WELCOME, NEIGHBOUR))];
    await history.upTo(one, 'saveAddress');
    await history.upTo(other, 'saveAddress');
    await history.finish(one);
    await history.finish(other);
    const { mails } = await ended(history);
    expect(mails.filter((each) => each.endsWith(WELCOME))).toStrictEqual([`${CUSTOMER} ${WELCOME}`]);
  });

  it('the second is entered and loses the race for its profile: it still waits for what the first has begun', async () => {
    const history = await neighbours();
    const one = await history.begin(send(WELCOME));
    await history.upTo(one, 'save');
    const other = await history.begin(send(WELCOME, NEIGHBOUR));
    await history.upTo(other, 'save');
    await history.record((t) => of(NEIGHBOUR, registered(t, { email: ADDRESS, name: 'Anna' })));
    await history.finish(other);
    await history.finish(one);
    const { mails } = await ended(history);
    expect(mails.filter((each) => each.endsWith(WELCOME))).toHaveLength(1);
  });

  it('the second is entered and dies: whoever is called next still waits for what the first has begun', async () => {
    const history = await neighbours();
    const one = await history.begin(send(WELCOME));
    await history.upTo(one, 'save');
    const other = await history.begin(send(WELCOME, NEIGHBOUR));
    await history.upTo(other, 'saveAddress');
    await history.go(other, 'dies after');
    await history.run(send(WELCOME, NEIGHBOUR));
    await history.finish(one);
    const { mails } = await ended(history);
    expect(mails.filter((each) => each.endsWith(WELCOME))).toStrictEqual([`${CUSTOMER} ${WELCOME}`]);
  });

  it('both have known of each other for long and are called at once: the address decides', async () => {
    const history = await oldNeighbours();
    const [one, other] = [await history.begin(send(WELCOME)), await history.begin(send(WELCOME, NEIGHBOUR))];
    await history.upTo(one, 'saveAddress');
    await history.upTo(other, 'saveAddress');
    await history.go(one);
    await history.finish(other);
    await history.finish(one);
    const { mails } = await ended(history);
    expect(mails.filter((each) => each.endsWith(WELCOME))).toStrictEqual([`${CUSTOMER} ${WELCOME}`]);
  });

  it('the first is rejected: the second gets the mail', async () => {
    const history = await neighbours(3);
    const one = await atMail(history, WELCOME);
    await history.run(send(WELCOME, NEIGHBOUR));
    await history.go(one, 'rejected');
    await history.finish(one);
    const { mails } = await ended(history);
    expect(mails).toContain(`${NEIGHBOUR} ${WELCOME}`);
  });

  it('the first claims the step and dies: the second gets the mail, or the first does, but never both', async () => {
    const history = await oldNeighbours();
    const one = await history.begin(send(WELCOME));
    await history.upTo(one, 'save');
    await history.go(one, 'dies before');
    history.queue.length = 0;
    await history.run(send(WELCOME, NEIGHBOUR));
    const { mails } = await ended(history);
    expect(mails.filter((each) => each.endsWith(WELCOME))).toHaveLength(1);
  });

  it('nobody knows what became of a mail to the first that is to be repeated: the second waits, and gets none', async () => {
    const history = await oldNeighbours(3);
    await history.go(await atMail(history, TIP), 'answer lost');
    await history.run(send(TIP, NEIGHBOUR));
    const { mails } = await ended(history);
    expect(mails.filter((each) => each.endsWith(TIP) && each.startsWith(NEIGHBOUR))).toStrictEqual([]);
    expect(await history.ledger(NEIGHBOUR)).toContain(`${TIP} withheld: same mailbox`);
  });

  it('one is erased while mail to them is in the air: nothing is left of them at the address', async () => {
    const history = await neighbours();
    const one = await atMail(history, WELCOME);
    await history.record((t) => erasureRequested(t));
    await history.finish(one);
    const { mails } = await ended(history);
    expect(mails).toContain(`${NEIGHBOUR} ${WELCOME}`);
  });

  it('a mail to one of them bounces: the other gets no mail either', async () => {
    const history = await neighbours();
    await history.run(send(WELCOME));
    await history.run(report(history, 'hard bounce', WELCOME));
    await ended(history);
    expect(await history.ledger(NEIGHBOUR)).toContain(`${WELCOME} withheld: hard bounce`);
  });
});

describe('somebody is entered at an address while they are erased', () => {
  it('the sender of the old life writes last: the second deletion strikes them off', async () => {
    const history = await newcomer();
    const sender = await history.begin(send(WELCOME));
    await history.upTo(sender, 'saveAddress');
    await history.record((t) => erasureRequested(t));
    await history.finish(sender);
    const { accepted } = await ended(history);
    expect(accepted).toStrictEqual([]);
  });

  it('a copy of the request arrives after the address was cleared, and they have registered anew elsewhere', async () => {
    const history = await newcomer();
    const sender = await history.begin(send(WELCOME));
    await history.upTo(sender, 'saveAddress');
    await history.go(sender, 'copied');
    await history.finish(sender);
    await history.record((t) => erasureRequested(t));
    await history.record((t) => registered(t, { email: 'anna@example.net' }));
    await history.arrive();
    const { accepted } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
  });
});

describe('somebody says "no more"', () => {
  it('while a sender has read nothing yet: nothing goes out', async () => {
    const history = await newcomer();
    const sender = await history.begin(send(WELCOME));
    await history.run(history.unsubscribed(CUSTOMER, 1, ADDRESS));
    history.queue.length = 0;
    await history.finish(sender);
    const { accepted, ledger } = await ended(history);
    expect(accepted).toStrictEqual([]);
    expect(ledger).toContain(`${WELCOME} withheld: unsubscribed`);
  });

  it('to the shop, and record dies on the way: the delivery again stops the mail to every customer who uses the address', async () => {
    const history = await neighbours();
    const said = history.recorded([chose(history.now, { how: 'shop', promotion: 'off' })]);
    const first = await history.begin(said);
    await history.upTo(first, 'saveAddress');
    await history.go(first, 'dies before');
    await history.run(said);
    await history.run(send(WELCOME, NEIGHBOUR));
    await ended(history);
    expect(await history.ledger(NEIGHBOUR)).toContain(`${WELCOME} withheld: unsubscribed`);
  });

  it('and the event is never heard of: the address alone stops the mail to every customer who uses it', async () => {
    const history = await neighbours();
    const page = await history.begin(history.unsubscribed(CUSTOMER, 1, ADDRESS));
    await history.upTo(page, 'announce');
    await history.go(page, 'dies before');
    history.queue.length = 0;
    const { mails } = await ended(history);
    expect(mails).toStrictEqual([]);
    expect(await history.ledger(NEIGHBOUR)).toContain(`${WELCOME} withheld: unsubscribed`);
  });

  it('between the take and SES: this mail goes out, and no other', async () => {
    const history = await newcomer(0, 3);
    const sender = await atMail(history, WELCOME);
    await history.run(history.unsubscribed(CUSTOMER, 1, ADDRESS));
    await history.finish(sender);
    const { accepted } = await ended(history);
    expect(accepted).toStrictEqual([WELCOME]);
  });

  it('and the shop states the old consent once more: it stays so; a new consent takes it back', async () => {
    const history = await newcomer(0, 3);
    await history.run(history.unsubscribed(CUSTOMER, 1, ADDRESS));
    await history.pass(MINUTE);
    await history.record((t) => event('Profile Updated', t, consentAt(START)));
    await history.run(send(WELCOME));
    expect(await history.ledger()).toContain(`${WELCOME} withheld: unsubscribed`);
    await history.pass(LEASE);
    await history.record((t) => chose(t, { how: 'page', promotion: 'on', ...consentAt(t) }));
    const { accepted } = await ended(history);
    expect(accepted).not.toContain(WELCOME);
  });

  it('from a recovery mail: promotion ends, and the open case goes on', async () => {
    const history = await complainant();
    await history.run(history.unsubscribed(CUSTOMER, 1, ADDRESS));
    await history.record((t) => bought(t, 'first'));
    const { accepted } = await ended(history);
    expect(accepted).toStrictEqual([APOLOGY]);
  });
});
