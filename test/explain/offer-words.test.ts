import { expect, it } from 'vitest';
import { type IssuedOffer, type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import { offersInWords } from '../../shared/lifecycle/explain/offer-words.ts';
import { type Facts, NO_FACTS } from '../../shared/lifecycle/facts/facts.ts';
import { CUSTOMER, day, START } from '../support/events.ts';

const issued: IssuedOffer = {
  key: '1/win-back/offer/1',
  offer: 'win-back',
  offerId: 'o-1',
  percent: 10,
  code: 'ABC',
  issuedAt: START,
  expiresAt: day(14),
  confirmBy: day(1),
};
const customerWith = (facts: Partial<Facts>, offer: Partial<IssuedOffer> = {}): Living => ({
  ...unknownCustomer(CUSTOMER, START),
  facts: { ...NO_FACTS, ...facts },
  offers: [{ ...issued, ...offer }],
});
const MADE = '10 % (win-back), code ABC, issued on 2 Mar 2026, 12:00 UTC';
const used = { coupons: [{ at: day(2), id: 'u', code: 'ABC', orderId: 'order-123' }] };
const confirmed = { confirmed: [{ at: START, id: 'c', offerId: 'o-1' }] };

it.each([
  { facts: {}, at: START, said: 'can be used until 16 Mar 2026, 12:00 UTC; the shop has not confirmed it yet' },
  { facts: {}, at: day(1), said: 'can be used until 16 Mar 2026, 12:00 UTC; the shop did not confirm it in time' },
  { facts: confirmed, at: day(1), said: 'can be used until 16 Mar 2026, 12:00 UTC' },
  { facts: used, at: day(3), said: 'used with order order-123 on 4 Mar 2026, 12:00 UTC' },
  { facts: {}, at: day(14), said: 'expired unused on 16 Mar 2026, 12:00 UTC' },
])('an offer $said', ({ facts, at, said }) => {
  expect(offersInWords(customerWith(facts), at)).toEqual([`${MADE}: ${said}`]);
});

it('an offer made up in shadow says that it is none', () => {
  expect(offersInWords(customerWith({}, { shadow: true }), START)).toEqual([`${MADE} in shadow: nobody heard of it`]);
});
