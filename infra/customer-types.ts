/**
 * `docs/customer-types.md`: what the product recognises and what each type gets, made from the playbook and the names of
 * the rules, so that the page cannot say anything the code does not do.
 */
import { caseStepOf, type Playbook } from '../shared/lifecycle/playbook.ts';
import type { CaseKind } from '../shared/lifecycle/case-kinds.ts';
import { digitsOf, type MoneyByCurrency } from '../shared/lifecycle/facts/money.ts';
import type { Programme, Series, Step } from '../shared/lifecycle/playbook/series.ts';
import type { Stage } from '../shared/lifecycle/stage.ts';
import { DAY, type Duration, HOUR, MINUTE } from '../shared/lifecycle/time.ts';
import { type TraitId, TRAITS } from '../shared/lifecycle/traits/ids.ts';
import { KNOWN_FACTS } from '../shared/lifecycle/traits/known-facts.ts';

/** "24 hours", "3 days": the largest unit that leaves no rest. */
function lasting(duration: Duration): string {
  const [unit, name] =
    duration % DAY === 0 ? [DAY, 'day'] : duration % HOUR === 0 ? [HOUR, 'hour'] : [MINUTE, 'minute'];
  const amount = Math.round((duration / unit) * 10) / 10;
  return `${amount} ${name}${amount === 1 ? '' : 's'}`;
}

/** "200 EUR, 2200 SEK". */
function sums(byCurrency: MoneyByCurrency): string {
  return Object.entries(byCurrency)
    .map(([currency, minor]) => `${minor / 10 ** digitsOf(currency)} ${currency}`)
    .join(', ');
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

interface Found {
  readonly programme: Programme;
  readonly series: Series;
  readonly step: Step;
}

/** One type of customer, or one practice, of the client's documents. */
export interface CustomerType {
  /** As the documents call it; the scenario that shows it is named after it. */
  readonly id: string;
  readonly name: string;
  /** What reveals it. */
  signal(playbook: Playbook): string;
  /** What decides who gets what: the derived part of the treatment and the templates are about these. */
  readonly stages?: readonly Stage[];
  readonly traits?: readonly TraitId[];
  readonly cases?: readonly CaseKind[];
  /** Steps it is about beside those. */
  also?(found: Found, playbook: Playbook): boolean;
  /** It is about every mail there is. */
  readonly all?: true;
  /** What no single step says. */
  rule?(playbook: Playbook): string;
}

/** How long nothing comes after the mail of a step that somebody has not asked for. */
function quietAfter(id: string, { programmes, cooldown }: Playbook): Duration {
  const steps = programmes.flatMap(({ series }) => series.flatMap((each): readonly Step[] => each.steps));
  const step = steps.find((each) => each.id === id);
  return Math.min(step?.cooldown ?? cooldown, step?.thenQuiet ?? 0);
}

export const STAGE_TYPES: readonly CustomerType[] = [
  {
    id: 'lead',
    name: 'lead',
    signal: () => 'known, no order that counts yet',
    stages: ['lead'],
    rule: () => 'Gets mail by trait only.',
  },
  {
    id: 'new',
    name: 'new',
    signal: ({ stages }) => `first order; ends with the second, or after ${lasting(stages.onboardingWindow)}`,
    stages: ['new'],
    rule: ({ stages }) =>
      `The welcome answers the order: within 15 minutes of it no cap binds or counts it. An order that was promised is waited for, and what was given up comes after all if it is delivered later still; of one that never came or was sent back nobody is asked anything (\`not delivered\`, \`sent back\`). The mails go on after the stage until ${lasting(stages.onboardingWindow)} without trouble have passed, unless something else is bought.`,
  },
  {
    id: 'active',
    name: 'active',
    signal: () => 'a second order, or the onboarding window over; not silent, not loyal',
    stages: ['active'],
  },
  {
    id: 'loyal',
    name: 'loyal',
    signal: ({ stages: { loyal } }) =>
      `at least ${loyal.orders} orders, the first at least ${lasting(loyal.since)} ago, net spend of all time that the playbook takes for the top quarter (${sums(loyal.spend)}), no open complaint, no critic`,
    stages: ['loyal'],
    rule: () =>
      'Its offers are never worth less than a win-back offer would be for the same customer. The sums are fixed, one for each currency, and without one nobody becomes loyal by orders in it; the census shows beside them what the top quarter of the buyers of a year spent.',
  },
  {
    id: 'at-risk',
    name: 'at risk',
    signal: ({ stages: { loginHabit } }) =>
      `silent beyond what is usual for this customer, or a login habit that stopped (at least ${loginHabit.loginDays} login days in ${lasting(loginHabit.within)}, then silence longer than ${lasting(loginHabit.atLeast)} and ${loginHabit.gaps} times the own gap); not dissatisfied`,
    stages: ['at_risk'],
    rule: () =>
      'One check-in and one reminder, which any answer ends. Quiet after that is no silence for ever: P3 goes before it.',
  },
  {
    id: 'lapsed',
    name: 'lapsed',
    signal: ({ stages }) =>
      `silent so long that a return is unlikely, at least ${lasting(stages.minimumAtRisk)} after becoming at risk; or the subscription ended`,
    stages: ['lapsed'],
    rule: () => 'Whom no mail of the win-back can be sent is reminded that we exist, once.',
  },
  {
    id: 'return',
    name: 'return',
    signal: () => 'a lapsed customer buys',
    traits: ['returning'],
    rule: () => 'The whole onboarding once more, in wording of its own.',
  },
  {
    id: 'dissatisfied',
    name: 'dissatisfied (on top of any stage)',
    signal: ({ stages: { dissatisfied } }) =>
      `a complaint is open (at most ${lasting(dissatisfied.maximumAge)}), a rating of at most ${dissatisfied.rating.atMost} (for ${lasting(dissatisfied.rating.lasts)}, or until one of at least ${dissatisfied.rating.endedBy}), or a renewal stopped (until resumed or the end of the period)`,
    traits: ['dissatisfied'],
    cases: ['complaint', 'rating', 'renewal'],
    rule: ({ stages: { dissatisfied } }) =>
      `Promotional mail is withheld (\`open complaint\`), programmes pause and go on ${lasting(dissatisfied.quietAfter)} after it ended.`,
  },
];

export const LEAD_TYPES: readonly CustomerType[] = [
  {
    id: 'L1',
    name: 'looker',
    signal: ({ traits: { looker } }) =>
      `at most ${looker.views} product views in at most ${looker.visits} visits within ${lasting(looker.within)}; over with a cart or a checkout`,
    traits: ['looker'],
    rule: (playbook) =>
      `Then nothing for ${lasting(quietAfter('invitation', playbook))}: no second invitation, and no campaign (\`enough for now\`); only what they do themselves is answered.`,
  },
  {
    id: 'L2',
    name: 'researcher',
    signal: ({ traits: { researcher } }) =>
      `at least ${researcher.studies} views of comparisons or specifications, a download, or ${researcher.categoryViews} views in one category within ${lasting(researcher.within)}; over after ${lasting(researcher.quiet)} without a look`,
    traits: ['researcher'],
    rule: ({ programmes }) => {
      const { every, most, atLeast } =
        programmes.flatMap(({ series }) => series).find(({ id }) => id === 'researcher')?.apart ?? {};
      const rhythm =
        every === undefined || most === undefined
          ? ''
          : ` One mail in ${lasting(every)} at most, and ${most} in all for as long as it lasts${atLeast === undefined ? '' : `, counted over ${lasting(atLeast)} at least`} (\`enough for now\`).`;
      return `No offer of any step while it lasts (\`not for researcher\`).${rhythm}`;
    },
  },
  {
    id: 'L3',
    name: 'hesitant',
    signal: ({ traits: { hesitant } }) =>
      `the same product on at least ${hesitant.days} days within ${lasting(hesitant.within)}, or a cart, left for ${lasting(hesitant.undecided)}`,
    traits: ['hesitant'],
    cases: ['answer'],
    rule: ({ attention }) =>
      `A named obstacle is told to a person, too: \`Attention Needed\` (${attention['named-obstacle']}; ${attention.answer} for whoever would rather talk).`,
  },
  {
    id: 'L4',
    name: 'ready to buy',
    signal: ({ traits: { ready } }) => `a checkout started and not finished, for ${lasting(ready.lasts)}`,
    traits: ['ready'],
    cases: ['checkout', 'late-order'],
  },
  {
    id: 'L5',
    name: 'bargain hunter',
    signal: ({ traits: { bargain } }) =>
      `a lead who used a coupon; a buyer with at least ${bargain.orders} orders of which at least ${percent(bargain.discounted)} were discounted (policy: ${bargain.policy})`,
    traits: ['bargain'],
    rule: ({ offers: { byName } }) =>
      `If the code goes unused and nothing is bought, nothing is offered for ${lasting(byName['best-price']?.restAfter ?? 0)}, counted from the farewell where one was sent.`,
  },
  {
    id: 'L7',
    name: 'switcher',
    signal: ({ traits: { switcher } }) => `declared a previous supplier, for ${lasting(switcher.lasts)}`,
    traits: ['switcher'],
    rule: () =>
      'An objection is answered once in 90 days, whoever names it: by the mail that sets us apart where that one goes out within a day of it, else by a mail of its own, at once, as is every other one named with it. An objection nobody has written an answer to calls a person: `Attention Needed`.',
  },
];

export const BUYER_TYPES: readonly CustomerType[] = [
  {
    id: 'L6',
    name: 'impulse buyer',
    signal: ({ traits: { impulse } }) =>
      `first order within ${lasting(impulse.within)} of the first event, at most ${impulse.views} views before it, for ${lasting(impulse.lasts)}; not after ${impulse.refunds} refunds within ${lasting(impulse.refundsWithin)}, nor while a return is open`,
    traits: ['impulse'],
  },
  {
    id: 'A2',
    name: 'referred',
    signal: () => 'registered with a referrer',
    traits: ['referred'],
    cases: ['referral'],
    rule: () => 'The referrer is thanked; the friend is never named, and never mailed before registering.',
  },
  {
    id: 'A3',
    name: 'neutral',
    signal: ({ traits: { neutral } }) =>
      `the latest answer to "would you recommend us" is ${neutral.lowest} to ${neutral.highest} (valid ${lasting(neutral.valid)}), or at least ${neutral.orders} orders with irregular gaps and no click in ${neutral.mailsWithoutClick} mails (${neutral.clicksReported ? 'clicks are reported' : 'not used here: clicks are not reported'})`,
    traits: ['neutral'],
    rule: () =>
      'Clicks are heard of where `sesEvents` of the deployment lists `click`; `traits.neutral.clicksReported` tells the rule to rely on it. Where they are not, the answer alone makes somebody neutral.',
  },
  {
    id: 'A4',
    name: 'promoter',
    signal: ({ traits: { promoter } }) =>
      `the latest answer is at least ${promoter.score} (valid ${lasting(promoter.valid)}), or at least ${promoter.referrals} people came by recommendation`,
    traits: ['promoter'],
    rule: ({ attention, traits: { neutral } }) =>
      `A lower answer suspends the word of those who came by recommendation until the next answer, until one person more comes, or for ${lasting(neutral.valid)}; held again after that, or after having been a critic, the trait brings no second bonus, for each cause has one. Public reviews are asked of nobody. For a key account both mails are withheld (\`not for key-account\`), and \`Attention Needed\` asks its contact to see to it (\`key-account-benefit\`, ${attention['key-account-benefit']}).`,
  },
  {
    id: 'A5',
    name: 'critic',
    signal: ({ stages: { critic } }) =>
      `an answer of at most ${critic.score}, ${critic.complaints} complaints of low severity or ${critic.ratings} bad ratings within ${lasting(critic.within)}`,
    traits: ['critic', 'was-critic'],
    rule: ({ attention }) =>
      `Never loyal while it lasts; \`Attention Needed\` (${attention.critic}; ${attention['loyal-critic']} for one who would be loyal). The mail that reminds of us goes on, for P3 names its own exceptions.`,
  },
  {
    id: 'A6a',
    name: 'dissatisfied now',
    signal: () => 'a complaint opened, a renewal stopped, a rating of one or two stars, also on social media',
    traits: ['dissatisfied'],
    cases: ['complaint', 'rating', 'renewal'],
    rule: ({ attention }) => `\`Attention Needed\` for a severe complaint (${attention['severe-complaint']}).`,
  },
  {
    id: 'A6b',
    name: 'had a bad experience',
    signal: ({ traits: { badExperience } }) =>
      `a resolved complaint or a bad rating in the last ${lasting(badExperience.lasts)}`,
    traits: ['bad-experience'],
    rule: () =>
      'What has changed is named only if it came after it went wrong; else nothing is claimed. Written with the end of the rest it goes before all other promotional mail, and waits where a cap is full.',
  },
  {
    id: 'A7',
    name: 'change requester',
    signal: () => 'a change requested and not confirmed',
    traits: ['changing'],
    cases: ['change'],
    rule: ({ attention }) =>
      `Without a cost a person is asked for: \`Attention Needed\` (${attention['change-without-cost']}). A confirmed \`newDate\` is the promised date of the order it names (\`orderId\`), or else of the newest one that had neither been delivered nor been cancelled when it was requested, whatever became of it since. It stands until another one is confirmed, and missed it is apologised for anew: late delivery, guide, check-in and NPS go by it.`,
  },
  {
    id: 'A8',
    name: 'efficient',
    signal: () => 'declared only',
    traits: ['efficient'],
    all: true,
    rule: () => 'Every mail in its short form: at most 120 words and one image.',
  },
  {
    id: 'A9',
    name: 'traditional',
    signal: () => 'declared only',
    traits: ['traditional'],
    all: true,
    rule: () => 'Every mail with its block of reasons.',
  },
  {
    id: 'A10',
    name: 'key account',
    signal: ({ traits: { keyAccount } }) =>
      `among the top ${percent(keyAccount.top)} by the spend of 365 days with at least ${keyAccount.orders} orders, as the census finds every night; until below the top ${percent(keyAccount.stays)}`,
    traits: ['key-account', 'quiet-key-account'],
    cases: ['attention'],
    rule: ({ attention }) =>
      `Mail comes from the named contact. \`Attention Needed\` on becoming one (${attention['key-account']}) and when at risk (${attention['key-account-at-risk']}); and where a mail of a series with an offer is withheld from them, so that the contact brings it (\`key-account-benefit\`, ${attention['key-account-benefit']}).`,
  },
];

export const PRACTICES: readonly CustomerType[] = [
  {
    id: 'P1',
    name: 'a register that stays fresh',
    signal: () => 'corrections by event, bounces, two ids with one mailbox',
    all: true,
    rule: () =>
      'The latest correction counts; a dead address gets no mail; one mailbox shares suppression, caps and steps (`same mailbox`).',
  },
  {
    id: 'P2',
    name: 'groups with a strategy for each',
    signal: () => 'stage and traits',
    all: true,
    rule: () => 'This page: every group has its series in one playbook.',
  },
  {
    id: 'P3',
    name: 'remind all that you exist',
    signal: () => 'no mail for a while',
    also: ({ series }) => series.trigger === 'interval' && series.since === 'any mail',
    rule: ({ longestSilence }) =>
      `Nobody reachable with an order goes over ${lasting(longestSilence + DAY)} without a mail, but for those whose win-back is over; who are dissatisfied; who opted out, or are held out for comparison. Who has lapsed is reminded only as long as nothing promotional has gone out since.`,
  },
  {
    id: 'P4',
    name: 'individual discounts',
    signal: () => 'a step with an offer',
    also: ({ step }) => step.offer !== undefined,
    rule: ({ offers }) =>
      `The first rule of an offer that fits decides its worth; rules see only ${Object.keys(KNOWN_FACTS).join(', ')}. Real codes, a real expiry, a budget; none as good or better for ${lasting(offers.barred)} after one expired unused, never two alive.`,
  },
  {
    id: 'P5',
    name: 'listening in every phase',
    signal: () => 'a step that asks',
    also: ({ step }) => step.asks !== undefined,
    rule: () =>
      'An answer changes traits, ends the series or calls a person. What somebody wants of the range is the fact `rangeWish`, for traits of the shop, offers and campaigns. Any answer to the check-in of who is at risk ends its reminder. The same answer to the same mail counts once, whenever the button is pressed again; another answer to it counts as well, and each is answered. Who says that a complaint is not solved after all opens it again.',
  },
  {
    id: 'P6',
    name: 'speed where something is wrong',
    signal: () => 'a case of recovery',
    also: ({ programme }) => programme.id === 'recovery',
    rule: () => 'Recovery goes before everything and is exempt from caps and quiet hours.',
  },
  {
    id: 'P7',
    name: 'every shop has its own criteria',
    signal: ({ traits: { own } }) =>
      own.length === 0
        ? 'traits of the shop (none here)'
        : own.map(({ id, fact, operator, value }) => `\`${id}\`: ${fact} ${operator} ${value}`).join('; '),
    also: ({ series, step }, { traits: { own } }) =>
      [series, step].some((each) =>
        [...(each.if ?? []), ...(each.unless ?? [])].some((id) => own.some((trait) => trait.id === id)),
      ),
    rule: () => 'A fact, an operator and a value in the playbook; no code.',
  },
  {
    id: 'P8',
    name: 'sell to the register',
    signal: () => 'a campaign: stage, trait, last category, language or a fact',
    also: ({ series }) => series.trigger === 'campaign',
    rule: () =>
      'A one-off mail to a group, through the same consent, caps, hours, holdout and ledger. Whoever has left the group by then gets nothing.',
  },
  {
    id: 'P9',
    name: 'influence and influencers',
    signal: () => 'referrers of kind customer, influencer, partner',
    cases: ['referral'],
    also: ({ step }) => step.asks?.question === 'range',
    rule: () => 'Every customer is asked for a say in the range.',
  },
];

/** What reveals the traits that follow from others, and are no type of their own. */
const DERIVED: Readonly<Partial<Record<TraitId, (playbook: Playbook) => string>>> = {
  'was-critic': ({ stages: { critic } }) => `a critic within the last ${lasting(critic.after)}`,
  'quiet-key-account': ({ traits: { keyAccount } }) =>
    `a key account, silent for ${percent(keyAccount.early)} of the time after which they would be at risk`,
  'recent-trouble': ({ traits: { recentTrouble } }) => `dissatisfied within the last ${lasting(recentTrouble.lasts)}`,
  interested: ({ traits: { interested } }) => `looks or puts something in the cart; for ${lasting(interested.lasts)}`,
};

/** What reveals each trait, ours and the shop's own, by name. */
export function traitSignals(playbook: Playbook): readonly { readonly trait: string; readonly signal: string }[] {
  const ours = TRAITS.map((trait) => {
    const type = TYPES.find(({ traits = [] }) => traits.includes(trait));
    return { trait, signal: DERIVED[trait]?.(playbook) ?? type?.signal(playbook) ?? '' };
  });
  const own = playbook.traits.own.map(({ id, fact, operator, value }) => ({
    trait: id,
    signal: `${fact} ${operator} ${value}`,
  }));
  return [...ours, ...own].toSorted((one, other) => (one.trait < other.trait ? -1 : 1));
}

/** Types that meet in one person. */
export interface Pair {
  /** The scenario that shows it is named after it. */
  readonly id: string;
  readonly name: string;
  /** The ids of the types, as on this page. */
  readonly types: readonly string[];
  /** Traits it turns on that are no type of their own. */
  readonly traits?: readonly TraitId[];
  /** A case it turns on, and what reveals that. */
  readonly besides?: string;
  /** The steps it is about, as `programme/step`; all of them where it changes the form of each. */
  readonly steps: readonly string[] | 'all';
  /** What no single step says. */
  rule(playbook: Playbook): string;
}

export const PAIRS: readonly Pair[] = [
  {
    id: 'bargain-and-loyal',
    name: 'bargain + key account or loyal',
    types: ['L5', 'A10', 'loyal'],
    steps: ['retention/bonus', 'nurture/best-price', 'nurture/farewell'],
    rule: () =>
      'The polite end is for leads and one-order customers only; the loyal have their bonus, a key account its contact.',
  },
  {
    id: 'bargain-and-researcher',
    name: 'bargain + researcher',
    types: ['L5', 'L2'],
    steps: ['nurture/knowledge', 'nurture/comparison', 'nurture/proof'],
    rule: () => 'Facts first; the price is a fact with its terms, in a wording of its own; no countdown, no offer.',
  },
  {
    id: 'researcher-and-cart',
    name: 'researcher + cart left',
    types: ['L2', 'L4'],
    besides: 'a cart left without checkout',
    steps: ['nurture/cart-comparison', 'nurture/resume'],
    rule: () => 'A comparison of what is in the cart; only a started checkout makes a researcher ready to buy.',
  },
  {
    id: 'dissatisfied-and-ready',
    name: 'dissatisfied + ready to buy',
    types: ['dissatisfied', 'L4'],
    steps: ['recovery/apology', 'recovery/resolved', 'nurture/resume'],
    rule: () => 'Withheld (`open complaint`); resolved within 72 hours and the cart alive: one mail.',
  },
  {
    id: 'dissatisfied-and-at-risk',
    name: 'dissatisfied + at risk or lapsed',
    types: ['dissatisfied', 'at-risk', 'lapsed'],
    steps: ['recovery/apology', 'recovery/status', 'recovery/resolved', 'retention/follow-up', 'win-back/ask'],
    rule: () => 'Recovery replaces both; win-back counts from the resolution.',
  },
  {
    id: 'efficient-and-traditional',
    name: 'efficient + traditional',
    types: ['A8', 'A9'],
    steps: 'all',
    rule: () => 'The reasons in the short form.',
  },
  {
    id: 'efficient-and-hesitant',
    name: 'efficient + hesitant',
    types: ['A8', 'L3'],
    steps: ['nurture/obstacle', 'nurture/recommendation'],
    rule: () => 'A table of at most three options, one marked.',
  },
  {
    id: 'critic-and-loyal',
    name: 'critic + loyal',
    types: ['A5', 'loyal'],
    steps: ['recovery/critic'],
    rule: ({ attention }) =>
      `The stage falls back to active while it lasts; \`Attention Needed\`, ${attention['loyal-critic']}.`,
  },
  {
    id: 'promoter-and-dissatisfied',
    name: 'promoter + dissatisfied',
    types: ['A4', 'dissatisfied'],
    traits: ['recent-trouble'],
    steps: ['retention/promoter-bonus', 'retention/recommend'],
    rule: ({ traits: { recentTrouble } }) =>
      `Nobody is asked to recommend us for ${lasting(recentTrouble.lasts)} after the resolution (\`not for recent-trouble\`).`,
  },
  {
    id: 'impulse-and-bargain',
    name: 'impulse + bargain',
    types: ['L6', 'L5'],
    steps: ['nurture/little-extra', 'nurture/best-price'],
    rule: () => 'One offer budget, never two codes alive (`offer alive`, `offer barred`).',
  },
  {
    id: 'key-account-and-at-risk',
    name: 'key account + at risk',
    types: ['A10', 'at-risk'],
    steps: ['retention/key-at-risk'],
    rule: ({ attention }) =>
      `A person first: \`Attention Needed\` (${attention['key-account-at-risk']}); the mail from the contact goes out only if nobody has handled that by then.`,
  },
  {
    id: 'lapsed-and-interest',
    name: 'lapsed + fresh interest',
    types: ['lapsed'],
    traits: ['interested'],
    steps: ['win-back/ask', 'win-back/improved', 'win-back/offer'],
    rule: ({ traits: { interested }, longestWait, longestSilence }) =>
      `Interest wins: win-back waits for ${lasting(interested.lasts)} after the last of it (\`interest comes first\`), for ${lasting(longestWait)} at most, and never so long that ${lasting(longestSilence + DAY)} pass without a mail.`,
  },
];

/** Every type that is a row of its own before the practices. */
const TYPES: readonly CustomerType[] = [...STAGE_TYPES, ...LEAD_TYPES, ...BUYER_TYPES];

const nameOf = ({ programme, step }: Found): string => `${programme.id}/${step.id}`;

function stepsOf(playbook: Playbook): Found[] {
  return playbook.programmes.flatMap((programme) =>
    programme.series.flatMap((series) => series.steps.map((step) => ({ programme, series, step }))),
  );
}

/** After "at once when" or "after 3 days when"; nothing for the beginning. */
const ENDS = { opened: '', closed: ' it is closed', ended: ' it ends unsettled' } as const;

/** How long somebody has to have had what a step is about. */
function withGoods({ hadFor }: { readonly hadFor?: Duration | undefined }): string {
  return hadFor === undefined ? '' : ` and at least ${lasting(hadFor)} after a delivery that is known or promised`;
}

/** When a step comes, in words. */
export function momentOf(found: Found): string {
  const { series, step } = found;
  switch (series.trigger) {
    case 'interval':
      return [
        `every ${lasting(series.every)}${series.since === 'any mail' ? ' since the last mail' : ''}`,
        ...(series.first === undefined ? [] : [`the first after ${lasting(series.first)}`]),
      ].join(', ');
    case 'stage': {
      const own = series.steps.find(({ id }) => id === step.id);
      if (own === undefined) return '';
      const after = own.after === 0 ? 'at once' : `after ${lasting(own.after)}`;
      const moment =
        own.afterDelivery === undefined ? after : `${lasting(own.afterDelivery)} after delivery, else ${after}`;
      return moment + withGoods(own);
    }
    case 'trait': {
      const after = series.steps.find(({ id }) => id === step.id)?.after ?? 0;
      return after === 0 ? 'at once' : `after ${lasting(after)}`;
    }
    case 'case': {
      const own = caseStepOf(found);
      if (own === undefined) return '';
      const end = ENDS[own.from];
      const after = own.after === 0 ? `at once${end && ` when${end}`}` : `after ${lasting(own.after)}`;
      const about = own.about === undefined ? '' : ` (${own.about.join(', ')})`;
      const instead = own.notWith === undefined ? '' : `, but not together with ${own.notWith}`;
      return own.every === undefined
        ? `${after}${withGoods(own)}${about}`
        : `${after}, then every ${lasting(own.every)}${instead}${about}`;
    }
    case 'campaign':
      return 'when somebody starts a campaign';
    default:
      return series satisfies never;
  }
}

function told(found: Found): string {
  const { step } = found;
  const more = [
    ...(step.offer === undefined ? [] : [`offer ${step.offer}`]),
    ...(step.asks === undefined ? [] : [`asks ${step.asks.question}`]),
    ...(step.content === undefined
      ? []
      : [`shows ${step.content.join(', ')}${step.needs?.includes('content') === true ? '' : ' where there is any'}`]),
    ...(step.follows === undefined ? [] : [`only after ${step.follows}`]),
  ];
  return `**${step.id}** ${momentOf(found)}${more.length === 0 ? '' : ` (${more.join('; ')})`}`;
}

const named = (list: readonly Found[]): string => list.map(({ step }) => step.id).join(', ');

/** Whether one of the names is that of a trait of the type. */
function isMeant({ traits = [] }: CustomerType, names: readonly string[] = []): boolean {
  return names.some((each) => traits.some((trait) => trait === each));
}

/** The steps that are for a type. */
function sentTo(type: CustomerType, playbook: Playbook): Found[] {
  const { stages = [], cases = [] } = type;
  return stepsOf(playbook).filter((found) => {
    const { series } = found;
    if (type.also?.(found, playbook) ?? false) return true;
    switch (series.trigger) {
      case 'stage':
        return stages.includes(series.stage);
      case 'interval':
        return series.stages.some((each) => stages.includes(each));
      case 'trait':
        // Leads get mail by trait alone; what else a trait brings stands in its own row.
        return isMeant(type, [series.trait]) || (stages.includes('lead') && (series.stages ?? []).includes('lead'));
      case 'case':
        return cases.includes(series.of) || isMeant(type, series.if);
      case 'campaign':
        return false;
      default:
        return series satisfies never;
    }
  });
}

/** What the playbook does for a type. */
function treatmentOf(type: CustomerType, playbook: Playbook): { readonly words: string; readonly steps: Found[] } {
  const all = stepsOf(playbook);
  const sent = sentTo(type, playbook);
  const withheld = all.filter(({ series, step }) => isMeant(type, series.unless) || isMeant(type, step.unless));
  const worded = all.filter(({ step }) => isMeant(type, step.variants));
  const waiting = all.filter(({ series }) => isMeant(type, series.waitsFor));
  const words = [
    sent.map(told).join('; '),
    ...(worded.length > 0 ? [`own wording of ${named(worded)}`] : []),
    ...(withheld.length > 0 ? [`withheld: ${named(withheld)}`] : []),
    ...(waiting.length > 0 ? [`waiting: ${named(waiting)}`] : []),
    type.rule?.(playbook) ?? '',
  ].filter((each) => each !== '');
  return { words: words.join('. '), steps: [...sent, ...worded] };
}

/** Every template a type may get, each once. */
function templatesOf(steps: readonly Found[]): string {
  return [...new Set(steps.map((each) => `\`${nameOf(each)}\``))].join(', ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function table(types: readonly CustomerType[], playbook: Playbook): string {
  const rows = types.map((type) => {
    const { words, steps } = treatmentOf(type, playbook);
    const templates = type.all ? 'all' : templatesOf(steps);
    const trait = (type.traits ?? []).map((each) => `\`${each}\``).join(', ');
    return `| ${type.id} | ${[type.name, type.signal(playbook), trait, words, templates].map(cell).join(' | ')} |`;
  });
  return ['| id | type | signal | trait | treatment | templates |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

/** What the playbook keeps from whoever has a trait of the pair, of all that one of its types would get, in words. */
function withheldBetween(traits: readonly TraitId[], types: readonly CustomerType[], playbook: Playbook): string[] {
  const sent = new Set(types.flatMap((type) => sentTo(type, playbook).map(nameOf)));
  const found = stepsOf(playbook).filter((each) => sent.has(nameOf(each)));
  const from = new Map<string, string[]>();
  for (const trait of traits) {
    const barred = found.filter(({ series, step }) =>
      [...(series.unless ?? []), ...(step.unless ?? [])].includes(trait),
    );
    if (barred.length > 0) from.set(named(barred), [...(from.get(named(barred)) ?? []), `\`${trait}\``]);
  }
  return [...from].map(([steps, those]) => `withheld from ${those.join(', ')}: ${steps}`);
}

function pairRow(pair: Pair, playbook: Playbook): string {
  const { name, types, traits = [], besides, steps } = pair;
  const met = types.flatMap((id) => TYPES.filter((type) => type.id === id));
  const signal = [
    ...met.map((type) => `${type.name}: ${type.signal(playbook)}`),
    ...traits.map((each) => `\`${each}\`: ${DERIVED[each]?.(playbook) ?? ''}`),
    ...(besides === undefined ? [] : [besides]),
  ].join('; ');
  const held = [...new Set([...met.flatMap((type) => type.traits ?? []), ...traits])];
  const inStages = met.flatMap((type) => type.stages ?? []).map((each) => `stage \`${each}\``);
  const trait = [...held.map((each) => `\`${each}\``), ...inStages].join(', ');
  const about = steps === 'all' ? [] : stepsOf(playbook).filter((each) => steps.includes(nameOf(each)));
  const treatment = [about.map(told).join('; '), ...withheldBetween(held, met, playbook), pair.rule(playbook)].filter(
    (each) => each !== '',
  );
  const templates = steps === 'all' ? 'all' : templatesOf(about);
  return `| ${[name, signal, trait, treatment.join('. '), templates].map(cell).join(' | ')} |`;
}

/** The whole page, as Markdown. */
export function customerTypesPage(playbook: Playbook): string {
  const facts = Object.entries(KNOWN_FACTS).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return [
    '# Customer types',
    '',
    'What reveals each type of customer, and what it changes. Made by `npm run generate` from `shared/content/playbook.json` and the rules in `shared/lifecycle`; a test keeps it current. Each row has a scenario of its name in `test/scenarios/types`, which plays the signal as events and reads the delivered mail.',
    '',
    'What a step shows of the library of the shop is shown where there is some for the article, the category or in general; only a step that needs it (`"needs": ["content"]`) is withheld without.',
    '',
    '## Stages',
    '',
    'A customer is in exactly one.',
    '',
    table(STAGE_TYPES, playbook),
    '',
    '## Before the first purchase',
    '',
    table(LEAD_TYPES, playbook),
    '',
    '## After it',
    '',
    table(BUYER_TYPES, playbook),
    '',
    '## Standing practices',
    '',
    table(PRACTICES, playbook),
    '',
    '## When rows meet',
    '',
    'Content, form and offer are three independent axes. Of messages that compete for the same day the one with the highest priority goes first; the others wait, or end with their reason.',
    '',
    '| pair | signal | trait | treatment | templates |',
    '|---|---|---|---|---|',
    ...PAIRS.map((pair) => pairRow(pair, playbook)),
    '',
    '## Facts that rules of the shop may use',
    '',
    'For `traits.own` and the worth of offers. Never name, language, country or age.',
    '',
    '| fact | meaning |',
    '|---|---|',
    ...facts,
    '',
  ].join('\n');
}
