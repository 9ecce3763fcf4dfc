/** What can be a case: something that opens, ends, and belongs to one customer. */
export const CASE_KINDS = [
  'complaint',
  'rating',
  'renewal',
  'late-order',
  'change',
  'checkout',
  'cart',
  'answer',
  'referral',
  'attention',
  'order',
] as const;

export type CaseKind = (typeof CASE_KINDS)[number];
