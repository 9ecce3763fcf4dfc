/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { casesOf } from '../../shared/lifecycle/cases.ts';
import { intendedMail } from '../../shared/lifecycle/customer/variant.ts';
import { react } from '../../shared/lifecycle/customer/react.ts';
import { type Living, unknownCustomer } from '../../shared/lifecycle/customer/profile.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { DAY } from '../../shared/lifecycle/time.ts';
import { bought, CUSTOMER, event, registered, START } from '../support/events.ts';
import { SHIPPED } from '../support/playbooks.ts';

const WELCOME = '1/onboarding/welcome/1';
const LATER = START + 400 * DAY;

function after(events: readonly CustomerEvent[]): Living {
  const reaction = react(unknownCustomer(CUSTOMER, START), events, 'cause', SHIPPED, LATER);
  if (typeof reaction === 'string') throw new Error(reaction);
  return reaction.customer;
}

const mailAfter = (events: readonly CustomerEvent[], key = WELCOME) => intendedMail(after(events), key, SHIPPED, LATER);

describe('the mail a message would have been', () => {
  const newcomer = [registered(START), bought(LATER)];
  const returner = [registered(START), bought(START), bought(START + DAY), bought(LATER)];

  it('is the general one for a newcomer', () => {
    expect(mailAfter(newcomer)).toBe('onboarding/welcome');
  });

  it('is the variant of those who return', () => {
    expect(mailAfter(returner)).toBe('onboarding/welcome@returning');
  });

  it('is the general one for whoever wants no tailored mail', () => {
    const choice = event('Preferences Changed', START + 2 * DAY, { tailored: false, how: 'page' });
    expect(mailAfter([...returner, choice])).toBe('onboarding/welcome');
  });

  it('is the first wording of the step that applies', () => {
    const friend = registered(START, { referral: { by: 'c-9' } });
    expect(mailAfter([friend, bought(LATER)])).toBe('onboarding/welcome@referred');
    const back = [friend, bought(START), bought(START + DAY), bought(LATER)];
    expect(mailAfter(back)).toBe('onboarding/welcome@returning');
  });

  it('is the variant of what the case is about', () => {
    const thanks = (kind: string) => {
      const referral = event('Referral Made', LATER, { friendId: 'c-2', kind });
      const events = [registered(START), bought(START), referral];
      const [{ id } = { id: '' }] = casesOf(after(events), SHIPPED, 'referral');
      return mailAfter(events, `1/retention/thanks-referral/${id}`);
    };
    expect(thanks('influencer')).toBe('retention/thanks-referral@influencer');
    expect(thanks('customer')).toBe('retention/thanks-referral');
  });

  it('is unknown when the playbook has no such step', () => {
    expect(mailAfter(newcomer, '1/onboarding/parade/1')).toBeUndefined();
    expect(mailAfter(newcomer, 'no key')).toBeUndefined();
  });
});
