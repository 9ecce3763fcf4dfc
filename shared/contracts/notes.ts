/**
 * What functions note in their logs without a metric of its own: the `message` of a line, its fields, and as `times` how
 * often that was so in one invocation. Saved queries read them; what somebody is to be woken by is a metric.
 */
export const NOTE = {
  /** A trait has begun to hold. Fields: `trait`. */
  traitBegan: 'trait began',
  /** A person was asked for. Fields: `reason`, `priority`. */
  attentionNeeded: 'attention needed',
  /** Facts were rebuilt from the journal. */
  rebuilt: 'facts rebuilt',
  /** A message waits for a reason that is no trouble: the rate, a short pause, the warm-up. Fields: `why`. */
  heldBack: 'held back',
  /** Fields: `offer`. */
  offerIssued: 'offer issued',
  /** Fields: `offer`, `reason`: the budget is spent, or there are no codes left. */
  offerRefused: 'offer refused',
  /** SES reported something else than a mail sent or delivered. Fields: `event`, `kind`, `programme`. */
  reported: 'reported',
  /** A report about mail that is not ours, or of a life that was erased. Fields: `event`. */
  reportUnknown: 'report unknown',
  /** A link was tampered with, or is not ours. */
  linkRefused: 'link refused',
} as const;

export type NoteOf = (typeof NOTE)[keyof typeof NOTE];
