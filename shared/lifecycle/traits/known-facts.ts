/**
 * The facts that rules of the shop may look at: its own traits and the worth of its offers. Never name, language,
 * country or age (a rule could discriminate by them without anybody meaning it).
 */
export const OPERATORS = ['is', 'is not', 'at least', 'at most'] as const;
export type Operator = (typeof OPERATORS)[number];

/** By name, with what it means; those in days grow with time. */
export const KNOWN_FACTS = {
  orders: 'how many orders count',
  spend: 'net spend over all time, in major units of the currency most was spent in',
  averageOrder: 'net spend by order, in major units',
  refunds: 'refunds known',
  discountedShare: 'share of the orders that were discounted, 0 to 1',
  daysSinceOrder: 'whole days since the last order',
  daysSinceFirstOrder: 'whole days since the first order',
  loginDays: 'days with a login that are remembered',
  complaints: 'complaints known',
  rating: 'stars of the latest review',
  nps: 'latest answer to "would you recommend us", 0 to 10',
  rangeWish:
    'latest answer to what the range should be like, as the playbook has them: more-of-the-same, something-new, fewer-better or other',
  referrals: 'people who came by the recommendation of this customer',
  lastCategory: 'category of the dearest article of the last order',
  stage: 'the stage, such as "active"',
} as const;

export type KnownFact = keyof typeof KNOWN_FACTS;

export function isKnownFact(name: string): name is KnownFact {
  return Object.hasOwn(KNOWN_FACTS, name);
}
