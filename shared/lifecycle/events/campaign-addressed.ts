import * as z from 'zod/mini';
import { CAMPAIGN_SOURCE } from '../../contracts/bus.ts';
import { addAddressed, LONGEST_AUDIENCE } from '../facts/campaigns.ts';
import { defineEvent } from './definition.ts';
import { customerId, instant, playbookName } from './fields.ts';

const AUDIENCE_EXPECTED = `expected the audience, 1 to ${LONGEST_AUDIENCE} characters`;

export const campaignAddressed = defineEvent({
  type: 'Campaign Addressed',
  summary:
    'A campaign is meant for the customer: a one-off mail to a group. Only `npm run campaign` and our own pages say so; the mail then obeys the same rules as every other.',
  source: CAMPAIGN_SOURCE,
  data: z.object({
    customerId,
    campaign: playbookName('the name of the campaign'),
    step: playbookName('the step of the playbook whose mail it is'),
    at: instant.check(z.describe('When the mail is meant to go out. An ISO 8601 time with zone.')),
    audience: z
      .string({ error: AUDIENCE_EXPECTED })
      .check(
        z.minLength(1, { error: AUDIENCE_EXPECTED }),
        z.maxLength(LONGEST_AUDIENCE, { error: AUDIENCE_EXPECTED }),
        z.describe(
          'Whom the campaign is for, such as "stage=active trait=promoter"; asked again before the mail goes.',
        ),
      ),
  }),
  example: {
    customerId: 'c-1042',
    campaign: 'spring',
    step: 'new-harvest',
    at: '2026-11-03T09:00:00+01:00',
    audience: 'stage=active trait=promoter category=tea',
  },
  fold: (facts, event) => {
    const { campaign, step, at, audience } = event.data;
    const heard = { at: Date.parse(at), id: event.id, campaign, step, audience };
    const campaigns = addAddressed(facts.campaigns, heard);
    return campaigns === facts.campaigns ? facts : { ...facts, campaigns };
  },
});
