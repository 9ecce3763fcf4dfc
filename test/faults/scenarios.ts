/** What customers go through, each so short that every call of every function in it can be made to fail in turn. */
import { DAY, HOUR, MINUTE } from '../../shared/lifecycle/time.ts';
import { CALL_FATES, type FateName } from './fates.ts';
import type { Mishaps } from './observer.ts';
import type { History } from './proving-ground.ts';

/** A scenario is played many times, each time by another customer. */
export interface Scenario extends Omit<History, 'customerId'> {
  /** What becomes of the calls of SES, one after the other; those not named are answered. */
  readonly ses?: readonly FateName[];
  /** What it does follows so closely that a redelivery changes the order, and with it what is decided. */
  readonly isRace?: true;
  /** How its messages end when nothing else goes wrong. */
  readonly ends: readonly string[];
}

const NOON = 12 * HOUR;
/** 22:00 where the customers live, in summer 23:00. */
const LATE = 21 * HOUR;

const registers = { after: 0, emits: 'Customer Registered' };
const buys = { after: MINUTE, emits: 'Purchase Completed', data: { orderId: 'first', total: 40, currency: 'EUR' } };
const complains = {
  after: MINUTE,
  emits: 'Complaint Opened',
  data: { complaintId: 'k-1', channel: 'email', severity: 'normal' },
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'welcome',
    begins: NOON,
    acts: [registers, buys],
    lasts: 10 * MINUTE,
    ends: ['1/onboarding/welcome/1 sent'],
  },
  {
    name: 'complaint',
    begins: NOON,
    acts: [
      registers,
      complains,
      { after: 4 * DAY, emits: 'Complaint Resolved', data: { complaintId: 'k-1', outcome: 'A new pot is on its way' } },
    ],
    lasts: 4 * DAY + HOUR,
    ends: ['1/recovery/apology/k-1 sent', '1/recovery/resolved/k-1 sent', '1/recovery/status.1/k-1 sent'],
  },
  {
    name: 'win-back cancelled',
    begins: LATE,
    acts: [
      // An old customer: the last order is so long ago that the night makes them a lapsed one.
      { ...registers, ago: 203 * DAY },
      { ...buys, after: 0, ago: 202 * DAY + 11 * HOUR },
      { after: 5 * HOUR, emits: 'Purchase Completed', data: { orderId: 'second', total: 30, currency: 'EUR' } },
    ],
    lasts: 6 * HOUR,
    ends: [
      '1/onboarding/welcome/1 sent',
      // Long unheard of, they were to be reminded in the morning; the welcome came first.
      '1/retention/make-the-most/1 cancelled: no longer fits',
      '1/win-back/ask/1 cancelled: stage is new',
    ],
  },
  {
    name: 'over night',
    begins: LATE,
    acts: [registers, { ...buys, ago: HOUR }],
    lasts: 12 * HOUR,
    ends: ['1/onboarding/welcome/1 sent'],
  },
  {
    name: 'no consent',
    begins: NOON,
    acts: [{ ...registers, data: { consent: undefined } }, buys],
    lasts: 10 * MINUTE,
    ends: ['1/onboarding/welcome/1 withheld: no consent'],
  },
  {
    name: 'unknown, repeated',
    begins: NOON,
    acts: [registers, complains],
    ses: ['answer lost'],
    lasts: HOUR,
    ends: ['1/recovery/apology/k-1 sent'],
  },
  {
    name: 'unknown, given up',
    begins: NOON,
    acts: [registers, buys],
    ses: ['vanishes'],
    lasts: HOUR,
    ends: ['1/onboarding/welcome/1 failed: outcome unknown'],
  },
  {
    name: 'not now, then refused',
    begins: NOON,
    acts: [registers, buys],
    ses: ['rate', 'rejected'],
    lasts: HOUR,
    ends: ['1/onboarding/welcome/1 failed: rejected: MessageRejected'],
  },
  {
    name: 'checkout through trouble',
    begins: NOON,
    acts: [
      registers,
      complains,
      { after: 2 * MINUTE, emits: 'Checkout Started', data: { resumeUrl: 'https://shop.example.com/checkout' } },
      { after: DAY, emits: 'Complaint Resolved', data: { complaintId: 'k-1', outcome: 'A new pot is on its way' } },
    ],
    lasts: DAY + HOUR,
    ends: [
      '1/recovery/apology/k-1 sent',
      '1/recovery/resolved/k-1 sent',
      // A checkout is named by its event: the third thing the shop tells of this customer.
      '1/nurture/resume/checkout-through-trouble-untouched-2 withheld: open complaint',
      '1/nurture/resume.1/checkout-through-trouble-untouched-2 sent',
    ],
  },
  {
    name: 'change',
    begins: NOON,
    acts: [
      registers,
      {
        after: MINUTE,
        emits: 'Change Requested',
        data: { changeId: 'h-1', what: 'The green glaze', cost: 5, currency: 'EUR' },
      },
      { after: DAY + HOUR, emits: 'Change Confirmed', data: { changeId: 'h-1' } },
    ],
    lasts: DAY + 2 * HOUR,
    ends: ['1/service/change-confirmed/h-1 sent', '1/service/change-terms/h-1 sent'],
  },
  {
    name: 'renewal stopped, resumed',
    begins: NOON,
    acts: [
      registers,
      {
        after: MINUTE,
        emits: 'Subscription Renewal Stopped',
        data: { subscriptionId: 's-1', endsAt: '2099-12-31T23:00:00Z' },
      },
      { after: HOUR, emits: 'Subscription Renewal Resumed', data: { subscriptionId: 's-1' } },
    ],
    lasts: DAY,
    ends: ['1/recovery/renewal/s-1 sent'],
  },
  {
    name: 'somebody called',
    begins: NOON,
    acts: [
      registers,
      { ...complains, data: { ...complains.data, severity: 'high' } },
      { after: HOUR, emits: 'Attention Handled', data: { attentionId: '1/severe-complaint/k-1' } },
    ],
    lasts: 2 * HOUR,
    ends: ['1/recovery/apology/k-1 sent'],
  },
  {
    name: 'key account sends back',
    begins: NOON,
    acts: [
      { ...registers, ago: 200 * DAY },
      { ...buys, after: 0, ago: 100 * DAY },
      { after: 0, emits: 'Purchase Completed', data: { orderId: 'second', total: 40, currency: 'EUR' }, ago: 70 * DAY },
      { after: MINUTE, emits: 'Account Ranked', data: { share: 0.01, keyAccount: true } },
      { after: HOUR, emits: 'Return Requested', data: { returnId: 'b-1', orderId: 'second' } },
    ],
    lasts: 2 * HOUR,
    ends: ['1/retention/key-check-in/1 sent'],
  },
  {
    name: 'offer confirmed',
    platform: 'confirms',
    begins: NOON,
    acts: [registers, { after: MINUTE, emits: 'Coupon Applied', data: { coupon: 'TEN' } }],
    lasts: 2 * HOUR,
    ends: ['1/nurture/best-price/1 sent'],
  },
  {
    name: 'unsubscribed',
    begins: NOON,
    acts: [registers, buys, { after: 20 * MINUTE, reader: 'unsubscribes' }],
    lasts: 8 * DAY,
    ends: [
      '1/onboarding/welcome/1 sent',
      '1/onboarding/guide/1 withheld: unsubscribed',
      '1/nurture/little-extra/1 withheld: unsubscribed',
    ],
  },
  {
    name: 'bounced',
    mailbox: 'bounce',
    begins: NOON,
    acts: [registers, buys, { ...complains, after: DAY }],
    gives: ['hard bounce'],
    lasts: DAY + HOUR,
    ends: ['1/onboarding/welcome/1 sent', '1/recovery/apology/k-1 withheld: hard bounce'],
  },
  {
    name: 'erasure',
    begins: NOON,
    acts: [
      registers,
      buys,
      { after: 2 * MINUTE, emits: 'Customer Erasure Requested', data: { requestId: 'r-1' } },
      {
        after: 3 * MINUTE,
        emits: 'Purchase Completed',
        data: { orderId: 'late', total: 9, currency: 'EUR' },
        ago: HOUR,
      },
    ],
    ses: ['accepted late'],
    isRace: true,
    lasts: 3 * DAY,
    ends: [],
  },
];

/** What goes wrong in a scenario by itself. */
export function troubleOf({ ses = [] }: Scenario): Mishaps {
  return {
    call: ({ call, nth }) => {
      const name = call.mails === undefined ? undefined : ses[nth - 1];
      return name === undefined ? undefined : CALL_FATES[name];
    },
  };
}
