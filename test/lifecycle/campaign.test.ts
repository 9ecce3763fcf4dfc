/** A campaign's mail among all others: decided for its moment, judged by the same rules, once per person. */
/* oxlint-disable unicorn/consistent-function-scoping -- a helper stands beside the tests it serves */
import { describe, expect, it } from 'vitest';
import { optOut, suppress, unknownAddress } from '../../shared/lifecycle/address.ts';
import { campaignSteps } from '../../shared/lifecycle/campaign/campaign.ts';
import { forget } from '../../shared/lifecycle/customer/decide.ts';
import { nextDue } from '../../shared/lifecycle/customer/due.ts';
import { permit } from '../../shared/lifecycle/customer/permit.ts';
import type { Living } from '../../shared/lifecycle/customer/profile.ts';
import { causeOf } from '../../shared/lifecycle/explain/cause.ts';
import { eventLine } from '../../shared/lifecycle/explain/event-line.ts';
import type { CustomerEvent } from '../../shared/lifecycle/events/definition.ts';
import { parseEvent } from '../../shared/lifecycle/events/parse-event.ts';
import { CAMPAIGN_LASTS, CAMPAIGNS_KEPT } from '../../shared/lifecycle/facts/campaigns.ts';
import { factsOf } from '../../shared/lifecycle/fold.ts';
import { cancelCampaign, isCancelled, OPEN_LANE } from '../../shared/lifecycle/lane.ts';
import type { Playbook } from '../../shared/lifecycle/playbook.ts';
import { InvalidPlaybook, parsePlaybook } from '../../shared/lifecycle/playbook/parse-playbook.ts';
import type { CampaignSeries, Programme } from '../../shared/lifecycle/playbook/series.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../shared/lifecycle/time.ts';
import { OPEN } from '../support/circumstances.ts';
import { customerAfter, type Memory, reacted } from '../support/customers.ts';
import { bought, chose, complained, consentAt, day, event, resolved, START } from '../support/events.ts';
import { PLAYBOOK_FOR_RULES, playbookJson, SHIPPED, step } from '../support/playbooks.ts';

const SERIES: CampaignSeries = {
  id: 'campaign',
  trigger: 'campaign',
  steps: [step('news', 45, { fresh: 3 * DAY }), step('other-news', 44)],
};
const CAMPAIGNS: Programme = { id: 'campaign', afterUnknown: 'give up', series: [SERIES] };
const PLAYBOOK: Playbook = {
  ...PLAYBOOK_FOR_RULES,
  programmes: [...PLAYBOOK_FOR_RULES.programmes, CAMPAIGNS],
};

const AT = day(50);
const KEY = '1/campaign/news/spring';

function addressed(fields: Readonly<Record<string, unknown>> = {}): CustomerEvent {
  const data = { campaign: 'spring', step: 'news', at: new Date(AT).toISOString(), audience: 'orders>=1', ...fields };
  return event('Campaign Addressed', day(40), data, `campaign/${data.campaign}/x`);
}

/** A buyer who was addressed, looked at at `now`; of other mail only what is said. */
function customerAt(now: Instant, events: readonly CustomerEvent[] = [], memory?: Memory, playbook = PLAYBOOK): Living {
  return customerAfter([bought(day(1)), addressed(), ...events], now, memory, playbook);
}

/** What the rules say of the waiting message. */
function verdict(customer: Living, t: Instant = AT, address = unknownAddress('h'), playbook = PLAYBOOK) {
  const message = customer.pending[KEY] ?? { moment: AT, decidedAt: AT, attempt: 1 };
  const judged = permit(customer, KEY, message, playbook, t, OPEN, address);
  return judged.kind === 'send' ? 'send' : judged.reason;
}

describe('whoever is addressed by a campaign', () => {
  it('is decided its mail for its moment and not before, with what led to it', () => {
    expect(customerAt(AT - MINUTE).pending).not.toHaveProperty([KEY]);
    expect(nextDue(customerAt(AT - MINUTE), PLAYBOOK, AT - MINUTE)).toBe(AT);
    expect(customerAt(AT).pending[KEY]).toEqual({ moment: AT, decidedAt: AT, attempt: 1, cause: 'campaign/spring/x' });
  });

  it('is decided it once, however often the event comes and the customer is looked at', () => {
    const once = customerAt(AT);
    const { customer } = reacted(once, [addressed()], AT + HOUR, PLAYBOOK);
    expect(customer.pending[KEY]).toEqual(once.pending[KEY]);
    const closed = { ...once, pending: {}, closed: [{ key: KEY, until: AT + 3 * DAY }] };
    expect(reacted(closed, [addressed()], AT + HOUR, PLAYBOOK).customer.pending).not.toHaveProperty([KEY]);
  });

  it('long after its moment is decided nothing', () => {
    const late = customerAfter([bought(day(1))], AT + 3 * DAY + 1, {}, PLAYBOOK);
    expect(reacted(late, [addressed()], AT + 3 * DAY + 1, PLAYBOOK).customer.pending).not.toHaveProperty([KEY]);
  });

  it('by two campaigns is decided both, each under its own key', () => {
    const customer = customerAt(AT, [addressed({ campaign: 'summer', step: 'other-news' })]);
    expect(Object.keys(customer.pending)).toEqual(expect.arrayContaining([KEY, '1/campaign/other-news/summer']));
  });

  it('is meant for the same moment whatever rests: a complaint withholds the mail and does not postpone it', () => {
    const customer = customerAt(AT, [complained(day(49))]);
    expect(customer.pending[KEY]?.moment).toBe(AT);
    expect(verdict(customer)).toBe('open complaint');
    expect(verdict(customerAt(AT, [complained(day(40)), resolved(day(45))]))).toBe('open complaint');
    expect(verdict(customerAt(AT, [complained(day(20)), resolved(day(21))]))).toBe('send');
  });

  it('and has left the audience by then is told so in the ledger, also when it is decided then', () => {
    const left = customerAfter(
      [bought(day(1)), addressed({ audience: 'orders<=1' }), bought(day(45), 'o2')],
      AT,
      {},
      PLAYBOOK,
    );
    expect(left.closing[KEY]).toMatchObject({ outcome: 'withheld', reason: 'left the audience' });
    const { customer } = reacted(
      customerAfter([bought(day(1)), addressed({ audience: 'orders<=1' })], AT, {}, PLAYBOOK),
      [bought(AT + HOUR, 'o2')],
      AT + HOUR,
      PLAYBOOK,
    );
    expect(customer.closing[KEY]).toMatchObject({ outcome: 'withheld', reason: 'left the audience' });
  });

  it('to an audience that means nothing any more gets nothing', () => {
    const customer = customerAfter([bought(day(1)), addressed({ audience: 'trait=gone' })], AT, {}, PLAYBOOK);
    expect(customer.closing[KEY]).toMatchObject({ reason: 'left the audience' });
  });
});

describe('the rules at the claim hold for a campaign', () => {
  const none: readonly CustomerEvent[] = [];
  it.each([
    ['send', none, undefined],
    ['no consent', [event('Profile Updated', day(30), consentAt(day(30), 'none'))], undefined],
    ['unsubscribed', [chose(day(30), { promotion: 'off' })], undefined],
    ['unsubscribed', [chose(day(30), { how: 'page', programmes: { campaign: 'off' } })], undefined],
    ['send', [chose(day(30), { how: 'page', programmes: { retention: 'off' } })], undefined],
    ['unsubscribed', none, optOut(unknownAddress('h'), 'campaign', day(60))],
    ['hard bounce', none, suppress(unknownAddress('h'), 'hard bounce', START)],
  ])('%s', (expected, events, address) => {
    expect(verdict(customerAt(AT, events, { recent: [], pending: {} }), AT, address)).toBe(expected);
  });

  it('caps, and the cooldown of its step', () => {
    const sent = (key: string, at: Instant) => ({ recent: [{ key, at }], pending: {} });
    expect(verdict(customerAt(AT, [], sent('1/retention/benefits/1', AT - HOUR)))).toBe('frequency cap');
    expect(verdict(customerAt(AT, [], sent('1/retention/benefits/1', AT - 2 * DAY)))).toBe('send');
    expect(verdict(customerAt(AT, [], sent('1/campaign/news/winter', AT - 40 * DAY)))).toBe('same step recently');
    expect(verdict(customerAt(AT, [], sent('1/campaign/other-news/winter', AT - 40 * DAY)))).toBe('send');
  });

  describe('the quiet that follows a mail', () => {
    const invited: Programme = {
      id: 'nurture',
      afterUnknown: 'give up',
      series: [
        {
          id: 'looker',
          trigger: 'trait',
          trait: 'looker',
          stages: ['lead'],
          steps: [{ ...step('invitation', 28, { thenQuiet: 90 * DAY }), after: 0 }],
        },
      ],
    };
    const playbook: Playbook = { ...PLAYBOOK, programmes: [...PLAYBOOK.programmes, invited] };
    const recent = (daysAgo: number) => [{ key: '1/nurture/invitation/1', at: AT - daysAgo * DAY }];
    const meant = addressed({ audience: 'stage=lead,new' });
    const after = (daysAgo: number, ...events: readonly CustomerEvent[]) => {
      const customer = customerAfter([meant, ...events], AT, { recent: recent(daysAgo), pending: {} }, playbook);
      return verdict(customer, AT, undefined, playbook);
    };

    it('as long as the step says, and until the first order', () => {
      expect(after(3)).toBe('enough for now');
      expect(after(90 - 1 / DAY)).toBe('enough for now');
      expect(after(90)).toBe('send');
      expect(after(3, bought(AT - DAY))).toBe('send');
    });

    it('is remembered for as long as it lasts', () => {
      // The last mail of all is remembered for ever.
      const last = { key: '1/gone/last/0', at: AT - 80 * DAY };
      const customer = customerAfter([meant], AT, { recent: [...recent(89), last] }, playbook);
      expect(forget(customer, playbook, AT).recent).toHaveLength(2);
      expect(forget(customer, playbook, AT + DAY).recent).toEqual([last]);
    });

    it('of the shipped playbook is that of the looker, for thirty days', () => {
      const quiet = SHIPPED.programmes.flatMap(({ series }) =>
        series.flatMap(({ id, steps }) => steps.flatMap(({ thenQuiet }) => (thenQuiet ? [[id, thenQuiet / DAY]] : []))),
      );
      expect(quiet).toEqual([['looker', 30]]);
    });
  });

  it('quiet hours of whoever lives where it is night', () => {
    const quiet = { ...PLAYBOOK, quietHours: SHIPPED.quietHours };
    const zone = (timeZone: string) => [event('Profile Updated', day(30), { timeZone })];
    const memory = { recent: [], pending: {} };
    expect(verdict(customerAt(AT, zone('Asia/Tokyo'), memory, quiet), AT, undefined, quiet)).toBe('quiet hours');
    expect(verdict(customerAt(AT, zone('Europe/Stockholm'), memory, quiet), AT, undefined, quiet)).toBe('send');
  });

  it('the traits it is not for', () => {
    const unless = {
      ...PLAYBOOK,
      programmes: [{ ...CAMPAIGNS, series: [{ ...SERIES, unless: ['critic'] }] }],
    };
    const critic = customerAt(AT, [event('Nps Answered', day(45), { score: 2 })], undefined, unless);
    expect(critic.closing[KEY]).toMatchObject({ outcome: 'withheld', reason: 'not for critic' });
  });
});

describe('of messages that compete', () => {
  const rival = (key: string) => {
    const waiting = { moment: AT, decidedAt: AT, attempt: 1 };
    return { recent: [], pending: { [KEY]: waiting, [key]: waiting } };
  };

  it('what matters more goes first, and the campaign before the reminder', () => {
    const customer = customerAt(AT, [], rival('1/onboarding/guide/1'));
    expect(verdict({ ...customer, episodes: { 'first-steps': { n: 1, beganAt: day(1) } } })).toBe(
      'another message first',
    );
    expect(verdict(customerAt(AT, [], rival('1/retention/your-view/1')))).toBe('send');
  });

  it('in the shipped playbook a campaign comes after everything but the reminder', () => {
    const all = SHIPPED.programmes.flatMap(({ series }) =>
      series.flatMap((each) => each.steps.map(({ priority }) => ({ each, priority }))),
    );
    const campaigns = campaignSteps(SHIPPED).map(({ step: { priority } }) => priority);
    const isReminder = ({ each }: (typeof all)[number]) => each.trigger === 'interval' && each.since === 'any mail';
    const reminders = all.filter(isReminder).map(({ priority }) => priority);
    const others = all
      .filter((found) => !isReminder(found) && found.each.trigger !== 'campaign')
      .map(({ priority }) => priority);
    expect(campaigns.length).toBeGreaterThan(0);
    expect(Math.max(...campaigns)).toBeLessThan(Math.min(...others));
    expect(Math.min(...campaigns)).toBeGreaterThan(Math.max(...reminders));
  });
});

describe('the event', () => {
  it('is taken from nobody but us', () => {
    const detail = {
      metadata: { id: 'e', version: 1, occurredAt: new Date(START).toISOString() },
      data: {
        customerId: 'c',
        campaign: 'spring',
        step: 'news',
        at: new Date(AT).toISOString(),
        audience: 'stage=new',
      },
    };
    const parsed = (source: string) => parseEvent({ source, detailType: 'Campaign Addressed', detail }, START);
    expect(parsed('perennial.campaign').kind).toBe('event');
    expect(parsed('shop')).toMatchObject({ kind: 'refused', refusal: { field: 'source' } });
  });

  it('folds into the campaigns with the latest moments, in whatever order it comes', () => {
    const many = Array.from({ length: CAMPAIGNS_KEPT + 3 }, (_none, index) =>
      addressed({ campaign: `c-${index}`, at: new Date(AT + (index % 7) * DAY).toISOString() }),
    );
    const { campaigns = [] } = factsOf(many);
    expect(campaigns).toHaveLength(CAMPAIGNS_KEPT);
    expect(factsOf(many.toReversed()).campaigns).toEqual(campaigns);
    const dropped = many.filter((each) => !campaigns.some(({ id }) => id === each.id));
    const earliest = Math.min(...campaigns.map(({ at }) => at));
    expect(dropped).toHaveLength(3);
    for (const { data } of dropped) expect(Date.parse(String(Object(data).at))).toBeLessThanOrEqual(earliest);
  });

  it('is told as one line, and as what led to the mail', () => {
    expect(eventLine(addressed())).toBe('Campaign Addressed (campaign “spring”, news, to orders>=1)');
    const message = { key: KEY, decidedAt: AT, cause: 'campaign/spring/x' };
    expect(causeOf(message, [addressed()], PLAYBOOK)).toBe(
      'Addressed by the campaign “spring” to orders>=1, on 11 Apr 2026, 12:00 UTC.',
    );
    expect(causeOf(message, [], PLAYBOOK)).toBe('Addressed by the campaign “spring”.');
  });
});

describe('a cancelled campaign', () => {
  it('is known until its mail is stale, and a cancelled one more forgets what is over', () => {
    const once = cancelCampaign(OPEN_LANE, 'spring', AT, START);
    expect(isCancelled(once, 'spring')).toBe(true);
    expect(isCancelled(once, 'constructor')).toBe(false);
    expect(cancelCampaign(once, 'spring', AT + DAY, START)).toBe(once);
    const later = cancelCampaign(once, 'summer', AT + DAY, AT - 1);
    expect([isCancelled(later, 'spring'), isCancelled(later, 'summer')]).toEqual([true, true]);
    const after = cancelCampaign(once, 'summer', AT + DAY, AT);
    expect([isCancelled(after, 'spring'), isCancelled(after, 'summer')]).toEqual([false, true]);
  });
});

describe('a playbook', () => {
  /** The shipped playbook with other fields in the first step of its campaigns, or in their series. */
  function refusal(fields: object, ofSeries: object = {}): string {
    const json = playbookJson();
    const text = JSON.stringify(json, (key, value) =>
      key === 'series' && Array.isArray(value) && value[0]?.trigger === 'campaign'
        ? [{ ...value[0], ...ofSeries, steps: [{ ...value[0].steps[0], ...fields }, ...value[0].steps.slice(1)] }]
        : value,
    );
    try {
      parsePlaybook(JSON.parse(text));
    } catch (error) {
      if (error instanceof InvalidPlaybook) return error.message;
      throw error;
    }
    return 'nothing';
  }

  it.each([
    [{}, {}, 'nothing'],
    [{ class: 'service' }, {}, 'expected "promotional", for a campaign answers nobody’s case'],
    [{ fresh: '31 days' }, {}, 'expected at most 30 days'],
    [{ if: ['promoter'] }, {}, 'expected no if, for a campaign is started with its own audience'],
    [{}, { if: ['promoter'] }, 'expected no if'],
    [{}, { waitsFor: ['interested'] }, 'expected no waitsFor'],
    [{ follows: 'welcome' }, {}, 'follows: expected none, for a campaign is one mail'],
    [{ asks: { question: 'reason', answers: ['price', 'other'], stops: ['other'] } }, {}, 'asks.stops: expected none'],
  ])('with %j and %j is refused: %s', (fields, ofSeries, expected) => {
    expect(refusal(fields, ofSeries)).toContain(expected);
  });

  it('names each step of a campaign once', () => {
    const json = playbookJson();
    const doubled = {
      ...json,
      programmes: [json['programmes']]
        .flat()
        .flatMap((each) =>
          Object(each).id === 'campaign'
            ? [each, { ...Object(each), id: 'again', series: [{ ...Object(each).series[0], id: 'again' }] }]
            : [each],
        ),
    };
    expect(() => parsePlaybook(doubled)).toThrow(
      /steps\.0\.id: expected a name that occurs once, and "new-harvest" is that of programmes/u,
    );
  });

  it('keeps campaigns alive no longer than customers remember them', () => {
    const longest = Math.max(...campaignSteps(SHIPPED).map(({ step: { fresh } }) => fresh));
    expect(longest).toBeLessThanOrEqual(CAMPAIGN_LASTS);
  });
});
