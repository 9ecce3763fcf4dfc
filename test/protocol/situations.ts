/** Situations that histories begin in, and how they end. */
import { expect } from 'vitest';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { bought, complained, CUSTOMER, registered, resolved } from '../support/events.ts';
import { NEIGHBOUR, of } from './campaign.ts';
import { Interleaving, LEASE } from './interleaving.ts';
import type { Delivery, Invocation } from './invocation.ts';
import { hurried } from './playbook.ts';
import type { ReportKind } from './reports.ts';

export const WELCOME = '1/onboarding/welcome/1';
export const CHECK_IN = '1/onboarding/check-in/1';
export const TIP = '1/tips/tip/1';
export const APOLOGY = '1/recovery/apology/k-1';
export const RESOLVED = '1/recovery/resolved/k-1';

export const send = (key: string, customerId = CUSTOMER) => ({ to: 'send', customerId, key }) as const;
export const wake = (customerId = CUSTOMER): Delivery => ({ to: 'record', customerId, events: [], wake: 'due' });
export const complaint = (t: number): CustomerEvent => complained(t);
export const resolution = (t: number): CustomerEvent => resolved(t);

/** Somebody has just bought for the first time: welcome, tip and check-in are pending, and nobody has been called. */
export async function newcomer(slowness = 0, perDay = 1): Promise<Interleaving> {
  const history = new Interleaving(hurried(perDay), { slowness });
  await history.record((t) => registered(t));
  await history.record((t) => bought(t, 'first'));
  history.queue.length = 0;
  return history;
}

/** Somebody has just complained: the apology is pending, and nobody has been called. */
export async function complainant(slowness = 0): Promise<Interleaving> {
  const history = new Interleaving(hurried(1), { slowness });
  await history.record((t) => registered(t));
  await history.record(complaint);
  history.queue.length = 0;
  return history;
}

/** Two customers who read mail at one address have just bought for the first time; nobody has been called. */
export async function neighbours(perDay = 1): Promise<Interleaving> {
  const history = await newcomer(0, perDay);
  await history.record((t) => of(NEIGHBOUR, registered(t, { email: 'Anna@Example.com' })));
  await history.record((t) => of(NEIGHBOUR, bought(t, 'first')));
  history.queue.length = 0;
  return history;
}

/** The same, when each has known of the other for long. */
export async function oldNeighbours(perDay = 1): Promise<Interleaving> {
  const history = await neighbours(perDay);
  await history.entered('anna@example.com', [CUSTOMER, NEIGHBOUR], history.now - LEASE);
  return history;
}

/** What SES reports of the latest mail with this key. */
export function report(history: Interleaving, kind: ReportKind, key: string): Delivery {
  const mail = history.world.mails.findLast((each) => each.key === key);
  if (mail === undefined) throw new Error(`SES has accepted no ${key}`);
  return history.reported(mail, kind);
}

/** A sender that has taken the message and is about to hand it to SES. */
export async function atMail(history: Interleaving, key: string, customerId = CUSTOMER): Promise<Invocation> {
  const sender = await history.begin(send(key, customerId));
  await history.upTo(sender, 'ses');
  return sender;
}

/** The lease of whoever claimed ends, and the sweep finds it; no sender is called yet. */
export async function leaseEnds(history: Interleaving): Promise<void> {
  await history.pass(LEASE + 1);
  history.queue.length = 0;
  await history.run(wake());
  history.queue.length = 0;
}

/** Nothing is left to do and nothing is wrong; how every message ended, and which mails SES accepted. */
export async function ended(history: Interleaving) {
  await history.drain();
  const violations = await history.violations();
  expect(violations.length === 0 ? [] : [...violations, ...history.trace]).toStrictEqual([]);
  const accepted = history.witness.acceptances.map((each) => each.key);
  const mails = history.world.mails.map(({ customerId, key }) => `${customerId} ${key}`);
  return { accepted, mails, ledger: await history.ledger() };
}
