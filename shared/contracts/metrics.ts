/** Names of the custom metrics and their dimensions. Emitted by functions, watched by infrastructure. */

export const METRIC_NAMESPACE = 'Perennial';

export const METRIC = {
  /** Events recorded; dimension `type`. */
  eventsRecorded: 'EventsRecorded',
  /** Events that changed nothing: delivered again, or browsing from long ago. */
  eventsRepeated: 'EventsRepeated',
  /** Permanently bad input; dimension none, the reason is in the log line. */
  eventsRefused: 'EventsRefused',
  /** Events of a customer who has been erased. */
  eventsDropped: 'EventsDropped',
  /** Detail-types nobody here knows. */
  eventsIgnored: 'EventsIgnored',
  /** Browsing of somebody the shop does not know; it means nothing. */
  eventsAnonymous: 'EventsAnonymous',
  /** Customers entering a stage; dimension `stage`. */
  stageEntered: 'StageEntered',
  /** Messages that ended; dimensions `programme`, `outcome`. */
  messagesEnded: 'MessagesEnded',
  /** Messages SES did not want now; dimension `why`. */
  notNow: 'NotNow',
  /** The lane stopped for everybody; dimension `why`. */
  laneStopped: 'LaneStopped',
  /** Messages put off because the lane is stopped, paused, warming up or out of its share; dimension `why`. */
  laneDeferred: 'LaneDeferred',
  /** Messages SES refused for good. */
  rejected: 'Rejected',
  /** Tries to make a mail that content or customer did not yield. */
  cannotBeMade: 'CannotBeMade',
  /** SES calls that ended in a timeout, a reset or a 5xx. */
  outcomesUnknown: 'OutcomesUnknown',
  /** Offers issued; dimension `offer`. */
  offersIssued: 'OffersIssued',
  /** Offers that could not be issued; dimensions `offer`, `why`: the budget is spent, or there are no codes left. */
  offersRefused: 'OffersRefused',
  /** Messages given up because nobody knows whether they went out; the programme is in `messagesEnded`. */
  gaveUp: 'GaveUp',
  /** Reports of SES; dimension `event`. */
  feedbackReceived: 'FeedbackReceived',
  /** Reports about mail that is not ours, or of a life that was erased. */
  feedbackUnknown: 'FeedbackUnknown',
  /** Hard bounces and spam complaints; dimensions `programme`, `why`. */
  addressesSuppressed: 'AddressesSuppressed',
  /** Bounces that may pass; dimension `programme`. */
  transientBounces: 'TransientBounces',
  /** Links that were tampered with, or are not ours. */
  linksRefused: 'LinksRefused',
  /** What readers did on the pages; dimension `act`. */
  readerActs: 'ReaderActs',
  /** Looks at what is published that left everything as it was; dimension `why`: unread, format or broken. */
  contentKept: 'ContentKept',
  /** Lost races for a profile that were retried. */
  versionConflicts: 'VersionConflicts',
  /** Facts rebuilt from the journal. */
  rebuilds: 'Rebuilds',
  /** Customers announced as due. */
  customersDue: 'CustomersDue',
  /** A person was asked for; dimension `why`. */
  attentionNeeded: 'AttentionNeeded',
  /** Of the nightly census: customers in each stage; dimension `stage`. */
  peopleInStage: 'PeopleInStage',
  /** Of the nightly census: customers with a complaint that has been open for more than 14 days. */
  complaintsOpenLong: 'ComplaintsOpenLong',
  /** Of the nightly census: key accounts. */
  keyAccounts: 'KeyAccounts',
  /** Of the nightly census: how much of a year's revenue was discounted, in percent. */
  discountedShare: 'DiscountedShare',
  /** Of the nightly census: that share is so high that the shop depends on discounts. */
  tooManyDiscounts: 'TooManyDiscounts',
  /**
   * Of the nightly census: by how many percentage points more people bought again within 90 days who are mailed than who are
   * held out; dimension `bound`: the low and the high end of the 95 % interval. None while there is not enough data.
   */
  holdoutDifference: 'HoldoutDifference',
  /** Milliseconds between the oldest due timer and the sweep that announced it. */
  sweepLag: 'SweepLag',
} as const;

export const DIMENSION = {
  type: 'type',
  stage: 'stage',
  programme: 'programme',
  outcome: 'outcome',
  why: 'why',
  event: 'event',
  act: 'act',
  offer: 'offer',
  bound: 'bound',
} as const;
