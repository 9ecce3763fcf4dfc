import * as z from 'zod/mini';
import { type Choice, PACES, SWITCH, withChoices } from '../facts/choices.ts';
import { aboutPerson } from '../facts/facts.ts';
import { NAME, NAME_EXPECTED } from '../name.ts';
import { defineEvent } from './definition.ts';
import { consent, customerId, locale, oneOf } from './fields.ts';

/** Far more than any shop has; it keeps one event from filling a profile. */
const MOST_PROGRAMMES = 50;
const HOW = ['one-click', 'page', 'shop'] as const;
const ON_NEEDS_CONSENT = 'expected the consent that goes with promotion "on", with marketing "opt_in"';

export const preferencesChanged = defineEvent({
  type: 'Preferences Changed',
  summary:
    'The reader chose what to get: by one-click unsubscribe, in our preference centre, or on a page of the shop. Choices that are left out stay as they are.',
  data: z
    .object({
      customerId,
      how: oneOf(HOW, 'one-click: by the header of a mail; page: on our pages; shop: told to the shop.'),
      promotion: z.optional(
        oneOf(SWITCH, 'All promotional mail. "on" needs the consent, and counts from the time of that consent.'),
      ),
      programmes: z.optional(
        z
          .record(z.string().check(z.regex(NAME)), oneOf(SWITCH, 'Mail of the programme.'), {
            error: ({ code }) =>
              code === 'invalid_key'
                ? `${NAME_EXPECTED}, the id of a programme`
                : 'expected "on" or "off" by programme',
          })
          .check(
            z.refine((programmes) => Object.keys(programmes).length <= MOST_PROGRAMMES, {
              error: `expected at most ${MOST_PROGRAMMES} programmes`,
            }),
            z.describe('Mail of single programmes, by their ids in the playbook, each "on" or "off".'),
          ),
      ),
      language: z.optional(
        locale.check(
          z.describe('The language of mails, a BCP 47 language tag. It counts more than the locale the shop states.'),
        ),
      ),
      pace: z.optional(oneOf(PACES, 'usual, or less: fewer promotional mails.')),
      tailored: z.optional(
        z
          .boolean({ error: 'expected true or false' })
          .check(
            z.describe('Whether mail may follow what the customer is known to like; false: the same for everybody.'),
          ),
      ),
      consent: z.optional(consent),
    })
    .check(
      z.refine((data) => data.promotion !== 'on' || data.consent?.marketing === 'opt_in', {
        error: ON_NEEDS_CONSENT,
        path: ['consent'],
      }),
    ),
  example: {
    customerId: 'c-1042',
    how: 'page',
    promotion: 'on',
    programmes: { 'win-back': 'off' },
    language: 'sv',
    pace: 'less',
    tailored: false,
    consent: { marketing: 'opt_in', source: 'preference centre', at: '2026-11-01T08:12:00Z', wording: '2026-03' },
  },
  fold: (facts, event) => {
    const { promotion, programmes, language, pace, tailored, consent: given } = event.data;
    const { id, occurredAt: at } = event;
    const other = { at, id, programmes, language, pace, tailored };
    const promotionAt = promotion === 'on' && given !== undefined ? Date.parse(given.at) : at;
    const said: readonly Choice[] =
      promotionAt === at ? [{ ...other, promotion }] : [other, { at: promotionAt, id, promotion }];
    return aboutPerson(withChoices(facts, ...said), event, { consent: given });
  },
});
