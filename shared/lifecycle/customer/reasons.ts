/**
 * Why a message is not sent, or not yet: short texts that never change their meaning, since they are stored in ledgers,
 * counted in metrics and looked up in words. Texts with a tail (`stage is ...`, `stopped: ...`) are listed by their head.
 */

/** Why no offer is made; the last two only budget and codes can say. */
export type OfferRefusal =
  | 'no offer'
  | 'offer alive'
  | 'offer barred'
  | 'offer not confirmed'
  | 'offer expired'
  | 'budget spent'
  | 'no codes left';

/** The rules at the claim say no for good. */
export type WithholdingReason =
  | 'no address'
  | 'no consent'
  | 'unsubscribed'
  | 'hard bounce'
  | 'spam complaint'
  | 'bouncing'
  | 'open complaint'
  | 'holdout'
  | OfferRefusal
  | 'nothing to report'
  | 'no content'
  | 'no benefit'
  | 'not for'
  | 'nothing to follow'
  | 'not delivered'
  | 'sent back'
  | 'same step recently'
  | 'enough for now'
  | 'same mailbox'
  | 'left the audience'
  | 'campaign cancelled'
  | 'frequency cap'
  | 'stale'
  | 'not on the allow-list'
  | 'not before start';

/** The message is no longer meant for this person. */
export type CancellingReason =
  | 'step removed'
  | 'episode over'
  | 'complaint resolved'
  | 'complaint open again'
  | 'case is over'
  | 'case is open again'
  | 'stage is'
  | 'trait is over'
  | 'no longer fits'
  | 'answered:';

/** Not now: the message stays and is looked at again. */
export type DeferralReason =
  | 'quiet hours'
  | 'interest comes first'
  | 'too soon'
  | 'frequency cap'
  | 'waiting for the offer'
  | 'another offer first'
  | 'another message first'
  | 'paused'
  | 'stopped:'
  | 'warm-up'
  | 'daily share'
  | 'sending is off'
  | 'rate'
  | 'late'
  | 'cannot be made';
